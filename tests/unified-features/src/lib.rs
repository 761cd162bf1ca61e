//! Empty: what counts is in the manifest.
