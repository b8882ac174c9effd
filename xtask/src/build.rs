//! Builds the generated half of the npm package: the module, its glue, its declarations and the schema.
//!
//! There are three builds of the module: the one for nearly every page; one with minijinja in `full/`, for documents that
//! say `"expressions": "full"`; and one for authoring tools in `authoring/`.

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
    let out = workspace::root().join(OUT);
    compile(&mut workspace::command("cargo"), dev, &target, Build::Default)?;
    bind(dev, false, &target, &out)?;
    compile(&mut workspace::command("cargo"), dev, &target, Build::Full)?;
    bind(dev, false, &target, &out.join("full"))?;
    compile(&mut workspace::command("cargo"), dev, &target, Build::Authoring)?;
    bind(dev, false, &target, &out.join("authoring"))?;
    assemble()?;
    let schema = serde_json::to_string_pretty(&cuehook::project::schema())?;
    let file = out.join("project.schema.json");
    std::fs::write(&file, schema + "\n").with_context(|| format!("cannot write {}", file.display()))
}

/// Copies the hand-written half of the package.
fn assemble() -> Result<()> {
    let (from, to) = (workspace::root().join("js"), workspace::root().join("pkg"));
    for entry in std::fs::read_dir(&from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))
            .with_context(|| format!("cannot copy {}", entry.path().display()))?;
    }
    Ok(())
}

/// Which build of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// For nearly every page.
    Default,
    /// With minijinja.
    Full,
    /// The same, with what authoring tools need.
    Authoring,
}

/// Compiles the module into the build folder `target`.
///
/// The manifest asks for a `cdylib` and an `rlib`, and cargo leaves link-time optimisation out when both are built
/// together. Asked for the `cdylib` alone it optimises: an eighth less to download.
pub fn compile(cargo: &mut Command, dev: bool, target: &Path, build: Build) -> Result<()> {
    cargo.args(["rustc", "--package", "cuehook", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--target-dir"]).arg(target);
    if !dev {
        cargo.arg("--release");
    }
    match build {
        Build::Default => {}
        Build::Full => drop(cargo.args(["--features", "full"])),
        Build::Authoring => drop(cargo.args(["--features", "authoring"])),
    }
    workspace::run(cargo)
}

/// Runs wasm-bindgen over what was compiled into the build folder `target`; function names are kept only to look at them.
pub fn bind(dev: bool, keep_names: bool, target: &Path, out: &Path) -> Result<()> {
    let profile = if dev { "debug" } else { "release" };
    let module = target.join("wasm32-unknown-unknown").join(profile).join("cuehook.wasm");
    let mut command = workspace::command("wasm-bindgen");
    command.args(["--target", "web", "--out-dir"]).arg(out).arg(module);
    if !dev && !keep_names {
        command.args(["--remove-name-section", "--remove-producers-section"]);
    }
    workspace::run(&mut command)?;
    join(out)
}

/// Puts the module's own scripts, which wasm-bindgen lays beside the glue, into the glue: one request less, which would
/// otherwise delay the module.
fn join(out: &Path) -> Result<()> {
    let snippets = out.join("snippets");
    if !snippets.exists() {
        return Ok(());
    }
    let glue = out.join("cuehook.js");
    let text = std::fs::read_to_string(&glue).with_context(|| format!("cannot read {}", glue.display()))?;
    let mut joined = String::new();
    for line in text.lines() {
        match line.split_once("from './snippets/") {
            Some((_, path)) if line.starts_with("import ") => {
                let file = snippets.join(path.trim_end_matches("';"));
                let script = std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                joined.push_str(&script.replace("\nexport ", "\n"));
            }
            _ => joined.push_str(line),
        }
        joined.push('\n');
    }
    std::fs::write(&glue, joined).with_context(|| format!("cannot write {}", glue.display()))?;
    std::fs::remove_dir_all(&snippets).with_context(|| format!("cannot remove {}", snippets.display()))
}
