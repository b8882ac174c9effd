//! Whose mutants are tried, and which tests are to notice them.

use clap::ValueEnum;

/// A part of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// The project document and its reader.
    Project,
    /// Templates.
    Template,
    /// The state machine.
    Engine,
    /// Log and variables.
    Session,
    /// What a response means.
    Delivery,
    /// The crate of what browser and relay agree on.
    Protocol,
    /// The crate that reads and writes JSON.
    Json,
}

impl Subject {
    /// The package that holds it.
    pub fn package(self) -> &'static str {
        match self {
            Subject::Project | Subject::Template | Subject::Engine | Subject::Session | Subject::Delivery => {
                "cuehook"
            }
            Subject::Protocol => "cuehook-protocol",
            Subject::Json => "cuehook-json",
        }
    }

    /// Its files.
    pub fn files(self) -> &'static str {
        match self {
            Subject::Project => "src/project/**/*.rs",
            Subject::Template => "src/template/**/*.rs",
            Subject::Engine => "src/engine/**/*.rs",
            Subject::Session => "src/session/**/*.rs",
            Subject::Delivery => "src/delivery/**/*.rs",
            Subject::Protocol => "crates/protocol/src/**/*.rs",
            Subject::Json => "crates/json/src/**/*.rs",
        }
    }

    /// The tests that are to notice: those of its own package, without those that never look at it. A crate has to stand
    /// by itself, so what others test of it does not count.
    pub fn suite(self) -> &'static [&'static str] {
        match self {
            // The simulation takes longest and looks at the engine.
            Subject::Project | Subject::Template => {
                &["--lib", "--test", "documents", "--", "--skip", "simulation"]
            }
            Subject::Engine => &["--lib", "--", "engine::"],
            Subject::Session => &["--lib", "--", "session::", "engine::"],
            Subject::Delivery => &["--lib", "--", "delivery::", "engine::"],
            Subject::Protocol | Subject::Json => &["--lib"],
        }
    }
}
