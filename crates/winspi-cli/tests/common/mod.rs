//! What the tests of the command share.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The root of the repository.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What a command left behind.
pub(crate) struct Done {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the command in a folder, with something on its standard input.
pub(crate) fn winspi_in(folder: &Path, words: &[&str], input: &[u8]) -> Done {
    let mut child = Command::new(env!("CARGO_BIN_EXE_winspi"))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // One that reads nothing may have ended already.
    let _ = child.stdin.take().expect("it was asked for").write_all(input);
    let done = child.wait_with_output().expect("the command ends");
    let text = |bytes| String::from_utf8(bytes).expect("what is written is UTF-8");
    Done { status: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

/// Runs the command where [`file`] makes files.
pub(crate) fn winspi(words: &[&str]) -> Done {
    winspi_in(Path::new(env!("CARGO_TARGET_TMPDIR")), words, b"")
}

/// The JSON that a command writes.
#[track_caller]
pub(crate) fn json(words: &[&str]) -> Value {
    let done = winspi(words);
    assert_eq!(done.err, "");
    serde_json::from_str(&done.out).expect("what is written is JSON")
}

/// A file in the folder that the commands run in.
pub(crate) fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("the folder can be written to");
    path
}

/// A folder of its own with files, for one test.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder can be made");
        std::fs::write(path, content).expect("the folder can be written to");
    }
    folder
}
