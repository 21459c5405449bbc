//! The canonical form of a state up to the exchange of processes, and of the handle values within a process.
//!
//! A [`Renaming`] gives each process a position, and each of its handles a label. The canonical form is the smallest
//! encoding over all renamings that a [`Symmetry`] allows; so two states have the same exactly when one is a renaming of
//! the other. Which renamings are tried: processes and handles get colours that no renaming changes (what is behind
//! them, and what is behind that, until nothing more is told apart); what has the same colour is tried in every order,
//! one element after the other, with new colours after each. Handles of a process that lead to the same object with the
//! same flags, and that nothing else names, are alike in every way: of these one order is enough.
//!
//! That the exchange changes nothing that may happen is for the caller to see: programs must not tell such processes or
//! handles apart. What can only be seen in a state is looked at here: a handle value that somebody keeps although it is
//! free decides what it will mean, so it cannot be exchanged ([`Asymmetry::Dangling`]).

use std::collections::BTreeSet;

use serde::Serialize;
use slotmap::DefaultKey;
use xxhash_rust::xxh3::xxh3_128;

use super::writer::Tag;
use super::{Canon, Fingerprint, Form, Scratch};
use crate::arena::ArenaKey;
use crate::id::{Handle, Pid};
use crate::kernel::handle::{HandleTable, Slot};
use crate::system::{Program, System};

/// What may be exchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symmetry {
    /// The values of the handles of a process.
    pub handles: bool,
    /// Processes: those of one class with each other.
    pub classes: Vec<Vec<Pid>>,
}

/// Why a state has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Asymmetry {
    /// Somebody keeps the value of a handle that is free.
    #[error("somebody keeps the handle {0}, which is closed: what it means next depends on its value")]
    Dangling(Handle),
    /// Ws2_32 keeps its sockets by the values of their handles.
    #[error("process {0} has sockets that Ws2_32 keeps by the values of their handles")]
    Sockets(Pid),
    /// A duplication by token names its target.
    #[error("a duplication to process {0} is under way")]
    Tokens(Pid),
    /// A process has more handles than its range of values is wide.
    #[error("process {0} has a handle value that may be another's")]
    Range(Pid),
    /// There are too many renamings to try.
    #[error("a state has more than {0} orders of processes and handles that look alike")]
    Orders(u32),
}

/// The most encodings of one state.
const MOST_ORDERS: u32 = 50_000;

/// Programs that can be written down without the names of what may be exchanged.
///
/// Values of the types `Pid` and `Handle` in them are renamed; the order of processes must not show otherwise.
pub trait Symmetric: Program {
    /// What a program is, beside whose it is.
    fn own(&self) -> impl Serialize;

    /// What programs share that is a process's own; asked of the program of its main thread. With `handles` nothing of
    /// it is ever read.
    fn of_process(&self, shared: &Self::Shared, process: Pid, handles: bool) -> impl Serialize;
}

/// What processes and handles are called instead.
#[derive(Clone, Debug, Default)]
pub(super) struct Renaming {
    /// The position of each process.
    positions: Vec<u32>,
    /// The used handles of each process in the order of their labels.
    slots: Vec<Vec<Handle>>,
    /// Whether labels stand for values.
    handles: bool,
    /// Where only colours are asked for: the process that is looked at. Names are left open.
    colour_of: Option<usize>,
    /// The handles that were named.
    named: BTreeSet<Handle>,
    dangling: Option<Handle>,
}

