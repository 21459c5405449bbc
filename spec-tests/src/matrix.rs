//! The matrix of a run: functions by what is known of their clauses, for a terminal and in Markdown.

use winspi_view::Look;
use winspi_view::grid::{Cell, Column, Grid, Row, heading, list};
use winspi_view::text::{Paint, count, visible};

use crate::report::{ClauseReport, ClauseState, Comparison, Report};
use crate::trial::State;

/// The report for people.
pub fn render(report: &Report, look: Look) -> String {
    let mut out = Paint::Strong.on("The conformance suite", look.colour);
    out.push('\n');
    let on = format!("{} · profile {}", report.arrangements.join(", "), report.profile);
    out.push_str(&Paint::Faint.on(&on, look.colour));
    out.push('\n');
    out.push_str(&heading("Clauses, by function", look));
    out.push_str(&grid(report).render(look));
    let wrong: Vec<_> = report.trials.iter().filter(|trial| !trial.outcome.is_expected()).collect();
    if !wrong.is_empty() {
        out.push_str(&heading("What did not hold", look));
        for trial in &wrong {
            let title = if trial.title.is_empty() { String::new() } else { format!(": {}", visible(&trial.title)) };
            let mark = Paint::Bad.on("✗", look.colour);
            out.push_str(&format!("{mark} {}{title} [{}]\n", trial.clause, trial.arrangement));
            let message = match trial.outcome.state {
                State::Passed => "it passes, and is listed in known-failures.toml".to_owned(),
                _ => visible(&trial.outcome.message),
            };
            out.push_str(&list(&[vec![format!("{}:{}", trial.file, trial.outcome.line), message]], look));
        }
    }
    out.push('\n');
    out.push_str(&last_line(report, look));
    out
}

/// The sum, in a line.
fn last_line(report: &Report, look: Look) -> String {
    let mut parts = vec![count(report.trials.len(), "trial")];
    for state in
        [State::Passed, State::Failed, State::Panicked, State::NotModelled, State::NotApplicable, State::Excepted]
    {
        let number = report.count(state);
        if number > 0 {
            parts.push(format!("{number} {}", state.name()));
        }
    }
    let known = report.trials.iter().filter(|trial| trial.outcome.known).count();
    if known > 0 {
        parts.push(format!("{known} known to fail"));
    }
    let (word, paint) = if report.passed() { ("passed", Paint::Good) } else { ("failed", Paint::Bad) };
    format!("{} · {}\n", paint.on(word, look.colour), parts.join(" · "))
}

/// Only functions of which a clause has a case, or should have one.
fn rows(report: &Report) -> Vec<(String, [usize; ClauseState::ALL.len()])> {
    let waits = ClauseState::ALL.iter().position(|state| *state == ClauseState::Waits);
    let asked = |row: &[usize; ClauseState::ALL.len()]| {
        row.iter().enumerate().any(|(place, number)| Some(place) != waits && *number > 0)
    };
    report.matrix().into_iter().filter(|(_, row)| asked(row)).collect()
}

fn sum(rows: &[(String, [usize; ClauseState::ALL.len()])]) -> [usize; ClauseState::ALL.len()] {
    rows.iter().fold([0; ClauseState::ALL.len()], |mut sum, (_, row)| {
        sum.iter_mut().zip(row).for_each(|(total, number)| *total += number);
        sum
    })
}

