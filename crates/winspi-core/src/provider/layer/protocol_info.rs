//! SO_PROTOCOL_INFOW through layers: each layer gives its own protocol info in place of the one from below.
//!
//! The catalog entry of a socket is that of the chain through which it was made (`WSPGetSockOpt.so-protocol-info`); the
//! base knows nothing of chains. All other options are the lower provider's.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{SO_PROTOCOL_INFOW, SOL_SOCKET};

use crate::call::WSPGetSockOpt;
use crate::clause;
use crate::outcome::{Answer, OptionValue, Outcome};
use crate::protocol::{Reply, Staged, Step};
use crate::provider::layer::non_ifs::LayerSocketAt;
use crate::provider::layer::{lower_of, restore};
use crate::value::Value;
use crate::world::Cx;

/// WSPGetSockOpt of an IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OfIfs {
    /// The provider below gives its value.
    Lower,
}

impl Staged for OfIfs {
    type Call = WSPGetSockOpt;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPGetSockOpt) -> Answer<Step<Self>> {
        Ok(Step::down(lower_of(cx)?, a.clone(), OfIfs::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPGetSockOpt, reply: Reply) -> Answer<Step<Self>> {
        given_up(cx, a, reply).map(Step::Return)
    }
}

/// WSPGetSockOpt of a non-IFS layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OfNonIfs {
    /// The provider below gives its value.
    Lower,
}

impl Staged for OfNonIfs {
    type Call = WSPGetSockOpt;
    type At = LayerSocketAt;

    fn begin(cx: &mut Cx<'_>, at: LayerSocketAt, a: &WSPGetSockOpt) -> Answer<Step<Self>> {
        Ok(Step::down(lower_of(cx)?, WSPGetSockOpt { s: at.lower, ..a.clone() }, OfNonIfs::Lower))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPGetSockOpt, reply: Reply) -> Answer<Step<Self>> {
        given_up(cx, a, reply).map(Step::Return)
    }
}

/// The value from below, with the layer's identity if it is a protocol info.
fn given_up(cx: &mut Cx<'_>, a: &WSPGetSockOpt, reply: Reply) -> Answer<Outcome> {
    let outcome = reply.outcome();
    if (a.level, a.optname) != (SOL_SOCKET, SO_PROTOCOL_INFOW) || outcome.result.is_err() {
        return Ok(outcome);
    }
    let OptionValue { optval, optlen } = Reply::Outcome(outcome.clone()).of::<WSPGetSockOpt>()?;
    let Value::Info(info) = optval else { return Ok(outcome) };
    let own = Arc::clone(&restore(cx, &info)?);
    cx.hit(clause!("WSPGetSockOpt.so-protocol-info"));
    Ok(Outcome::of(Ok(OptionValue { optval: Value::Info(own), optlen })))
}
