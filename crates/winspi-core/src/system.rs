//! The system: a world and a program per thread, and the one loop that carries requests and replies.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::activation::{Activation, Stage};
use crate::call::{Call, Callback, Completed, Indicated, Signature};
use crate::clause;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::{Age, InstanceId, Pid, Tid};
use crate::kernel::process::{Next, Thread, ThreadRole};
use crate::outcome::{Outcome, Refusal, Who};
use crate::protocol::{Reply, Request, Step};
use crate::provider::instance::Notice;
use crate::provider::{base_ifs, base_non_ifs, layer};
use crate::shared::Shared;
use crate::signature::Home;
use crate::transition::{Choice, NotEnabled, Transition};
use crate::value::Place;
use crate::world::{Cx, Listens, World};
#[cfg(feature = "wrong-worlds")]
use crate::wrong;
use crate::ws2_32::catalog::ProviderKind;
use crate::{kernel, ws2_32};

mod leave;

use leave::registered_by;

/// What runs on a thread: plain data that is stepped, as an activation is.
pub trait Program: Clone + Serialize + DeserializeOwned {
    /// What all programs of a system share, such as names that one may read of another.
    type Shared: Clone + Serialize + DeserializeOwned;

    /// A callback begins: it stands above what ran before.
    fn enter(&mut self, callback: &Callback);

    /// One step. `Request::Rest` says that a line is done, `Request::Done` that nothing is left.
    fn step(&mut self, shared: &mut Shared<Self::Shared>, world: &World, thread: Tid, reply: Reply) -> Step<()>;

    /// Whether the next line can begin; asked where the thread stands between two lines.
    fn is_ready(&self, _shared: &Self::Shared, _world: &World, _thread: Tid) -> bool {
        true
    }

    /// Whether the thread stands where it may choose how to go on. It is ready where [`Program::choices`] gives some.
    fn chooses(&self) -> bool {
        false
    }

    /// The ways in which it may go on now, in canonical order.
    fn choices(&self, _shared: &Self::Shared, _world: &World, _thread: Tid) -> Vec<Choice> {
        Vec::new()
    }

    /// Takes one of its choices; it is stepped next.
    fn choose(&mut self, _choice: &Choice) {}

    /// The process has ended: nothing that it was about to do counts any more.
    fn end(&mut self);

    /// After [`Program::end`]: what only this process could have asked for is not shared any more.
    fn ended(&self, _shared: &mut Shared<Self::Shared>, _thread: Tid) {}
}

/// A world with a program for each thread that has one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct System<P: Program> {
    world: World,
    programs: Arc<[(Tid, Shared<P>)]>,
    /// What the programs share.
    pub shared: Shared<P::Shared>,
    /// How far one transition of a thread goes.
    pub grain: Grain,
    /// Whether a thread stops at the end of a line of its program whatever the grain.
    pub stop_at_lines: bool,
}

/// How far one transition of a thread goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// Until its call comes back or waits.
    #[default]
    Call,
    /// Until after the first activation step that touched something shared; returns included.
    Boundary,
    /// One activation step.
    Request,
}

impl<P: Program> System<P> {
    /// An equal system that shares no component with this one: [`World::apart`].
    pub fn apart(&self) -> System<P> {
        System {
            world: self.world.apart(),
            programs: self.programs.iter().map(|(tid, program)| (*tid, program.apart())).collect(),
            shared: self.shared.apart(),
            ..*self
        }
    }

