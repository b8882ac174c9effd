//! Pages that know nothing of tests are watched only if they are asked for so.

use super::{Site, header};

#[test]
fn a_page_is_watched_from_its_beginning_under_its_own_policy() {
    let site = Site::new("watched");
    let plain = site.get("/");
    let mut watched = site.get("/?csp=cross-origin&watched");
    let expected = "<html><head><script src=\"/tests/watch.js\"></script><title>demo</title></head></html>";
    assert_eq!(header(&watched, "content-length"), expected.len().to_string());
    assert!(header(&watched, "content-security-policy").contains(&site.server.other_origin()));
    assert_eq!(watched.body_mut().read_to_string().unwrap(), expected);
    for path in ["/", "/?unwatched"] {
        let body = site.get(path).body_mut().read_to_string().unwrap();
        assert_eq!(body, "<html><head><title>demo</title></head></html>", "{path}");
    }
    assert_eq!(header(&plain, "content-type"), header(&watched, "content-type"));
    assert_eq!(site.get("/nothing.html?watched").status(), 404);
}
