//! Activations: what stands on a thread's stack.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::id::{EndpointId, Handle};
use crate::outcome::Who;
use crate::provider::{base_ifs, base_non_ifs, layer};
use crate::signature::Home;
use crate::{kernel, ws2_32};

/// A call that runs: who runs it, the call, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Activation {
    /// Who runs it.
    pub who: Who,
    /// The call; a stage holds only what the arguments do not.
    pub call: Arc<Call>,
    /// Where it goes on.
    pub stage: Stage,
    /// The handle that Ws2_32 has registered for it last: another thread may have taken it out again before it returns.
    pub registered: Option<Handle>,
}

/// The stages of all parties.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It has not begun.
    Enter,
    /// A party outside: where it stands, only it knows.
    Outside,
    /// A program stands in for this provider: what the call gives goes back to the program.
    Posed,
    /// Ws2_32.
    Ws2_32(ws2_32::Stage),
    /// The system.
    Kernel(kernel::Stage),
    /// The IFS base provider.
    BaseIfs(base_ifs::Stage),
    /// The non-IFS base provider.
    BaseNonIfs(base_non_ifs::Stage),
    /// A layer.
    Layer(layer::Stage),
}

impl Activation {
    /// The socket that the activation keeps a reference to.
    pub fn holds(&self) -> Option<EndpointId> {
        match &self.stage {
            Stage::Enter | Stage::Outside | Stage::Posed | Stage::Ws2_32(_) | Stage::Layer(_) => None,
            Stage::Kernel(stage) => stage.holds(),
            Stage::BaseIfs(stage) => stage.holds(),
            Stage::BaseNonIfs(stage) => stage.holds(),
        }
    }

    /// Whether the stage belongs to the party and the call.
    pub fn fits(&self) -> bool {
        match (&self.stage, self.who) {
            (Stage::Enter, _) | (Stage::Outside, Who::Program | Who::Foreign(..)) => true,
            (Stage::Posed, Who::Provider(_)) => self.call.function().home() == Home::Upcall,
            (Stage::Ws2_32(stage), Who::Ws2_32) => stage.fits(&self.call),
            (Stage::Kernel(stage), Who::Kernel) => stage.fits(&self.call),
            (Stage::BaseIfs(stage), Who::Provider(_)) => stage.fits(&self.call),
            (Stage::BaseNonIfs(stage), Who::Provider(_)) => stage.fits(&self.call),
            (Stage::Layer(stage), Who::Provider(_)) => stage.fits(&self.call),
            _ => false,
        }
    }
}