    /// A system of a world without programs.
    pub fn new(world: World, shared: P::Shared) -> System<P> {
        System {
            world,
            programs: Arc::default(),
            shared: Shared::new(shared),
            grain: Grain::default(),
            stop_at_lines: true,
        }
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The world, to be set up before the first transition.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// Gives a thread its program.
    pub fn set_program(&mut self, thread: Tid, program: P) {
        match self.programs.binary_search_by_key(&thread, |(tid, _)| *tid) {
            Ok(place) => Arc::make_mut(&mut self.programs)[place].1 = Shared::new(program),
            Err(place) => {
                let (before, after) = self.programs.split_at(place);
                let new = [(thread, Shared::new(program))];
                self.programs = before.iter().cloned().chain(new).chain(after.iter().cloned()).collect();
            }
        }
    }

    /// The program of a thread.
    pub fn program(&self, thread: Tid) -> Option<&P> {
        let place = self.programs.binary_search_by_key(&thread, |(tid, _)| *tid).ok()?;
        Some(&self.programs[place].1)
    }

    /// The program of a thread, to be changed by a scheduler.
    pub fn program_mut(&mut self, thread: Tid) -> Option<&mut P>
    where
        P: Clone,
    {
        let place = self.programs.binary_search_by_key(&thread, |(tid, _)| *tid).ok()?;
        Some(Arc::make_mut(&mut self.programs)[place].1.change())
    }

    /// All programs, by thread.
    pub fn programs(&self) -> impl Iterator<Item = (Tid, &P)> {
        self.programs.iter().map(|(tid, program)| (*tid, &**program))
    }

    /// The same as systems share them.
    pub(crate) fn shared_programs(&self) -> &[(Tid, Shared<P>)] {
        &self.programs
    }

    /// Whether a thread can go on.
    pub fn can_go(&self, tid: Tid) -> bool {
        if self.world.is_held_back(tid) {
            return false;
        }
        match self.world.thread(tid).map(|t| &t.next) {
            Some(Next::Run(Reply::Enter)) if self.world.thread(tid).is_some_and(|t| t.stack.is_empty()) => {
                self.next_line_is_ready(tid)
            }
            Some(Next::Run(_)) => true,
            Some(Next::Waits(wait)) => wait.is_over(&self.world),
            Some(Next::Idle) => self.world.has_notice(tid),
            Some(Next::Asked { .. } | Next::Ended) | None => false,
        }
    }

    /// Whether a thread stands between two lines, where its program may choose.
    fn chooses(&self, tid: Tid) -> bool {
        let stands = self.world.thread(tid).is_some_and(|t| t.stack.is_empty() && t.next == Next::Run(Reply::Enter));
        stands && self.program(tid).is_some_and(P::chooses)
    }

    /// What a thread may choose now.
    pub fn choices(&self, tid: Tid) -> Vec<Choice> {
        let program = self.program(tid).filter(|_| self.chooses(tid) && !self.world.is_held_back(tid));
        program.map_or(Vec::new(), |program| program.choices(&self.shared, &self.world, tid))
    }

    fn next_line_is_ready(&self, tid: Tid) -> bool {
        self.program(tid).is_none_or(|program| program.is_ready(&self.shared, &self.world, tid))
    }

    /// The transitions that may happen now, in canonical order; faults and answers from outside come from elsewhere.
    ///
    /// Time passes only when nothing else can happen.
    pub fn enabled(&self) -> Vec<Transition> {
        let mut all = Vec::new();
        for (tid, _) in self.world.threads() {
            if self.chooses(tid) {
                let choices = self.choices(tid).into_iter();
                all.extend(choices.map(|choice| Transition::Choose { thread: tid, choice }));
            } else if self.can_go(tid) {
                all.push(Transition::Go(tid));
            }
        }
        let of_itself = [self.deliveries(), self.messages(), self.completions()];
        all.extend(of_itself.into_iter().flatten().map(|(transition, _)| transition));
        if all.is_empty() && self.next_deadline().is_some() {
            all.push(Transition::TimePasses);
        }
        all
    }

    /// The segments and datagrams that may arrive next, with their ages.
    pub fn deliveries(&self) -> Vec<(Transition, u64)> {
        let all = self.world.deliveries().into_iter();
        let segments = all.map(|(from, to, age)| (Transition::Deliver { from, to }, age));
        let datagrams = self.world.network().in_flight();
        segments.chain(datagrams.map(|(from, to, age)| (Transition::DeliverDatagram { from, to }, age.0))).collect()
    }

    /// The messages of the bus that may arrive next, with their ages.
    pub fn messages(&self) -> Vec<(Transition, u64)> {
        let all = self.world.bus().in_flight();
        all.map(|(from, to, age)| (Transition::DeliverMessage { from, to }, age.0)).collect()
    }

    /// The operations that can be carried out, with their ages.
    pub fn completions(&self) -> Vec<(Transition, u64)> {
        let all = self.world.completable().into_iter();
        all.map(|(process, cell, age)| (Transition::Complete { process, cell }, age)).collect()
    }

    /// What nobody can reach any more and is still there.
    pub fn leaks(&self) -> Vec<String> {
        self.world.unreached()
    }

    /// The questions that parties outside have not answered yet.
    pub fn open_questions(&self) -> impl Iterator<Item = (Tid, u64)> + '_ {
        self.world.threads().filter_map(|(tid, thread)| match thread.next {
            Next::Asked { number, .. } => Some((tid, number.0)),
            _ => None,
        })
    }

