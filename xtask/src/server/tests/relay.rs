//! What pages are told of the relay, and what they are not.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{Server, free_listener};
use super::{Folder, Site, agent, call, header, read, read_json};
use crate::relay::Access;

/// A server beside a relay whose program tells what it was asked.
fn beside(name: &str) -> (Server, Folder) {
    let folder = std::env::temp_dir().join(format!("cuehook-beside-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("www")).unwrap();
    std::fs::write(folder.join("www/index.html"), "<title>demo</title>").unwrap();
    let access = Access::stand_in(Path::new("echo"), &folder);
    let (listener, other) = (free_listener().unwrap(), free_listener().unwrap());
    (Server::start_beside(Some(access), &folder, listener, other).unwrap(), Folder(folder))
}

#[test]
fn a_page_of_the_server_is_told_where_the_relay_is_and_gets_a_token() {
    let (server, _folder) = beside("told");
    for origin in [server.origin(), server.other_origin()] {
        let response =
            agent().get(format!("{origin}/relay.json")).header("sec-fetch-site", "same-origin").call();
        let response = response.unwrap();
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert_eq!(header(&response, "access-control-allow-origin"), "", "for no page of another origin");
        let told = read_json(response);
        assert_eq!(told["address"], "http://127.0.0.1:9");
        // The token is for the origin of the very page.
        assert_eq!(told["token"], format!("token --project demo --origin {origin} --minutes 5"));
        let discount =
            json!({ "url": "http://127.0.0.1:8787/hook", "headers": {}, "secret": ["X-Shop-Key"] });
        assert_eq!(told["webhooks"], json!({ "lake.discount": discount }));
    }
}

#[test]
fn a_page_from_elsewhere_gets_none() {
    let (server, _folder) = beside("elsewhere");
    for site in ["cross-site", "same-site"] {
        let address = format!("{}/relay.json", server.origin());
        let response = agent().get(address).header("sec-fetch-site", site).call().unwrap();
        assert_eq!(response.status(), 403, "{site}");
        assert!(!read(response).contains("token --project"));
    }
}

#[test]
fn pages_may_call_the_relay_and_nobody_else() {
    let (server, _folder) = beside("policy");
    let response = agent().get(format!("{}/", server.origin())).call().unwrap();
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("connect-src 'self' http://127.0.0.1:9;"), "{policy}");
    let response = agent().get(format!("{}/?csp=loopback", server.origin())).call().unwrap();
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("connect-src 'self' http://127.0.0.1:*;"), "{policy}");
}

#[test]
fn without_a_relay_there_is_nothing_to_tell() {
    assert_eq!(read_json(Site::new("no-relay").get("/relay.json")), Value::Null);
}

#[test]
fn a_browser_is_told_that_the_secret_was_there_and_not_what_it_was() {
    let site = Site::new("hidden");
    let address = format!("{}/webhook-test", site.server.origin());
    agent().post(address).header("x-shop-key", "k-1").send(call().to_string()).unwrap();
    let log = |site_field: Option<&str>| {
        let mut request = agent().get(format!("{}/webhook-log", site.server.origin()));
        if let Some(value) = site_field {
            request = request.header("sec-fetch-site", value);
        }
        read_json(request.call().unwrap())[0]["headers"]["x-shop-key"].clone()
    };
    assert_eq!(log(None), "k-1");
    assert_eq!(log(Some("same-origin")), "(hidden)");
}
