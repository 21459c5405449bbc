//! Holds what happens against the model of descriptor lifetimes, call by call, and what the world says against it where
//! no call is under way that could change a handle.
//!
//! Two calls of one process that overlap in time may take effect in either order. Then the model follows what came out,
//! and judges neither.

use std::sync::Arc;

use winspi_core::World;
use winspi_core::call::Call;
use winspi_core::event::Event;
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::kernel::process::Next;
use winspi_core::outcome::{Out, Outcome, Refusal};
use winspi_core::signature::{Function, Home};
use winspi_core::value::{InfoIn, Pointer};
use winspi_types::ErrorCode;
use winspi_types::constants::{DUPLICATE_CLOSE_SOURCE, FROM_PROTOCOL_INFO};

use super::model::{Asked, Meaning, Model};
use super::statistics::{Reached, Statistics};

/// Something that is not as the model has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Which rule of the model.
    pub(crate) rule: &'static str,
    /// What was seen.
    pub(crate) what: String,
    /// What the line should have said, as an expectation.
    pub(crate) instead: Instead,
}

/// What a scenario can expect so that `winspi run` sees the mismatch, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// The last call is refused with this code.
    Refused(ErrorCode),
    /// It is refused.
    Fails,
    /// It succeeds.
    Succeeds,
    /// The socket of a handle has so many handles.
    Handles(Pid, u64, u32),
    /// A handle means no socket any more.
    Closed(Pid, u64),
    /// Nothing that the language can say.
    Nothing,
}

/// What an arrangement makes of handles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handles {
    /// What the program sees is a handle of the kernel's socket.
    pub(crate) of_system: bool,
    /// A kernel socket that Ws2_32 does not know becomes a descriptor when it is used.
    pub(crate) adopted: bool,
    /// There is a layer.
    pub(crate) layered: bool,
}

/// A call of a program that has not come back.
struct Under {
    thread: Tid,
    call: Arc<Call>,
    changes: bool,
    overlapped: bool,
    waited: bool,
    /// What it does to the handle that it closes has been taken into account.
    applied: bool,
    /// What providers registered meanwhile.
    made: Vec<u64>,
}

/// The model, and the calls under way.
pub(crate) struct Judge {
    model: Model,
    handles: Handles,
    under: Vec<Under>,
}

/// Whether a call can change what a handle means.
fn changes(call: &Call) -> bool {
    matches!(
        call,
        Call::WSPSocket(_)
            | Call::WSASocket(_)
            | Call::socket(_)
            | Call::WSPAccept(_)
            | Call::WSAAccept(_)
            | Call::accept(_)
            | Call::WSPCloseSocket(_)
            | Call::closesocket(_)
            | Call::WSPDuplicateSocket(_)
            | Call::WSADuplicateSocket(_)
            | Call::CloseHandle(_)
            | Call::DuplicateHandle(_)
            | Call::OpenProcess(_)
            | Call::WSACleanup(_)
            | Call::WSPCleanup(_)
            | Call::ExitProcess(_)
            | Call::TerminateProcess(_)
    )
}

impl Judge {
    pub(crate) fn new(processes: usize, handles: Handles) -> Judge {
        Judge { model: Model::new(processes), handles, under: Vec::new() }
    }

    /// Takes note of what happened, in order.
    pub(crate) fn event(&mut self, event: &Event, world: &World, statistics: &mut Statistics) -> Result<(), Mismatch> {
        match event {
            Event::Enter { thread, depth: 0, call, .. } => self.enter(*thread, call),
            Event::Leave { thread, depth: 0, call, outcome, .. } => {
                return self.leave(*thread, call, outcome, world, statistics);
            }
            Event::Leave { thread, call, outcome, .. } => self.registered(*thread, call, outcome),
            Event::Waits { thread, .. } => {
                if let Some(under) = self.under.iter_mut().find(|under| under.thread == *thread) {
                    under.waited = true;
                }
            }
            Event::Ended { process, .. } => {
                self.forget_calls(*process);
                // What others did to it meanwhile came before or after.
                self.under.iter_mut().for_each(|under| under.overlapped = true);
                let waits = |party: &super::model::Party| party.waits();
                if self.model.parties.iter().any(waits) {
                    statistics.count(Reached::EndsWhileDuplicateWaits);
                }
                if self.model.party(*process).is_some_and(waits) {
                    statistics.count(Reached::TargetEndsBeforeRedeeming);
                }
                self.model.ends(*process);
            }
            _ => {}
        }
        Ok(())
    }

