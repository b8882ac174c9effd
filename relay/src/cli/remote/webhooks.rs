//! `cuehook-relay webhooks …`

use super::client::{Client, encoded};
use super::options::{AddOptions, UpdateOptions, WebhooksCommand};
use super::table::{NARROW, lines, table};
use anyhow::{Context as _, bail};
use hyper::Method;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;

/// What is shown of one.
const SHOWN: [(&str, &str); 15] = [
    ("webhook", "/id"),
    ("name", "/name"),
    ("url", "/url"),
    ("events", "/events"),
    ("projects", "/projects"),
    ("videos", "/videos"),
    ("format", "/format"),
    ("active", "/active"),
    ("managed by", "/managedBy"),
    ("public key", "/publicKey"),
    ("status", "/health/status"),
    ("failing since", "/health/failingSince"),
    ("last fault", "/health/fault"),
    ("disabled at", "/health/disabledAt"),
    ("disabled because", "/health/disabledReason"),
];

/// What is shown of each in a list.
const LISTED: [(&str, &str); 6] = [
    ("ID", "/id"),
    ("STATUS", "/health/status"),
    ("ACTIVE", "/active"),
    ("MANAGED BY", "/managedBy"),
    ("EVENTS", "/events"),
    ("URL", "/url"),
];

pub(super) async fn run(
    command: &WebhooksCommand,
    client: &Client,
    directory: &Path,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let one = |id: &str, rest: &str| format!("/v1/webhooks/{}{rest}", encoded(id));
    let (method, target, body) = match command {
        WebhooksCommand::List { event } => return list(event.as_deref(), client, out).await,
        WebhooksCommand::Add(options) => {
            (Method::POST, "/v1/webhooks".to_owned(), Some(added(options, directory)?))
        }
        WebhooksCommand::Update(options) => {
            (Method::PATCH, one(&options.id, ""), Some(updated(options, directory)?))
        }
        WebhooksCommand::Show { id } => (Method::GET, one(id, ""), None),
        WebhooksCommand::Remove { id } => (Method::DELETE, one(id, ""), None),
        WebhooksCommand::Rotate { id, overlap_hours } => {
            (Method::POST, one(id, "/rotate"), Some(json!({ "overlapHours": overlap_hours })))
        }
        WebhooksCommand::Enable { id } => (Method::POST, one(id, "/enable"), None),
        WebhooksCommand::Disable { id } => (Method::POST, one(id, "/disable"), None),
        WebhooksCommand::Test { id, kind, project, video } => {
            let mut body = json!({ "type": kind });
            for (name, value) in [("project", project), ("video", video)] {
                if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                    body.insert(name.to_owned(), value.as_str().into());
                }
            }
            (Method::POST, one(id, "/test"), Some(body))
        }
    };
    let shown = client.ask(method, &target, body.as_ref()).await?;
    let is_refused = shown.get("delivered") == Some(&Value::Bool(false));
    match command {
        _ if client.json => writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?,
        WebhooksCommand::Remove { id } => writeln!(out, "removed: {id}")?,
        WebhooksCommand::Test { .. } => tested(&shown, out)?,
        _ => lines(out, &SHOWN, &shown)?,
    }
    if let Some(secret) = shown.get("secret").and_then(Value::as_str).filter(|_| !client.json) {
        writeln!(out, "signing secret, not shown again: {secret}")?;
    }
    if is_refused {
        bail!("the webhook has not taken the test");
    }
    Ok(())
}

/// All webhooks, page by page.
async fn list(event: Option<&str>, client: &Client, out: &mut impl Write) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut target = "/v1/webhooks?limit=200".to_owned();
        for (name, value) in [("event", event), ("after", after.as_deref())] {
            if let Some(value) = value {
                target.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        let mut page = client.ask(Method::GET, &target, None).await?;
        if let Value::Array(webhooks) = page.get_mut("webhooks").map(Value::take).unwrap_or_default() {
            all.extend(webhooks);
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    if client.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&json!({ "webhooks": all }))?)?;
        return Ok(());
    }
    table(out, &LISTED, &all, NARROW)
}

fn added(options: &AddOptions, directory: &Path) -> anyhow::Result<Value> {
    let mut body = settings(options.settings.as_deref(), directory)?;
    body.insert("url".to_owned(), options.url.as_str().into());
    if !options.events.is_empty() {
        body.insert("events".to_owned(), json!(options.events));
    }
    for (name, value) in [("id", &options.id), ("name", &options.name)] {
        if let Some(value) = value {
            body.insert(name.to_owned(), value.as_str().into());
        }
    }
    Ok(body.into())
}

fn updated(options: &UpdateOptions, directory: &Path) -> anyhow::Result<Value> {
    let mut body = settings(options.settings.as_deref(), directory)?;
    for (name, value) in [("url", &options.url), ("name", &options.name)] {
        if let Some(value) = value {
            body.insert(name.to_owned(), value.as_str().into());
        }
    }
    if !options.events.is_empty() {
        body.insert("events".to_owned(), json!(options.events));
    }
    if let Some(active) = options.active {
        body.insert("active".to_owned(), active.into());
    }
    if body.is_empty() {
        bail!("nothing is to be changed: --url, --event, --name, --active or --settings says what");
    }
    Ok(body.into())
}

/// Settings of a file, as the API takes them.
fn settings(path: Option<&Path>, directory: &Path) -> anyhow::Result<Map<String, Value>> {
    let Some(path) = path else { return Ok(Map::new()) };
    let shown = || format!("--settings {}", path.display());
    let text = std::fs::read_to_string(directory.join(path)).with_context(shown)?;
    serde_json::from_str(&text).with_context(shown)
}

fn tested(shown: &Value, out: &mut impl Write) -> anyhow::Result<()> {
    let columns = [
        ("delivered", "/delivered"),
        ("took, in ms", "/tookMs"),
        ("fault", "/fault"),
        ("status", "/response/status"),
    ];
    lines(out, &columns, shown)?;
    if let Some(request) = shown.get("request").and_then(Value::as_object) {
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
        writeln!(out, "\n{} {}", text("method"), text("url"))?;
        for header in request.get("headers").and_then(Value::as_array).into_iter().flatten() {
            let value = header.get("value").and_then(Value::as_str).unwrap_or("(secret)");
            writeln!(out, "{}: {value}", header.get("name").and_then(Value::as_str).unwrap_or_default())?;
        }
        writeln!(out, "\n{}", text("body"))?;
    }
    let body = shown.pointer("/response/body").and_then(Value::as_str);
    if let Some(body) = body.filter(|body| !body.is_empty()) {
        writeln!(out, "\nresponse:\n{}", printable(body))?;
    }
    Ok(())
}

/// What somebody else has written, without what a terminal would take for orders.
fn printable(text: &str) -> String {
    let may_show = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
    text.chars().filter(may_show).collect()
}
