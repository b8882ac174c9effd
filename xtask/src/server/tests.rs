//! Every misbehaviour really misbehaves as told.

mod collector;
mod host;
mod players;
mod relay;
mod watched;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;
use ureq::{Body, Error};

use super::Server;

/// A server over a small site in a folder of its own.
struct Site {
    server: Server,
    _folder: Folder,
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Site {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("cuehook-server-{}-{name}", std::process::id()));
        for sub in [
            "www/film",
            "pkg/dist",
            "benches/page",
            "tests/pages",
            "tests/players/page",
            "tests/players/node_modules",
        ] {
            std::fs::create_dir_all(folder.join(sub)).unwrap();
        }
        for (file, content) in [
            ("secret.txt", "secret"),
            ("www/index.html", "<html><head><title>demo</title></head></html>"),
            ("www/film/lake.webm", "0123456789"),
            ("pkg/cuehook.js", "export {}"),
            ("pkg/dist/cuehook_bg.wasm", "\0asm"),
            ("benches/page/index.html", "<title>bench</title>"),
            ("tests/pages/plain.html", "<title>plain</title>"),
            ("tests/players/page/page.html", "<title>player</title>"),
            ("tests/players/node_modules/module.js", "export {}"),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
        Site { server: Server::start_anywhere(&folder).unwrap(), _folder: Folder(folder) }
    }

    fn get(&self, path: &str) -> Response<Body> {
        agent().get(format!("{}{path}", self.server.origin())).call().unwrap()
    }

    fn post(&self, query: &str, body: &Value) -> Result<Response<Body>, Error> {
        agent()
            .post(format!("{}/webhook-test?{query}", self.server.origin()))
            .header("content-type", "application/json")
            .header("webhook-id", body.pointer("/id").and_then(Value::as_str).unwrap_or("none"))
            .send(body.to_string())
    }

    fn answer(&self, query: &str) -> Response<Body> {
        self.post(query, &call()).unwrap()
    }

    fn socket(&self) -> TcpStream {
        let address: SocketAddr = self.server.origin().trim_start_matches("http://").parse().unwrap();
        TcpStream::connect(address).unwrap()
    }

    /// `127.0.0.1` and the port.
    fn host(&self) -> String {
        self.server.origin().trim_start_matches("http://").to_owned()
    }

