//! Watches a run, and makes its trace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use winspi_core::call::Call;
use winspi_core::event::Event as Gave;
use winspi_core::id::Tid;
use winspi_core::outcome::Who;
use winspi_core::ws2_32::catalog::ProviderKind;
use winspi_core::{Grain, System, Transition, World};
use winspi_script::arrangement::ArrangementError;
use winspi_script::question::who_name;
use winspi_script::report::{Row as Ran, Taken};
use winspi_script::run::{CaseRun, Order, Watch, run_case_watched, run_watched};
use winspi_script::schedule::{self, Naming, Recorded};
use winspi_script::script::CaseDeclaration;
use winspi_script::waiting::waiting;
use winspi_script::{Arrangement, Lines, Run, Script, syntax};
use winspi_types::{ChainKind, ErrorCode};

use super::look::{Ids, Look, event_names, process_name, thread_name};
use super::shown::{self, Infos};
use super::thing::Thing;
use super::travel::Travels;
use super::{
    Delta, Entry, Event, EventKind, FORMAT, Failure, Happening, Machine, Mark, Process, Provider, Row, Trace, VERSION,
};
use crate::{value, why};

/// What holds for a duplicate from WSPDuplicateSocket on, whether or not the run comes to it.
const SHARING: [&str; 5] = [
    "WSPDuplicateSocket.provider-reserved",
    "unclaimed-duplicate",
    "info-redeemed-by-target",
    "WSPDuplicateSocket.single-use",
    "info-second-use",
];

/// Where a scenario came from, for people.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The name of the file, as the user gave it.
    pub file: &'a str,
    /// What stands in the file.
    pub text: &'a str,
    /// The options of the command that make the machine, as they are written.
    pub options: &'a str,
}

/// Runs a scenario, and gives its trace beside the run.
///
/// # Errors
///
/// Where the scenario cannot run on the arrangement at all.
pub fn of_run(
    script: &Arc<Script>,
    arrangement: &Arrangement,
    order: Order,
    origin: &Origin<'_>,
) -> Result<(Run, Trace), ArrangementError> {
    let mut recorder = Recorder::new(script.clone());
    let run = run_watched(script, arrangement, order, &mut recorder)?;
    let scenario = syntax::parse(origin.text).ok().map(|mut tree| {
        tree.schedule = None;
        syntax::print(&tree)
    });
    let order = match order {
        Order::Text => "text order".to_owned(),
        Order::Recorded => "recorded order".to_owned(),
        Order::Seed(seed) => format!("random order {seed}"),
        Order::Priorities { seed, depth } => format!("random order {seed} by priorities of depth {depth}"),
    };
    let trace = recorder.finish(&run, arrangement, &order, origin);
    Ok((run, Trace { scenario, ..trace }))
}

/// Runs a case of a conformance file, and gives its trace beside the run; none where the case does not apply.
pub fn of_case(case: &CaseDeclaration, arrangement: &Arrangement, origin: &Origin<'_>) -> (CaseRun, Option<Trace>) {
    let mut recorder = Recorder::new(case.script.clone());
    let ran = run_case_watched(case, arrangement, &mut recorder);
    let trace = ran.run.as_ref().map(|run| {
        let trace = recorder.finish(run, arrangement, "text order", origin);
        Trace { title: case.title.clone(), case: Some(case.name.clone()), ..trace }
    });
    (ran, trace)
}

/// Watches a run.
#[derive(Debug)]
pub struct Recorder {
    script: Arc<Script>,
    ids: Ids,
    infos: Infos,
    names: Names,
    rules: BTreeSet<String>,
    travels: Travels,
    start: Delta,
    state: BTreeMap<String, Thing>,
    /// What else could have happened, asked before the transition.
    others: Vec<u32>,
    kills: Vec<u32>,
    /// Whether a duplicate was made.
    shares: bool,
    events: Vec<Event>,
    rows: Vec<Option<usize>>,
    about: Option<About>,
}

/// What stays as it is.
#[derive(Debug, Default)]
struct About {
    providers: Vec<Provider>,
    catalog: Vec<Entry>,
}

/// Texts, each once.
#[derive(Debug, Default)]
struct Names {
    known: BTreeMap<String, u32>,
    all: Vec<String>,
}

impl Names {
    fn place(&mut self, text: String) -> u32 {
        let next = number(self.all.len());
        *self.known.entry(text).or_insert_with_key(|text| {
            self.all.push(text.clone());
            next
        })
    }
}

impl Watch for Recorder {
    fn begins(&mut self, system: &System<Lines>) {
        let world = system.world();
        self.about = Some(About { providers: providers(world), catalog: catalog(world, &mut self.infos) });
        self.state = Look { script: &self.script, system, ids: &mut self.ids }.state();
        self.start = Delta { set: self.state.clone(), gone: Vec::new() };
        self.travels.look(world, 0, None, None, &mut self.infos);
    }

