//! Network events of the non-IFS base: a worker thread sets the client's event by WPUSetEvent.
//!
//! `EventObjects.provider-sets-with-wpusetevent`. The event is recorded before; a client that fetches the record in
//! between finds its event set once more with nothing recorded, and never the other way round.

use serde::{Deserialize, Serialize};

use crate::call::{Indicated, WPUSetEvent};
use crate::clause;
use crate::outcome::Answer;
use crate::protocol::{Reply, Staged, Step};
use crate::world::Cx;

/// What a worker does with an event that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Indicate {
    /// The upcall has to come back.
    Set,
}

impl Staged for Indicate {
    type Call = Indicated;
    type At = ();

    fn begin(_: &mut Cx<'_>, (): (), a: &Indicated) -> Answer<Step<Self>> {
        Ok(Step::up(WPUSetEvent { event: a.event }, Indicate::Set))
    }

    fn resume(self, cx: &mut Cx<'_>, _: &Indicated, reply: Reply) -> Answer<Step<Self>> {
        // A client may have closed its event: the provider has nobody to tell.
        if reply.of::<WPUSetEvent>().is_ok() {
            cx.hit(clause!("EventObjects.provider-sets-with-wpusetevent"));
        }
        Ok(Step::done(()))
    }
}
