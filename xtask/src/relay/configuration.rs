//! The `relay.toml` of the demo: every webhook that its documents call, by an id.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The header field that the relay adds, and no browser sees the value of.
pub const SECRET_HEADER: &str = "X-Shop-Key";

/// Where the relay finds that value.
pub const SECRET_VARIABLE: &str = "CUEHOOK_DEMO_SHOP_KEY";

/// The documents of the demo whose webhooks can be called through the relay.
const DOCUMENTS: [&str; 4] = ["lake.json", "stories/products.json", "stories/quiz.json", "stories/lead.json"];

/// How the test webhook can misbehave on the demo page, as `www/demo/server.js` has it: name, query, how often it is repeated. Pages name
/// ids and never addresses, so each is a webhook of its own.
const MODES: [(&str, &str, u8); 8] = [
    ("slow", "delay=2500", 1),
    ("never", "delay=20000", 1),
    ("recovers", "fail=2", 2),
    ("missing", "status=404", 1),
    ("reset", "reset=1", 1),
    ("half", "body=bad-json", 1),
    ("html", "body=html", 1),
    ("huge", "body=huge", 1),
];

/// A webhook as the relay knows it.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `lake.discount`, or `lake.discount.slow`: document, webhook, mode.
    pub id: String,
    name: String,
    url: String,
    headers: Vec<(String, String)>,
    timeout_ms: u64,
    retries: u64,
}

impl Webhook {
    #[cfg(test)]
    pub fn stand_in() -> Self {
        Webhook {
            id: "lake.discount".to_owned(),
            name: "Discount code".to_owned(),
            url: "http://127.0.0.1:8787/hook".to_owned(),
            headers: Vec::new(),
            timeout_ms: 8_000,
            retries: 2,
        }
    }

    /// What pages may know of it.
    pub fn told(&self) -> Value {
        json!({
            "url": self.url,
            "headers": self.headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
            "secret": [SECRET_HEADER],
        })
    }
}

/// The webhooks of the documents, in each mode; they are called at `address`.
pub fn webhooks(root: &Path, address: SocketAddr) -> Result<Vec<Webhook>> {
    let mut webhooks = Vec::new();
    for file in DOCUMENTS {
        let path = root.join("www").join(file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let document: Value =
            serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
        let story = file.trim_end_matches(".json").rsplit('/').next().unwrap_or(file);
        for webhook in document.get("webhooks").and_then(Value::as_array).into_iter().flatten() {
            webhooks.extend(of_document(story, webhook, address));
        }
    }
    Ok(webhooks)
}

/// One webhook of a document, in each mode.
fn of_document(story: &str, webhook: &Value, address: SocketAddr) -> Vec<Webhook> {
    let text = |field: &str| webhook.get(field).and_then(Value::as_str).unwrap_or_default();
    let (path, query) = text("url").split_once('?').unwrap_or((text("url"), ""));
    let answer = query.split('&').find(|pair| pair.starts_with("answer="));
    let headers =
        webhook.get("headers").and_then(Value::as_array).into_iter().flatten().filter_map(|header| {
            Some((header.get("name")?.as_str()?.to_owned(), header.get("value")?.as_str()?.to_owned()))
        });
    let well = Webhook {
        id: format!("{story}.{}", text("id")),
        name: text("name").to_owned(),
        url: format!("http://{address}{path}?{query}"),
        headers: headers.collect(),
        timeout_ms: webhook.get("timeoutMs").and_then(Value::as_u64).unwrap_or(8_000),
        retries: webhook.get("retries").and_then(Value::as_u64).unwrap_or(2),
    };
    let in_mode = |(mode, query, retries): (&str, &str, u8)| Webhook {
        id: format!("{}.{mode}", well.id),
        url: format!(
            "http://{address}{path}?{}",
            ["echo=none"].into_iter().chain(answer).chain([query]).collect::<Vec<_>>().join("&")
        ),
        retries: retries.into(),
        ..well.clone()
    };
    let modes: Vec<Webhook> = MODES.into_iter().map(in_mode).collect();
    [vec![well], modes].concat()
}

/// The file: where the relay listens, whose pages it serves, and the webhooks.
pub fn text(address: SocketAddr, pages: [SocketAddr; 2], webhooks: &[Webhook]) -> String {
    let origins: Vec<String> =
        pages.into_iter().flat_map(super::origins).map(|origin| quoted(&origin)).collect();
    let mut text = format!(
        "# Written by `cargo xtask demo` at each start.\n\
         listen = {}\n\n\
         [players]\n\
         origins = [{}]\n\n\
         [limits]\n\
         # All viewers of a demo have one address.\n\
         requestsPerSecond = 1000\n\
         drainMs = 2000\n\n\
         [network]\n\
         # The test webhook is on this machine.\n\
         allow = [\"127.0.0.1\"]\n",
        quoted(&address.to_string()),
        origins.join(", "),
    );
    for webhook in webhooks {
        let mut headers: Vec<String> = Vec::new();
        for (name, value) in &webhook.headers {
            headers.push(format!("{{ name = {}, value = {} }}", quoted(name), quoted(value)));
        }
        headers.push(format!("{{ name = \"{SECRET_HEADER}\", secret = \"env:{SECRET_VARIABLE}\" }}"));
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "\n[[webhook]]\nid = {}\nname = {}\nurl = {}\nheaders = [{}]\ntimeoutMs = {}\nretries = {}\n",
            quoted(&webhook.id),
            quoted(&webhook.name),
            quoted(&webhook.url),
            headers.join(", "),
            webhook.timeout_ms,
            webhook.retries,
        );
    }
    text
}

