//! Questions about the world that a test may ask: `socket(s).handles`, `running(target)` and so on.

use winspi_core::id::{EndpointId, Handle, Pid};
use winspi_core::kernel::handle::Slot;
use winspi_core::outcome::{Outcome, Who};
use winspi_core::provider::instance::Record;
use winspi_core::transport::Role;
use winspi_core::{Value, World};

use crate::scope::{Scope, Stop};
use crate::script::ObjectKind;
use crate::syntax::tree::{self, PathStep, ValueKind};

/// The answer, if the value is a question.
pub(crate) fn answer(scope: &Scope<'_>, value: &tree::Value) -> Result<Option<Value>, Stop> {
    let ValueKind::Path(path) = &value.ungrouped().kind else { return Ok(None) };
    let Some(arguments) = &path.arguments else { return Ok(None) };
    let name = path.name.text.as_str();
    if !crate::script::QUESTIONS.contains(&name) {
        return Ok(None);
    }
    let bad = |message: String| Err(Stop::Bad(message, value.span));
    if name == "every" {
        return bad("`every(...)` stands alone on the left side of a test".to_owned());
    }
    let [argument] = arguments.as_slice() else { return bad(format!("`{name}` takes one argument")) };
    let field = match path.steps.as_slice() {
        [] => None,
        [PathStep::Field(field)] => Some(field.text.as_str()),
        _ => return bad(format!("`{name}(...)` has one property")),
    };
    let world = scope.world;
    let found = match name {
        "objects" => ObjectKind::of(&argument.value).map(|kind| number(kind.count(world))),
        "handles" | "running" => {
            let pid = process(scope, &argument.value)?;
            match name {
                "handles" => world.process(pid).map(|p| number(p.handles.len())),
                _ => Some(Value::Number(i64::from(world.running(pid).is_some()))),
            }
        }
        "socket" => {
            let (pid, handle) = scope.handle_of(&argument.value)?;
            let endpoint = world.socket_of(pid, handle);
            // A socket that is gone has no handles: a scenario may ask for that.
            match (endpoint, field) {
                (Some(id), Some(field)) => socket(world, id, field),
                (None, Some("handles" | "references")) => Some(Value::Number(0)),
                (None, Some("state")) => Some(Value::bytes("gone")),
                _ => None,
            }
        }
        "descriptor" => {
            let (pid, handle) = scope.handle_of(&argument.value)?;
            let descriptor = world.running(pid).and_then(|p| p.descriptors.get(handle));
            match (descriptor, field) {
                (Some(d), Some("provider")) => {
                    let provider = world.catalog().provider_of(d.catalog_entry_id);
                    provider.map(|p| Value::bytes(&world.catalog().provider(p).name))
                }
                (Some(d), Some("catalog_entry_id")) => Some(Value::Number(i64::from(d.catalog_entry_id))),
                (Some(d), Some("context")) => Some(d.context.map_or(Value::Null, |c| Value::Number(c.0.cast_signed()))),
                (None, _) => Some(Value::Null),
                _ => None,
            }
        }
        "event" => {
            let (pid, handle) = scope.handle_of(&argument.value)?;
            match field {
                Some("signaled") => world.is_signalled(pid, handle).map(|s| Value::Number(i64::from(s))),
                Some("handles") => match world.slot(pid, handle) {
                    Slot::Event(event) => world.event(event).map(|e| Value::Number(i64::from(e.handles))),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => return bad(format!("this version does not answer `{name}(...)`")),
    };
    match found {
        Some(found) => Ok(Some(found)),
        None => bad(format!("`{name}(...)` has no property `{}`, or leads to nothing", field.unwrap_or(""))),
    }
}

/// The elements of a list of which a test asks the same, if the value is `every(list).field`.
pub(crate) fn every(scope: &Scope<'_>, value: &tree::Value) -> Result<Option<Vec<Value>>, Stop> {
    let ValueKind::Path(path) = &value.ungrouped().kind else { return Ok(None) };
    let Some(arguments) = path.arguments.as_ref().filter(|_| path.name.text == "every") else { return Ok(None) };
    let [argument] = arguments.as_slice() else {
        return Err(Stop::Bad("`every` takes one list".to_owned(), value.span));
    };
    let list = match scope.value(&argument.value, &mut Default::default())? {
        Value::List(items) => items,
        other => return Err(Stop::Bad(format!("`every` takes a list, this is {}", other.kind()), argument.span)),
    };
    let field = |element: Value| path.steps.iter().try_fold(element, |e, s| scope.step(e, s, &mut Default::default()));
    list.into_iter().map(field).collect::<Result<_, _>>().map(Some)
}

/// The process that a name or an identifier means.
fn process(scope: &Scope<'_>, value: &tree::Value) -> Result<Pid, Stop> {
    if let ValueKind::Path(path) = &value.ungrouped().kind
        && path.arguments.is_none()
        && path.steps.is_empty()
        && let Some(named) = scope.script.process(&path.name.text)
    {
        return Ok(named);
    }
    let number = scope.value(value, &mut Default::default())?.number();
    // A handle that was chosen for a line.
    if let ValueKind::Path(path) = &value.ungrouped().kind
        && scope.locals.iter().any(|(name, _)| *name == path.name.text)
        && let Some(Slot::Process(pid)) =
            number.map(|n| scope.world.slot(Pid::of_index(scope.process), Handle(n.cast_unsigned())))
    {
        return Ok(pid);
    }
    Ok(scope.world.identified(number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0)))
}

fn number(n: usize) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn socket(world: &World, id: EndpointId, field: &str) -> Option<Value> {
    let endpoint = world.find_endpoint(id)?;
    Some(match field {
        "handles" => Value::Number(i64::from(endpoint.handles)),
        "references" => Value::Number(i64::from(endpoint.references)),
        "state" => Value::bytes(state_word(&endpoint.role)),
        "holders" => Value::List(holders(world, id).into_iter().map(Value::bytes).collect()),
        _ => return None,
    })
}

/// A word for what a socket does.
pub fn state_word(role: &Role) -> &'static str {
    match role {
        Role::Unconnected { .. } => "unconnected",
        Role::Listening(_) => "listening",
        Role::Connecting { .. } => "connecting",
        Role::Connected { .. } => "connected",
        Role::Datagram(datagrams) if datagrams.peer().is_some() => "connected",
        Role::Datagram(_) => "unconnected",
        Role::Closed => "closed",
    }
}

/// What keeps a socket open: handles, claims, lower numbers and tokens, by process.
pub fn holders(world: &World, id: EndpointId) -> Vec<String> {
    let mut all = Vec::new();
    for process in world.processes() {
        for (handle, slot) in process.handles.iter() {
            match slot {
                Slot::Socket(endpoint) if endpoint == id => all.push(format!("{} {handle}", process.name)),
                Slot::Claim(claim) if claim.endpoint == id => all.push(format!("{} claim {handle}", process.name)),
                _ => {}
            }
        }
    }
    for (instance, what) in world.instances() {
        if let Record::BaseNonIfs(table) = &what.record {
            let process = world.process(instance.process).map_or("?", |p| p.name.as_str());
            for (number, _) in table.iter().filter(|(_, endpoint)| *endpoint == id) {
                all.push(format!("{process} lower {number}"));
            }
        }
    }
    for (target, token) in world.tokens().iter().filter(|(_, token)| token.endpoint == id) {
        let process = world.process(target).map_or("?", |p| p.name.as_str());
        all.push(format!("{process} token {}", token.number));
    }
    all
}

/// The name of who answered: `Ws2_32`, `system`, `base`, a layer.
pub fn who_answered(world: &World, outcome: &Outcome) -> Option<String> {
    outcome.by.map(|who| who_name(world, who))
}

/// The name of a party.
pub fn who_name(world: &World, who: Who) -> String {
    match who {
        Who::Program => "program".to_owned(),
        Who::Ws2_32 => "Ws2_32".to_owned(),
        Who::Kernel => "system".to_owned(),
        Who::Provider(instance) | Who::Foreign(_, instance) => world.catalog().provider(instance.provider).name.clone(),
    }
}

/// What a handle of a process leads to, for people.
pub fn what_is(world: &World, pid: Pid, handle: Handle, slot: Slot) -> String {
    let provider = || {
        let descriptor = world.running(pid)?.descriptors.like(handle)?;
        let provider = world.catalog().provider_of(descriptor.catalog_entry_id)?;
        Some(world.catalog().provider(provider).name.clone())
    };
    match slot {
        Slot::Free => "nothing".to_owned(),
        Slot::Claim(_) => "a duplicate that nobody has asked for".to_owned(),
        Slot::Event(_) => "an event".to_owned(),
        Slot::Process(of) => format!("process {of}"),
        Slot::Thread(of) => format!("thread {of}"),
        Slot::Port(_) => "a completion port".to_owned(),
        Slot::Section(_) => "a file mapping".to_owned(),
        Slot::Socket(_) | Slot::NonIfs => {
            let endpoint = world.socket_of(pid, handle).and_then(|id| world.find_endpoint(id));
            let state = endpoint.map_or("of nothing", |e| state_word(&e.role));
            let holders = endpoint.map_or(0, |e| e.handles);
            let by = provider().map_or("no provider".to_owned(), |name| format!("provider {name}"));
            let article = if state.starts_with('u') { "an" } else { "a" };
            format!("{article} {state} socket ({holders} handle{}), {by}", if holders == 1 { "" } else { "s" })
        }
    }
}
