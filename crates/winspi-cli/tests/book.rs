//! The commands in the book print what it says they print.
//!
//! A ` ```console ` block is a command, `$ winspi ...`, and what it prints; a line `[...]` stands for any number of
//! lines. The files it names are the scripts above it on the page whose fence names them.

mod common;

use common::{ROOT, folder, winspi_in};

/// The pages with commands.
const PAGES: [&str; 2] = ["writing", "reading"];

/// The fenced blocks of a page: the words behind the fence, and the text.
fn blocks(page: &str) -> Vec<(Vec<&str>, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(Vec<&str>, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(words), None) => open = Some((words.split(',').collect(), String::new())),
            (None, Some((_, text))) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// The first part of what is shown that is not there, where it should be.
fn missing<'s>(shown: &'s str, printed: &str) -> Option<&'s str> {
    let parts: Vec<&str> = shown.split("[...]\n").collect();
    let mut rest = printed;
    for (index, part) in parts.iter().enumerate() {
        let found = match index {
            0 => rest.strip_prefix(part),
            index if index + 1 == parts.len() => rest.strip_suffix(part).map(|_| ""),
            _ => rest.split_once(part).map(|(_, rest)| rest),
        };
        match found {
            Some(after) => rest = after,
            None => return Some(part),
        }
    }
    (parts.len() == 1 && !rest.is_empty()).then_some(shown)
}

#[test]
fn the_commands_print_what_the_book_says() {
    for name in PAGES {
        let page =
            std::fs::read_to_string(format!("{ROOT}/docs/book/{name}.md")).expect("a page").replace("\r\n", "\n");
        let files = folder(&[]);
        let mut commands = 0;
        for (words, text) in blocks(&page) {
            if let Some(file) = words.iter().find(|word| word.ends_with(".winspi")) {
                std::fs::write(files.path().join(file), &text).expect("it can be written");
            }
            if words != ["console"] {
                continue;
            }
            let (command, shown) = text.split_once('\n').expect("a command stands on the first line");
            let words = command.strip_prefix("$ winspi ").expect("it is a command").split(' ').collect::<Vec<_>>();
            let done = winspi_in(files.path(), &words, b"");
            assert_ne!(done.status, Some(2), "{command}: {}", done.err);
            let missing = missing(shown, &done.out);
            assert_eq!(missing, None, "{name}.md, {command}:\n{}", done.out);
            commands += 1;
        }
        assert!(commands > 0, "{name}.md");
    }
}

#[test]
fn what_is_not_printed_is_missed() {
    for (shown, printed, wanted) in [
        ("a\nb\n", "a\nb\n", None),
        ("a\n", "a\nb\n", Some("a\n")),
        ("a\n[...]\nc\n", "a\nb\nc\n", None),
        ("a\n[...]\nb\n", "a\nb\nc\n", Some("b\n")),
        ("[...]\nb\n[...]\n", "a\nb\nc\n", None),
        ("[...]\nd\n[...]\n", "a\nb\nc\n", Some("d\n")),
        ("b\n[...]\n", "a\nb\n", Some("b\n")),
    ] {
        assert_eq!(missing(shown, printed), wanted, "{shown}");
    }
}
