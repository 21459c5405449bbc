//! From the arguments of a command to the files that it works on: files as named, folders recursively, `-`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::input::BadInput;

/// The name of folders whose scenarios wait for something that is not here yet: they are looked into only when named.
const PENDING: &str = "pending";

/// What the arguments lead to.
pub(crate) struct Sources {
    /// The files in the order of the arguments, those of a folder sorted, none twice; and what cannot be one.
    pub(crate) found: Vec<Result<PathBuf, BadInput>>,
    /// Whether more than one file was asked for, or a folder.
    pub(crate) several: bool,
    /// What is not among them, in a sentence each.
    pub(crate) left_out: Vec<String>,
}

/// Follows the arguments. Folders called `pending` below a folder that was named are looked into if `pending` says so.
pub(crate) fn sources(arguments: &[PathBuf], pending: bool) -> Sources {
    let mut sources = Sources { found: Vec::new(), several: arguments.len() > 1, left_out: Vec::new() };
    let mut known = BTreeSet::new();
    for argument in arguments {
        if argument.as_path() != Path::new("-") && argument.is_dir() {
            sources.several = true;
            folder(argument, pending, &mut sources, &mut known);
        } else if known.insert(argument.clone()) {
            sources.found.push(Ok(argument.clone()));
        }
    }
    sources
}

/// The scenarios of a folder.
fn folder(folder: &Path, pending: bool, sources: &mut Sources, known: &mut BTreeSet<PathBuf>) {
    let mut any = false;
    let mut walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                any = true;
                sources.found.push(Err(refused(&error, folder)));
                continue;
            }
        };
        if entry.file_type().is_dir() && entry.depth() > 0 {
            let name = entry.file_name().to_string_lossy();
            if name.starts_with('.') {
                walk.skip_current_dir();
            } else if name == PENDING && !pending {
                walk.skip_current_dir();
                any = true;
                sources.left_out.push(format!("left out: {}; name it to run what waits there", entry.path().display()));
            }
        } else if is_scenario(&entry) {
            any = true;
            if known.insert(entry.path().to_owned()) {
                sources.found.push(Ok(entry.into_path()));
            }
        }
    }
    if !any {
        let message = format!("{}: no file in this folder ends in .winspi\n", folder.display());
        sources.found.push(Err(BadInput::of(folder, message)));
    }
}

fn is_scenario(entry: &DirEntry) -> bool {
    entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "winspi")
}

fn refused(error: &walkdir::Error, folder: &Path) -> BadInput {
    let path = error.path().unwrap_or(folder);
    let message = match (error.loop_ancestor(), error.io_error()) {
        (Some(ancestor), _) => format!("this leads back to {}, which it lies in", ancestor.display()),
        (None, Some(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            "the folder may not be read".to_owned()
        }
        (None, Some(error)) if error.kind() == std::io::ErrorKind::NotFound => "this link leads nowhere".to_owned(),
        (None, Some(error)) => format!("it cannot be read: {error}"),
        (None, None) => "it cannot be read".to_owned(),
    };
    BadInput::of(path, format!("{}: {message}\n", path.display()))
}
