//! One case: taken in its order, and checked after every transition.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use winspi_core::event::Event;
use winspi_core::id::{Pid, Tid};
use winspi_core::kernel::process::Next;
use winspi_core::protocol::Reply;
use winspi_core::snapshot::Snapshot;
use winspi_core::{System, Transition, World};
use winspi_script::script::Item;
use winspi_script::syntax::tree;
use winspi_script::{Lines, Script};

use super::judge::{Instead, Judge};
use super::statistics::{Reached, Statistics};
use super::{Case, Checks, Order};

/// What a case came to.
pub(super) struct Execution {
    /// Every transition, in order.
    pub(super) taken: Vec<Taken>,
    /// How many calls of programs came back.
    pub(super) calls: u64,
    /// What was reached.
    pub(super) statistics: Statistics,
    /// What is wrong, if something is.
    pub(super) problem: Option<Problem>,
}

/// A transition that was taken.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) transition: Transition,
    /// The line that it began.
    pub(super) begins: Option<usize>,
}

/// Something that is wrong with winspi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Its name: two with the same are the same finding.
    pub(super) rule: String,
    /// In words.
    pub(super) what: String,
    /// What a scenario can expect in its place.
    pub(super) expect: Expect,
    /// The line that was under way: a place in the script.
    pub(super) line: Option<usize>,
}

/// What a line of the scenario can expect, so that `winspi run` sees what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// Nothing: the run itself shows it, or nothing can.
    Nothing,
    /// The call fails, with this code if it has to be a certain one.
    Fails(Option<winspi_types::ErrorCode>),
    /// It succeeds.
    Succeeds,
    /// The socket of a name of a process has so many handles.
    Handles(usize, String, u32),
    /// A name of a process means no socket any more.
    Closed(usize, String),
}

/// Runs a case; a panic of winspi is a problem like any other.
pub(super) fn execute(case: &Case, checks: Checks) -> Execution {
    let mut done = Execution { taken: Vec::new(), calls: 0, statistics: Statistics::default(), problem: None };
    let script = match Script::new(&case.file, "") {
        Ok(script) => script,
        Err(errors) => {
            let what = errors.first().map_or_else(String::new, |error| error.message.clone());
            done.problem = Some(Problem::bare("script-refused", what, None));
            return done;
        }
    };
    let run = AssertUnwindSafe(|| run(case, &script, checks, &mut done));
    if let Err(panic) = catch_unwind(run) {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = format!("winspi panics: {}", text.unwrap_or_else(|| "no message".to_owned()));
        let line = done.taken.iter().rev().find_map(|taken| taken.begins);
        done.problem = Some(Problem::bare("panic", what, line));
    }
    done
}

fn run(case: &Case, script: &Arc<Script>, checks: Checks, done: &mut Execution) {
    let system = match case.arrangement.system(script) {
        Ok(system) => system,
        Err(error) => {
            done.problem = Some(Problem::bare("script-refused", error.to_string(), None));
            return;
        }
    };
    let judge = (checks == Checks::All).then(|| Judge::new(system.world(), script.processes.len()));
    let mut stage = Stage { script, system, judge, done, line: None };
    match &case.order {
        Order::Text => stage.text(),
        Order::Random(seed) => stage.random(*seed),
        Order::Wishes(wishes) => stage.wishes(wishes),
    }
    let system = stage.system;
    if checks == Checks::All && done.problem.is_none() {
        again(case, script, &system, done);
    }
}

/// A case that is being taken.
struct Stage<'a> {
    script: &'a Arc<Script>,
    system: System<Lines>,
    judge: Option<Judge>,
    done: &'a mut Execution,
    /// The line that was begun last.
    line: Option<usize>,
}

