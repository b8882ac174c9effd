//! Who is compared, and what a page downloads for each.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::peers;
use crate::build::package::{files_in, read, remember};
use crate::setup::TOOLS;
use crate::{size, workspace};

/// The name of our own side.
pub const CUEHOOK: &str = "cuehook";

/// One of those that are compared.
#[derive(Debug)]
pub struct Side {
    /// As the page and the command line know it.
    pub name: &'static str,
    /// As people know it.
    pub title: &'static str,
    /// The npm package whose version is told; none for ours.
    package: Option<&'static str>,
}

impl Side {
    /// All, ours first.
    pub const ALL: [Side; 5] = [
        Side { name: CUEHOOK, title: "Cuehook", package: None },
        Side { name: "snowplow", title: "Snowplow", package: Some("@snowplow/browser-tracker") },
        Side { name: "posthog", title: "PostHog", package: Some("posthog-js") },
        Side { name: "sentry", title: "Sentry", package: Some("@sentry/browser") },
        Side { name: "opentelemetry", title: "OpenTelemetry", package: Some("@opentelemetry/sdk-logs") },
    ];

    /// Title and version.
    pub fn with_version(&self) -> String {
        let version = self.package.and_then(|package| {
            let file = peers().join("node_modules").join(package).join("package.json");
            let manifest: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
            manifest.get("version")?.as_str().map(str::to_owned)
        });
        match version {
            Some(version) => format!("{} {version}", self.title),
            None => self.title.to_owned(),
        }
    }

    /// What a page downloads for it, in bytes after brotli: of Cuehook what its events cost beside the runtime.
    ///
    /// # Errors
    /// If a file is missing.
    pub fn download(&self) -> Result<usize> {
        let files = match self.package {
            Some(_) => vec![bundles(&workspace::root()).join(format!("{}.js", self.name))],
            None => {
                let mut files = files_in(&workspace::root().join("pkg/dist/outbox"))?;
                // A release has its scripts and its glue in one.
                files.push(workspace::root().join("pkg/outbox/outbox.js"));
                files
            }
        };
        let is_downloaded =
            |file: &PathBuf| file.extension().is_some_and(|ending| ending == "js" || ending == "wasm");
        let mut bytes = 0;
        for file in files.iter().filter(|file| is_downloaded(file)) {
            bytes += size::compressed("brotli", file)?.len();
        }
        Ok(bytes)
    }
}

/// Where the bundles are, below the root.
pub fn bundles(root: &Path) -> PathBuf {
    root.join("target/events/built")
}

/// Bundles the peers, unless nothing has changed since.
///
/// # Errors
/// If esbuild fails.
pub fn bundle() -> Result<()> {
    let root = workspace::root();
    let entries = files_in(&peers().join("entries"))?;
    let mut inputs = vec![read(&peers().join("package-lock.json"))?];
    for entry in &entries {
        inputs.push(read(entry)?);
    }
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    remember(&root.join("target/events"), &inputs, || {
        let mut esbuild = workspace::command(root.join(TOOLS).join("node_modules/.bin/esbuild"));
        esbuild.args(&entries).args(["--bundle", "--minify", "--format=esm", "--log-level=error"]);
        esbuild.arg("--legal-comments=none").arg(format!("--outdir={}", bundles(&root).display()));
        workspace::run(&mut esbuild).context("cannot bundle the peers")
    })
}
