//! `winspi run` with several files, with folders, with the standard input, and with cases.

mod common;

use common::{Done, ROOT, folder, winspi_in};
use serde_json::{Value, json};
use tempfile::TempDir;

const GOOD: &str = "process p\np: GetCurrentProcessId()\n";
const WRONG: &str = "process p\np: GetCurrentProcessId() => WSAEINVAL\n";
const GAP: &str = "process p\np: WSAJoinLeaf(1, 1.2.3.4:5)\n";
const NEEDS: &str = "needs non-ifs\nprocess p\np: GetCurrentProcessId()\n";
const BAD: &str = "proces p\n";
const CASES: &str = "scenario \"Listening\"
process p
p: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
case WSPListen.error-einval \"a socket without a name\" { p: listen(s, 5) => WSAEINVAL }
case WSPListen.wrong \"what is not so\" { p: listen(s, 5) => ok ; p: closesocket(s) }
case WSPListen.non-ifs \"the other\" { needs non-ifs ; p: closesocket(s) }
case WSPListen.gap \"what nobody models\" {
    p: WSAJoinLeaf(s, 224.0.0.1:80)
}
";

fn all() -> TempDir {
    folder(&[
        ("good.winspi", GOOD),
        ("sub/wrong.winspi", WRONG),
        ("sub/deeper/gap.winspi", GAP),
        ("sub/needs.winspi", NEEDS),
        ("sub/notes.txt", "no scenario"),
        ("sub/.hidden/bad.winspi", BAD),
        ("sub/pending/bad.winspi", BAD),
        ("bad.winspi", BAD),
        ("cases.winspi", CASES),
    ])
}

fn run(folder: &TempDir, words: &[&str]) -> Done {
    winspi_in(folder.path(), &[&["run"], words].concat(), b"")
}

fn run_json(folder: &TempDir, words: &[&str]) -> Value {
    let done = run(folder, &[words, &["--json"]].concat());
    serde_json::from_str(&done.out).expect("what is written is JSON")
}

const WRONG_LINE: &str = "GetCurrentProcessId(): expected WSAEINVAL, found 1000";

/// What a run ends with: status, standard output, standard error output.
#[track_caller]
fn gives(words: &[&str], status: i32, out: &str, err: &str) {
    let done = run(&all(), words);
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (Some(status), out, err), "{words:?}");
}

#[test]
fn a_line_for_each_file_and_a_sum() {
    gives(
        &["good.winspi", "sub/needs.winspi", "good.winspi"],
        0,
        "  passed          good.winspi\n  not applicable  sub/needs.winspi: needs non-ifs\n\n\
         2 files: 1 passed, 1 not applicable\n",
        "",
    );
    gives(
        &["good.winspi", "sub/needs.winspi", "--provider", "non-ifs"],
        0,
        "  passed  good.winspi\n  passed  sub/needs.winspi\n\n2 files: 2 passed\n",
        "",
    );
    gives(
        &["sub"],
        1,
        &format!(
            "  not modelled    sub/deeper/gap.winspi:2: WSAJoinLeaf\n  not applicable  sub/needs.winspi: needs non-ifs\n\
             ✗ failed          sub/wrong.winspi:2: {WRONG_LINE}\n\n\
             left out: sub/pending; name it to run what waits there\n\
             3 files: 1 failed, 1 not modelled, 1 not applicable\n"
        ),
        "",
    );
}

#[test]
fn what_is_no_scenario_does_not_keep_the_others_from_running() {
    let bad = "bad.winspi:1:1: expected a statement, found `proces`\n    1 | proces p\n      | ^^^^^^\n      \
               = help: did you mean `process`?\n";
    gives(
        &["bad.winspi", "good.winspi", "missing.winspi", "sub/wrong.winspi"],
        2,
        &format!(
            "✗ bad input  bad.winspi:1: expected a statement, found `proces`\n  passed     good.winspi\n\
             ✗ bad input  missing.winspi: there is no such file\n✗ failed     sub/wrong.winspi:2: {WRONG_LINE}\n\n\
             4 files: 1 passed, 1 failed, 2 bad input\n"
        ),
        &format!("{bad}\nmissing.winspi: there is no such file\n\n"),
    );
    // A folder that was named is looked into, whatever it is called.
    let done = run(&all(), &["sub/pending"]);
    assert_eq!((done.status, done.err), (Some(2), format!("sub/pending/{bad}\n")));
}

