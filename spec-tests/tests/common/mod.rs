//! What the tests of scenarios share.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use winspi_script::report::Run;
use winspi_script::{Arrangement, Script, run, syntax};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("spec-tests lies in the repository").to_owned()
}

/// A scenario of the repository, ready to run.
#[track_caller]
pub fn scenario(path: &str) -> Arc<Script> {
    let text = std::fs::read_to_string(root().join(path)).expect("the scenario is in the repository");
    script(&text)
}

/// A scenario from its text.
#[track_caller]
pub fn script(text: &str) -> Arc<Script> {
    let rendered =
        |errors: Vec<syntax::Diagnostic>| errors.iter().map(|e| e.render("scenario")).collect::<Vec<_>>().join("\n");
    let script = syntax::parse(text).and_then(|file| Script::new(&file, text)).map_err(rendered);
    script.unwrap_or_else(|errors| panic!("{errors}"))
}

/// Runs a scenario in text order, and fails with what did not hold.
#[track_caller]
pub fn passes(script: &Arc<Script>, arrangement: &Arrangement) -> Run {
    let run = run::run(script, arrangement).expect("the arrangement is possible");
    assert!(
        run.passed,
        "on {}: {:#?}\nbreaches {:?}\nleaks {:?}",
        arrangement.name(),
        run.failures,
        run.breaches,
        run.leaks
    );
    run
}
