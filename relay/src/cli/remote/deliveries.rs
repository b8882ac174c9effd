//! `cuehook-relay deliveries …`

use super::client::{Client, encoded};
use super::options::DeliveriesCommand;
use super::table::{NARROW, WIDE, lines, table};
use anyhow::bail;
use hyper::Method;
use serde_json::{Map, Value, json};
use std::io::Write;

/// What is shown of each in a list.
const LISTED: [(&str, &str); 7] = [
    ("ID", "/id"),
    ("STATUS", "/status"),
    ("WEBHOOK", "/webhook"),
    ("TYPE", "/type"),
    ("ATTEMPTS", "/attempts"),
    ("TAKEN", "/takenAt"),
    ("REASON", "/reason"),
];

/// What is shown of one.
const SHOWN: [(&str, &str); 13] = [
    ("delivery", "/id"),
    ("status", "/status"),
    ("reason", "/reason"),
    ("webhook", "/webhook"),
    ("event", "/event"),
    ("type", "/type"),
    ("project", "/project"),
    ("attempts", "/attempts"),
    ("taken", "/takenAt"),
    ("due", "/dueAt"),
    ("ended", "/endedAt"),
    ("would be sent to", "/request/url"),
    ("would not be sent", "/requestFault"),
];

/// What is shown of each attempt.
const ATTEMPTS: [(&str, &str); 5] =
    [("AT", "/at"), ("MS", "/tookMs"), ("RESPONSE", "/status"), ("FAULT", "/fault"), ("BODY", "/response")];

pub(super) async fn run(
    command: &DeliveriesCommand,
    client: &Client,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    match command {
        DeliveriesCommand::List { wanted, limit, before } => {
            let mut target = format!("/v1/deliveries?limit={limit}");
            let before = before.as_deref().map(|before| ("before", before));
            for (name, value) in wanted.given().into_iter().chain(before) {
                target.push_str(&format!("&{name}={}", encoded(value)));
            }
            let page = client.ask(Method::GET, &target, None).await?;
            if client.json {
                return json_of(&page, out);
            }
            table(
                out,
                &LISTED,
                page.get("deliveries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice),
                NARROW,
            )?;
            if let Some(next) = page.get("next").and_then(Value::as_str) {
                writeln!(out, "there may be more: --before {next}")?;
            }
            Ok(())
        }
        DeliveriesCommand::Show { id } => {
            let target = format!("/v1/deliveries/{}", encoded(id));
            let shown = client.ask(Method::GET, &target, None).await?;
            if client.json {
                return json_of(&shown, out);
            }
            lines(out, &SHOWN, &shown)?;
            writeln!(out, "\n{}\n", serde_json::to_string_pretty(&shown.get("payload"))?)?;
            let log = shown.get("log").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            table(out, &ATTEMPTS, log, WIDE)
        }
        DeliveriesCommand::Replay { id, wanted } => {
            let given = wanted.given();
            let count = match (id, given.is_empty()) {
                (Some(id), true) => {
                    let target = format!("/v1/deliveries/{}/replay", encoded(id));
                    count(&client.ask(Method::POST, &target, None).await?)
                }
                (None, false) => all(client, &given).await?,
                (Some(_), false) => bail!("write either a delivery, or which ones"),
                (None, true) => bail!("write a delivery, or which ones: --webhook, --status, --from …"),
            };
            if client.json {
                return json_of(&json!({ "replayed": count }), out);
            }
            writeln!(out, "to be sent again: {count}")?;
            Ok(())
        }
    }
}

/// Sends all again that are found, request by request. What is sent meanwhile and ends is not sent a second time.
async fn all(client: &Client, given: &[(&'static str, &str)]) -> anyhow::Result<u64> {
    let mut body: Map<String, Value> =
        given.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    let mut sum = 0;
    loop {
        let done = client.ask(Method::POST, "/v1/deliveries/replay", Some(&body.clone().into())).await?;
        sum += count(&done);
        match done.get("next").and_then(Value::as_str) {
            Some(next) => body.insert("before".to_owned(), next.into()),
            None => return Ok(sum),
        };
    }
}

fn count(done: &Value) -> u64 {
    done.get("replayed").and_then(Value::as_u64).unwrap_or_default()
}

fn json_of(shown: &Value, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(shown)?)?;
    Ok(())
}
