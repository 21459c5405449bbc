//! The canonical form of statements.

use super::print::{Printer, fits_one_line, is_bare};
use super::print_value as part;
use super::tree::{
    Act, ActKind, Action, Braced, BusAction, Call, CallbackKind, Claim, Link, Number, RepeatUntil, Statement,
    StatementKind, ThreadLine, Who, World,
};

impl Printer {
    pub(super) fn block(&mut self, block: &Braced<Statement>) {
        let one_line = fits_one_line(block) || block.items.is_empty() && is_bare(block);
        self.braces(block, one_line, Printer::own_or_part);
    }

    pub(super) fn body(&mut self, body: &Braced<Act>) {
        let bare = is_bare(body) && body.items.iter().all(|act| act.notes.is_empty());
        self.braces(body, bare && (body.one_line || body.items.is_empty()), Printer::act);
    }

    pub(super) fn own_or_part(&mut self, statement: &Statement, own_line: bool) {
        self.perhaps_line(&statement.notes, own_line, |printer| printer.statement(statement));
    }

    fn act(&mut self, act: &Act, own_line: bool) {
        self.perhaps_line(&act.notes, own_line, |printer| match &act.kind {
            ActKind::Expect(test) => {
                printer.put("expect ");
                part::test(&mut printer.out, test);
            }
            ActKind::Return(value) => {
                printer.put("return ");
                part::value(&mut printer.out, value);
            }
            ActKind::Call(call) => printer.call(call),
        });
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Repeat(repeat) => {
                self.put("repeat ");
                match &repeat.until {
                    RepeatUntil::Times(number) => part::number(&mut self.out, *number),
                    RepeatUntil::Outcome(expectation) => {
                        self.put("until ");
                        part::expectation(&mut self.out, expectation);
                    }
                    RepeatUntil::Any => self.put("any"),
                }
                self.put(" ");
                self.block(&repeat.block);
            }
            StatementKind::AtEnd(block) => {
                self.put("at end ");
                self.block(block);
            }
            StatementKind::Callback(callback) => {
                self.put(match callback.kind {
                    CallbackKind::Callback => "callback ",
                    CallbackKind::Condition => "condition ",
                    CallbackKind::Hook => "hook ",
                });
                self.put(callback.name.as_str());
                self.put(" in ");
                self.put(callback.process.as_str());
                self.put(" ");
                self.body(&callback.body);
            }
            StatementKind::Thread(line) => self.thread_line(line),
            StatementKind::Expect(test) => {
                self.put("expect ");
                part::test(&mut self.out, test);
            }
            StatementKind::Claim(claim) => {
                let (word, test) = match claim {
                    Claim::Always(test) => ("always ", test),
                    Claim::Reachable(test) => ("reachable ", test),
                    Claim::FinallyNoLeaks => return self.put("finally no leaks"),
                    Claim::Hazard(name) => {
                        self.put("expect hazard ");
                        return self.put(name.as_str());
                    }
                };
                self.put(word);
                part::test(&mut self.out, test);
            }
            StatementKind::World(world) => self.world(world),
        }
    }

    fn thread_line(&mut self, line: &ThreadLine) {
        self.who(&line.who);
        self.put(": ");
        match &line.action {
            Action::Returns(outcome) => {
                self.put("returns");
                part::outcome(&mut self.out, outcome.as_deref());
            }
            Action::Sync(name) => {
                self.put("sync ");
                self.put(name.as_str());
            }
            Action::Call(call) => self.call(call),
            Action::When(call, tests) => {
                self.call(call);
                for (place, test) in tests.iter().enumerate() {
                    self.put(if place == 0 { " when " } else { " and " });
                    part::test(&mut self.out, test);
                }
            }
        }
    }

    fn who(&mut self, who: &Who) {
        self.put(who.process.as_str());
        if let Some(thread) = &who.thread {
            self.put(".");
            self.put(thread.as_str());
        }
    }

    fn call(&mut self, call: &Call) {
        if let Some(name) = &call.bind {
            self.put(name.as_str());
            self.put(" = ");
        }
        self.put(call.function.as_str());
        part::arguments(&mut self.out, &call.arguments);
        if let Some(provider) = &call.provider {
            self.put(" as ");
            self.put(provider.as_str());
        }
        part::outcome(&mut self.out, call.outcome.as_deref());
    }

    fn world(&mut self, world: &World) {
        let (word, process, socket) = match world {
            World::Kill(process) => return self.words(&["kill ", process.as_str()]),
            World::Advance(time) => {
                self.put("advance ");
                return part::time(&mut self.out, *time);
            }
            World::Step { who, to } => {
                self.put("step ");
                self.who(who);
                return self.words(&[if to.is_some() { " to " } else { "" }, to.as_ref().map_or("", |to| to.as_str())]);
            }
            World::Hold(link) => return self.words(&["hold ", link_word(*link)]),
            World::Release(link) => return self.words(&["release ", link_word(*link)]),
            World::Bus { action, message } => {
                self.put(match action {
                    BusAction::Deliver => "deliver bus ",
                    BusAction::Lose => "lose bus ",
                    BusAction::Duplicate => "duplicate bus ",
                    BusAction::Damage(_) => "damage bus ",
                });
                self.words(&[message.from.as_str(), " -> ", message.to.as_str()]);
                for (word, number) in [(" message ", message.number), (" byte ", damaged_byte(action))] {
                    if let Some(number) = number {
                        self.put(word);
                        part::number(&mut self.out, number);
                    }
                }
                return;
            }
            World::Deliver { process, socket } => ("deliver ", process, socket),
            World::Lose { process, socket } => ("lose ", process, socket),
            World::Fault { name, arguments } => {
                self.words(&["fault ", name.as_str()]);
                if let Some(arguments) = arguments {
                    part::arguments(&mut self.out, arguments);
                }
                return;
            }
            World::ClearFaults => return self.put("clear faults"),
        };
        self.words(&[word, process.as_str(), ".", socket.as_str()]);
    }

    fn words(&mut self, words: &[&str]) {
        for word in words {
            self.put(word);
        }
    }
}

fn link_word(link: Link) -> &'static str {
    match link {
        Link::Network => "network",
        Link::Bus => "bus",
    }
}

fn damaged_byte(action: &BusAction) -> Option<Number> {
    match action {
        BusAction::Damage(byte) => Some(*byte),
        _ => None,
    }
}
