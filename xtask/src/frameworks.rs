//! Bundles the pages that use Cuehook inside React, Vue and Svelte into `target/frameworks/`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::build::package::{files_in, read, remember};
use crate::setup::{self, FRAMEWORKS, Need, TOOLS};
use crate::workspace;

/// Where the bundles are, below the root.
pub fn folder(root: &Path) -> PathBuf {
    root.join("target/frameworks/built")
}

/// Installs the frameworks and bundles their pages, unless nothing has changed since.
///
/// # Errors
/// If something that is needed cannot be installed, or a component does not compile.
pub fn bundle() -> Result<()> {
    setup::ensure(&[Need::Node, Need::Shrinkers, Need::Frameworks])?;
    let root = workspace::root();
    let sources = root.join(FRAMEWORKS);
    let mut inputs = vec![read(&sources.join("build.js"))?, read(&sources.join("package-lock.json"))?];
    for folder in ["components", "entries"] {
        for file in files_in(&sources.join(folder))? {
            inputs.push(read(&file)?);
        }
    }
    let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
    remember(&root.join("target/frameworks"), &inputs, || {
        let mut node = workspace::command("node");
        node.arg(sources.join("build.js"));
        node.arg(root.join(TOOLS).join("node_modules/esbuild/lib/main.js"));
        workspace::run(node.arg(folder(&root)))
    })
}
