//! Tells the model what parties did: which calls reached whom, and what came of them.
//!
//! Whatever a party does to a handle shows in a call at that moment: it asks for something, or it comes back. So the
//! model follows every order in which threads can take turns, and never has to guess which of two was first.

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::World;
use winspi_core::call::Call;
use winspi_core::event::Event;
use winspi_core::id::{Handle, Pid, ProviderId, Tid};
use winspi_core::outcome::{Out, Outcome, Who};
use winspi_core::policy::{DescriptorRemoval, UnknownHandle};
use winspi_core::signature::Home;
use winspi_core::value::Pointer;
use winspi_core::wait::Wait;
use winspi_core::ws2_32::catalog::ProviderKind;
use winspi_types::constants::DUPLICATE_CLOSE_SOURCE;
use winspi_types::{ChainKind, RawProtocolInfoW};

use super::judge::{Instead, Mismatch};
use super::model::{Descriptor, Fate, Kind, Model, Record, Thing};

/// A call that a party has not come back from.
struct Frame {
    who: Who,
    call: Arc<Call>,
    /// Whether the party has done its first step.
    begun: bool,
    /// The context of the handle that a provider with records was called for.
    context: Option<u64>,
    /// The context of the record that it is making.
    makes: Option<u64>,
    /// The handle that an IFS base is making.
    proposed: Option<u64>,
    /// The handle that the provider below has made.
    lower: Option<u64>,
    /// Ws2_32: which registration of the handle was there when its close went to the provider.
    closes: Option<u64>,
    /// A non-IFS base: the handle was given back.
    gave_back: bool,
    /// A program's call: what it has done beside its outcome.
    done: Done,
}

impl Frame {
    fn new(who: Who, call: Arc<Call>) -> Frame {
        let (context, makes, proposed, lower, closes) = (None, None, None, None, None);
        let done = Done::default();
        Frame { who, call, begun: false, context, makes, proposed, lower, closes, gave_back: false, done }
    }

