//! Compares the tables of the model with those of the world.

use std::collections::BTreeMap;

use winspi_core::World;
use winspi_core::id::{EndpointId, Handle, InstanceId, Pid};
use winspi_core::kernel::handle::Slot;

use super::follow::Follower;
use super::judge::{Instead, Mismatch};
use super::model::{Fate, Model, Party, Record, Thing};

impl Follower {
    /// Holds after every transition: nothing that a party does is between two of them.
    pub(crate) fn compare(&mut self, world: &World) -> Result<(), Mismatch> {
        for place in 0..self.model.parties.len() {
            let pid = Pid::of_index(place);
            if !self.model.parties[place].ended {
                handles(&mut self.model, pid, world)?;
                descriptors(&self.model, pid, world)?;
            }
        }
        counts(&mut self.model, world)?;
        number(&self.model, world, self.is_quiet())
    }
}

/// What is behind each handle, each record of a base and each duplicate that waits.
fn handles(model: &mut Model, pid: Pid, world: &World) -> Result<(), Mismatch> {
    let Some(process) = world.running(pid) else { return Ok(()) };
    let Model { parties, objects, .. } = model;
    let Some(party) = pid.index().and_then(|place| parties.get(place)) else { return Ok(()) };
    let mut names = Names { objects };
    let mut seen = process.handles.iter();
    for (value, thing) in &party.kernel {
        let (handle, slot) = seen.next().unwrap_or((Handle::INVALID, Slot::Free));
        let alike = handle.0 == *value
            && match (*thing, slot) {
                (Thing::Socket { socket, .. }, Slot::Socket(name)) => names.agree(socket, name),
                (Thing::Waiting(place), Slot::Claim(claim)) => {
                    names.agree(party.duplicates[place].socket, claim.endpoint)
                }
                (Thing::Process(other), Slot::Process(pid)) => other == pid,
                (Thing::File, Slot::NonIfs) => true,
                (Thing::Other, Slot::Event(_) | Slot::Thread(_)) => true,
                _ => false,
            };
        if !alike {
            let what = format!("{} of process {pid} should be {}", Handle(*value), told(*thing));
            return Err(means_another(pid, *value, *thing, party, names.objects, what));
        }
    }
    if let Some((handle, _)) = seen.next() {
        let what = format!("{handle} of process {pid} is open, and nobody made it or it was closed");
        return Err(Mismatch { rule: "handle-means-another-socket", what, instead: Instead::Closed(pid, handle.0) });
    }
    for ((provider, context), record) in &party.records {
        let Record::Socket { socket, closing } = *record else { continue };
        let instance = world.instance(InstanceId { process: pid, provider: *provider });
        let name = u32::try_from(*context).ok().and_then(|number| instance?.lower_socket(number));
        if !name.map_or(closing, |name| names.agree(socket, name)) {
            let what = format!("context {context} of process {pid} means another socket, or none");
            return Err(Mismatch { rule: "handle-means-another-socket", what, instead: Instead::Nothing });
        }
    }
    let tokens = party.duplicates.iter().filter(|duplicate| duplicate.fate == Fate::Waits);
    for duplicate in tokens {
        let (number, serial) = (duplicate.base.provider_reserved(), duplicate.base.service_flags4());
        let token = world.tokens().get(pid, number, serial);
        if token.is_some_and(|token| !names.agree(duplicate.socket, token.endpoint)) {
            let what = format!("a duplicate for process {pid} means another socket");
            return Err(Mismatch { rule: "handle-means-another-socket", what, instead: Instead::Nothing });
        }
    }
    Ok(())
}

/// The names that the world has for sockets of the model.
struct Names<'m> {
    objects: &'m mut Vec<super::model::Object>,
}

impl Names<'_> {
    /// Whether a socket is that of a name; a new one gets a name that no other has.
    fn agree(&mut self, socket: usize, name: EndpointId) -> bool {
        match self.objects[socket].name {
            Some(known) => known == name,
            None => {
                let taken = self.objects.iter().any(|object| object.handles > 0 && object.name == Some(name));
                self.objects[socket].name = Some(name);
                !taken
            }
        }
    }
}