    fn next_deadline(&self) -> Option<u64> {
        let deadlines = self.world.threads().filter_map(|(_, thread)| match &thread.next {
            Next::Waits(wait) => wait.deadline(),
            _ => None,
        });
        deadlines.filter(|d| *d > self.world.now()).min()
    }

    /// Takes a transition and gives what happened. A transition that is not enabled changes nothing.
    pub fn apply(&mut self, transition: &Transition) -> Result<Vec<Event>, NotEnabled> {
        match transition {
            Transition::Go(tid) => {
                if self.chooses(*tid) || !self.can_go(*tid) {
                    return Err(NotEnabled::Thread(*tid));
                }
                self.go(*tid, self.grain);
            }
            Transition::Choose { thread, choice } => {
                if !self.choices(*thread).contains(choice) {
                    return Err(NotEnabled::Choice(*thread));
                }
                if let Some(program) = self.program_mut(*thread) {
                    program.choose(choice);
                }
                self.go(*thread, self.grain);
            }
            Transition::Step(tid) => {
                if self.chooses(*tid) || !self.can_go(*tid) {
                    return Err(NotEnabled::Thread(*tid));
                }
                self.go(*tid, Grain::Request);
            }
            Transition::Deliver { from, to } => {
                if !self.world.deliver(*from, *to) {
                    return Err(NotEnabled::Nothing { from: *from, to: *to });
                }
            }
            Transition::DeliverDatagram { from, to } => {
                if !self.world.deliver_datagram(*from, *to) {
                    return Err(NotEnabled::Nothing { from: *from, to: *to });
                }
            }
            Transition::LoseDatagram { from, to } => {
                if !self.world.lose_datagram(*from, *to) {
                    return Err(NotEnabled::Nothing { from: *from, to: *to });
                }
            }
            Transition::DeliverMessage { from, to } => {
                let data = self.world.lane_mut(*from, *to).take(*from, *to);
                self.message_arrives(*from, *to, data)?;
            }
            Transition::Overtake { from, to, number } => {
                let data = self.world.lane_mut(*from, *to).take_number(*from, *to, *number);
                self.message_arrives(*from, *to, data)?;
            }
            Transition::LoseMessage { from, to, number } => {
                let lost = self.world.lane_mut(*from, *to).take_number(*from, *to, *number);
                lost.ok_or(NotEnabled::NoMessage { from: *from, to: *to })?;
            }
            Transition::DuplicateMessage { from, to, number } => {
                if !self.world.lane_mut(*from, *to).duplicate(*from, *to, *number) {
                    return Err(NotEnabled::NoMessage { from: *from, to: *to });
                }
            }
            Transition::DamageMessage { from, to, number, byte } => {
                let (from, to, byte) = (*from, *to, *byte);
                self.world.lane_mut(from, to).damage(from, to, *number, byte).map_err(|length| match length {
                    Some(length) => NotEnabled::NoByte { from, to, byte, length },
                    None => NotEnabled::NoMessage { from, to },
                })?;
            }
            Transition::LoseSegment { from, to } => {
                if !self.world.lose_segment(*from, *to) {
                    return Err(NotEnabled::Nothing { from: *from, to: *to });
                }
            }
            Transition::Fault(Fault::PidReuse(pid)) if !self.world.is_free_identifier(*pid) => {
                return Err(NotEnabled::Identifier(*pid));
            }
            Transition::Fault(fault) => self.world.faults_mut().add(*fault),
            Transition::ClearFaults => self.world.faults_mut().clear(),
            Transition::Complete { process, cell } => {
                if !self.world.complete(*process, *cell) {
                    return Err(NotEnabled::Operation { process: *process, cell: *cell });
                }
            }
            Transition::TimePasses => {
                let deadline = self.next_deadline().ok_or(NotEnabled::NoDeadline)?;
                self.world.set_now(deadline);
            }
            Transition::Advance(by) => {
                let until = self.world.now().saturating_add(*by);
                self.world.set_now(self.next_deadline().map_or(until, |d| d.min(until)));
            }
            Transition::Kill(pid) => {
                if self.world.running(*pid).is_none() {
                    return Err(NotEnabled::Process(*pid));
                }
                self.world.end_process(*pid, 1);
                self.end_programs(*pid);
            }
            Transition::Answer { thread, number, step } => self.answer(*thread, *number, step)?,
        }
        Ok(self.world.take_events())
    }

