//! `winspi fmt`: in place, checked, from the standard input, and from text to JSON and back.

mod common;

use std::fs;

use common::{Done, ROOT, folder, winspi_in};
use serde_json::{Value, json};
use tempfile::TempDir;

const UGLY: &str = "# what it is\nprocess  p # one\n\n\np:GetCurrentProcessId( )\n";
const FINE: &str = "# what it is\nprocess p  # one\n\np: GetCurrentProcessId()\n";
const BAD: &str = "proces p\n";
const DIFF: &str = "--- ugly.winspi
+++ ugly.winspi
@@ -1,5 +1,4 @@
 # what it is
-process  p # one
-
+process p  # one
 
-p:GetCurrentProcessId( )
+p: GetCurrentProcessId()
";

fn files() -> TempDir {
    folder(&[("ugly.winspi", UGLY), ("fine.winspi", FINE), ("sub/pending/ugly.winspi", UGLY), ("bad/bad.winspi", BAD)])
}

fn fmt(folder: &TempDir, words: &[&str], input: &str) -> Done {
    winspi_in(folder.path(), &[&["fmt"], words].concat(), input.as_bytes())
}

fn content(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).expect("it is there")
}

#[test]
fn files_are_formatted_in_place() {
    let files = files();
    let done = fmt(&files, &["ugly.winspi", "fine.winspi", "sub"], "");
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    assert_eq!(
        done.out,
        "  formatted  ugly.winspi\n  formatted  sub/pending/ugly.winspi\n3 files: 2 formatted, 1 unchanged\n"
    );
    assert_eq!(
        (content(&files, "ugly.winspi"), content(&files, "sub/pending/ugly.winspi")),
        (FINE.into(), FINE.into())
    );
    let again = fmt(&files, &["ugly.winspi"], "");
    assert_eq!((again.status, again.out.as_str()), (Some(0), "1 file: 1 unchanged\n"));
    let left: Vec<_> = fs::read_dir(files.path()).expect("it is there").collect();
    assert_eq!(left.len(), 4, "nothing is left beside: {left:?}");
}

#[test]
fn what_is_not_in_the_language_stays_and_the_others_are_formatted() {
    let files = files();
    let done = fmt(&files, &["bad", "missing.winspi", "ugly.winspi"], "");
    assert_eq!(done.status, Some(2));
    assert!(done.err.starts_with("bad/bad.winspi:1:1: expected a statement, found `proces`\n"), "{}", done.err);
    assert!(done.err.ends_with("\n\nmissing.winspi: there is no such file\n"), "{}", done.err);
    assert_eq!(
        done.out,
        "✗ bad input  bad/bad.winspi\n✗ bad input  missing.winspi\n  formatted  ugly.winspi\n\
         3 files: 1 formatted, 2 bad input\n"
    );
    assert_eq!(content(&files, "bad/bad.winspi"), BAD);
}

#[test]
fn a_check_changes_nothing_and_shows_what_would_change() {
    let files = files();
    let done = fmt(&files, &["--check", "ugly.winspi", "fine.winspi"], "");
    assert_eq!((done.status, done.err.as_str()), (Some(1), ""));
    assert_eq!(done.out, format!("{DIFF}\n2 files: 1 would change, 1 unchanged\n"));
    assert_eq!(content(&files, "ugly.winspi"), UGLY);
    assert_eq!(fmt(&files, &["--check", "fine.winspi"], "").status, Some(0));
    assert_eq!(fmt(&files, &["--check", "-"], UGLY).status, Some(1));
    let report = fmt(&files, &["--check", "--json", "ugly.winspi", "fine.winspi"], "");
    let report: Value = serde_json::from_str(&report.out).expect("it is JSON");
    assert_eq!(
        report,
        json!({"passed": false, "files": [
            {"file": "ugly.winspi", "status": "would change", "diff": DIFF},
            {"file": "fine.winspi", "status": "unchanged"},
        ]})
    );
}

#[test]
fn the_standard_input_goes_to_the_standard_output() {
    let files = files();
    let done = fmt(&files, &["-"], UGLY);
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (Some(0), FINE, ""));
    let done = fmt(&files, &["-"], BAD);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""));
    assert!(done.err.starts_with("-:1:1: expected a statement"), "{}", done.err);
    let done = fmt(&files, &["-", "ugly.winspi"], UGLY);
    assert_eq!((done.status, done.err.as_str()), (Some(2), "error: the standard input (-) is formatted alone\n"));
    let report: Value = serde_json::from_str(&fmt(&files, &["-", "--json"], UGLY).out).expect("it is JSON");
    assert_eq!(report["files"][0], json!({"file": "-", "status": "formatted", "text": FINE}));
}

