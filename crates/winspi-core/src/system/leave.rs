//! What the loop does when a call comes back: who answered, starts and ends of instances, duties of providers.

use winspi_types::ErrorCode;

use crate::activation::Activation;
use crate::call::Call;
use crate::clause;
use crate::event::{Duty, Event};
use crate::id::{Handle, InstanceId, Tid};
use crate::outcome::{Out, Outcome, Refusal, Who};
use crate::policy::Decision;
use crate::provider::instance::Record;
use crate::system::{Program, System};
use crate::value::Place;
use crate::ws2_32::catalog::ProviderKind;
use crate::ws2_32::last_error;

impl<P: Program> System<P> {
    /// Makes a provider's instance, with nothing in it.
    pub(super) fn make_instance(&mut self, id: InstanceId) {
        let record = match self.world.catalog().provider(id.provider).kind {
            ProviderKind::BaseIfs => Record::BaseIfs,
            ProviderKind::BaseNonIfs => Record::BaseNonIfs(Default::default()),
            ProviderKind::LayerIfs | ProviderKind::LayerNonIfs => Record::Layer(Default::default()),
            ProviderKind::Outside { .. } => Record::Outside,
        };
        self.world.make_instance(id, record);
    }

    /// Takes an instance away that nothing has started. Where a WSPStartup of it is still under way, in another thread
    /// or further down, that one finds a new one.
    fn drop_instance(&mut self, id: InstanceId, stack: &[Activation]) {
        let starts = |activation: &Activation| {
            let own = matches!(activation.who, Who::Provider(whose) | Who::Foreign(_, whose) if whose == id);
            own && matches!(*activation.call, Call::WSPStartup(_))
        };
        let elsewhere = self.world.threads_of(id.process).flat_map(|(_, thread)| &thread.stack).any(starts);
        let starting = stack.iter().any(starts) || elsewhere;
        self.world.drop_instance(id);
        if starting {
            self.make_instance(id);
        }
    }

    /// A call comes back from a party.
    pub(super) fn leave(&mut self, tid: Tid, stack: &[Activation], from: &Activation, mut outcome: Outcome) -> Outcome {
        if let Who::Foreign(_, instance) = from.who
            && outcome.result.as_ref().is_ok_and(|out| !from.call.fits(out))
        {
            let seen = format!("{} came back with the result of another function", from.call.function());
            self.world.breach(instance, Duty::ForeignShape, Decision::ForeignShape, seen);
            let refusal = Refusal::code(ErrorCode::WSASYSCALLFAILURE, Decision::ForeignShape);
            outcome.result = Err(refusal);
        }
        if outcome.by.is_none() {
            outcome.by = Some(from.who);
        }
        if let Who::Provider(instance) | Who::Foreign(_, instance) = from.who {
            self.note_start_or_end(tid, instance, from, &outcome, stack);
            self.check_registration(instance, from, &outcome);
        }
        if from.who == Who::Ws2_32 {
            last_error::note(&mut self.world, tid, &from.call, &outcome);
        }
        if self.world.listens() {
            self.world.record(Event::Leave {
                thread: tid,
                depth: stack.len() as u16,
                who: from.who,
                call: from.call.clone(),
                outcome: outcome.clone(),
            });
        }
        outcome
    }

    /// A provider uses the upcall table of its latest WSPStartup and no other.
    fn take_upcall_table(&mut self, tid: Tid, id: InstanceId, table: Place) {
        let Some(instance) = self.world.instance_mut(id) else { return };
        instance.upcalls = table == Place::Room;
        if instance.starts > 1 {
            let basis = clause!("WSPStartup.upcall-table-latest").into();
            self.world.record(Event::Rule { thread: tid, by: Some(id), basis });
        }
    }

    fn note_start_or_end(
        &mut self,
        tid: Tid,
        id: InstanceId,
        from: &Activation,
        outcome: &Outcome,
        stack: &[Activation],
    ) {
        match (&*from.call, &outcome.result) {
            (Call::WSPStartup(a), Ok(Out::Started(started))) => {
                let table = started.proc_table.leading_down(id, self.world.catalog());
                if let Some(instance) = self.world.instance_mut(id) {
                    instance.starts += 1;
                    instance.table = table;
                }
                self.take_upcall_table(tid, id, a.upcall_table);
            }
            (Call::WSPStartup(_), Err(_)) if self.world.instance(id).is_some_and(|i| i.starts == 0) => {
                self.drop_instance(id, stack);
            }
            (Call::WSPCleanup(_), Ok(_)) => {
                let ended = self.world.instance_mut(id).is_some_and(|instance| {
                    instance.starts = instance.starts.saturating_sub(1);
                    instance.starts == 0
                });
                if ended && !is_wrong!(&self.world, CleanupLeavesProvider) {
                    self.world.release_record(id);
                    self.drop_instance(id, stack);
                }
            }
            _ => {}
        }
    }

    /// Duty: every descriptor that a provider returns is registered for it.
    fn check_registration(&mut self, id: InstanceId, from: &Activation, outcome: &Outcome) {
        let handle = match &outcome.result {
            Ok(Out::Handle(handle)) => *handle,
            Ok(Out::Accepted(accepted)) => accepted.s,
            _ => return,
        };
        if from.registered == Some(handle) {
            return;
        }
        let registered = self.world.process(id.process).and_then(|p| p.descriptors.get(handle)).copied();
        let owner = registered.and_then(|d| self.world.catalog().provider_of(d.catalog_entry_id));
        if owner != Some(id.provider) {
            let kind = self.world.catalog().provider(id.provider).kind;
            let clause = if kind.is_ifs() {
                clause!("WPUModifyIFSHandle.must-call-before-return")
            } else {
                clause!("WPUCreateSocketHandle.required-for-non-ifs")
            };
            let seen = format!("{handle} was returned, and is not registered for the provider");
            self.world.breach(id, Duty::UnregisteredHandle, clause, seen);
        }
    }
}

/// The handle that an upcall has registered for who asked.
pub(super) fn registered_by(call: &Call, outcome: &Outcome) -> Option<Handle> {
    match (call, &outcome.result) {
        (Call::WPUModifyIFSHandle(_) | Call::WPUCreateSocketHandle(_), Ok(Out::Handle(handle))) => Some(*handle),
        _ => None,
    }
}
