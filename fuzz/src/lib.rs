//! What the target of cargo-fuzz does with bytes; crates/winspi-view/tests/raw.rs calls the same.

pub mod raw;
