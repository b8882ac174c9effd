//! API keys of servers: shown once, kept as a hash.

use crate::secrets::{KeyFault, hex};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

/// Longer ones are not looked at. Ours have 51 bytes.
const MAX_KEY: usize = 256;
/// So that whoever finds a key knows what it is for, and scanners for leaked keys can find it.
const PREFIX: &str = "cuehook_";

/// What an API key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `events:write`: to send events.
    EventsWrite,
    /// `events:read`: to read events and how many there are.
    EventsRead,
    /// `metrics:read`: to read metrics.
    MetricsRead,
    /// `webhooks:read`: to see webhooks.
    WebhooksRead,
    /// `webhooks:write`: to register, change, test and remove webhooks.
    WebhooksWrite,
    /// `deliveries:read`: to see deliveries with their events.
    DeliveriesRead,
    /// `deliveries:write`: to send deliveries again.
    DeliveriesWrite,
    /// `projects:read`: to see projects.
    ProjectsRead,
    /// `projects:write`: to write projects.
    ProjectsWrite,
    /// `editions:read`: to see editions.
    EditionsRead,
    /// `editions:write`: to write and schedule editions.
    EditionsWrite,
    /// `audit:read`: to see who has changed what.
    AuditRead,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::EventsWrite,
        Self::EventsRead,
        Self::MetricsRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::DeliveriesRead,
        Self::DeliveriesWrite,
        Self::ProjectsRead,
        Self::ProjectsWrite,
        Self::EditionsRead,
        Self::EditionsWrite,
        Self::AuditRead,
    ];
    /// How they are written, in the same order.
    pub const WORDS: [&'static str; 12] = [
        "events:write",
        "events:read",
        "metrics:read",
        "webhooks:read",
        "webhooks:write",
        "deliveries:read",
        "deliveries:write",
        "projects:read",
        "projects:write",
        "editions:read",
        "editions:write",
        "audit:read",
    ];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventsWrite => "events:write",
            Self::EventsRead => "events:read",
            Self::MetricsRead => "metrics:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::DeliveriesRead => "deliveries:read",
            Self::DeliveriesWrite => "deliveries:write",
            Self::ProjectsRead => "projects:read",
            Self::ProjectsWrite => "projects:write",
            Self::EditionsRead => "editions:read",
            Self::EditionsWrite => "editions:write",
            Self::AuditRead => "audit:read",
        }
    }

    /// The one that is written like this.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// An API key that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name, for people.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// The project for which it does; none for all, and for events of none.
    pub project: Option<String>,
}

impl ApiKey {
    /// Whether it allows this.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// An API key as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApiKey {
    /// Its name and what it allows.
    pub key: ApiKey,
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
}

/// All API keys that are configured.
#[derive(Clone, Debug, Default)]
pub struct ApiKeys {
    keys: Vec<StoredApiKey>,
}

impl ApiKeys {
    /// These ones.
    pub fn new(keys: Vec<StoredApiKey>) -> Self {
        Self { keys }
    }

    /// Whose key it is. Takes the same time whichever it is, and whether it is any.
    pub fn verify(&self, key: &str) -> Option<ApiKey> {
        if key.len() > MAX_KEY {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(key).into();
        let (mut found, mut place) = (Choice::from(0), 0_u32);
        for (index, known) in (0_u32..).zip(&self.keys) {
            let same = known.hash.ct_eq(&hash);
            place.conditional_assign(&index, same);
            found |= same;
        }
        let known = usize::try_from(place).ok().and_then(|place| self.keys.get(place));
        known.filter(|_| found.into()).map(|known| known.key.clone())
    }

    /// The configured keys.
    pub fn iter(&self) -> impl Iterator<Item = &StoredApiKey> {
        self.keys.iter()
    }
}

/// A key that was made just now.
#[derive(Debug)]
pub struct NewApiKey {
    /// Its text, which is shown once.
    pub text: SecretString,
    /// What is kept of it.
    pub hash: [u8; 32],
}

impl NewApiKey {
    /// Makes a random one.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn generate() -> Result<Self, KeyFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| KeyFault::Random)?;
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        let text = SecretString::from([PREFIX, encoded.as_str()].concat());
        let hash = Sha256::digest(text.expose_secret()).into();
        Ok(Self { text, hash })
    }

    /// The hash as it is configured: `sha256:` and 64 hexadecimal digits.
    pub fn hash_text(&self) -> String {
        format!("sha256:{}", hex(&self.hash))
    }
}