    fn before(&mut self, system: &System<Lines>, transition: &Transition) {
        let naming = Naming::of(system.world());
        let others = system.world().aside(|_| system.enabled());
        let others = others.iter().filter(|other| *other != transition);
        let texts: Vec<String> = others.map(|other| schedule::print(other, &naming)).collect();
        self.others = texts.into_iter().map(|text| self.names.place(text)).collect();
        let running = system.world().processes().filter(|process| process.runs()).map(|process| process.pid);
        let kills = running.map(Transition::Kill).filter(|kill| kill != transition);
        let kills: Vec<String> = kills.map(|kill| schedule::print(&kill, &naming)).collect();
        self.kills = kills.into_iter().map(|text| self.names.place(text)).collect();
    }

    fn after(&mut self, system: &System<Lines>, taken: &Taken) {
        let world = system.world();
        let n = number(self.events.len() + 1);
        let (kind, tid) = kind_of(&taken.transition);
        let thread = tid.map(|tid| thread_name(world, tid));
        let happened = self.happened(system, taken);
        let state = Look { script: &self.script, system, ids: &mut self.ids }.state();
        let delta = Delta::between(&self.state, &state);
        self.state = state;
        let what = Some((&taken.transition, taken.events.as_slice()));
        self.travels.look(world, n, thread.as_deref(), what, &mut self.infos);
        let name = schedule::print(&taken.transition, &Naming::of(world));
        self.rows.push(taken.row);
        self.events.push(Event {
            n,
            name: self.names.place(name),
            kind,
            thread,
            row: None,
            time: world.now(),
            happened,
            others: std::mem::take(&mut self.others),
            kills: std::mem::take(&mut self.kills),
            delta,
        });
    }
}

impl Recorder {
    /// A recorder that has seen nothing.
    pub fn new(script: Arc<Script>) -> Recorder {
        Recorder {
            script,
            ids: Ids::default(),
            infos: Infos::default(),
            names: Names::default(),
            rules: BTreeSet::new(),
            travels: Travels::default(),
            start: Delta::default(),
            state: BTreeMap::new(),
            others: Vec::new(),
            kills: Vec::new(),
            shares: false,
            events: Vec::new(),
            rows: Vec::new(),
            about: None,
        }
    }

    fn happened(&mut self, system: &System<Lines>, taken: &Taken) -> Vec<Happening> {
        let mut all = Vec::new();
        // The arguments of the calls that stand below, by depth.
        let mut below: Vec<Vec<super::Named>> = Vec::new();
        for gave in &taken.events {
            let one = self.happening(system, gave, &mut below);
            all.extend(one);
        }
        all
    }

    fn happening(
        &mut self,
        system: &System<Lines>,
        gave: &Gave,
        below: &mut Vec<Vec<super::Named>>,
    ) -> Option<Happening> {
        let world = system.world();
        Some(match gave {
            Gave::Enter { depth, who, call, .. } => {
                let args = self.infos.arguments(call);
                let place = usize::from(*depth);
                below.truncate(place);
                let same = below.last() == Some(&args) && below.len() == place;
                if below.len() == place {
                    below.push(args.clone());
                }
                let call = call.function().to_string();
                Happening::Enter { depth: *depth, who: who_name(world, *who), call, args: (!same).then_some(args) }
            }
            Gave::Leave { depth, who, call, outcome, .. } => {
                let why = outcome.basis().map(|basis| basis.to_string());
                self.rules.extend(why.clone());
                self.shares |= matches!(**call, Call::WSPDuplicateSocket(_)) && outcome.result.is_ok();
                Happening::Leave {
                    depth: *depth,
                    who: who_name(world, *who),
                    call: call.function().to_string(),
                    result: shown::result(outcome),
                    failed: outcome.result.is_err(),
                    written: self.infos.written(outcome),
                    why,
                }
            }
            Gave::Rule { by, basis, .. } => {
                let id = basis.to_string();
                self.rules.insert(id.clone());
                Happening::Rule { id, by: by.map(|by| who_name(world, Who::Provider(by))) }
            }
            Gave::Waits { thread, .. } => {
                let what = waiting(&self.script, system, *thread).map(|w| w.what);
                Happening::Waits { what: what.unwrap_or_else(|| "a moment".to_owned()) }
            }
            Gave::Breach(breach) => {
                let why = breach.basis.to_string();
                self.rules.insert(why.clone());
                let provider = who_name(world, Who::Provider(breach.provider));
                Happening::Breach { provider, duty: breach.duty.name().to_owned(), why, text: breach.seen.clone() }
            }
            Gave::Hazard(hazard) => {
                Happening::Hazard { kind: hazard.kind.name().to_owned(), text: hazard.seen.clone() }
            }
            other => Happening::Note { text: note(world, other)? },
        })
    }

