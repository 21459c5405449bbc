//! The library: the machine as a value, and foreign parties on real threads.
//!
//! winspi is the Winsock 2 Service Provider Interface as a value: an executable specification. The machine, [`World`],
//! is plain data; a [`System`] is a world with a program for each thread; a [`Transition`] is the one way in which a
//! system changes. Read [`core`] for the machine and [`types`] for the vocabulary of the headers.
//!
//! What is here and not there: [`foreign`], with which a provider or a program that is ordinary Rust takes part in a
//! world from outside.
//!
//! ```
//! use winspi::core::kernel::process::ThreadRole;
//! use winspi::core::policy::Policy;
//! use winspi::core::ws2_32::catalog::{Catalog, ProviderKind};
//! use winspi::{System, World, foreign, types};
//! use winspi::core::call::WSPSocket;
//! use winspi::core::id::PartyId;
//! use winspi::core::value::Pointer;
//! use types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
//!
//! let mut world = World::new(Catalog::with_base(ProviderKind::BaseIfs), Policy::default());
//! let visitor = PartyId(0);
//! world.add_process("visitor", true, ThreadRole::Outside(visitor));
//! let mut system: System<foreign::NoProgram> = System::new(world, ());
//!
//! let mut parties = foreign::Parties::new();
//! parties.program(visitor, |core: &mut foreign::Core| {
//!     let triple = (AF_INET, SOCK_STREAM, IPPROTO_TCP);
//!     let call = WSPSocket {
//!         af: triple.0, socket_type: triple.1, protocol: triple.2, protocol_info: Pointer::Null, g: 0, flags: 0,
//!     };
//!     core.up(call).map(drop)
//! });
//! let mut recording = foreign::Recording::default();
//! parties.drive(&mut system, &mut recording, foreign::first).expect("nothing goes wrong");
//! assert_eq!(system.world().endpoint_count(), 1);
//! ```

pub mod foreign;

pub use winspi_core as core;
pub use winspi_types as types;

pub use winspi_core::{Clause, Grain, Program, System, Transition, Value, World};
