//! What the tests that run scenarios share.

#![allow(dead_code)]

use std::sync::Arc;

use winspi_script::report::{Run, Verdict};
use winspi_script::syntax::{self, Diagnostic};
use winspi_script::{Arrangement, Script, run};

/// A scenario from its text.
#[track_caller]
pub(crate) fn script(text: &str) -> Arc<Script> {
    match read(text) {
        Ok(script) => script,
        Err(errors) => panic!("{}", errors.iter().map(|e| e.render("text")).collect::<Vec<_>>().join("\n")),
    }
}

/// A scenario, or what is wrong with its text.
pub(crate) fn read(text: &str) -> Result<Arc<Script>, Vec<Diagnostic>> {
    syntax::parse(text).and_then(|file| Script::new(&file, text))
}

/// Runs a text.
#[track_caller]
pub(crate) fn run_text(text: &str) -> Run {
    run_on(text, &Arrangement::default())
}

/// Runs a text on an arrangement.
#[track_caller]
pub(crate) fn run_on(text: &str, arrangement: &Arrangement) -> Run {
    run::run(&script(text), arrangement).expect("the arrangement is possible")
}

/// Runs a text that holds, on all five arrangements.
#[track_caller]
pub(crate) fn passes(text: &str) {
    for arrangement in Arrangement::five() {
        let run = run_on(text, &arrangement);
        assert_eq!(run.verdict(), Verdict::Passed, "on {}: {:#?} {:?}", arrangement.name(), run.failures, run.breaches);
    }
}

/// Runs a text of which something does not hold: the failures as `line: message`.
#[track_caller]
pub(crate) fn fails(text: &str, expected: &[&str]) {
    let run = run_text(text);
    let found: Vec<String> = run.failures.iter().map(|f| format!("{}: {}", f.line, f.message)).collect();
    assert_eq!(found, expected);
    assert!(!run.passed);
}

/// A text that is refused: `line:column: message`, and behind ` / ` what is suggested.
#[track_caller]
pub(crate) fn refused(text: &str, expected: &[&str]) {
    let errors = read(text).expect_err("the text is refused");
    let show = |e: &Diagnostic| match &e.suggestion {
        Some(suggestion) => format!("{e} / {suggestion}"),
        None => e.to_string(),
    };
    assert_eq!(errors.iter().map(show).collect::<Vec<_>>(), expected);
}

/// A server and a client that are connected: `a` and `c`, with the listening socket `l`.
pub(crate) const CONNECTED: &str = "process server
process client
setup {
    server: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: bind(l, 127.0.0.1:80)
    server: listen(l, 5)
    client: c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    client: connect(c, 127.0.0.1:80)
    server: a = accept(l)
}
";
