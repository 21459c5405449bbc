//! Faults: which may strike in a state, and which have struck on the way to it.

use std::collections::HashMap;

use winspi_core::fault::Fault;
use winspi_core::id::Pid;
use winspi_core::{System, Transition, World};
use winspi_script::Lines;
use winspi_script::schedule::{self, Naming};
use winspi_script::waiting::process_name;
use winspi_types::protocol_info::{Field, SIZE_W};

use crate::Faults;

/// The fields of an info of which a damaged byte is tried, one for each thing that the info says: which provider, which
/// entry of the catalog, how long the chain is, which family, which duplicate, and its name, which nobody looks at.
const CLASSES: [&str; 6] =
    ["ProviderId", "dwCatalogEntryId", "ProtocolChain.ChainLen", "iAddressFamily", "dwProviderReserved", "szProtocol"];

/// The faults that have struck on a way: a place among the sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FaultSet(pub(crate) u32);

impl FaultSet {
    /// No fault so far.
    pub(crate) const NONE: FaultSet = FaultSet(0);
}

/// The sets of faults that were met. What has struck is part of what a state is, its order is not.
#[derive(Clone, Debug)]
pub(crate) struct FaultSets {
    all: Vec<Struck>,
    /// A set with one fault more. Only looked up, never walked.
    with: HashMap<(FaultSet, Transition), FaultSet>,
}

/// What has struck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Struck {
    /// In words, sorted.
    pub(crate) words: Vec<String>,
    /// The processes that were killed, in the order of their start.
    pub(crate) killed: Vec<Pid>,
}

impl FaultSets {
    /// Only the empty set.
    pub(crate) fn new() -> FaultSets {
        FaultSets { all: vec![Struck::default()], with: HashMap::new() }
    }

    pub(crate) fn get(&self, set: FaultSet) -> &Struck {
        // A set is made here and nowhere else.
        self.all.get(set.0 as usize).unwrap_or(&self.all[0])
    }

    /// The set with one fault more, if it was met.
    pub(crate) fn find(&self, set: FaultSet, fault: &Transition) -> Option<FaultSet> {
        self.with.get(&(set, fault.clone())).copied()
    }

    /// The set with one fault more.
    pub(crate) fn add(&mut self, set: FaultSet, fault: &Transition, world: &World) -> FaultSet {
        if let Some(known) = self.find(set, fault) {
            return known;
        }
        let mut struck = self.get(set).clone();
        struck.words.push(words(fault, world));
        struck.words.sort_unstable();
        if let Transition::Kill(pid) = fault {
            struck.killed.push(*pid);
            struck.killed.sort_unstable();
        }
        let place = self.all.iter().position(|other| *other == struck);
        let place = place.unwrap_or_else(|| {
            self.all.push(struck);
            self.all.len() - 1
        });
        let new = FaultSet(place as u32);
        self.with.insert((set, fault.clone()), new);
        new
    }
}

/// A fault in words, as what has happened.
fn words(fault: &Transition, world: &World) -> String {
    let name = |pid: &Pid| process_name(world, *pid);
    match fault {
        Transition::Kill(pid) => format!("{} killed", name(pid)),
        Transition::LoseMessage { from, to, .. } => format!("a message from {} to {} lost", name(from), name(to)),
        Transition::DuplicateMessage { from, to, .. } => {
            format!("a message from {} to {} duplicated", name(from), name(to))
        }
        Transition::DamageMessage { from, to, byte, .. } => {
            format!("byte {byte} of a message from {} to {} damaged", name(from), name(to))
        }
        Transition::LoseDatagram { from, to } => format!("a datagram from {from} to {to} lost"),
        other => schedule::print(other, &Naming::of(world)),
    }
}

/// The faults that may strike in a state, after so many.
///
/// Messages of a lane arrive in order, so a fault of one that is not the oldest is the same as the fault when it has
/// become the oldest: only that is tried.
pub(crate) fn possible(faults: &Faults, system: &System<Lines>, struck: usize) -> Vec<Transition> {
    let mut all = Vec::new();
    if struck >= faults.budget as usize {
        return all;
    }
    let world = system.world();
    let running = || world.processes().filter(|p| p.runs()).map(|p| p.pid);
    if faults.kill {
        all.extend(running().map(Transition::Kill));
    }
    for (from, to, _) in world.bus().in_flight() {
        if faults.lose {
            all.push(Transition::LoseMessage { from, to, number: 1 });
        }
        if faults.duplicate {
            all.push(Transition::DuplicateMessage { from, to, number: 1 });
        }
        if faults.damage {
            let length = world.bus().oldest(from, to).map_or(0, <[u8]>::len);
            let bytes = bytes(faults, length).into_iter();
            all.extend(bytes.map(|byte| Transition::DamageMessage { from, to, number: 1, byte }));
        }
    }
    if faults.lose {
        let datagrams = world.network().in_flight();
        all.extend(datagrams.map(|(from, to, _)| Transition::LoseDatagram { from, to }));
    }
    if faults.exhaust {
        let lacks = |fault: Fault| !world.faults().iter().any(|on| on == fault);
        let of =
            |pid| [Fault::Descriptors { process: pid, limit: 0 }, Fault::Buffers(Some(pid)), Fault::Memory(Some(pid))];
        all.extend(running().flat_map(of).filter(|fault| lacks(*fault)).map(Transition::Fault));
    }
    all
}

/// The bytes of a message of which one is damaged.
fn bytes(faults: &Faults, length: usize) -> Vec<u32> {
    let all = match faults.damage_byte {
        Some(byte) => vec![byte],
        None if length == SIZE_W => {
            CLASSES.iter().filter_map(|name| Field::find(name)).map(|field| field.offset as u32).collect()
        }
        None => vec![0],
    };
    all.into_iter().filter(|byte| (*byte as usize) < length).collect()
}