    fn finish(mut self, run: &Run, arrangement: &Arrangement, order: &str, origin: &Origin<'_>) -> Trace {
        let rows = self.finish_rows(run);
        for (row, hazard) in &run.hazards {
            self.late(&rows, *row, || Happening::Hazard {
                kind: hazard.kind.name().to_owned(),
                text: hazard.seen.clone(),
            });
        }
        let about = self.about.unwrap_or_default();
        let last = number(self.events.len());
        let failures = run.failures.iter().map(|failure| {
            let row = rows.iter().rev().find(|row| row.line == failure.line);
            let event = row.map_or(last, |row| row.last);
            Failure { line: failure.line, column: failure.column, message: failure.message.clone(), event }
        });
        let failures = failures.collect();
        self.rules.extend(rows.iter().filter_map(|row| row.why.clone()));
        let sharing: Vec<String> =
            if self.shares { SHARING.iter().map(|id| (*id).to_owned()).collect() } else { Vec::new() };
        self.rules.extend(sharing.clone());
        let rules = self.rules.iter().map(|id| shown::rule(id, &arrangement.policy));
        Trace {
            format: FORMAT.to_owned(),
            version: VERSION,
            title: if run.scenario.is_empty() { origin.file.to_owned() } else { run.scenario.clone() },
            about: run.about.clone(),
            file: origin.file.to_owned(),
            text: origin.text.to_owned(),
            scenario: None,
            case: None,
            machine: Machine {
                name: arrangement.name(),
                grain: grain(run.grain).to_owned(),
                order: order.to_owned(),
                options: origin.options.to_owned(),
                schedule: head(run),
            },
            passed: run.passed,
            processes: processes(run),
            providers: about.providers,
            catalog: about.catalog,
            marks: run.marks.iter().map(|m| Mark { number: m.number, title: m.title.clone() }).collect(),
            rows,
            names: self.names.all,
            fields: shown::fields(),
            infos: self.infos.into_all(),
            rules: rules.collect(),
            sharing,
            start: self.start,
            setup: number(run.setup),
            events: self.events,
            travels: self.travels.into_all(),
            failures,
            leaks: run.leaks.clone(),
        }
    }

    /// A hazard that only the program of a line saw stands in no transition: it goes to the last event of its row.
    fn late(&mut self, rows: &[Row], row: usize, happening: impl Fn() -> Happening) {
        let Some(row) = rows.get(row) else { return };
        let one = happening();
        let (first, last) = (row.first as usize, row.last as usize);
        let within = self.events.iter().skip(first.saturating_sub(1)).take((last + 1).saturating_sub(first));
        if within.flat_map(|event| &event.happened).any(|happening| *happening == one) {
            return;
        }
        if let Some(event) = last.checked_sub(1).and_then(|place| self.events.get_mut(place)) {
            event.happened.push(one);
        }
    }

    /// The rows, and for each event the row that it belongs to.
    fn finish_rows(&mut self, run: &Run) -> Vec<Row> {
        let mut span: Vec<Option<(u32, u32)>> = vec![None; run.rows.len()];
        for (event, row) in self.events.iter_mut().zip(&self.rows) {
            let Some(place) = row.filter(|place| *place < span.len()) else { continue };
            event.row = Some(number(place));
            if event.thread.is_some() {
                let (first, _) = span[place].unwrap_or((event.n, event.n));
                span[place] = Some((first, event.n));
            }
        }
        let rows = run.rows.iter().zip(span);
        rows.map(|(row, span)| row_of(row, span.unwrap_or((1, 1)))).collect()
    }
}

fn row_of(row: &Ran, (first, last): (u32, u32)) -> Row {
    let error = row.outcome.as_ref().and_then(|outcome| outcome.error());
    Row {
        n: number(row.n),
        line: row.line,
        mark: row.mark.map(number),
        setup: row.setup,
        thread: row.thread.clone(),
        bind: row.bind.clone(),
        text: row.text.clone(),
        call: row.call.clone(),
        result: value::result(row),
        short: value::short_result(row),
        error: error.map(|code| code.to_string()),
        from: row.from.clone(),
        why: why::basis(row),
        expected: row.expected.clone(),
        held: row.held,
        blocked: row.blocked,
        first,
        last,
    }
}

