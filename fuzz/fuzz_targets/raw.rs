//! `cargo +nightly fuzz run raw`: the first byte chooses what the others are read as.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| winspi_fuzz::raw::any(bytes));
