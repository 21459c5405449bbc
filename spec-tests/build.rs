//! Builds the catalogue and the cases into the crate: a table of paths and texts.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let root = Path::new(&root);
    let mut table = String::from("&[\n");
    for folder in ["clauses", "cases", ""] {
        let within = root.join(folder);
        // The folder itself: a file that is new or gone changes it.
        if !folder.is_empty() {
            println!("cargo::rerun-if-changed={}", within.display());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&within)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        for name in names.iter().filter(|name| is_data(folder, name)) {
            let path = within.join(name);
            println!("cargo::rerun-if-changed={}", path.display());
            let shown = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            writeln!(table, "    ({shown:?}, include_str!({:?})),", path.display().to_string())
                .map_err(io::Error::other)?;
        }
    }
    table.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("files.rs"), table)
}

/// Whether a file belongs to the suite.
fn is_data(folder: &str, name: &str) -> bool {
    match folder {
        "clauses" => name.ends_with(".toml"),
        "cases" => name.ends_with(".winspi"),
        _ => name.ends_with(".toml") && name != "Cargo.toml",
    }
}