impl Renaming {
    /// A handle by its name: the position of its process, and its label there; as it is where it belongs to nobody.
    fn handle(&mut self, handle: Handle) -> Result<(u32, u32, u8), u64> {
        let low = (handle.0 & 3) as u8;
        let exact = Handle(handle.0 & !3);
        let index = (handle.0 / HandleTable::DISTANCE) as usize;
        let index = if exact.0 % HandleTable::DISTANCE < HandleTable::FIRST { index.wrapping_sub(1) } else { index };
        let (Some(position), Some(slots)) = (self.positions.get(index), self.slots.get(index)) else {
            return Err(handle.0);
        };
        self.named.insert(exact);
        let used = slots.iter().position(|slot| *slot == exact);
        if self.colour_of.is_some() {
            return Ok((0, u32::from(used.is_some()), low));
        }
        if !self.handles {
            let base = HandleTable::FIRST + HandleTable::DISTANCE * index as u64;
            return Ok((*position, ((exact.0 - base) / 4) as u32, low));
        }
        match used {
            Some(label) => Ok((*position, label as u32, low)),
            None => {
                self.dangling = Some(exact);
                Ok((*position, u32::MAX, low))
            }
        }
    }

    fn pid(&self, pid: u64) -> Result<u32, u64> {
        let index = u32::try_from(pid).ok().and_then(|pid| Pid(pid).index());
        match (self.colour_of, index.and_then(|index| self.positions.get(index))) {
            (Some(own), Some(_)) => Ok(if index == Some(own) { 1 } else { 0 }),
            (None, Some(position)) => Ok(*position),
            (_, None) => Err(pid),
        }
    }
}

impl Canon<'_> {
    /// Writes a process as what it is called.
    pub(super) fn renamed_pid(&mut self, pid: u64) {
        let Some(names) = &self.names else { return self.head(Tag::Unsigned, pid) };
        match names.pid(pid) {
            Ok(position) => self.head(Tag::Variant, u64::from(position)),
            Err(number) => self.head(Tag::Unsigned, number),
        }
    }

    /// Writes a handle as what it is called.
    pub(super) fn renamed_handle(&mut self, handle: u64) {
        let Some(names) = &mut self.names else { return self.head(Tag::Unsigned, handle) };
        match names.handle(Handle(handle)) {
            Ok((process, label, low)) => {
                self.head(Tag::VariantOf, u64::from(process));
                self.head(Tag::Unsigned, u64::from(label) << 2 | u64::from(low));
            }
            Err(number) => self.head(Tag::Unsigned, number),
        }
    }

    /// The fields of a structure that a renamed state has elsewhere, or that say only whose it is.
    pub(super) fn written_elsewhere(&self, name: &str) -> &'static [&'static str] {
        match name {
            "Process" if self.names.is_some() => &["name", "handles"],
            "Thread" if self.names.is_some() => &["name"],
            _ => &[],
        }
    }

    /// Writes parts in the order of their bytes: they lead to no object, so their order changes no number.
    fn sorted(&mut self, parts: impl Iterator<Item = impl Serialize>) {
        let start = self.scratch.out.len();
        let mut all: Vec<Vec<u8>> = Vec::new();
        for part in parts {
            self.value(&part);
            all.push(self.scratch.out.split_off(start));
        }
        all.sort_unstable();
        self.head(Tag::Sequence, all.len() as u64);
        all.into_iter().for_each(|part| self.scratch.out.extend(part));
    }
}

/// A handle of a process with what is behind it.
#[derive(Clone, Debug)]
struct Held {
    handle: Handle,
    slot: Slot,
    /// The number of what is behind it, if others may lead there, too.
    object: Option<usize>,
    colour: u128,
}

/// What has arrived at a process, with the senders.
type Inbox<'b> = (Pid, Vec<(Pid, &'b [u8])>);

/// The search for the smallest encoding of one state.
struct Search<'s, P: Program> {
    system: &'s System<P>,
    symmetry: &'s Symmetry,
    best: Option<Vec<u8>>,
    orders: u32,
    named: BTreeSet<Handle>,
}

/// The colours of processes, and of their handles.
#[derive(Clone, Debug)]
struct Colours {
    processes: Vec<u128>,
    held: Vec<Vec<Held>>,
    /// How many objects there are behind handles.
    objects: usize,
}

