//! The command `winspi`.

fn main() {}
