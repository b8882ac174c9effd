//! Where a secret comes from: `env:NAME` or `file:/path`.

use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// Bytes of a secret at most.
pub const MAX_SECRET: usize = 64 * 1024;

/// Why a secret cannot be had. None of it says what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    /// It says neither `env:` nor `file:`. What it says may be the secret itself.
    #[error("a secret is not written here; write where it is: `env:NAME` or `file:/path`")]
    Inline,
    /// There is no such variable.
    #[error("the environment has no variable `{0}`")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("the file `{0}` cannot be read: {1}")]
    NoFile(String, String),
    /// There is nothing in it.
    #[error("`{0}` is empty")]
    Empty(String),
    /// It is longer than secrets are.
    #[error("`{0}` is longer than 64 KiB")]
    TooLong(String),
    /// It is no UTF-8.
    #[error("`{0}` is not UTF-8")]
    NotText(String),
}

/// The secret that `source` names. The line break at the end of a file, which editors leave there, is not part of it.
///
/// # Errors
/// If there is none.
pub fn secret(
    source: &str,
    environment: &BTreeMap<String, String>,
    directory: &Path,
) -> Result<SecretString, SourceFault> {
    if let Some(name) = source.strip_prefix("env:") {
        let value = environment.get(name).ok_or_else(|| SourceFault::NoVariable(name.to_owned()))?;
        return checked(source, value.clone());
    }
    let path = source.strip_prefix("file:").ok_or(SourceFault::Inline)?;
    let unreadable = |error: std::io::Error| SourceFault::NoFile(path.to_owned(), error.to_string());
    let file = std::fs::File::open(directory.join(path)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    // Room for the line break, and one byte by which it is too long.
    file.take(MAX_SECRET as u64 + 3).read_to_end(&mut bytes).map_err(unreadable)?;
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            error.into_bytes().zeroize();
            return Err(SourceFault::NotText(source.to_owned()));
        }
    };
    if text.ends_with('\n') {
        text.pop();
    }
    if text.ends_with('\r') {
        text.pop();
    }
    checked(source, text)
}

fn checked(source: &str, mut text: String) -> Result<SecretString, SourceFault> {
    if text.trim().is_empty() {
        return Err(SourceFault::Empty(source.to_owned()));
    }
    if text.len() > MAX_SECRET {
        text.zeroize();
        return Err(SourceFault::TooLong(source.to_owned()));
    }
    Ok(text.into())
}