    /// Takes a transition without recording what happens.
    pub fn apply_silently(&mut self, transition: &Transition) -> Result<(), NotEnabled> {
        self.apply_for_checks(Listens::No, transition, &mut Vec::new())
    }

    /// Takes a transition and records only what [`World::check_step`] asks for, breaches and hazards: in the place of
    /// what `events` held.
    pub fn apply_checked(&mut self, transition: &Transition, events: &mut Vec<Event>) -> Result<(), NotEnabled> {
        self.apply_for_checks(Listens::Checks, transition, events)
    }

    fn apply_for_checks(
        &mut self,
        listens: Listens,
        transition: &Transition,
        events: &mut Vec<Event>,
    ) -> Result<(), NotEnabled> {
        events.clear();
        self.world.listen(listens, std::mem::take(events));
        let result = self.apply(transition);
        self.world.listen(Listens::All, Vec::new());
        *events = result?;
        Ok(())
    }

    fn message_arrives(&mut self, from: Pid, to: Pid, data: Option<Arc<[u8]>>) -> Result<(), NotEnabled> {
        let data = data.ok_or(NotEnabled::NoMessage { from, to })?;
        let length = data.len();
        self.world.inbox_mut(to, Some(from)).arrive(from, to, data);
        self.world.record(Event::Message { from, to, length });
        Ok(())
    }

    fn end_programs(&mut self, pid: Pid) {
        for (tid, program) in Arc::make_mut(&mut self.programs) {
            if tid.process == pid {
                program.change().end();
                program.ended(&mut self.shared, *tid);
            }
        }
    }

    /// Lets a thread run until its grain says stop. Its stack is out of the world meanwhile.
    fn go(&mut self, tid: Tid, grain: Grain) {
        let Some(thread) = self.world.thread_mut(tid) else { return };
        let mut stack = std::mem::take(&mut thread.stack);
        let mut reply = match std::mem::replace(&mut thread.next, Next::Idle) {
            Next::Run(reply) => reply,
            Next::Waits(_) => Reply::Woken,
            Next::Idle => {
                self.begin_task(tid, &mut stack);
                Reply::Enter
            }
            other => {
                thread.next = other;
                thread.stack = stack;
                return;
            }
        };
        self.world.take_touched();
        loop {
            let next = self.step(tid, &mut stack, reply);
            let touched = self.world.take_touched();
            let stop = match (&next, grain) {
                (Next::Run(Reply::Enter), _) if stack.is_empty() => {
                    // The end of a line: what it bound may be shared, and the next one may have to wait.
                    let chooses = self.program(tid).is_some_and(P::chooses);
                    let stops = self.stop_at_lines
                        || chooses
                        || grain == Grain::Request
                        || (grain == Grain::Boundary && touched);
                    let ready = stops || self.next_line_is_ready(tid);
                    self.world.take_touched();
                    !ready || stops
                }
                (Next::Run(_), Grain::Call) => false,
                (Next::Run(_), Grain::Boundary) => touched,
                _ => true,
            };
            if stop || !matches!(next, Next::Run(_)) {
                self.park(tid, stack, next);
                return;
            }
            let Next::Run(again) = next else { return };
            reply = again;
        }
    }

    /// Puts a thread back into the world.
    fn park(&mut self, tid: Tid, stack: Vec<Activation>, next: Next) {
        let age = self.world.age();
        if let (Next::Waits(wait), true) = (&next, self.world.listens_to_all()) {
            self.world.record(Event::Waits { thread: tid, wait: wait.told() });
        }
        let Some(thread) = self.world.thread_mut(tid) else { return };
        if matches!(thread.next, Next::Ended) {
            return;
        }
        thread.stack = stack;
        if matches!(next, Next::Waits(_)) {
            thread.since = age;
        }
        thread.next = next;
    }

    /// A worker thread looks at its next note.
    fn begin_task(&mut self, tid: Tid, stack: &mut Vec<Activation>) {
        let Some(ThreadRole::Worker(instance)) = self.world.thread(tid).map(|t| t.role) else { return };
        let Some(notice) = self.world.take_notice(instance) else { return };
        let call = Arc::new(match notice {
            Notice::Completed(notice) => Completed { notice }.call(),
            Notice::SetEvent(event) => Indicated { event }.call(),
        });
        self.enter(tid, stack, Who::Provider(instance), call);
    }

