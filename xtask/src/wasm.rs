//! `cargo xtask wasm`: the crates that hold no platform code build for the web.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::{Result, cargo};

const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn run() -> Result {
    if !installed()? {
        println!("not checked: the target {TARGET} is not installed");
        return Ok(());
    }
    cargo(
        &[
            "build",
            "--package",
            "winspi-types",
            "--package",
            "winspi-core",
            "--package",
            "winspi-script",
            "--target",
            TARGET,
        ],
        &[],
    )?;
    println!("checked: winspi-types, winspi-core and winspi-script build for {TARGET}");
    Ok(())
}

/// Whether the compiler has a standard library for the target.
fn installed() -> Result<bool> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "rustc does not know the target {TARGET}: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        ));
    }
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(Path::new(folder.trim_end()).exists())
}
