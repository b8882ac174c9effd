//! `cuehook-relay`: see `cuehook-relay help`.

use clap::Parser as _;
use cuehook_relay::cli::{Options, run};
use cuehook_relay::config::Sources;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    run(Options::parse(), Sources::of_process(), &mut std::io::stdout(), &mut std::io::stderr()).await
}