    /// The special info that a base provider was called with.
    fn special(&self) -> Option<&RawProtocolInfoW> {
        match &*self.call {
            Call::WSPSocket(a) => match &a.protocol_info {
                Pointer::To(info) => Some(&**info).filter(|info| info.provider_reserved() != 0),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The calls under way, and the model.
pub(crate) struct Follower {
    pub(crate) model: Model,
    frames: BTreeMap<Tid, Vec<Frame>>,
    removal: DescriptorRemoval,
}

/// What a call of a program has done beside its outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Done {
    /// The duplicate that it redeemed: the socket.
    pub(crate) redeemed: Option<usize>,
    /// The socket that it made.
    pub(crate) made: Option<usize>,
    /// Whether a base has closed a handle of a socket for it.
    pub(crate) closed: bool,
    /// Whether the handle was closed by somebody else before it could be registered.
    pub(crate) robbed: bool,
}

impl Follower {
    /// For a world in which nothing has happened yet.
    pub(crate) fn new(world: &World, processes: usize) -> Follower {
        let kind = |provider: &winspi_core::ws2_32::catalog::Provider| {
            let below = provider.over.unwrap_or(ProviderId(0));
            match provider.kind {
                ProviderKind::BaseNonIfs => Kind::RecordBase,
                ProviderKind::LayerIfs => Kind::PlainLayer(below),
                ProviderKind::LayerNonIfs => Kind::RecordLayer(below),
                ProviderKind::BaseIfs | ProviderKind::Outside { .. } => Kind::KernelBase,
            }
        };
        let catalog = world.catalog();
        let kinds = catalog.providers().iter().map(kind).collect();
        let adopts = world.policy().unknown_handle == UnknownHandle::Adopt;
        let model = Model::new(processes, kinds, catalog.base_entry().provider, adopts);
        Follower { model, frames: BTreeMap::new(), removal: world.policy().descriptor_removal }
    }

    /// Takes note of what happened.
    pub(crate) fn event(&mut self, event: &Event, world: &World) -> Result<(), Mismatch> {
        match event {
            Event::Enter { thread, who, call, .. } => {
                self.begins(*thread, Some((*who, call)), world);
                let entered = self.enters(*thread, call);
                self.frames.entry(*thread).or_default().push(Frame::new(*who, call.clone()));
                entered
            }
            Event::Leave { thread, call, outcome, .. } => {
                self.begins(*thread, None, world);
                let frame = self.frames.get_mut(thread).and_then(Vec::pop);
                frame.map_or(Ok(()), |frame| self.leaves(*thread, &frame, call, outcome, world))
            }
            Event::Waits { thread, wait } => {
                self.begins(*thread, None, world);
                if let Wait::Drained { .. } = wait {
                    self.closing(*thread);
                }
                Ok(())
            }
            Event::Ended { process, .. } => {
                self.frames.retain(|thread, _| thread.process != *process);
                self.model.ends(*process);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn top(&mut self, thread: Tid) -> Option<&mut Frame> {
        self.frames.get_mut(&thread)?.last_mut()
    }

    /// The kind of the provider that runs on top of a thread.
    fn provider(&self, frame: Option<&Frame>) -> Option<(ProviderId, Kind)> {
        match frame?.who {
            Who::Provider(instance) => Some((instance.provider, self.model.kind(instance.provider)?)),
            _ => None,
        }
    }

    /// The first step of Ws2_32 in a call: what it does before it asks anybody or comes back.
    fn begins(&mut self, thread: Tid, asks: Option<(Who, &Arc<Call>)>, world: &World) {
        let pid = thread.process;
        let Some(frame) = self.frames.get_mut(&thread).and_then(|frames| frames.last_mut()) else { return };
        if frame.who != Who::Ws2_32 {
            return;
        }
        let (first, call) = (!std::mem::replace(&mut frame.begun, true), frame.call.clone());
        match &*call {
            Call::WSACleanup(_) if first => {
                if let Some(party) = self.model.party_mut(pid) {
                    party.starts = party.starts.saturating_sub(1);
                }
            }
            call if first && call.function().home() == Home::Ws2_32 => {
                if let Some(s) = call.socket() {
                    self.adopts(pid, s.0, world);
                }
            }
            _ => {}
        }
        // The registration that a close is for is looked up when the call goes to the provider.
        if let Some((Who::Provider(_), call)) = asks
            && let Call::WSPCloseSocket(a) = &**call
        {
            let turn = self.model.descriptor(pid, a.s.0).map(|descriptor| descriptor.turn);
            if let Some(frame) = self.top(thread) {
                frame.closes = turn;
            }
        }
    }

    /// Under the decision to adopt, a kernel socket that a program uses becomes a descriptor.
    fn adopts(&mut self, pid: Pid, handle: u64, world: &World) {
        let started = self.model.party(pid).is_some_and(|party| party.starts > 0);
        let unknown = self.model.descriptor(pid, handle).is_none();
        if !(self.model.adopts && started && unknown) {
            return;
        }
        let Some(Thing::Socket { socket, .. }) = self.model.thing(pid, handle) else { return };
        let Some(entry) = world.catalog().entry(self.model.objects[socket].entry) else { return };
        let wanted = (entry.info.address_family(), entry.info.socket_type(), entry.info.protocol());
        if let Some(entry) = world.catalog().ifs_entry_for(wanted) {
            self.model.register(pid, registered(world, entry.id, handle, None));
        }
    }

    /// What a party has done when it asks for something.
    fn enters(&mut self, thread: Tid, call: &Call) -> Result<(), Mismatch> {
        let pid = thread.process;
        let top = self.frames.get(&thread).and_then(|frames| frames.last());
        let Some((provider, kind)) = self.provider(top) else { return Ok(()) };
        match (call, kind) {
            (Call::WPUModifyIFSHandle(a), Kind::KernelBase) => {
                let handle = a.proposed_handle.0;
                let (socket, waited) = self.obtains(thread, a.catalog_entry_id)?;
                if let Some(Thing::Waiting(_)) = waited {
                    // The duplicate's handle becomes the descriptor.
                    if let Some(party) = self.model.party_mut(pid) {
                        party.kernel.retain(|_, thing| Some(*thing) != waited);
                    }
                }
                if let Some(frame) = self.top(thread) {
                    frame.proposed = Some(handle);
                }
                self.put(pid, handle, Thing::Socket { socket, raw: false })
            }
            (Call::WPUCreateSocketHandle(a), Kind::RecordBase) => {
                let (socket, _) = self.obtains(thread, a.catalog_entry_id)?;
                self.records(thread, provider, a.context, Record::Socket { socket, closing: false });
                Ok(())
            }
            (Call::WPUCreateSocketHandle(a), Kind::RecordLayer(_)) => {
                let lower = top.and_then(|frame| frame.lower).unwrap_or(Handle::INVALID.0);
                self.records(thread, provider, a.context, Record::Lower(lower));
                Ok(())
            }
            (Call::WPUCloseSocketHandle(_), Kind::RecordBase) => {
                self.closing(thread);
                if let Some(frame) = self.top(thread) {
                    frame.gave_back = true;
                }
                Ok(())
            }
            (Call::WSPCleanup(_), Kind::PlainLayer(_) | Kind::RecordLayer(_)) => {
                let starts = self.model.party(pid).and_then(|party| party.providers.get(&provider)).copied();
                if starts == Some(1) {
                    self.model.unregister_all(pid, provider);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A base has a socket for WSPSocket or WSPAccept: a new one, or that of a duplicate, which is redeemed by it.
    fn obtains(&mut self, thread: Tid, entry: u32) -> Result<(usize, Option<Thing>), Mismatch> {
        let pid = thread.process;
        let info = self.frames.get(&thread).and_then(|frames| frames.last()).and_then(Frame::special).cloned();
        let Some(info) = info else {
            let socket = self.model.make(entry);
            self.done(thread, |done| done.made = Some(socket));
            return Ok((socket, None));
        };
        let Some(place) = self.model.waiting(pid, &info) else {
            let what = format!("no duplicate waits for process {pid}, and an info gives it a descriptor");
            return Err(Mismatch { rule: "duplicate-of-nobody", what, instead: Instead::Fails });
        };
        let mut socket = 0;
        if let Some(party) = self.model.party_mut(pid) {
            party.duplicates[place].fate = Fate::Redeemed(thread);
            socket = party.duplicates[place].socket;
        }
        self.done(thread, |done| done.redeemed = Some(socket));
        Ok((socket, Some(Thing::Waiting(place))))
    }

    fn done(&mut self, thread: Tid, change: impl FnOnce(&mut Done)) {
        if let Some(frame) = self.frames.get_mut(&thread).and_then(|frames| frames.first_mut()) {
            change(&mut frame.done);
        }
    }

    /// A provider makes a record; its frame remembers which.
    fn records(&mut self, thread: Tid, provider: ProviderId, context: u64, record: Record) {
        if let Some(party) = self.model.party_mut(thread.process) {
            party.records.insert((provider, context), record);
        }
        if let Some(frame) = self.top(thread) {
            frame.makes = Some(context);
        }
    }

    /// A non-IFS base has begun to close: calls find no socket from now on.
    fn closing(&mut self, thread: Tid) {
        let top = self.frames.get(&thread).and_then(|frames| frames.last());
        let Some((provider, Kind::RecordBase)) = self.provider(top) else { return };
        let Some(context) = top.and_then(|frame| frame.context) else { return };
        let party = self.model.party_mut(thread.process);
        if let Some(Record::Socket { closing, .. }) = party.and_then(|p| p.records.get_mut(&(provider, context))) {
            *closing = true;
        }
    }

    /// Puts something behind a value of the kernel's table, which has to be free.
    fn put(&mut self, pid: Pid, handle: u64, thing: Thing) -> Result<(), Mismatch> {
        if self.model.put(pid, handle, thing) {
            return Ok(());
        }
        let what = format!("process {pid} is given {}, which is open", Handle(handle));
        Err(Mismatch { rule: "open-handle-given", what, instead: Instead::Nothing })
    }

    /// What a party has done when it comes back.
    fn leaves(
        &mut self,
        thread: Tid,
        frame: &Frame,
        call: &Call,
        outcome: &Outcome,
        world: &World,
    ) -> Result<(), Mismatch> {
        match frame.who {
            Who::Kernel => self.kernel(thread, call, outcome),
            Who::Ws2_32 => self.ws2_32(thread, frame, call, outcome, world),
            Who::Provider(instance) => self.provided(thread, frame, instance.provider, call, outcome),
            Who::Program | Who::Foreign(..) => Ok(()),
        }
    }

    fn kernel(&mut self, thread: Tid, call: &Call, outcome: &Outcome) -> Result<(), Mismatch> {
        let pid = thread.process;
        match (call, &outcome.result) {
            (Call::CreateEvent(_), Ok(Out::Handle(handle))) => self.put(pid, handle.0, Thing::Other),
            (Call::OpenProcess(a), Ok(Out::Handle(handle))) => {
                self.put(pid, handle.0, Thing::Process(Pid(a.process_id)))
            }
            (Call::CloseHandle(a), Ok(_)) => {
                if self.model.close(pid, a.object.0).is_none() && !is_pseudo(a.object) {
                    let what = format!("{} of process {pid} is no handle, and CloseHandle succeeds", a.object);
                    return Err(Mismatch { rule: "closed-handle-closed", what, instead: Instead::Fails });
                }
                Ok(())
            }
            (Call::DuplicateHandle(a), result) => {
                let Some(source) = self.process_of(pid, a.source_process_handle) else { return Ok(()) };
                let thing = match a.source_handle {
                    handle if handle == Handle::INVALID => Some(Thing::Process(source)),
                    handle if is_pseudo(handle) => Some(Thing::Other),
                    handle => self.model.thing(source, handle.0),
                };
                let target = self.process_of(pid, a.target_process_handle);
                if let (Ok(Out::TargetHandle(made)), Some(target), Some(thing)) = (result, target, thing) {
                    let thing = match thing {
                        Thing::Socket { socket, .. } => {
                            self.model.one_more(socket);
                            Thing::Socket { socket, raw: true }
                        }
                        other => other,
                    };
                    self.put(target, made.target_handle.0, thing)?;
                }
                if a.options & DUPLICATE_CLOSE_SOURCE != 0 && a.options & !KNOWN_OPTIONS == 0 {
                    self.model.close(source, a.source_handle.0);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The process that a handle means, if it runs.
    pub(crate) fn process_of(&self, pid: Pid, handle: Handle) -> Option<Pid> {
        if handle == Handle::INVALID {
            return Some(pid);
        }
        match self.model.thing(pid, handle.0)? {
            Thing::Process(other) => self.model.party(other).map(|_| other),
            _ => None,
        }
    }

    fn ws2_32(
        &mut self,
        thread: Tid,
        frame: &Frame,
        call: &Call,
        outcome: &Outcome,
        world: &World,
    ) -> Result<(), Mismatch> {
        let pid = thread.process;
        match (call, &outcome.result) {
            (Call::WPUCreateSocketHandle(a), Ok(Out::Handle(handle))) => {
                self.put(pid, handle.0, Thing::File)?;
                self.model.register(pid, registered(world, a.catalog_entry_id, handle.0, Some(a.context)));
            }
            (Call::WPUCreateSocketHandle(a), Err(_)) => {
                let asks = self.frames.get(&thread).and_then(|frames| frames.last());
                if let Some((layer, Kind::RecordLayer(_))) = self.provider(asks) {
                    self.model.forget(pid, layer, a.context);
                }
            }
            (Call::WPUModifyIFSHandle(a), Err(_)) => {
                let robbed = !matches!(self.model.thing(pid, a.proposed_handle.0), Some(Thing::Socket { .. }));
                self.done(thread, |done| done.robbed |= robbed);
            }
            (Call::WPUModifyIFSHandle(a), Ok(Out::Handle(handle))) => {
                self.model.register(pid, registered(world, a.catalog_entry_id, handle.0, None));
            }
            (Call::WPUCloseSocketHandle(a), Ok(_)) => self.model.unregister(pid, a.s.0),
            (Call::WPUQuerySocketHandleContext(_), Ok(Out::Context(context))) => {
                if let Some(asks) = self.top(thread) {
                    asks.context = Some(context.0);
                }
            }
            (Call::WPUCreateEvent(_), Ok(Out::Handle(handle))) => self.put(pid, handle.0, Thing::Other)?,
            (Call::WPUCloseEvent(a), Ok(_)) => drop(self.model.close(pid, a.event.0)),
            (Call::WSAStartup(_), Ok(_)) => {
                if let Some(party) = self.model.party_mut(pid) {
                    party.starts += 1;
                }
            }
            (Call::WSPCloseSocket(a), Ok(_)) => self.taken_out(pid, frame, a.s),
            (Call::closesocket(a), Ok(_)) => self.taken_out(pid, frame, a.s),
            _ => {}
        }
        Ok(())
    }

    /// Ws2_32 takes the entry of a system handle out of its table after the close: by value, whoever registered it last
    /// (decision `descriptor-removal`).
    fn taken_out(&mut self, pid: Pid, frame: &Frame, s: Handle) {
        let (Some(closed), Some(now)) = (frame.closes, self.model.descriptor(pid, s.0)) else { return };
        let own = closed == now.turn || self.removal == DescriptorRemoval::ByValue;
        if now.context.is_none() && own {
            self.model.unregister(pid, s.0);
        }
    }

    fn provided(
        &mut self,
        thread: Tid,
        frame: &Frame,
        provider: ProviderId,
        call: &Call,
        outcome: &Outcome,
    ) -> Result<(), Mismatch> {
        let pid = thread.process;
        let Some(kind) = self.model.kind(provider) else { return Ok(()) };
        let called_by_provider = self.provider(self.frames.get(&thread).and_then(|frames| frames.last())).is_some();
        let succeeds = outcome.result.is_ok();
        match (call, kind, &outcome.result) {
            (Call::WSPStartup(_), _, Ok(_)) => {
                if let Some(party) = self.model.party_mut(pid) {
                    *party.providers.entry(provider).or_default() += 1;
                }
            }
            (Call::WSPCleanup(_), _, Ok(_)) => {
                let starts = self.model.party_mut(pid).and_then(|party| party.providers.get_mut(&provider));
                if let Some(starts) = starts {
                    *starts = starts.saturating_sub(1);
                    if *starts == 0 {
                        self.model.ends_provider(pid, provider);
                    }
                }
            }
            (Call::WSPSocket(_) | Call::WSPAccept(_), _, result) => {
                let lower = match result {
                    Ok(Out::Handle(handle)) => Some(handle.0),
                    Ok(Out::Accepted(accepted)) => Some(accepted.s.0),
                    _ => None,
                };
                if let Some(above) = self.top(thread).filter(|_| called_by_provider) {
                    above.lower = lower;
                }
                // What was made is undone.
                match (kind, frame.proposed, frame.makes) {
                    (Kind::KernelBase, Some(handle), _) if !succeeds => drop(self.model.close(pid, handle)),
                    (Kind::RecordBase, _, Some(context)) if !succeeds => self.model.forget(pid, provider, context),
                    _ => {}
                }
            }
            (Call::WSPCloseSocket(a), Kind::KernelBase, Ok(_)) => {
                let closed = self.model.close(pid, a.s.0).is_some();
                self.done(thread, |done| done.closed |= closed);
                if called_by_provider {
                    self.model.unregister(pid, a.s.0);
                }
            }
            (Call::WSPCloseSocket(_), Kind::RecordBase, _) => {
                if let Some(context) = frame.context.filter(|_| frame.gave_back) {
                    self.done(thread, |done| done.closed = true);
                    self.model.forget(pid, provider, context);
                }
            }
            (Call::WSPCloseSocket(_), Kind::RecordLayer(_), Ok(_)) => {
                if let Some(context) = frame.context {
                    self.model.forget(pid, provider, context);
                }
            }
            (Call::WSPDuplicateSocket(a), Kind::KernelBase | Kind::RecordBase, Ok(Out::Info(info))) => {
                let target = Pid(a.process_id);
                let Some(socket) = self.means(pid, frame, provider, a.s) else {
                    let what = format!("{} is no socket of process {pid}, and a duplicate was made of it", a.s);
                    return Err(Mismatch { rule: "closed-handle-accepted", what, instead: Instead::Fails });
                };
                if self.model.party(target).is_none() {
                    let what = format!("process {target} does not run, and a duplicate was made for it");
                    return Err(Mismatch { rule: "duplicate-for-nobody", what, instead: Instead::Fails });
                }
                if !self.model.duplicates(target, socket, info, kind == Kind::KernelBase) {
                    let what = format!("a duplicate for process {target} has the value of an open handle");
                    return Err(Mismatch { rule: "open-handle-given", what, instead: Instead::Nothing });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The socket that a handle is to a provider that was called for it: by the context that it was told, if it was.
    fn means(&self, pid: Pid, frame: &Frame, provider: ProviderId, s: Handle) -> Option<usize> {
        match frame.context {
            Some(context) => self.model.recorded(pid, provider, context),
            None => self.model.below(pid, provider, s.0),
        }
    }

    /// Whether the handle of a call of a program means a socket to each party that the call has reached: every one looks
    /// it up when it is called.
    pub(crate) fn meanings(&self, thread: Tid) -> impl Iterator<Item = bool> {
        let pid = thread.process;
        let frames = self.frames.get(&thread).into_iter().flatten();
        frames.filter_map(move |frame| {
            let s = frame.call.socket()?;
            match frame.who {
                Who::Ws2_32 => {
                    let enters_provider = frame.call.function().home() == Home::Provider;
                    Some(self.model.meant(pid, s.0, enters_provider).is_some())
                }
                Who::Provider(instance) => {
                    // A layer with records answers this one itself.
                    let own = matches!(*frame.call, Call::WSPGetOverlappedResult(_)).then_some(frame.context).flatten();
                    let known = own.and_then(|context| self.model.record(pid, instance.provider, context));
                    let lower = matches!(known, Some(Record::Lower(_)));
                    Some(lower || self.means(pid, frame, instance.provider, s).is_some())
                }
                _ => None,
            }
        })
    }

    /// What the call of a program that is about to come back has done.
    pub(crate) fn done_by(&self, thread: Tid) -> Done {
        let frame = self.frames.get(&thread).and_then(|frames| frames.first());
        frame.map(|frame| frame.done).unwrap_or_default()
    }

    /// Whether nobody is within a call.
    pub(crate) fn is_quiet(&self) -> bool {
        self.frames.values().all(Vec::is_empty)
    }
}

/// What Ws2_32 keeps of a handle that was registered under a catalog entry.
fn registered(world: &World, entry: u32, handle: u64, context: Option<u64>) -> Descriptor {
    let entry = world.catalog().entry(entry);
    let provider = entry.map_or(ProviderId(0), |entry| entry.provider);
    let inner = entry.is_some_and(|entry| entry.info.protocol_chain().kind() == ChainKind::Layered);
    Descriptor { handle, provider, context, turn: 0, inner }
}

/// What GetCurrentProcess and GetCurrentThread give: no handles.
fn is_pseudo(handle: Handle) -> bool {
    handle.0 >= u64::MAX - 1
}

/// All options that DuplicateHandle knows.
const KNOWN_OPTIONS: u32 = DUPLICATE_CLOSE_SOURCE | winspi_types::constants::DUPLICATE_SAME_ACCESS;
