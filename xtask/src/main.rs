//! The project's own commands: `cargo xtask help` lists them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod bench;
mod build;
mod demo;
mod documents;
mod frameworks;
mod mutants;
mod plain;
mod players;
mod relay;
mod screenshot;
mod server;
mod setup;
mod size;
mod tally;
mod test;
mod webdriver;
mod workspace;

use std::path::PathBuf;
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
    /// Install everything the other commands need: wasm target, tools in target/tools, browsers, node.
    Setup,
    /// Build the npm package into pkg.
    Build {
        /// Build quickly, without optimising; functions keep their names.
        #[arg(long, conflicts_with = "release")]
        dev: bool,
        /// Build what is published: smaller, by means that need Node.
        #[arg(long)]
        release: bool,
    },
    /// Build, then serve the demo pages until Ctrl-C.
    Demo {
        /// The port on 127.0.0.1; 0 takes any free one.
        #[arg(long, default_value_t = demo::DEFAULT_PORT)]
        port: u16,
        /// Build quickly, without optimising.
        #[arg(long)]
        dev: bool,
        /// Start no relay beside the page: all webhooks are called directly.
        #[arg(long)]
        direct: bool,
    },
    /// Check project documents: every problem with its line and column, and warnings about their templates.
    Check {
        /// The documents.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A webhook's answer, such as one from its log; the variables that templates use are checked against it.
        #[arg(long, value_name = "ANSWER.json")]
        sample: Option<PathBuf>,
    },
    /// Test everything; the last line says how much passed and how much failed.
    Test {
        /// Only what needs no browser: form, lints, native tests.
        #[arg(long, conflicts_with = "only")]
        quick: bool,
        /// Also what takes longer: ten times as many schedules of the simulation and kills of the relay, and many more cases
        /// of each property.
        #[arg(long, conflicts_with = "quick")]
        full: bool,
        /// Only this step, and the build if it needs it; may be repeated.
        #[arg(long, value_name = "STEP")]
        only: Vec<test::TestStep>,
        /// Run all tests that need a browser in this one, and no others unless `--only` names them.
        #[arg(long, value_enum, conflicts_with = "quick")]
        browser: Option<webdriver::Engine>,
    },
    /// Measure sizes, and speed: natively and in a browser.
    Bench {
        /// Only sizes: of each file, and of each crate inside the module.
        #[arg(long, conflicts_with = "speed")]
        size: bool,
        /// Only speed.
        #[arg(long)]
        speed: bool,
        /// Only the speed of templates, in a browser.
        #[arg(long, conflicts_with_all = ["size", "speed"])]
        templates: bool,
        /// Only the time from navigation to areas that can be clicked, on a slow device and a slow network.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates"])]
        start: bool,
        /// Only how long answers and templates that want to keep the page busy do keep it, in a browser.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start"])]
        hostile: bool,
        /// Only what a thousand instances leave behind: memory, nodes, listeners.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start", "hostile"])]
        leftovers: bool,
        /// Only the script of each frame while a film plays under 100 elements.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start", "hostile", "leftovers"])]
        frame: bool,
        /// Only what a key costs in a form of 12 fields on a slow device.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start", "hostile", "leftovers", "frame"])]
        form: bool,
        /// Only events: how many are lost when a browser is killed, what one costs, beside other libraries; about an hour.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start", "hostile", "leftovers", "frame", "form"])]
        events: bool,
        /// With `--events`: how often each is killed.
        #[arg(long, default_value_t = 10, requires = "events")]
        kills: u32,
        /// With `--events`: only these sides, such as `cuehook` or `snowplow`.
        #[arg(long, requires = "events")]
        side: Vec<String>,
        /// Only the relay: events a second, what it adds to a call, deliveries, memory; about 25 minutes.
        #[arg(long, conflicts_with_all = ["size", "speed", "templates", "start", "hostile", "leftovers", "frame", "form", "events"])]
        relay: bool,
        /// With `--relay`: only the rows whose names contain this, such as `events sqlite`.
        #[arg(long, requires = "relay", default_value = "", hide_default_value = true)]
        row: String,
        /// With `--relay`: how often each row is measured; the round counts in which other programs took the least time.
        #[arg(long, requires = "relay", default_value_t = 3)]
        rounds: u32,
        /// Measure speed so shortly that the figures mean nothing: only to see that it works.
        #[arg(long, conflicts_with = "size")]
        quick: bool,
    },
    /// Let viewers, a relay and receivers that misbehave go on for minutes, and look whether every event that was recorded has come.
    Soak {
        /// For so many minutes.
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
    /// Change the code at random places and look whether a test notices; takes hours, and goes on where it was stopped.
    Mutants(mutants::MutantOptions),
    /// Bundle the pages of the framework tests, which `demo` serves at /tests/frameworks/react.html and so on then.
    Frameworks,
    /// Bundle the players for their test page, which `demo` serves at /tests/players/page.html?player=plyr then.
    Players,
    /// Take a picture of a page of the demo.
    Screenshot(screenshot::ScreenshotOptions),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Setup => setup::ensure(&setup::Need::ALL),
        Verb::Build { dev, release } => build::run(build::Quality::of(dev, release)),
        Verb::Demo { port, dev, direct } => demo::run(port, dev, direct),
        Verb::Check { files, sample } => documents::check(&files, sample.as_deref()),
        Verb::Test { quick, full, only, browser } => {
            // Its last line has said everything.
            return if test::test(quick, full, &only, browser) {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            };
        }
        Verb::Bench { start: true, quick, .. } => bench::start::run(quick),
        Verb::Bench { hostile: true, quick, .. } => bench::hostile::run(quick),
        Verb::Bench { leftovers: true, quick, .. } => bench::leftovers::run(quick),
        Verb::Bench { frame: true, quick, .. } => bench::frame::run(quick),
        Verb::Bench { events: true, quick, kills, side, .. } => bench::events::run(quick, kills, &side),
        Verb::Bench { relay: true, quick, row, rounds, .. } => bench::relay::run(quick, &row, rounds),
        Verb::Bench { form: true, quick, .. } => bench::form::run(quick),
        Verb::Bench { templates: true, quick, .. } => bench::templates(quick),
        Verb::Bench { size, speed, quick, .. } => bench::run(!speed, !size, quick),
        Verb::Soak { minutes } => test::soak(minutes),
        Verb::Mutants(options) => mutants::run(&options),
        Verb::Frameworks => frameworks::bundle(),
        Verb::Players => players::bundle(),
        Verb::Screenshot(options) => screenshot::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
