//! Service providers: two base providers and two kinds of layers.
//!
//! The rules of a function on a socket stand once, in [`base`]. The folders `base_ifs` and `base_non_ifs` have what
//! differs: how a descriptor comes to be and goes, how a socket is duplicated, how a completion is announced.

pub mod base;
pub mod base_ifs;
pub mod base_non_ifs;
pub mod instance;
pub mod layer;
