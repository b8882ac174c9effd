//! Checks project documents.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use cuehook::json::{self, Json, Object};

/// Answers are nested no deeper.
const DEEPEST: usize = 64;

/// Prints every problem as `file:line:column: place: what to write instead`, and what is probably not meant as a
/// `warning`. With a sample answer the variables that templates use are checked against it.
///
/// # Errors
/// If a document or the sample cannot be read, or a document has a problem; not for warnings.
pub fn run(files: &[PathBuf], sample: Option<&Path>) -> Result<()> {
    let sample = sample.map(read_sample).transpose()?;
    let mut problems = 0_usize;
    for file in files {
        let text = read(file)?;
        let findings = cuehook::project::check(&text);
        for finding in &findings {
            println!("{}:{finding}", file.display());
        }
        problems += findings.len();
        for warning in cuehook::project::lint(&text, sample.as_ref()) {
            println!("{}:{warning}", file.display());
        }
    }
    match problems {
        0 => Ok(()),
        1 => bail!("1 problem"),
        many => bail!("{many} problems"),
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn read_sample(file: &Path) -> Result<Object> {
    let sample = json::parse(read(file)?.as_bytes(), DEEPEST)
        .map_err(|error| anyhow!("{}:{}:{}: {}", file.display(), error.line, error.column, error.message))?;
    sample.as_object().cloned().ok_or_else(|| wrong_sample(file, &sample))
}

fn wrong_sample(file: &Path, sample: &Json) -> anyhow::Error {
    anyhow!("{}: found {}; a webhook answers with an object", file.display(), sample.kind())
}