    /// What comes back for a request written by hand; `THIS-SERVER` in it becomes the server's.
    fn raw(&self, request: &str) -> String {
        let mut socket = self.socket();
        socket.write_all(request.replace("THIS-SERVER", &self.host()).as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn read(mut response: Response<Body>) -> String {
    response.body_mut().read_to_string().unwrap()
}

fn read_json(response: Response<Body>) -> Value {
    serde_json::from_str(&read(response)).unwrap()
}

fn call() -> Value {
    json!({
        "type": "webhook.executed", "id": "call-1", "session": { "id": "session-1" },
        "params": { "sku": "lantern" }, "context": { "viewerName": "Ada" },
        "interactions": [ { "seq": 1 }, { "seq": 2 } ],
    })
}

#[test]
fn addresses_are_whole_if_that_is_asked_for() {
    let site = Site::new("addresses");
    let json = |query: &str| -> Value {
        let text = site.answer(query).body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let whole = json("addresses=absolute");
    assert_eq!(whole["imageUrl"], format!("{}/film/lantern.jpg", site.server.origin()));
    assert!(whole["discountCode"].is_string());
    assert_eq!(whole["received"], call(), "what was received stays as it is");
    let products = json("addresses=absolute&answer=products");
    assert_eq!(products["products"][1]["imageUrl"], format!("{}/film/lantern.jpg", site.server.origin()));
    assert_eq!(json("")["imageUrl"], "/film/lantern.jpg");
}

#[test]
fn files_have_their_types_and_the_strict_policy() {
    let site = Site::new("types");
    for (path, content_type) in [
        ("/", "text/html"),
        ("/film/lake.webm", "video/webm"),
        ("/pkg/cuehook.js", "text/javascript"),
        ("/pkg/dist/cuehook_bg.wasm", "application/wasm"),
        ("/tests/plain.html", "text/html"),
    ] {
        let response = site.get(path);
        assert_eq!(response.status(), 200, "{path}");
        assert!(header(&response, "content-type").starts_with(content_type), "{path}: {response:?}");
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
        let policy = header(&response, "content-security-policy");
        assert!(
            policy.contains("connect-src 'self';") && policy.contains("trusted-types 'none'"),
            "{policy}"
        );
    }
    let relaxed = site.get("/?csp=cross-origin");
    assert!(header(&relaxed, "content-security-policy").contains(&site.server.other_origin()));
    let no_wasm = site.get("/?csp=no-wasm");
    assert!(header(&no_wasm, "content-security-policy").contains("script-src 'self';"));
    assert_eq!(
        header(&site.get("/tests/plain.html?csp=no-media"), "content-security-policy"),
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' data:; \
         style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    );
    assert_eq!(site.get("/nothing.html").status(), 404);
}

#[test]
fn the_bench_page_alone_is_served_with_eval_and_without_trusted_types() {
    let site = Site::new("bench");
    let page = site.get("/bench/");
    assert_eq!(page.status(), 200);
    let policy = header(&page, "content-security-policy");
    assert!(policy.contains("script-src 'self' 'unsafe-eval';"), "{policy}");
    assert!(!policy.contains("trusted-types"), "{policy}");
    assert_eq!(site.get("/bench/nothing").status(), 404);
}

#[test]
fn the_bench_page_is_answered_with_the_time_that_it_took() {
    let site = Site::new("bench-answer");
    let post =
        |body: &str| agent().post(format!("{}/bench/answer", site.server.origin())).send(body).unwrap();
    let response = post("{}");
    let timing = header(&response, "server-timing").strip_prefix("answer;dur=").unwrap().to_owned();
    assert!(timing.parse::<f64>().is_ok(), "{timing}");
    assert!(read_json(response).is_object());
    assert_eq!(post("{").status(), 400);
}

#[test]
fn a_video_can_be_seeked() {
    let site = Site::new("range");
    let url = format!("{}/film/lake.webm", site.server.origin());
    let part = agent().get(&url).header("range", "bytes=2-4").call().unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 2-4/10");
    assert_eq!(read(part), "234");
    let beyond = agent().get(&url).header("range", "bytes=20-").call().unwrap();
    assert_eq!(beyond.status(), 416);
}

#[test]
fn nothing_outside_the_folders_is_served() {
    let site = Site::new("traversal");
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/pkg/../../secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "/film/..%5c..%5csecret.txt",
        "//secret.txt",
    ] {
        let answer =
            site.raw(&format!("GET {path} HTTP/1.1\r\nhost: THIS-SERVER\r\nconnection: close\r\n\r\n"));
        assert!(!answer.contains("secret") && !answer.starts_with("HTTP/1.1 2"), "{path}: {answer}");
    }
}

#[test]
fn the_second_port_serves_the_same() {
    let site = Site::new("second");
    assert_ne!(site.server.origin(), site.server.other_origin());
    let page = agent().get(site.server.other_origin()).call().unwrap();
    assert_eq!(read(page), "<html><head><title>demo</title></head></html>");
}

#[test]
fn the_answer_follows_from_the_request() {
    let site = Site::new("answer");
    let first = read_json(site.answer(""));
    assert_eq!(first["received"], call());
    assert_eq!(first["headers"]["webhook-id"], "call-1");
    assert_eq!(first["score"], 20);
    assert_eq!(first["imageUrl"], "/film/lantern.jpg");
    assert_eq!(first["user"], json!({ "firstName": "Ada", "lastName": "Doe", "userName": "ada.doe" }));
    assert_eq!(read_json(site.answer(""))["discountCode"], first["discountCode"]);

    let mut other = call();
    other["params"]["sku"] = json!("tent");
    let second = read_json(site.post("", &other).unwrap());
    assert_eq!(second["imageUrl"], "/film/tent.jpg");
    assert_ne!(second["discountCode"], first["discountCode"]);
}

#[test]
fn the_echo_can_be_left_out() {
    let site = Site::new("echo");
    let answer = read_json(site.answer("echo=none"));
    assert_eq!(answer["user"]["firstName"], "Ada");
    assert!(answer.get("received").is_none() && answer.get("headers").is_none());
    let mended = read_json(site.post("echo=none&fail-first=0", &call()).unwrap());
    assert!(mended.get("received").is_none());
}

#[test]
fn simple_mode_and_other_origins_are_understood() {
    let site = Site::new("simple");
    let url = format!("{}/webhook-test", site.server.origin());
    let plain = agent().post(&url).header("content-type", "text/plain").send(call().to_string()).unwrap();
    assert_eq!(header(&plain, "access-control-allow-origin"), "*");
    assert_eq!(header(&plain, "access-control-expose-headers"), "retry-after");
    assert_eq!(read_json(plain)["score"], 20);

    let preflight = site.raw(
        "OPTIONS /webhook-test HTTP/1.1\r\nhost: THIS-SERVER\r\norigin: http://shop.example\r\n\
         access-control-request-headers: content-type,webhook-id\r\n\r\n",
    );
    for line in [
        "HTTP/1.1 204",
        "access-control-allow-origin: *",
        "access-control-allow-headers: content-type,webhook-id",
        "access-control-allow-methods: POST",
        "access-control-max-age: 600",
    ] {
        assert!(preflight.contains(line), "{line} is missing in {preflight}");
    }
    let closed = site.raw("OPTIONS /webhook-test?cors=none HTTP/1.1\r\nhost: THIS-SERVER\r\n\r\n");
    assert!(!closed.contains("access-control"), "{closed}");
    assert_eq!(header(&site.answer("cors=none"), "access-control-allow-origin"), "");
}

#[test]
fn a_body_that_is_no_json_is_refused() {
    let site = Site::new("refused");
    let url = format!("{}/webhook-test", site.server.origin());
    assert_eq!(agent().post(&url).send("{").unwrap().status(), 400);
    let mistyped = site.answer("dealy=100");
    assert_eq!(mistyped.status(), 400);
    assert!(read(mistyped).contains("dealy"));
    for status in ["0", "99", "100", "101", "199", "1000", "70000", "-1"] {
        for fault in ["status", "redirect"] {
            assert_eq!(site.answer(&format!("{fault}={status}")).status(), 400, "{fault}={status}");
        }
    }
    assert!(read(site.answer("status=100")).contains("200 to 999"));
    assert_eq!(site.answer("status=999").status(), 999);
}

#[test]
fn status_retry_after_and_redirects_combine_with_bodies() {
    let site = Site::new("status");
    let busy = site.answer("status=429&retry-after=2");
    assert_eq!((busy.status().as_u16(), header(&busy, "retry-after")), (429, "2"));
    assert!(!read(busy).contains("LAKE"));
    let created = site.answer("status=201");
    assert_eq!(created.status(), 201);
    assert_eq!(read_json(created)["score"], 20);
    assert_eq!(read(site.answer("status=204")), "");
    let moved = site.answer("redirect=302");
    assert_eq!((moved.status().as_u16(), header(&moved, "location")), (302, "/webhook-test"));
    let portal = site.answer("status=500&body=html");
    assert_eq!(portal.status(), 500);
    assert!(header(&portal, "content-type").starts_with("text/html"));
    assert!(read(portal).contains("<script>"));
}

#[test]
fn wrong_bodies_are_wrong_in_the_way_told() {
    let site = Site::new("bodies");
    assert!(serde_json::from_str::<Value>(&read(site.answer("body=bad-json"))).is_err());
    assert_eq!(read(site.answer("body=empty")), "");
    assert_eq!(read(site.answer("body=text")), "OK");
    assert!(read_json(site.answer("body=array")).is_array());
    let deep = read(site.answer("body=deep"));
    assert_eq!((deep.matches('{').count(), deep.matches('}').count()), (200, 200));
    assert!(site.answer("body=cut").body_mut().read_to_string().is_err());

    let mut huge = site.answer("body=huge");
    let mut start = vec![0; 2 * 1024 * 1024];
    huge.body_mut().as_reader().read_exact(&mut start).unwrap();
    assert!(start.starts_with(br#"{"discountCode":"xxx"#));
}

#[test]
fn a_request_can_choose_the_body() {
    let site = Site::new("given");
    let call = json!({ "params": { "body": r#"{"__proto__":"<b>"}"# } });
    let mut good = site.post("body=given", &call).unwrap();
    assert_eq!(header(&good, "content-type"), "application/json");
    assert_eq!(good.body_mut().read_to_string().unwrap(), r#"{"__proto__":"<b>"}"#);
    let failed = site.post("body=given&status=500", &call).unwrap();
    assert_eq!(header(&failed, "content-type"), "text/html; charset=utf-8");
    assert_eq!((failed.status().as_u16(), read(failed)), (500, r#"{"__proto__":"<b>"}"#.to_owned()));
}

#[test]
fn a_trickle_comes_byte_by_byte() {
    let site = Site::new("trickle");
    let mut response = site.answer("body=trickle");
    let started = Instant::now();
    let mut bytes = [0; 5];
    response.body_mut().as_reader().read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"{\"dis");
    assert!(started.elapsed() >= Duration::from_millis(600), "{:?}", started.elapsed());
}

#[test]
fn a_delay_holds_the_answer_back() {
    let site = Site::new("delay");
    let started = Instant::now();
    assert_eq!(site.answer("delay=300&status=503").status(), 503);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_reset_sends_no_byte() {
    let site = Site::new("reset");
    let mut socket = site.socket();
    socket
        .write_all(
            format!(
                "POST /webhook-test?reset=1 HTTP/1.1\r\nhost: {}\r\ncontent-length: 2\r\n\r\n{{}}",
                site.host()
            )
            .as_bytes(),
        )
        .unwrap();
    let mut answer = Vec::new();
    let error = socket.read_to_end(&mut answer).unwrap_err();
    assert_eq!((error.kind(), answer.len()), (ErrorKind::ConnectionReset, 0));
    assert!(site.post("reset=1", &call()).is_err());
    assert_eq!(site.answer("").status(), 200);
}

#[test]
fn only_the_first_attempts_fail_when_told_so() {
    let site = Site::new("fail");
    let statuses = |query: &str, body: &Value| -> Vec<u16> {
        (0..4).map(|_| site.post(query, body).unwrap().status().as_u16()).collect()
    };
    assert_eq!(statuses("fail=2&status=502", &call()), [502, 502, 200, 200]);
    let mut second = call();
    second["id"] = json!("call-2");
    assert_eq!(statuses("fail=1", &second), [503, 200, 200, 200]);
    assert!(site.post("fail=1&reset=1", &json!({ "id": "call-3" })).is_err());
    assert_eq!(site.post("fail=1&reset=1", &json!({ "id": "call-3" })).unwrap().status(), 200);
    assert_eq!(read(site.post("fail=1&body=empty", &json!({ "id": "call-4" })).unwrap()), "");
}

#[test]
fn the_first_calls_of_each_session_fail_when_told_so() {
    let site = Site::new("session");
    let of = |session: &str, key: &str| {
        let body =
            json!({ "id": Instant::now().elapsed().as_nanos().to_string(), "session": { "id": session } });
        site.post(&format!("fail-first=1&key={key}"), &body).unwrap().status().as_u16()
    };
    assert_eq!([of("a", "x"), of("a", "x"), of("a", "y"), of("a", "y")], [503, 200, 503, 200]);
    assert_eq!([of("b", "x"), of("b", "x")], [503, 200]);
}

#[test]
fn the_log_keeps_the_last_requests() {
    let site = Site::new("log");
    for number in 0..205 {
        site.post("reset=1", &json!({ "id": number.to_string() })).unwrap_err();
    }
    let log = read_json(site.get("/webhook-log?clear=1"));
    let log = log.as_array().unwrap();
    assert_eq!(log.len(), 200);
    let last = log.last().unwrap();
    assert_eq!(last["body"], r#"{"id":"204"}"#);
    assert_eq!(last["method"], "POST");
    assert_eq!(last["url"], "/webhook-test?reset=1");
    assert_eq!(last["headers"]["webhook-id"], "204");
    assert!(last["at"].as_u64().unwrap() > 1_600_000_000_000);
    assert_eq!(read_json(site.get("/webhook-log")), json!([]));
}

#[test]
fn a_body_above_8_mib_is_refused() {
    let site = Site::new("limit");
    let url = format!("{}/webhook-test", site.server.origin());
    let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    assert_eq!(agent().post(&url).send(padded(8 * 1024 * 1024)).unwrap().status(), 200);
    // The server may close before it has read everything: then sending fails.
    if let Ok(response) = agent().post(&url).send(padded(8 * 1024 * 1024 + 1)) {
        assert_eq!(response.status(), 413);
    }
}

#[test]
fn a_stopped_server_frees_its_port() {
    let site = Site::new("stop");
    let origin = site.server.origin();
    let slow = std::thread::spawn({
        let origin = origin.clone();
        move || agent().post(format!("{origin}/webhook-test?delay=60000")).send("{}").is_err()
    });
    std::thread::sleep(Duration::from_millis(100));
    drop(site);
    assert!(slow.join().unwrap());
    assert!(agent().get(origin).call().is_err());
}
