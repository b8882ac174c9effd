//! Which tests run in which engine: tests/e2e/engines.json says it, and docs/browsers.md tells it.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::webdriver::Engine;
use crate::workspace;

/// The file, seen from the root.
const LIST: &str = "tests/e2e/engines.json";

/// What is tested where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engines {
    /// The end-to-end tests that the default run does in the other engines.
    subset: Vec<String>,
    /// What is not tested, and why.
    lacking: Vec<Lack>,
}

/// Something that an engine, or its driver, does not have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    engine: Engine,
    /// In one sentence.
    reason: String,
    /// The tests that need it, each with its suite before it: `e2e::layout::narrow`.
    tests: Vec<String>,
}

/// Where a test belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Inside a browser: `tests/web`.
    Web,
    /// Over real pages: `tests/e2e`.
    E2e,
}

impl Suite {
    fn prefix(self) -> &'static str {
        match self {
            Suite::Web => "web::",
            Suite::E2e => "e2e::",
        }
    }
}

impl Engines {
    /// Reads the list.
    ///
    /// # Errors
    /// If it is not there or not as it should be.
    pub fn read() -> Result<Self> {
        let text = std::fs::read_to_string(workspace::root().join(LIST))
            .with_context(|| format!("cannot read {LIST}"))?;
        serde_json::from_str(&text).with_context(|| format!("{LIST} is not as it should be"))
    }

    /// The tests of the default run.
    pub fn subset(&self) -> &[String] {
        &self.subset
    }

    /// The tests of a suite that an engine cannot do, each with the reason.
    pub fn skipped(&self, suite: Suite, engine: Engine) -> Vec<(&str, &str)> {
        let lacks = self.lacking.iter().filter(|lack| lack.engine == engine);
        lacks
            .flat_map(|lack| lack.tests.iter().map(|test| (test.as_str(), lack.reason.as_str())))
            .filter_map(|(test, reason)| Some((test.strip_prefix(suite.prefix())?, reason)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether there is such a test: `suite::file::function`, or `suite::folder::file::function`.
    fn exists(test: &str) -> bool {
        let (path, function) = test.rsplit_once("::").unwrap();
        let folder = workspace::root().join("tests");
        let path = path.replace("::", "/");
        [format!("{path}.rs"), format!("{path}/mod.rs")].iter().any(|file| {
            let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            // Tests of players are written by a macro.
            text.contains(&format!("fn {function}(")) || text.contains(&format!("\n    {function}: \""))
        })
    }

    #[test]
    fn the_list_names_tests_that_are_there() {
        let engines = Engines::read().unwrap();
        assert!(engines.subset.len() > 5);
        for test in &engines.subset {
            assert!(exists(&format!("e2e::{test}")), "there is no end-to-end test `{test}`");
        }
        for Lack { engine, reason, tests } in &engines.lacking {
            assert!(!reason.is_empty() && *engine != Engine::Chromium);
            for test in tests {
                assert!(exists(test), "there is no test `{test}`");
            }
        }
        assert!(!exists("e2e::clicks::nobody_has_written_this"));
    }

    #[test]
    fn what_one_engine_lacks_is_tested_in_the_others() {
        let text = r#"{"subset":[],"lacking":[{"engine":"webkit","reason":"no touch","tests":["e2e::a::b","web::c"]}]}"#;
        let engines: Engines = serde_json::from_str(text).unwrap();
        assert_eq!(engines.skipped(Suite::E2e, Engine::Webkit), [("a::b", "no touch")]);
        assert_eq!(engines.skipped(Suite::Web, Engine::Webkit), [("c", "no touch")]);
        assert_eq!(engines.skipped(Suite::E2e, Engine::Firefox), []);
    }
}
