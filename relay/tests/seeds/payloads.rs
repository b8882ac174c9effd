//! Receivers of editions, of calls, and of contacts: whose bodies an author may write.

use crate::files::read;
use crate::receiver::Receiver;
use crate::relay::{Relay, id};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

/// Takes one request, whatever it is: its head, in small letters, and its body.
fn planner() -> (SocketAddr, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0);
        }
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        stream.get_mut().write_all(answer).unwrap();
        (head, String::from_utf8(body).unwrap())
    });
    (address, asked)
}

#[test]
#[ignore = "needs Node and Python"]
fn dynamic_content_is_told_of_an_edition_and_asks_for_its_contents() {
    let relay = Relay::start();
    let api = format!("http://{}", relay.address);
    let settings = [
        ("WEBHOOK_SECRET", "webhook-secret"),
        ("API", api.as_str()),
        ("API_KEY", relay.editions_key.as_str()),
    ];
    let mut receiver = Receiver::start("dynamic-content/receiver.mjs", &settings);
    let (address, planned) = planner();
    let addresses = [receiver.shop(), ("https://planner.example", format!("http://{address}"))];
    relay.does_as_written("Dynamic Content", &addresses);
    let contents = json!({"slots": [{"name": "hero", "content": "spring"}]});
    assert_eq!(
        receiver.taken(),
        json!({"scheduled": "Spring sale", "days": 7, "status": 200, "contents": contents})
    );
    // The custom payload was registered later.
    relay.does("POST", "/v1/editions/spring-sale/unschedule", Value::Null);
    assert_eq!(receiver.taken(), json!({"unscheduled": "Spring sale", "wasPlanned": true}));
    relay.does("POST", "/v1/editions/spring-sale/schedule", Value::Null);
    assert_eq!(receiver.taken()["contents"], contents);
    assert_eq!(relay.delivered(relay.newest("edition.scheduled").0), ["dynamic-content", "planner"]);
    let (head, body) = planned.join().unwrap();
    assert_eq!(body, r#"{"label": "SPRING SALE", "from": 1803888000000}"#);
    assert!(head.starts_with("put /editions http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nx-planner-key: key of the planner\r\n"), "{head}");

    // The filter does not want this one.
    relay.does("DELETE", "/v1/webhooks/planner", Value::Null);
    let other =
        json!({"name": "Stocktaking", "start": "2027-03-01T08:00:00Z", "end": "2027-03-02T08:00:00Z"});
    relay.does("PUT", "/v1/editions/other", other);
    relay.does("POST", "/v1/editions/other/schedule", Value::Null);
    assert_eq!(relay.delivered(relay.newest("edition.scheduled").0), [""; 0]);
    relay.changes("dynamic-content", json!({"compatibleSecret": "another"}));
    assert_eq!(relay.tests("dynamic-content", "edition.scheduled", ""), 401);
    assert_eq!(receiver.rest(), "");
}

/// The template of a recipe in `docs/payload-templates.md`.
fn recipe(title: &str) -> Value {
    let page = read("docs/payload-templates.md");
    let recipe =
        page.split(&format!("\n### {title}\n")).nth(1).unwrap_or_else(|| panic!("no recipe {title}"));
    let body = recipe.split("```jinja\n").nth(1).unwrap().split("```").next().unwrap();
    json!({ "body": body })
}

const CALL: &str = r#"{"type":"webhook.executed","id":"01a1fd0e-4b25-7714-aee1-98ccec441a1c","timestamp":"2026-11-21T07:42:14.821Z",
    "webhook":{"id":"discount","name":"Discount code"},"video":{"id":"spring-shop","title":"Spring \"shop\"","currentTime":4.80,"duration":32},
    "session":{"id":"01a1fd0e-3820-764f-83ef-121497acd217","startedAt":"2026-11-21T07:42:09.952Z","page":"https://shop.example/"},
    "trigger":{"element":"get-code","event":"click"},"params":{"sku":"A-17"},"context":{"viewerName":"Ada"},
    "interactions":[{"seq":1,"id":"01a1fd0e-42f5-73f9-a26b-3e91f5a4474a","type":"click","element":"get-code","label":"Get my \"code\"","mediaTime":2.729,"at":"2026-11-21T07:42:12.725Z"}],
    "truncated":false,"contextTruncated":false}"#;

