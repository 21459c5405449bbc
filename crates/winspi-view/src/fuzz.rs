//! The report of a campaign of fuzzing: how much was run, what was reached, what is wrong.

use serde_json::{Value as Json, json};
use winspi_explore::fuzz::{Checks, Report};

use crate::Look;
use crate::exploration::number;
use crate::grid::{heading, list};
use crate::text::{Paint, count, paragraph, visible};

/// What became of a file of the corpus, which was run before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub file: String,
    /// What did not hold; empty where everything did.
    pub failures: Vec<String>,
}

/// Whether everything held, in the corpus as well.
pub fn passed(report: &Report, corpus: &[Kept]) -> bool {
    report.passed() && corpus.iter().all(|kept| kept.failures.is_empty())
}

/// The report for people. It has no times and no rates: the same campaign gives the same bytes.
pub fn render(report: &Report, corpus: &[Kept], look: Look) -> String {
    let mut out = format!("{}\n", Paint::Strong.on("Random programs", look.colour));
    out.push_str(&format!("{}\n", Paint::Faint.on(&head(report), look.colour)));
    out.push_str(&kept(corpus, look));
    out.push_str(&heading("What was run", look));
    let row = |what: &str, n: u64| vec![what.to_owned(), number(n)];
    let rows = [row("programs", report.cases), row("calls", report.calls), row("transitions", report.transitions)];
    out.push_str(&list(&rows, look));
    if report.options.checks == Checks::All {
        out.push_str(&heading("What was reached", look));
        let rows: Vec<_> = report.statistics.iter().map(|(what, n)| row(what.text(), n)).collect();
        out.push_str(&list(&rows, look));
    }
    for finding in &report.findings {
        out.push_str(&heading(&format!("A finding: {}", finding.rule), look));
        out.push_str(&paragraph(&visible(&finding.what), 2, look.width));
        let met = count(finding.times as usize, "program");
        let shown = if finding.repeats {
            let machine = if finding.machine.is_empty() { String::new() } else { format!(" {}", finding.machine) };
            format!("winspi run {}{machine}", finding.file_name())
        } else {
            "a plain run does not show it".to_owned()
        };
        out.push_str(&paragraph(&format!("met in {met}, first in program {}; {shown}", finding.case), 2, look.width));
        out.push('\n');
        finding.text.lines().for_each(|line| out.push_str(&format!("    {}\n", visible(line))));
    }
    let lacking = report.lacking();
    if !lacking.is_empty() {
        out.push_str(&heading("Too little was reached", look));
        let line = "Programs of this profile are about these, and none came to it. Run more of them, longer ones, or with \
                    more processes.";
        out.push_str(&paragraph(line, 2, look.width));
        let rows: Vec<_> = lacking.iter().map(|what| vec![what.text().to_owned()]).collect();
        out.push_str(&list(&rows, look));
    }
    let (word, paint) = if passed(report, corpus) { ("passed", Paint::Good) } else { ("FAILED", Paint::Bad) };
    out.push_str(&format!("\n{}\n", paint.on(word, look.colour)));
    out
}

fn head(report: &Report) -> String {
    let options = &report.options;
    let word = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let parts: Vec<String> = report.parts.iter().filter(|part| part.of > 1).map(ToString::to_string).collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" · part {}", parts.join(", ")) };
    format!(
        "seed {} · profile {} · {} · at most {} in {} · checks {}{parts}",
        options.seed,
        word(&json!(options.profile)),
        count(report.cases as usize, "program"),
        count(options.steps, "line"),
        count(options.processes, "process").replace("processs", "processes"),
        word(&json!(options.checks)),
    )
}

/// The files of the corpus.
fn kept(corpus: &[Kept], look: Look) -> String {
    if corpus.is_empty() {
        return String::new();
    }
    let mut out = heading("The corpus", look);
    let rows = corpus.iter().map(|kept| {
        let what = kept.failures.first().map_or("holds".to_owned(), |failure| format!("FAILED: {failure}"));
        vec![visible(&kept.file), visible(&what)]
    });
    out.push_str(&list(&rows.collect::<Vec<_>>(), look));
    out
}

/// The report as one JSON object; `winspi fuzz --merge` reads it.
pub fn render_json(report: &Report, corpus: &[Kept]) -> String {
    let mut object = json!(report);
    if let Json::Object(members) = &mut object {
        let lacking: Vec<&str> = report.lacking().iter().map(|what| what.text()).collect();
        let corpus: Vec<Json> =
            corpus.iter().map(|kept| json!({"file": kept.file, "failures": kept.failures})).collect();
        members.insert("lacking".to_owned(), json!(lacking));
        members.insert("corpus".to_owned(), json!(corpus));
    }
    if let Json::Object(members) = &mut object {
        members.insert("passed".to_owned(), json!(passed(report, corpus)));
    }
    format!("{object:#}\n")
}
