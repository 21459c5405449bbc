//! Waiting for several objects, and for time to pass.

use serde::{Deserialize, Serialize};
use winspi_types::ErrorCode;
use winspi_types::constants::MAXIMUM_WAIT_OBJECTS;

use crate::call::{Sleep, SleepEx, Timeout, WaitForMultipleObjects};
use crate::id::Handle;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::value::{Argument, Value};
use crate::wait::{Deadline, Wait};
use crate::world::Cx;

fn refused(code: ErrorCode) -> Refusal {
    Refusal::code(code, Decision::Win32Handle)
}

/// The moment at which a wait ends by itself.
pub(crate) fn deadline(cx: &Cx<'_>, milliseconds: Timeout) -> Option<Deadline> {
    milliseconds.0.map(|ms| Deadline(cx.world.now().saturating_add(u64::from(ms))))
}

/// A list of handles as a scenario writes it.
fn handles(value: &Value) -> Answer<Vec<Handle>> {
    let invalid = || refused(ErrorCode::ERROR_INVALID_PARAMETER);
    let Value::List(items) = value else { return Err(invalid()) };
    let handles: Result<Vec<Handle>, _> = items.iter().map(Handle::read).collect();
    handles.map_err(|_| invalid())
}

/// WaitForMultipleObjects: gives the place of the first signalled object, or fails with WAIT_TIMEOUT.
///
/// Page: `synchapi/nf-synchapi-waitformultipleobjects`.
///
/// With `wait_all` all objects have to be signalled at the same moment, and the place is 0. Events that reset
/// themselves are reset only where the wait ends by them. More than 64 objects, none, or the same twice with `wait_all`
/// are ERROR_INVALID_PARAMETER.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WaitForObjects {
    /// The objects have to be signalled.
    Signalled(Option<Deadline>),
}

impl Staged for WaitForObjects {
    type Call = WaitForMultipleObjects;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WaitForMultipleObjects) -> Answer<Step<Self>> {
        let deadline = deadline(cx, a.milliseconds);
        WaitForObjects::Signalled(deadline).look(cx, a)
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WaitForMultipleObjects, _: Reply) -> Answer<Step<Self>> {
        self.look(cx, a)
    }
}

impl WaitForObjects {
    fn look(self, cx: &mut Cx<'_>, a: &WaitForMultipleObjects) -> Answer<Step<Self>> {
        let WaitForObjects::Signalled(deadline) = self;
        let mut handles = handles(&a.handles)?;
        let count = usize::try_from(a.count.or(handles.len())).unwrap_or(0);
        if count == 0 || count > handles.len().min(MAXIMUM_WAIT_OBJECTS as usize) {
            return Err(refused(ErrorCode::ERROR_INVALID_PARAMETER));
        }
        handles.truncate(count);
        let twice = (1..count).any(|i| handles[..i].contains(&handles[i]));
        if a.wait_all && twice {
            return Err(refused(ErrorCode::ERROR_INVALID_PARAMETER));
        }
        let process = cx.process();
        let invalid = || refused(ErrorCode::ERROR_INVALID_HANDLE);
        let signalled: Option<Vec<bool>> = handles.iter().map(|h| cx.world.is_signalled(process, *h)).collect();
        let signalled = signalled.ok_or_else(invalid)?;
        let ends_by = if a.wait_all {
            signalled.iter().all(|s| *s).then_some(0..count)
        } else {
            signalled.iter().position(|s| *s).map(|place| place..place + 1)
        };
        if let Some(places) = ends_by {
            let first = places.start;
            for handle in &handles[places] {
                cx.world.pass_object(process, *handle);
            }
            return Ok(Step::done(i64::try_from(first).unwrap_or(0)));
        }
        if deadline.is_some_and(|d| d.0 <= cx.world.now()) {
            return Err(refused(ErrorCode::WAIT_TIMEOUT));
        }
        let wait = Wait::Several { process, handles, all: a.wait_all, deadline };
        Ok(Step::wait(wait, WaitForObjects::Signalled(deadline)))
    }
}

/// Sleep and SleepEx: wait for time to pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asleep;

fn sleep(cx: &mut Cx<'_>, milliseconds: Timeout) -> Step<Asleep> {
    let deadline = deadline(cx, milliseconds);
    Step::wait(Wait::Time(deadline), Asleep)
}

impl Staged for Asleep {
    type Call = Sleep;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &Sleep) -> Answer<Step<Self>> {
        Ok(sleep(cx, a.milliseconds))
    }

    fn resume(self, _: &mut Cx<'_>, _: &Sleep, _: Reply) -> Answer<Step<Self>> {
        Ok(Step::done(()))
    }
}

/// SleepEx: gives 0 when the time has passed. An alertable sleep is not modelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AsleepEx(Asleep);

impl Staged for AsleepEx {
    type Call = SleepEx;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &SleepEx) -> Answer<Step<Self>> {
        if a.alertable {
            return Err(Refusal::not_modelled("an alertable SleepEx"));
        }
        Ok(sleep(cx, a.milliseconds).map(AsleepEx))
    }

    fn resume(self, _: &mut Cx<'_>, _: &SleepEx, _: Reply) -> Answer<Step<Self>> {
        Ok(Step::done(0i64))
    }
}
