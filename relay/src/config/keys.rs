//! The keys of `relay.toml`: names, bounds, defaults.

/// A key that can also be given by the environment: `limits.callBytes` is `CUEHOOK_RELAY_LIMITS_CALL_BYTES`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Where it is in the file.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number: the least, the most, and the one that it is unless it is said.
    Number(u32, u32, u32),
    /// Texts; in the environment with commas between.
    List,
    /// Whole numbers: the least, the most, and how many at most; in the environment with commas between.
    Numbers(u32, u32, usize),
}

/// Every key but those of webhooks and API keys.
pub const KEYS: &[Key] = &[
    Key { path: "listen", kind: Kind::Text },
    Key { path: "database", kind: Kind::Text },
    Key { path: "masterKeys", kind: Kind::List },
    Key { path: "players.origins", kind: Kind::List },
    Key { path: "players.keys", kind: Kind::List },
    Key { path: "limits.connections", kind: Kind::Number(1, 100_000, 1024) },
    Key { path: "limits.callsAtOnce", kind: Kind::Number(1, 100_000, 256) },
    Key { path: "limits.requestsPerSecond", kind: Kind::Number(1, 100_000, 200) },
    Key { path: "limits.bytesPerSecond", kind: Kind::Number(1024, 104_857_600, 4_194_304) },
    Key { path: "limits.callBytes", kind: Kind::Number(1024, 16_777_216, 5_242_880) },
    Key { path: "limits.eventsBytes", kind: Kind::Number(1024, 67_108_864, 1_048_576) },
    Key { path: "limits.eventsPerRequest", kind: Kind::Number(1, 10_000, 500) },
    Key { path: "limits.budgetMs", kind: Kind::Number(500, 60_000, 30_000) },
    Key { path: "limits.drainMs", kind: Kind::Number(0, 300_000, 20_000) },
    Key { path: "delivery.perWebhook", kind: Kind::Number(1, 1_000, 10) },
    Key { path: "delivery.atOnce", kind: Kind::Number(16, 10_000, 1024) },
    Key { path: "delivery.timeoutMs", kind: Kind::Number(1_000, 120_000, 30_000) },
    Key { path: "delivery.disableAfterHours", kind: Kind::Number(1, 8_760, 120) },
    Key { path: "delivery.retrySeconds", kind: Kind::Numbers(1, 604_800, 50) },
    Key { path: "network.allow", kind: Kind::List },
    Key { path: "network.proxies", kind: Kind::List },
    Key { path: "retention.callsHours", kind: Kind::Number(1, 8760, 24) },
    Key { path: "retention.eventsDays", kind: Kind::Number(1, 3650, 30) },
    Key { path: "retention.idsDays", kind: Kind::Number(1, 365, 8) },
];

/// The keys of `[[webhook]]`.
pub const WEBHOOK_KEYS: [&str; 22] = [
    "id",
    "name",
    "url",
    "headers",
    "waitForResponse",
    "includeInteractions",
    "timeoutMs",
    "retries",
    "projects",
    "events",
    "videos",
    "filters",
    "optIn",
    "overrideOrigins",
    "ordered",
    "method",
    "format",
    "template",
    "signing",
    "signingSecret",
    "compatibleSecret",
    "active",
];

/// The keys of `[[webhook.filters]]`.
pub const FILTER_KEYS: [&str; 3] = ["path", "equal", "in"];

/// The keys of `[webhook.template]`.
pub const TEMPLATE_KEYS: [&str; 2] = ["body", "contentType"];

/// The keys of `[webhook.signing]`.
pub const SIGNING_KEYS: [&str; 2] = ["ed25519", "compatible"];

/// The keys of `[webhook.signing.compatible]`.
pub const COMPATIBLE_KEYS: [&str; 3] = ["header", "hash", "encoding"];

/// The keys of `[[webhook.headers]]`.
pub const HEADER_KEYS: [&str; 3] = ["name", "value", "secret"];

/// The keys of `[[apiKey]]`.
pub const API_KEY_KEYS: [&str; 4] = ["name", "hash", "scopes", "project"];

/// The variable of the environment for a key: words in capitals, `_` between.
pub fn variable(path: &str) -> String {
    let mut name = String::from("CUEHOOK_RELAY_");
    for character in path.chars() {
        match character {
            '.' => name.push('_'),
            upper if upper.is_ascii_uppercase() => name.extend(['_', upper]),
            other => name.push(other.to_ascii_uppercase()),
        }
    }
    name
}

/// The known name that somebody wanted to write: also one in other spelling conventions.
pub fn nearest<'n>(found: &str, known: &[&'n str]) -> Option<&'n str> {
    let plain: String = found.chars().take(200).filter(|character| !matches!(character, '_' | '-')).collect();
    cuehook_protocol::nearest(found, known).or_else(|| cuehook_protocol::nearest(&plain, known))
}
