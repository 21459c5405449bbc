//! Worlds that share nothing.

use std::sync::Arc;

use crate::policy::Policy;
use crate::shared::Shared;
use crate::world::World;
use crate::ws2_32::catalog::Catalog;

impl World {
    /// An equal machine that shares no component with this one: who works on one does not get into the way of who works
    /// on the other. Only for that; a clone is much cheaper.
    pub fn apart(&self) -> World {
        World {
            policy: Arc::new(Policy::clone(&self.policy)),
            catalog: Arc::new(Catalog::clone(&self.catalog)),
            processes: self.processes.iter().map(Shared::apart).collect(),
            threads: self.threads.iter().map(|of_process| of_process.iter().map(Shared::apart).collect()).collect(),
            instances: (self.instances.iter())
                .map(|of_process| of_process.iter().map(|one| one.as_ref().map(Shared::apart)).collect())
                .collect(),
            endpoints: self.endpoints.apart(),
            connections: self.connections.apart(),
            events: self.events.apart(),
            operations: self.operations.apart(),
            ports: self.ports.apart(),
            sections: self.sections.apart(),
            tokens: self.tokens.apart(),
            network: self.network.apart(),
            bus: self.bus.apart(),
            ..self.clone()
        }
    }
}
