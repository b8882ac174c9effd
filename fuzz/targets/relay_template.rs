//! Templates of bodies, from arbitrary bytes.
#![no_main]

#[path = "../relay/mod.rs"]
mod relay;

libfuzzer_sys::fuzz_target!(|input: &[u8]| relay::relay_template(input));
