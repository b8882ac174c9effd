//! Builds the npm package into `pkg/`: the hand-written files of `js/`, the module in three builds, the outbox in two, and the schema.
//!
//! Each step is left out while its inputs are the same: cargo judges that of the module (see [`module`]), a stamp of
//! what is done to it afterwards (see [`package`]). `pkg/` itself is made to agree each time, whatever was written there
//! meanwhile.

pub mod factory;
pub mod module;
mod names;
mod order;
pub mod package;
mod shrink;

use anyhow::Result;

use crate::setup::{self, Need};
use module::Build;

/// Where the generated files go, seen from the root.
pub const OUT: &str = "pkg/dist";

/// How a package is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Quickly, without optimising; functions keep their names.
    Dev,
    /// Optimised by the compiler: needs nothing but Rust.
    Optimised,
    /// As it is published: what module and glue call in each other has short names, and Node's tools have made all
    /// files smaller, where there is Node.
    Release,
}

impl Quality {
    /// What the flags `--dev` and `--release` ask for.
    pub fn of(dev: bool, release: bool) -> Self {
        match (dev, release) {
            (true, _) => Quality::Dev,
            (false, false) => Quality::Optimised,
            (false, true) => Quality::Release,
        }
    }

    /// The folder of this quality's files in the target folder.
    fn folder(self) -> &'static str {
        match self {
            Quality::Dev => "dev",
            Quality::Optimised => "optimised",
            Quality::Release => "release",
        }
    }
}

/// Builds the package.
///
/// # Errors
/// If something that is needed cannot be installed, or a step fails.
pub fn run(quality: Quality) -> Result<()> {
    let mut stage = modules(quality)?;
    stage.schema()?;
    stage.publish()
}

/// Builds what pages need: the package without the schema, which takes a native build of the runtime.
///
/// # Errors
/// As [`run`].
pub fn for_pages(quality: Quality) -> Result<()> {
    modules(quality)?.publish()
}

fn modules(quality: Quality) -> Result<package::Staging> {
    setup::ensure(&Need::BUILD)?;
    let mut stage = package::Staging::open(quality)?;
    if stage.is_new() {
        eprintln!("Building two modules with different features: the first time about a minute.");
    }
    for build in Build::ALL {
        let module = module::compile(quality, build)?;
        stage.module(build, &module)?;
    }
    Ok(stage)
}
