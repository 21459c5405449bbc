//! On what a scenario runs: which base provider, which layers, which choices.

use std::sync::Arc;

use winspi_core::id::Tid;
use winspi_core::kernel::process::ThreadRole;
use winspi_core::policy::{DECLARED, ModifyHandle, Policy, UnknownHandle};
use winspi_core::ws2_32::catalog::{Catalog, LayerError, MemberError, ProviderKind};
use winspi_core::{Grain, System, World};

use crate::program::Lines;
use crate::scope::Names;
use crate::script::Script;
use crate::syntax::tree::Span;

/// On what a scenario runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Whether the base provider gives out system handles.
    pub ifs: bool,
    /// Layers over all protocols of the base provider beside those that the scenario declares, the lowest first: whether
    /// each is an IFS layer.
    pub layers: Vec<bool>,
    /// How far one transition of a thread goes.
    pub grain: Grain,
    /// Whether WPUModifyIFSHandle gives back another handle than the proposed one, whatever the policy says.
    pub modify_handles: bool,
    /// What is chosen where the documents leave a choice.
    pub policy: Policy,
    /// Whether Ws2_32 adopts kernel sockets that it does not know.
    pub adopt_handles: bool,
}

impl Default for Arrangement {
    fn default() -> Arrangement {
        Arrangement {
            ifs: true,
            layers: Vec::new(),
            grain: Grain::Call,
            modify_handles: false,
            policy: Policy::default(),
            adopt_handles: false,
        }
    }
}

/// Why a scenario cannot run on an arrangement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct ArrangementError {
    /// What is wrong.
    pub error: LayerError,
    /// The layer of the scenario, if it is one of those.
    pub span: Option<Span>,
}

impl Arrangement {
    /// The five arrangements on which a handoff is explored.
    pub fn five() -> [Arrangement; 5] {
        let of = |ifs, layers: &[bool]| Arrangement { ifs, layers: layers.to_vec(), ..Arrangement::default() };
        [of(true, &[]), of(false, &[]), of(true, &[true]), of(true, &[false]), of(true, &[true, false])]
    }

    /// What it is called: `base IFS`, `IFS layer over base IFS` and so on.
    pub fn name(&self) -> String {
        let mut name = if self.ifs { "base IFS".to_owned() } else { "base non-IFS".to_owned() };
        for ifs in &self.layers {
            let kind = if *ifs { "IFS layer" } else { "non-IFS layer" };
            name = format!("{kind} over {name}");
        }
        name
    }

    /// The options of `winspi run` and `winspi explore` that ask for it, the grain apart: ` --provider non-ifs`. Empty
    /// for the default.
    pub fn options(&self) -> String {
        let kind = |ifs| if ifs { "ifs" } else { "non-ifs" };
        let mut out = String::new();
        if !self.ifs {
            out.push_str(" --provider non-ifs");
        }
        if !self.layers.is_empty() {
            let layers: Vec<&str> = self.layers.iter().map(|ifs| kind(*ifs)).collect();
            out.push_str(&format!(" --layers {}", layers.join(",")));
        }
        let (policy, default) = (self.policy(), Policy::default());
        for declared in DECLARED {
            let chosen = policy.chosen(declared.id).filter(|value| default.chosen(declared.id) != Some(value));
            if let Some(value) = chosen {
                out.push_str(&format!(" --decide {}={value}", declared.id));
            }
        }
        out
    }

    /// What is chosen, with what `modify_handles` and `adopt_handles` say.
    pub fn policy(&self) -> Policy {
        let mut policy = self.policy.clone();
        if self.modify_handles {
            policy.modify_handle = ModifyHandle::Changed;
        }
        if self.adopt_handles {
            policy.unknown_handle = UnknownHandle::Adopt;
        }
        policy
    }

    /// The catalog of a scenario.
    ///
    /// # Errors
    ///
    /// Where a layer cannot stand over what it is declared to stand over.
    pub fn catalog(&self, script: &Script) -> Result<Catalog, ArrangementError> {
        let kind = |ifs| if ifs { ProviderKind::LayerIfs } else { ProviderKind::LayerNonIfs };
        let mut catalog = Catalog::with_base(if self.ifs { ProviderKind::BaseIfs } else { ProviderKind::BaseNonIfs });
        let mut over = "base".to_owned();
        for (place, ifs) in self.layers.iter().enumerate() {
            let name = format!("layer{}", place + 1);
            let added = catalog.add_layer(&name, kind(*ifs), &over, Vec::new(), Vec::new());
            added.map_err(|error| ArrangementError { error, span: None })?;
            over = name;
        }
        for layer in &script.layers {
            let (hooks, breaks) = (layer.hooks.clone(), layer.breaks.clone());
            let added = catalog.add_layer(&layer.name, kind(layer.ifs), &layer.over, hooks, breaks);
            let id = added.map_err(|error| ArrangementError { error, span: Some(layer.span) })?;
            if let Some((lowest, highest)) = layer.versions {
                catalog.set_versions(id, lowest, highest);
            }
            let wrong = |error: MemberError, span| ArrangementError { error: error.into(), span: Some(span) };
            if let Some((text, span)) = &layer.description {
                catalog.set_description(id, text).map_err(|error| wrong(error, *span))?;
            }
            for (name, value, span) in &layer.info {
                catalog.set_member(id, name, value).map_err(|error| wrong(error, *span))?;
            }
        }
        Ok(catalog)
    }

    /// The system of a scenario before its first line.
    ///
    /// # Errors
    ///
    /// Where a layer cannot stand over what it is declared to stand over.
    pub fn system(&self, script: &Arc<Script>) -> Result<System<Lines>, ArrangementError> {
        let mut world = World::new(self.catalog(script)?, self.policy());
        let mut threads = Vec::new();
        for declared in &script.processes {
            let pid = if declared.created {
                world.declare_process(&declared.name, declared.started, ThreadRole::Program)
            } else {
                world.add_process(&declared.name, declared.started, ThreadRole::Program)
            };
            world.set_up_process(pid, declared.environment.clone(), declared.administrator);
            threads.push(Tid::main(pid));
            for name in &declared.threads {
                threads.extend(world.add_thread(pid, name, ThreadRole::Program));
            }
        }
        let mut system = System::new(world, Names::default());
        system.grain = self.grain;
        for thread in threads {
            system.set_program(thread, Lines::new(script.clone(), thread));
        }
        Ok(system)
    }
}
