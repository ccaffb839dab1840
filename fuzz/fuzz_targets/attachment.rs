#![no_main]

#[path = "../../crates/record/tests/foreign/mod.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| foreign::run("attachment", bytes));
