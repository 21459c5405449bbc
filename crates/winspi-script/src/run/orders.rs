//! Orders other than that of the text: a random one, and a recorded one.

use winspi_core::{System, Transition};
use winspi_types::SocketAddress;

use crate::expect::describe;
use crate::program::Lines;
use crate::run::end::gap_of;
use crate::run::pct::{Priorities, next_random};
use crate::run::runner::Runner;
use crate::schedule::{self, Entry, Naming};
use crate::syntax::tree::{self, ExpectationKind};

/// How many choices of `repeat any`, which never ends, a random order takes.
const MOST_CHOICES: usize = 100;

/// What may happen next in a random order that has taken so many choices.
pub(super) fn may_happen(system: &System<Lines>, chosen: usize) -> Vec<Transition> {
    let mut enabled = system.enabled();
    if chosen >= MOST_CHOICES {
        enabled.retain(|transition| !matches!(transition, Transition::Choose { .. }));
    }
    enabled
}

impl Runner<'_> {
    /// A random order: each next step is drawn, or the order by priorities of a depth.
    pub(super) fn seeded(&mut self, seed: u64, depth: Option<u32>) {
        if let Some(span) = self.script.first_decision() {
            self.fail(span, "a random order takes no statements about the world around");
            return;
        }
        self.reorder();
        let mut random = seed;
        let mut priorities = depth.map(|depth| Priorities::of(seed, depth, &self.system));
        let mut chosen = 0;
        loop {
            let enabled = may_happen(&self.system, chosen);
            let next = match &mut priorities {
                Some(priorities) => priorities.choose(&enabled),
                None => enabled.get((next_random(&mut random) % enabled.len().max(1) as u64) as usize),
            };
            let Some(next) = next.cloned() else { return };
            chosen += usize::from(matches!(next, Transition::Choose { .. }));
            if !self.take_and_expect(next) {
                self.never_ends();
                return;
            }
        }
    }

    /// The order is not that of the text from here on.
    fn reorder(&mut self) {
        self.reordered = true;
        self.check_state();
    }

    /// Repeats a recorded schedule.
    pub(super) fn recorded(&mut self, schedule: &tree::Schedule) {
        self.reorder();
        // Where the text takes decisions of its own, its expectations speak of them.
        let silent = self.script.first_decision().is_none();
        for line in &schedule.transitions.items {
            let entry = schedule::parse(&line.text, &self.scope(0));
            let transition = match entry {
                Ok(Entry::Grain(grain, through_lines)) => {
                    self.grain = grain;
                    self.system.grain = grain;
                    self.system.stop_at_lines = !through_lines;
                    continue;
                }
                Ok(Entry::Transition(transition)) => self.as_enabled(transition),
                Err(problem) => {
                    let message = format!("the schedule does not fit any more: {problem}{}", self.instead());
                    self.fail(line.span, message);
                    return;
                }
            };
            self.struck |= silent && transition.is_fault();
            if !self.take_and_expect(transition) {
                let message =
                    format!("the schedule does not fit any more: `{}` cannot happen now{}", line.text, self.instead());
                self.fail(line.span, message);
                return;
            }
        }
        // What the schedule leaves undone stays so: the end of the run says who is still blocked.
    }

    /// What could happen now, for a message.
    fn instead(&self) -> String {
        let naming = Naming::of(self.system.world());
        let enabled: Vec<String> = self.system.enabled().iter().map(|t| schedule::print(t, &naming)).collect();
        match enabled.as_slice() {
            [] => "; nothing can happen".to_owned(),
            all => format!("; what can: {}", all.join(", ")),
        }
    }

    /// The transition with names of ends as the world has them: a text does not show all that is in them.
    fn as_enabled(&self, transition: Transition) -> Transition {
        let (datagram, from, to) = match &transition {
            Transition::Deliver { from, to } | Transition::LoseSegment { from, to } => (false, *from, *to),
            Transition::DeliverDatagram { from, to } | Transition::LoseDatagram { from, to } => (true, *from, *to),
            _ => return transition,
        };
        let same = |a: SocketAddress, b: SocketAddress| a == b || a.to_string() == b.to_string();
        let found = self.system.deliveries().into_iter().find_map(|(enabled, _)| match enabled {
            Transition::Deliver { from: f, to: t } if !datagram && same(f, from) && same(t, to) => Some((f, t)),
            Transition::DeliverDatagram { from: f, to: t } if datagram && same(f, from) && same(t, to) => Some((f, t)),
            _ => None,
        });
        let (from, to) = found.unwrap_or((from, to));
        match transition {
            Transition::Deliver { .. } => Transition::Deliver { from, to },
            Transition::LoseSegment { .. } => Transition::LoseSegment { from, to },
            Transition::DeliverDatagram { .. } => Transition::DeliverDatagram { from, to },
            _ => Transition::LoseDatagram { from, to },
        }
    }

    /// Takes a transition, and checks what belongs to the lines that it ended.
    fn take_and_expect(&mut self, transition: Transition) -> bool {
        if !self.take(transition) {
            return false;
        }
        for row in std::mem::take(&mut self.just_ended) {
            self.expects_after(row);
        }
        true
    }

    /// What is expected after a line that is over: that it came back at all, what `returns` says, and the bare
    /// expectations.
    fn expects_after(&mut self, row: usize) {
        let Some(finished) = self.finished.get(&row) else { return };
        let (place, call, outcome) = (finished.line, finished.call.clone(), finished.outcome.clone());
        let script = self.script.clone();
        let line = &script.lines[place];
        if let Some(outcome) = &outcome {
            let expected = line.call.outcome.as_deref().map(|o| &o.expectation.kind);
            if expected == Some(&ExpectationKind::BlocksForEver) {
                self.rows[row].held = false;
                let found = describe(outcome);
                let message = format!("{}: expected the call to block for ever, found {found}", line.text());
                self.fail_line(line.span, message, gap_of(outcome));
            }
            let returns = line.returns.as_ref();
            let scope = self.scope(line.process);
            let failure = returns.zip(call.as_ref()).map(|(r, c)| (r, scope.check(c, outcome, r.outcome.as_ref())));
            if let Some((returns, Err(failure))) = failure {
                self.rows[row].held = false;
                self.fail_line(returns.span, failure, gap_of(outcome));
            }
        }
        for test in &line.expects {
            self.expect(test, line.process);
        }
    }
}
