//! What the relay signs, others verify: the published libraries, and the receivers that the documentation shows.
//!
//! These need Node, Python with packages, PHP and Go; `cargo xtask test --only signatures` installs them and runs this.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod libraries;
mod receivers;
mod request;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Long enough on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the files of the repository are.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The Python of the environment in which `cargo xtask` has put the packages.
fn python() -> PathBuf {
    root().join("target/tools/python-signing/bin/python")
}

/// What a program prints.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|fault| panic!("{command:?}: {fault}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
