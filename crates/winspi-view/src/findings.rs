//! What a run leaves: what is open, what was broken, what did not hold, and the verdict.

use winspi_core::id::InstanceId;
use winspi_script::Run;
use winspi_script::report::{Failure, Verdict};
use winspi_script::rest::DEADLOCK;
use winspi_script::syntax::Diagnostic;

use crate::grid::{heading, list};
use crate::text::{Paint, count, visible};
use crate::why::named;
use crate::{Given, Look, process_name};

/// What is open at the end.
pub fn open(run: &Run, look: Look) -> String {
    if run.open.is_empty() {
        return String::new();
    }
    let mut before = "";
    let mut rows = Vec::new();
    for open in &run.open {
        let process = if before == open.process { "" } else { &open.process };
        before = &open.process;
        rows.push(vec![process.to_owned(), open.handle.clone(), open.names.join(", "), open.what.clone()]);
    }
    heading("Open at the end", look) + &list(&rows, look)
}

/// Leaks, breaches and hazards.
pub fn duties(run: &Run, look: Look) -> String {
    let mut out = String::new();
    if !run.leaks.is_empty() {
        out.push_str(&heading("Leaks: nobody can reach this any more", look));
        let rows: Vec<_> = run.leaks.iter().map(|leak| vec![visible(leak)]).collect();
        out.push_str(&list(&rows, look));
    }
    if !run.breaches.is_empty() {
        out.push_str(&heading("Duties that providers broke", look));
        let rows: Vec<_> = run
            .breaches
            .iter()
            .map(|(row, breach)| {
                let provider = provider(run, breach.provider);
                let what = format!("{}: {} ({})", breach.duty.name(), breach.seen, named(breach.basis));
                vec![line_of(run, *row), provider, visible(&what)]
            })
            .collect();
        out.push_str(&list(&rows, look));
    }
    if !run.hazards.is_empty() {
        out.push_str(&heading("Works, and may not be meant", look));
        let rows: Vec<_> = run
            .hazards
            .iter()
            .map(|(row, hazard)| vec![line_of(run, *row), visible(&format!("{}: {}", hazard.kind.name(), hazard.seen))])
            .collect();
        out.push_str(&list(&rows, look));
    }
    out
}

fn line_of(run: &Run, row: usize) -> String {
    run.rows.get(row).map_or("at the end".to_owned(), |row| format!("line {}", row.line))
}

/// A provider and the process that has it: `layer1 in source`.
fn provider(run: &Run, id: InstanceId) -> String {
    let name = provider_name(run, id);
    match process_name(run, id.process) {
        Some(process) => format!("{name} in {process}"),
        None => name.to_owned(),
    }
}

/// The name of a provider of a run.
pub(crate) fn provider_name(run: &Run, id: InstanceId) -> &str {
    run.providers.get(usize::from(id.provider.0)).map_or("a provider", String::as_str)
}

/// What did not hold, each with its place, its line, and a mark below it.
pub fn failures(run: &Run, given: &Given<'_>, look: Look) -> String {
    section("Did not hold", &run.failures, given, look)
}

/// Lines that a fault of the schedule gives another result, each with its place.
pub fn changes(run: &Run, given: &Given<'_>, look: Look) -> String {
    section("What a fault of the schedule changes", &run.changes, given, look)
}

fn section(title: &str, failures: &[Failure], given: &Given<'_>, look: Look) -> String {
    if failures.is_empty() {
        return String::new();
    }
    let failures: Vec<String> = failures.iter().map(|failure| rendered(failure, given)).collect();
    heading(title, look) + &failures.join("\n")
}

fn rendered(failure: &Failure, given: &Given<'_>) -> String {
    let message = visible(&failure.message);
    let file = visible(given.file);
    let line = (failure.line as usize).checked_sub(1).and_then(|line| given.text.lines().nth(line));
    let Some(line) = line else { return format!("{file}: {message}\n") };
    let place = Diagnostic {
        line: failure.line,
        column: failure.column,
        length: 1,
        message,
        expected: Vec::new(),
        suggestion: None,
        line_text: line.to_owned(),
    };
    place.render(&file)
}

/// `passed`, or what was not as it should be, or what nobody models.
pub fn verdict(run: &Run) -> String {
    match run.verdict() {
        Verdict::Passed => return "passed".to_owned(),
        Verdict::NotModelled(gap) => return format!("not modelled: {}", visible(&gap)),
        Verdict::Failed => {}
    }
    let blocked = run.rows.iter().filter(|row| row.blocked && !row.held && row.outcome.is_none()).count();
    // A deadlock is one failure of several calls; otherwise each call that is blocked is one.
    let deadlocks = run.failures.iter().filter(|failure| failure.message.starts_with(DEADLOCK)).count();
    let told = if deadlocks > 0 { deadlocks } else { blocked };
    let failed = run.failures.len().saturating_sub(told);
    let parts = [
        (failed, format!("{} did not hold", count(failed, "expectation"))),
        (
            blocked,
            format!(
                "{} still blocked",
                if blocked == 1 { "1 call is".to_owned() } else { format!("{blocked} calls are") }
            ),
        ),
        (
            run.breaches.len(),
            format!(
                "{} broken",
                if run.breaches.len() == 1 {
                    "1 duty was".to_owned()
                } else {
                    format!("{} duties were", run.breaches.len())
                }
            ),
        ),
        (run.leaks.len(), count(run.leaks.len(), "leak")),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect();
    format!("failed: {}", parts.join(", "))
}

/// The verdict in its paint, as the last line.
pub fn last_line(run: &Run, look: Look) -> String {
    let paint = match run.verdict() {
        Verdict::Passed => Paint::Good,
        Verdict::Failed => Paint::Bad,
        Verdict::NotModelled(_) => Paint::Strong,
    };
    format!("\n{}\n", paint.on(&verdict(run), look.colour))
}
