//! The wall: crates whose names begin with `fanfare` are the platform, and know nothing of the store.

use crate::{files, package, packages};
use event_schema::StoreEvent;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use system_tests::repository;

/// Where SNS's own protocols are listed. One of them is called as a consumer of the store is.
const SNS_PROTOCOLS: &str = "rules/dead_letter_queues.rs";
/// What begins the name of a platform's crate.
const PLATFORM: &str = "fanfare";

/// The folder and the name of every crate of the platform.
fn platform() -> Vec<(PathBuf, String)> {
    let all = packages().into_iter();
    let platform: Vec<_> = all.filter(|(_, name)| name.starts_with(PLATFORM)).collect();
    assert!(platform.len() > 8, "{platform:?}");
    platform
}

/// The names of all crates of the store, the tests' among them.
fn store_crates() -> BTreeSet<String> {
    let names = packages().into_iter().map(|(_, name)| name);
    names.filter(|name| !name.starts_with(PLATFORM)).collect()
}

/// What belongs to the store and would be a name in code: crates, event types, tables, queues and topics.
fn store_names() -> BTreeSet<String> {
    let crates = store_crates().into_iter().map(|name| name.replace('-', "_"));
    // What is one word in English may well be a name of the platform's.
    let crates = crates.filter(|name| name.contains('_'));
    let events = StoreEvent::TYPES.map(str::to_owned);
    crates.chain(events).chain(store_resources()).collect()
}

/// The logical ids of the store's tables, queues, topics and functions.
fn store_resources() -> Vec<String> {
    let template = fs::read_to_string(repository().join("infra/template.yaml")).expect("readable");
    let kinds = ["DynamoDB::Table", "SQS::Queue", "SNS::Topic", "Serverless::Function"];
    let mut ids = Vec::new();
    let lines: Vec<&str> = template.lines().collect();
    for pair in lines.windows(2) {
        let [id, kind] = pair else { continue };
        let kind = kind.trim().strip_prefix("Type: AWS::").unwrap_or_default();
        if kinds.contains(&kind) {
            ids.push(id.trim().trim_end_matches(':').to_owned());
        }
    }
    assert!(ids.len() > 30, "{ids:?}");
    ids
}

/// The consumers, as the topic's subscriptions have them: names that stand in quotes.
fn consumers() -> BTreeSet<String> {
    let template = fs::read_to_string(repository().join("infra/template.yaml")).expect("readable");
    let (_, mapping) = template.split_once("\n  Subscriptions:\n").expect("the mapping");
    let lines = mapping.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    let names = lines.filter_map(|line| line.strip_prefix("    ")?.split_once(':'));
    names.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with(' ')).collect()
}

#[test]
fn no_crate_of_the_platform_depends_on_one_of_the_store() {
    let store = store_crates();
    for (folder, name) in platform() {
        for dependency in package(&folder.join("Cargo.toml")).dependencies {
            assert!(!store.contains(&dependency), "{name} depends on {dependency}");
        }
    }
}

#[test]
fn no_crate_of_the_platform_names_what_is_the_store_s() {
    let (names, consumers) = (store_names(), consumers());
    let mut found = Vec::new();
    for (folder, _) in platform() {
        for file in files(".rs").into_iter().filter(|file| file.starts_with(&folder)) {
            for word in words(&file) {
                let is_consumer = |name: &String| word == Word::Quoted(name.clone());
                if file.ends_with(SNS_PROTOCOLS) && word.text() == "email" {
                    continue;
                }
                if names.contains(word.text()) || consumers.iter().any(is_consumer) {
                    found.push(format!("{}: {}", file.display(), word.text()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[derive(Debug, PartialEq, Eq)]
enum Word {
    /// An identifier, or a word within a text.
    Plain(String),
    /// A text as a whole.
    Quoted(String),
}

impl Word {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Quoted(text) => text,
        }
    }
}

/// The identifiers and texts of a file, its comments and documentation left aside.
fn words(file: &Path) -> Vec<Word> {
    let text = fs::read_to_string(file).expect("readable");
    let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut words = Vec::new();
    collect(tokens, &mut words);
    words
}

fn collect(tokens: TokenStream, words: &mut Vec<Word>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if !is_documentation(&group.stream()) => {
                collect(group.stream(), words);
            }
            TokenTree::Ident(name) => words.push(Word::Plain(name.to_string())),
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                words.push(Word::Quoted(literal.trim_matches('"').to_owned()));
                let parts = literal.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                words.extend(parts.map(|part| Word::Plain(part.to_owned())));
            }
            TokenTree::Group(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Whether these are the tokens of `#[doc = "..."]`, which a documentation comment is to the compiler.
fn is_documentation(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc")
}
