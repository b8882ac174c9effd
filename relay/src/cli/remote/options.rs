//! What can be written after `webhooks` and `deliveries`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Which relay, with which key.
#[derive(Clone, Debug, Args)]
pub struct RemoteOptions {
    /// The relay.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:8788")]
    pub relay: String,
    /// A file with the API key. Without this: the variable CUEHOOK_RELAY_API_KEY
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// What the relay has said, as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What is to be done with webhooks.
#[derive(Clone, Debug, Subcommand)]
pub enum WebhooksCommand {
    /// Register a webhook. Prints its signing secret, once.
    Add(AddOptions),
    /// List webhooks.
    List {
        /// Only those that are sent events of this type.
        #[arg(long, value_name = "TYPE")]
        event: Option<String>,
    },
    /// Show a webhook, and how it is doing.
    Show {
        /// The webhook.
        id: String,
    },
    /// Change settings of a webhook.
    Update(UpdateOptions),
    /// Remove a webhook. What waits for it is skipped.
    Remove {
        /// The webhook.
        id: String,
    },
    /// Renew the signing secret of a webhook. Prints the new one, once.
    Rotate {
        /// The webhook.
        id: String,
        /// For how many hours the secrets before still sign, too: 0 to 168.
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap_hours: u8,
    },
    /// Send a webhook a sample event, and show what was sent and answered. Fails if the webhook does not take it.
    Test {
        /// The webhook.
        id: String,
        /// The type of the event.
        #[arg(long = "type", value_name = "TYPE", default_value = "lead.captured")]
        kind: String,
        /// The project that it is of.
        #[arg(long)]
        project: Option<String>,
        /// The id of its video.
        #[arg(long)]
        video: Option<String>,
    },
    /// Let a webhook be sent events again.
    Enable {
        /// The webhook.
        id: String,
    },
    /// Let a webhook be sent nothing, until it is enabled.
    Disable {
        /// The webhook.
        id: String,
    },
}

/// A webhook that is registered.
#[derive(Clone, Debug, Args)]
pub struct AddOptions {
    /// Where it is called.
    pub url: String,
    /// Events that it is sent, as a pattern: lead.captured, lead.*, *; can be repeated.
    #[arg(long = "event", value_name = "PATTERN")]
    pub events: Vec<String>,
    /// Its id. Without this the relay makes one.
    #[arg(long)]
    pub id: Option<String>,
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// A file with more settings, as the API takes them: JSON.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// What is changed of a webhook.
#[derive(Clone, Debug, Args)]
pub struct UpdateOptions {
    /// The webhook.
    pub id: String,
    /// Where it is called.
    #[arg(long)]
    pub url: Option<String>,
    /// Events that it is sent, instead of those before; can be repeated.
    #[arg(long = "event", value_name = "PATTERN")]
    pub events: Vec<String>,
    /// Its name.
    #[arg(long)]
    pub name: Option<String>,
    /// Whether it is sent events.
    #[arg(long, value_name = "true|false")]
    pub active: Option<bool>,
    /// A file with more settings, as the API takes them: JSON. What is not in it stays.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// What is to be done with deliveries.
#[derive(Clone, Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// List deliveries, the newest first.
    List {
        /// Which ones.
        #[command(flatten)]
        wanted: Wanted,
        /// So many at most: 1 to 200.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
        /// Those below this one.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
    },
    /// Show a delivery with its event, its attempts, and what would be sent now.
    Show {
        /// The delivery.
        id: String,
    },
    /// Send deliveries that have ended again: one, or all that are found.
    Replay {
        /// The delivery.
        id: Option<String>,
        /// Which ones, instead of one.
        #[command(flatten)]
        wanted: Wanted,
    },
}

/// Which deliveries.
#[derive(Clone, Debug, Default, Args)]
pub struct Wanted {
    /// To this webhook.
    #[arg(long, value_name = "ID")]
    pub webhook: Option<String>,
    /// Of this event.
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
    /// Of events of this type.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Of events of this project.
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
    /// Those that stand like this: pending, delivered, skipped, dead.
    #[arg(long)]
    pub status: Option<String>,
    /// Of events that were taken then or later, such as 2026-11-20T20:07:00Z.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Of events that were taken before then.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

impl Wanted {
    /// As the API names them, those that are given.
    pub fn given(&self) -> Vec<(&'static str, &str)> {
        let Self { webhook, event, kind, project, status, from, to } = self;
        let all = [
            ("webhook", webhook),
            ("event", event),
            ("type", kind),
            ("project", project),
            ("status", status),
            ("from", from),
            ("to", to),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}
