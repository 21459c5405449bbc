//! `cargo xtask check`: all that must hold before a change goes in, the quickest first. Stops at what fails.

use crate::{Result, cargo, generate};

pub(crate) fn run() -> Result {
    generate::check()?;
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    cargo(&["test", "--workspace"], &[])?;
    crate::coverage(&["--check"])?;
    cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    eprintln!("all checks passed");
    Ok(())
}
