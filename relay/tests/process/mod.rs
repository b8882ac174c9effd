//! The real program in a directory of its own, and whom it talks to.
//!
//! - [`Relay`]: the process. [`Shim`]: what stands between it and its disk. [`Client`]: a connection to it. [`Webhook`]: who is called.

// Each test has a part of this.
#![allow(dead_code)]

mod client;
mod relay;
mod shim;
mod webhook;

pub use client::{Client, Reply};
pub use relay::{ORIGIN, PROJECT, Relay, Site};
pub use shim::{Entry, Shim};
pub use webhook::Webhook;

use std::time::{Duration, Instant};

/// Long enough on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "it has not come to this: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Numbers that look random and are the same each time (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// An id that the shim recognises in what is written and sent.
pub fn id(number: u64) -> String {
    format!("0192aaaa-bbbb-7ccc-8ddd-{number:012x}")
}

/// An event as servers send it.
pub fn event(id: &str) -> String {
    format!(
        r#"{{"type":"test.happened","id":"{id}","timestamp":"2026-11-20T20:07:00.123Z","data":{{"number":1.50}}}}"#
    )
}
