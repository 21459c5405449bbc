//! `cargo +nightly fuzz run raw`: the first byte chooses what the others are read as.
//!
//! Without nightly, in this folder, with a compiler for C++ and without the sanitizers:
//!
//! ```text
//! RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions" \
//!     cargo run --release --bin raw --target x86_64-unknown-linux-gnu -- -max_len=20000 -max_total_time=150
//! ```
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| winspi_fuzz::raw::any(bytes));
