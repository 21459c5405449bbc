//! Calls as data: the functions that are modelled, with typed arguments.
//!
//! `call/spi.rs` and `call/system.rs` declare them. One declaration per function gives its structure, its variant of [`Call`], its line of the signature table, and the
//! ways to and from untyped arguments. A parameter is declared as `field: Type = "snake" "page spelling"`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{Guid, Version};

use crate::id::{CellId, Handle};
use crate::outcome::{
    Accepted, BlockingHook, Connected, Context, Dequeued, Disconnected, Enumerated, ExitCode, FileRead, FileWritten,
    HandleInformation, IoctlResult, Message, NetworkEvents, OptionValue, Out, OutValue, OverlappedResult,
    ProcessInformation, Received, ReceivedFrom, Sent, SocketName, Started, Startup, TargetHandle, Transferred, Verdict,
};
use crate::signature::{Declaration, Function, Home, Parameter, Support};
use crate::value::{
    Argument, Buffers, InfoIn, Length, LengthAt, Name, OverlappedIn, Place, Routine, Space, Target, Value,
};

mod arguments;
mod callback;
#[macro_use]
mod declare;
#[macro_use]
mod spi;
#[macro_use]
mod system;
mod show;

use arguments::take;
pub use arguments::{BadArgument, CellArgument, Timeout};
pub use callback::Callback;

/// A modelled function: its arguments as a structure, and the type of its result.
pub trait Signature: Sized {
    /// What the function gives when it succeeds.
    type Out: OutValue;
    /// The line of the signature table.
    const FUNCTION: Function;
    /// The call with these arguments.
    fn call(self) -> Call;
}

use Support::{Full, Partial};

/// Puts the lists together, in their order.
macro_rules! collect {
    ([$next:ident $($more:ident)*] $($lists:tt)*) => { $next! { collect! [$($more)*] $($lists)* } };
    ([] $($lists:tt)*) => { functions! { $($lists)* } };
}

collect! { [spi_functions system_functions] }