impl<P: Symmetric> System<P> {
    /// What a state is up to a symmetry: the same for two states exactly when one is a renaming of the other.
    ///
    /// # Errors
    ///
    /// Where handles cannot be exchanged in this state, or there is too much to try.
    pub fn fingerprint_up_to(&self, symmetry: &Symmetry, scratch: &mut Scratch) -> Result<Fingerprint, Asymmetry> {
        let encoding = self.encoding_up_to(symmetry, scratch)?;
        Ok(Fingerprint(xxh3_128(&encoding)))
    }

    /// The smallest encoding over all renamings that a symmetry allows.
    ///
    /// # Errors
    ///
    /// As [`System::fingerprint_up_to`].
    pub fn encoding_up_to(&self, symmetry: &Symmetry, scratch: &mut Scratch) -> Result<Vec<u8>, Asymmetry> {
        let world = self.world();
        if symmetry.handles
            && let Some(process) = world.processes().find(|p| p.descriptors.iter().next().is_some())
        {
            return Err(Asymmetry::Sockets(process.pid));
        }
        if let (false, Some((target, _))) = (symmetry.classes.is_empty(), world.tokens().iter().next()) {
            return Err(Asymmetry::Tokens(target));
        }
        let mut search = Search { system: self, symmetry, best: None, orders: 0, named: BTreeSet::new() };
        let colours = search.first_colours(scratch)?;
        search.refine_and_go_on(colours, scratch)?;
        Ok(search.best.unwrap_or_default())
    }
}

