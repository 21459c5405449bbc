//! The report of an exploration: how much there is, how it can end, what must not be, what a kill changes.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use winspi_core::Transition;
use winspi_explore::{EndClass, EndKind, Exploration, Reduction, Stopped, ThreadState, ViolationKind, order};

use crate::grid::{heading, list};
use crate::text::{Paint, count, paragraph, visible};
use crate::{Given, Look};

/// The report for people.
pub fn render(found: &Exploration, given: &Given<'_>, faults: &str, look: Look) -> String {
    let script = found.script();
    let title = script.title.as_deref().unwrap_or(given.file);
    let mut out = format!("{}\n", Paint::Strong.on(&visible(title), look.colour));
    let grain = format!("{:?}", given.arrangement.grain).to_lowercase();
    let line = format!("{} · every order, grain {grain} · {faults}", given.arrangement.name());
    out.push_str(&format!("{}\n", Paint::Faint.on(&line, look.colour)));
    out.push_str(&heading("What was met", look));
    out.push_str(&list(
        &[
            vec!["states".to_owned(), number(found.unique)],
            vec!["transitions".to_owned(), number(found.transitions)],
            vec!["longest shortest way".to_owned(), format!("{} transitions", found.depth)],
            vec!["kills".to_owned(), number(found.coverage.kills)],
            vec!["end states".to_owned(), number(found.end_states)],
        ],
        look,
    ));
    out.push_str(&reduction(found, look));
    out.push_str(&ends(found, look));
    out.push_str(&changes(found, look));
    out.push_str(&violations(found, given, look));
    out.push_str(&format!("\n{}\n", verdict(found, look)));
    out
}

/// Whether orders were left out.
fn reduction(found: &Exploration, look: Look) -> String {
    let line = match &found.reduction {
        Reduction::NotAsked => return String::new(),
        Reduction::Refused(why) => format!("Not reduced: {why}. Every order was taken."),
        Reduction::Reduced { partly, rounds } => format!(
            "Reduced: in {} of the states only a part of what may happen was taken, for the rest is independent of it. The \
             search was made {}, until nothing new was learned of what touches what.",
            number(*partly),
            count(*rounds as usize, "time")
        ),
    };
    format!("\n{}", paragraph(&visible(&line), 2, look.width))
}

/// What end states have in common in this report: what has struck, the kind, what waits.
type Alike = (Vec<String>, EndKind, Vec<String>);

/// Whether nothing but kills has struck.
fn only_kills(found: &Exploration) -> bool {
    found.ends.iter().all(|end| end.faults.len() == end.killed.len())
        && found.changes.iter().all(|change| change.faults.len() == change.killed.len())
}

/// The end states, every one accounted for: by what has struck and what waits.
fn ends(found: &Exploration, look: Look) -> String {
    let mut out = heading("How it can end", look);
    let mut alike: BTreeMap<Alike, (u64, bool)> = BTreeMap::new();
    for end in &found.ends {
        let key = (end.faults.clone(), end.kind, waiting(end));
        let entry = alike.entry(key).or_insert((0, true));
        entry.0 += end.count;
        entry.1 &= end.expected;
    }
    let mut rows = Vec::new();
    let calm = if only_kills(found) { "nobody killed" } else { "no fault" };
    for ((faults, kind, waits), (states, expected)) in alike {
        let struck = if faults.is_empty() { calm.to_owned() } else { faults.join(", ") };
        let how = match kind {
            EndKind::Done => "every thread that still runs has run all its lines".to_owned(),
            EndKind::Outside => "a party outside has not answered; from here nothing can be branched".to_owned(),
            EndKind::Blocked => waits.join("; "),
        };
        let how = if expected { how } else { format!("NOT EXPECTED: {how}") };
        rows.push(vec![number(states), visible(&struck), visible(&how)]);
    }
    out.push_str(&list(&rows, look));
    let sum: u64 = found.ends.iter().map(|e| e.count).sum();
    let open = found.ends.iter().filter(|e| !e.leaks.is_empty()).map(|e| e.count).sum::<u64>();
    let left =
        if open == 0 { "nothing is left over in any".to_owned() } else { format!("{open} leave something over") };
    let line = format!("{} of {} end states accounted for; {left}.", number(sum), number(found.end_states));
    out.push_str(&format!("\n{}", paragraph(&line, 2, look.width)));
    out
}

/// Which threads of an end wait, and for what.
fn waiting(end: &EndClass) -> Vec<String> {
    let threads = end.threads.iter().filter_map(|thread| match &thread.state {
        ThreadState::Waits { line, text, what, .. } => {
            let place = line.map_or(String::new(), |line| format!(" in line {line}"));
            Some(format!("{} waits{place}, {text}, for {what}", thread.thread))
        }
        _ => None,
    });
    threads.collect()
}

