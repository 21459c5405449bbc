//! What README.md tells a new user to write and to run gives what it says.

mod common;

use common::{Done, ROOT, folder, winspi_in};
use tempfile::TempDir;

/// The indented blocks of a section, in order.
fn blocks(section: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).expect("it is there").replace("\r\n", "\n");
    let (_, rest) = readme.split_once(&format!("\n## {section}\n")).expect("the section is there");
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let mut blocks = vec![String::new()];
    for line in section.lines() {
        let last = blocks.last_mut().expect("there is one");
        match line.strip_prefix("    ") {
            Some(line) => *last += &format!("{line}\n"),
            None if line.is_empty() && !last.is_empty() => *last += "\n",
            None => blocks.push(String::new()),
        }
    }
    blocks.iter().map(|block| format!("{}\n", block.trim_end())).filter(|block| block != "\n").collect()
}

fn say(folder: &TempDir, command: &str) -> Done {
    let words = command.trim().strip_prefix("cargo run --release -- ").expect("it is a command");
    winspi_in(folder.path(), &words.split(' ').collect::<Vec<_>>(), b"")
}

#[test]
fn a_scenario_of_your_own() {
    let blocks = blocks("Write your own");
    let [scenario, run, failure, explore, violation, at_end] = blocks.as_slice() else {
        panic!("six blocks, not {blocks:#?}")
    };
    let files = folder(&[("mine.winspi", scenario)]);
    let write = |text: &str| std::fs::write(files.path().join("mine.winspi"), text).expect("it can be written");

    let done = say(&files, run);
    assert!(done.status == Some(1) && done.out.contains(failure.as_str()), "{}", done.out);

    let meant = scenario.replace("parent: WSPListen(s, 5)", "parent: WSPListen(s, 5) => WSAENOTSOCK");
    write(&meant);
    assert_eq!(say(&files, run).status, Some(0));
    assert_eq!(say(&files, &format!("{} --provider non-ifs", run.trim())).status, Some(0));

    let done = say(&files, explore);
    assert!(done.status == Some(1) && done.out.contains(violation.as_str()), "{}", done.out);

    let lines = meant.lines().enumerate().filter(|(place, _)| *place != 13).map(|(_, line)| format!("{line}\n"));
    write(&format!("{}{at_end}", lines.collect::<String>()));
    for command in [run.trim().to_owned(), explore.trim().to_owned(), format!("{} --faults kill", explore.trim())] {
        let done = say(&files, &command);
        assert_eq!(done.status, Some(0), "{command}\n{}", done.out);
    }
    assert_eq!(winspi_in(files.path(), &["fmt", "--check", "mine.winspi"], b"").status, Some(0));
}

#[test]
fn the_commands_of_the_table() {
    let files = folder(&[("mine.winspi", "process p\np: GetCurrentProcessId()\n")]);
    for command in ["explain WSPDuplicateSocket", "explain unknown-handle", "catalog --layers ifs", "fmt mine.winspi"] {
        let done = say(&files, &format!("cargo run --release -- {command}"));
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{command}");
    }
}