impl<P: Symmetric> Search<'_, P> {
    /// What no renaming changes of each process and handle for itself.
    fn first_colours(&mut self, scratch: &mut Scratch) -> Result<Colours, Asymmetry> {
        let world = self.system.world();
        let mut held: Vec<Vec<Held>> = Vec::new();
        let mut objects = Vec::new();
        for process in world.processes() {
            let mut all = Vec::new();
            for (handle, slot) in process.handles.iter() {
                let object = object(slot).map(|key| {
                    objects.iter().position(|known| *known == key).unwrap_or_else(|| {
                        objects.push(key);
                        objects.len() - 1
                    })
                });
                all.push(Held { handle, slot, object, colour: 0 });
            }
            let base = HandleTable::FIRST + HandleTable::DISTANCE * held.len() as u64;
            let own = base..base + HandleTable::DISTANCE;
            if all.iter().any(|held| !own.contains(&held.handle.0)) {
                return Err(Asymmetry::Range(process.pid));
            }
            held.push(all);
        }
        let count = held.len();
        let class_of = |index: usize| {
            let pid = Pid::of_index(index);
            self.symmetry.classes.iter().position(|class| class.contains(&pid))
        };
        let objects = objects.len();
        let mut colours = Colours { processes: (0..count as u128).collect(), held, objects };
        let mut renaming = self.renaming(&colours);
        let mut processes = Vec::new();
        for index in 0..count {
            renaming.colour_of = Some(index);
            let mut canon = Canon::begin(world, scratch, Form::Local);
            canon.names = Some(renaming);
            // Who is interchangeable with nobody has a colour of its own.
            match class_of(index) {
                Some(class) => canon.value(&(0, class)),
                None => canon.value(&(1, index)),
            }
            self.process(&mut canon, index);
            self.programs(&mut canon, index);
            renaming = canon.names.take().unwrap_or_default();
            processes.push(xxh3_128(&scratch.out));
        }
        self.named = std::mem::take(&mut renaming.named);
        renaming.colour_of = Some(count);
        for (process, all) in world.processes().zip(&mut colours.held) {
            for (place, one) in all.iter_mut().enumerate() {
                let mut canon = Canon::begin(world, scratch, Form::Local);
                let named = self.named.contains(&one.handle);
                let place = if self.symmetry.handles { None } else { Some(place) };
                canon.value(&(place, process.handles.flags(one.handle), named, kind_of(one.slot)));
                canon.names = Some(renaming);
                canon.local_object(one.slot);
                renaming = canon.names.take().unwrap_or_default();
                one.colour = xxh3_128(&scratch.out);
            }
        }
        colours.processes = processes;
        Ok(colours)
    }

    /// Tells apart what is behind things that were told apart, until nothing changes; then tries what is left.
    fn refine_and_go_on(&mut self, mut colours: Colours, scratch: &mut Scratch) -> Result<(), Asymmetry> {
        let mut cells = colours.cells();
        loop {
            colours = colours.refined();
            let finer = colours.cells();
            if finer == cells {
                break;
            }
            cells = finer;
        }
        // The first set of processes that look alike, by colour.
        if let Some(alike) = first_cell(colours.processes.iter().copied().enumerate()) {
            for index in alike {
                let mut next = colours.clone();
                next.processes[index] = mixed(next.processes[index], 1);
                self.refine_and_go_on(next, scratch)?;
            }
            return Ok(());
        }
        // Processes are told apart: their handles one process after the other, in the order of their colours.
        let mut order: Vec<usize> = (0..colours.processes.len()).collect();
        order.sort_by_key(|index| colours.processes[*index]);
        for index in order {
            let held = &colours.held[index];
            let Some(alike) = first_cell(held.iter().map(|h| h.colour).enumerate()) else { continue };
            let mut tried: Vec<Slot> = Vec::new();
            for place in alike {
                let one = &held[place];
                if tried.contains(&one.slot) && !self.named.contains(&one.handle) {
                    // In every way like one that was tried.
                    continue;
                }
                tried.push(one.slot);
                let mut next = colours.clone();
                next.held[index][place].colour = mixed(one.colour, 1);
                self.refine_and_go_on(next, scratch)?;
            }
            return Ok(());
        }
        self.encode(&colours, scratch)
    }

    /// All is told apart: the encoding in the order of the colours.
    fn encode(&mut self, colours: &Colours, scratch: &mut Scratch) -> Result<(), Asymmetry> {
        self.orders += 1;
        if self.orders > MOST_ORDERS {
            return Err(Asymmetry::Orders(MOST_ORDERS));
        }
        let renaming = self.renaming(colours);
        let mut order: Vec<usize> = (0..renaming.positions.len()).collect();
        order.sort_by_key(|index| renaming.positions[*index]);
        let mut canon = Canon::begin(self.system.world(), scratch, Form::Whole);
        canon.names = Some(renaming);
        self.state(&mut canon, &order);
        if let Some(handle) = canon.names.take().and_then(|names| names.dangling) {
            return Err(Asymmetry::Dangling(handle));
        }
        if self.best.as_ref().is_none_or(|best| scratch.out < *best) {
            self.best = Some(scratch.out.clone());
        }
        Ok(())
    }

    /// Processes that are exchanged share their places among all in the order of their colours; the others stay.
    fn renaming(&self, colours: &Colours) -> Renaming {
        let mut positions: Vec<u32> = (0..colours.processes.len() as u32).collect();
        for class in &self.symmetry.classes {
            let places = class.iter().filter_map(|pid| pid.index()).filter(|index| *index < positions.len());
            let mut places: Vec<usize> = places.collect();
            places.sort_unstable();
            let mut by_colour = places.clone();
            by_colour.sort_by_key(|index| (colours.processes[*index], *index));
            for (place, index) in places.into_iter().zip(by_colour) {
                positions[index] = place as u32;
            }
        }
        let sorted = |held: &Vec<Held>| {
            let mut all: Vec<&Held> = held.iter().collect();
            if self.symmetry.handles {
                all.sort_by_key(|held| (held.colour, held.handle));
            }
            all.into_iter().map(|held| held.handle).collect()
        };
        Renaming {
            positions,
            slots: colours.held.iter().map(sorted).collect(),
            handles: self.symmetry.handles,
            colour_of: None,
            named: BTreeSet::new(),
            dangling: None,
        }
    }

    /// Writes the whole state, processes in this order.
    fn state(&self, canon: &mut Canon<'_>, order: &[usize]) {
        let world = self.system.world();
        canon.value(&world.constants());
        for index in order {
            self.process(canon, *index);
        }
        let parts = world.components();
        canon.component(parts.tokens);
        canon.component(parts.network);
        self.bus(canon);
        canon.sorted(world.faults().iter());
        self.operations(canon);
        canon.connections_on_their_way();
        canon.objects();
        canon.leaks();
        canon.follows = false;
        for index in order {
            self.programs(canon, *index);
        }
        canon.value(&(self.system.grain, self.system.stop_at_lines));
    }

    /// A process with its handles, threads and providers.
    fn process(&self, canon: &mut Canon<'_>, index: usize) {
        let (world, pid) = (self.system.world(), Pid::of_index(index));
        if let Some(process) = world.components().processes.get(index) {
            canon.value(&**process);
            if canon.names.as_ref().is_some_and(|names| names.colour_of.is_none()) {
                let slots = canon.names.as_ref().and_then(|names| names.slots.get(index)).cloned().unwrap_or_default();
                canon.head(Tag::Sequence, slots.len() as u64);
                for handle in slots {
                    let place = if self.symmetry.handles { None } else { process.handles.place(handle) };
                    canon.value(&(place, process.handles.get(handle), process.handles.flags(handle)));
                }
            }
        }
        for (_, thread) in world.shared_threads().filter(|(tid, _)| tid.process == pid) {
            canon.value(&**thread);
        }
        for (id, instance) in world.shared_instances().filter(|(id, _)| id.process == pid) {
            canon.value(&id.provider);
            canon.value(&**instance);
        }
    }

    /// The programs of a process.
    fn programs(&self, canon: &mut Canon<'_>, index: usize) {
        let pid = Pid::of_index(index);
        for (tid, program) in self.system.programs().filter(|(tid, _)| tid.process == pid) {
            canon.value(&tid.ordinal);
            canon.value(&program.own());
            if tid.ordinal == 0 {
                canon.value(&program.of_process(&self.system.shared, pid, self.symmetry.handles));
            }
        }
    }

    /// What is on its way, by sender and receiver, and what has arrived, by receiver.
    fn bus(&self, canon: &mut Canon<'_>) {
        let bus = self.system.world().bus();
        let mut lanes: Vec<(Pid, Pid, Vec<&[u8]>)> = Vec::new();
        for (from, to, _, data) in bus.messages() {
            match lanes.last_mut().filter(|lane| (lane.0, lane.1) == (from, to)) {
                Some(lane) => lane.2.push(data),
                None => lanes.push((from, to, vec![data])),
            }
        }
        canon.sorted(lanes.into_iter());
        let mut inboxes: Vec<Inbox<'_>> = Vec::new();
        for (to, from, data) in bus.arrived() {
            match inboxes.last_mut().filter(|inbox| inbox.0 == to) {
                Some(inbox) => inbox.1.push((from, data)),
                None => inboxes.push((to, vec![(from, data)])),
            }
        }
        canon.sorted(inboxes.into_iter());
    }

    /// Operations, by what their processes are called.
    fn operations(&self, canon: &mut Canon<'_>) {
        let position = |pid: Pid| {
            let names = canon.names.as_ref();
            names.and_then(|names| names.positions.get(pid.index()?).copied()).unwrap_or(u32::MAX)
        };
        let world = self.system.world();
        let mut all: Vec<_> = world.operations().map(|(id, operation)| (operation.place(), id)).collect();
        all.sort_by_key(|((instance, cell, number, ..), _)| {
            (position(instance.process), instance.provider, *cell, *number)
        });
        canon.sequence(all.into_iter(), |canon, (_, id)| canon.value(&id));
    }
}