#[test]
#[ignore = "needs Node and Python"]
fn a_receiver_for_cinema8_finds_its_parameters_and_answers_the_video() {
    let mut receiver = Receiver::start("cinema8/receiver.py", &[("API_KEY", "secret of the shop")]);
    let relay = Relay::start();
    relay.does_as_written("Cinema8", &[receiver.shop()]);
    let answered = || {
        let answer = relay.calls("spring", "cinema8", CALL);
        assert_eq!(answer.status, 200, "{answer:?}");
        let variables = answer.json();
        assert_eq!(variables["discountCode"], "SPRING-40");
        assert_eq!(variables["imageUrl"], "https://media.example/A-17.jpg");
        assert_eq!(variables["user"]["userName"], "ada.doe");
    };
    answered();
    assert_eq!(receiver.taken(), json!({"sku": "A-17", "userName": "Ada"}));
    relay.changes("cinema8", json!({"template": recipe("A Cinema8 receiver")}));
    answered();
    let taken = receiver.taken();
    assert_eq!(
        (&taken["sku"], &taken["userName"], &taken["videoId"]),
        (&json!("A-17"), &json!("Ada"), &json!("spring-shop"))
    );
    assert_eq!(taken["interactions"][0]["label"], "Get my \"code\"");
    let guessed = json!([{"name": "X-API-KEY", "value": "guessed", "secret": true}]);
    relay.changes("cinema8", json!({"headers": guessed}));
    assert_eq!(relay.calls("spring", "cinema8", CALL).status, 403);
    assert_eq!(receiver.rest(), "");
}

#[test]
#[ignore = "needs Node and Python"]
fn a_crm_gets_contacts_as_its_api_wants_them() {
    let mut receiver = Receiver::start("crm/receiver.py", &[("ACCESS_TOKEN", "pat-eu1-0")]);
    let relay = Relay::start();
    relay.does_as_written("A CRM", &[("https://api.crm.example", receiver.url())]);
    let ada = json!({"new": true, "email": "ada@example.org", "firstname": "Ada", "lastname": "Lovelace", "phone": "+49 30 1234567"});
    assert_eq!(relay.delivered(relay.plays("spring", "lead.captured")), ["crm"]);
    assert_eq!(receiver.taken(), ada);
    relay.changes("crm", json!({"template": recipe("A CRM's contact API")}));
    // A second time it is the same contact, as at least once has it.
    let event = relay.plays("spring", "lead.captured");
    assert_eq!(relay.delivered(event), ["crm"]);
    let mut known = ada;
    for (name, value) in [
        ("company", "Analytical Engines"),
        ("lead_video", "Sample video"),
        ("lead_time", "2026-11-20T20:07:00.123Z"),
    ] {
        known[name] = json!(value);
    }
    known["new"] = json!(false);
    assert_eq!(receiver.taken(), known);
    relay.does("POST", "/v1/deliveries/replay", json!({"event": event.to_string()}));
    assert_eq!(receiver.taken(), known);
    // Who has left only an e-mail, and tries what can be tried there.
    let hostile = r#"x\",\"lastname\":\"y@example.org"#;
    let id = id();
    let lead = format!(
        "{{\"type\":\"lead.captured\",\"timestamp\":\"2026-11-20T20:07:00Z\",\"id\":\"{id}\",\"data\":{{\"lead\":{{\"email\":\"{hostile}\"}}}}}}"
    );
    relay.tells("spring", id, &lead);
    assert_eq!(relay.delivered(id), ["crm"]);
    let taken = receiver.taken();
    assert_eq!(
        (&taken["email"], &taken["lastname"]),
        (&json!("x\",\"lastname\":\"y@example.org"), &json!(""))
    );
    let other = json!([{"name": "Authorization", "value": "Bearer other", "secret": true}]);
    relay.changes("crm", json!({"headers": other}));
    assert_eq!(relay.tests("crm", "lead.captured", "spring"), 401);
    assert_eq!(receiver.rest(), "");
}
