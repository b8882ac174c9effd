//! Reads webhooks.

use super::events;
use super::fields::Fields;
use super::reader::{Reader, Reference};
use super::values::{RETRIES, TIMEOUT, header_name_fault, variable_name, webhook_url_fault};
use super::{MOST_REFERENCES, MOST_VARIABLES, id};
use crate::diagnostic::{DiagnosticKind, EXPLAINS};
use crate::json::Json;
use crate::project::{Header, Include, IncludeContext, PageAddress, Subscribed, Webhook, WhileRunning};
use crate::protocol::{header_value_fault, is_relay_id};

const MOST_HEADERS: usize = 50;
const URL: &str = "the URL to POST to";
const RELAY: &str =
    "the id by which the relay knows the webhook: at most 64 letters, digits, `-`, `_` and `.`";
const HEADER: &str = "an object with `name` and `value`";

/// Reads the webhook at place `number`. What could not be read is empty: a document with problems is never used.
pub(super) fn webhook<'d>(reader: &mut Reader<'d>, value: &'d Json, number: usize) -> Webhook {
    let mut fields = Fields::new(reader, value, "a webhook, which is an object");
    let id = id(&mut fields, Reference::Webhook, number);
    let name = fields.text("name").map(str::to_owned);
    let relay = fields.optional("relay", |reader, value| {
        let id = value.as_str().filter(|id| is_relay_id(id));
        if id.is_none() {
            reader.wrong(value, RELAY);
        }
        id
    });
    let is_elsewhere = fields.has("relay") || fields.reader.has_defaults;
    let url = if is_elsewhere { fields.text("url") } else { fields.required_text("url", URL) };
    if let Some(fault) = url.and_then(webhook_url_fault) {
        fields.problem("url", fault);
    }
    let headers = fields.optional("headers", headers).unwrap_or_default();
    let wait_for_response = fields.flag("waitForResponse");
    let include_interactions = fields.optional("includeInteractions", include);
    let include_context = fields.optional("includeContext", include_context).unwrap_or_default();
    let page = fields.choice("page", &PageAddress::WORDS).and_then(PageAddress::at).unwrap_or_default();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let timeout_ms = fields.number("timeoutMs", &TIMEOUT).map_or(8000, |number| number as u32);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let retries = fields.number("retries", &RETRIES).map_or(2, |number| number as u8);
    let while_running = fields.choice("whileRunning", &WhileRunning::WORDS);
    let while_running = while_running.and_then(WhileRunning::at).unwrap_or_default();
    let simple = fields.boolean("simple", false);
    if simple && !headers.is_empty() {
        let message = "`simple` avoids the browser's CORS preflight, which any header of your own brings back; \
                       take out the headers or `simple`";
        fields.problem("headers", message);
    }
    let survive = fields.boolean("survive", false);
    if relay.is_some() {
        relayed(&mut fields);
    }
    if EXPLAINS {
        events::webhook(&mut fields, simple);
    } else {
        fields.accept(&["events", "format", "batch", "enabled"]);
    }
    fields.finish();
    Webhook {
        id,
        name,
        url: url.unwrap_or_default().to_owned(),
        relay: relay.map(str::to_owned),
        headers,
        wait_for_response,
        include_interactions,
        include_context,
        page,
        timeout_ms,
        retries,
        while_running,
        simple,
        survive,
        events: subscribed(value),
    }
}

/// Says what a webhook with a relay must not have: what is the relay's to say.
fn relayed(fields: &mut Fields<'_, '_>) {
    for name in ["url", "headers", "simple", "retries", "format", "batch"] {
        if fields.has(name) {
            fields.problem(name, if EXPLAINS { remedy(name) } else { "" });
        }
    }
}

/// What to write instead of a field that a webhook with a relay must not have.
fn remedy(name: &str) -> &'static str {
    match name {
        "url" => "a webhook has either `url` or `relay`; take one of them out",
        "headers" => {
            "the relay adds header fields, so that nobody sees them; write them in its configuration, and take them out here"
        }
        "simple" => "a relay's requests have header fields of their own; take out `simple`",
        "retries" => {
            "the relay decides how often it tries; write `retries` in its configuration, and take it out here"
        }
        _ => {
            "a relay is sent events in a form of its own, several at a time; what the webhook is sent is in the relay's \
             configuration"
        }
    }
}

/// Whether a webhook is sent events. Whether they are well described is not looked at here.
fn subscribed(webhook: &Json) -> Subscribed {
    let is_off = matches!(webhook.get("enabled"), Some(Json::Bool(false)));
    match webhook.get("events").and_then(|events| events.item(0)) {
        Some(_) if !is_off => match webhook.get("format").and_then(Json::as_str) {
            None | Some("cuehook" | "cloudevents") => Subscribed::Yes,
            Some(_) => Subscribed::Foreign,
        },
        _ => Subscribed::No,
    }
}

fn headers<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Vec<Header>> {
    let mut headers: Vec<Header> = Vec::new();
    for (number, item) in reader.list(value, MOST_HEADERS, "a list of headers").iter().enumerate() {
        reader.enter_item(number);
        let mut fields = Fields::new(reader, item, HEADER);
        let name = fields.required("name", "the name of the header", |reader, value| {
            let name = reader.text(value, "the name of the header")?;
            if let Some(fault) = header_name_fault(name) {
                reader.problem(fault);
            } else if headers.iter().any(|header| header.name.eq_ignore_ascii_case(name)) {
                let message = "a header of this name is there already; letter case makes no difference";
                reader.report(DiagnosticKind::DuplicateId, message);
            }
            Some(name.to_owned())
        });
        let value = fields.required("value", "a text", |reader, value| {
            let Some(text) = value.as_str() else {
                reader.wrong(value, "a text");
                return None;
            };
            if let Some(fault) = header_value_fault(text) {
                reader.problem(fault);
            }
            Some(text.to_owned())
        });
        fields.finish();
        if let (Some(name), Some(value)) = (name, value) {
            headers.push(Header { name, value });
        }
        reader.leave();
    }
    Some(headers)
}

/// Reads what `includeInteractions` says.
pub(super) fn include<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Include> {
    match value {
        Json::String(_) => {
            let none = reader.choice(value, &["none", "all"])? == 0;
            Some(if none { Include::None } else { Include::All })
        }
        _ => {
            let mut elements = Vec::new();
            let expected = "\"none\", \"all\" or a list of ids of elements";
            for (number, item) in reader.list(value, MOST_REFERENCES, expected).iter().enumerate() {
                reader.enter_item(number);
                elements.extend(reader.reference(item, Reference::Element));
                reader.leave();
            }
            Some(Include::Elements(elements))
        }
    }
}

fn include_context<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<IncludeContext> {
    if let Json::String(_) = value {
        return match reader.choice(value, &["own", "none", "all"])? {
            0 => Some(IncludeContext::Own),
            1 => Some(IncludeContext::None),
            _ => Some(IncludeContext::All),
        };
    }
    let mut names = Vec::new();
    let expected = "\"own\", \"none\", \"all\" or a list of names of variables";
    for (number, item) in reader.list(value, MOST_VARIABLES, expected).iter().enumerate() {
        reader.enter_item(number);
        names.extend(variable_name(reader, item));
        reader.leave();
    }
    Some(IncludeContext::Names(names))
}