/// A text of JSON is one of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn all() -> Vec<Webhook> {
        webhooks(&crate::workspace::root(), address(8787)).unwrap()
    }

    #[test]
    fn the_modes_are_those_of_the_page() {
        let page = include_str!("../../../www/demo/server.js");
        let field = |line: &str, name: &str| {
            let rest = line.split_once(&format!("{name}: \""))?.1;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let lines = page.lines().filter(|line| line.trim_start().starts_with("{ id: \""));
        let found: Vec<_> =
            lines.filter_map(|line| Some((field(line, "id")?, field(line, "query")?))).collect();
        let ours = MODES.iter().map(|(id, query, _)| ((*id).to_owned(), (*query).to_owned()));
        let ours: Vec<_> = [("well".to_owned(), String::new())].into_iter().chain(ours).collect();
        assert_eq!(found, ours);
    }

    #[test]
    fn each_webhook_is_known_in_each_mode() {
        let all = all();
        let of = |id: &str| all.iter().find(|webhook| webhook.id == id).unwrap().clone();
        assert_eq!(of("lake.discount").url, "http://127.0.0.1:8787/webhook-test?echo=none");
        assert_eq!(of("lake.discount").headers, [("X-Shop".to_owned(), "northlight".to_owned())]);
        assert_eq!((of("lake.seat").timeout_ms, of("lake.seat").retries), (2_000, 0));
        let order = of("products.order.missing");
        assert_eq!(order.url, "http://127.0.0.1:8787/webhook-test?echo=none&answer=order&status=404");
        assert_eq!((of("lake.discount").retries, of("lake.discount.recovers").retries), (2, 2));
        let mut ids: Vec<&String> = all.iter().map(|webhook| &webhook.id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn pages_are_told_where_and_the_names_alone() {
        let discount = all().into_iter().find(|webhook| webhook.id == "lake.discount").unwrap();
        let told = json!({
            "url": "http://127.0.0.1:8787/webhook-test?echo=none",
            "headers": { "X-Shop": "northlight" },
            "secret": ["X-Shop-Key"],
        });
        assert_eq!(discount.told(), told);
    }

    #[test]
    fn the_secret_stands_in_the_environment_alone() {
        let text = text(address(9000), [address(8787), address(8788)], &all());
        assert!(text.contains("listen = \"127.0.0.1:9000\""), "{text}");
        assert!(text.contains("\"http://localhost:8788\""), "{text}");
        let secrets =
            text.matches("{ name = \"X-Shop-Key\", secret = \"env:CUEHOOK_DEMO_SHOP_KEY\" }").count();
        assert_eq!(secrets, text.matches("[[webhook]]").count());
        assert_eq!(secrets, text.matches("X-Shop-Key").count());
    }
}
