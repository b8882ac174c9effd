//! Webhooks of `relay.toml`: reads their settings; [`rules`](super::rules) says what is wrong with them.

use super::fault::FaultCode;
use super::keys::{COMPATIBLE_KEYS, FILTER_KEYS, HEADER_KEYS, SIGNING_KEYS, TEMPLATE_KEYS, WEBHOOK_KEYS};
use super::reader::{Given, Reader, Section};
use super::rules::{
    self, GivenSecrets, MAX_EVENTS, MAX_FILTERS, MAX_HEADERS, MAX_LISTED, MAX_ORIGINS, MAX_WANTED,
};
use super::webhook::{
    CompatibleSignature, EventFormat, Filter, Header, IncludeInteractions, IncludeWord, Method,
    SignatureEncoding, SignatureHash, Signing, Template, Webhook,
};
use crate::secrets::secret;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::value::{Error as Unknown, StrDeserializer};
use std::collections::HashSet;
use std::path::Path;
use toml::de::DeValue;

const MAX_WEBHOOKS: usize = 1000;

/// A webhook with what is sealed of it.
pub(super) type WithSecrets = (Webhook, Vec<(String, SecretString)>);

/// All webhooks of the file, by id.
pub(super) fn webhooks<'s>(
    reader: &mut Reader<'s>,
    root: &Section<'s>,
    allow: &[IpNet],
    directory: &Path,
) -> Vec<WithSecrets> {
    let mut seen = HashSet::new();
    let mut webhooks = Vec::new();
    for section in reader.sections(root, "webhook", MAX_WEBHOOKS) {
        reader.refuse_others(&section, &WEBHOOK_KEYS);
        let webhook = webhook(reader, &section, allow, directory);
        if !webhook.0.id.is_empty() && !seen.insert(webhook.0.id.clone()) {
            let message =
                format!("another webhook is called `{}`; give this one an id of its own", webhook.0.id);
            let place = section.table.get("id").map_or(0, |id| id.span().start);
            let place = reader.place(place);
            reader.fault(FaultCode::Duplicate, place, format!("{}.id", section.path), message);
        }
        webhooks.push(webhook);
    }
    webhooks.sort_by(|one, other| one.0.id.cmp(&other.0.id));
    webhooks
}

fn webhook<'s>(
    reader: &mut Reader<'s>,
    section: &Section<'s>,
    allow: &[IpNet],
    directory: &Path,
) -> WithSecrets {
    let mut secrets = GivenSecrets::default();
    let id = reader.required_in(section, "id", "order").map(|id| id.value).unwrap_or_default();
    let url = reader.required_in(section, "url", "https://shop.example/hooks/order");
    let texts = |reader: &mut Reader<'s>, name: &str, most: usize| -> Vec<String> {
        reader.list_in(section, name, most).into_iter().map(|given| given.value).collect()
    };
    let webhook = Webhook {
        name: reader.text_in(section, "name").map_or_else(|| id.clone(), |name| name.value),
        id,
        url: url.map(|url| url.value).unwrap_or_default(),
        headers: headers(reader, section, directory, &mut secrets),
        wait_for_response: reader.boolean_in(section, "waitForResponse", false),
        include_interactions: include(reader, section),
        timeout_ms: reader.number_in(section, "timeoutMs", rules::TIMEOUT_MS, 8000),
        retries: u8::try_from(reader.number_in(section, "retries", (0, rules::MAX_RETRIES.into()), 2))
            .unwrap_or_default(),
        projects: texts(reader, "projects", MAX_LISTED),
        events: texts(reader, "events", MAX_EVENTS),
        videos: texts(reader, "videos", MAX_LISTED),
        filters: filters(reader, section),
        opt_in: reader.boolean_in(section, "optIn", false),
        override_origins: texts(reader, "overrideOrigins", MAX_ORIGINS),
        ordered: reader.boolean_in(section, "ordered", false),
        method: word::<Method>(reader, section, "method", &Method::WORDS),
        format: word::<EventFormat>(reader, section, "format", &EventFormat::WORDS),
        template: template(reader, section),
        signing: signing(reader, section),
        active: reader.boolean_in(section, "active", true),
        ..Webhook::default()
    };
    secrets.signing = secret_in(reader, section, "signingSecret", directory);
    secrets.compatible = secret_in(reader, section, "compatibleSecret", directory);
    for fault in rules::check(&webhook, &secrets, allow) {
        say(reader, section, fault);
    }
    (webhook, secrets.sealed())
}

/// Says where in the file something is wrong, unless that was said when it was read.
fn say<'s>(reader: &mut Reader<'s>, section: &Section<'s>, fault: rules::RuleFault) {
    let rules::RuleFault { path, mut code, message } = fault;
    let is_said = |reader: &Reader<'s>, path: &str| {
        let told = |fault: &super::ConfigFault| fault.path == path && fault.code != FaultCode::UnknownKey;
        reader.faults.iter().any(told)
    };
    let full = format!("{}.{path}", section.path);
    let mut place = reader.place_in(section, &path).map(|place| (place, full.clone()));
    // The same in the file by another name.
    for (api, file) in [(".value", ".secret"), (".in[0]", ".equal")] {
        if let Some(start) = path.strip_suffix(api)
            && let Some(found) = reader.place_in(section, &format!("{start}{file}"))
        {
            place = place.or(Some((found, format!("{}.{start}{file}", section.path))));
        }
    }
    let Some((place, full)) = place else { return };
    // It is there, and what is wrong with it was said.
    if path == "signing.compatible" && section.table.contains_key("compatibleSecret") {
        return;
    }
    if is_said(reader, &full) {
        return;
    }
    if full.ends_with(".secret") || path.ends_with("Secret") {
        code = FaultCode::SecretSource;
    }
    reader.fault(code, place, full, message);
}

