//! Holds what calls of programs come to against the model of descriptor lifetimes.
//!
//! What a handle means can change while a call is under way: another thread closes it, another process makes a handle.
//! Then a call may come to whatever fits one of the moments between its beginning and its end, and to nothing else.

use std::sync::Arc;

use winspi_core::World;
use winspi_core::call::Call;
use winspi_core::event::Event;
use winspi_core::id::{Handle, Pid, Tid};
use winspi_core::outcome::{Out, Outcome, Refusal, Who};
use winspi_core::signature::Home;
use winspi_core::value::{InfoIn, Pointer};
use winspi_types::constants::FROM_PROTOCOL_INFO;
use winspi_types::{ErrorCode, RawProtocolInfoW};

use super::follow::Follower;
use super::model::{Fate, Thing};
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

/// A call of a program that has not come back, and what was true at some moment of it.
struct Under {
    thread: Tid,
    call: Arc<Call>,
    waited: bool,
    /// The handle that it names meant a socket.
    meant_socket: bool,
    /// It meant none.
    meant_none: bool,
    /// Ws2_32 was not started, or a provider was ended.
    ended: bool,
    /// Its handle was one that a layer made for the layer above.
    inner: bool,
    /// How many handles the socket had at the beginning that its handle meant.
    began_with: Option<u32>,
    /// A duplicate waited for its process with exactly its info.
    duplicate_waits: bool,
    /// What its handle was before: for statistics.
    began_as: Option<Thing>,
    /// No other call was under way that could have closed a handle of the process.
    alone: bool,
}

/// The model, and the calls of programs under way.
pub(crate) struct Judge {
    follower: Follower,
    under: Vec<Under>,
    layered: bool,
}

impl Judge {
    /// For a world in which nothing has happened yet.
    pub(crate) fn new(world: &World, processes: usize) -> Judge {
        let layered = world.catalog().providers().len() > 1;
        Judge { follower: Follower::new(world, processes), under: Vec::new(), layered }
    }

    /// Takes note of what happened, in order.
    pub(crate) fn event(&mut self, event: &Event, world: &World, statistics: &mut Statistics) -> Result<(), Mismatch> {
        if let Event::Enter { thread, depth: 0, who, call } = event
            && matches!(who, Who::Ws2_32 | Who::Kernel)
        {
            self.begins(*thread, call);
        }
        let leaves = match event {
            Event::Leave { thread, depth: 0, call, outcome, .. } => {
                // What a call has done up to now counts for it; its last step is below.
                Some((*thread, call, outcome, self.follower.done_by(*thread)))
            }
            _ => None,
        };
        if let Event::Ended { process, .. } = event {
            self.ends(*process, statistics);
        }
        self.follower.event(event, world)?;
        if let Event::Waits { thread, .. } = event
            && let Some(under) = self.under.iter_mut().find(|under| under.thread == *thread)
        {
            under.waited = true;
        }
        if let Event::Leave { thread, call, outcome, .. } = event
            && matches!(**call, Call::WSPCleanup(_))
            && outcome.result.is_ok()
        {
            let of_process = self.under.iter_mut().filter(|under| under.thread.process == thread.process);
            of_process.for_each(|under| under.ended = true);
        }
        match leaves {
            Some((thread, call, outcome, done)) => {
                let Some(place) = self.under.iter().position(|under| under.thread == thread) else { return Ok(()) };
                let under = self.under.swap_remove(place);
                let judged = self.leaves(&under, call, outcome, done, statistics);
                self.look();
                judged
            }
            None => {
                self.look();
                Ok(())
            }
        }
    }

    /// Compares the tables of the model with those of the world.
    pub(crate) fn compare(&mut self, world: &World) -> Result<(), Mismatch> {
        self.follower.compare(world)
    }

