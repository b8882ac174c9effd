//! Builds the generated half of the npm package: the module, its glue, its declarations and the schema.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::{self, Need};
use crate::workspace;

/// Where the generated files go, seen from the root.
pub const OUT: &str = "pkg/dist";

/// Builds into pkg/dist; `dev` builds quickly and unoptimised.
pub fn run(dev: bool) -> Result<()> {
    setup::ensure(&Need::BUILD)?;
    let target = workspace::target();
    compile(&mut workspace::command("cargo"), dev, &target)?;
    let out = workspace::root().join(OUT);
    bind(dev, &target, &out)?;
    let schema = serde_json::to_string_pretty(&cuehook::project::schema())?;
    let file = out.join("project.schema.json");
    std::fs::write(&file, schema + "\n").with_context(|| format!("cannot write {}", file.display()))
}

/// Compiles the module into the build folder `target`.
///
/// The manifest asks for a `cdylib` and an `rlib`, and cargo leaves link-time optimisation out when both are built
/// together. Asked for the `cdylib` alone it optimises: an eighth less to download.
pub fn compile(cargo: &mut Command, dev: bool, target: &Path) -> Result<()> {
    cargo.args(["rustc", "--package", "cuehook", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--target-dir"]).arg(target);
    if !dev {
        cargo.arg("--release");
    }
    workspace::run(cargo)
}

/// Runs wasm-bindgen over what was compiled into the build folder `target`.
pub fn bind(dev: bool, target: &Path, out: &Path) -> Result<()> {
    let profile = if dev { "debug" } else { "release" };
    let module = target.join("wasm32-unknown-unknown").join(profile).join("cuehook.wasm");
    let mut command = workspace::command("wasm-bindgen");
    workspace::run(command.args(["--target", "web", "--out-dir"]).arg(out).arg(module))
}
