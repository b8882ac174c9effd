//! Builds the npm package into `pkg/`: the hand-written files of `js/`, the module in three builds, and the schema.
//!
//! Each step is left out while its inputs are the same: cargo judges that of the module (see [`module`]), a stamp of
//! what is done to it afterwards (see [`package`]). `pkg/` itself is made to agree each time, whatever was written there
//! meanwhile.

pub mod module;
mod package;

use anyhow::Result;

use crate::setup::{self, Need};
pub use module::Build;

/// Where the generated files go, seen from the root.
pub const OUT: &str = "pkg/dist";

/// How a package is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Quickly, without optimising; functions keep their names.
    Dev,
    /// Optimised by the compiler: needs nothing but Rust.
    Optimised,
}

impl Quality {
    /// What `--dev` asks for.
    pub fn of(dev: bool) -> Self {
        if dev { Quality::Dev } else { Quality::Optimised }
    }

    /// The folder of this quality's files in the target folder.
    fn folder(self) -> &'static str {
        match self {
            Quality::Dev => "dev",
            Quality::Optimised => "optimised",
        }
    }
}

/// Builds the package.
///
/// # Errors
/// If something that is needed cannot be installed, or a step fails.
pub fn run(quality: Quality) -> Result<()> {
    setup::ensure(&Need::BUILD)?;
    let mut stage = package::Stage::open(quality)?;
    for build in Build::ALL {
        let module = module::compile(quality, build)?;
        stage.module(build, &module)?;
    }
    stage.publish()
}
