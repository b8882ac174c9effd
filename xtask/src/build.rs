//! Builds the generated half of the npm package: the module, its glue, its declarations and the schema.

use std::path::Path;

use anyhow::Result;

use crate::setup::{self, Need};
use crate::workspace;

/// Where the generated files go, seen from the root.
pub const OUT: &str = "pkg/dist";

/// Builds into pkg/dist; `dev` builds quickly and unoptimised.
pub fn run(dev: bool) -> Result<()> {
    setup::ensure(&Need::BUILD)?;
    let mut cargo = workspace::command("cargo");
    cargo.args(["build", "--package", "cuehook", "--lib", "--target", "wasm32-unknown-unknown"]);
    if !dev {
        cargo.arg("--release");
    }
    workspace::run(&mut cargo)?;
    bind(dev, OUT.as_ref(), &["--remove-name-section"])
}

/// Runs wasm-bindgen over what cargo has built.
pub fn bind(dev: bool, out: &Path, extra: &[&str]) -> Result<()> {
    let profile = if dev { "debug" } else { "release" };
    let module = workspace::target().join("wasm32-unknown-unknown").join(profile).join("cuehook.wasm");
    let mut command = workspace::command("wasm-bindgen");
    command.args(["--target", "web", "--out-dir"]).arg(out);
    if !dev {
        // Function names are half as much again as the code they name.
        command.args(extra);
    }
    workspace::run(command.arg(module))
}
