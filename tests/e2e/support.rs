//! Runs a test in a browser of its own.

pub use crate::engine::Autoplay;
use crate::engine::Engine;
use crate::page::Page;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

/// How long a browser may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where things are. `cargo xtask test` says it.
pub struct Places {
    pub server: String,
    pub other: String,
    pub driver: String,
    pub engine: Engine,
}

impl Places {
    fn known() -> Places {
        let place = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: run these tests by `cargo xtask test --only e2e`")
            })
        };
        Places {
            server: place("CUEHOOK_SERVER"),
            other: place("CUEHOOK_OTHER_ORIGIN"),
            driver: place("WEBDRIVER_URL"),
            engine: Engine::known(),
        }
    }
}

/// Runs a test, then sees to it that the page is in order and that the browser ends, whatever happened.
pub fn run(test: impl AsyncFnOnce(&Page)) {
    run_with(Autoplay::Allowed, test);
}

/// The same in a browser with its own ideas about playing.
pub fn run_with(autoplay: Autoplay, test: impl AsyncFnOnce(&Page)) {
    let places = Places::known();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(open(&places, autoplay));
    let page = Page::new(client.clone(), places);
    let attempt = |part: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(part));
    let mut test = Some(test);
    let mut outcome = attempt(&mut || {
        if let Some(test) = test.take() {
            runtime.block_on(test(&page));
            runtime.block_on(page.finish());
        }
    });
    if outcome.is_err() {
        // What the page has seen helps to find out why; failing to get it must not hide the first failure.
        let _ = attempt(&mut || eprintln!("{}", runtime.block_on(page.account())));
    }
    if let Err(error) = runtime.block_on(client.close()) {
        outcome = outcome.and_then(|()| Err(Box::new(format!("the browser did not end: {error}"))));
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

async fn open(places: &Places, autoplay: Autoplay) -> Client {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(places.engine.capabilities(autoplay));
    // Some drivers wait for ever for a browser that did not start.
    let session = tokio::time::timeout(PATIENCE, builder.connect(&places.driver)).await;
    let client = session.expect("the browser did not start within a minute").unwrap();
    places.engine.settle(&client, &places.driver).await;
    client
}

/// A project with one webhook, an area that runs it, and overlays that show its answer. `webhook` adds to the webhook
/// or replaces what is there.
pub fn shop(url: &str, webhook: Value) -> Value {
    let mut discount = json!({
        "id": "discount", "name": "Discount code", "url": url, "waitForResponse": true, "timeoutMs": 20000,
    });
    for (name, value) in webhook.as_object().unwrap() {
        discount[name] = value.clone();
    }
    json!({
        "cuehook": 1,
        "video": { "id": "lake", "title": "An evening at the lake" },
        "variables": { "viewerName": "guest" },
        "webhooks": [discount],
        "elements": [
            {
                "id": "get-code", "kind": "area", "label": "Get my code",
                "box": { "left": 25, "top": 30, "width": 50, "height": 30 },
                "onClick": [{ "do": "executeWebhook", "webhook": "discount", "params": { "sku": "tent" } }]
            },
            {
                "id": "code", "kind": "html", "box": { "left": 2, "top": 66, "width": 45, "height": 14 },
                "source": "DiscountCode: ${discountCode! -}"
            },
            {
                "id": "picture", "kind": "html", "box": { "left": 78, "top": 30, "width": 20, "height": 30 },
                "source": "<img src=\"${imageUrl}\" alt=\"\">"
            },
            {
                "id": "user", "kind": "html", "box": { "left": 50, "top": 66, "width": 48, "height": 14 },
                "source": "<p>${user.userName}</p>"
            }
        ]
    })
}
