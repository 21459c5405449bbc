//! File mappings without a file: memory that processes share.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A file mapping. It lives while a handle or a view leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Section {
    /// Its name, by which OpenFileMapping finds it.
    pub name: Option<Arc<[u8]>>,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// How many handles lead to it.
    pub handles: u32,
    /// How many views there are.
    pub views: u32,
}
