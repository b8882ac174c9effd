//! The page of the player tests.

use super::Site;

#[test]
fn the_page_of_players_has_a_policy_of_its_own() {
    let site = Site::new("players");
    let policy = |path: &str| {
        let response = site.get(path);
        assert_eq!(response.status(), 200, "{path}");
        response.headers()["content-security-policy"].to_str().unwrap().to_owned()
    };
    let player = policy("/tests/players/page.html");
    assert!(player.contains("style-src 'self' 'unsafe-inline'"), "players write styles: {player}");
    assert!(player.contains("default-src 'none'") && player.contains("frame-src 'self'"), "{player}");
    let plain = policy("/tests/plain.html");
    assert!(plain.contains("style-src 'self';"), "the other pages keep theirs: {plain}");
}

#[test]
fn what_npm_has_installed_for_players_is_not_served() {
    let site = Site::new("players-modules");
    let response = site.get("/tests/players/node_modules/module.js");
    assert_eq!(response.status(), 404);
}