impl Canon<'_> {
    /// What is behind a handle, for itself.
    fn local_object(&mut self, slot: Slot) {
        let parts = self.world.components();
        match slot {
            Slot::Socket(id) => self.value(&parts.endpoints.shared(id).map(|e| &**e)),
            Slot::Claim(claim) => self.value(&parts.endpoints.shared(claim.endpoint).map(|e| &**e)),
            Slot::Event(id) => self.value(&parts.events.shared(id).map(|e| &**e)),
            Slot::Port(id) => self.value(&parts.ports.shared(id).map(|p| &**p)),
            Slot::Section(id) => self.value(&parts.sections.shared(id).map(|s| &**s)),
            Slot::Free | Slot::Process(_) | Slot::Thread(_) | Slot::NonIfs => {}
        }
    }
}

/// What a handle leads to, without which.
fn kind_of(slot: Slot) -> u8 {
    match slot {
        Slot::Free => 0,
        Slot::Socket(_) => 1,
        Slot::Claim(_) => 2,
        Slot::Event(_) => 3,
        Slot::Process(_) => 4,
        Slot::Thread(_) => 5,
        Slot::Port(_) => 6,
        Slot::Section(_) => 7,
        Slot::NonIfs => 8,
    }
}

impl Colours {
    /// How many colours there are: of processes, and of the handles of each.
    fn cells(&self) -> Vec<usize> {
        let count = |mut all: Vec<u128>| {
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let held = self.held.iter().map(|held| count(held.iter().map(|h| h.colour).collect()));
        std::iter::once(count(self.processes.clone())).chain(held).collect()
    }

    /// The colours with those of what is next to each: an object has the colours of all its handles.
    fn refined(&self) -> Colours {
        let mut objects: Vec<Vec<u128>> = vec![Vec::new(); self.objects];
        for (own, held) in self.processes.iter().zip(&self.held) {
            for one in held {
                if let Some(all) = one.object.and_then(|object| objects.get_mut(object)) {
                    all.push(mixed(*own, one.colour));
                }
            }
        }
        let objects: Vec<u128> = objects.into_iter().map(mixed_all).collect();
        let mut next = self.clone();
        for ((own, held), colour) in self.processes.iter().zip(&mut next.held).zip(&mut next.processes) {
            for one in held.iter_mut() {
                let behind = match (one.slot, one.object) {
                    (Slot::Process(pid), _) => self.of_process(pid),
                    (Slot::Thread(tid), _) => mixed(self.of_process(tid.process), u128::from(tid.ordinal)),
                    (_, Some(object)) => objects.get(object).copied().unwrap_or(0),
                    (_, None) => 0,
                };
                one.colour = mixed(mixed(one.colour, *own), behind);
            }
            *colour = mixed(*own, mixed_all(held.iter().map(|held| held.colour).collect()));
        }
        next
    }

    fn of_process(&self, pid: Pid) -> u128 {
        pid.index().and_then(|index| self.processes.get(index)).copied().unwrap_or(u128::from(pid.0))
    }
}

/// The object behind a handle that others may lead to as well.
fn object(slot: Slot) -> Option<(u8, DefaultKey)> {
    match slot {
        Slot::Socket(id) => Some((0, id.key())),
        Slot::Claim(claim) => Some((0, claim.endpoint.key())),
        Slot::Event(id) => Some((1, id.key())),
        Slot::Port(id) => Some((2, id.key())),
        Slot::Section(id) => Some((3, id.key())),
        Slot::Free | Slot::Process(_) | Slot::Thread(_) | Slot::NonIfs => None,
    }
}

/// The elements of the least colour that several have.
fn first_cell(all: impl Iterator<Item = (usize, u128)>) -> Option<Vec<usize>> {
    let mut sorted: Vec<(u128, usize)> = all.map(|(place, colour)| (colour, place)).collect();
    sorted.sort_unstable();
    let cell = sorted.chunk_by(|a, b| a.0 == b.0).find(|cell| cell.len() > 1)?;
    Some(cell.iter().map(|(_, place)| *place).collect())
}

/// Two colours as one; the order counts.
fn mixed(a: u128, b: u128) -> u128 {
    let product = (a ^ MIXING.rotate_left(64)).wrapping_mul(MIXING) ^ b;
    (product ^ product >> 67).wrapping_mul(MIXING)
}

/// Many colours as one; their order does not count.
fn mixed_all(mut all: Vec<u128>) -> u128 {
    all.sort_unstable();
    all.into_iter().fold(1, mixed)
}

/// An odd number without a pattern.
const MIXING: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
