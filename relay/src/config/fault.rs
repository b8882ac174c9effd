//! What is wrong with a configuration: all of it at once, each with code, place and remedy.

use std::fmt::{self, Display, Formatter};

/// What is wrong with one key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFault {
    /// For programs.
    pub code: FaultCode,
    /// Where it is written.
    pub place: Place,
    /// Which key, such as `webhook[2].headers[0].secret`; empty for the whole file.
    pub path: String,
    /// What was found and what to write instead. No secrets.
    pub message: String,
}

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file.
    File {
        /// Its name, as it was given.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The character in it, from 1.
        column: usize,
    },
    /// In this variable of the environment.
    Environment(String),
    /// In this option of the command.
    Flag(String),
    /// Nowhere.
    Nowhere,
}

/// What is wrong with a configuration, for programs. Codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// `file-unreadable`: the file cannot be read.
    FileUnreadable,
    /// `syntax`: it is no TOML.
    Syntax,
    /// `unknown-key`: there is no such key.
    UnknownKey,
    /// `missing-key`: the key has to be there.
    MissingKey,
    /// `wrong-type`: the value is of another type.
    WrongType,
    /// `out-of-range`: the number is too small or too large, or the text too long.
    OutOfRange,
    /// `wrong-value`: the value means nothing.
    WrongValue,
    /// `duplicate`: the same is there twice.
    Duplicate,
    /// `too-many`: there are more than is allowed.
    TooMany,
    /// `secret-source`: a secret cannot be had from where it is said to be.
    SecretSource,
    /// `reserved-header`: the relay sets this field itself.
    ReservedHeader,
    /// `insecure-url`: others could read along.
    InsecureUrl,
    /// `key-file`: the file with the master key cannot be used.
    KeyFile,
    /// `needed-off-loopback`: a relay that others can reach needs it.
    NeededOffLoopback,
}

impl FaultCode {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::FileUnreadable,
        Self::Syntax,
        Self::UnknownKey,
        Self::MissingKey,
        Self::WrongType,
        Self::OutOfRange,
        Self::WrongValue,
        Self::Duplicate,
        Self::TooMany,
        Self::SecretSource,
        Self::ReservedHeader,
        Self::InsecureUrl,
        Self::KeyFile,
        Self::NeededOffLoopback,
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FileUnreadable => "file-unreadable",
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::OutOfRange => "out-of-range",
            Self::WrongValue => "wrong-value",
            Self::Duplicate => "duplicate",
            Self::TooMany => "too-many",
            Self::SecretSource => "secret-source",
            Self::ReservedHeader => "reserved-header",
            Self::InsecureUrl => "insecure-url",
            Self::KeyFile => "key-file",
            Self::NeededOffLoopback => "needed-off-loopback",
        }
    }
}

impl Display for Place {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(out, "{file}:{line}:{column}"),
            Self::Environment(name) => out.write_str(name),
            Self::Flag(name) => out.write_str(name),
            Self::Nowhere => out.write_str("configuration"),
        }
    }
}

impl Display for ConfigFault {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { code, place, path, message } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(out, "{place}: {path}{colon}{message} [{}]", code.as_str())
    }
}

/// Everything that is wrong with a configuration, at least one thing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl Display for ConfigFaults {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            let before = if number == 0 { "" } else { "\n" };
            write!(out, "{before}{fault}")?;
        }
        Ok(())
    }
}

/// Something about a configuration that the operator should know, though the relay starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice(pub String);
