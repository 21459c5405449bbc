//! What is checked in every state, and when a line ends.

use winspi_core::System;
use winspi_core::id::Tid;
use winspi_script::expect::stopped;
use winspi_script::program::Finished;
use winspi_script::scope::Scope;
use winspi_script::syntax::tree::ExpectationKind;
use winspi_script::{Lines, Script};

use crate::faults::FaultSet;
use crate::findings::{Findings, Log, Place, ViolationKind, What};
use crate::states::StateId;

/// What is checked of one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Checker<'s> {
    pub(crate) script: &'s Script,
    /// For each `always` whether it could be asked.
    asked: Vec<bool>,
    /// For each `reachable` the first state in which it holds, or why it could not be asked.
    reached: Vec<Reached>,
}

#[derive(Clone, Debug)]
enum Reached {
    /// It could not be asked so far.
    Unanswered(String),
    /// It was asked, and did not hold so far.
    No,
    Yes(StateId),
}

impl<'s> Checker<'s> {
    pub(crate) fn new(script: &'s Script) -> Checker<'s> {
        let unanswered = Reached::Unanswered("it was never asked".to_owned());
        Checker { script, asked: vec![false; script.always.len()], reached: vec![unanswered; script.reachable.len()] }
    }

    pub(crate) fn scope<'a>(&'a self, system: &'a System<Lines>, process: usize) -> Scope<'a> {
        Scope { script: self.script, names: &system.shared, world: system.world(), process, locals: &[], nested: &[] }
    }

    /// Takes in what another has asked: of states behind those that this one has asked about, and of other ones.
    pub(crate) fn add(&mut self, other: Checker<'s>) {
        for (mine, theirs) in self.asked.iter_mut().zip(other.asked) {
            *mine |= theirs;
        }
        for (mine, theirs) in self.reached.iter_mut().zip(other.reached) {
            match (&*mine, &theirs) {
                (Reached::Yes(a), Reached::Yes(b)) if a <= b => {}
                (_, Reached::Yes(_)) | (Reached::Unanswered(_), _) => *mine = theirs,
                (Reached::Yes(_) | Reached::No, _) => {}
            }
        }
    }

    /// Checks the invariants in a state, whose walk for its fingerprint has met all or not. Whether all hold.
    pub(crate) fn invariants(system: &System<Lines>, met_all: bool, log: &mut Log<'_>) -> bool {
        let violated = system.world().check_walked(met_all);
        let sound = violated.is_empty();
        for violated in violated {
            log.violation(ViolationKind::Invariant, None, violated.to_string());
        }
        sound
    }

    /// Asks what has to hold in every state, and in some state.
    pub(crate) fn tests(&mut self, system: &System<Lines>, id: StateId, log: &mut Log<'_>) {
        for (i, (test, process)) in self.script.always.iter().enumerate() {
            // A test of names that are not bound yet, or of a socket that is gone, has no answer and holds.
            let Ok((holds, found)) = self.scope(system, *process).test(test) else { continue };
            self.asked[i] = true;
            if !holds {
                let message = format!("`always` does not hold: {found}");
                log.violation(ViolationKind::Always, Some(test.span.line), message);
            }
        }
        for (i, (test, process)) in self.script.reachable.iter().enumerate() {
            if matches!(self.reached[i], Reached::Yes(_)) {
                continue;
            }
            match self.scope(system, *process).test(test) {
                Ok((true, _)) => self.reached[i] = Reached::Yes(id),
                Ok((false, _)) => self.reached[i] = Reached::No,
                Err(stop) => {
                    if let Reached::Unanswered(why) = &mut self.reached[i] {
                        *why = stopped(stop);
                    }
                }
            }
        }
    }

    /// Checks the lines that have just ended: what came back, and what is expected after them. After faults what does
    /// not hold is what they change.
    pub(crate) fn lines(&self, system: &mut System<Lines>, faults: Option<FaultSet>, log: &mut Log<'_>) {
        let tids: Vec<Tid> = system.programs().filter(|(_, p)| p.has_finished()).map(|(tid, _)| tid).collect();
        for tid in tids {
            for finished in system.program_mut(tid).map_or(Vec::new(), Lines::take_finished) {
                if let Some(hazard) = finished.hazard.clone() {
                    log.note(What::Hazard(hazard));
                }
                for (line, message) in self.line(system, &finished) {
                    match faults {
                        None => log.violation(ViolationKind::Expectation, Some(line), message),
                        Some(faults) => {
                            let thread = system.world().thread_name(finished.thread);
                            log.note(What::Change(faults, line, thread, message));
                        }
                    }
                }
            }
        }
    }

    /// What does not hold of a line that has ended.
    fn line(&self, system: &System<Lines>, finished: &Finished) -> Vec<(u32, String)> {
        let mut failures = Vec::new();
        let Some(line) = self.script.lines.get(finished.line) else { return failures };
        if let Some(failure) = &finished.failure {
            failures.push((line.span.line, format!("{}: {failure}", line.text())));
        }
        let Some(outcome) = &finished.outcome else { return failures };
        let scope = self.scope(system, line.process);
        if let (Some(returns), Some(call)) = (&line.returns, &finished.call)
            && let Err(failure) = scope.check(call, outcome, returns.outcome.as_ref())
        {
            failures.push((line.span.line, format!("{}: {failure}", line.text())));
        }
        let expected = line.call.outcome.as_deref().map(|o| &o.expectation.kind);
        if expected == Some(&ExpectationKind::BlocksForEver) {
            let found = winspi_script::expect::describe(outcome);
            let message = format!("{}: expected the call to block for ever, found {found}", line.text());
            failures.push((line.span.line, message));
        }
        for test in &line.expects {
            match scope.test(test) {
                Ok((true, _)) => {}
                Ok((false, found)) => {
                    failures.push((test.span.line, format!("the expectation does not hold: {found}")));
                }
                Err(stop) => failures.push((test.span.line, stopped(stop))),
            }
        }
        failures
    }

    /// What was never asked, and what holds nowhere. An exploration that is not complete proves neither.
    pub(crate) fn finish(self, complete: bool, findings: &mut Findings) -> Vec<Option<StateId>> {
        let hazards = self.script.hazards.iter().filter(|(kind, _)| complete && !findings.has_hazard(*kind));
        let missing: Vec<_> = hazards.collect();
        let mut add = |kind, line: u32, message: String| {
            let place = Place { state: 0, transition: None };
            findings.add(What::Violation(kind, Some(line), message), &place);
        };
        let unanswered = self.script.always.iter().zip(&self.asked).filter(|(_, asked)| complete && !**asked);
        for ((test, _), _) in unanswered {
            let message = "`always` could not be asked in any state".to_owned();
            add(ViolationKind::Unanswered, test.span.line, message);
        }
        for ((test, _), reached) in self.script.reachable.iter().zip(&self.reached).filter(|_| complete) {
            match reached {
                Reached::Yes(_) => {}
                Reached::No => {
                    add(ViolationKind::Reachable, test.span.line, "`reachable` holds in no state".to_owned());
                }
                Reached::Unanswered(why) => {
                    let message = format!("`reachable` could not be asked in any state: {why}");
                    add(ViolationKind::Unanswered, test.span.line, message);
                }
            }
        }
        for (kind, span) in missing {
            add(
                ViolationKind::Reachable,
                span.line,
                format!("expected the hazard {}, which no order shows", kind.name()),
            );
        }
        let states = self.reached.into_iter().map(|reached| match reached {
            Reached::Yes(state) => Some(state),
            Reached::No | Reached::Unanswered(_) => None,
        });
        states.collect()
    }
}
