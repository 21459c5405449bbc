//! Many files, or many cases, in a line each: what became of it, what it is called, what did not hold first.

use std::fmt;

use serde_json::{Map, Value as Json, json};
use winspi_script::report::Verdict;
use winspi_script::run::{CaseRun, CaseState, first_problem};
use winspi_script::{Run, Script};

use crate::text::{Paint, count, pad, visible, width, wrap};
use crate::{Given, Look, json as report};

/// What became of a file or a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Everything held.
    Passed,
    /// Something did not hold.
    Failed,
    /// The model has a gap where it is needed.
    NotModelled,
    /// The arrangement lacks what is needed.
    NotApplicable,
    /// It could not be read, or is not in the language.
    BadInput,
}

impl Status {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Status; 5] =
        [Status::Passed, Status::Failed, Status::NotModelled, Status::NotApplicable, Status::BadInput];

    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::NotModelled => "not modelled",
            Status::NotApplicable => "not applicable",
            Status::BadInput => "bad input",
        }
    }

    /// Whether something is wrong.
    pub const fn is_bad(self) -> bool {
        matches!(self, Status::Failed | Status::BadInput)
    }

    /// The status of a case.
    pub fn of_case(case: &CaseRun) -> Status {
        match case.state {
            CaseState::Passed => Status::Passed,
            CaseState::Failed => Status::Failed,
            CaseState::NotModelled => Status::NotModelled,
            CaseState::NotApplicable(_) => Status::NotApplicable,
        }
    }

    /// The status of a run.
    pub fn of_run(run: &Run) -> Status {
        match run.verdict() {
            Verdict::Passed => Status::Passed,
            Verdict::Failed => Status::Failed,
            Verdict::NotModelled(_) => Status::NotModelled,
        }
    }

    fn paint(self) -> Paint {
        match self {
            Status::Passed => Paint::Good,
            Status::Failed | Status::BadInput => Paint::Bad,
            Status::NotModelled | Status::NotApplicable => Paint::Faint,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What became of one file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The file, as the user named it.
    pub file: String,
    /// What became of it.
    pub status: Status,
    /// The line that the message is about.
    pub line: Option<u32>,
    /// What did not hold first, or why it was not run; empty if it passed.
    pub message: String,
    /// What a program gets to know beside: members of the object of this file.
    pub more: Map<String, Json>,
}

impl Entry {
    /// A file that was run.
    pub fn of_run(run: &Run, given: &Given<'_>) -> Entry {
        let status = Status::of_run(run);
        let message = match run.verdict() {
            Verdict::Passed => String::new(),
            Verdict::NotModelled(gap) => gap,
            Verdict::Failed => first_problem(run),
        };
        let line = run.failures.first().map(|failure| failure.line).filter(|line| *line > 0);
        Entry::new(given.file, status, line, message).with("report", report::object(run, given))
    }

    /// A file with cases: it fails where one of them does, and is what most matters otherwise.
    pub fn of_cases(cases: &[CaseRun], given: &Given<'_>) -> Entry {
        let all: Vec<Status> = cases.iter().map(Status::of_case).collect();
        let has = |status: Status| all.contains(&status);
        let order = [Status::Failed, Status::NotModelled, Status::Passed, Status::NotApplicable];
        let status = order.into_iter().find(|status| has(*status)).unwrap_or(Status::NotApplicable);
        let telling = cases.iter().find(|case| Status::of_case(case) == status && status != Status::Passed);
        let first = telling.map_or(String::new(), |case| format!("; {}: {}", case.name, case.message));
        let message = format!("{}{first}", sum(&all, "case"));
        Entry::new(given.file, status, telling.map(|case| case.line), message).with("cases", self::cases(cases))
    }

    /// A file that does not apply.
    pub fn not_applicable(file: &str, lacks: String) -> Entry {
        Entry::new(file, Status::NotApplicable, None, lacks)
    }

    /// A file that could not be run: the errors as they are told.
    pub fn bad_input(file: &str, errors: &str) -> Entry {
        let first = errors.lines().next().unwrap_or_default();
        let rest = first.strip_prefix(file).map_or(first, |rest| rest.trim_start_matches(':').trim_start());
        // `line:column: message`, unless the whole file is meant.
        let place = rest.split_once(": ").and_then(|(place, message)| Some((place.split_once(':')?.0, message)));
        let place = place.and_then(|(line, message)| Some((line.parse().ok()?, message)));
        let (line, message) = place.map_or((None, rest), |(line, message)| (Some(line), message));
        Entry::new(file, Status::BadInput, line, message.to_owned()).with("errors", json!(errors))
    }

    fn new(file: &str, status: Status, line: Option<u32>, message: String) -> Entry {
        Entry { file: file.to_owned(), status, line, message, more: Map::new() }
    }

    fn with(mut self, name: &str, value: Json) -> Entry {
        self.more.insert(name.to_owned(), value);
        self
    }

    fn text(&self) -> String {
        let place = self.line.map_or(String::new(), |line| format!(":{line}"));
        let message = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        format!("{}{place}{message}", self.file)
    }
}

/// Several files for people: a line for each, and the sum.
pub fn render(files: &[Entry], left_out: &[String], look: Look) -> String {
    let rows: Vec<(Status, String)> = files.iter().map(|entry| (entry.status, entry.text())).collect();
    let mut out = lines(&rows, look);
    out.push('\n');
    for note in left_out {
        out.push_str(&format!("{}\n", Paint::Faint.on(&visible(note), look.colour)));
    }
    out + &last_line(&files.iter().map(|entry| entry.status).collect::<Vec<_>>(), "file", look)
}

/// Several files for programs.
pub fn render_json(files: &[Entry], left_out: &[String]) -> String {
    let all: Vec<Status> = files.iter().map(|entry| entry.status).collect();
    let objects: Vec<Json> = files
        .iter()
        .map(|entry| {
            let mut object = Map::new();
            object.insert("file".to_owned(), json!(entry.file));
            object.insert("status".to_owned(), json!(entry.status.name()));
            object.insert("passed".to_owned(), json!(entry.status == Status::Passed));
            object.insert("line".to_owned(), json!(entry.line));
            object.insert("message".to_owned(), json!(entry.message));
            object.extend(entry.more.clone());
            Json::Object(object)
        })
        .collect();
    let passed = !all.iter().any(|status| status.is_bad());
    format!("{:#}\n", json!({"passed": passed, "sum": counts(&all), "left_out": left_out, "files": objects}))
}

/// The cases of one file for people: title, arrangement, a line for each case, and the sum.
pub fn render_cases(cases: &[CaseRun], script: &Script, given: &Given<'_>, look: Look) -> String {
    let title = script.title.as_deref().unwrap_or(given.file);
    let mut out = format!("{}\n", Paint::Strong.on(&visible(title), look.colour));
    for about in &script.about {
        out.push_str(&crate::text::paragraph(&visible(about), 0, look.width));
    }
    out.push_str(&format!("{}\n\n", Paint::Faint.on(&given.arrangement.name(), look.colour)));
    let rows: Vec<(Status, String)> = cases.iter().map(|case| (Status::of_case(case), case_text(case))).collect();
    out.push_str(&lines(&rows, look));
    out.push('\n');
    out + &last_line(&rows.iter().map(|(status, _)| *status).collect::<Vec<_>>(), "case", look)
}

/// The cases of one file for programs.
pub fn render_cases_json(all: &[CaseRun], script: &Script, given: &Given<'_>) -> String {
    let statuses: Vec<Status> = all.iter().map(Status::of_case).collect();
    let object = json!({
        "scenario": script.title.as_deref().unwrap_or(given.file),
        "about": script.about,
        "arrangement": arrangement(script, given),
        "passed": !statuses.iter().any(|status| status.is_bad()),
        "sum": counts(&statuses),
        "cases": cases(all),
    });
    format!("{object:#}\n")
}

/// A file that does not apply, for people.
pub fn render_lacking(lacks: &str, script: &Script, given: &Given<'_>, look: Look) -> String {
    let title = script.title.as_deref().unwrap_or(given.file);
    let line = Paint::Faint.on(&given.arrangement.name(), look.colour);
    format!("{}\n{line}\n\nnot applicable: {lacks}\n", Paint::Strong.on(&visible(title), look.colour))
}

/// A file that does not apply, for programs.
pub fn render_lacking_json(lacks: &str, script: &Script, given: &Given<'_>) -> String {
    let object = json!({
        "scenario": script.title.as_deref().unwrap_or(given.file),
        "about": script.about,
        "arrangement": arrangement(script, given),
        "passed": false,
        "status": Status::NotApplicable.name(),
        "message": lacks,
    });
    format!("{object:#}\n")
}

fn arrangement(script: &Script, given: &Given<'_>) -> Json {
    report::arrangement(given, &script.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>())
}

fn cases(cases: &[CaseRun]) -> Json {
    cases
        .iter()
        .map(|case| {
            json!({
                "name": case.name,
                "title": case.title,
                "status": Status::of_case(case).name(),
                "passed": case.passed,
                "message": case.message,
                "line": case.line,
            })
        })
        .collect()
}

fn case_text(case: &CaseRun) -> String {
    let place = match Status::of_case(case) {
        Status::Passed => String::new(),
        Status::NotApplicable => format!(": {}", case.message),
        _ => format!(", line {}: {}", case.line, case.message.strip_prefix("not modelled: ").unwrap_or(&case.message)),
    };
    format!("{} \"{}\"{place}", case.name, case.title)
}

/// A line for each: a mark, the status, the text.
fn lines(rows: &[(Status, String)], look: Look) -> String {
    let columns = rows.iter().map(|(status, _)| width(status.name())).max().unwrap_or(0);
    let margin = 2 + columns + 2;
    let mut out = String::new();
    for (status, text) in rows {
        let mark = if status.is_bad() { "✗" } else { " " };
        let name = pad(status.name(), columns);
        let start = format!("{mark} {name}  ");
        let start = if *status == Status::Passed { start } else { status.paint().on(&start, look.colour) };
        for (place, line) in wrap(&visible(text), look.width.saturating_sub(margin).max(24), 2).iter().enumerate() {
            let before = if place == 0 { start.clone() } else { " ".repeat(margin) };
            out.push_str(&format!("{before}{line}\n"));
        }
    }
    out
}

/// `3 files: 2 passed, 1 failed`.
fn sum(all: &[Status], word: &str) -> String {
    let number = |status: Status| all.iter().filter(|s| **s == status).count();
    let parts = Status::ALL.map(|status| (number(status), status));
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, status)| format!("{n} {status}")).collect();
    format!("{}: {}", count(all.len(), word), parts.join(", "))
}

