//! Duplicates of the non-IFS base: tokens, kept by the machine.

use crate::id::{EndpointId, Pid};
use crate::outcome::Answer;
use crate::provider::base_non_ifs::descriptor;
use crate::world::Cx;

/// Makes a token for the target; its number goes into dwProviderReserved.
pub(crate) fn keep(cx: &mut Cx<'_>, endpoint: EndpointId, target: Pid, serial: u32) -> Answer<u32> {
    let creator = cx.process();
    cx.world.open(endpoint);
    Ok(cx.world.tokens_mut(target).insert(target, serial, endpoint, creator))
}

/// Turns a token of the calling process into a lower number; what the token held, the number holds.
pub(crate) fn take(cx: &mut Cx<'_>, target: Pid, reserved: u32, serial: u32) -> Option<u32> {
    // A provider that was ended while it is asked has no numbers: nothing is spent (decision failed-redemption).
    cx.world.instance(cx.instance())?;
    let token = cx.world.tokens_mut(target).take(target, reserved, serial)?;
    descriptor::insert(cx, token.endpoint)
}
