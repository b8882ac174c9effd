//! The project's own commands: `cargo xtask help` lists them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod build;
mod demo;
mod server;
mod setup;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands. Each one first installs what it needs and this machine lacks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Install everything the other commands need: wasm target, tools in target/tools, browser, node.
    Setup,
    /// Build the npm package's generated half into pkg/dist.
    Build {
        /// Build quickly, without optimising.
        #[arg(long)]
        dev: bool,
    },
    /// Build, then serve the demo pages until Ctrl-C.
    Demo {
        /// The port on 127.0.0.1; 0 takes any free one.
        #[arg(long, default_value_t = demo::DEFAULT_PORT)]
        port: u16,
        /// Build quickly, without optimising.
        #[arg(long)]
        dev: bool,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Setup => setup::ensure(&setup::Need::ALL),
        Verb::Build { dev } => build::run(dev),
        Verb::Demo { port, dev } => demo::run(port, dev),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
