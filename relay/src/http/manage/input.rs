//! How a webhook is written in a request.

use super::known::Known;
use super::read::{Body, read_value, whole, wrong};
use super::view::WebhookView;
use crate::config::rules::{self, GivenSecrets, RuleFault};
use crate::config::webhook::json_type;
use crate::config::{
    EventFormat, FaultCode, Filter, Header, IncludeInteractions, ManagedBy, Method, Signing, Template,
    Webhook,
};
use crate::http::fault::Fault;
use crate::token::ApiKey;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A webhook as it is written. What is left out is as by default, or stays as it is; what is null is as by default.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookChange {
    /// Its id, which documents name: letters, digits, `-`, `_` and `.`. Without this the relay makes one. It cannot be changed.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-][A-Za-z0-9_.-]*$")]
    id: Option<String>,
    /// Where it is called: `https`, or `http` to addresses that `network.allow` has.
    #[schema(min_length = 1, max_length = 2048, example = "https://shop.example/hooks/leads")]
    url: Option<String>,
    /// Its name, for people. Without this: its id.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The same as `name`; one of the two.
    #[schema(min_length = 1, max_length = 200)]
    label: Option<String>,
    /// Events that it is sent, as patterns: `lead.captured`, `lead.*`, `*`.
    #[schema(max_items = 100, example = json!(["lead.captured", "view.*"]))]
    events: Option<Vec<String>>,
    /// Header fields that the relay adds.
    #[schema(max_items = 16)]
    headers: Option<Vec<HeaderChange>>,
    /// The video waits for the answer of a call.
    wait_for_response: Option<bool>,
    /// Which interactions go along with a call.
    #[schema(schema_with = super::view::include_schema)]
    include_interactions: Option<IncludeInteractions>,
    /// How long a call may take, in milliseconds.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 500, maximum = 60_000)]
    timeout_ms: Option<u32>,
    /// How often a failed attempt of a call is repeated.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 0, maximum = 5)]
    retries: Option<u8>,
    /// The projects that may call it, and whose events it is sent; all if there are none.
    #[schema(max_items = 1000)]
    projects: Option<Vec<String>>,
    /// Of its events only those of such videos.
    #[schema(max_items = 1000)]
    videos: Option<Vec<String>>,
    /// Of its events only those for which all of these hold.
    #[schema(max_items = 16)]
    filters: Option<Vec<FilterChange>>,
    /// Of its events only those of projects that have asked for it.
    opt_in: Option<bool>,
    /// Origins besides its own to which its secret header fields are sent, if a project has chosen an address there; `*` is all of them.
    #[schema(max_items = 100, example = json!(["https://crm.example"]))]
    override_origins: Option<Vec<String>>,
    /// Events of one session are sent one after the other.
    ordered: Option<bool>,
    /// With which method it is called.
    method: Option<Method>,
    /// How its events look.
    format: Option<EventFormat>,
    /// The body as its receiver wants it.
    template: Option<TemplateChange>,
    /// Which signatures its requests have besides `v1`.
    signing: Option<Signing>,
    /// The text under which the compatible signature is made. It never comes back.
    #[schema(min_length = 1, max_length = 1024)]
    compatible_secret: Option<String>,
    /// Whether it is sent events.
    active: Option<bool>,
}

impl Body for WebhookChange {
    const OBJECTS: &'static [&'static [&'static str]] =
        &[&["headers", "*"], &["filters", "*"], &["template"], &["signing"], &["signing", "compatible"]];
}

/// A header field as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderChange {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Its value. Null, of a secret one, keeps the one that there is, for as long as it is sent to the same origins.
    #[schema(min_length = 1, max_length = 8192)]
    value: Option<String>,
    /// The value is sealed, and never comes back.
    secret: Option<bool>,
}

/// A filter as it is written: with `equal` or with `in`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterChange {
    /// A JSONPath (RFC 9535) into the event.
    #[schema(min_length = 1, max_length = 256)]
    path: String,
    /// The wanted text.
    equal: Option<String>,
    /// Several wanted texts.
    #[serde(rename = "in")]
    #[schema(min_items = 1, max_items = 100)]
    any_of: Option<Vec<String>>,
}

/// A template as it is written.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateChange {
    /// A template of minijinja.
    #[schema(max_length = 16_384)]
    body: String,
    /// The field `Content-Type`.
    #[serde(default = "json_type")]
    #[schema(max_length = 200)]
    content_type: String,
}

/// A webhook that was read and checked.
#[derive(Debug)]
pub(super) struct Checked {
    /// Its settings.
    pub webhook: Webhook,
    /// The values of its secret header fields.
    pub headers: Vec<(String, SecretString)>,
    /// The text of its compatible signature, if there is one.
    pub compatible: Option<SecretString>,
}

/// What a webhook is when a request has changed it: members of the body replace those that there are.
pub(super) fn merged(known: &Known, body: Value) -> Result<WebhookChange, Fault> {
    // Before it is merged, so that faults of the request are told as such.
    let Value::Object(body) = body else { return read_value(body) };
    let Ok(Value::Object(shown)) = serde_json::to_value(WebhookView::settings_of(&known.webhook)) else {
        return Err(Fault::unavailable("the relay has made a mistake"));
    };
    let mut merged: Map<String, Value> = shown;
    if body.contains_key("label") {
        merged.remove("name");
    }
    merged.extend(body);
    read_value(Value::Object(merged))
}

