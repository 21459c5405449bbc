//! Events as spans: nesting, fields, and that nothing is left out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use winspi::core::event::{Breach, Duty, Event, Hazard, HazardKind};
use winspi::core::id::{InstanceId, Pid, ProviderId, Tid};
use winspi::core::outcome::Basis;
use winspi::core::policy::Decision;
use winspi::observe::Observer;
use winspi::types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
use winspi::{CallError, Layer, Machine, Plan, Winsock};

/// A span as the subscriber saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    name: String,
    parent: Option<u64>,
    fields: BTreeMap<String, String>,
    closed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    level: Level,
    parent: Option<u64>,
    fields: BTreeMap<String, String>,
}

/// What a run gave, in order: spans by id from 1, and events.
#[derive(Clone, Debug, Default)]
struct Log {
    spans: Vec<Seen>,
    events: Vec<Told>,
    /// `+1` for an opened span, `-1` for a closed one.
    order: Vec<i64>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Log>>);

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Collector {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("no test panics within")
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("winspi")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut log = self.log();
        let mut seen = Seen {
            name: attributes.metadata().name().to_owned(),
            parent: attributes.parent().map(Id::into_u64),
            ..Seen::default()
        };
        attributes.record(&mut Fields(&mut seen.fields));
        log.spans.push(seen);
        let id = log.spans.len() as u64;
        log.order.push(id as i64);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let place = span.into_u64() as usize - 1;
        values.record(&mut Fields(&mut self.log().spans[place].fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let parent = event.parent().map(Id::into_u64);
        self.log().events.push(Told { level: *event.metadata().level(), parent, fields });
    }

    fn enter(&self, _: &Id) {
        panic!("no span is entered");
    }

    fn exit(&self, _: &Id) {}

    fn try_close(&self, id: Id) -> bool {
        let mut log = self.log();
        log.spans[id.into_u64() as usize - 1].closed = true;
        log.order.push(-(id.into_u64() as i64));
        true
    }
}

/// `tracing` remembers per callsite who is interested, for all threads: a test without a subscriber that comes first
/// while another has the only one would speak for both. So they take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Observes events, and drops the observer.
fn observed(machine: &Machine, events: &[Event]) -> Log {
    let _turn = turn();
    let collector = Collector::default();
    tracing::subscriber::with_default(collector.clone(), || {
        Observer::of(&machine.world()).events(events);
    });
    collector.log().clone()
}

/// Two processes over two layers: a handoff, a refused call, a call that waits.
fn machine() -> Machine {
    let plan = Plan::new().layer(Layer::ifs("lower").hooks("WSPSend")).layer(Layer::non_ifs("upper"));
    let machine = plan.processes(["parent", "worker"]).machine().expect("it can be");
    run(&machine).expect("nothing is refused but what is asked for");
    machine
}

fn run(machine: &Machine) -> Result<(), Box<dyn std::error::Error>> {
    let (parent, worker) = (machine.process("parent")?, machine.process("worker")?);
    let l = parent.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
    parent.bind(l, "127.0.0.1:5000")?;
    parent.bind(l, "127.0.0.1:5001").expect_err("it has a name");
    parent.listen(l, 2)?;
    parent.bus_send(worker.pid(), &parent.duplicate_socket(l, worker.pid())?)?;
    parent.close(l)?;
    let l = worker.socket_from_info(worker.bus_receive()?)?;
    let c = parent.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
    parent.connect(c, "127.0.0.1:5000")?;
    let a = worker.accept(l)?;
    worker.send(a, "hello")?;
    parent.recv(c, 3)?;
    assert!(matches!(worker.recv(a, 3), Err(CallError::Blocked(_))));
    machine.kill(worker.pid())?;
    Ok(())
}

#[test]
fn spans_nest_as_calls_do() {
    let machine = machine();
    let events = machine.events();
    let log = observed(&machine, &events);
    let mut stacks: BTreeMap<Tid, Vec<u64>> = BTreeMap::new();
    let mut next = 0;
    let mut order = Vec::new();
    for event in &events {
        match event {
            Event::Enter { thread, depth, call, .. } => {
                next += 1;
                let seen = &log.spans[next as usize - 1];
                let stack = stacks.entry(*thread).or_default();
                assert_eq!(seen.name, call.function().name());
                assert_eq!(seen.parent, stack.last().copied());
                assert_eq!(stack.len(), usize::from(*depth));
                stack.push(next);
                order.push(next as i64);
            }
            Event::Leave { thread, .. } => {
                let closed = stacks.get_mut(thread).and_then(Vec::pop).expect("it was entered");
                assert!(log.spans[closed as usize - 1].fields.contains_key("outcome"));
                order.push(-(closed as i64));
            }
            Event::Ended { process, .. } => {
                let own = stacks.iter_mut().filter(|(tid, _)| tid.process == *process);
                order.extend(
                    own.flat_map(|(_, stack)| stack.drain(..).rev().collect::<Vec<_>>()).map(|id| -(id as i64)),
                );
            }
            _ => {}
        }
    }
    assert_eq!(log.order, order);
    assert!(log.spans.iter().all(|seen| seen.closed));
    assert!(log.spans.iter().any(|seen| !seen.fields.contains_key("outcome")), "a call was cut off");
    assert!(log.spans.len() > 60, "only {} spans", log.spans.len());
}

#[test]
fn all_events_are_covered() {
    let machine = machine();
    let events = machine.events();
    let log = observed(&machine, &events);
    let count = |which: fn(&Event) -> bool| events.iter().filter(|event| which(event)).count();
    let calls = count(|event| matches!(event, Event::Enter { .. }));
    let returns = count(|event| matches!(event, Event::Leave { .. }));
    assert_eq!(log.spans.len(), calls);
    assert_eq!(log.spans.iter().filter(|seen| seen.fields.contains_key("outcome")).count(), returns);
    assert_eq!(log.events.len(), events.len() - calls - returns);
    for (event, wanted) in events
        .iter()
        .filter_map(|event| Some((event, message(event)?)))
        .zip(&log.events)
        .map(|((event, message), told)| (event, (message, told.fields.get("message").map(String::as_str))))
    {
        assert_eq!(Some(wanted.0), wanted.1, "{event:?}");
    }
}

fn message(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Enter { .. } | Event::Leave { .. } => return None,
        Event::Rule { .. } => "rule",
        Event::Waits { .. } => "waits",
        Event::Delivered { .. } => "delivered",
        Event::Message { .. } => "message",
        Event::Completed { .. } => "completed",
        Event::NetworkEvent { .. } => "network event",
        Event::Started { .. } => "started",
        Event::Ended { .. } => "ended",
        Event::Time { .. } => "time",
        Event::Breach(_) => "breach",
        Event::Hazard(_) => "hazard",
    })
}

