//! What the compiler cannot see: names in pages, scripts and strings that must stay true. A test, so that it runs with all others.
//!
//! Each check is a function from text to complaints and has tests that break it.

mod ids;
mod paths;
mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::{catalogue, generate, root};

/// A text file of the repository, with its path from the root, parts joined by `/`.
struct File {
    path: String,
    text: String,
}

/// What is there: all files and folders by path, and the content of those that are text.
#[derive(Default)]
struct Repository {
    paths: BTreeSet<String>,
    files: Vec<File>,
}

#[test]
fn tidy() {
    let repository = Repository::read(&root());
    let known = Known::read(&repository);
    let mut complaints = Vec::new();
    for file in &repository.files {
        if is_page(&file.path) {
            complaints.extend(paths::check(file, &repository.paths));
        }
        if file.path.ends_with(".rs") {
            complaints.extend(text::length(file));
        }
        if is_code_with_ids(&file.path) {
            complaints.extend(ids::code(file, &known));
        }
        if is_script(&file.path) {
            complaints.extend(ids::script(file, &known));
        }
        complaints.extend(text::machine_paths(file));
    }
    complaints.extend(generate::check().err());
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

fn is_page(path: &str) -> bool {
    path == "README.md" || (path.starts_with("docs/") && path.ends_with(".md"))
}

fn is_code_with_ids(path: &str) -> bool {
    (path.starts_with("crates/") || path.starts_with("spec-tests/")) && path.ends_with(".rs")
}

/// Scripts in folders named `bad` are there to be refused.
fn is_script(path: &str) -> bool {
    path.ends_with(".winspi") && !path.split('/').any(|part| part == "bad")
}

/// The ids that may be named.
struct Known {
    /// Clauses, and the edge cases of the handoff scenario.
    clauses: BTreeSet<String>,
    /// The decisions, once there is a page of them.
    decisions: Option<BTreeSet<String>>,
}

impl Known {
    fn read(repository: &Repository) -> Known {
        let mut clauses: BTreeSet<String> =
            catalogue::read(&root()).expect("the catalogue can be read").into_keys().collect();
        clauses.extend(edges(&root()));
        let decisions =
            repository.files.iter().find(|file| file.path == "docs/decisions.md").map(|file| ids::anchors(&file.text));
        Known { clauses, decisions }
    }
}

/// The ids of the edge cases: a conformance case may be named by one.
fn edges(root: &Path) -> Vec<String> {
    #[derive(Deserialize)]
    struct Handoff {
        edge: Vec<Edge>,
    }
    #[derive(Deserialize)]
    struct Edge {
        id: String,
    }
    let text = fs::read_to_string(root.join("spec-tests/handoff.toml")).expect("it can be read");
    let handoff: Handoff = toml::from_str(&text).expect("it has edge cases with ids");
    handoff.edge.into_iter().map(|edge| edge.id).collect()
}

impl Repository {
    fn read(root: &Path) -> Repository {
        let ignored: BTreeSet<String> = fs::read_to_string(root.join(".gitignore"))
            .unwrap_or_default()
            .lines()
            .map(|line| line.trim().trim_matches('/').to_owned())
            .chain([".git".to_owned()])
            .collect();
        let mut repository = Repository::default();
        repository.walk(root, "", &ignored);
        assert!(repository.paths.contains("Cargo.toml"), "the walk begins at the root");
        repository
    }

    fn walk(&mut self, folder: &Path, prefix: &str, ignored: &BTreeSet<String>) {
        let entries = fs::read_dir(folder).expect("a folder of the repository can be read");
        for entry in entries {
            let entry = entry.expect("a folder of the repository can be read");
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if ignored.contains(&path) {
                continue;
            }
            let kind = entry.file_type().expect("an entry has a type");
            if kind.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"), ignored);
            } else if kind.is_file()
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                let path = path.clone();
                self.files.push(File { path, text });
            }
            self.paths.insert(path);
        }
    }
}

/// A file for the tests of the checks.
fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}