    /// The calls of a process that has ended do not come back. What they had done in other processes by then is not
    /// known.
    fn forget_calls(&mut self, process: Pid) {
        let (gone, left) = std::mem::take(&mut self.under).into_iter().partition(|u| u.thread.process == process);
        self.under = left;
        let gone: Vec<Under> = gone;
        for under in gone {
            let source = match &*under.call {
                Call::WSPDuplicateSocket(a) => a.s,
                Call::WSADuplicateSocket(a) => a.s,
                Call::DuplicateHandle(a) => a.source_handle,
                _ => continue,
            };
            let meaning = self.model.kernel_value(process, source.0).and_then(|v| self.model.meaning(process, v));
            let meaning = self.model.below(process, source.0).or(meaning);
            if let Some(Meaning::Descriptor(socket) | Meaning::Raw(socket)) = meaning {
                self.model.objects[socket].sure = false;
            }
        }
    }

    fn enter(&mut self, thread: Tid, call: &Arc<Call>) {
        let changes = changes(call);
        let mut overlapped = false;
        for other in self.under.iter_mut().filter(|under| under.thread.process == thread.process) {
            overlapped |= other.changes;
            other.overlapped |= changes;
        }
        let call = call.clone();
        self.under.push(Under { thread, call, changes, overlapped, waited: false, applied: false, made: Vec::new() });
    }

    /// A provider made a handle known to Ws2_32 on the way.
    fn registered(&mut self, thread: Tid, call: &Call, outcome: &Outcome) {
        let Some(under) = self.under.iter_mut().find(|under| under.thread == thread) else { return };
        match (call, &outcome.result) {
            (Call::WPUCreateSocketHandle(_), Ok(Out::Handle(handle))) => under.made.push(handle.0),
            (Call::WPUModifyIFSHandle(a), Ok(Out::Handle(handle))) => {
                under.made.extend([a.proposed_handle.0, handle.0]);
            }
            _ => {}
        }
    }

    fn leave(
        &mut self,
        thread: Tid,
        call: &Arc<Call>,
        outcome: &Outcome,
        world: &World,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let pid = thread.process;
        let Some(place) = self.under.iter().position(|under| under.thread == thread) else { return Ok(()) };
        let under = self.under.swap_remove(place);
        if matches!(outcome.result, Err(Refusal::NotModelled(_))) {
            return Ok(());
        }
        if under.waited {
            statistics.count(Reached::WaitedAndCameBack);
        }
        let lost = self.model.party(pid).is_none_or(|party| party.lost);
        let judged = !under.overlapped && !lost;
        let this = Judged { pid, outcome, judged, made: under.made, applied: under.applied, function: call.function() };
        match &**call {
            Call::WSPSocket(a) => {
                self.socket(this, Some(&a.protocol_info), plain(a.af, a.socket_type, a.protocol), world, statistics)
            }
            Call::WSASocket(a) => {
                self.socket(this, Some(&a.protocol_info), plain(a.af, a.socket_type, a.protocol), world, statistics)
            }
            Call::socket(_) => self.socket(this, None, false, world, statistics),
            Call::WSPCloseSocket(a) => self.close_socket(this, a.s, statistics),
            Call::closesocket(a) => self.close_socket(this, a.s, statistics),
            Call::WSPDuplicateSocket(a) => self.duplicate_socket(this, a.s, Pid(a.process_id), statistics),
            Call::WSADuplicateSocket(a) => self.duplicate_socket(this, a.s, Pid(a.process_id), statistics),
            Call::CloseHandle(a) => self.close_handle(this, a.object.0, statistics),
            Call::DuplicateHandle(a) => {
                let target = self.process_of(pid, a.target_process_handle);
                let source = self.process_of(pid, a.source_process_handle);
                let Some(source) = source else { return Ok(()) };
                let closes = a.options & DUPLICATE_CLOSE_SOURCE != 0;
                self.duplicate_handle(this, (source, a.source_handle.0), target, closes, world, statistics)
            }
            Call::OpenProcess(a) => {
                if let (Ok(Out::Handle(handle)), false) = (&outcome.result, lost) {
                    self.model.opens(pid, handle.0, Meaning::Process(Pid(a.process_id)), Vec::new(), true);
                }
                Ok(())
            }
            Call::WSAStartup(_) => {
                if let (Ok(_), Some(party)) = (&outcome.result, self.model.party_mut(pid)) {
                    party.starts += 1;
                }
                Ok(())
            }
            Call::WSACleanup(_) => self.cleanup(this, statistics),
            call => match call.socket() {
                Some(s) => self.use_of(this, s, world, statistics),
                None => Ok(()),
            },
        }
    }