#[test]
fn fields_are_values() {
    let machine = machine();
    let log = observed(&machine, &machine.events());
    let refused = log.spans.iter().find(|seen| seen.name == "bind" && seen.fields.contains_key("clause"));
    let fields = &refused.expect("a bind was refused").fields;
    let field = |name: &str| fields.get(name).map(String::as_str);
    assert_eq!(["process", "thread", "party"].map(field), [Some("parent"), Some("parent"), Some("Ws2_32")]);
    assert_eq!([field("handle"), field("outcome")], [Some("0x84"), Some("WSAEINVAL")]);
    assert_eq!([field("by"), field("clause")], [Some("base"), Some("WSPBind.error-einval")]);
    let waits = log.events.iter().find(|told| told.fields.get("message").is_some_and(|m| m == "waits"));
    let waits = waits.expect("a recv waited");
    assert_eq!(waits.level, Level::DEBUG);
    let parent = &log.spans[waits.parent.expect("it is of a call") as usize - 1];
    assert_eq!(parent.fields.get("party").map(String::as_str), Some("base"));
}

#[test]
fn breaches_and_hazards_are_warnings() {
    let machine = Machine::of(["one"]).expect("it can be");
    let provider = InstanceId { process: Pid(1000), provider: ProviderId(0) };
    let basis = Basis::Decision(Decision::ForeignShape);
    let seen = "something".to_owned();
    let events = [
        Event::Breach(Breach { provider, duty: Duty::ForeignShape, basis, seen: seen.clone() }),
        Event::Hazard(Hazard {
            kind: HazardKind::RecycledHandle,
            thread: Some(Tid::main(Pid(1000))),
            handle: None,
            seen,
        }),
    ];
    let log = observed(&machine, &events);
    assert!(log.events.iter().all(|told| told.level == Level::WARN && told.fields["seen"] == "something"));
    assert_eq!(
        (log.events[0].fields["duty"].as_str(), log.events[0].fields["party"].as_str()),
        ("foreign-shape", "base")
    );
    assert_eq!(log.events[1].fields["kind"], "recycled-handle");
    assert_eq!(log.events[1].fields["thread"], "one");
}

#[test]
fn an_observer_without_a_subscriber_does_nothing() {
    let machine = machine();
    let _turn = turn();
    let mut observer = Observer::new();
    observer.events(&machine.events());
    observer.finish();
}