fn grid(report: &Report) -> Grid {
    let rows = rows(report);
    let all = sum(&rows);
    // What is nowhere needs no column.
    let shown = |place: usize| place == 0 || all[place] > 0;
    let states = ClauseState::ALL.iter().enumerate().filter(|(place, _)| shown(*place));
    let mut columns = vec![Column::fixed("function")];
    columns.extend(states.map(|(_, state)| Column::numbers(state.name())));
    let line = |name: &str, row: &[usize], begins: bool| {
        let wrong = |state: &ClauseState| {
            matches!(
                state,
                ClauseState::Failed | ClauseState::Panicked | ClauseState::NotModelled | ClauseState::NotCovered
            )
        };
        let numbers = ClauseState::ALL.iter().zip(row).enumerate().filter(|(place, _)| shown(*place));
        let cells = numbers.map(|(_, (state, number))| match number {
            0 => Cell::plain(""),
            _ if wrong(state) => Cell::of(number.to_string(), Paint::Bad),
            _ => Cell::plain(number.to_string()),
        });
        Row { begins, marked: false, cells: std::iter::once(Cell::plain(name)).chain(cells).collect() }
    };
    let mut lines: Vec<Row> = rows.iter().map(|(name, row)| line(name, row, false)).collect();
    lines.push(line("all", &all, true));
    Grid { columns, rows: lines }
}

/// The matrix as a table in Markdown, and below it what is neither shown nor waits, clause by clause.
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("| function |");
    for state in ClauseState::ALL {
        out.push_str(&format!(" {} |", state.name()));
    }
    out.push_str(&format!("\n|---|{}\n", "--:|".repeat(ClauseState::ALL.len())));
    let mut rows = report.matrix();
    rows.push(("**all**".to_owned(), sum(&rows)));
    for (name, row) in rows {
        out.push_str(&format!("| {name} |"));
        for number in row {
            out.push_str(&if number == 0 { " |".to_owned() } else { format!(" {number} |") });
        }
        out.push('\n');
    }
    out
}

/// Some clauses, each with why.
pub fn markdown_list(report: &Report, is_meant: impl Fn(&ClauseReport) -> bool) -> String {
    let clauses = report.clauses.iter().filter(|clause| is_meant(clause));
    clauses.map(|clause| format!("- `{}`: {}\n", clause.id, clause.why)).collect()
}

/// The sum, in a table of Markdown of one line for each part of the work.
pub fn markdown_sum(report: &Report) -> String {
    let mut parts: Vec<(&str, [usize; ClauseState::ALL.len()])> = Vec::new();
    for clause in &report.clauses {
        let place = parts.iter().position(|(part, _)| *part == clause.part).unwrap_or_else(|| {
            parts.push((&clause.part, [0; ClauseState::ALL.len()]));
            parts.len() - 1
        });
        if let Some(column) = ClauseState::ALL.iter().position(|state| *state == clause.state) {
            parts[place].1[column] += 1;
        }
    }
    parts.sort_unstable();
    let mut out = String::from("| part | clauses | shown | waits | not testable | open |\n|---|--:|--:|--:|--:|--:|\n");
    for (part, row) in parts {
        let of = |wanted: ClauseState| {
            let place = ClauseState::ALL.iter().position(|state| *state == wanted);
            place.map_or(0, |place| row[place])
        };
        let (all, shown) = (row.iter().sum::<usize>(), of(ClauseState::Passed));
        let (waits, not_testable) = (of(ClauseState::Waits), of(ClauseState::NotTestable));
        let open = all - shown - waits - not_testable;
        out.push_str(&format!("| {part} | {all} | {shown} | {waits} | {not_testable} | {open} |\n"));
    }
    out
}

/// What is other than it was, for people.
pub fn render_comparison(comparison: &Comparison, look: Look) -> String {
    let mut out = String::new();
    for (title, names, paint) in [
        ("Fixed", &comparison.fixed, Paint::Good),
        ("Broken", &comparison.broken, Paint::Bad),
        ("Appeared", &comparison.appeared, Paint::Plain),
        ("Gone", &comparison.gone, Paint::Plain),
    ] {
        if names.is_empty() {
            continue;
        }
        out.push_str(&heading(title, look));
        for name in names {
            out.push_str(&format!("  {}\n", paint.on(&visible(name), look.colour)));
        }
    }
    if out.is_empty() {
        out.push_str("\nNothing is other than it was.\n");
    }
    out
}
