//! What a machine consists of, before anything happens.

use winspi_core::id::PartyId;
use winspi_core::kernel::process::ThreadRole;
use winspi_core::policy::{ModifyHandle, Policy};
use winspi_core::signature::Function;
use winspi_core::ws2_32::catalog::{Catalog, Fault, LayerError, ProviderKind};
use winspi_core::{Grain, World};
use winspi_script::Arrangement;

use crate::Machine;
use crate::live::Live;

/// What a machine consists of: base provider, layers, choices, processes.
///
/// ```
/// use winspi::{Base, Layer, Plan};
///
/// let plan = Plan::new().base(Base::Ifs).layer(Layer::ifs("filter").hooks("WSPConnect")).processes(["web", "worker"]);
/// let machine = plan.machine()?;
/// assert_eq!(machine.process("worker")?.name(), "worker");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(crate) base: Base,
    pub(crate) layers: Vec<Layer>,
    pub(crate) policy: Policy,
    pub(crate) grain: Grain,
    pub(crate) processes: Vec<ProcessPlan>,
}

/// The base provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// Its descriptors are system handles.
    #[default]
    Ifs,
    /// Its descriptors come from WPUCreateSocketHandle.
    NonIfs,
}

/// A layer over TCP, or over another layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    pub(crate) name: String,
    pub(crate) ifs: bool,
    pub(crate) over: Option<String>,
    pub(crate) hooks: Vec<String>,
    pub(crate) breaks: Vec<Fault>,
}

/// A process of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessPlan {
    pub(crate) name: String,
    pub(crate) started: bool,
    pub(crate) threads: Vec<String>,
}

/// Why there can be no such machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A layer cannot stand where it should.
    #[error("layer `{layer}`: {error}")]
    Layer {
        /// The layer.
        layer: String,
        /// Why not.
        error: LayerError,
    },
    /// A layer hooks what is no function.
    #[error("layer `{layer}` hooks `{hook}`, which is no function")]
    Hook {
        /// The layer.
        layer: String,
        /// What it hooks.
        hook: String,
    },
    /// Two processes, or two threads of a process, have the same name.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// A thread is put to a process that is not there.
    #[error("no process is called `{0}`")]
    NoProcess(String),
    /// More processes or threads than there can be.
    #[error("more processes or threads than a machine can have")]
    TooMany,
}

impl Layer {
    /// A layer that gives out the handles of what is below.
    pub fn ifs(name: &str) -> Layer {
        Layer { name: name.to_owned(), ifs: true, over: None, hooks: Vec::new(), breaks: Vec::new() }
    }

    /// A layer with handles of its own; all calls pass it.
    pub fn non_ifs(name: &str) -> Layer {
        Layer { ifs: false, ..Layer::ifs(name) }
    }

    /// What it stands over: `tcp`, `udp`, `base` or a layer. Left out, over the layer before it, the first over `tcp`.
    #[must_use]
    pub fn over(mut self, name: &str) -> Layer {
        self.over = Some(name.to_owned());
        self
    }

    /// A function beyond the necessary that an IFS layer takes part in.
    #[must_use]
    pub fn hooks(mut self, function: &str) -> Layer {
        self.hooks.push(function.to_owned());
        self
    }

    /// A duty that it breaks on purpose.
    #[must_use]
    pub fn breaks(mut self, duty: Fault) -> Layer {
        self.breaks.push(duty);
        self
    }
}

impl Plan {
    /// An IFS base provider, no layers, the profile `documented`, no process.
    pub fn new() -> Plan {
        Plan::default()
    }

    /// Chooses the base provider.
    #[must_use]
    pub fn base(mut self, base: Base) -> Plan {
        self.base = base;
        self
    }

    /// Installs a layer above those that are there.
    #[must_use]
    pub fn layer(mut self, layer: Layer) -> Plan {
        self.layers.push(layer);
        self
    }

