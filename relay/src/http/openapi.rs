//! `GET /openapi.json`: all routes as OpenAPI 3.1 describes them. It is made of the handlers and of what they read and write.

use super::fault::Fault;
use super::{call, events, manage, query, reply, settings, status};
use axum::extract::Request;
use axum::response::Response;
use cuehook_protocol::RelayOutcome;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

/// Any JSON object.
#[derive(Debug, ToSchema)]
#[schema(value_type = Object)]
pub(super) struct Anything(#[allow(dead_code)] Map<String, Value>);

/// How a relay is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// `ok` or `ready`.
    status: String,
}

/// What became of events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdicts {
    /// By id, or place: `ok`, `dup`, `retry` or `drop`.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    results: Map<String, Value>,
    /// Why those with `drop` are not taken.
    #[schema(value_type = std::collections::HashMap<String, String>, required = false)]
    reasons: Map<String, Value>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventPage {
    /// The events, the newest first.
    events: Vec<EventView>,
    /// The `before` of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An event that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventView {
    /// Its id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    kind: String,
    /// Its project; empty if it has none.
    project: String,
    /// Who sent it: a page's origin, or the name of an API key.
    source: String,
    /// When it happened.
    at: String,
    /// When it was taken.
    taken_at: String,
    /// The whole event.
    #[schema(value_type = Object)]
    event: Value,
}

/// How many events and deliveries there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountsView {
    /// Events.
    events: u64,
    /// Deliveries.
    deliveries: DeliveryCounts,
}

/// How many deliveries there are: `accepted` is the sum of the others.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryCounts {
    accepted: u64,
    delivered: u64,
    pending: u64,
    skipped: u64,
    dead: u64,
}

/// Why a request gets no more than an error.
#[derive(Debug, Serialize, ToSchema)]
struct Error {
    error: ErrorDetail,
    /// When it may be tried again, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u32>,
}

/// What is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail {
    /// For programs.
    code: String,
    /// For people.
    message: String,
    /// The request's name.
    request_id: String,
    /// Where it is in the body, of `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Everything that is wrong in the body, of `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Vec<SettingFault>>,
}

/// What is wrong with one setting.
#[derive(Debug, Serialize, ToSchema)]
struct SettingFault {
    /// Where it is in the body.
    path: String,
    /// For programs.
    code: String,
    /// For people.
    message: String,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "cuehook-relay", description = "Calls webhooks for players, stores events, and sends them to webhooks."),
    paths(
        call::make, call::ask, events::take, events::list, events::counts, settings::show,
        status::health, status::ready, status::metrics, show,
        manage::webhooks::list, manage::webhooks::add, manage::webhooks::show, manage::webhooks::update,
        manage::webhooks::remove, manage::care::rotate, manage::care::test, manage::care::disable,
        manage::care::enable, manage::deliveries::list, manage::deliveries::show, manage::deliveries::replay,
        manage::deliveries::replay_one, manage::projects::list, manage::projects::show, manage::projects::put,
        manage::projects::remove, manage::editions::list, manage::editions::show, manage::editions::put,
        manage::editions::remove, manage::editions::schedule, manage::editions::unschedule, manage::audit::list,
    ),
    components(schemas(Error)),
    modifiers(&Keys),
)]
struct Description;

/// Who may ask.
struct Keys;

impl Modify for Keys {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        for (name, said) in [
            ("apiKey", "An API key of a server, with the scope that is named."),
            ("playerToken", "The token of a player, from a page with its origin."),
        ] {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(said)).build();
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
    }
}

/// The description itself.
#[utoipa::path(get, path = "/openapi.json", tag = "operation",
    responses((status = 200, description = "This description", body = Anything)))]
pub(super) async fn show(request: Request) -> Result<Response, Fault> {
    static TEXT: OnceLock<String> = OnceLock::new();
    query::read(request.uri(), &[])?;
    let text = TEXT.get_or_init(|| description().to_string());
    Ok(reply::json(RelayOutcome::Accepted, text.clone()))
}

/// As it is shown.
fn description() -> Value {
    const SCHEMAS: [&str; 2] = ["components", "schemas"];
    let mut api = serde_json::to_value(Description::openapi()).unwrap_or_default();
    let schema = |api: &mut Value, name: &str| {
        at(api, &SCHEMAS).and_then(|schemas| schemas.get(name)).cloned().unwrap_or_default()
    };
    // What a webhook is registered with is what it is changed with, but that it needs an address.
    let mut new = schema(&mut api, "WebhookChange");
    put(&mut new, &[], "required", json!(["url"]));
    put(&mut new, &["properties", "url"], "type", json!("string"));
    put(&mut api, &SCHEMAS, "NewWebhook", new);
    let post = ["paths", "/v1/webhooks", "post", "requestBody", "content", "application/json"];
    put(&mut api, &post, "schema", json!({"$ref": "#/components/schemas/NewWebhook"}));
    // Without a body the secrets are renewed as by default.
    let rotate = ["paths", "/v1/webhooks/{id}/rotate", "post", "requestBody"];
    put(&mut api, &rotate, "required", false.into());
    // A project as it is shown is what was written, and more.
    let mut shown = schema(&mut api, "Project");
    put(&mut shown, &[], "required", json!(["id", "updatedAt"]));
    put(&mut shown, &[], "description", json!("A project."));
    for name in ["id", "updatedAt"] {
        put(&mut shown, &["properties"], name, json!({"type": "string"}));
    }
    put(&mut api, &SCHEMAS, "ProjectView", shown);
    let error = json!({
        "description": "An error: `error.code` says which",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    });
    for (path, method) in operations(&api) {
        let operation = ["paths", &path, &method];
        put(&mut api, &operation, "operationId", name(&method, &path).into());
        put(&mut api, &["paths", &path, &method, "responses"], "default", error.clone());
    }
    link(&mut api);
    api
}

