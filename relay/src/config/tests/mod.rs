//! The configuration: what is read, what is refused and how that is said, and what comes into the store.

mod applied;
mod documents;
mod properties;
mod refused;
mod sources;
mod valid;

use super::*;
use std::collections::BTreeMap;
use std::path::Path;

/// A master key, not a secret.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

/// A directory with `relay.toml`, and an environment.
struct Case {
    directory: tempfile::TempDir,
    sources: Sources,
}

impl Case {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(FILE), text).unwrap();
        let sources = Sources { directory: directory.path().to_owned(), ..Sources::default() };
        Self { directory, sources }.with("CUEHOOK_RELAY_MASTER_KEYS", KEY)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    fn without_keys(mut self) -> Self {
        self.sources.environment = BTreeMap::new();
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn load(&self) -> Result<Loaded, ConfigFaults> {
        load(&self.sources)
    }

    fn settings(&self) -> Settings {
        self.load().unwrap_or_else(|faults| panic!("{faults}")).settings
    }

    fn notices(&self) -> Vec<String> {
        self.load().unwrap().notices.into_iter().map(|notice| notice.0).collect()
    }

    /// What is wrong, one line each.
    fn refused(&self) -> Vec<String> {
        self.load().expect_err("it is wrong").0.iter().map(ToString::to_string).collect()
    }
}