    /// A process of a handle of it.
    fn process_of(&self, pid: Pid, handle: Handle) -> Option<Pid> {
        if handle.0 == u64::MAX {
            return Some(pid);
        }
        let value = self.model.kernel_value(pid, handle.0)?;
        match self.model.meaning(pid, value)? {
            Meaning::Process(other) => self.model.party(other).map(|_| other),
            _ => None,
        }
    }

    /// The socket that a call is about. Ws2_32 takes a value exactly; a WSP* line with a value that Ws2_32 does not know
    /// enters the base provider, which looks into the kernel (decision `unknown-handle`).
    fn meant(&self, this: &Judged<'_>, s: Handle) -> Option<Meaning> {
        let exact = self.model.meaning(this.pid, s.0).or_else(|| self.model.below(this.pid, s.0));
        if exact.is_some() || this.function.home() != Home::Provider {
            return exact;
        }
        self.model.kernel_value(this.pid, s.0).and_then(|value| self.model.meaning(this.pid, value))
    }

    /// What a call that is given a handle has to come to, as far as the handle decides it.
    fn judge_handle(&self, this: &Judged<'_>, s: Handle, statistics: &mut Statistics) -> Result<(), Mismatch> {
        let Some(party) = self.model.party(this.pid).filter(|p| this.judged && p.starts > 0) else { return Ok(()) };
        let not_a_socket = this.outcome.error() == Some(ErrorCode::WSAENOTSOCK);
        let function = this.function;
        let exact = self.model.meaning(this.pid, s.0).is_some();
        let enters_provider = function.home() == Home::Provider;
        match self.meant(this, s) {
            Some(Meaning::Descriptor(_)) if exact && not_a_socket => Err(Mismatch {
                rule: "open-descriptor-refused",
                what: format!("{s} is an open descriptor of process {}, and {function} gives WSAENOTSOCK", this.pid),
                instead: Instead::Succeeds,
            }),
            Some(Meaning::Raw(_)) if self.handles.adopted || enters_provider => Ok(()),
            Some(Meaning::Descriptor(_) | Meaning::Unsure(_)) => Ok(()),
            None | Some(_) if self.model.below(this.pid, s.0).is_some() => Ok(()),
            None if self.handles.adopted && self.model.kernel_value(this.pid, s.0).is_some() => Ok(()),
            None | Some(Meaning::Raw(_) | Meaning::Stale | Meaning::Process(_)) => {
                if not_a_socket {
                    statistics.count(Reached::NotASocketRefused);
                    if party.used.contains(&s.0) {
                        statistics.count(Reached::ClosedHandleRefused);
                    }
                    return Ok(());
                }
                let found = match &this.outcome.result {
                    Ok(_) => "succeeds".to_owned(),
                    Err(_) => this.outcome.error().map_or("fails".to_owned(), |code| format!("gives {code}")),
                };
                let rule =
                    if this.outcome.result.is_ok() { "closed-handle-accepted" } else { "closed-handle-other-code" };
                let what = format!("{s} is no descriptor of process {}, and {function} {found}", this.pid);
                Err(Mismatch { rule, what, instead: Instead::Refused(ErrorCode::WSAENOTSOCK) })
            }
        }
    }

    fn use_of(
        &mut self,
        this: Judged<'_>,
        s: Handle,
        world: &World,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        self.judge_handle(&this, s, statistics)?;
        if let (Ok(_), true) = (&this.outcome.result, self.handles.adopted) {
            self.adopts(this.pid, s.0);
        }
        match &this.outcome.result {
            Ok(Out::Accepted(accepted)) => {
                statistics.count(Reached::Accepted);
                let socket = self.model.make();
                self.gives(this, accepted.s.0, socket, true, world, statistics)
            }
            _ => Ok(()),
        }
    }

