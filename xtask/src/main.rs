//! Commands for people who work on winspi.

fn main() {}