    /// Puts an activation on a stack.
    fn enter(&mut self, thread: Tid, stack: &mut Vec<Activation>, who: Who, call: Arc<Call>) {
        if self.world.listens() {
            let depth = stack.len() as u16;
            self.world.record(Event::Enter { thread, depth, who, call: call.clone() });
        }
        let stage = match who {
            Who::Program | Who::Foreign(..) => Stage::Outside,
            _ => Stage::Enter,
        };
        stack.push(Activation { who, call, stage, registered: None });
    }

    /// Hands a reply to the topmost activation, or to the program when there is none.
    fn step(&mut self, tid: Tid, stack: &mut Vec<Activation>, reply: Reply) -> Next {
        let Some((top, under)) = stack.split_last_mut() else { return self.step_program(tid, stack, reply) };
        let who = top.who;
        match who {
            Who::Program => return self.step_program(tid, stack, reply),
            Who::Foreign(party, _) => return self.ask(tid, party, reply),
            Who::Ws2_32 | Who::Kernel | Who::Provider(_) => {}
        }
        let stage = match std::mem::replace(&mut top.stage, Stage::Enter) {
            Stage::Posed => return self.hand_back(tid, stack, reply),
            stage => stage,
        };
        #[cfg(feature = "wrong-worlds")]
        {
            top.call = wrong::taken(&self.world, who, top.call.clone());
            if let Some(step) = wrong::instead(&self.world, who, &top.call) {
                return self.carry(tid, stack, step);
            }
        }
        let call = &top.call;
        // A provider that Ws2_32 loads on its own is not called by the program.
        let loads = matches!(under.last().map(|asker| &asker.stage), Some(Stage::Ws2_32(ws2_32::Stage::Starting(_))));
        let in_progress = under.iter().rev().find_map(|below| below.call.in_progress()).filter(|_| !loads);
        let caller = under.last().and_then(runs);
        let mut cx = Cx { world: &mut self.world, thread: tid, me: None, caller, in_progress };
        let step = match who {
            Who::Provider(instance) => {
                cx.me = Some(instance);
                step_provider(&mut cx, instance, call, stage, reply)
            }
            Who::Kernel => {
                let stage = match stage {
                    Stage::Kernel(stage) => Some(stage),
                    _ => None,
                };
                kernel::step(&mut cx, call, stage, reply).map(Stage::Kernel)
            }
            Who::Ws2_32 | Who::Program | Who::Foreign(..) => {
                let stage = match stage {
                    Stage::Ws2_32(stage) => Some(stage),
                    _ => None,
                };
                ws2_32::step(&mut cx, call, stage, reply).map(Stage::Ws2_32)
            }
        };
        #[cfg(feature = "wrong-worlds")]
        let step = wrong::after(&self.world, who, call, step);
        self.carry(tid, stack, step)
    }

    /// A program has called Ws2_32 in the place of a provider: what came back is the program's.
    fn hand_back(&mut self, tid: Tid, stack: &mut Vec<Activation>, reply: Reply) -> Next {
        if let (Some(posed), true) = (stack.pop(), self.world.listens()) {
            let (who, call) = (posed.who, posed.call);
            let outcome = reply.clone().outcome();
            self.world.record(Event::Leave { thread: tid, depth: stack.len() as u16, who, call, outcome });
        }
        Next::Run(reply)
    }

    /// Steps the program of a thread, inside or outside.
    fn step_program(&mut self, tid: Tid, stack: &mut Vec<Activation>, reply: Reply) -> Next {
        let role = self.world.thread(tid).map(|t| t.role);
        if let Some(ThreadRole::Outside(party)) = role {
            return self.ask(tid, party, reply);
        }
        let Ok(place) = self.programs.binary_search_by_key(&tid, |(t, _)| *t) else { return Next::Idle };
        let program = Arc::make_mut(&mut self.programs)[place].1.change();
        let step = program.step(&mut self.shared, &self.world, tid, reply);
        self.carry_outside(tid, stack, step)
    }

