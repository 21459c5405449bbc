//! The files of the suite: built in, or read from a folder by who is writing them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The files that are built in, by path within `spec-tests`.
static BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Texts by path within `spec-tests`: `clauses/wsp_bind.toml`, `cases/wsp_bind.winspi`, `owners.toml`.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// The files that were there when this was built.
    pub fn built_in() -> Files {
        Files(BUILT_IN.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// The files of a folder that is laid out as `spec-tests` is.
    ///
    /// # Errors
    ///
    /// Where a file or folder cannot be read, or is no text in UTF-8: the message names it.
    pub fn read(folder: &Path) -> Result<Files, String> {
        let mut files = BTreeMap::new();
        for (part, ending) in [("clauses", ".toml"), ("cases", ".winspi"), ("", ".toml")] {
            let within = folder.join(part);
            let told = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
            for entry in fs::read_dir(&within).map_err(|e| told(&within, e))? {
                let path = entry.map_err(|e| told(&within, e))?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !name.ends_with(ending) || name == "Cargo.toml" {
                    continue;
                }
                let text = fs::read_to_string(&path).map_err(|e| told(&path, e))?;
                files.insert(if part.is_empty() { name } else { format!("{part}/{name}") }, text);
            }
        }
        Ok(Files(files))
    }

    /// These files with one more, or another text for one.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Files {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// These files without one.
    #[must_use]
    pub fn without(mut self, path: &str) -> Files {
        self.0.remove(path);
        self
    }

    /// The text of a file; nothing where there is none.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The files of a folder, by name without folder and ending.
    pub fn within<'f>(&'f self, folder: &'f str, ending: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |(path, text)| {
            let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(ending)?;
            Some((name, text.as_str()))
        })
    }
}