    /// Under the decision to adopt, a raw handle that was used is a descriptor.
    fn adopts(&mut self, pid: Pid, handle: u64) {
        if let Some(open) = self.model.party_mut(pid).and_then(|party| party.open.get_mut(&handle)) {
            if let Meaning::Raw(socket) = open.meaning {
                open.meaning = Meaning::Descriptor(socket);
            }
        }
    }

    fn socket(
        &mut self,
        this: Judged<'_>,
        info: Option<&InfoIn>,
        from_info: bool,
        world: &World,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let info = match info {
            Some(Pointer::To(info)) => Some(info),
            _ => None,
        };
        let asked = info.map_or(Asked::Nothing, |info| self.model.asked(this.pid, info));
        let started = self.model.party(this.pid).is_some_and(|party| party.starts > 0);
        let Ok(Out::Handle(handle)) = this.outcome.result else {
            match asked {
                Asked::Waiting(_) if this.judged && started && from_info => {
                    let code = this.outcome.error().map_or(String::new(), |code| format!(" with {code}"));
                    let what = format!("a duplicate waits for process {}, and its info is refused{code}", this.pid);
                    return Err(Mismatch { rule: "waiting-duplicate-refused", what, instead: Instead::Succeeds });
                }
                Asked::Used => statistics.count(Reached::InfoUsedAgainRefused),
                Asked::OfAnother => statistics.count(Reached::InfoOfAnotherRefused),
                Asked::Nothing if info.is_some() => statistics.count(Reached::DamagedInfoRefused),
                _ => {}
            }
            return Ok(());
        };
        let lost = self.model.party(this.pid).is_none_or(|party| party.lost);
        let refused = |rule, what| Err(Mismatch { rule, what, instead: Instead::Fails });
        match (asked, info) {
            (Asked::Waiting(socket), Some(info)) => {
                statistics.count(Reached::Redeemed);
                if self.handles.layered {
                    statistics.count(Reached::RedeemedThroughLayers);
                }
                if self.model.objects[socket].handles == 1 {
                    statistics.count(Reached::RedeemedAfterSourceClosed);
                }
                self.model.redeems(this.pid, info, socket);
                self.gives(this, handle.0, socket, false, world, statistics)
            }
            (Asked::Used, _) if !lost => refused(
                "info-used-again",
                format!("the info was used already, and gives process {} {handle}", this.pid),
            ),
            (Asked::OfAnother, _) if !lost => {
                refused("info-of-another", format!("the info is for another process, and gives {} {handle}", this.pid))
            }
            (Asked::Used | Asked::OfAnother, _) => Ok(()),
            (Asked::Nothing | Asked::Waiting(_), _) => {
                let name = world.socket_of(this.pid, handle);
                let named = name.and_then(|name| self.model.named(name));
                let (Some(info), Some(socket)) = (info, named) else {
                    statistics.count(Reached::Made);
                    let socket = self.model.make();
                    return self.gives(this, handle.0, socket, true, world, statistics);
                };
                // An info that is not as WSPDuplicateSocket wrote it, and asks for the same all the same.
                statistics.count(Reached::DamagedInfoAccepted);
                let redeemed = self.model.redeems(this.pid, info, socket);
                if !redeemed && this.judged && self.model.objects[socket].sure {
                    let what = format!("nobody duplicated the socket of {handle} for process {}", this.pid);
                    return refused("duplicate-of-nobody", what);
                }
                self.gives(this, handle.0, socket, false, world, statistics)
            }
        }
    }

    /// A call gave a descriptor.
    fn gives(
        &mut self,
        this: Judged<'_>,
        handle: u64,
        socket: usize,
        adds: bool,
        world: &World,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let pid = this.pid;
        if self.model.party(pid).is_none_or(|party| party.lost) {
            self.model.objects[socket].sure = false;
            return Ok(());
        }
        if self.model.party(pid).is_some_and(|party| party.used.contains(&handle)) {
            statistics.count(Reached::Recycled);
        }
        let now = self.model.meaning(pid, handle);
        if matches!(now, Some(Meaning::Descriptor(_) | Meaning::Raw(_) | Meaning::Process(_))) {
            if !self.closed_meanwhile(pid, handle) {
                if this.judged {
                    let what = format!("{} gives process {pid} {}, which is open", this.function, Handle(handle));
                    return Err(Mismatch { rule: "open-handle-given", what, instead: Instead::Nothing });
                }
                self.lose(pid);
                self.model.objects[socket].sure = false;
                return Ok(());
            }
        } else if now.is_some() {
            // The kernel's handle was gone; the new registration takes the place of the old one.
            self.model.closes(pid, handle);
        }
        let mut below = this.made;
        below.retain(|value| *value != handle);
        for value in &below {
            // A provider was given a value that was closed behind the back of Ws2_32.
            if let Some(old) = self.model.kernel_value(pid, *value).filter(|old| *old != handle) {
                self.model.closes(pid, old);
            }
        }
        self.model.opens(pid, handle, Meaning::Descriptor(socket), below, adds);
        if self.model.objects[socket].name.is_none() {
            self.model.objects[socket].name = world.socket_of(pid, Handle(handle));
        }
        Ok(())
    }

