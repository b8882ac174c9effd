//! What can be written after `cuehook-relay`.

use super::remote::{DeliveriesCommand, RemoteOptions, WebhooksCommand};
use crate::config::Sources;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Keeps secrets out of browsers, calls webhooks for players, and stores events before it says that it has them.
#[derive(Clone, Debug, Parser)]
#[command(name = "cuehook-relay", version)]
pub struct Options {
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
    /// The configuration. Without this: ./relay.toml, if there is one [environment: CUEHOOK_RELAY_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where everything is kept: sqlite:PATH, postgres://…, or memory [environment: CUEHOOK_RELAY_DATABASE]
    #[arg(long, global = true, value_name = "DATABASE")]
    pub database: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve players and servers until it is told to end.
    ///
    /// Needs no configuration on this machine: it listens on 127.0.0.1:8788, keeps everything in ./cuehook-relay.db, and
    /// makes a master key in ./cuehook-relay.key. The webhooks of the configuration replace those in the database.
    Serve {
        /// How it listens.
        #[command(flatten)]
        listen: ListenOptions,
        /// Seal secrets anew which no configured master key opens: for a master key that was lost.
        #[arg(long)]
        replace_sealed: bool,
    },
    /// Say what is wrong in the configuration, or what would be served. Changes nothing.
    Check,
    /// Make a token for a player, to try something out. In production your own server makes them.
    Token(TokenOptions),
    /// Make an API key for a server, or another random key.
    ///
    /// An API key is shown once; the configuration holds its hash.
    Key(KeyOptions),
    /// Seal all secrets in the database under the first master key, so that the others can go.
    ///
    /// Can be repeated at any time. With PostgreSQL relays may run meanwhile; with SQLite the relay has to be stopped.
    Rotate,
    /// Copy the SQLite database to a new file. The relay may run meanwhile.
    Backup {
        /// The new file.
        path: PathBuf,
    },
    /// Manage the webhooks of a relay that runs, with an API key.
    Webhooks {
        /// What is to be done.
        #[command(subcommand)]
        command: WebhooksCommand,
        /// Which relay.
        #[command(flatten)]
        remote: RemoteOptions,
    },
    /// Look at the deliveries of a relay that runs, and send them again, with an API key.
    Deliveries {
        /// What is to be done.
        #[command(subcommand)]
        command: DeliveriesCommand,
        /// Which relay.
        #[command(flatten)]
        remote: RemoteOptions,
    },
}

/// How a relay listens.
#[derive(Clone, Debug, Default, Args)]
pub struct ListenOptions {
    /// Address and port [environment: CUEHOOK_RELAY_LISTEN] [default: 127.0.0.1:8788]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// A page's origin that may use the relay; can be repeated [environment: CUEHOOK_RELAY_PLAYERS_ORIGINS]
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
}

/// For whom a token is.
#[derive(Clone, Debug, Args)]
pub struct TokenOptions {
    /// The project that the player plays.
    #[arg(long)]
    pub project: String,
    /// The origin of the page, such as https://shop.example.
    #[arg(long)]
    pub origin: String,
    /// How long it holds; 1440 at most.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub minutes: u32,
}

/// Which key.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
pub struct KeyOptions {
    /// The name of an API key.
    #[arg(conflicts_with_all = ["master", "players"])]
    pub name: Option<String>,
    /// What the API key allows, such as events:read or webhooks:write; can be repeated. Without this: events:write.
    #[arg(long = "scope", value_name = "SCOPE", requires = "name")]
    pub scopes: Vec<String>,
    /// A master key instead, for `masterKeys`.
    #[arg(long, conflicts_with = "players")]
    pub master: bool,
    /// A key for player tokens instead, for `players.keys` and your own server.
    #[arg(long)]
    pub players: bool,
}

impl Options {
    /// Where the configuration comes from, with these options.
    pub fn sources(&self, sources: Sources) -> Sources {
        let (listen, replace_sealed) = match &self.command {
            Command::Serve { listen, replace_sealed } => (listen.clone(), *replace_sealed),
            _ => (ListenOptions::default(), false),
        };
        Sources {
            file: self.config.clone().or(sources.file),
            listen: listen.listen,
            database: self.database.clone(),
            origins: listen.origins,
            replace_sealed,
            // Looking at something, or copying it, makes no keys.
            dry: matches!(self.command, Command::Check | Command::Backup { .. }),
            ..sources
        }
    }
}
