//! A finding as a file: the scenario, its order, and what is wrong, so that `winspi run` shows it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};
use winspi_core::policy::{DECLARED, Policy};
use winspi_core::{Transition, World};
use winspi_script::report::Run;
use winspi_script::schedule::{Naming, Recorded};
use winspi_script::syntax::tree::{
    Above, Comparison, ExpectationKind, File, Headline, Item, Notes, Operand, Outcome, Span, StatementKind, Test,
    TestRight, Text,
};
use winspi_script::{Arrangement, Script, run, syntax};

use super::execute::{Expect, Problem};
use super::shrink::{Shrunk, call_of, calls};
use super::tree::{call, expects, form, name, name_of, number, positional, statement, who};
use super::{Case, Order};

/// Something that is wrong with winspi, and the smallest scenario that was found to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The name of what does not hold.
    pub rule: String,
    /// In words.
    pub what: String,
    /// Which case of the campaign showed it first.
    pub case: u64,
    /// In how many cases it was met.
    pub times: u64,
    /// The options of `winspi run` that the scenario needs.
    pub machine: String,
    /// How many statements the scenario has.
    pub lines: usize,
    /// Whether `winspi run` shows it; where not it is about running twice, or storing.
    pub repeats: bool,
    /// The file.
    pub text: String,
}

impl Finding {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}-{}.winspi", self.rule, self.case)
    }

    /// Writes a case down.
    pub(super) fn new(shrunk: &Shrunk, seed: u64, number: u64) -> Finding {
        let Shrunk { case, problem } = shrunk;
        let machine = machine(&case.arrangement);
        let mut file = case.file.clone();
        let expected = expect(&mut file, problem);
        if let Order::Wishes(wishes) = &case.order {
            let naming = naming(case, wishes).unwrap_or_default();
            let (grain, transitions) = (case.arrangement.grain, wishes.clone());
            file.schedule = Some(Recorded { grain, through_lines: false, transitions }.to_tree(&naming));
        }
        let lines = file.items.iter().filter(|item| matches!(item, Item::Statement(_))).count();
        let mut comments = vec![format!(" {}: {}", problem.rule, problem.what)];
        comments.push(format!(" found by `winspi fuzz`, seed {seed}, case {number}"));
        let options = if machine.is_empty() { String::new() } else { format!(" {machine}") };
        comments.push(format!(" winspi run FILE{options}"));
        let above = comments.into_iter().map(Above::Comment).collect();
        file.title = Some(Headline {
            span: Span::default(),
            notes: Notes { above, after: None },
            text: Text::new(&format!("A finding: {}", problem.rule.replace('-', " "))),
        });
        let text = syntax::print(&file);
        let repeats = repeats(&text, &case.arrangement, problem, expected);
        let (rule, what) = (problem.rule.clone(), problem.what.clone());
        Finding { rule, what, case: number, times: 1, machine, lines, repeats, text }
    }
}

/// The options of `winspi run` for an arrangement. The grain stands in the schedule.
fn machine(arrangement: &Arrangement) -> String {
    let mut options = Vec::new();
    if !arrangement.ifs {
        options.push("--provider non-ifs".to_owned());
    }
    if !arrangement.layers.is_empty() {
        let layers: Vec<&str> = arrangement.layers.iter().map(|ifs| if *ifs { "ifs" } else { "non-ifs" }).collect();
        options.push(format!("--layers {}", layers.join(",")));
    }
    if arrangement.modify_handles {
        options.push("--modify-handles".to_owned());
    }
    if arrangement.adopt_handles {
        options.push("--adopt-handles".to_owned());
    }
    let usual = Policy::default();
    let others = DECLARED.iter().filter_map(|declared| {
        let value = arrangement.policy.chosen(declared.id)?;
        (usual.chosen(declared.id) != Some(value)).then(|| format!("--decide {}={value}", declared.id))
    });
    options.extend(others);
    options.join(" ")
}

/// The names that a schedule has for threads and providers: those after the last transition.
fn naming(case: &Case, wishes: &[Transition]) -> Option<Naming> {
    let script = Script::new(&case.file, "").ok()?;
    let mut system = case.arrangement.system(&script).ok()?;
    let taken = AssertUnwindSafe(|| wishes.iter().all(|wish| system.apply_silently(wish).is_ok()));
    // A panic is what is to be written down: the names up to it are enough.
    let _ = catch_unwind(taken);
    let world: &World = system.world();
    Some(Naming::of(world))
}

/// Lets the line that shows the problem expect what should be; gives the place of the expectation among the items.
fn expect(file: &mut File, problem: &Problem) -> Option<usize> {
    let place = calls(file).get(problem.line?).copied()?;
    let outcome = |kind| -> Option<Box<Outcome>> { Some(Box::new(expects(kind))) };
    let declared = |file: &File, process: usize| {
        let mut names = file.items.iter().filter_map(|item| match item {
            Item::Process(process) => Some(process.name.text.clone()),
            _ => None,
        });
        names.nth(process)
    };
    match &problem.expect {
        Expect::Nothing => None,
        Expect::Fails(code) => {
            let kind = match code {
                Some(code) => ExpectationKind::Value(name(&code.to_string())),
                None => ExpectationKind::Fails(None),
            };
            call_of(file.items.get_mut(place)?)?.outcome = outcome(kind);
            Some(place)
        }
        Expect::Succeeds => {
            call_of(file.items.get_mut(place)?)?.outcome = None;
            Some(place)
        }
        Expect::Handles(process, bound, count) => {
            let socket = name_of(&declared(file, *process)?, bound);
            let mut left = form("socket", vec![socket]);
            if let syntax::tree::ValueKind::Path(path) = &mut left.kind {
                path.steps.push(syntax::tree::PathStep::Field(syntax::tree::Name::new("handles")));
            }
            let operand = Operand::Value(number(i128::from(*count)));
            let right = Some(TestRight { comparison: Comparison::Equal, operand });
            let test = StatementKind::Expect(Test { span: Span::default(), left, right });
            file.items.insert(place + 1, statement(test));
            Some(place + 1)
        }
        Expect::Closed(process, bound) => {
            let who = who(&declared(file, *process)?, None);
            let mut item = call(who, None, "WSPGetSockName", vec![positional(name(bound))]);
            call_of(&mut item)?.outcome = outcome(ExpectationKind::Value(name("WSAENOTSOCK")));
            file.items.insert(place + 1, item);
            Some(place + 1)
        }
    }
}

/// Whether a run of the file shows the problem.
fn repeats(text: &str, arrangement: &Arrangement, problem: &Problem, expected: Option<usize>) -> bool {
    let Ok(file) = syntax::parse(text) else { return false };
    let Ok(script) = Script::new(&file, text) else { return problem.rule == "script-refused" };
    let line = expected.and_then(|place| file.items.get(place)).map(|item| item.span().line);
    let shows = |run: &Run| {
        let breach = problem.rule.starts_with("breach-") && !run.breaches.is_empty();
        let named = run.failures.iter().any(|f| f.message.contains(&problem.rule) || line == Some(f.line));
        breach || named
    };
    match catch_unwind(AssertUnwindSafe(|| run::run(&script, arrangement))) {
        Ok(Ok(run)) => shows(&run),
        Ok(Err(_)) => false,
        Err(_) => problem.rule == "panic",
    }
}
