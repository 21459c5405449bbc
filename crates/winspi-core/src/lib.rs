//! The Winsock 2 Service Provider Interface as a value: System, World, the protocol loop and its parties.
