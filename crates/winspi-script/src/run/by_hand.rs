//! The world around, by hand: what waits on the network and the bus, faults, time, and single steps of threads.

use winspi_core::Transition;
use winspi_core::event::Event;
use winspi_core::fault::Fault;
use winspi_core::id::Tid;

use crate::around;
use crate::run::runner::Runner;
use crate::syntax::tree::{self, Span};

impl Runner<'_> {
    /// A statement about the world around. False where the scenario cannot go on.
    pub(super) fn world(&mut self, world: &tree::World, process: usize, span: Span) -> bool {
        match world {
            tree::World::Hold(tree::Link::Network) => self.hold_network = true,
            tree::World::Hold(tree::Link::Bus) => self.hold_bus = true,
            tree::World::Release(tree::Link::Network) => self.hold_network = false,
            tree::World::Release(tree::Link::Bus) => self.hold_bus = false,
            tree::World::Advance(time) => self.advance(time.milliseconds),
            tree::World::Step { who, to } => {
                if let Some((_, tid)) = self.script.thread(who) {
                    self.step(tid, to.as_ref(), span);
                }
            }
            world => {
                let transition = around::transition(&self.scope(process), world);
                match transition {
                    Ok(transition) => self.take_or_fail(transition, span),
                    Err(problem) => self.fail(span, problem),
                }
            }
        }
        self.settle();
        true
    }

    /// Takes a transition that a statement names.
    fn take_or_fail(&mut self, transition: Transition, span: Span) {
        if self.take(transition.clone()) {
            return;
        }
        // Applied to a copy, for the reason why not.
        let reason = self.system.clone().apply(&transition).err();
        let named = match (&transition, reason) {
            (Transition::Kill(pid), _) => {
                let name = self.system.world().process(*pid).map_or_else(|| pid.to_string(), |p| p.name.clone());
                format!("process `{name}` has ended already")
            }
            (Transition::Fault(Fault::PidReuse(pid)), _) => {
                let name = self.system.world().process(*pid).map_or_else(|| pid.to_string(), |p| p.name.clone());
                format!("the identifier of process `{name}` is in use: `pid_reuse` takes that of one that has ended")
            }
            (
                Transition::DeliverMessage { from, to }
                | Transition::Overtake { from, to, .. }
                | Transition::LoseMessage { from, to, .. }
                | Transition::DuplicateMessage { from, to, .. },
                _,
            ) => {
                let name = |pid| self.system.world().process(pid).map_or_else(|| pid.to_string(), |p| p.name.clone());
                format!("no such message from {} to {} is on its way", name(*from), name(*to))
            }
            (_, Some(reason)) => reason.to_string(),
            (_, None) => "the scenario has taken too many transitions".to_owned(),
        };
        self.fail(span, named);
    }

    fn advance(&mut self, by: u64) {
        let until = self.system.world().now().saturating_add(by);
        while self.system.world().now() < until {
            let by = until - self.system.world().now();
            if !self.take(Transition::Advance(by)) {
                return;
            }
            self.settle();
        }
    }

    /// A thread goes on by single steps: until a party enters a function, or to the end of its call.
    fn step(&mut self, tid: Tid, to: Option<&tree::Name>, span: Span) {
        let name = self.system.world().thread_name(tid);
        if let Some(line) = self.begins_line(tid) {
            self.ahead.entry(tid).or_default().push_back(line);
        } else if !self.is_blocked(tid) {
            self.fail(span, format!("{name} has nothing more to do"));
            return;
        } else if self.ahead.get(&tid).is_none_or(|lines| lines.is_empty()) {
            // The text has come past this line: it is blocked there.
        }
        self.stopped.insert(tid);
        loop {
            if !self.system.can_go(tid) {
                if let Some(to) = to {
                    self.fail(span, format!("{name} waits and does not come to {to}"));
                }
                break;
            }
            if !self.take(Transition::Step(tid)) {
                self.never_ends();
                break;
            }
            let entered = self.trace.last().is_some_and(|taken| {
                let to = to.map(tree::Name::as_str);
                taken.events.iter().any(|event| match event {
                    Event::Enter { thread, call, .. } => *thread == tid && Some(call.function().name()) == to,
                    _ => false,
                })
            });
            if entered {
                return;
            }
            if !self.is_blocked(tid) {
                if let Some(to) = to {
                    self.fail(span, format!("{name} has come to the end of its call, and not to {to}"));
                }
                break;
            }
        }
        self.stopped.remove(&tid);
    }
}