/// A part of the description.
fn at<'v>(value: &'v mut Value, names: &[&str]) -> Option<&'v mut Value> {
    names.iter().try_fold(value, |value, name| value.get_mut(*name))
}

/// Says something of a part of the description.
fn put(value: &mut Value, names: &[&str], member: &str, becomes: Value) {
    if let Some(part) = at(value, names).and_then(Value::as_object_mut) {
        part.insert(member.to_owned(), becomes);
    }
}

/// All operations: address and method.
fn operations(api: &Value) -> Vec<(String, String)> {
    let paths = api.get("paths").and_then(Value::as_object).into_iter().flatten();
    let of_path = |(path, operations): (&String, &Value)| -> Vec<(String, String)> {
        let methods = operations.as_object().into_iter().flatten();
        methods.map(|(method, _)| (path.clone(), method.clone())).collect()
    };
    paths.flat_map(of_path).collect()
}

/// The name of an operation: `get-v1-webhooks-id`.
fn name(method: &str, path: &str) -> String {
    let words = path.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    [method].into_iter().chain(words.filter(|word| !word.is_empty())).collect::<Vec<_>>().join("-")
}

/// Says of responses that name something what can be done with it.
fn link(api: &mut Value) {
    for (path, method, status, one, id) in [
        ("/v1/webhooks", "post", "201", "/v1/webhooks/{id}", "$response.body#/id"),
        ("/v1/deliveries", "get", "200", "/v1/deliveries/{id}", "$response.body#/deliveries/0/id"),
        ("/v1/projects/{id}", "put", "201", "/v1/projects/{id}", "$response.body#/id"),
        ("/v1/editions/{id}", "put", "201", "/v1/editions/{id}", "$response.body#/id"),
    ] {
        let of_one = operations(api).into_iter().filter(|(path, _)| path.starts_with(one));
        let links: Map<String, Value> = of_one
            .map(|(path, method)| {
                let operation = name(&method, &path);
                (operation.clone(), json!({"operationId": operation, "parameters": {"id": id}}))
            })
            .collect();
        put(api, &["paths", path, method, "responses", status], "links", links.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Methods and addresses of a router, as its source has them.
    fn routes(source: &str) -> BTreeSet<String> {
        let mut routes = BTreeSet::new();
        for route in source.split(".route(").skip(1) {
            let route = route.split("\n        .").next().unwrap();
            let (path, handlers) = route.split_once(',').unwrap();
            let path = match path.trim() {
                "EVENTS_PATH" => cuehook_protocol::EVENTS_PATH,
                "SETTINGS_PATH" => cuehook_protocol::SETTINGS_PATH,
                path => path.trim_matches('"'),
            };
            for method in ["get", "post", "put", "patch", "delete"] {
                if handlers.contains(&format!("{method}(")) {
                    routes.insert(format!("{method} {path}"));
                }
            }
        }
        routes
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let mut known = routes(include_str!("mod.rs"));
        known.append(&mut routes(include_str!("manage/mod.rs")));
        let api = description();
        let mut described = BTreeSet::new();
        for (path, operations) in api["paths"].as_object().unwrap() {
            described.extend(operations.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
        }
        assert_eq!(described, known);
        assert!(known.len() > 30, "{known:?}");
    }

    #[test]
    fn operations_are_described_with_their_errors_and_scopes() {
        let api = description();
        let mut names = BTreeSet::new();
        for (path, operations) in api["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
                assert!(operation["responses"]["default"].is_object(), "{method} {path}");
                assert!(
                    operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                    "{method} {path}"
                );
                let scopes = operation["security"].as_array().into_iter().flatten();
                for scope in scopes.flat_map(|scheme| scheme["apiKey"].as_array().into_iter().flatten()) {
                    assert!(crate::token::Scope::named(scope.as_str().unwrap()).is_some(), "{method} {path}");
                }
            }
        }
        assert_eq!(api["components"]["schemas"]["NewWebhook"]["required"], json!(["url"]));
        let links = api["paths"]["/v1/webhooks"]["post"]["responses"]["201"]["links"].as_object().unwrap();
        assert_eq!(links.len(), 7);
        assert!(links.keys().all(|name| names.contains(name.as_str())), "{links:?}");
    }
}
