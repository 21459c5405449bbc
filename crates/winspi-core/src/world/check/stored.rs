//! What the parts of a stored world have to be, one by one, before it can be walked at all.

use crate::id::{InstanceId, Pid, ProviderId};
use crate::kernel::memory::Owner;
use crate::kernel::operation::{Operation, OperationKind, OperationState};
use crate::kernel::process::{Process, ThreadRole};
use crate::provider::instance::{Instance, Record};
use crate::snapshot::{Damage, expect};
use crate::world::World;
use crate::ws2_32::catalog::ProviderKind;

/// More than any number that counts up in a run, and far from where counting would fail.
pub(crate) const MOST: u64 = 1 << 62;
/// The same for numbers of 32 bits.
const MOST_32: u32 = 1 << 30;

impl World {
    /// Refuses what no world can hold.
    pub(crate) fn check_stored(&self) -> Result<(), Damage> {
        let processes = self.processes.len();
        expect(self.ages < MOST, || "ages".into(), "a smaller number")?;
        expect(self.threads.len() == processes, || "threads".into(), "a list for each process")?;
        expect(self.instances.len() == processes, || "instances".into(), "a list for each process")?;
        for (index, process) in self.processes.iter().enumerate() {
            self.check_process(index, process)?;
        }
        for (id, instance) in self.instances() {
            self.check_instance(id, instance)?;
        }
        for (_, operation) in self.operations() {
            self.check_operation(operation)?;
        }
        self.check_orders()?;
        self.tokens.fault().map_or(Ok(()), |expected| Err(Damage::new("tokens", expected)))?;
        self.network.fault().map_or(Ok(()), |expected| Err(Damage::new("network", expected)))?;
        self.bus.fault().map_or(Ok(()), |expected| Err(Damage::new("bus", expected)))?;
        for pid in self.bus.processes().chain(self.tokens.iter().map(|(target, _)| target)) {
            let known = pid.index().is_some_and(|index| index < processes);
            expect(known, || format!("bus and tokens, process {pid}"), "a process that exists")?;
        }
        Ok(())
    }

    fn is_provider(&self, id: ProviderId) -> bool {
        usize::from(id.0) < self.catalog.providers().len()
    }

    fn check_process(&self, index: usize, process: &Process) -> Result<(), Damage> {
        let pid = Pid::of_index(index);
        let place = || format!("process {pid}");
        expect(process.pid == pid && pid.index() == Some(index), place, format!("the identifier {pid}"))?;
        let tables = [process.handles.fault(index), process.descriptors.fault(), process.cells.fault()];
        if let Some(expected) = tables.into_iter().flatten().next() {
            return Err(Damage::new(place(), expected));
        }
        let known = self.processes.iter().any(|p| p.pid == process.known_as);
        expect(known, place, "to be known by the identifier of a process")?;
        let small =
            process.claims_before <= process.claims_made && process.startups < MOST_32 && process.claims_made < MOST_32;
        expect(small, place, "smaller counts of starts and claims")?;
        let loaded = process.loaded.iter().all(|loaded| self.is_provider(loaded.provider));
        expect(loaded, place, "started providers that the catalog has")?;
        for (cell, content) in process.cells.iter() {
            if let Owner::Provider(id) = content.owner {
                let known = id.process == pid && self.is_provider(id.provider);
                expect(known, || format!("cell {} of process {pid}", cell.0), "an owner in its process")?;
            }
        }
        let (threads, instances) = (&self.threads[index], &self.instances[index]);
        expect((1..MAX_THREADS).contains(&threads.len()), place, "a main thread, and not too many others")?;
        expect(instances.len() <= self.catalog.providers().len(), place, "providers that the catalog has")
    }

    fn check_instance(&self, id: InstanceId, instance: &Instance) -> Result<(), Damage> {
        let place = || format!("provider {} in process {}", id.provider.0, id.process);
        let record = match (&instance.record, self.catalog.provider(id.provider).kind) {
            (Record::BaseIfs, ProviderKind::BaseIfs) => None,
            (Record::BaseNonIfs(table), ProviderKind::BaseNonIfs) => table.fault(),
            (Record::Layer(record), ProviderKind::LayerIfs | ProviderKind::LayerNonIfs) => record.fault(),
            (Record::Outside, ProviderKind::Outside { .. }) => None,
            _ => Some("a record of its kind of provider"),
        };
        if let Some(expected) = record {
            return Err(Damage::new(place(), expected));
        }
        expect(instance.starts < MOST_32, place, "fewer starts")?;
        expect(instance.table.leads_down(id, &self.catalog), place, "a procedure table that leads to it or down")?;
        let worker = instance.worker.map(|ordinal| crate::id::Tid { process: id.process, ordinal });
        let serves = worker.and_then(|tid| self.thread(tid)).map(|thread| thread.role);
        let right = if worker.is_some() { serves == Some(ThreadRole::Worker(id)) } else { instance.notices.is_empty() };
        expect(right, place, "a worker thread that serves it")
    }

    fn check_operation(&self, operation: &Operation) -> Result<(), Damage> {
        let id = operation.instance;
        let place = || format!("the operation of process {} with WSAOVERLAPPED {}", id.process, operation.cell.0);
        expect(self.running(id.process).is_some(), place, "a process that runs")?;
        expect(self.is_provider(id.provider), place, "a provider of the catalog")?;
        expect(self.find_endpoint(operation.socket.endpoint).is_some(), place, "a socket that exists")?;
        if let OperationKind::Send { data, sent, .. } = &operation.kind {
            expect(*sent <= data.len(), place, "no more bytes sent than it has")?;
        }
        let pending = operation.state == OperationState::Pending;
        expect(pending == (operation.order > 0), place, "a place in the order exactly while it is pending")?;
        let announces = matches!(self.instance(id).map(|i| &i.record), Some(Record::BaseNonIfs(_)));
        expect(pending || announces, place, "a provider that announces its end")
    }

    /// The pending operations of a socket are numbered from 1.
    fn check_orders(&self) -> Result<(), Damage> {
        let pending = self.operations().filter(|(_, op)| op.state == OperationState::Pending);
        let mut orders: Vec<_> = pending.map(|(_, op)| (op.socket.endpoint, op.order)).collect();
        orders.sort_unstable();
        let mut before = None;
        for (endpoint, order) in orders {
            let expected = match before {
                Some((same, last)) if same == endpoint => last + 1,
                _ => 1,
            };
            expect(order == expected, || format!("the operations of a socket, place {order}"), format!("{expected}"))?;
            before = Some((endpoint, order));
        }
        Ok(())
    }
}

/// The number of a thread has 16 bits.
const MAX_THREADS: usize = 1 << 15;
