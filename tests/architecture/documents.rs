//! Documents say what is there: their code is compiled elsewhere, and their links lead somewhere.

use super::{files, repository};
use std::fs;
use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect(path)
}

/// The code blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}");
    let rests = text.split(begin.as_str()).skip(1);
    rests.filter_map(|rest| rest.split_once('\n')?.1.split("```").next()).collect()
}

/// Every Markdown file that a reader may be sent to.
fn pages() -> Vec<PathBuf> {
    let of = |folder: &str| fs::read_dir(repository().join(folder)).expect("a folder");
    let entries = ["", "docs", "docs/reference"].into_iter().flat_map(of);
    let pages = entries.map(|entry| entry.expect("a readable entry").path());
    let pages = pages.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    pages.chain(files(".md")).collect()
}

#[test]
fn the_readme_s_consumer_is_the_one_that_the_crate_s_page_compiles() {
    let (readme, compiled) = (read("README.md"), read("shared/fanfare/README.md"));
    assert_eq!(blocks(&readme, "rust")[..1], blocks(&compiled, "rust,no_run")[..1]);
}

#[test]
fn the_store_s_consumer_is_the_example_that_is_compiled() {
    let (page, example) = (read("docs/store.md"), read("tests/examples/loyalty.rs"));
    let unindented: Vec<&str> =
        page.lines().map(|line| line.strip_prefix("   ").unwrap_or(line)).collect();
    assert!(unindented.join("\n").contains(example.trim_end()));
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    let mut dead = Vec::new();
    for file in pages() {
        let text = fs::read_to_string(&file).expect("readable");
        let folder = file.parent().unwrap_or(Path::new("."));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            let is_file = !path.is_empty() && !path.contains(':') && !path.contains(' ');
            if is_file && !folder.join(path).exists() {
                dead.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}
