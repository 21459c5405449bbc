//! What happened, as spans and events of `tracing`.
//!
//! An [`Observer`] is fed with the events of a run, all at once or as they come, and gives each call a span: named by
//! the function, opened when the call reaches a party and closed when it comes back, within the span of the call that
//! it was made from. The core knows nothing of this.
//!
//! | field of a span | what it is |
//! |---|---|
//! | `process`, `thread` | their names, or numbers where no world was given |
//! | `party` | who serves the call: `Ws2_32`, `system`, `program`, or the name of a provider |
//! | `handle` | the socket that the call names, if it names one |
//! | `outcome` | the primary part of the result, or the code; recorded when the call comes back |
//! | `by` | who answered |
//! | `clause` | the clause or decision that a refusal rests on |
//!
//! Everything else that happens is an event with values as fields, of the span during which it happened where it belongs
//! to a thread; breaches and hazards are warnings. A call that never comes back, because its process ended, has its span
//! closed without an outcome.
//!
//! Spans of several threads are open side by side, so none of them is *entered*: who is whose parent is said outright.
//!
//! ```
//! use winspi::{Machine, Winsock, observe::Observer};
//!
//! let machine = Machine::of(["alone"])?;
//! let socket = machine.process("alone")?.socket(2, 1, 6)?;
//! let mut observer = Observer::of(&machine.world());
//! observer.events(&machine.events());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use tracing::{Span, debug, info, trace, warn};
use winspi_core::World;
use winspi_core::event::{Event, Travelled};
use winspi_core::id::{InstanceId, Pid, ProviderId, Tid};
use winspi_core::outcome::{Out, Outcome, Refusal, Who};
use winspi_core::wait::{Holder, Wait};
use winspi_types::ErrorCode;

mod site;

/// Turns events into spans. Feed it every event of a run, in order; dropping it closes what is open.
#[derive(Debug, Default)]
pub struct Observer {
    processes: BTreeMap<Pid, String>,
    threads: BTreeMap<Tid, String>,
    providers: BTreeMap<ProviderId, String>,
    open: BTreeMap<Tid, Vec<Span>>,
}

impl Observer {
    /// An observer that knows no names.
    pub fn new() -> Observer {
        Observer::default()
    }

    /// An observer that knows the names of what is in a world.
    pub fn of(world: &World) -> Observer {
        let providers = world.catalog().providers().iter().enumerate();
        let id = |place| u16::try_from(place).ok().map(ProviderId);
        Observer {
            processes: world.processes().map(|process| (process.pid, process.name.clone())).collect(),
            threads: world.threads().map(|(tid, _)| (tid, world.thread_name(tid))).collect(),
            providers: providers.filter_map(|(place, p)| Some((id(place)?, p.name.clone()))).collect(),
            open: BTreeMap::new(),
        }
    }

