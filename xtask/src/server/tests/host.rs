//! Which names the server answers to.

use super::Site;

#[test]
fn only_this_machine_s_own_names_are_answered() {
    let site = Site::new("host");
    site.answer("");
    let port = site.server.origin().rsplit_once(':').unwrap().1.to_owned();
    let other_port = site.server.other_origin().rsplit_once(':').unwrap().1.to_owned();
    let status = |host: &str| {
        let answer = site.raw(&format!("GET /webhook-log HTTP/1.1\r\n{host}connection: close\r\n\r\n"));
        assert_eq!(answer.contains("call-1"), answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    for name in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        assert_eq!(status(&format!("host: {name}:{port}\r\n")), "200", "{name}");
        assert_eq!(status(&format!("host: {name}:{other_port}\r\n")), "200", "{name}");
    }
    for name in [
        "rebound.example",
        "127.0.0.1.rebound.example",
        "localhost.",
        "0.0.0.0",
        "127.0.0.2",
        "user@localhost",
    ] {
        assert_eq!(status(&format!("host: {name}:{port}\r\n")), "403", "{name}");
    }
    assert_eq!(status("host: 127.0.0.1\r\n"), "403", "another port");
    assert_eq!(status("host: 127.0.0.1:1\r\n"), "403", "another port");
    assert_eq!(status("host: \r\n"), "403");
    assert_eq!(status(""), "403");
    assert_eq!(
        status(&format!("host: THIS-SERVER\r\nhost: rebound.example:{port}\r\n")),
        "403",
        "two of them"
    );
    for path in ["/", "/pkg/cuehook.js", "/webhook-test", "/start/x", "/bench/", "/nothing"] {
        let answer =
            site.raw(&format!("GET {path} HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
        assert!(answer.contains("rebound.example") && answer.contains("localhost"), "it says why: {answer}");
    }
    let absolute =
        "GET http://rebound.example/webhook-log HTTP/1.1\r\nhost: THIS-SERVER\r\nconnection: close\r\n\r\n";
    assert!(site.raw(absolute).starts_with("HTTP/1.1 403"));
}