/// Header fields; the values of secret ones apart.
fn headers<'s>(
    reader: &mut Reader<'s>,
    section: &Section<'s>,
    directory: &Path,
    secrets: &mut GivenSecrets,
) -> Vec<Header> {
    let mut headers = Vec::new();
    for header in reader.sections(section, "headers", MAX_HEADERS) {
        reader.refuse_others(&header, &HEADER_KEYS);
        let name = reader.required_in(&header, "name", "x-api-key").map(|name| name.value);
        let name = name.unwrap_or_default();
        let (value, source) = (reader.text_in(&header, "value"), reader.text_in(&header, "secret"));
        let has = |name| header.table.contains_key(name);
        if has("value") == has("secret") {
            let message = "write either `value`, or `secret = \"env:NAME\"` or `secret = \"file:/path\"`";
            reader.fault(FaultCode::MissingKey, header.place.clone(), header.path.clone(), message);
        }
        if let Some(source) = &source
            && let Some(value) = read_secret(reader, source, directory)
        {
            secrets.headers.push((name.clone(), value));
        }
        headers.push(Header { name, value: value.map(|value| value.value) });
    }
    headers
}

fn secret_in<'s>(
    reader: &mut Reader<'s>,
    section: &Section<'s>,
    name: &str,
    directory: &Path,
) -> Option<SecretString> {
    let source = reader.text_in(section, name)?;
    read_secret(reader, &source, directory)
}

/// The secret that a text names.
pub(super) fn read_secret(
    reader: &mut Reader<'_>,
    source: &Given<String>,
    directory: &Path,
) -> Option<SecretString> {
    match secret(&source.value, reader.environment, directory) {
        Ok(value) => Some(value),
        Err(fault) => {
            reader.fault_of(source, FaultCode::SecretSource, fault.to_string());
            None
        }
    }
}

fn filters<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> Vec<Filter> {
    let mut filters = Vec::new();
    for filter in reader.sections(section, "filters", MAX_FILTERS) {
        reader.refuse_others(&filter, &FILTER_KEYS);
        let path = reader.required_in(&filter, "path", "$.data.video.id").map(|path| path.value);
        let has = |name| filter.table.contains_key(name);
        if has("equal") == has("in") {
            let message = "write either `equal = \"…\"` or `in = [\"…\"]`";
            reader.fault(FaultCode::MissingKey, filter.place.clone(), filter.path.clone(), message);
        }
        let mut any_of: Vec<String> =
            reader.list_in(&filter, "in", MAX_WANTED).into_iter().map(|wanted| wanted.value).collect();
        any_of.extend(reader.text_in(&filter, "equal").map(|wanted| wanted.value));
        filters.push(Filter { path: path.unwrap_or_default(), any_of });
    }
    filters
}

fn template<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> Option<Template> {
    let table = reader.table_in(section, "template")?;
    reader.refuse_others(&table, &TEMPLATE_KEYS);
    let body = reader.required_in(&table, "body", "{…}")?.value;
    let kind = reader.text_in(&table, "contentType");
    Some(Template { body, content_type: kind.map_or_else(super::webhook::json_type, |kind| kind.value) })
}

fn signing<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> Signing {
    let Some(table) = reader.table_in(section, "signing") else { return Signing::default() };
    reader.refuse_others(&table, &SIGNING_KEYS);
    let compatible = reader.table_in(&table, "compatible").and_then(|table| {
        reader.refuse_others(&table, &COMPATIBLE_KEYS);
        Some(CompatibleSignature {
            header: reader.required_in(&table, "header", "X-Signature")?.value,
            hash: word::<SignatureHash>(reader, &table, "hash", &SignatureHash::WORDS),
            encoding: word::<SignatureEncoding>(reader, &table, "encoding", &SignatureEncoding::WORDS),
        })
    });
    Signing { ed25519: reader.boolean_in(&table, "ed25519", false), compatible }
}

/// One of some words, as JSON has them, too; the usual one unless it is said.
fn word<'s, T>(reader: &mut Reader<'s>, section: &Section<'s>, name: &str, words: &[&str]) -> T
where
    T: Default + for<'t> Deserialize<'t>,
{
    let Some(given) = reader.text_in(section, name) else { return T::default() };
    match T::deserialize(StrDeserializer::<Unknown>::new(&given.value)) {
        Ok(known) => known,
        Err(_) => {
            let words = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            reader.fault_of(&given, FaultCode::WrongValue, format!("write one of {words}"));
            T::default()
        }
    }
}

fn include<'s>(reader: &mut Reader<'s>, section: &Section<'s>) -> IncludeInteractions {
    const NAME: &str = "includeInteractions";
    let Some(value) = section.table.get(NAME) else { return IncludeInteractions::Unsaid };
    match value.get_ref() {
        DeValue::String(word) if word == "none" => IncludeInteractions::Word(IncludeWord::None),
        DeValue::String(word) if word == "all" => IncludeInteractions::Word(IncludeWord::All),
        DeValue::Array(_) => {
            let ids = reader.list_in(section, NAME, 1000).into_iter().map(|id| id.value);
            IncludeInteractions::Elements(ids.collect())
        }
        _ => {
            let (place, path) = (reader.place(value.span().start), format!("{}.{NAME}", section.path));
            let message = "write `\"none\"`, `\"all\"`, or a list of ids of elements";
            reader.fault(FaultCode::WrongValue, place, path, message);
            IncludeInteractions::Unsaid
        }
    }
}