#[test]
fn line_ends_and_permissions_stay() {
    let files = folder(&[("dos.winspi", &UGLY.replace('\n', "\r\n"))]);
    assert_eq!(fmt(&files, &["dos.winspi"], "").status, Some(0));
    assert_eq!(content(&files, "dos.winspi"), FINE.replace('\n', "\r\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let files = self::files();
        let path = files.path().join("ugly.winspi");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        mode(0o440);
        let done = fmt(&files, &["ugly.winspi"], "");
        assert_eq!((done.status, done.err.as_str()), (Some(2), "ugly.winspi: it cannot be written: it is read-only\n"));
        mode(0o640);
        std::os::unix::fs::symlink("ugly.winspi", files.path().join("link.winspi")).expect("a link can be made");
        assert_eq!(fmt(&files, &["link.winspi"], "").status, Some(0));
        assert_eq!(content(&files, "ugly.winspi"), FINE);
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(files.path().join("link.winspi")).expect("it is there").is_symlink());
    }
}

#[test]
fn the_json_form_and_back() {
    let files = files();
    let form = fmt(&files, &["--to", "json", "ugly.winspi"], "");
    assert_eq!((form.status, form.err.as_str()), (Some(0), ""));
    let value: Value = serde_json::from_str(&form.out).expect("it is JSON");
    assert_eq!((&value["format"], &value["version"]), (&json!("winspi-scenario"), &json!(1)));
    assert_eq!(
        value["file"]["items"][0],
        json!({"Process": {
            "notes": {"above": [{"Comment": " what it is"}], "after": " one"}, "name": {"text": "p"}, "options": []
        }})
    );
    assert_eq!(fmt(&files, &["--to", "text", "-"], &form.out).out, FINE);
    assert_eq!(fmt(&files, &["--to", "json", "-"], &form.out).out, form.out);
    fs::write(files.path().join("form.json"), &form.out).expect("it can be written");
    let run = winspi_in(files.path(), &["run", "form.json"], b"");
    assert!(run.status == Some(0) && run.out.starts_with("form.json\n"), "{}{}", run.out, run.err);
    let refused = fmt(&files, &["form.json"], "");
    assert_eq!(
        (refused.status, refused.err.as_str()),
        (
            Some(2),
            "form.json: this is the JSON form of a scenario; `winspi fmt --to text` writes its text, `--to json` the form\n"
        )
    );
    for words in [&["--to", "json", "ugly.winspi", "fine.winspi"][..], &["--to", "text", "sub"]] {
        let done = fmt(&files, words, "");
        assert_eq!((done.status, done.err.as_str()), (Some(2), "error: the option '--to <FORM>' takes one file\n"));
    }
    assert_eq!(fmt(&files, &["--to", "json", "--check", "ugly.winspi"], "").status, Some(2));
}

#[test]
fn json_that_is_no_scenario_is_refused_with_its_place() {
    let files = files();
    for (input, message) in [
        ("{\n  \"format\": 1", "no scenario in JSON: EOF while parsing an object at line 2 column 13"),
        (
            "{\"format\": \"winspi-scenario\", \"version\": 1,\n \"file\": {\"about\": 5}}",
            "no scenario in JSON: invalid type: integer `5`, expected a sequence at line 2 column 20",
        ),
        (
            "{\"format\": \"winspi-scenario\", \"version\": 7, \"file\": {}}",
            "version 7 of the format is not known; this is version 1",
        ),
        ("{\"format\": \"trace\", \"version\": 1, \"file\": {}}", "the format is \"trace\", not \"winspi-scenario\""),
    ] {
        let done = winspi_in(files.path(), &["run", "-"], input.as_bytes());
        assert_eq!((done.status, done.out.as_str(), done.err), (Some(2), "", format!("-: {message}\n")));
    }
}

#[test]
fn the_scenarios_of_the_repository_are_formatted() {
    let done = winspi_in(ROOT.as_ref(), &["fmt", "--check", "scenarios"], b"");
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{}", done.out);
}
