//! A provider as one process has it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::id::{CellId, EndpointId, Handle, InstanceId};
use crate::outcome::ProcTable;
use crate::provider::base_non_ifs::lower::LowerTable;
use crate::provider::layer::record::LayerRecord;
use crate::signature::Function;
use crate::ws2_32::catalog::Catalog;

/// A provider in a process: made by its first WSPStartup, gone after its last WSPCleanup.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// WSPStartups without a WSPCleanup.
    pub starts: u32,
    /// Which instance serves each function of this one.
    pub table: ProcTable,
    /// Whether the upcall table of its latest WSPStartup is that of Ws2_32; another one leads nowhere.
    pub upcalls: bool,
    /// What the provider keeps for the process.
    pub record: Record,
    /// The thread that serves it, once it was needed: its number in the process.
    pub worker: Option<u16>,
    /// What its worker has still to look at.
    pub notices: VecDeque<Notice>,
}

/// What a worker thread of a provider is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Notice {
    /// A lower operation is done.
    Completed(CellId),
    /// A client's event is to be set.
    SetEvent(Handle),
}

/// What a provider keeps for a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Record {
    /// The IFS base keeps nothing: all is on the socket.
    BaseIfs,
    /// The lower numbers of the non-IFS base.
    BaseNonIfs(LowerTable),
    /// What a layer keeps.
    Layer(LayerRecord),
    /// A provider outside keeps its own.
    Outside,
}

impl Instance {
    pub(crate) fn new(record: Record, table: ProcTable) -> Instance {
        Instance { starts: 0, table, upcalls: true, record, worker: None, notices: VecDeque::new() }
    }

    /// The socket behind a lower number of the non-IFS base; none once its close has begun.
    pub fn lower_socket(&self, number: u32) -> Option<EndpointId> {
        match &self.record {
            Record::BaseNonIfs(table) => table.serving(number),
            _ => None,
        }
    }
}

impl ProcTable {
    /// A table in which one instance serves everything.
    pub fn of(id: InstanceId) -> ProcTable {
        ProcTable(Arc::from(vec![id; Call::PROVIDER_FUNCTIONS]))
    }

    /// Who serves a function; what is not modelled is the owner's.
    pub fn entry(&self, function: Function) -> Option<InstanceId> {
        self.0.get(usize::from(function.0)).copied()
    }

    /// The same table, where each entry that leads neither to the owner nor to a provider below it is the owner's.
    ///
    /// A party outside may write anything into its table, and calls must not go round in circles.
    pub(crate) fn leading_down(&self, id: InstanceId, catalog: &Catalog) -> ProcTable {
        if self.leads_down(id, catalog) {
            return self.clone();
        }
        let leads_down =
            |entry: &InstanceId| entry.process == id.process && catalog.leads_to(id.provider, entry.provider);
        ProcTable(self.0.iter().map(|entry| if leads_down(entry) { *entry } else { id }).collect())
    }

    /// Whether each entry leads to the owner or to a provider below it.
    pub(crate) fn leads_down(&self, id: InstanceId, catalog: &Catalog) -> bool {
        self.0.iter().all(|entry| entry.process == id.process && catalog.leads_to(id.provider, entry.provider))
    }

    /// The same table without its last entry.
    pub(crate) fn cut_short(&self) -> ProcTable {
        ProcTable(self.0.split_last().map_or_else(|| self.0.clone(), |(_, rest)| Arc::from(rest)))
    }

    /// The same table with other entries for some functions.
    pub fn with(&self, id: InstanceId, functions: &[Function]) -> ProcTable {
        let mut entries = self.0.to_vec();
        for function in functions {
            if let Some(entry) = entries.get_mut(usize::from(function.0)) {
                *entry = id;
            }
        }
        ProcTable(Arc::from(entries))
    }
}
