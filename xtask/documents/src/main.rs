//! What xtask does with project documents: it checks them, and writes their JSON Schema.
//!
//! A package of its own, because it needs the native runtime, which the first `cargo xtask demo` need not wait for.

mod check;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Verb {
    /// Check project documents: every problem with its line and column, and warnings about their templates.
    Check {
        /// The documents.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A webhook's answer, such as one from its log; the variables that templates use are checked against it.
        #[arg(long, value_name = "ANSWER.json")]
        sample: Option<PathBuf>,
    },
    /// Print the JSON Schema of project documents.
    Schema,
}

fn main() -> ExitCode {
    let result = match Verb::parse() {
        Verb::Check { files, sample } => check::run(&files, sample.as_deref()),
        Verb::Schema => print_schema(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_schema() -> Result<()> {
    println!("{}", serde_json::to_string_pretty(&cuehook::project::schema())?);
    Ok(())
}