    /// Puts a question to a party outside.
    fn ask(&mut self, tid: Tid, party: crate::id::PartyId, reply: Reply) -> Next {
        let number = self.world.thread_mut(tid).map_or(Age(0), |thread| {
            thread.asked.0 += 1;
            thread.asked
        });
        Next::Asked { party, number, reply }
    }

    /// Takes the answer of a party outside.
    fn answer(&mut self, tid: Tid, number: u64, step: &Step<()>) -> Result<(), NotEnabled> {
        let refused = NotEnabled::NotAsked { thread: tid, number };
        let thread = self.world.thread_mut(tid).ok_or_else(|| refused.clone())?;
        match thread.next {
            Next::Asked { number: asked, .. } if asked.0 == number => {}
            _ => return Err(refused),
        }
        thread.next = Next::Idle;
        let mut stack = std::mem::take(&mut thread.stack);
        let next = self.carry_outside(tid, &mut stack, step.clone());
        self.park(tid, stack, next);
        Ok(())
    }

    /// Carries a step of a program, or of a foreign provider on top of the stack.
    fn carry_outside(&mut self, tid: Tid, stack: &mut Vec<Activation>, step: Step<()>) -> Next {
        match step {
            step if !stack.is_empty() => self.carry(tid, stack, step.map(|()| Stage::Outside)),
            Step::Return(_) => Next::Idle,
            Step::Ask(request, ()) => self.request(tid, stack, request),
        }
    }

    /// Carries a step of the activation on top of the stack.
    fn carry(&mut self, tid: Tid, stack: &mut Vec<Activation>, step: Step<Stage>) -> Next {
        match step {
            Step::Return(outcome) => {
                let Some(from) = stack.pop() else { return Next::Idle };
                let outcome = self.leave(tid, stack, &from, outcome);
                if let (Some(asker), Some(handle)) = (stack.last_mut(), registered_by(&from.call, &outcome)) {
                    asker.registered = Some(handle);
                }
                if stack.is_empty() && matches!(self.world.thread(tid).map(|t| t.role), Some(ThreadRole::Worker(_))) {
                    return Next::Idle;
                }
                Next::Run(Reply::Outcome(outcome))
            }
            Step::Ask(request, stage) => {
                if let Some(top) = stack.last_mut() {
                    top.stage = stage;
                }
                self.request(tid, stack, request)
            }
        }
    }

    /// Carries out a request; who asked is on top of the stack.
    fn request(&mut self, tid: Tid, stack: &mut Vec<Activation>, request: Request) -> Next {
        match request {
            Request::Down(instance, call) => self.down(tid, stack, instance, call),
            Request::Up(call) if call.function().home() == Home::Upcall && self.lacks_upcalls(stack) => {
                let gap = format!("{} through an upcall table that leads nowhere", call.function());
                Next::Run(Reply::Outcome(Outcome { result: Err(Refusal::not_modelled(gap)), by: Some(Who::Ws2_32) }))
            }
            Request::Up(call) => {
                let who = match call.function().home() {
                    Home::Kernel => Who::Kernel,
                    Home::Provider | Home::Upcall | Home::Ws2_32 | Home::Program => Who::Ws2_32,
                };
                self.enter(tid, stack, who, call);
                Next::Run(Reply::Enter)
            }
            Request::UpAs(instance, call) => {
                self.enter(tid, stack, Who::Provider(instance), call.clone());
                if let Some(posed) = stack.last_mut() {
                    posed.stage = Stage::Posed;
                }
                self.request(tid, stack, Request::Up(call))
            }
            Request::User(callback) => {
                let inside = self.programs.binary_search_by_key(&tid, |(t, _)| *t);
                if let Ok(place) = inside {
                    Arc::make_mut(&mut self.programs)[place].1.change().enter(&callback);
                }
                self.enter(tid, stack, Who::Program, callback.call);
                Next::Run(Reply::Enter)
            }
            Request::Wait(wait) => Next::Waits(wait),
            Request::Rest => Next::Run(Reply::Enter),
            Request::Done => Next::Idle,
            Request::NewThread { name, party } => {
                self.world.add_thread(tid.process, &name, ThreadRole::Outside(party));
                Next::Run(Reply::Woken)
            }
            Request::EndThread { code } => {
                if self.world.is_last_thread(tid) {
                    return self.request(tid, stack, Request::EndProcess { process: tid.process, code });
                }
                for activation in stack.drain(..) {
                    if let Some(endpoint) = activation.holds() {
                        self.world.unhold(endpoint);
                    }
                }
                self.world.cancel_of_thread(tid);
                if let Ok(place) = self.programs.binary_search_by_key(&tid, |(t, _)| *t) {
                    Arc::make_mut(&mut self.programs)[place].1.change().end();
                }
                Next::Ended
            }
            Request::EndProcess { process, code } => {
                self.world.end_process(process, code);
                self.end_programs(process);
                if process != tid.process {
                    return Next::Run(Reply::Woken);
                }
                // The running thread's own stack was out of the world: what it holds goes back here.
                for activation in stack.drain(..) {
                    if let Some(endpoint) = activation.holds() {
                        self.world.unhold(endpoint);
                    }
                }
                Next::Ended
            }
        }
    }