#[test]
fn folders_without_scenarios() {
    let empty = folder(&[("some/notes.txt", "x")]);
    let done = run(&empty, &["some"]);
    assert_eq!((done.status, done.err.as_str()), (Some(2), "some: no file in this folder ends in .winspi\n\n"));
    assert_eq!(run(&empty, &[]).status, Some(2));
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_or_nowhere() {
    let files = folder(&[("one/good.winspi", GOOD)]);
    std::os::unix::fs::symlink(files.path().join("one"), files.path().join("one/again")).expect("a link can be made");
    std::os::unix::fs::symlink("nowhere", files.path().join("one/lost")).expect("a link can be made");
    let done = run(&files, &["one"]);
    assert_eq!(done.status, Some(2));
    assert_eq!(
        done.err,
        "one/again: this leads back to one, which it lies in\n\none/lost: this link leads nowhere\n\n"
    );
    assert!(done.out.ends_with("\n3 files: 1 passed, 2 bad input\n"), "{}", done.out);
}

#[test]
fn the_standard_input_is_a_file_called_minus() {
    let files = all();
    let done = winspi_in(files.path(), &["run", "-"], GOOD.as_bytes());
    assert_eq!((done.status, done.out.lines().next()), (Some(0), Some("-")));
    let done = winspi_in(files.path(), &["run", "-", "good.winspi"], WRONG.as_bytes());
    assert_eq!(done.status, Some(1));
    assert!(done.out.starts_with(&format!("✗ failed  -:2: {WRONG_LINE}\n  passed  good.winspi\n")), "{}", done.out);
    let done = winspi_in(files.path(), &["explore", "-"], GOOD.as_bytes());
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
}

#[test]
fn one_document_of_all_files() {
    let files = all();
    let all = run_json(&files, &["sub", "bad.winspi", "cases.winspi"]);
    assert_eq!(all["passed"], false);
    assert_eq!(all["sum"], json!({"passed": 0, "failed": 2, "not_modelled": 1, "not_applicable": 1, "bad_input": 1}));
    let of = |place: usize| &all["files"][place];
    let names: Vec<&Value> = (0..5).map(|place| &of(place)["file"]).collect();
    assert_eq!(names, ["sub/deeper/gap.winspi", "sub/needs.winspi", "sub/wrong.winspi", "bad.winspi", "cases.winspi"]);
    assert_eq!((&of(0)["status"], &of(0)["message"]), (&json!("not modelled"), &json!("WSAJoinLeaf")));
    assert_eq!((&of(2)["line"], &of(2)["message"], &of(2)["passed"]), (&json!(2), &json!(WRONG_LINE), &json!(false)));
    assert_eq!(of(2)["report"]["failures"][0]["line"], 2);
    assert!(of(3)["errors"].as_str().is_some_and(|errors| errors.contains("did you mean `process`?")));
    assert_eq!(of(4)["cases"][1]["status"], "failed");
    assert_eq!(run(&files, &["good.winspi", "bad.winspi", "--json"]).status, Some(2));
}

#[test]
fn a_line_for_each_case() {
    gives(
        &["cases.winspi"],
        1,
        "Listening
base IFS

  passed          WSPListen.error-einval \"a socket without a name\"
✗ failed          WSPListen.wrong \"what is not so\", line 5: listen(s, 5): expected ok, found
                    WSAEINVAL (WSPListen.error-einval)
  not applicable  WSPListen.non-ifs \"the other\": needs non-ifs
  not modelled    WSPListen.gap \"what nobody models\", line 8: WSAJoinLeaf

4 cases: 1 passed, 1 failed, 1 not modelled, 1 not applicable
",
        "",
    );
    let report = run_json(&all(), &["cases.winspi"]);
    assert_eq!((&report["scenario"], &report["passed"]), (&json!("Listening"), &json!(false)));
    assert_eq!(
        report["cases"][1],
        json!({
            "name": "WSPListen.wrong", "title": "what is not so", "status": "failed", "passed": false,
            "message": "listen(s, 5): expected ok, found WSAEINVAL (WSPListen.error-einval)", "line": 5,
        })
    );
}

#[test]
fn cases_are_chosen_by_clause_or_title() {
    gives(
        &["cases.winspi", "--case", "THE OTHER", "--provider", "ifs"],
        0,
        "Listening\nbase IFS\n\n  not applicable  WSPListen.non-ifs \"the other\": needs non-ifs\n\n\
         1 case: 1 not applicable\n",
        "",
    );
    // One case alone is reported in full.
    let done = run(&all(), &["cases.winspi", "--case", "wrong"]);
    assert!(done.status == Some(1) && done.out.starts_with("what is not so\n"), "{}", done.out);
    assert!(done.out.ends_with("\nfailed: 1 expectation did not hold\n"), "{}", done.out);
    let none = "no case has `nothing` in its clause or title (--case)\n";
    gives(&["cases.winspi", "--case", "nothing"], 2, "", &format!("cases.winspi: {none}"));
    gives(&["cases.winspi", "good.winspi", "--case", "nothing"], 2, "", &format!("error: {none}"));
    gives(
        &["cases.winspi", "good.winspi", "--case", "einval"],
        0,
        "  passed  cases.winspi: 1 case: 1 passed\n\n1 file: 1 passed\n",
        "",
    );
}

#[test]
fn cases_have_no_other_order_than_their_own() {
    gives(&["cases.winspi", "--seed", "1"], 2, "", "cases.winspi: a random order (--seed) has no place for cases\n");
    let done = winspi_in(all().path(), &["explore", "cases.winspi"], b"");
    assert_eq!(done.status, Some(2));
    assert!(
        done.err.starts_with("cases.winspi:4:1: a file with cases is run (`winspi run`), not explored\n"),
        "{}",
        done.err
    );
}

#[test]
fn one_file_that_does_not_apply_or_is_not_modelled_is_no_failure() {
    gives(&["sub/needs.winspi"], 0, "sub/needs.winspi\nbase IFS\n\nnot applicable: needs non-ifs\n", "");
    assert_eq!(run_json(&all(), &["sub/needs.winspi"])["status"], "not applicable");
    let done = run(&all(), &["sub/deeper/gap.winspi"]);
    assert!(done.status == Some(0) && done.out.ends_with("\nnot modelled: WSAJoinLeaf\n"), "{}", done.out);
    let done = winspi_in(all().path(), &["explore", "sub/needs.winspi"], b"");
    assert!(done.status == Some(0) && done.out.ends_with("not applicable: needs non-ifs\n"), "{}", done.out);
}

/// Every committed scenario passes, or says why it does not apply, on the ten arrangements.
#[test]
fn the_scenarios_of_the_repository() {
    for words in [
        &[][..],
        &["--provider", "non-ifs"],
        &["--layers", "ifs"],
        &["--layers", "non-ifs"],
        &["--layers", "ifs,non-ifs"],
    ] {
        for more in [&[][..], &["--modify-handles"]] {
            let words = [&["run", "scenarios"], words, more].concat();
            let done = winspi_in(ROOT.as_ref(), &words, b"");
            assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{words:?}\n{}", done.out);
        }
    }
}