fn kind_of(transition: &Transition) -> (EventKind, Option<Tid>) {
    match transition {
        Transition::Go(tid) => (EventKind::Go, Some(*tid)),
        Transition::Choose { thread, .. } => (EventKind::Go, Some(*thread)),
        Transition::Step(tid) => (EventKind::Step, Some(*tid)),
        Transition::Answer { thread, .. } => (EventKind::Answer, Some(*thread)),
        Transition::Deliver { .. } | Transition::DeliverDatagram { .. } => (EventKind::Deliver, None),
        Transition::LoseSegment { .. } | Transition::LoseDatagram { .. } => (EventKind::Lose, None),
        Transition::DeliverMessage { .. } | Transition::Overtake { .. } => (EventKind::Message, None),
        Transition::LoseMessage { .. } => (EventKind::LoseMessage, None),
        Transition::DuplicateMessage { .. } => (EventKind::DuplicateMessage, None),
        Transition::DamageMessage { .. } => (EventKind::DamageMessage, None),
        Transition::Complete { .. } => (EventKind::Complete, None),
        Transition::TimePasses | Transition::Advance(_) => (EventKind::Time, None),
        Transition::Fault(_) | Transition::ClearFaults => (EventKind::Fault, None),
        Transition::Kill(_) => (EventKind::Kill, None),
    }
}

/// What is told in words.
fn note(world: &World, gave: &Gave) -> Option<String> {
    let code = |error: ErrorCode| if error == ErrorCode(0) { String::new() } else { format!(", {error}") };
    Some(match gave {
        Gave::Delivered { from, to, what } => format!("{from} → {to}: {what}"),
        Gave::Message { from, to, length } => {
            format!("{} → {}: {length} bytes", process_name(world, *from), process_name(world, *to))
        }
        Gave::Completed { process, cell, completion } => format!(
            "the operation of {} with cell {} has ended: {} bytes{}",
            process_name(world, *process),
            cell.0,
            completion.transferred,
            code(completion.error)
        ),
        Gave::NetworkEvent { process, event, network_event, error } => format!(
            "{} is recorded{}, and event {event} of {} is set",
            event_names(*network_event),
            code(*error),
            process_name(world, *process)
        ),
        Gave::Started { process } => format!("{} starts", process_name(world, *process)),
        Gave::Ended { process, code } => format!("{} ends with code {code}", process_name(world, *process)),
        Gave::Time { now } => format!("it is {now} ms"),
        _ => return None,
    })
}

fn providers(world: &World) -> Vec<Provider> {
    let catalog = world.catalog();
    let all = catalog.providers().iter();
    let kind = |kind: ProviderKind| match kind {
        ProviderKind::BaseIfs => "base IFS",
        ProviderKind::BaseNonIfs => "base non-IFS",
        ProviderKind::LayerIfs => "IFS layer",
        ProviderKind::LayerNonIfs => "non-IFS layer",
        ProviderKind::Outside { ifs: true, .. } => "IFS, outside",
        ProviderKind::Outside { ifs: false, .. } => "non-IFS, outside",
    };
    let all = all.map(|p| Provider {
        name: p.name.clone(),
        kind: kind(p.kind).to_owned(),
        guid: p.guid.to_string(),
        path: p.path.clone(),
        over: p.over.map(|over| catalog.provider(over).name.clone()),
    });
    all.collect()
}

fn catalog(world: &World, infos: &mut Infos) -> Vec<Entry> {
    let catalog = world.catalog();
    let all = catalog.entries().iter().map(|entry| {
        let chain = entry.info.protocol_chain();
        let (kind, members) = match chain.kind() {
            ChainKind::Layered => ("layer", Vec::new()),
            ChainKind::Base => ("base", Vec::new()),
            _ => ("chain", chain.members().to_vec()),
        };
        Entry {
            id: entry.id,
            provider: catalog.provider(entry.provider).name.clone(),
            name: entry.info.protocol_name(),
            kind: kind.to_owned(),
            chain: members,
            info: infos.place(&entry.info),
        }
    });
    all.collect()
}

fn processes(run: &Run) -> Vec<Process> {
    let mut all: Vec<Process> = Vec::new();
    for (tid, name) in run.naming.threads() {
        if tid.ordinal == 0 {
            all.push(Process { name: name.clone(), pid: tid.process.0, threads: Vec::new() });
        }
        if let Some(process) = all.iter_mut().find(|p| p.pid == tid.process.0) {
            process.threads.push(name.clone());
        }
    }
    all
}

/// The line that says how far `go` goes, where a schedule of the run begins with one.
fn head(run: &Run) -> Option<String> {
    let schedule = Recorded { grain: run.grain, through_lines: run.through_lines, transitions: Vec::new() };
    let tree = schedule.to_tree(&run.naming);
    tree.transitions.items.into_iter().next().map(|line| line.text)
}

fn grain(grain: Grain) -> &'static str {
    match grain {
        Grain::Call => "call",
        Grain::Boundary => "boundary",
        Grain::Request => "request",
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