    /// Another thread is closing a handle, and its value is used again before that call comes back.
    fn closed_meanwhile(&mut self, pid: Pid, handle: u64) -> bool {
        let closes = |under: &&mut Under| {
            let closed = match &*under.call {
                Call::WSPCloseSocket(a) => a.s.0,
                Call::closesocket(a) => a.s.0,
                Call::CloseHandle(a) => a.object.0,
                _ => return false,
            };
            under.thread.process == pid && closed == handle && !under.applied
        };
        let Some(under) = self.under.iter_mut().find(closes) else { return false };
        under.applied = true;
        self.model.closes(pid, handle);
        true
    }

    fn close_socket(&mut self, this: Judged<'_>, s: Handle, statistics: &mut Statistics) -> Result<(), Mismatch> {
        self.judge_handle(&this, s, statistics)?;
        if this.applied {
            return Ok(());
        }
        let meaning = self.model.meaning(this.pid, s.0);
        let started = self.model.party(this.pid).is_some_and(|party| party.starts > 0);
        match (&this.outcome.result, meaning) {
            (Ok(_), Some(Meaning::Descriptor(socket))) => {
                statistics.count(Reached::Closed);
                if self.model.objects[socket].handles == 1 {
                    statistics.count(Reached::LastClosed);
                }
                self.model.closes(this.pid, s.0);
                Ok(())
            }
            (Ok(_), Some(_)) => {
                self.model.closes(this.pid, s.0);
                Ok(())
            }
            (Ok(_), None) => {
                // The base provider has closed what the kernel has under this value.
                let value = self.model.kernel_value(this.pid, s.0);
                match (value, value.and_then(|value| self.model.meaning(this.pid, value))) {
                    (Some(value), Some(Meaning::Raw(_))) => drop(self.model.closes(this.pid, value)),
                    (Some(value), Some(Meaning::Descriptor(_))) => self.model.doubts(this.pid, value),
                    _ => self.lose(this.pid),
                }
                Ok(())
            }
            (Err(_), Some(Meaning::Descriptor(_))) if this.judged && started => {
                let code = this.outcome.error().map_or(String::new(), |code| format!(" with {code}"));
                if this.outcome.error() == Some(ErrorCode::WSAEWOULDBLOCK) {
                    return Ok(());
                }
                let what = format!("{s} is an open descriptor of process {}, and its close is refused{code}", this.pid);
                Err(Mismatch { rule: "close-refused", what, instead: Instead::Succeeds })
            }
            (Err(_), _) => Ok(()),
        }
    }

    fn duplicate_socket(
        &mut self,
        this: Judged<'_>,
        s: Handle,
        target: Pid,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        self.judge_handle(&this, s, statistics)?;
        if let (Ok(_), true) = (&this.outcome.result, self.handles.adopted) {
            self.adopts(this.pid, s.0);
        }
        let runs = self.model.party(target).is_some();
        match &this.outcome.result {
            Ok(Out::Info(info)) => {
                statistics.count(Reached::Duplicated);
                if this.judged && !runs {
                    let what = format!("process {target} does not run, and a duplicate was made for it");
                    return Err(Mismatch { rule: "duplicate-for-nobody", what, instead: Instead::Fails });
                }
                let socket = match self.meant(&this, s) {
                    Some(Meaning::Descriptor(socket) | Meaning::Raw(socket) | Meaning::Unsure(socket)) => socket,
                    _ => {
                        let socket = self.model.make();
                        self.model.objects[socket].sure = false;
                        socket
                    }
                };
                self.model.duplicates(target, socket, info);
            }
            Ok(_) => {}
            Err(_) if !runs => statistics.count(Reached::DuplicateForNobodyRefused),
            Err(_) => {}
        }
        Ok(())
    }