    /// Takes events in order.
    pub fn events<'e>(&mut self, events: impl IntoIterator<Item = &'e Event>) {
        events.into_iter().for_each(|event| self.event(event));
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Enter { thread, depth, who, call } => {
                let process = self.process(thread.process);
                let (name, party) = (self.thread(*thread), self.party(*who));
                let handle = call.socket().map(|handle| handle.to_string());
                let open = self.open.entry(*thread).or_default();
                // Whatever has not come back by now, will not.
                close(open, usize::from(*depth));
                let fields = site::Opened { process, thread: name, party, handle };
                open.push(site::span(call.function(), open.last(), &fields));
            }
            Event::Leave { thread, depth, outcome, .. } => {
                let by = outcome.by.map(|who| self.party(who));
                let open = self.open.entry(*thread).or_default();
                close(open, usize::from(*depth) + 1);
                if let Some(span) = open.pop() {
                    note(&span, outcome, by);
                }
            }
            Event::Rule { thread, by, basis } => {
                let party = by.map(|instance| self.provider(instance));
                trace!(parent: self.current(*thread), clause = %basis, party, "rule");
            }
            Event::Waits { thread, wait } => {
                let (kind, handle) = of_wait(wait);
                debug!(parent: self.current(*thread), kind, handle, deadline = wait.deadline(), "waits");
            }
            Event::Delivered { from, to, what } => {
                let (kind, bytes) = of_travelled(*what);
                debug!(parent: None, %from, %to, kind, bytes, "delivered");
            }
            Event::Message { from, to, length } => {
                let (from, to) = (self.process(*from), self.process(*to));
                debug!(parent: None, from, to, bytes = *length, "message");
            }
            Event::Completed { process, cell, completion } => {
                let process = self.process(*process);
                debug!(parent: None, process, overlapped = cell.0, completion = ?completion, "completed");
            }
            Event::NetworkEvent { process, event, network_event, error } => {
                let process = self.process(*process);
                let error = error.number();
                debug!(parent: None, process, %event, network_event = *network_event, error, "network event");
            }
            Event::Started { process } => info!(parent: None, process = self.process(*process), "started"),
            Event::Ended { process, code } => {
                let own = self.open.range_mut(Tid::main(*process)..).take_while(|(tid, _)| tid.process == *process);
                own.for_each(|(_, open)| close(open, 0));
                info!(parent: None, process = self.process(*process), code = *code, "ended");
            }
            Event::Time { now } => trace!(parent: None, now = *now, "time"),
            Event::Breach(breach) => warn!(
                parent: None,
                process = self.process(breach.provider.process),
                party = self.provider(breach.provider),
                duty = breach.duty.name(),
                clause = %breach.basis,
                seen = breach.seen,
                "breach"
            ),
            Event::Hazard(hazard) => {
                let thread = hazard.thread.map(|thread| self.thread(thread));
                let (kind, seen) = (hazard.kind.name(), &hazard.seen);
                warn!(parent: hazard.thread.and_then(|thread| self.current(thread)), kind, thread, seen, "hazard");
            }
        }
    }

    /// Closes the spans of calls that have not come back, the innermost first.
    pub fn finish(&mut self) {
        self.open.values_mut().for_each(|open| close(open, 0));
    }

    /// The span of the call that runs on a thread.
    fn current(&self, thread: Tid) -> Option<tracing::Id> {
        self.open.get(&thread)?.last()?.id()
    }

    fn process(&self, pid: Pid) -> String {
        self.processes.get(&pid).cloned().unwrap_or_else(|| pid.to_string())
    }

    fn thread(&self, tid: Tid) -> String {
        self.threads.get(&tid).cloned().unwrap_or_else(|| tid.to_string())
    }

    fn provider(&self, instance: InstanceId) -> String {
        let known = self.providers.get(&instance.provider).cloned();
        known.unwrap_or_else(|| format!("provider {}", instance.provider.0))
    }

    fn party(&self, who: Who) -> String {
        match who {
            Who::Program => "program".to_owned(),
            Who::Ws2_32 => "Ws2_32".to_owned(),
            Who::Kernel => "system".to_owned(),
            Who::Provider(instance) | Who::Foreign(_, instance) => self.provider(instance),
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Closes spans from the innermost on until so many are left.
fn close(open: &mut Vec<Span>, left: usize) {
    while open.len() > left {
        open.pop();
    }
}

/// Records what a call gave.
fn note(span: &Span, outcome: &Outcome, by: Option<String>) {
    match &outcome.result {
        Ok(Out::Handle(handle)) => span.record("outcome", tracing::field::display(handle)),
        Ok(Out::Accepted(accepted)) => span.record("outcome", tracing::field::display(accepted.s)),
        Ok(out) => span.record("outcome", tracing::field::display(out.primary())),
        Err(Refusal::Code { code, basis, .. }) => {
            span.record("outcome", code_name(*code)).record("clause", tracing::field::display(basis))
        }
        Err(Refusal::NotModelled(gap)) => span.record("outcome", format!("not modelled: {gap}").as_str()),
    };
    if let Some(by) = by {
        span.record("by", by.as_str());
    }
}

fn code_name(code: ErrorCode) -> String {
    code.name().map_or_else(|| code.number().to_string(), str::to_owned)
}

/// What is waited for, and the handle by which it is.
fn of_wait(wait: &Wait) -> (&'static str, Option<String>) {
    let held = |holder: Holder| match holder {
        Holder::Handle(_, handle) => handle.to_string(),
        Holder::Lower(_, number) => format!("lower {number}"),
    };
    match wait {
        Wait::Readable(s) | Wait::Part(s) => ("readable", Some(held(s.holder))),
        Wait::Writable(s) => ("writable", Some(held(s.holder))),
        Wait::Backlog(s) => ("backlog", Some(held(s.holder))),
        Wait::Connected(s) => ("connected", Some(held(s.holder))),
        Wait::Message { .. } => ("message", None),
        Wait::Signalled { handle, .. } => ("signalled", Some(handle.to_string())),
        Wait::Several { .. } => ("several", None),
        Wait::Packet { port, .. } => ("packet", Some(port.to_string())),
        Wait::Time(_) => ("time", None),
        Wait::Sent { socket, .. } => ("sent", Some(held(socket.holder))),
        Wait::Completed { .. } => ("completed", None),
        Wait::Started(_) => ("started", None),
        Wait::Drained { .. } => ("drained", None),
    }
}

fn of_travelled(what: Travelled) -> (&'static str, Option<u64>) {
    match what {
        Travelled::Request => ("request", None),
        Travelled::RequestRefused => ("request refused", None),
        Travelled::Grant => ("grant", None),
        Travelled::Data(bytes) => ("data", Some(bytes as u64)),
        Travelled::DataRefused(bytes) => ("data refused", Some(bytes as u64)),
        Travelled::Finish => ("finish", None),
        Travelled::Reset => ("reset", None),
        Travelled::Datagram(bytes) => ("datagram", Some(bytes as u64)),
        Travelled::DatagramDropped(bytes) => ("datagram dropped", Some(bytes as u64)),
        Travelled::DatagramLost(bytes) => ("datagram lost", Some(bytes as u64)),
        Travelled::Unreachable => ("unreachable", None),
    }
}
