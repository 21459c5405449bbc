//! Every committed `.winspi` file can be parsed, and what is printed from it means the same.

#![allow(clippy::disallowed_methods, reason = "the crate reads no files, these tests do")]

use std::path::{Path, PathBuf};

use winspi_script::syntax;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "winspi") {
            found.push(path);
        }
    }
}

#[test]
fn committed_files_print_and_parse_back() {
    let mut files = Vec::new();
    for folder in ["scenarios", "spec-tests", "docs"] {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    assert!(!files.is_empty(), "at least scenarios/handoff.winspi is there");
    let mut failures = Vec::new();
    for path in files {
        let bytes = std::fs::read(&path).expect("a file that was listed can be read");
        let name = path.display().to_string();
        match syntax::parse_bytes(&bytes) {
            Err(errors) => failures.extend(errors.iter().map(|error| error.render(&name))),
            Ok(file) => {
                let printed = syntax::print(&file);
                let again = syntax::parse(&printed);
                if again.as_ref() != Ok(&file) {
                    failures.push(format!("{name}: printed and parsed, it is another file:\n{printed}"));
                } else if again.map(|file| syntax::print(&file)).as_ref() != Ok(&printed) {
                    failures.push(format!("{name}: printed twice, it changes"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn committed_files_are_in_canonical_form() {
    let mut files = Vec::new();
    collect(&root().join("scenarios"), &mut files);
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a file that was listed can be read");
        let file = syntax::parse(&text).expect("it is in the language");
        // A checkout may have other line ends.
        assert_eq!(syntax::print(&file), text.replace("\r\n", "\n"), "{}: `winspi fmt` changes it", path.display());
    }
}

/// What is indented in a section of docs/language.md is a file.
#[test]
fn examples_of_the_language_page() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).expect("docs/language.md is there");
    let mut examples = 0;
    for section in page.split("\n## ").skip(1) {
        let (title, rest) = section.split_once('\n').unwrap_or((section, ""));
        let example: String =
            rest.lines().filter_map(|line| line.strip_prefix("    ")).map(|line| format!("{line}\n")).collect();
        examples += usize::from(!example.is_empty());
        let file = match syntax::parse(&example) {
            Ok(file) => file,
            Err(errors) => panic!("{}", errors.iter().map(|error| error.render(title)).collect::<String>()),
        };
        assert_eq!(syntax::parse(&syntax::print(&file)).as_ref(), Ok(&file), "{title}");
    }
    assert_eq!(examples, 5, "sections with examples");
}

#[test]
fn handoff_is_the_file_in_the_language_page() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).expect("docs/language.md is there");
    let (_, example) =
        page.split_once("## The ten steps, as a whole file\n").expect("the page ends with the ten steps");
    let example: String =
        example.lines().filter_map(|line| line.strip_prefix("    ")).map(|line| format!("{line}\n")).collect();
    let text =
        std::fs::read_to_string(root().join("scenarios/handoff.winspi")).expect("scenarios/handoff.winspi is there");
    assert_eq!(example, text);
}
