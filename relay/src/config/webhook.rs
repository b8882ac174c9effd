//! A webhook's settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook's settings, as they are stored and shown. The values of secret header fields are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Webhook {
    /// Its id, which documents name: letters, digits, `-`, `_` and `.`, at most 64.
    pub id: String,
    /// Its name, which people read.
    pub name: String,
    /// Where it is called.
    pub url: String,
    /// Header fields that are added.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The video waits for the answer.
    #[serde(default)]
    pub wait_for_response: bool,
    /// Which interactions go along.
    #[serde(default)]
    pub include_interactions: IncludeInteractions,
    /// How long a viewer waits at most, retries included, in milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u32,
    /// How often an attempt is repeated that has failed for the moment.
    #[serde(default)]
    pub retries: u8,
    /// The projects that may call it; all if it is empty.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Events that it is sent, as patterns.
    #[serde(default)]
    pub events: Vec<String>,
    /// Of these only events of such videos (`data.video.id`); of all if it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub videos: Vec<String>,
    /// Of these only events for which all filters hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// Of these only events of projects that have asked for it, by `webhooks` in their document.
    #[serde(default, skip_serializing_if = "is_false")]
    pub opt_in: bool,
    /// Origins besides its own to which its secret header fields are sent, if a project has chosen an address there; `*` is all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub override_origins: Vec<String>,
    /// Events of one session are sent in their order, one after the other.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ordered: bool,
    /// With which method it is called.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// How its events look.
    #[serde(default, skip_serializing_if = "is_default")]
    pub format: EventFormat,
    /// The body as its author writes it, for events and for calls; takes precedence over `format`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// How its requests are signed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub signing: Signing,
    /// Whether it is sent events. Players may call it also if it is not.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub active: bool,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub managed_by: ManagedBy,
}

/// What an event has to hold to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
    /// A JSONPath (RFC 9535) into the event, such as `$.data.video.id`. It holds if one of the values that it finds is wanted.
    pub path: String,
    /// The wanted texts: one (`equal`) or several (`in`). Numbers, `true` and `false` are compared by their JSON text.
    pub any_of: Vec<String>,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `POST`.
    #[default]
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`, with a body.
    Delete,
}

/// How events look to a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventFormat {
    /// The canonical form.
    #[default]
    Cuehook,
    /// CloudEvents 1.0, JSON format.
    #[serde(rename = "cloudevents")]
    CloudEvents,
    /// Statements of the Experience API.
    Xapi,
    /// As Hippo Video documents its webhooks.
    Hippo,
    /// As Mindstamp documents its webhooks.
    Mindstamp,
    /// As api.video documents its webhooks.
    ApiVideo,
    /// As Cincopa's page about webhooks shows them.
    Cincopa,
    /// As Amplience documents the webhooks of Dynamic Content.
    DynamicContent,
}

/// A body as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Template {
    /// A template of minijinja.
    pub body: String,
    /// The field `Content-Type` of what it makes. JSON is checked to be JSON.
    #[serde(default = "json_type")]
    pub content_type: String,
}

/// How requests are signed, besides `webhook-signature: v1,…`, which every webhook gets that has a secret for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signing {
    /// `v1a`, too: a signature by ed25519, which can be verified without a secret.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ed25519: bool,
    /// A field that receivers of another system verify. Its secret is a text that the author may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatible: Option<CompatibleSignature>,
}

/// An HMAC over the body's bytes, in a field of the author's choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompatibleSignature {
    /// The name of the field.
    pub header: String,
    /// The hash.
    #[serde(default)]
    pub hash: SignatureHash,
    /// How it is written.
    #[serde(default)]
    pub encoding: SignatureEncoding,
}

/// The hash of an HMAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignatureHash {
    /// SHA-1, for receivers that know nothing else.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How an HMAC is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    /// Hexadecimal, in lower case.
    #[default]
    Hex,
    /// Base64, with padding.
    Base64,
}

/// Who looks after a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ManagedBy {
    /// `relay.toml`.
    #[default]
    File,
    /// The management API.
    Api,
}

impl Method {
    /// As they are written.
    pub const WORDS: [&'static str; 4] = ["POST", "PUT", "PATCH", "DELETE"];
}

impl EventFormat {
    /// As they are written.
    pub const WORDS: [&'static str; 8] =
        ["cuehook", "cloudevents", "xapi", "hippo", "mindstamp", "api-video", "cincopa", "dynamic-content"];
}

impl SignatureHash {
    /// As they are written.
    pub const WORDS: [&'static str; 3] = ["sha1", "sha256", "sha512"];
}

impl SignatureEncoding {
    /// As they are written.
    pub const WORDS: [&'static str; 2] = ["hex", "base64"];
}

impl Default for Webhook {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            url: String::new(),
            headers: Vec::new(),
            wait_for_response: false,
            include_interactions: IncludeInteractions::default(),
            timeout_ms: timeout_ms(),
            retries: 0,
            projects: Vec::new(),
            events: Vec::new(),
            videos: Vec::new(),
            filters: Vec::new(),
            opt_in: false,
            override_origins: Vec::new(),
            ordered: false,
            method: Method::default(),
            format: EventFormat::default(),
            template: None,
            signing: Signing::default(),
            active: true,
            managed_by: ManagedBy::default(),
        }
    }
}

/// A header field that is added to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value; none if it is secret: then it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Which interactions go along with a request, as in the project document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IncludeInteractions {
    /// `"none"` or `"all"`.
    Word(IncludeWord),
    /// Those of some elements.
    Elements(Vec<String>),
    /// As the document says, or its default.
    #[default]
    Unsaid,
}

/// A word for which interactions go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncludeWord {
    /// None.
    None,
    /// All.
    All,
}

fn timeout_ms() -> u32 {
    8_000
}

pub(crate) fn json_type() -> String {
    "application/json".to_owned()
}

fn yes() -> bool {
    true
}

// Serde passes references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_true(value: &bool) -> bool {
    *value
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !*value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
