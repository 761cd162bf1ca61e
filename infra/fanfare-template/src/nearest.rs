//! The template that is meant where none is named.

use std::path::{Path, PathBuf};

/// Where a project has its template.
const PLACES: [&str; 2] = ["template.yaml", "infra/template.yaml"];

/// The nearest template: `template.yaml`, else `infra/template.yaml`, in a folder or in one above it.
pub fn nearest(folder: &Path) -> Option<PathBuf> {
    let places = |folder: &Path| PLACES.map(|place| folder.join(place));
    folder.ancestors().flat_map(places).find(|template| template.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_found_upwards() {
        let root = std::env::temp_dir().join(format!("fanfare-nearest-{}", std::process::id()));
        let deep = root.join("functions/climate/src");
        std::fs::create_dir_all(&deep).expect("a folder");
        std::fs::create_dir_all(root.join("infra")).expect("a folder");
        std::fs::write(root.join("infra/template.yaml"), "").expect("written");

        assert_eq!(nearest(&deep), Some(root.join("infra/template.yaml")));

        std::fs::write(root.join("functions/template.yaml"), "").expect("written");
        assert_eq!(nearest(&deep), Some(root.join("functions/template.yaml")));
        std::fs::remove_dir_all(&root).expect("removed");
    }
}
