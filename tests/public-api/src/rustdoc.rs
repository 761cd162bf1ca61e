//! What rustdoc knows of a crate's public API, as text.

use public_api::Builder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RustdocError {
    #[error("cargo can't be started")]
    Start(#[from] std::io::Error),
    #[error("cargo doc failed; its words are above")]
    Failed,
    #[error(
        "rustdoc's output can't be read; after a new toolchain, take the public-api of its format"
    )]
    Format(#[from] public_api::Error),
}

/// The public API of each crate: an item a line, sorted. Implementations that every type has, and auto traits, are left out.
///
/// All of the workspace is described, as `make docs` does it: what dependencies are compiled for the one serves the other.
///
/// rustdoc's JSON is unstable, so `rustdoc.sh` allows it to this one program. The whole of cargo is not given
/// `RUSTC_BOOTSTRAP`: build scripts watch that, and everything would be compiled again.
pub(crate) fn describe(
    root: &Path,
    crates: &[String],
) -> Result<BTreeMap<String, String>, RustdocError> {
    let status = Command::new(env!("CARGO"))
        .args(["doc", "--quiet", "--workspace", "--no-deps", "--lib", "--all-features"])
        .env("RUSTDOC", root.join("tests/public-api/rustdoc.sh"))
        .env("RUSTDOCFLAGS", "-Zunstable-options --output-format json --cap-lints warn")
        .current_dir(root)
        .status()?;
    if !status.success() {
        return Err(RustdocError::Failed);
    }
    crates
        .iter()
        .map(|name| {
            let json = target(root).join("doc").join(format!("{}.json", name.replace('-', "_")));
            Ok((name.clone(), text(&json)?))
        })
        .collect()
}

fn text(json: &Path) -> Result<String, RustdocError> {
    let api = Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    Ok(api.items().map(|item| format!("{item}\n")).collect())
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
