//! The bus as programs see it.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;

use crate::call::{BusReceive, BusSend};
use crate::id::Pid;
use crate::outcome::{Answer, Message, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::wait::Wait;
use crate::world::Cx;

/// Sends the bytes of a value to a process that runs (otherwise: decision `bus-to-nobody`).
pub(crate) fn bus_send(cx: &mut Cx<'_>, a: &BusSend) -> Answer<()> {
    let to = cx.world.identified(a.process);
    if cx.world.life(to).is_none_or(|process| !process.runs()) {
        return Err(Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::BusToNobody));
    }
    let data = a.value.to_bytes();
    let data = data.ok_or_else(|| Refusal::code(ErrorCode::ERROR_INVALID_PARAMETER, Decision::BusToNobody))?;
    let (from, age) = (cx.process(), cx.world.age());
    cx.world.lane_mut(from, to).send(from, to, data, age);
    Ok(())
}

/// BusReceive: waits for a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Receive {
    /// A message has to arrive.
    Arrives,
}

impl Staged for Receive {
    type Call = BusReceive;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &BusReceive) -> Answer<Step<Self>> {
        let process = cx.process();
        let from = (a.process != 0).then(|| cx.world.identified(a.process));
        Ok(match cx.world.inbox_mut(process, from).receive(process, from) {
            Some((sender, data)) => Step::done(Message { data, sender: Pid(cx.world.identifier(sender)) }),
            None => Step::wait(Wait::Message { process, from }, Receive::Arrives),
        })
    }

    fn resume(self, cx: &mut Cx<'_>, a: &BusReceive, _: Reply) -> Answer<Step<Self>> {
        Receive::begin(cx, (), a)
    }
}
