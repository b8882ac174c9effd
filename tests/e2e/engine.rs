//! The browser engine that is driven, and what its driver does in a way of its own.

use crate::http;
use fantoccini::Client;
use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use std::path::Path;

/// A browser engine. `CUEHOOK_BROWSER` names it; `cargo xtask test --browser` sets that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Engine {
    Chromium,
    Firefox,
    Webkit,
}

/// Whether videos may play by themselves.
#[derive(Clone, Copy, PartialEq)]
pub enum Autoplay {
    /// Videos may always play.
    Allowed,
    /// Videos with sound play only after the viewer has acted, as browsers have it.
    Restricted,
}

impl Engine {
    pub fn known() -> Engine {
        match std::env::var("CUEHOOK_BROWSER").as_deref() {
            Err(_) | Ok("chromium") => Engine::Chromium,
            Ok("firefox") => Engine::Firefox,
            Ok("webkit") => Engine::Webkit,
            Ok(other) => panic!("CUEHOOK_BROWSER is {other}; it may be chromium, firefox or webkit"),
        }
    }

    /// How the browser is started.
    pub fn capabilities(self, autoplay: Autoplay) -> Capabilities {
        let file = match self {
            Engine::Chromium => "webdriver.json",
            Engine::Firefox => "webdriver.firefox.json",
            Engine::Webkit => "webdriver.webkit.json",
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut capabilities: Capabilities =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        // Some scripts of tests try hundreds of things, and machines may be busy.
        capabilities.insert("timeouts".into(), json!({ "script": 120_000 }));
        let free = autoplay == Autoplay::Allowed;
        let add = |options: &mut Value, argument: &str| {
            options["args"].as_array_mut().unwrap().push(argument.into());
        };
        match self {
            Engine::Chromium => {
                let options = &mut capabilities["goog:chromeOptions"];
                if free {
                    add(options, "--autoplay-policy=no-user-gesture-required");
                }
                add(options, "--window-size=1000,800");
                capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
            }
            Engine::Firefox => {
                capabilities["moz:firefoxOptions"]["prefs"]["media.autoplay.default"] =
                    json!(if free { 0 } else { 1 });
            }
            Engine::Webkit => {
                let policy = if free { "allow" } else { "allow-without-sound" };
                add(&mut capabilities["webkitgtk:browserOptions"], &format!("--autoplay-policy={policy}"));
            }
        }
        capabilities
    }

    /// Gives the window its size, which Chromium has from its start.
    pub async fn settle(self, client: &Client, driver: &str) {
        if self == Engine::Firefox {
            // Its own interface is a page, too, and says how narrow windows may be.
            let session = client.session_id().await.unwrap().unwrap();
            let context = format!("/session/{session}/moz/context");
            http::post(driver, &context, &json!({ "context": "chrome" })).await;
            let wide = "document.documentElement.style.setProperty('min-width', '0', 'important')";
            client.execute(wide, Vec::new()).await.unwrap();
            http::post(driver, &context, &json!({ "context": "content" })).await;
        }
        if self != Engine::Chromium {
            client.set_window_size(1000, 800).await.unwrap();
        }
    }
}
