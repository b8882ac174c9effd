//! The browser engines in which Cuehook is tested.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;

use crate::setup::Need;
use crate::workspace;

/// A browser engine, as Debian has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Chromium.
    Chromium,
    /// Firefox ESR.
    Firefox,
    /// WebKitGTK.
    Webkit,
}

impl Engine {
    /// Those in which the default run does a few tests; Chromium does them all.
    pub const OTHERS: [Engine; 2] = [Engine::Firefox, Engine::Webkit];

    /// As it is written on the command line, and in `CUEHOOK_BROWSER` for the end-to-end tests.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::Webkit => "webkit",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Engine::Chromium => "Chromium",
            Engine::Firefox => "Firefox",
            Engine::Webkit => "WebKitGTK",
        }
    }

    /// What has to be installed to drive it.
    pub fn needs(self) -> &'static [Need] {
        match self {
            Engine::Chromium => &[Need::Browser],
            Engine::Firefox => &[Need::Firefox, Need::Geckodriver],
            Engine::Webkit => &[Need::Webkit],
        }
    }

    /// The program that drives it: what an environment variable of its name says, the project's own, or the one on the
    /// PATH.
    pub fn driver(self) -> Option<PathBuf> {
        let name = self.driver_name();
        if let Some(file) = env::var_os(name.to_uppercase()) {
            return Some(PathBuf::from(file));
        }
        let own = workspace::tools().join("bin").join(name);
        if own.is_file() { Some(own) } else { workspace::find_program(name) }
    }

    /// What the driver is called.
    pub fn driver_name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromedriver",
            Engine::Firefox => "geckodriver",
            Engine::Webkit => "WebKitWebDriver",
        }
    }

    /// The file in the repository's root that says how the browser is started.
    pub fn capabilities_file(self) -> &'static str {
        match self {
            // The name under which wasm-bindgen's test runner looks for it, whoever starts it.
            Engine::Chromium => "webdriver.json",
            Engine::Firefox => "webdriver.firefox.json",
            Engine::Webkit => "webdriver.webkit.json",
        }
    }

    /// How the browser is started.
    ///
    /// # Errors
    /// If the file is not there, or is no JSON.
    pub fn capabilities(self) -> Result<Value> {
        let file = self.capabilities_file();
        let text = std::fs::read_to_string(workspace::root().join(file))
            .with_context(|| format!("cannot read {file}"))?;
        serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_has_capabilities_of_its_own() {
        let key = |engine: Engine| {
            let capabilities = engine.capabilities().unwrap();
            capabilities.as_object().unwrap().keys().next().unwrap().clone()
        };
        assert_eq!(key(Engine::Chromium), "goog:chromeOptions");
        assert_eq!(key(Engine::Firefox), "moz:firefoxOptions");
        assert_eq!(key(Engine::Webkit), "webkitgtk:browserOptions");
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        for engine in Engine::value_variants() {
            assert_eq!(Engine::from_str(engine.name(), false), Ok(*engine));
            assert!(!engine.needs().is_empty() && !engine.title().is_empty());
        }
    }
}