fn told(thing: Thing) -> String {
    match thing {
        Thing::Socket { .. } => "a socket that it was given for".to_owned(),
        Thing::Waiting(_) => "a duplicate that waits".to_owned(),
        Thing::File => "a file of Ws2_32's driver".to_owned(),
        Thing::Process(other) => format!("process {other}"),
        Thing::Other => "an event".to_owned(),
    }
}

fn means_another(
    pid: Pid,
    value: u64,
    thing: Thing,
    party: &Party,
    objects: &[super::model::Object],
    what: String,
) -> Mismatch {
    let socket = match thing {
        Thing::Socket { socket, .. } => Some(socket),
        Thing::Waiting(place) => Some(party.duplicates[place].socket),
        _ => None,
    };
    let instead = socket.map_or(Instead::Nothing, |socket| Instead::Handles(pid, value, objects[socket].handles));
    Mismatch { rule: "handle-means-another-socket", what, instead }
}

/// The table of Ws2_32.
fn descriptors(model: &Model, pid: Pid, world: &World) -> Result<(), Mismatch> {
    let (Some(process), Some(party)) = (world.running(pid), model.party(pid)) else { return Ok(()) };
    let known = party.descriptors.values().map(|d| (d.handle, d.context));
    let seen = process.descriptors.iter().map(|d| (d.handle.0, d.context.map(|c| c.0)));
    if known.eq(seen) {
        return Ok(());
    }
    let seen: BTreeMap<u64, Option<u64>> =
        process.descriptors.iter().map(|d| (d.handle.0, d.context.map(|c| c.0))).collect();
    let lacks = party.descriptors.values().find(|d| seen.get(&d.handle) != Some(&d.context));
    let more = seen.keys().find(|handle| model.descriptor(pid, **handle).is_none());
    let (what, instead) = match (lacks, more) {
        (Some(lacks), _) => {
            let handle = Handle(lacks.handle);
            (format!("{handle} of process {pid} was registered, and Ws2_32 does not know it so"), Instead::Nothing)
        }
        (None, Some(more)) => (
            format!("{} of process {pid} is no descriptor any more, and Ws2_32 knows it", Handle(*more)),
            Instead::Closed(pid, *more),
        ),
        (None, None) => (format!("the table of process {pid} is in disorder"), Instead::Nothing),
    };
    Err(Mismatch { rule: "descriptors-of-process", what, instead })
}

/// How many keep each socket open.
fn counts(model: &mut Model, world: &World) -> Result<(), Mismatch> {
    for place in 0..model.objects.len() {
        let object = &mut model.objects[place];
        let (Some(name), handles) = (object.name, object.handles) else { continue };
        let last = object.last;
        if handles == 0 {
            object.name = None;
        }
        let seen = world.find_endpoint(name).map_or(0, |endpoint| endpoint.handles);
        if seen == handles {
            continue;
        }
        let gone = || last.map_or(Instead::Nothing, |(pid, value)| Instead::Closed(pid, value));
        let instead = holder(model, place).map_or_else(gone, |(pid, value)| Instead::Handles(pid, value, handles));
        let what = format!("a socket has {seen} handles; opened and not closed are {handles}");
        return Err(Mismatch { rule: "handles-of-socket", what, instead });
    }
    Ok(())
}

/// A handle that means a socket.
fn holder(model: &Model, socket: usize) -> Option<(Pid, u64)> {
    let parties = model.parties.iter().enumerate().map(|(place, party)| (Pid::of_index(place), party));
    let mut handles = parties.flat_map(|(pid, party)| {
        let known = party.descriptors.values().map(|descriptor| descriptor.handle);
        known.chain(party.kernel.keys().copied()).map(move |handle| (pid, handle))
    });
    handles.find(|(pid, handle)| model.meant(*pid, *handle, true) == Some(socket))
}

/// How many sockets there are.
fn number(model: &Model, world: &World, quiet: bool) -> Result<(), Mismatch> {
    let live = model.objects.iter().filter(|object| object.handles > 0).count();
    let open = world.endpoints().filter(|(_, endpoint)| endpoint.handles > 0).count();
    // What has no handle any more is there as long as a call or an operation needs it.
    let lingers = !quiet || world.operation_count() > 0;
    if open == live && (lingers || world.endpoint_count() == live) {
        return Ok(());
    }
    let what = format!("there are {} sockets, {open} with a handle; it should be {live}", world.endpoint_count());
    Err(Mismatch { rule: "number-of-sockets", what, instead: Instead::Nothing })
}
