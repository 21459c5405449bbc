//! The book: each script in it does what the page says, each edge of the handoff stands on one page, as its scenario and
//! the catalogue have it, and every page is in the contents.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use winspi_script::Arrangement;

const BOOK: &str = "docs/book";
const EXCEPTIONS: &str = "scenarios/handoff/exceptions.toml";

/// The pages of the book by their path from the root.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![BOOK.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(common::root().join(&folder)).expect("a folder of the book") {
            let entry = entry.expect("a readable folder");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") {
                let text = fs::read_to_string(entry.path()).expect("a page is text").replace("\r\n", "\n");
                pages.insert(path, text);
            }
        }
    }
    pages
}

/// The fenced blocks of a page: the words behind the fence, the line of the first line within, and the text, with what
/// it includes.
fn blocks(page: &str, text: &str) -> Vec<(Vec<String>, usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(Vec<String>, usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(words), None) => {
                open = Some((words.split(',').map(str::to_owned).collect(), index + 2, String::new()));
            }
            (None, Some((words, at, mut text))) => {
                match line.strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}")) {
                    Some(path) => text += &included(page, path),
                    None => text += &format!("{line}\n"),
                }
                open = Some((words, at, text));
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{page}: a block is not closed");
    blocks
}

/// The text of a file that a page includes, by its path from the page.
fn included(page: &str, path: &str) -> String {
    let folder = Path::new(page).parent().expect("a page lies in a folder");
    let mut found = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir => assert!(found.pop(), "{page}: {path} leads out of the repository"),
            part => found.push(part),
        }
    }
    fs::read_to_string(common::root().join(&found)).unwrap_or_else(|error| panic!("{page}: {path}: {error}"))
}

/// What a script does, in the words of the page, or what it did instead.
fn does(words: &[&str], text: &str) -> Result<(), String> {
    let script = common::script(text);
    let fails = words.contains(&"fails");
    let mut applied = false;
    for arrangement in Arrangement::five() {
        let on = arrangement.name();
        let lacking = match common::applies(&script, &arrangement) {
            Ok(lacking) => lacking,
            Err(_) if fails => return Ok(()),
            Err(what) => return Err(format!("on {on}: {what}")),
        };
        applied |= lacking.is_none();
    }
    if fails {
        return Err("it passes".to_owned());
    }
    if !applied {
        return Err("it applies to no arrangement".to_owned());
    }
    Ok(())
}

#[test]
fn every_script_does_what_its_page_says() {
    let mut count = 0;
    for (page, text) in pages() {
        for (words, line, script) in blocks(&page, &text) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.first() != Some(&"winspi") {
                continue;
            }
            count += 1;
            for word in &words[1..] {
                let known = *word == "fails" || word.ends_with(".winspi");
                assert!(known, "{page}:{line}: no such word: {word}");
            }
            does(&words, &script).unwrap_or_else(|what| panic!("{page}:{line}: {what}"));
        }
    }
    assert!(count >= 15, "{count} scripts");
}

#[test]
fn a_script_that_does_something_else_is_found() {
    let good = "process p\np: GetCurrentProcessId()\n";
    let bad = "process p\np: WSPCloseSocket(0x7fc)\n";
    let nowhere = format!("needs base ifs\nneeds base non-ifs\n{bad}");
    for (words, text, what) in [
        (&["winspi"][..], bad, "on base IFS"),
        (&["winspi", "fails"], good, "it passes"),
        (&["winspi"], &nowhere, "it applies to no arrangement"),
    ] {
        let found = does(words, text).expect_err(text);
        assert!(found.starts_with(what), "{found}");
    }
}

#[test]
fn every_page_is_in_the_contents() {
    let contents = fs::read_to_string(common::root().join("docs/SUMMARY.md")).expect("the book has contents");
    for page in pages().keys() {
        let link = format!("]({})", page.trim_start_matches("docs/"));
        assert_eq!(contents.matches(&link).count(), 1, "docs/SUMMARY.md names {page} once");
    }
}

/// The part of `handoff.toml` that the tables show.
#[derive(Deserialize)]
struct Handoff {
    edge: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    id: String,
    step: u32,
    title: String,
    level: String,
}

#[derive(Deserialize)]
struct Exceptions {
    not_here: Vec<NotHere>,
}

#[derive(Deserialize)]
struct NotHere {
    edge: String,
    reason: String,
}

fn read<T: for<'de> Deserialize<'de>>(path: &str) -> T {
    let text = fs::read_to_string(common::root().join(path)).expect("the file is in the repository");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The line of an edge in the table of its page.
fn row(edge: &Edge, reason: Option<&NotHere>) -> String {
    let (step, level) = (edge.step, if edge.level == "unspecified" { "open" } else { &edge.level });
    if let Some(reason) = reason {
        return format!("| {} | {step} | {level} | Not modelled yet: {} |", edge.title, reason.reason);
    }
    let path = format!("scenarios/handoff/{}.winspi", edge.id.trim_start_matches("edge."));
    let text = fs::read_to_string(common::root().join(&path)).expect("the edge has its scenario");
    let file = winspi_script::syntax::parse(&text).expect("it can be parsed");
    let title = file.title.expect("it has a title").text.to_str().into_owned();
    let title =
        title.split_once(": ").filter(|(step, _)| step.starts_with("Step ")).map_or(&*title, |(_, title)| title);
    let about = file.about.first().expect("it says what it is about").text.to_str();
    let (first, rest) = title.split_at(title.chars().next().map_or(0, char::len_utf8));
    format!("| [{}{rest}](../../../{path}) | {step} | {level} | {about} |", first.to_uppercase())
}

#[test]
fn every_edge_stands_on_one_page_as_its_scenario_has_it() {
    let handoff: Handoff = read("spec-tests/handoff.toml");
    let exceptions: Exceptions = read(EXCEPTIONS);
    let pages = pages();
    let mut wrong = Vec::new();
    for edge in &handoff.edge {
        let reason = exceptions.not_here.iter().find(|not_here| edge.id.ends_with(&not_here.edge));
        let row = row(edge, reason);
        let places = pages.values().flat_map(|page| page.lines()).filter(|line| **line == row).count();
        if places != 1 {
            wrong.push(format!("on {places} pages: {row}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