    fn close_handle(&mut self, this: Judged<'_>, handle: u64, statistics: &mut Statistics) -> Result<(), Mismatch> {
        let pid = this.pid;
        if this.outcome.result.is_err() || this.applied || handle >= u64::MAX - 1 {
            return Ok(());
        }
        let Some(value) = self.model.kernel_value(pid, handle) else {
            self.closes_unknown(pid, handle);
            return Ok(());
        };
        match self.model.meaning(pid, value) {
            Some(Meaning::Descriptor(_)) if self.handles.of_system => {
                statistics.count(Reached::ClosedBehindWs232);
                self.model.goes_stale(pid, value);
            }
            Some(Meaning::Descriptor(_)) => {
                statistics.count(Reached::ClosedBehindWs232);
                self.model.doubts(pid, value);
            }
            Some(Meaning::Raw(_) | Meaning::Process(_)) => {
                statistics.count(Reached::RawClosed);
                self.model.closes(pid, value);
            }
            // Something else has this value now.
            Some(Meaning::Stale | Meaning::Unsure(_)) | None => self.closes_unknown(pid, handle),
        }
        Ok(())
    }

    fn duplicate_handle(
        &mut self,
        this: Judged<'_>,
        (source, handle): (Pid, u64),
        target: Option<Pid>,
        closes: bool,
        world: &World,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let value = self.model.kernel_value(source, handle);
        let meaning = value.and_then(|value| self.model.meaning(source, value));
        // The source is closed even where nothing is made.
        if let (Ok(Out::TargetHandle(made)), Some(target)) = (&this.outcome.result, target) {
            let made = made.target_handle;
            let lost = self.model.party(target).is_none_or(|party| party.lost);
            match meaning {
                Some(Meaning::Descriptor(socket) | Meaning::Raw(socket)) if self.handles.of_system && !lost => {
                    statistics.count(Reached::RawMade);
                    if let Some(Meaning::Descriptor(_) | Meaning::Raw(_)) = self.model.meaning(target, made.0) {
                        let what = format!("DuplicateHandle gives process {target} {made}, which is open");
                        return Err(Mismatch { rule: "open-handle-given", what, instead: Instead::Nothing });
                    }
                    let stale = self.model.closes(target, made.0).is_some();
                    self.model.opens(target, made.0, Meaning::Raw(socket), Vec::new(), true);
                    if stale {
                        // Ws2_32 still has a descriptor of this value.
                        self.model.doubts(target, made.0);
                    }
                }
                _ => {
                    // A file of Ws2_32's driver, a process, or a handle of a provider.
                    let name = world.socket_of(target, made).and_then(|name| self.model.named(name));
                    name.into_iter().for_each(|socket| self.model.objects[socket].sure = false);
                }
            }
        }
        if let (true, Some(value)) = (closes, value) {
            match meaning {
                Some(Meaning::Descriptor(_)) if self.handles.of_system => self.model.goes_stale(source, value),
                Some(Meaning::Descriptor(_)) => self.model.doubts(source, value),
                Some(Meaning::Raw(_) | Meaning::Process(_)) => {
                    self.model.closes(source, value);
                }
                _ => self.closes_unknown(source, handle),
            }
        } else if closes && value.is_none() {
            self.closes_unknown(source, handle);
        }
        Ok(())
    }

    fn cleanup(&mut self, this: Judged<'_>, statistics: &mut Statistics) -> Result<(), Mismatch> {
        let pid = this.pid;
        let Some(party) = self.model.party_mut(pid).filter(|_| this.outcome.result.is_ok()) else { return Ok(()) };
        party.starts = party.starts.saturating_sub(1);
        if party.starts == 0 {
            statistics.count(Reached::LastCleanup);
            if !this.judged {
                self.lose(pid);
            }
            self.model.cleans_up(pid);
        }
        Ok(())
    }

    /// A handle was closed that no program was given: a duplicate that waits, an event, or one of a provider.
    fn closes_unknown(&mut self, pid: Pid, handle: u64) {
        if !self.model.drops_duplicate(pid, handle) {
            self.lose(pid);
        }
    }

