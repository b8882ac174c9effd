//! How webhooks are shown. Secret values are not among what is shown.

use super::known::Known;
use super::time;
use crate::config::{
    EventFormat, Filter, IncludeInteractions, ManagedBy, Method, Signing, Template, Webhook,
};
use crate::store::{UnixMs, WebhookHealth};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    #[serde(flatten)]
    settings: WebhookSettings,
    /// Who looks after it: `relay.toml` or this API.
    managed_by: ManagedBy,
    /// With which receivers verify `v1a`: `whpk_…`; null if it is not signed like that.
    public_key: Option<String>,
    /// The secrets of `v1`, the newest first.
    secrets: Vec<SecretView>,
    /// When it was changed last.
    updated_at: String,
    /// How it is doing.
    health: HealthView,
    /// The signing secret, `whsec_…`: once, when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// What was written of a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSettings {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Where it is called.
    url: String,
    /// Header fields that the relay adds.
    headers: Vec<HeaderView>,
    /// The video waits for the answer of a call.
    wait_for_response: bool,
    /// Which interactions go along with a call; null: as the document says.
    #[schema(schema_with = include_schema)]
    include_interactions: IncludeInteractions,
    /// How long a call may take, in milliseconds.
    timeout_ms: u32,
    /// How often a failed attempt of a call is repeated.
    retries: u8,
    /// The projects that may call it, and whose events it is sent; all if there are none.
    projects: Vec<String>,
    /// Events that it is sent, as patterns.
    events: Vec<String>,
    /// Of these only those of such videos.
    videos: Vec<String>,
    /// Of these only those for which all of these hold.
    filters: Vec<FilterView>,
    /// Of these only those of projects that have asked for it.
    opt_in: bool,
    /// Origins besides its own to which its secret header fields are sent, if a project has chosen an address there.
    override_origins: Vec<String>,
    /// Events of one session are sent one after the other.
    ordered: bool,
    /// With which method it is called.
    method: Method,
    /// How its events look.
    format: EventFormat,
    /// The body as its receiver wants it.
    template: Option<Template>,
    /// Which signatures its requests have besides `v1`.
    signing: Signing,
    /// Whether it is sent events.
    active: bool,
}

/// A header field.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeaderView {
    /// Its name.
    name: String,
    /// Its value; null if it is secret.
    value: Option<String>,
    /// Whether it is secret.
    secret: bool,
}

/// A filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterView {
    /// A JSONPath into the event.
    path: String,
    /// The wanted texts.
    #[serde(rename = "in")]
    any_of: Vec<String>,
}

/// A secret, but for itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretView {
    /// Since when it signs; null if that is not known.
    created_at: Option<String>,
    /// Until when; null: until it is rotated.
    until: Option<String>,
}

/// How a webhook is doing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthView {
    /// In one word.
    status: Standing,
    /// Since when every attempt has failed.
    failing_since: Option<String>,
    /// What went wrong last.
    fault: Option<String>,
    /// When it was disabled.
    disabled_at: Option<String>,
    /// Why.
    disabled_reason: Option<String>,
}

/// How a webhook is doing, in one word.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It takes what it is sent, as far as is known.
    Ok,
    /// Attempts fail.
    Failing,
    /// It is not sent anything.
    Disabled,
}

/// A page of webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookPage {
    /// The webhooks, by id.
    pub webhooks: Vec<WebhookView>,
    /// The `after` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl WebhookView {
    /// A webhook as it is shown. `secret` is one that was made just now.
    pub(super) fn of(known: &Known, health: &WebhookHealth, secret: Option<String>) -> Self {
        let ring = known.secrets.standard.all().iter();
        let secrets = ring.map(|ringed| SecretView {
            created_at: Some(ringed.created).filter(|created| *created > 0).map(time),
            until: ringed.until.map(time),
        });
        let newest = known.secrets.ed25519.all().first();
        Self {
            settings: Self::settings_of(&known.webhook),
            managed_by: known.webhook.managed_by,
            public_key: newest.filter(|_| known.webhook.signing.ed25519).map(|ringed| ringed.key.public()),
            secrets: secrets.collect(),
            updated_at: time(known.stored.updated_at),
            health: HealthView::of(health),
            secret,
        }
    }

    /// What of it was written.
    pub(super) fn settings_of(webhook: &Webhook) -> WebhookSettings {
        let webhook = webhook.clone();
        let headers = webhook.headers.into_iter().map(|header| HeaderView {
            secret: header.value.is_none(),
            name: header.name,
            value: header.value,
        });
        let filters = webhook.filters.into_iter().map(|Filter { path, any_of }| FilterView { path, any_of });
        WebhookSettings {
            id: webhook.id,
            name: webhook.name,
            url: webhook.url,
            headers: headers.collect(),
            wait_for_response: webhook.wait_for_response,
            include_interactions: webhook.include_interactions,
            timeout_ms: webhook.timeout_ms,
            retries: webhook.retries,
            projects: webhook.projects,
            events: webhook.events,
            videos: webhook.videos,
            filters: filters.collect(),
            opt_in: webhook.opt_in,
            override_origins: webhook.override_origins,
            ordered: webhook.ordered,
            method: webhook.method,
            format: webhook.format,
            template: webhook.template,
            signing: webhook.signing,
            active: webhook.active,
        }
    }
}

impl HealthView {
    fn of(health: &WebhookHealth) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let at = |at: Option<UnixMs>| at.map(time);
        let status = match (health.disabled_at, health.failing_since) {
            (Some(_), _) => Standing::Disabled,
            (None, Some(_)) => Standing::Failing,
            (None, None) => Standing::Ok,
        };
        Self {
            status,
            failing_since: at(health.failing_since),
            fault: text(&health.fault),
            disabled_at: at(health.disabled_at),
            disabled_reason: text(&health.disabled_reason),
        }
    }
}

/// `"none"`, `"all"`, ids of elements, or null.
pub(super) fn include_schema() -> Schema {
    let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["none", "all"]));
    let ids = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::String)).max_items(Some(1000));
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().item(words).item(ids).item(null).build().into()
}
