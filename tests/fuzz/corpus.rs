//! The samples that mutants are made of.

use std::fs;
use std::path::Path;

/// A file of the corpus.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The files of a folder of this crate's `corpus`, or of `events`, by name.
pub(crate) fn samples(folder: &str) -> Vec<Sample> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = match folder {
        "events" => crate_folder.join("../../events"),
        _ => crate_folder.join("corpus").join(folder),
    };
    let entries = fs::read_dir(&folder).expect("a readable folder").map(|e| e.expect("an entry"));
    let mut files: Vec<_> = entries.map(|e| e.path()).filter(|path| path.is_file()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no sample", folder.display());
    let sample = |path: &std::path::PathBuf| Sample {
        name: path.display().to_string(),
        bytes: fs::read(path).expect("a readable file"),
    };
    files.iter().map(sample).collect()
}
