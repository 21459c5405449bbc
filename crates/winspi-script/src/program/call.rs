//! From a line to its call: arguments, the provider in whose place it is made, lengths of buffers.

use winspi_core::Value;
use winspi_core::call::Call;
use winspi_core::id::{CellId, Pid, ProviderId};
use winspi_core::signature::{Function, Kind};
use winspi_core::value::{Buffer, Memory, Pointer};

use crate::scope::{Scope, Stop, Used};
use crate::syntax::tree;

/// The call of a line or of a callback's act, and the provider in whose place it is made. Of a line the function is known.
pub(super) fn build(
    scope: &Scope<'_>,
    written: &tree::Call,
    known: Option<Function>,
) -> Result<(Call, Option<ProviderId>), Stop> {
    let mut used = Used::default();
    let mut arguments = Vec::with_capacity(written.arguments.len());
    for argument in &written.arguments {
        let value = scope.value(&argument.value, &mut used)?;
        arguments.push((argument.name.as_ref().map(|n| n.text.clone()), value));
    }
    let function = known
        .or_else(|| crate::script::function(&written.function.text))
        .ok_or_else(|| Stop::Bad(format!("no function is called `{}`", written.function), written.span))?;
    let poses = match &written.provider {
        Some(name) => {
            let provider = scope.world.catalog().provider_named(&name.text);
            let provider = provider.ok_or_else(|| Stop::Bad(format!("no provider is called `{name}`"), name.span))?;
            own_entry(scope, function, provider, &mut arguments);
            Some(provider)
        }
        None => None,
    };
    infos_in_memory(scope, function, &mut arguments);
    let mut call = Call::build(function, arguments).map_err(|e| Stop::Bad(e.to_string(), written.span))?;
    lengths(scope, &mut call);
    Ok((call, poses))
}

/// Gives an upcall that leaves it out the catalog entry of the provider that makes it: its first.
fn own_entry(scope: &Scope<'_>, function: Function, id: ProviderId, arguments: &mut Vec<(Option<String>, Value)>) {
    let parameters = function.declaration().parameters;
    let Some(place) = parameters.iter().position(|p| p.name == "catalog_entry_id") else { return };
    let position = parameters[..place].iter().filter(|p| p.positional).count();
    let by_position = arguments.iter().filter(|(name, _)| name.is_none()).count();
    let is_named = |name: &Option<String>| {
        name.as_deref().is_some_and(|n| n == parameters[place].name || n == parameters[place].page_name)
    };
    let given = by_position > position || arguments.iter().any(|(name, _)| is_named(name));
    let entry = scope.world.catalog().entries().iter().find(|e| e.provider == id);
    if let (false, Some(entry)) = (given, entry) {
        arguments.push((Some("catalog_entry_id".to_owned()), Value::Number(i64::from(entry.id))));
    }
}

/// An info may lie in a buffer or a view: its 628 bytes are read there.
fn infos_in_memory(scope: &Scope<'_>, function: Function, arguments: &mut [(Option<String>, Value)]) {
    let parameters = function.declaration().parameters;
    for (place, (name, value)) in arguments.iter_mut().enumerate() {
        let parameter = match name {
            Some(name) => parameters.iter().find(|p| p.name == *name || p.page_name == *name),
            None => parameters.iter().filter(|p| p.positional).nth(place),
        };
        if let (Value::Cell(cell), Some(Kind::Info)) = (&*value, parameter.map(|p| p.kind))
            && let Some(bytes) = scope.world.bytes_of(Pid::of_index(scope.process), *cell)
        {
            let length = bytes.len().min(628);
            *value = Value::bytes(&bytes[..length]);
        }
    }
}

/// Gives buffers that are cells the length of the cell.
fn lengths(scope: &Scope<'_>, call: &mut Call) {
    let buffers = match call {
        Call::WSPSend(a) => &mut a.buffers,
        Call::WSPRecv(a) => &mut a.buffers,
        Call::WSPSendTo(a) => &mut a.buffers,
        Call::WSPRecvFrom(a) => &mut a.buffers,
        Call::WSASend(a) => &mut a.buffers,
        Call::WSARecv(a) => &mut a.buffers,
        Call::WSASendTo(a) => &mut a.buffers,
        Call::WSARecvFrom(a) => &mut a.buffers,
        Call::send(a) => &mut a.buf,
        Call::recv(a) => &mut a.buf,
        Call::sendto(a) => &mut a.buf,
        Call::recvfrom(a) => &mut a.buf,
        Call::ReadFile(a) => &mut a.buffer,
        Call::WriteFile(a) => &mut a.buffer,
        _ => return,
    };
    let Pointer::To(list) = buffers else { return };
    for buffer in list {
        if let Buffer { memory: Memory::Cell(cell), len } = buffer
            && *len == u32::MAX
        {
            *len = cell_length(scope, *cell);
        }
    }
}

fn cell_length(scope: &Scope<'_>, cell: CellId) -> u32 {
    let bytes = scope.world.bytes_of(Pid::of_index(scope.process), cell);
    bytes.map_or(0, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}
