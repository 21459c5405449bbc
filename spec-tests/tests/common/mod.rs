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

/// The names of the scenarios in a folder of the repository, sorted, without `.winspi`.
pub fn scenarios(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".winspi").map(str::to_owned)).collect();
    names.sort();
    names
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

/// What became of a scenario on an arrangement: `Ok` is what it lacks of what the scenario needs, if anything; `Err` is
/// what did not hold, or a need that is none since the scenario passes without.
pub fn applies(script: &Arc<Script>, arrangement: &Arrangement) -> Result<Option<String>, String> {
    let lacks = run::lacking(script, arrangement);
    let run = match (run::run(script, arrangement), &lacks) {
        (Ok(run), _) => run,
        (Err(_), Some(_)) => return Ok(lacks),
        (Err(error), None) => return Err(error.to_string()),
    };
    match (run.passed, lacks) {
        (true, Some(lacks)) => Err(format!("it passes without what it says: {lacks}")),
        (true, None) => Ok(None),
        (false, Some(lacks)) => Ok(Some(lacks)),
        (false, None) => {
            let failures = run.failures.iter().map(|f| format!("{}:{} {}", f.line, f.column, f.message));
            let breaches = run.breaches.iter().map(|(_, breach)| format!("breach: {breach:?}"));
            let leaks = run.leaks.iter().map(|leak| format!("leak: {leak}"));
            Err(failures.chain(breaches).chain(leaks).collect::<Vec<_>>().join("\n    "))
        }
    }
}

/// The five arrangements, each with the proposed handles and with changed ones.
pub fn ten_arrangements() -> Vec<(String, Arrangement)> {
    let both = |arrangement: Arrangement| {
        let changed = Arrangement { modify_handles: true, ..arrangement.clone() };
        let name = arrangement.name();
        [(name.clone(), arrangement), (format!("{name}, changed handles"), changed)]
    };
    Arrangement::five().into_iter().flat_map(both).collect()
}

/// Runs each case of a table after the prelude, in a fresh system, on all five arrangements.
///
/// A case is a line; lines below it that are indented more belong to it. `by CLAUSE` says what a refusal rests on,
/// `## CLAUSE` at the end of a case which rule its last call has carried out.
#[track_caller]
#[allow(dead_code)]
pub fn table(prelude: &str, cases: &str) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = cases.lines().filter(|l| !l.trim().is_empty() && !l.trim().starts_with('#')).peekable();
    let first = lines.peek().copied().map_or(0, indent);
    while let Some(line) = lines.next() {
        let mut case = line.trim().to_owned();
        while let Some(more) = lines.next_if(|line| indent(line) > first) {
            case += &format!("\n{}", more.trim());
        }
        let script = script(&format!("{prelude}\n{case}\n"));
        let rule = case.split_once("## ").map(|(_, rule)| rule.trim());
        for arrangement in Arrangement::five() {
            let run = run::run(&script, &arrangement).expect("the arrangement is possible");
            let name = arrangement.name();
            assert!(run.passed, "{case}\non {name}: {:#?}\nbreaches {:?}", run.failures, run.breaches);
            let row = run.rows.last().expect("a case has a call");
            let carried_out = rule.is_none_or(|rule| row.rules.iter().any(|r| r == rule));
            assert!(carried_out, "{case}\non {name} carries out {:?}", row.rules);
        }
    }
}
