//! The command `winspi conform`, as a user meets it.

mod common;

use std::path::Path;

use common::{Done, ROOT, file, folder, winspi};
use serde_json::Value;

fn conform(arguments: &[&str]) -> Done {
    winspi(&[&["conform"], arguments].concat())
}

fn path(file: &Path) -> &str {
    file.to_str().expect("the path is text")
}

#[test]
fn a_filter_takes_some_and_the_sum_stands_last() {
    let ran = conform(&["WSPBind.assigns-name"]);
    assert_eq!(ran.status, Some(0), "{}", ran.out);
    assert!(ran.out.contains("\n  WSPBind"), "{}", ran.out);
    assert!(ran.out.ends_with("passed · 5 trials · 5 passed\n"), "{}", ran.out);
    let one = conform(&["WSPBind.assigns-name", "--arrangement", "non-ifs,ifs-layer"]);
    assert!(one.out.ends_with("passed · 2 trials · 2 passed\n"));
}

#[test]
fn what_cannot_be_asked_for_is_told_with_status_2() {
    let nothing = file("no-report.json", b"{\"format\": 1}");
    let old =
        file("old-report.json", b"{\"format\":9,\"profile\":\"\",\"arrangements\":[],\"trials\":[],\"clauses\":[]}");
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
        assert_eq!(ran.status, Some(2), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_suite_of_a_folder_that_fails_gives_status_1_and_the_place() {
    let within = |path: &str| Path::new(ROOT).join("spec-tests").join(path);
    let read = |path: &Path| std::fs::read_to_string(path).expect("it can be read");
    let mut files = vec![("owners.toml".to_owned(), read(&within("owners.toml")))];
    for entry in within("clauses").read_dir().expect("it can be read") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("the name is text");
        files.push((format!("clauses/{name}"), read(&path)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let suite = folder(&[&files[..], &[("cases/wsp_listen.winspi", "")]].concat());
    let write = |case: &str| {
        let prelude = "process p\nsetup { p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) }\n";
        let text = format!("{prelude}case WSPListen.error-einval \"\" {{\n    {case}\n}}\n");
        std::fs::write(suite.path().join("cases/wsp_listen.winspi"), text).expect("it can be written");
    };
    write("p: WSPListen(s, 5) => WSAEFAULT");
    let ran = conform(&["--suite", path(suite.path())]);
    assert_eq!(ran.status, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("✗ WSPListen.error-einval [ifs]\n  cases/wsp_listen.winspi:4  "), "{}", ran.out);
    assert!(ran.out.ends_with("failed · 5 trials · 5 failed\n"), "{}", ran.out);
    write("p: WSPListn(s, 5) => WSAEFAULT");
    let ran = conform(&["--suite", path(suite.path())]);
    assert_eq!(ran.status, Some(2), "{}", ran.err);
    assert!(ran.err.contains("cases/wsp_listen.winspi:4:8: ") && ran.err.contains("WSPListen"), "{}", ran.err);
}

#[test]
fn reports_are_written_compared_and_exported() {
    let written = folder(&[]);
    let [report, junit, vectors] = ["report.json", "report.xml", "vectors.json"].map(|name| written.path().join(name));
    let read = |path: &Path| std::fs::read_to_string(path).expect("it was written");
    let parsed = |path: &Path| serde_json::from_str::<Value>(&read(path)).expect("it is JSON");
    let ran = conform(&["WSPBind", "--json", path(&report), "--junit", path(&junit)]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert_eq!(parsed(&report)["trials"][0]["state"], "passed");
    let xml = read(&junit);
    assert!(xml.contains("<testsuite name=\"WSPBind\"") && xml.contains("classname=\"non-ifs\""), "{xml}");
    let same = conform(&["WSPBind", "--compare", path(&report)]);
    assert!(same.out.ends_with("\nNothing is other than it was.\n"));
    let fewer = conform(&["WSPBind.assigns-name", "--arrangement", "ifs", "--compare", path(&report)]);
    assert!(fewer.out.ends_with("\nNothing is other than it was.\n"), "{}", fewer.out);
    let ran = conform(&["WSPBind", "--export", path(&vectors)]);
    assert_eq!(ran.status, Some(0));
    let vectors = parsed(&vectors);
    let first = &vectors["vectors"][0];
    assert_eq!((&first["clause"], &first["level"]), (&"WSPBind.returns-zero".into(), &"must".into()));
    assert_eq!(first["setup"][0]["bind"], "s");
    assert_eq!(first["steps"][0]["call"], "WSPBind(s, 127.0.0.1:5000)");
    assert_eq!(first["steps"][0]["allowed"], "{value=0, error=0}");
}
