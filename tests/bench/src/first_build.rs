//! What `make run` costs somebody who has just cloned: compiling all that the store needs, with the crates downloaded.

use crate::figures::Figures;
use std::process::Command;
use std::time::Instant;
use system_tests::repository;

pub(crate) fn measure() {
    let folder = repository().join("target/first-build");
    remove(&folder);
    let begun = Instant::now();
    let built = Command::new("make")
        .args(["--no-print-directory", "local"])
        .env_remove("MAKEFLAGS")
        .env("CARGO_TARGET_DIR", &folder)
        .current_dir(repository())
        .status();
    let took = begun.elapsed().as_secs_f64();
    assert!(built.is_ok_and(|status| status.success()), "`make local` failed");
    remove(&folder);

    let mut figures = Figures::default();
    figures.add("first build", took, "s", "aim: 180, on two cores, crates downloaded");
    figures.print();
    println!();
}

fn remove(folder: &std::path::Path) {
    if folder.exists() {
        std::fs::remove_dir_all(folder).expect("target/first-build can be removed");
    }
}