impl WebhookChange {
    /// Checks it. `known` is what there is already, and `id` what it is called if it does not say so itself.
    pub(super) fn check(
        self,
        known: Option<&Known>,
        id: String,
        key: &ApiKey,
        allow: &[IpNet],
    ) -> Result<Checked, Fault> {
        let mut faults = Vec::new();
        let mut say = |path: &str, code, message: String| {
            faults.push(RuleFault { path: path.to_owned(), code, message });
        };
        let id = match (self.id, known) {
            (Some(own), Some(_)) if own != id => {
                say("id", FaultCode::WrongValue, "an id stays as it is; register another webhook".into());
                id
            }
            (own, _) => own.unwrap_or(id),
        };
        if self.url.is_none() {
            say("url", FaultCode::MissingKey, "`url` is missing".into());
        }
        if self.name.is_some() && self.label.is_some() {
            say("label", FaultCode::Duplicate, "`name` and `label` are the same; write one of them".into());
        }
        let mut secrets = GivenSecrets::default();
        let mut headers = Vec::new();
        let (url, override_origins) =
            (self.url.unwrap_or_default(), self.override_origins.unwrap_or_default());
        // Whoever may change a webhook is not thereby told its secrets, by having them sent to an address of their own.
        let stays = known.is_none_or(|known| known.webhook.trusts_all(&url, &override_origins));
        for (index, header) in self.headers.unwrap_or_default().into_iter().enumerate() {
            let HeaderChange { name, value, secret } = header;
            let is_secret = secret.unwrap_or_default();
            let value = match value {
                None if is_secret && stays => known.and_then(|known| kept(known, &name)),
                value => value.map(SecretString::from),
            };
            let Some(value) = value else {
                let message = if stays {
                    "`value` is missing, and none is known that could be kept"
                } else {
                    "`value` is missing; secrets are kept for the origins they were given for, and `url` or `overrideOrigins` names \
                     another one: write the value again, or leave the field out"
                };
                say(&format!("headers[{index}].value"), FaultCode::MissingKey, message.into());
                continue;
            };
            let shown = secrecy::ExposeSecret::expose_secret(&value).to_owned();
            headers.push(Header { name: name.clone(), value: (!is_secret).then_some(shown) });
            if is_secret {
                secrets.headers.push((name, value));
            }
        }
        let mut filters = Vec::new();
        for (index, filter) in self.filters.unwrap_or_default().into_iter().enumerate() {
            let FilterChange { path, equal, any_of } = filter;
            if equal.is_some() == any_of.is_some() {
                let message = "write either `equal` or `in`";
                say(&format!("filters[{index}]"), FaultCode::MissingKey, message.into());
                continue;
            }
            let any_of = any_of.unwrap_or_else(|| equal.into_iter().collect());
            filters.push(Filter { path, any_of });
        }
        let mut projects = self.projects.unwrap_or_default();
        if let Some(own) = &key.project {
            if projects.is_empty() && known.is_none() {
                projects.push(own.clone());
            }
            if projects.as_slice() != std::slice::from_ref(own) {
                let message = format!("the API key `{}` is for one project alone: write this one", key.name);
                say("projects", FaultCode::WrongValue, message);
            }
        }
        let signing = self.signing.unwrap_or_default();
        let given = self.compatible_secret.map(SecretString::from);
        let old = || known.and_then(|known| known.secrets.compatible.as_ref()).map(|old| old.text().clone());
        let webhook = Webhook {
            name: self.name.or(self.label).unwrap_or_else(|| id.clone()),
            id,
            url,
            headers,
            wait_for_response: self.wait_for_response.unwrap_or_default(),
            include_interactions: self.include_interactions.unwrap_or_default(),
            timeout_ms: self.timeout_ms.unwrap_or(8_000),
            retries: self.retries.unwrap_or(2),
            projects,
            events: self.events.unwrap_or_default(),
            videos: self.videos.unwrap_or_default(),
            filters,
            opt_in: self.opt_in.unwrap_or_default(),
            override_origins,
            ordered: self.ordered.unwrap_or_default(),
            method: self.method.unwrap_or_default(),
            format: self.format.unwrap_or_default(),
            template: self
                .template
                .map(|TemplateChange { body, content_type }| Template { body, content_type }),
            signing,
            active: self.active.unwrap_or(true),
            managed_by: ManagedBy::Api,
        };
        secrets.compatible = given.or_else(|| old().filter(|_| rules::is_signed_compatibly(&webhook)));
        let found = rules::check(&webhook, &secrets, allow);
        let is_new = |fault: &RuleFault| !faults.iter().any(|told| told.path == fault.path);
        let found: Vec<RuleFault> = found.into_iter().filter(is_new).collect();
        faults.extend(found);
        match Fault::invalid(faults) {
            Some(fault) => Err(fault),
            None => Ok(Checked { webhook, headers: secrets.headers, compatible: secrets.compatible }),
        }
    }
}

/// The value that a header field has.
fn kept(known: &Known, name: &str) -> Option<SecretString> {
    let sealed = known.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let plain = known.webhook.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let sealed = sealed.map(|(_, value)| value.clone());
    sealed.or_else(|| plain?.value.as_deref().map(SecretString::from))
}

/// That something is not what it has to be, where no rule says so.
pub(super) fn refuse(path: &str, message: impl Into<String>) -> Fault {
    wrong(path, FaultCode::WrongValue, message)
}
