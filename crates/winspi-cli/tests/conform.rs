//! The command `winspi conform`, as a user meets it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn conform(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_winspi"));
    command.arg("conform").args(arguments).output().expect("the command can be run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the command writes UTF-8")
}

/// A file for one test.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn path(file: &Path) -> &str {
    file.to_str().expect("the path is text")
}

#[test]
fn a_filter_takes_some_and_the_sum_stands_last() {
    let ran = conform(&["WSPBind.assigns-name"]);
    let out = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{out}");
    assert!(out.contains("\n  WSPBind"), "{out}");
    assert!(out.ends_with("passed · 5 trials · 5 passed\n"), "{out}");
    let one = conform(&["WSPBind.assigns-name", "--arrangement", "non-ifs,ifs-layer"]);
    assert!(text(&one.stdout).ends_with("passed · 2 trials · 2 passed\n"));
}

#[test]
fn what_cannot_be_asked_for_is_told_with_status_2() {
    let nothing = file("no-report.json");
    fs::write(&nothing, "{\"format\": 1}").expect("the file can be written");
    let old = file("old-report.json");
    fs::write(&old, "{\"format\":9,\"profile\":\"\",\"arrangements\":[],\"trials\":[],\"clauses\":[]}")
        .expect("it can be written");
    for (arguments, says) in [
        (&["WSPNothing"][..], "error: no case has `WSPNothing` in its clause, title or file"),
        (&["--profile", "dos"], "no profile is called `dos`"),
        (&["--arrangement", "x"], "[possible values: ifs, non-ifs, ifs-layer, non-ifs-layer, both-layers]"),
        (&["--compare", "not-there.json"], "not-there.json: "),
        (&["--compare", path(&nothing)], "no report of `winspi conform --json`: line 1, column "),
        (&["--compare", path(&old)], "format 9 of the report is not known; this is format 1"),
        (&["--suite", "not-there"], "error: not-there"),
        (&["WSPBind", "--junit", "not/there.xml"], "error: not/there.xml cannot be written"),
        (&["--export", "x.json", "--json", "y.json"], "cannot be used with"),
    ] {
        let ran = conform(arguments);
        let error = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
}

#[test]
fn a_suite_of_a_folder_that_fails_gives_status_1_and_the_place() {
    let folder = file("suite");
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec-tests");
    for part in ["clauses", "cases"] {
        fs::create_dir_all(folder.join(part)).expect("a folder can be made");
    }
    for entry in fs::read_dir(from.join("clauses")).expect("it can be read") {
        let entry = entry.expect("it can be read");
        fs::copy(entry.path(), folder.join("clauses").join(entry.file_name())).expect("it can be copied");
    }
    fs::copy(from.join("owners.toml"), folder.join("owners.toml")).expect("it can be copied");
    let cases = folder.join("cases/wsp_listen.winspi");
    let write = |case: &str| {
        let prelude = "process p\nsetup { p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) }\n";
        fs::write(&cases, format!("{prelude}case WSPListen.error-einval \"\" {{\n    {case}\n}}\n"))
            .expect("it can be written");
    };
    write("p: WSPListen(s, 5) => WSAEFAULT");
    let ran = conform(&["--suite", path(&folder)]);
    let out = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(1), "{out}{}", text(&ran.stderr));
    assert!(out.contains("✗ WSPListen.error-einval [ifs]\n  cases/wsp_listen.winspi:4  "), "{out}");
    assert!(out.ends_with("failed · 5 trials · 5 failed\n"), "{out}");
    write("p: WSPListn(s, 5) => WSAEFAULT");
    let ran = conform(&["--suite", path(&folder)]);
    let error = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{error}");
    assert!(error.contains("cases/wsp_listen.winspi:4:8: ") && error.contains("WSPListen"), "{error}");
}

#[test]
fn reports_are_written_compared_and_exported() {
    let (json, junit, vectors) = (file("report.json"), file("report.xml"), file("vectors.json"));
    let ran = conform(&["WSPBind", "--json", path(&json), "--junit", path(&junit)]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&json).expect("it was written")).expect("it is JSON");
    assert_eq!(report["trials"][0]["state"], "passed");
    let xml = fs::read_to_string(&junit).expect("it was written");
    assert!(xml.contains("<testsuite name=\"WSPBind\"") && xml.contains("classname=\"non-ifs\""), "{xml}");
    let same = conform(&["WSPBind", "--compare", path(&json)]);
    assert!(text(&same.stdout).ends_with("\nNothing is other than it was.\n"));
    let fewer = conform(&["WSPBind.assigns-name", "--arrangement", "ifs", "--compare", path(&json)]);
    assert!(text(&fewer.stdout).ends_with("\nNothing is other than it was.\n"), "{}", text(&fewer.stdout));
    let ran = conform(&["WSPBind", "--export", path(&vectors)]);
    assert_eq!(ran.status.code(), Some(0));
    let vectors: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&vectors).expect("it was written")).expect("it is JSON");
    let first = &vectors["vectors"][0];
    assert_eq!((&first["clause"], &first["level"]), (&"WSPBind.returns-zero".into(), &"must".into()));
    assert_eq!(first["setup"][0]["bind"], "s");
    assert_eq!(first["steps"][0]["call"], "WSPBind(s, 127.0.0.1:5000)");
    assert_eq!(first["steps"][0]["allowed"], "{value=0, error=0}");
}