    /// Sets the choices that the documents leave open.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Plan {
        self.policy = policy;
        self
    }

    /// Sets how far one transition of a thread goes in [`live`](crate::live): whether others may come between the
    /// steps of a call.
    #[must_use]
    pub fn grain(mut self, grain: Grain) -> Plan {
        self.grain = grain;
        self
    }

    /// Adds processes in which Ws2_32 is started.
    #[must_use]
    pub fn processes<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Plan {
        let planned = names.into_iter().map(|name| ProcessPlan::new(name, true));
        self.processes.extend(planned);
        self
    }

    /// Adds a process that has not called WSAStartup.
    #[must_use]
    pub fn unstarted(mut self, name: &str) -> Plan {
        self.processes.push(ProcessPlan::new(name, false));
        self
    }

    /// Adds a thread to the process that was added last.
    #[must_use]
    pub fn thread(mut self, name: &str) -> Plan {
        if let Some(process) = self.processes.last_mut() {
            process.threads.push(name.to_owned());
        }
        self
    }

    /// The machine, to be called thread by thread.
    ///
    /// # Errors
    ///
    /// Where there can be none.
    pub fn machine(self) -> Result<Machine, PlanError> {
        Machine::of_plan(self)
    }

    /// The same for processes that are closures; see [`live`](crate::live).
    pub fn live(self) -> Live {
        Live::of_plan(self)
    }

    /// The world before anything has happened; each thread plays the party of its place, from 0.
    pub(crate) fn world(&self) -> Result<World, PlanError> {
        let mut world = World::new(self.catalog()?, self.policy.clone());
        let mut parties = 0..u16::MAX;
        let mut role = || parties.next().map(|n| ThreadRole::Outside(PartyId(n))).ok_or(PlanError::TooMany);
        for (place, process) in self.processes.iter().enumerate() {
            if self.processes[..place].iter().any(|p| p.name == process.name) {
                return Err(PlanError::Twice(process.name.clone()));
            }
            let pid = world.add_process(&process.name, process.started, role()?);
            for (place, name) in process.threads.iter().enumerate() {
                if process.threads[..place].contains(name) {
                    return Err(PlanError::Twice(format!("{}.{name}", process.name)));
                }
                world.add_thread(pid, name, role()?).ok_or(PlanError::TooMany)?;
            }
        }
        Ok(world)
    }

    fn catalog(&self) -> Result<Catalog, PlanError> {
        let mut catalog = Catalog::with_base(match self.base {
            Base::Ifs => ProviderKind::BaseIfs,
            Base::NonIfs => ProviderKind::BaseNonIfs,
        });
        for (place, layer) in self.layers.iter().enumerate() {
            let kind = if layer.ifs { ProviderKind::LayerIfs } else { ProviderKind::LayerNonIfs };
            let mut hooks = Vec::new();
            for hook in &layer.hooks {
                let wrong = || PlanError::Hook { layer: layer.name.clone(), hook: hook.clone() };
                hooks.push(Function::named(hook).ok_or_else(wrong)?);
            }
            let added = catalog.add_layer(&layer.name, kind, self.below(place), hooks, layer.breaks.clone());
            added.map_err(|error| PlanError::Layer { layer: layer.name.clone(), error })?;
        }
        Ok(catalog)
    }

    /// What the layer of this place stands over.
    pub(crate) fn below(&self, place: usize) -> &str {
        let before = place.checked_sub(1).and_then(|before| self.layers.get(before));
        let given = self.layers.get(place).and_then(|layer| layer.over.as_deref());
        given.or(before.map(|layer| layer.name.as_str())).unwrap_or("tcp")
    }

    /// On what a scenario with these layers has to run.
    pub(crate) fn arrangement(&self) -> Arrangement {
        let modify_handles = self.policy.modify_handle == ModifyHandle::Changed;
        Arrangement { ifs: self.base == Base::Ifs, modify_handles, grain: self.grain, ..Arrangement::default() }
    }
}

impl ProcessPlan {
    pub(crate) fn new(name: &str, started: bool) -> ProcessPlan {
        ProcessPlan { name: name.to_owned(), started, threads: Vec::new() }
    }
}