    /// Whether who asks is a provider whose latest client gave it an upcall table that leads nowhere.
    fn lacks_upcalls(&self, stack: &[Activation]) -> bool {
        let Some(id) = stack.last().and_then(runs) else { return false };
        match stack.last().map(|asks| &*asks.call) {
            Some(Call::WSPStartup(a)) => a.upcall_table != Place::Room,
            _ => self.world.lacks_upcalls(id),
        }
    }

    /// Enters a provider by the procedure table of the instance that is called.
    fn down(&mut self, tid: Tid, stack: &mut Vec<Activation>, called: InstanceId, call: Arc<Call>) -> Next {
        // A party outside may name what it likes: what is not of its process and of the catalog is not started.
        let listed = usize::from(called.provider.0) < self.world.catalog().providers().len();
        let known = listed && called.process == tid.process;
        if known && matches!(*call, Call::WSPStartup(_)) && self.world.instance(called).is_none() {
            self.make_instance(called);
        }
        let Some(instance) = self.world.instance(called).filter(|_| known) else {
            let code = ErrorCode::WSANOTINITIALISED;
            let refusal = Refusal::code(code, clause!("WSPCleanup.error-notinitialised"));
            return Next::Run(Reply::Outcome(Outcome { result: Err(refusal), by: Some(Who::Ws2_32) }));
        };
        let own = matches!(*call, Call::WSPStartup(_) | Call::WSPCleanup(_) | Call::Completed(_));
        let entry = instance.table.entry(call.function()).filter(|id| self.world.instance(*id).is_some());
        let serves = entry.filter(|_| !own).unwrap_or(called);
        let who = match self.world.catalog().provider(serves.provider).kind {
            ProviderKind::Outside { party, .. } => Who::Foreign(party, serves),
            _ => Who::Provider(serves),
        };
        self.enter(tid, stack, who, call);
        Next::Run(Reply::Enter)
    }

    /// The thread of a question, for those who answer it.
    pub fn asked_thread(&self, tid: Tid) -> Option<&Thread> {
        self.world.thread(tid).filter(|t| matches!(t.next, Next::Asked { .. }))
    }
}

/// The provider that runs an activation, if it is one.
fn runs(activation: &Activation) -> Option<InstanceId> {
    match activation.who {
        Who::Provider(id) | Who::Foreign(_, id) => Some(id),
        Who::Program | Who::Ws2_32 | Who::Kernel => None,
    }
}

/// Steps a provider of ours.
fn step_provider(cx: &mut Cx<'_>, instance: InstanceId, call: &Arc<Call>, stage: Stage, reply: Reply) -> Step<Stage> {
    match cx.world.catalog().provider(instance.provider).kind {
        ProviderKind::BaseIfs => {
            let stage = match stage {
                Stage::BaseIfs(stage) => Some(stage),
                _ => None,
            };
            base_ifs::step(cx, call, stage, reply).map(Stage::BaseIfs)
        }
        ProviderKind::BaseNonIfs => {
            let stage = match stage {
                Stage::BaseNonIfs(stage) => Some(stage),
                _ => None,
            };
            base_non_ifs::step(cx, call, stage, reply).map(Stage::BaseNonIfs)
        }
        ProviderKind::LayerIfs | ProviderKind::LayerNonIfs => {
            let stage = match stage {
                Stage::Layer(stage) => Some(stage),
                _ => None,
            };
            layer::step(cx, call, stage, reply).map(Stage::Layer)
        }
        ProviderKind::Outside { .. } => {
            Step::Return(Outcome { result: Err(Refusal::not_modelled("a party outside as one of ours")), by: None })
        }
    }
}
