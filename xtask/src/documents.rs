//! Project documents. What looks into them is a program of its own, so that nobody waits for it who does not need it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Checks documents: prints problems and warnings.
///
/// # Errors
/// If there is a problem, which has been told then.
pub fn check(files: &[std::path::PathBuf], sample: Option<&Path>) -> Result<()> {
    let mut command = program();
    command.arg("check").args(files);
    if let Some(sample) = sample {
        command.arg("--sample").arg(sample);
    }
    // In the folder of the caller, whose paths these are.
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("the documents have problems, or could not be read");
    }
    Ok(())
}

/// The JSON Schema of documents, as text.
///
/// # Errors
/// If the program does not compile.
pub fn schema() -> Result<String> {
    Ok(workspace::output(program().arg("schema"))? + "\n")
}

fn program() -> Command {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--package", "cuehook-documents", "--manifest-path"]);
    command.arg(workspace::root().join("Cargo.toml")).arg("--");
    command
}
