//! The style and the script, compiled in. Their addresses hold a hash of what is in them, so that a browser may keep them for ever.

use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A file of the pages.
pub(crate) struct Asset {
    /// Its address.
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) content: &'static str,
}

/// How every page looks.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    asset("console", "css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});
/// What makes pages live, and the keys.
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    asset("console", "js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});
/// What a tab shows.
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// The asset at an address.
pub(crate) fn at(path: &str) -> Option<&'static Asset> {
    [&*STYLE, &*SCRIPT, &*ICON].into_iter().find(|asset| asset.path == path)
}

fn asset(name: &str, ending: &str, kind: &'static str, content: &'static str) -> Asset {
    let hash: String =
        Sha256::digest(content).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    Asset { path: format!("/assets/{name}.{hash}.{ending}"), kind, content }
}
