//! The Winsock 2 Service Provider Interface as a value: the machine, the protocol loop and its parties.
//!
//! Start with [`system`] (the loop), [`protocol`] (what parties say to each other) and [`world`] (what there is). A
//! provider's rule reads best in `provider/base/bind.rs`. This crate knows no clock, no thread of the host, no file and
//! no unordered map; `clippy.toml` keeps that promise.

/// Whether a world is wrong in this way: never, but in tests that show that tests can fail.
#[cfg(feature = "wrong-worlds")]
macro_rules! is_wrong {
    ($world:expr, $way:ident) => {
        crate::wrong::is($world, crate::wrong::Way::$way)
    };
}
#[cfg(not(feature = "wrong-worlds"))]
macro_rules! is_wrong {
    ($world:expr, $way:ident) => {
        false
    };
}

pub mod activation;
mod arena;
pub mod bus;
pub mod call;
pub mod canon;
pub mod clause;
pub mod event;
pub mod fault;
pub mod footprint;
pub mod hazard;
pub mod id;
pub mod kernel;
pub mod outcome;
pub mod policy;
pub mod protocol;
pub mod provider;
mod shared;
pub mod signature;
pub mod snapshot;
pub mod system;
pub mod transition;
pub mod transport;
pub mod value;
pub mod wait;
pub mod world;
#[cfg(feature = "wrong-worlds")]
pub mod wrong;
pub mod ws2_32;

pub use clause::Clause;
pub use shared::Shared;
pub use system::{Grain, Program, System};
pub use transition::{Choice, Transition};
pub use value::Value;
pub use world::World;
