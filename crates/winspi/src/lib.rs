//! The library: the machine as a value, one call at a time, on real threads, or outside of everything.
//!
//! winspi is the Winsock 2 Service Provider Interface as a value: an executable specification that runs on any system.
//!
//! A parent binds a port and hands the socket to a worker; then it looks whether the worker answers:
//!
//! ```
//! use winspi::types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
//! use winspi::{Machine, Winsock};
//!
//! let machine = Machine::of(["parent", "worker"])?;
//! let (parent, worker) = (machine.process("parent")?, machine.process("worker")?);
//!
//! // The parent binds the port and makes a duplicate for the worker.
//! let bound = parent.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//! parent.bind(bound, "127.0.0.1:80")?;
//! let info = parent.duplicate_socket(bound, worker.pid())?;
//! parent.bus_send(worker.pid(), &info)?;
//!
//! // The worker makes a descriptor of its own from the 628 bytes; only then the parent closes. The worker serves.
//! let listener = worker.socket_from_info(worker.bus_receive()?)?;
//! parent.close(bound)?;
//! worker.listen(listener, 5)?;
//! let probe = parent.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
//! parent.connect(probe, "127.0.0.1:80")?;
//! let connection = worker.accept(listener)?;
//! worker.send(connection, "hello")?;
//! assert_eq!(parent.recv(probe, 64)?, b"hello");
//!
//! // The socket outlived the descriptor that it was made with; nothing was done that is dangerous.
//! assert_eq!(machine.socket_state(worker, listener).expect("it lives").holders, ["worker 0x480"]);
//! machine.check()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Machine`]: threads are called one after the other; for tests and lessons.
//! - [`live`]: processes are closures on real threads, and a seed decides who goes on.
//! - [`observe`]: what happened, as spans of `tracing`.
//! - [`foreign`]: the seam beneath: a provider or a program in Rust takes part in a world from outside.
//! - [`core`], [`types`], [`script`], [`explore`] and [`view`]: the machine itself, [`World`] and [`System`], the
//!   vocabulary of the headers, the scenario language, all orders of a scenario, and reports.

mod error;
pub mod foreign;
pub mod live;
pub mod machine;
pub mod observe;
mod plan;
mod settle;
mod waiting;
mod winsock;

pub use winspi_core as core;
pub use winspi_explore as explore;
pub use winspi_script as script;
pub use winspi_types as types;
pub use winspi_view as view;

pub use error::CallError;
pub use machine::Machine;
pub use plan::{Base, Layer, Plan, PlanError};
pub use waiting::{Doing, Ender, Waiting};
pub use winsock::{Address, Payload, Winsock};

/// The examples of the book, which run as those of this crate do.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/book/library.md")]
mod book {}

pub use winspi_core::{Clause, Grain, Program, Shared, System, Transition, Value, World};
