//! Checks project documents.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Prints every problem as `file:line:column: place: what to write instead`.
///
/// # Errors
/// If a document cannot be read or has a problem.
pub fn run(files: &[PathBuf]) -> Result<()> {
    let mut problems = 0_usize;
    for file in files {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let findings = cuehook::project::check(&text);
        for finding in &findings {
            println!("{}:{finding}", file.display());
        }
        problems += findings.len();
    }
    match problems {
        0 => Ok(()),
        1 => bail!("1 problem"),
        many => bail!("{many} problems"),
    }
}