impl Stage<'_> {
    /// Takes a transition and checks. False where the case is over.
    fn take(&mut self, transition: Transition) -> bool {
        if self.done.problem.is_some() || self.done.taken.len() >= MOST {
            return false;
        }
        let begins = match transition {
            Transition::Go(tid) | Transition::Step(tid) => self.begins_line(tid),
            _ => None,
        };
        self.line = begins.or(self.line);
        self.done.taken.push(Taken { transition: transition.clone(), begins });
        let before = self.system.world().clone();
        let Ok(events) = self.system.apply(&transition) else {
            self.done.taken.pop();
            return false;
        };
        self.note(&events);
        if let Transition::Go(tid) | Transition::Step(tid) = transition {
            self.finish(tid);
        }
        self.count(&transition);
        self.check(&before, &events);
        self.done.problem.is_none()
    }

    /// The line that a thread would begin.
    fn begins_line(&self, tid: Tid) -> Option<usize> {
        let program = self.system.program(tid)?;
        let starts = matches!(self.system.world().thread(tid).map(|t| &t.next), Some(Next::Run(Reply::Enter)));
        program.line().filter(|_| starts && !program.is_within_line())
    }

    /// Counts the lines that a thread has ended.
    fn finish(&mut self, tid: Tid) {
        if self.system.program(tid).is_some_and(Lines::has_finished) {
            let finished = self.system.program_mut(tid).map_or(Vec::new(), Lines::take_finished);
            self.done.calls += finished.iter().filter(|f| f.outcome.is_some()).count() as u64;
            let hazards = finished.iter().filter(|f| f.hazard.is_some()).count();
            (0..hazards).for_each(|_| self.done.statistics.count(Reached::Hazard));
        }
    }

    fn count(&mut self, transition: &Transition) {
        let what = match transition {
            Transition::Kill(_) => Reached::Killed,
            Transition::LoseMessage { .. }
            | Transition::DuplicateMessage { .. }
            | Transition::DamageMessage { .. }
            | Transition::Overtake { .. } => Reached::BusFault,
            _ => return,
        };
        self.done.statistics.count(what);
    }

    /// Breaches, and what the model says to what happened.
    fn note(&mut self, events: &[Event]) {
        let Some(judge) = &mut self.judge else { return };
        for event in events {
            match event {
                Event::Breach(breach) => {
                    let what = format!("{} by a provider that keeps its duties: {}", breach.duty.name(), breach.seen);
                    let rule = format!("breach-{}", breach.duty.name());
                    self.done.problem = Some(Problem::bare(rule, what, self.line));
                    return;
                }
                Event::Hazard(_) => self.done.statistics.count(Reached::Hazard),
                Event::Completed { .. } => self.done.statistics.count(Reached::Completed),
                Event::NetworkEvent { .. } => self.done.statistics.count(Reached::NetworkEvent),
                _ => {}
            }
            if let Err(mismatch) = judge.event(event, self.system.world(), &mut self.done.statistics) {
                self.mismatch(&mismatch);
                return;
            }
        }
    }

    fn mismatch(&mut self, mismatch: &super::judge::Mismatch) {
        let expect = match mismatch.instead {
            Instead::Nothing => Expect::Nothing,
            Instead::Refused(code) => Expect::Fails(Some(code)),
            Instead::Fails => Expect::Fails(None),
            Instead::Succeeds => Expect::Succeeds,
            Instead::Handles(pid, handle, count) => {
                self.named(pid, handle).map_or(Expect::Nothing, |(process, name)| Expect::Handles(process, name, count))
            }
            Instead::Closed(pid, handle) => {
                self.named(pid, handle).map_or(Expect::Nothing, |(process, name)| Expect::Closed(process, name))
            }
        };
        let (rule, what) = (mismatch.rule.to_owned(), mismatch.what.clone());
        self.done.problem = Some(Problem { rule, what, expect, line: self.line });
    }

    /// The name that a process has for a handle.
    fn named(&self, pid: Pid, handle: u64) -> Option<(usize, String)> {
        let process = pid.index()?;
        let name = self.system.shared.of_number(process, handle.cast_signed()).next()?;
        Some((process, name.to_owned()))
    }

    /// What must hold of the world and of the step to it, and then what the model says of it.
    fn check(&mut self, before: &World, events: &[Event]) {
        if self.done.problem.is_some() {
            return;
        }
        let world = self.system.world();
        if let Some(violation) = world.check().into_iter().chain(world.check_step(before, events)).next() {
            self.done.problem = Some(Problem::bare(violation.invariant, violation.to_string(), self.line));
            return;
        }
        if let Some(judge) = &mut self.judge
            && let Err(mismatch) = judge.compare(self.system.world())
        {
            self.mismatch(&mismatch);
        }
    }

    /// In the order of the text, as `winspi run` takes it.
    fn text(&mut self) {
        let script = self.script.clone();
        for item in &script.items {
            let goes_on = match item {
                Item::Line(place) => self.text_line(*place),
                Item::World { world: tree::World::Kill(name), .. } => {
                    let killed = script.process(&name.text).is_some_and(|pid| self.take(Transition::Kill(pid)));
                    self.settle();
                    killed
                }
                _ => true,
            };
            if !goes_on {
                return;
            }
        }
        while self.take(Transition::TimePasses) {
            self.settle();
        }
    }

    fn text_line(&mut self, place: usize) -> bool {
        let tid = self.script.lines[place].thread;
        while self.is_within(tid) && self.take(Transition::TimePasses) {
            self.settle();
        }
        if self.begins_line(tid) != Some(place) {
            return false;
        }
        self.run_thread(tid);
        self.settle();
        self.done.problem.is_none()
    }

    fn is_within(&self, tid: Tid) -> bool {
        self.system.program(tid).is_some_and(Lines::is_within_line)
    }

    fn is_midway(&self, tid: Tid) -> bool {
        let Some(thread) = self.system.world().thread(tid) else { return false };
        matches!(thread.next, Next::Run(_)) && (self.is_within(tid) || !thread.stack.is_empty())
    }

    fn run_thread(&mut self, tid: Tid) {
        while self.system.can_go(tid) {
            if !self.take(Transition::Go(tid)) || !self.is_midway(tid) {
                return;
            }
        }
    }

    /// What is on its way arrives, what can be completed is, who can go on does: the oldest first.
    fn settle(&mut self) {
        while let Some(transition) = self.next_of_itself() {
            let tid = match transition {
                Transition::Go(tid) => Some(tid),
                _ => None,
            };
            if !self.take(transition) {
                return;
            }
            if let Some(tid) = tid.filter(|tid| self.is_midway(*tid)) {
                self.run_thread(tid);
            }
        }
    }

    fn next_of_itself(&self) -> Option<Transition> {
        let oldest = |all: Vec<(Transition, u64)>| all.into_iter().min_by_key(|(_, age)| *age).map(|(t, _)| t);
        let arriving = self.system.deliveries().into_iter().chain(self.system.messages()).collect();
        oldest(arriving).or_else(|| oldest(self.system.completions())).or_else(|| {
            let waiting = self.system.world().threads().filter(|(tid, thread)| {
                let waits = matches!(thread.next, Next::Waits(_) | Next::Idle) || self.is_midway(*tid);
                waits && self.system.can_go(*tid)
            });
            let first = waiting.min_by_key(|(tid, thread)| (thread.since.0, *tid));
            first.map(|(tid, _)| Transition::Go(tid))
        })
    }

    /// In a random order, with a kill or a fault of the bus now and then.
    fn random(&mut self, seed: u64) {
        let mut random = random_of(seed);
        let mut kills = u64::from(random.next_u32() % 3);
        loop {
            let enabled = self.system.enabled();
            if enabled.is_empty() {
                return;
            }
            let number = random.next_u64();
            let chance = (number >> 32) % 64;
            let mut transition = enabled[(number % enabled.len() as u64) as usize].clone();
            if kills > 0 && chance == 0 {
                let running: Vec<Pid> = self.system.world().processes().filter(|p| p.runs()).map(|p| p.pid).collect();
                kills -= 1;
                transition = Transition::Kill(running[(number >> 8) as usize % running.len().max(1)]);
            } else if let Transition::DeliverMessage { from, to } = transition
                && chance < 16
            {
                let (number, byte) = (1, (number >> 8) as u32 % 4);
                transition = match chance % 3 {
                    0 => Transition::LoseMessage { from, to, number },
                    1 => Transition::DuplicateMessage { from, to, number },
                    _ => Transition::DamageMessage { from, to, number, byte: DAMAGED[byte as usize] },
                };
            }
            if !self.take(transition) {
                return;
            }
        }
    }

    /// As it was recorded, but for what cannot happen any more.
    fn wishes(&mut self, wishes: &[Transition]) {
        for wish in wishes {
            self.take(wish.clone());
            if self.done.problem.is_some() {
                return;
            }
        }
    }
}

