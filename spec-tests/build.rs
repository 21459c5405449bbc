//! Builds the catalogue and the cases into the crate: a table of paths and texts.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// Folders of data, and how its files end.
const FOLDERS: [(&str, &str); 2] = [("clauses", ".toml"), ("cases", ".winspi")];

/// Files of data beside them.
const FILES: [&str; 5] =
    ["exceptions.toml", "known-failures.toml", "not-testable.toml", "owners.toml", "wrong-worlds.toml"];

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let root = Path::new(&root);
    let mut shown: Vec<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    for (folder, ending) in FOLDERS {
        let within = root.join(folder);
        // The folder itself: a file that is new or gone changes it.
        println!("cargo::rerun-if-changed={}", within.display());
        for entry in fs::read_dir(&within)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(ending) {
                shown.push(format!("{folder}/{name}"));
            }
        }
    }
    shown.sort();
    let mut table = String::from("&[\n");
    for name in shown {
        let path = root.join(&name).display().to_string();
        println!("cargo::rerun-if-changed={path}");
        writeln!(table, "    ({name:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    table.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("files.rs"), table)
}