    fn begins(&mut self, thread: Tid, call: &Arc<Call>) {
        let model = &self.follower.model;
        let socket = call.socket().and_then(|s| model.meant(thread.process, s.0, enters_provider(call)));
        let named = match &**call {
            Call::CloseHandle(a) => Some((thread.process, a.object)),
            Call::DuplicateHandle(a) => {
                let source = self.follower.process_of(thread.process, a.source_process_handle);
                source.map(|source| (source, a.source_handle))
            }
            _ => None,
        };
        let info = match &**call {
            Call::WSPSocket(a) => info_of(&a.protocol_info),
            Call::WSASocket(a) => info_of(&a.protocol_info),
            _ => None,
        };
        let own = info.and_then(|info| model.party(thread.process)?.duplicate(info));
        let reaches = |other: &Call, of: Pid| of == thread.process || matches!(other, Call::DuplicateHandle(_));
        let mut alone = true;
        for other in &mut self.under {
            alone &= !reaches(&other.call, other.thread.process);
            other.alone &= other.thread.process != thread.process && !matches!(**call, Call::DuplicateHandle(_));
        }
        self.under.push(Under {
            thread,
            call: call.clone(),
            alone,
            waited: false,
            meant_socket: false,
            meant_none: false,
            ended: false,
            inner: false,
            began_with: socket.map(|socket| model.objects[socket].handles),
            duplicate_waits: own.is_some_and(|duplicate| duplicate.fate == Fate::Waits),
            began_as: named.and_then(|(pid, handle)| model.thing(pid, handle.0)),
        });
    }

    /// Notes for each call under way what is true now.
    fn look(&mut self) {
        for under in &mut self.under {
            let pid = under.thread.process;
            under.ended |= self.follower.model.party(pid).is_none_or(|party| party.starts == 0);
            let s = under.call.socket().and_then(|s| self.follower.model.descriptor(pid, s.0));
            under.inner |= s.is_some_and(|descriptor| descriptor.inner);
            for means in self.follower.meanings(under.thread) {
                under.meant_socket |= means;
                under.meant_none |= !means;
            }
        }
    }

    fn ends(&mut self, process: Pid, statistics: &mut Statistics) {
        self.under.retain(|under| under.thread.process != process);
        let model = &self.follower.model;
        if model.parties.iter().any(super::model::Party::waits) {
            statistics.count(Reached::EndsWhileDuplicateWaits);
        }
        if model.party(process).is_some_and(super::model::Party::waits) {
            statistics.count(Reached::TargetEndsBeforeRedeeming);
        }
    }

    fn leaves(
        &mut self,
        under: &Under,
        call: &Arc<Call>,
        outcome: &Outcome,
        done: super::follow::Done,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        if matches!(outcome.result, Err(Refusal::NotModelled(_))) {
            return Ok(());
        }
        if under.waited {
            statistics.count(Reached::WaitedAndCameBack);
        }
        let pid = under.thread.process;
        match &**call {
            Call::WSPSocket(a) => {
                let plain = plain(a.af, a.socket_type, a.protocol);
                self.socket(under, outcome, done, info_of(&a.protocol_info), plain, statistics)
            }
            Call::WSASocket(a) => {
                let plain = plain(a.af, a.socket_type, a.protocol);
                self.socket(under, outcome, done, info_of(&a.protocol_info), plain, statistics)
            }
            Call::socket(_) => self.socket(under, outcome, done, None, false, statistics),
            Call::WSPCloseSocket(a) => self.close_socket(under, outcome, done, a.s, statistics),
            Call::closesocket(a) => self.close_socket(under, outcome, done, a.s, statistics),
            Call::WSPDuplicateSocket(a) => self.duplicate_socket(under, outcome, a.s, Pid(a.process_id), statistics),
            Call::WSADuplicateSocket(a) => self.duplicate_socket(under, outcome, a.s, Pid(a.process_id), statistics),
            Call::CloseHandle(a) => {
                if outcome.result.is_ok() {
                    let known = |pid: Pid| self.follower.model.party(pid).map(|party| &party.descriptors);
                    let behind = known(pid).is_some_and(|table| table.contains_key(&(a.object.0 >> 2)));
                    match under.began_as {
                        Some(Thing::Socket { .. } | Thing::File) if behind => {
                            statistics.count(Reached::ClosedBehindWs232);
                        }
                        Some(Thing::Socket { .. }) => statistics.count(Reached::RawClosed),
                        _ => {}
                    }
                }
                Ok(())
            }
            Call::DuplicateHandle(_) => {
                if outcome.result.is_ok() && matches!(under.began_as, Some(Thing::Socket { .. })) {
                    statistics.count(Reached::RawMade);
                }
                Ok(())
            }
            Call::WSACleanup(_) => {
                let ended = self.follower.model.party(pid).is_some_and(|party| party.starts == 0);
                if outcome.result.is_ok() && ended {
                    statistics.count(Reached::LastCleanup);
                }
                Ok(())
            }
            call => match call.socket() {
                Some(s) => {
                    self.judge_handle(under, outcome, s, statistics)?;
                    match &outcome.result {
                        Ok(Out::Accepted(accepted)) => {
                            statistics.count(Reached::Accepted);
                            self.gives(under, accepted.s, done, statistics)
                        }
                        Ok(Out::Received(received)) if !received.data.is_empty() => {
                            statistics.count(Reached::Received);
                            Ok(())
                        }
                        _ => Ok(()),
                    }
                }
                None => Ok(()),
            },
        }
    }