/// What faults change: lines with another result, by line.
fn changes(found: &Exploration, look: Look) -> String {
    if found.changes.is_empty() {
        return String::new();
    }
    let only_kills = only_kills(found);
    let mut by_line: BTreeMap<(u32, String, String), Vec<String>> = BTreeMap::new();
    for change in &found.changes {
        let after = by_line.entry((change.line, change.thread.clone(), change.message.clone())).or_default();
        let words = if only_kills { change.killed.join(" and ") } else { change.faults.join(" and ") };
        if !after.contains(&words) {
            after.push(words);
        }
    }
    let (title, after) =
        if only_kills { ("What a kill changes", "after a kill of") } else { ("What a fault changes", "after:") };
    let mut out = heading(title, look);
    let rows: Vec<Vec<String>> = by_line
        .into_iter()
        .map(|((line, thread, message), struck)| {
            vec![
                format!("line {line}"),
                thread,
                format!("{} ({after} {})", visible(&message), visible(&struck.join(" or "))),
            ]
        })
        .collect();
    out.push_str(&list(&rows, look));
    out
}

/// What must not be, with a shortest order that shows each.
fn violations(found: &Exploration, given: &Given<'_>, look: Look) -> String {
    let origin = found.origin(given.text, given.arrangement);
    let mut out = String::new();
    let shown = match found.reduction {
        Reduction::Reduced { .. } => "An order that shows it:",
        Reduction::NotAsked | Reduction::Refused(_) => "A shortest order that shows it:",
    };
    let mut section = |title: &str, text: &str, way: Option<Vec<Transition>>| {
        out.push_str(&heading(title, look));
        out.push_str(&paragraph(&visible(text), 2, look.width));
        if let Some(way) = way {
            let order = order(&origin, &way, &[]);
            let lines: String = order.lines().map(|line| format!("    {}\n", visible(line))).collect();
            out.push_str(&format!("\n{}{lines}", paragraph(shown, 2, look.width)));
        }
    };
    for violation in &found.violations {
        let at = violation.line.map_or(String::new(), |line| format!(" (line {line})"));
        section(&format!("{}{at}", kind_of(violation.kind)), &violation.message, found.way_to(violation));
    }
    for breach in &found.breaches {
        let line = format!("{} ({}): {}", breach.what.duty.name(), breach.what.basis, breach.what.seen);
        section("A provider broke a duty", &line, Some(found.path_to_place(&breach.place)));
    }
    for hazard in &found.hazards {
        let line = format!("{}: {}", hazard.what.kind.name(), hazard.what.seen);
        section("A hazard: it works, and may not be meant", &line, Some(found.path_to_place(&hazard.place)));
    }
    out
}

fn kind_of(kind: ViolationKind) -> &'static str {
    match kind {
        ViolationKind::Invariant => "An invariant does not hold: a mistake of winspi",
        ViolationKind::Leak => "Something is left when all has ended: a mistake of winspi",
        ViolationKind::Internal => "A transition that was offered could not be taken: a mistake of winspi",
        ViolationKind::Always => "`always` does not hold",
        ViolationKind::Reachable => "`reachable` holds nowhere",
        ViolationKind::Unanswered => "A test has no answer anywhere",
        ViolationKind::Expectation => "A line has another result than expected",
        ViolationKind::Deadlock => "A deadlock",
        ViolationKind::AtEnd => "`at end` does not hold",
    }
}

fn verdict(found: &Exploration, look: Look) -> String {
    if found.passed() {
        return Paint::Good.on("passed", look.colour);
    }
    let mut parts = Vec::new();
    parts.extend(found.stopped.map(stopped));
    if !found.violations.is_empty() {
        parts.push(count(found.violations.len(), "violation"));
    }
    if !found.breaches.is_empty() {
        parts.push(count(found.breaches.len(), "broken duty").replace("dutys", "duties"));
    }
    Paint::Bad.on(&format!("failed: {}", parts.join(", ")), look.colour)
}

/// Why not all states were met. What is told holds for those that were.
fn stopped(stopped: Stopped) -> String {
    match stopped {
        Stopped::States => "not all states were met: see --max-states",
        Stopped::Memory => "not all states were met, for want of memory: see --max-memory",
        Stopped::Symmetry => "not all states were met: processes or handles cannot be exchanged after all",
        Stopped::Told => "not all states were met: it was broken off",
    }
    .to_owned()
}

/// A number with commas.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The report for programs: one object.
pub fn render_json(found: &Exploration, given: &Given<'_>, faults: &str) -> String {
    let plain = |value: serde_json::Result<Json>| value.unwrap_or(Json::Null);
    let object = json!({
        "scenario": found.script().title.as_deref().unwrap_or(given.file),
        "passed": found.passed(),
        "complete": found.complete,
        "stopped": found.stopped,
        "arrangement": given.arrangement.name(),
        "grain": format!("{:?}", given.arrangement.grain).to_lowercase(),
        "faults": faults,
        "states": found.unique,
        "generated": found.generated,
        "transitions": found.transitions,
        "depth": found.depth,
        "bytes_of_visited_states": found.bytes,
        "kills": found.coverage.kills,
        "end_states": found.end_states,
        "reduction": plain(serde_json::to_value(&found.reduction)),
        "ends": plain(serde_json::to_value(&found.ends)),
        "changes": plain(serde_json::to_value(&found.changes)),
        "violations": plain(serde_json::to_value(&found.violations)),
        "breaches": plain(serde_json::to_value(&found.breaches)),
        "hazards": plain(serde_json::to_value(&found.hazards)),
        "counterexamples": found.counterexamples(given.text, given.arrangement).iter().map(|one| json!({
            "kind": one.kind,
            "shown": one.shown,
            "text": one.text,
        })).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
    text.push('\n');
    text
}