/// Takes the same once more: it has to come to the same, also when it is stored and restored on the way.
fn again(case: &Case, script: &Arc<Script>, end: &System<Lines>, done: &mut Execution) {
    let wanted = end.fingerprint();
    let length = done.taken.len();
    // Storing takes as long as many calls: one case in eight, at a place that its length decides.
    let restores = (wanted.0.is_multiple_of(8)).then(|| (wanted.0 / 8) as usize % (length + 1));
    if replayed(case, script, &done.taken, None) != Some(wanted) {
        let what = "the same transitions come to another state when they are taken again".to_owned();
        done.problem = Some(Problem::bare("not-the-same-twice", what, None));
    } else if let Some(place) = restores {
        done.statistics.count(Reached::Restored);
        if replayed(case, script, &done.taken, Some(place)) != Some(wanted) {
            let what = format!("it goes on otherwise when it is stored and restored after {place} transitions");
            done.problem = Some(Problem::bare("snapshot-goes-on-otherwise", what, None));
        }
    }
}

/// The state after the same transitions on a new system, stored and restored at a place.
fn replayed(
    case: &Case,
    script: &Arc<Script>,
    taken: &[Taken],
    restore: Option<usize>,
) -> Option<winspi_core::canon::Fingerprint> {
    let mut system = case.arrangement.system(script).ok()?;
    for (place, taken) in taken.iter().enumerate() {
        if restore == Some(place) {
            system = restored(&system, script)?;
        }
        system.apply_silently(&taken.transition).ok()?;
    }
    if restore == Some(taken.len()) {
        system = restored(&system, script)?;
    }
    Some(system.fingerprint())
}

fn restored(system: &System<Lines>, script: &Arc<Script>) -> Option<System<Lines>> {
    let mut restored: System<Lines> = Snapshot::from_json(&system.snapshot().to_json()).ok()?;
    let tids: Vec<Tid> = restored.programs().map(|(tid, _)| tid).collect();
    for tid in tids {
        restored.program_mut(tid)?.attach(script.clone());
    }
    Some(restored)
}

/// Random numbers of a seed.
pub(super) fn random_of(seed: u64) -> TestRng {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..].copy_from_slice(&(!seed).to_le_bytes());
    TestRng::from_seed(RngAlgorithm::XorShift, &bytes)
}

impl Problem {
    fn bare(rule: impl Into<String>, what: String, line: Option<usize>) -> Problem {
        Problem { rule: rule.into(), what, expect: Expect::Nothing, line }
    }
}

/// How many transitions a case may take.
const MOST: usize = 20_000;

/// The bytes of a message that are damaged: of an info the reserved word, the service flags, the catalog entry.
const DAMAGED: [u32; 4] = [16, 12, 36, 8];