    /// From now on nothing is said of a process and the sockets that it has.
    fn lose(&mut self, pid: Pid) {
        let Some(party) = self.model.party_mut(pid) else { return };
        party.lost = true;
        let values: Vec<u64> = party.open.keys().copied().collect();
        values.into_iter().for_each(|value| self.model.doubts(pid, value));
        self.model.doubts_duplicates(pid);
    }

    /// Compares with the world, unless a call is under way that may have changed something already.
    pub(crate) fn compare(&mut self, world: &World) -> Result<(), Mismatch> {
        let waits = |tid: Tid| world.thread(tid).is_some_and(|thread| matches!(thread.next, Next::Waits(_)));
        let accepts = |call: &Call| matches!(call, Call::WSPAccept(_) | Call::WSAAccept(_) | Call::accept(_));
        let calm = |under: &Under| !under.changes || (accepts(&under.call) && waits(under.thread));
        if !self.under.iter().all(calm) {
            return Ok(());
        }
        self.compare_meanings(world)?;
        self.compare_counts(world)
    }

    fn compare_meanings(&mut self, world: &World) -> Result<(), Mismatch> {
        let Model { parties, objects } = &mut self.model;
        for (place, party) in parties.iter().enumerate().filter(|(_, party)| !party.ended && !party.lost) {
            let pid = Pid::of_index(place);
            for (value, open) in &party.open {
                let (Meaning::Descriptor(socket) | Meaning::Raw(socket)) = open.meaning else { continue };
                let seen = world.socket_of(pid, Handle(*value));
                let object = &mut objects[socket];
                object.name = object.name.or(seen);
                if !object.sure || (seen.is_some() && seen == object.name) {
                    continue;
                }
                let found = if seen.is_some() { "another socket" } else { "none" };
                return Err(Mismatch {
                    rule: "handle-means-another-socket",
                    what: format!("{} of process {pid} leads to {found}", Handle(*value)),
                    instead: Instead::Handles(pid, *value, object.handles),
                });
            }
        }
        Ok(())
    }

    fn compare_counts(&mut self, world: &World) -> Result<(), Mismatch> {
        let mut live = 0;
        let mut all_sure = true;
        for place in 0..self.model.objects.len() {
            let object = &mut self.model.objects[place];
            all_sure &= object.sure;
            let (Some(name), true) = (object.name, object.sure) else {
                live += usize::from(object.handles > 0);
                continue;
            };
            let (handles, last) = (object.handles, object.last.filter(|_| object.handles == 0));
            let seen = world.find_endpoint(name).map_or(0, |endpoint| endpoint.handles);
            if handles == 0 {
                object.name = None;
            } else {
                live += 1;
            }
            if seen == handles {
                continue;
            }
            let is_it = |open: &super::model::Open| matches!(open.meaning, Meaning::Descriptor(socket) | Meaning::Raw(socket) if socket == place);
            let parties = self.model.parties.iter().enumerate();
            let mut holders = parties.flat_map(|(p, party)| {
                party.open.iter().filter(|(_, open)| is_it(open)).map(move |(value, _)| (Pid::of_index(p), *value))
            });
            let gone = || last.map_or(Instead::Nothing, |(pid, value)| Instead::Closed(pid, value));
            let instead = holders.next().map_or_else(gone, |(pid, value)| Instead::Handles(pid, value, handles));
            let what = format!("a socket has {seen} handles; opened and not closed are {handles}");
            return Err(Mismatch { rule: "handles-of-socket", what, instead });
        }
        let quiet = self.under.is_empty() && all_sure && world.operation_count() == 0;
        if quiet && world.endpoint_count() != live {
            let what = format!("there are {} sockets; {live} have a handle", world.endpoint_count());
            return Err(Mismatch { rule: "number-of-sockets", what, instead: Instead::Nothing });
        }
        Ok(())
    }
}

/// What is known of the call that came back.
struct Judged<'a> {
    pid: Pid,
    outcome: &'a Outcome,
    judged: bool,
    applied: bool,
    made: Vec<u64>,
    function: Function,
}

/// Whether all three parameters are to be those of the info.
fn plain(af: i32, socket_type: i32, protocol: i32) -> bool {
    [af, socket_type, protocol].iter().all(|value| *value == FROM_PROTOCOL_INFO)
}
