//! What a registry and those who depend on a crate of the platform expect of it; `make package` and `make api` do the
//! rest, which takes longer.

mod contents;
mod foreign_types;
mod metadata;
mod workspace;