    /// What a call that is given a handle has to come to, as far as the handle decides it.
    fn judge_handle(
        &self,
        under: &Under,
        outcome: &Outcome,
        s: Handle,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let pid = under.thread.process;
        let function = under.call.function();
        let not_a_socket = outcome.error() == Some(ErrorCode::WSAENOTSOCK);
        if not_a_socket {
            statistics.count(Reached::NotASocketRefused);
            if self.follower.model.party(pid).is_some_and(|party| party.used.contains(&s.0)) {
                statistics.count(Reached::ClosedHandleRefused);
            }
            if under.meant_none {
                return Ok(());
            }
            return Err(Mismatch {
                rule: "open-descriptor-refused",
                what: format!("{s} is an open descriptor of process {pid}, and {function} gives WSAENOTSOCK"),
                instead: Instead::Succeeds,
            });
        }
        if under.meant_socket || self.not_started(under, outcome) {
            return Ok(());
        }
        let found = match &outcome.result {
            Ok(_) => "succeeds".to_owned(),
            Err(_) => outcome.error().map_or("fails".to_owned(), |code| format!("gives {code}")),
        };
        let rule = if outcome.result.is_ok() { "closed-handle-accepted" } else { "closed-handle-other-code" };
        let what = format!("{s} is no descriptor of process {pid}, and {function} {found}");
        Err(Mismatch { rule, what, instead: Instead::Refused(ErrorCode::WSAENOTSOCK) })
    }

    /// Whether a call was refused because Ws2_32 or a provider was ended, or cannot be started for such a handle
    /// (`WSPStartup.dll-init-failure`).
    fn not_started(&self, under: &Under, outcome: &Outcome) -> bool {
        match outcome.error() {
            Some(ErrorCode::WSANOTINITIALISED) => under.ended,
            Some(ErrorCode::WSAEPROVIDERFAILEDINIT) => under.inner,
            _ => false,
        }
    }

    fn socket(
        &mut self,
        under: &Under,
        outcome: &Outcome,
        done: super::follow::Done,
        info: Option<&Arc<RawProtocolInfoW>>,
        plain: bool,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let pid = under.thread.process;
        let model = &self.follower.model;
        let own = info.and_then(|info| model.party(pid)?.duplicate(info)).map(|duplicate| duplicate.fate);
        let others = info.is_some_and(|info| {
            let others = model.parties.iter().enumerate().filter(|(place, _)| Pid::of_index(*place) != pid);
            others.into_iter().any(|(_, party)| party.duplicate(info).is_some())
        });
        let mine = own == Some(Fate::Redeemed(under.thread)) && done.redeemed.is_some();
        let refused = |rule, what| Err(Mismatch { rule, what, instead: Instead::Fails });
        let Ok(Out::Handle(handle)) = outcome.result else {
            match own {
                // Whoever is refused has not spent it, unless the provider was ended or its handle closed meanwhile.
                Some(fate)
                    if (fate == Fate::Waits || mine)
                        && (under.duplicate_waits && plain && !under.ended && !done.robbed) =>
                {
                    let code = outcome.error().map_or(String::new(), |code| format!(" with {code}"));
                    let what = format!("a duplicate waits for process {pid}, and its info is refused{code}");
                    return Err(Mismatch { rule: "waiting-duplicate-refused", what, instead: Instead::Succeeds });
                }
                Some(Fate::Redeemed(_)) => statistics.count(Reached::InfoUsedAgainRefused),
                Some(_) => {}
                None if others => statistics.count(Reached::InfoOfAnotherRefused),
                None if info.is_some() => statistics.count(Reached::DamagedInfoRefused),
                None => {}
            }
            return Ok(());
        };
        match (own, done.redeemed) {
            (Some(_), Some(socket)) if mine => {
                statistics.count(Reached::Redeemed);
                if self.layered {
                    statistics.count(Reached::RedeemedThroughLayers);
                }
                if model.objects[socket].handles == 1 {
                    statistics.count(Reached::RedeemedAfterSourceClosed);
                }
            }
            (Some(Fate::Waits), _) => {
                let what = format!("a duplicate waits for process {pid}, and its info gives another socket");
                return refused("waiting-duplicate-refused", what);
            }
            (Some(_), _) => {
                let what = format!("the info was used already, and gives process {pid} {handle}");
                return refused("info-used-again", what);
            }
            (None, _) if others => {
                let what = format!("the info is for another process, and gives process {pid} {handle}");
                return refused("info-of-another", what);
            }
            // An info that is not as WSPDuplicateSocket wrote it, and asks for the same all the same.
            (None, Some(_)) => statistics.count(Reached::DamagedInfoAccepted),
            (None, None) => statistics.count(Reached::Made),
        }
        self.gives(under, handle, done, statistics)
    }

