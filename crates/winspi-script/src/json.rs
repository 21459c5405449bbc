//! The JSON form of a file, and its canonical text.
//!
//! The JSON mirrors the tree: `{"format": "winspi-scenario", "version": 1, "file": {...}}`, by the schema in
//! `docs/scenario.schema.json`. Places in the text (`span`) may be left out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::syntax::tree::File;
use crate::syntax::{self, Diagnostic};

/// What the JSON form calls itself.
pub const FORMAT: &str = "winspi-scenario";

/// The version of the JSON form.
pub const VERSION: u64 = 1;

/// Why a text is no JSON form of a file.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON, or not of this shape; the message has the place.
    #[error("no scenario in JSON: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is something else.
    #[error("the format is {0}, not \"winspi-scenario\"")]
    Format(String),
    /// It is of another version.
    #[error("version {0} of the format is not known; this is version 1")]
    Version(String),
    /// It has the shape of a tree, and no text is that tree: a name with blanks in it, for instance.
    #[error("no text stands for this tree: {0}")]
    Tree(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<F> {
    format: Value,
    version: Value,
    file: F,
}

/// The canonical form of a text.
///
/// # Errors
///
/// What is wrong with the text.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    syntax::parse(text).map(|file| syntax::print(&file))
}

/// The JSON form of a file.
///
/// # Errors
///
/// When a number is beyond 64 bits, which none is that was read from a text.
pub fn to_json(file: &File) -> Result<String, JsonError> {
    let stored = Stored { format: Value::from(FORMAT), version: Value::from(VERSION), file };
    Ok(serde_json::to_string_pretty(&stored)?)
}

/// The JSON form of a file without what may be left out: places in the text, and notes where there is no comment.
///
/// # Errors
///
/// As [`to_json`].
pub fn to_short_json(file: &File) -> Result<String, JsonError> {
    let mut file = serde_json::to_value(file)?;
    shorten(&mut file);
    let stored = Stored { format: Value::from(FORMAT), version: Value::from(VERSION), file };
    Ok(serde_json::to_string_pretty(&stored)?)
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(members) => {
            // Names of members are ours: whatever a scenario brings along is a value.
            members.shift_remove("span");
            let bare = |notes: &Value| notes["above"].as_array().is_some_and(Vec::is_empty) && notes["after"].is_null();
            if members.get("notes").is_some_and(bare) {
                members.shift_remove("notes");
            }
            members.values_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// The file of a JSON form. What comes out can be printed and gives the same tree when it is parsed.
///
/// # Errors
///
/// Another format or version, another shape, or a tree that no text stands for.
pub fn from_json(json: &str) -> Result<File, JsonError> {
    let stored: Stored<Value> = serde_json::from_str(json)?;
    if stored.format != FORMAT {
        return Err(JsonError::Format(stored.format.to_string()));
    }
    if stored.version != VERSION {
        return Err(JsonError::Version(stored.version.to_string()));
    }
    // Read again, since a value has forgotten its place.
    let Stored { file, .. } = serde_json::from_str::<Stored<File>>(json)?;
    match syntax::parse(&syntax::print(&file)) {
        Ok(again) if again == file => Ok(again),
        Ok(_) => Err(JsonError::Tree("it prints as another one".to_owned())),
        Err(errors) => Err(JsonError::Tree(errors.first().map_or(String::new(), ToString::to_string))),
    }
}
