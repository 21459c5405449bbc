//! Reports of a run: terminal tables and JSON.