    /// A call gave a descriptor: it means what the call made or redeemed, unless another thread has closed it since.
    fn gives(
        &mut self,
        under: &Under,
        handle: Handle,
        done: super::follow::Done,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        let pid = under.thread.process;
        let model = &mut self.follower.model;
        let (obtained, means) = (done.redeemed.or(done.made), model.meant(pid, handle.0, false));
        if (obtained.is_none() || means != obtained) && under.alone {
            let what = format!("process {pid} is given {handle}, which does not mean the socket of the call");
            return Err(Mismatch { rule: "descriptor-of-another-socket", what, instead: Instead::Nothing });
        }
        if let Some(socket) = obtained {
            model.objects[socket].last = Some((pid, handle.0));
        }
        if let Some(party) = model.party_mut(pid)
            && !party.used.insert(handle.0)
        {
            statistics.count(Reached::Recycled);
        }
        Ok(())
    }

    fn close_socket(
        &mut self,
        under: &Under,
        outcome: &Outcome,
        done: super::follow::Done,
        s: Handle,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        self.judge_handle(under, outcome, s, statistics)?;
        match outcome.error() {
            _ if outcome.result.is_ok() => {
                statistics.count(Reached::Closed);
                if under.began_with == Some(1) {
                    statistics.count(Reached::LastClosed);
                }
                if !done.closed {
                    let pid = under.thread.process;
                    let what = format!("the close of {s} in process {pid} succeeds, and no provider has closed it");
                    return Err(Mismatch { rule: "close-closes-nothing", what, instead: Instead::Closed(pid, s.0) });
                }
                Ok(())
            }
            Some(ErrorCode::WSAENOTSOCK | ErrorCode::WSAEWOULDBLOCK) => Ok(()),
            _ if self.not_started(under, outcome) => Ok(()),
            code => {
                let code = code.map_or(String::new(), |code| format!(" with {code}"));
                let pid = under.thread.process;
                let what = format!("{s} is an open descriptor of process {pid}, and its close is refused{code}");
                Err(Mismatch { rule: "close-refused", what, instead: Instead::Succeeds })
            }
        }
    }

    fn duplicate_socket(
        &mut self,
        under: &Under,
        outcome: &Outcome,
        s: Handle,
        target: Pid,
        statistics: &mut Statistics,
    ) -> Result<(), Mismatch> {
        self.judge_handle(under, outcome, s, statistics)?;
        let party = self.follower.model.party_mut(target);
        match (&outcome.result, party) {
            (Ok(Out::Info(info)), party) => {
                statistics.count(Reached::Duplicated);
                let same = |d: &&mut super::model::Duplicate| {
                    d.base.provider_reserved() == info.provider_reserved()
                        && d.base.service_flags4() == info.service_flags4()
                };
                if let Some(duplicate) = party.and_then(|party| party.duplicates.iter_mut().find(same)) {
                    duplicate.info = Some(info.clone());
                }
            }
            (Err(_), None) => statistics.count(Reached::DuplicateForNobodyRefused),
            _ => {}
        }
        Ok(())
    }
}

/// A WSP* line enters the provider with a handle that Ws2_32 does not know; other names do not.
fn enters_provider(call: &Call) -> bool {
    call.function().home() == Home::Provider
}

fn info_of(info: &InfoIn) -> Option<&Arc<RawProtocolInfoW>> {
    match info {
        Pointer::To(info) => Some(info),
        Pointer::Null | Pointer::Bad => None,
    }
}

/// Whether all three parameters are to be those of the info.
fn plain(af: i32, socket_type: i32, protocol: i32) -> bool {
    [af, socket_type, protocol].iter().all(|value| *value == FROM_PROTOCOL_INFO)
}