fn last_line(all: &[Status], word: &str, look: Look) -> String {
    let paint = if all.iter().any(|status| status.is_bad()) { Paint::Bad } else { Paint::Good };
    format!("{}\n", paint.on(&sum(all, word), look.colour))
}

fn counts(all: &[Status]) -> Json {
    let number = |status: Status| all.iter().filter(|s| **s == status).count();
    let parts = Status::ALL.map(|status| (status.name().replace(' ', "_"), json!(number(status))));
    Json::Object(parts.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{HANDOFF, WRONG, ran};

    fn entries() -> Vec<Entry> {
        let (good, given) = ran(HANDOFF);
        let (bad, wrong) = ran(WRONG);
        let mut entry = Entry::of_run(&good, &given.given());
        entry.file = "good.winspi".to_owned();
        vec![
            entry,
            Entry::of_run(&bad, &wrong.given()),
            Entry::not_applicable("other.winspi", "needs ifs".to_owned()),
            Entry::bad_input("bad.winspi", "bad.winspi:2:1: expected a statement\n    2 | x\n"),
        ]
    }

    #[test]
    fn a_line_for_each_file_and_the_sum() {
        let expected = "  passed          good.winspi
✗ failed          wrong.winspi:4: WSPListen(0x7fc, 5): expected success, found WSAENOTSOCK
                    (WSPListen.error-enotsock)
  not applicable  other.winspi: needs ifs
✗ bad input       bad.winspi:2: expected a statement

4 files: 1 passed, 1 failed, 1 not applicable, 1 bad input
";
        assert_eq!(render(&entries(), &[], Look::PLAIN), expected);
    }

    #[test]
    fn the_same_for_programs() {
        let all: Json = serde_json::from_str(&render_json(&entries(), &["3 files".to_owned()])).expect("it is JSON");
        assert_eq!(all["passed"], false);
        assert_eq!(
            all["sum"],
            json!({"passed": 1, "failed": 1, "not_modelled": 0, "not_applicable": 1, "bad_input": 1})
        );
        assert_eq!(all["files"][0]["report"]["passed"], true);
        assert_eq!((&all["files"][1]["line"], &all["files"][1]["status"]), (&json!(4), &json!("failed")));
        assert_eq!(all["files"][3]["errors"], "bad.winspi:2:1: expected a statement\n    2 | x\n");
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let colourful = render(&entries(), &[], Look { colour: true, ..Look::PLAIN });
        assert!(colourful.contains('\u{1b}'));
        let parts = colourful.split('\u{1b}').enumerate();
        let plain: String =
            parts.map(|(n, p)| if n == 0 { p } else { p.split_once('m').map_or("", |(_, rest)| rest) }).collect();
        assert_eq!(plain, render(&entries(), &[], Look::PLAIN));
    }
}
