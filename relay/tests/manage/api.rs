//! Requests of servers, and the description that each response has to fit.

use crate::relay::{Relay, start};
use crate::wire::{Ask, Reply};
use cuehook_relay::config::Settings;
use cuehook_relay::token::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

#[derive(Debug)]
pub struct Api {
    pub relay: Relay,
    description: Value,
    /// A key that is for the project `spring`.
    own: String,
}

impl Api {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let made = NewApiKey::generate().unwrap();
        let stored = StoredApiKey {
            key: ApiKey {
                name: "spring-backend".into(),
                scopes: Scope::ALL.to_vec(),
                project: Some("spring".into()),
            },
            hash: made.hash,
        };
        let relay = start(|settings| {
            let known: Vec<StoredApiKey> = settings.api_keys.iter().cloned().collect();
            settings.api_keys = ApiKeys::new([known, vec![stored]].concat());
            // Nothing is sent, unless a test wants it: it says itself what becomes of deliveries.
            settings.delivery.at_once = 0;
            change(settings);
        })
        .await;
        let description = relay.send(&Ask::new("GET", "/openapi.json")).await.json();
        Self { relay, description, own: made.text.expose_secret().to_owned() }
    }

    /// As a server with all scopes.
    pub fn ask(&self, method: &str, target: &str, body: Value) -> Ask {
        let ask = self.relay.server(method, target);
        match body {
            Value::Null => ask,
            body => ask.with("content-type", "application/json").body(body.to_string()),
        }
    }

    /// As the server of the project `spring`.
    pub fn of_spring(&self, method: &str, target: &str, body: Value) -> Ask {
        self.ask(method, target, body).set("authorization", format!("Bearer {}", self.own))
    }

    /// Asks, and compares the response with its description.
    pub async fn send(&self, ask: &Ask) -> Reply {
        let reply = self.relay.send(ask).await;
        self.compare(ask, &reply);
        reply
    }

    /// Asks something that succeeds with this status.
    pub async fn does(&self, status: u16, method: &str, target: &str, body: Value) -> Value {
        let reply = self.send(&self.ask(method, target, body)).await;
        assert_eq!(reply.status, status, "{method} {target}: {}", reply.text);
        if reply.body.is_empty() { Value::Null } else { reply.json() }
    }

    /// Asks something that is refused; what is said.
    pub async fn refuses(&self, status: u16, code: &str, ask: &Ask) -> Value {
        let reply = self.send(ask).await;
        crate::relay::assert_refused(&reply, status, code);
        reply.json()["error"].clone()
    }

    /// The faults of a body, each as path and code.
    pub async fn faults(&self, ask: &Ask) -> Vec<(String, String)> {
        let error = self.refuses(422, "invalid", ask).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let faults = error["faults"].as_array().unwrap();
        assert_eq!(error["path"], faults[0]["path"]);
        assert_eq!(error["message"], faults[0]["message"]);
        faults.iter().map(|fault| (text(&fault["path"]), text(&fault["code"]))).collect()
    }

    fn compare(&self, ask: &Ask, reply: &Reply) {
        let path = ask.target.split('?').next().unwrap();
        let is_it = |template: &str| {
            let (theirs, ours) = (template.split('/'), path.split('/'));
            theirs.clone().count() == ours.clone().count()
                && theirs.zip(ours).all(|(one, other)| one == other || one.starts_with('{'))
        };
        let paths = self.description["paths"].as_object().unwrap();
        // What has no variable part comes first.
        let mut found: Vec<&String> = paths.keys().filter(|template| is_it(template)).collect();
        found.sort_by_key(|template| template.matches('{').count());
        let Some(template) = found.first() else { panic!("{path} is not described") };
        let operation = &paths[*template][ask.method.to_lowercase()];
        let responses = &operation["responses"];
        let response = &responses[reply.status.to_string()];
        let response = if response.is_null() { &responses["default"] } else { response };
        assert!(response.is_object(), "{} {template}: {}", ask.method, reply.text);
        let schema = &response["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert!(reply.body.is_empty(), "{} {template}: {}", ask.method, reply.text);
            return;
        }
        let schema = json!({ "allOf": [schema], "components": self.description["components"] });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&reply.json()).map(|error| error.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new(), "{} {template}: {}", ask.method, reply.text);
    }

    /// What was changed, the newest first: key, action, target.
    pub async fn audit(&self) -> Vec<(String, String, String)> {
        let log = self.does(200, "GET", "/v1/audit", Value::Null).await;
        let lines = log["lines"].as_array().unwrap().iter();
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        lines.map(|line| (text(line, "key"), text(line, "action"), text(line, "target"))).collect()
    }

    /// Sends an event as a server, and says its id.
    pub async fn event(&self, kind: &str) -> String {
        let id = crate::relay::id();
        let event = json!({"type": kind, "id": id, "timestamp": "2026-11-20T20:07:00.123Z", "data": {"video": {"id": "v"}}});
        let reply = self.does(200, "POST", "/v1/events", event).await;
        assert_eq!(reply["results"][&id], "ok");
        id
    }
}
