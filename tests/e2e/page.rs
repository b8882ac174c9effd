//! One browser window, and what a viewer and a developer see in it.

use crate::engine::Engine;
use crate::http;
use crate::support::Places;
use fantoccini::actions::{InputSource, KeyAction, KeyActions, MouseActions, PointerAction};
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long something that must happen may take. It is long because machines may be busy; nothing waits this long
/// unless the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub const TAB: char = '\u{E004}';
pub const ENTER: char = '\u{E007}';
pub const SPACE: char = ' ';
pub const ESCAPE: char = '\u{E00C}';

/// Milliseconds after which a second click is no double click any more.
pub const NO_DOUBLE_CLICK: u64 = 550;

pub struct Page {
    client: Client,
    places: Places,
    /// Tells this test's requests from those of others in the server's log.
    key: String,
    expected: RefCell<Vec<&'static str>>,
}

impl Page {
    pub fn new(client: Client, places: Places) -> Page {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let key = format!("test-{}-{count}", std::process::id());
        Page { client, places, key, expected: RefCell::default() }
    }

    /// The driver's client, for gestures that few tests need.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The server's origin.
    pub fn server(&self) -> &str {
        &self.places.server
    }

    /// The same server as another origin.
    pub fn other(&self) -> &str {
        &self.places.other
    }

    /// The test webhook, misbehaving as `query` says.
    pub fn hook(&self, query: &str) -> String {
        format!("/webhook-test?key={}&{query}", self.key)
    }

    /// Lets as many answers of the test webhook go that `hold=1` keeps back, the oldest first.
    pub async fn release(&self, count: u16) {
        let path = format!("/webhook-release?key={}&count={count}", self.key);
        http::post(&self.places.server, &path, &Value::Null).await;
    }

    /// The console may say this, and the page may report it.
    pub fn expect_problem(&self, part: &'static str) {
        self.expected.borrow_mut().push(part);
    }

    /// Opens a page of the server.
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.places.server)).await.unwrap();
    }

    /// Opens the page for tests, lays the project over the film and plays it.
    pub async fn stage(&self, project: &Value) {
        self.open("/tests/stage.html").await;
        self.lay(project).await;
        self.play().await;
    }

    /// The same with a film that has sound, though a silent one. The other has none, and so some browsers let it play
    /// whatever a page does.
    pub async fn stage_with_sound(&self, project: &Value) {
        self.open("/tests/stage.html").await;
        let arguments = vec![project.clone(), json!({}), "".into(), "/tests/sound.webm".into()];
        self.client.execute("stage(...arguments)", arguments).await.unwrap();
        self.until_laid().await;
        self.play().await;
    }

    /// Lays a project over the film and waits until it is there.
    pub async fn lay(&self, project: &Value) {
        self.lay_with(project, json!({}), "").await;
        self.until_laid().await;
    }

    async fn until_laid(&self) {
        self.until("return document.querySelector('cue-hook[ready]')").await;
        self.until("return document.querySelector('video').readyState >= 2").await;
    }

    /// Lays a project over the film, with attributes for `<cue-hook>` and a class for `<video>`.
    pub async fn lay_with(&self, project: &Value, attributes: Value, class: &str) {
        let arguments = vec![project.clone(), attributes, class.into()];
        self.client.execute("stage(...arguments)", arguments).await.unwrap();
    }

    /// Makes the page's next request for a project give this one.
    pub async fn remember_project(&self, project: &Value) {
        self.client.execute("remember(...arguments)", vec![project.clone()]).await.unwrap();
    }

    /// Opens a page that knows nothing of tests, and has it watched as closely as those that do.
    pub async fn open_watched(&self, path: &str) {
        let (path, fragment) = path.split_at(path.find('#').unwrap_or(path.len()));
        let join = if path.contains('?') { '&' } else { '?' };
        self.open(&format!("{path}{join}watched{fragment}")).await;
    }

    /// Which engine this is, for what only some of them do.
    pub fn engine(&self) -> Engine {
        self.places.engine
    }

    /// Sets the size of what the window shows, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        if self.engine() == Engine::Chromium {
            let metrics =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
            self.driver("goog/cdp/execute", command).await;
            return;
        }
        // What is around the page counts in the size that drivers set.
        let around = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight]").await;
        let with = |size: u32, around: &Value| size + u32::try_from(around.as_u64().unwrap()).unwrap();
        let (outer_width, outer_height) = (with(width, &around[0]), with(height, &around[1]));
        self.client.set_window_size(outer_width, outer_height).await.unwrap();
        self.until(&format!("return innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// Lets the page think that the viewer has set this in the system, such as `("forced-colors", "active")`. Says whether
    /// the driver can do that.
    pub async fn prefer(&self, features: &[(&str, &str)]) -> bool {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        let can = self.engine() == Engine::Chromium;
        if can {
            self.driver("goog/cdp/execute", command).await;
        }
        can
    }

    /// Lets requests for addresses of this form fail. Chromium's driver alone can do that.
    pub async fn block(&self, addresses: &str) {
        for (command, params) in
            [("Network.enable", json!({})), ("Network.setBlockedURLs", json!({ "urls": [addresses] }))]
        {
            self.driver("goog/cdp/execute", json!({ "cmd": command, "params": params })).await;
        }
    }

    /// Whether the browser has no network. Chromium's driver alone can do that.
    pub async fn offline(&self, offline: bool) {
        let params =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        for (command, params) in [("Network.enable", json!({})), ("Network.emulateNetworkConditions", params)]
        {
            self.driver("goog/cdp/execute", json!({ "cmd": command, "params": params })).await;
        }
    }

    /// Runs the body of a function in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.call(script, Vec::new()).await
    }

    /// The same with `arguments`.
    pub async fn call(&self, script: &str, arguments: Vec<Value>) -> Value {
        // Geckodriver runs scripts beside the page, in a global object of their own. What one of them leaves for the next
        // has to be the page's.
        let placed = format!("const globalThis = window, {{ Object }} = window; {script}");
        match self.client.execute(&placed, arguments).await {
            Ok(value) => value,
            Err(error) => panic!("`{script}`: {error}"),
        }
    }

    /// Runs the body of a function until it returns something true, and gives that.
    pub async fn until(&self, script: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.run(script).await;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!(0) && value != json!("") {
                return value;
            }
            assert!(Instant::now() < deadline, "waited in vain for `{script}`");
            pause(25).await;
        }
    }

    /// Plays the film by script, and waits until it plays.
    pub async fn play(&self) {
        self.run("document.querySelector('video').play()").await;
        self.until_playing().await;
    }

    /// Waits until the film really plays: its time moves.
    pub async fn until_playing(&self) {
        let from = self.time().await;
        let script =
            format!("const v = document.querySelector('video'); return !v.paused && v.currentTime > {from}");
        self.until(&script).await;
    }

    /// Asserts that the film stands: it is paused and its time does not move.
    pub async fn assert_standing(&self) {
        // Browsers show a last frame or two after a pause.
        let script = "const v = document.querySelector('video'), at = v.currentTime;
            return new Promise((tell) => setTimeout(() => tell(v.paused && v.currentTime === at), 100))";
        self.until(script).await;
        let before = self.time().await;
        pause(250).await;
        assert_eq!(self.time().await, before, "the film moves though it is paused");
        assert_eq!(self.run("return document.querySelector('video').paused").await, true);
    }

    /// The film's time.
    pub async fn time(&self) -> f64 {
        self.run("return document.querySelector('video').currentTime").await.as_f64().unwrap()
    }

    /// Brings an element into view and waits until it stays in its place and can be hit there: pages scroll softly, boxes
    /// move when a picture arrives, and overlays appear softly, none of which the driver waits for.
    async fn steady(&self, css: &str) {
        let script = "const found = document.querySelector(arguments[0]);
            // The choices of a closed list have no place of their own.
            const node = found?.closest('option') ? found.closest('select') : found;
            if (!node) return false;
            node.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
            const place = () => {
                const [rectangle] = node.getClientRects();
                return rectangle && [rectangle.left, rectangle.top, rectangle.width, rectangle.height];
            };
            const before = place();
            if (!before) return false;
            const frame = () => new Promise((go) => requestAnimationFrame(go));
            return frame().then(() => new Promise((go) => setTimeout(go, 50))).then(frame).then(() => {
                const [left, top, width, height] = place() ?? [];
                if (String(before) !== String([left, top, width, height])) return false;
                // The middle of what is inside the window, as the driver has it.
                const middle = (from, length, end) => (Math.max(from, 0) + Math.min(from + length, end)) / 2;
                const hit = document.elementFromPoint(middle(left, width, innerWidth), middle(top, height, innerHeight));
                return Boolean(hit) && (node.contains(hit) || hit.contains(node));
            })";
        let deadline = Instant::now() + PATIENCE;
        while self.call(script, vec![css.into()]).await != true {
            assert!(Instant::now() < deadline, "`{css}` is not there, moves on and on, or is covered");
            pause(25).await;
        }
    }

    /// A trusted click. It fails if something else lies over the element.
    pub async fn click(&self, css: &str) {
        self.steady(css).await;
        let element = self.client.find(Locator::Css(css)).await.unwrap();
        if let Err(error) = element.click().await {
            panic!("cannot click `{css}`: {error}");
        }
    }

    /// Two trusted clicks on the same place, one right after the other.
    pub async fn double_click(&self, css: &str) {
        self.steady(css).await;
        let element = self.client.find(Locator::Css(css)).await.unwrap();
        let (down, up) = (PointerAction::Down { button: 0 }, PointerAction::Up { button: 0 });
        let to = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".into());
        let mouse = mouse.then(to).then(down.clone()).then(up.clone()).then(down).then(up);
        self.client.perform_actions(mouse).await.unwrap();
    }

    /// Types a text, wherever focus is.
    pub async fn write(&self, text: &str) {
        for letter in text.chars() {
            self.press(letter).await;
        }
    }

    /// Presses and releases a key, wherever focus is.
    pub async fn press(&self, value: char) {
        let keys = KeyActions::new("keyboard".into());
        let keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// What has focus: its `data-cuehook-element`, its id, its class or its name.
    pub async fn focused(&self) -> String {
        let script = "const a = document.activeElement;
            return a.dataset.cuehookElement || a.id || a.className || a.localName";
        self.run(script).await.as_str().unwrap().to_owned()
    }

    /// Presses Tab until something has focus.
    pub async fn tab_to(&self, what: &str) {
        for _ in 0..20 {
            if self.focused().await == what {
                return;
            }
            self.press(TAB).await;
        }
        panic!("Tab does not lead to {what}");
    }

    /// The text of an element of the page.
    pub async fn text(&self, css: &str) -> String {
        let script = format!("return document.querySelector({css:?})?.textContent ?? ''");
        self.run(&script).await.as_str().unwrap().to_owned()
    }

    /// Whether a viewer can see an element of the page.
    pub async fn is_visible(&self, css: &str) -> bool {
        let script = format!("return document.querySelector({css:?})?.checkVisibility() ?? false");
        self.run(&script).await == true
    }

    /// How many points of what the window shows are red, and not in the box of an element.
    pub async fn red_outside(&self, css: &str) -> Value {
        let picture = self.client.screenshot().await.unwrap();
        let script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();
            return (async () => {
                const bitmap = await createImageBitmap(new Blob([new Uint8Array(arguments[1])]));
                const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
                context.drawImage(bitmap, 0, 0);
                const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
                let red = 0;
                for (let at = 0; at < data.length; at += 4) {
                    const [x, y] = [(at / 4) % bitmap.width, Math.floor(at / 4 / bitmap.width)];
                    const inside = x >= box.left - 1 && x <= box.right && y >= box.top - 1 && y <= box.bottom;
                    if (!inside && data[at] > 220 && data[at + 1] < 30 && data[at + 2] < 30) red += 1;
                }
                return red;
            })()";
        self.call(script, vec![css.into(), picture.into()]).await
    }

    /// The details of all events of that name.
    pub async fn events(&self, name: &str) -> Vec<Value> {
        let events = self.run(&format!("return seen.named({name:?})")).await;
        events.as_array().unwrap().clone()
    }

    /// Waits for the first event of that name and gives its detail.
    pub async fn event(&self, name: &str) -> Value {
        self.nth_event(name, 1).await
    }

    /// Waits for the `count`th event of that name and gives its detail.
    pub async fn nth_event(&self, name: &str, count: usize) -> Value {
        self.until(&format!("return seen.named({name:?})[{count} - 1]")).await
    }

    /// What the webhook has received from this test, oldest first; preflights are left out.
    pub async fn posts(&self) -> Vec<Value> {
        let mut requests = self.requests().await;
        requests.retain(|request| request["method"] == "POST");
        requests
    }

    /// Waits until the webhook has received so many requests.
    pub async fn until_posted(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.posts().await.len() < count {
            assert!(Instant::now() < deadline, "waited in vain for {count} requests");
            pause(25).await;
        }
    }

    /// What the webhook has received from this test, oldest first.
    pub async fn requests(&self) -> Vec<Value> {
        let log = http::get(&self.places.server, "/webhook-log").await;
        // The `&` keeps test-1-1 apart from test-1-10.
        let key = format!("{}&", self.key);
        let ours = |entry: &&Value| entry["url"].as_str().is_some_and(|url| url.contains(&key));
        log.as_array().unwrap().iter().filter(ours).cloned().collect()
    }

    /// A command of chromedriver's own.
    async fn driver(&self, path: &str, body: Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let path = format!("/session/{session}/{path}");
        http::post(&self.places.driver, &path, &body).await["value"].take()
    }

    /// What the browser has put on its console as errors, since it was asked last.
    async fn console_errors(&self) -> Vec<String> {
        if self.engine() != Engine::Chromium {
            // Other drivers cannot tell. What scripts write there is watched by the page.
            return Vec::new();
        }
        let entries = self.driver("se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let errors = entries.into_iter().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| format!("console: {}", entry["message"].as_str().unwrap_or_default())).collect()
    }

    /// What ends every test: nothing went wrong that was not expected, and no request settled twice. The console of all
    /// pages of the test counts, and there are also errors and rejected promises that nobody has caught.
    pub async fn finish(&self) {
        let mut problems = self.console_errors().await;
        let reported = self.run("return globalThis.seen?.problems ?? []").await;
        problems.extend(reported.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()));
        let expected = self.expected.borrow().clone();
        problems.retain(|problem| !expected.iter().any(|part| problem.contains(part)));
        assert!(problems.is_empty(), "the page has problems:\n{}", problems.join("\n"));
        self.assert_settles_once().await;
    }

    /// No request settles twice, and none lets go of the film twice.
    pub async fn assert_settles_once(&self) {
        // A second instance on the page counts its requests from 1 again.
        let script = "const count = (name, id) =>
                globalThis.seen?.named(name).filter(({ requestId }) => requestId === id).length ?? 0;
            const ids = new Set(globalThis.seen?.named('settled').map(({ requestId }) => requestId));
            return [...ids].filter((id) => {
                const most = Math.max(1, count('request', id));
                return count('settled', id) > most || count('resume', id) > most;
            })";
        assert_eq!(self.run(script).await, json!([]), "more than once for one request");
    }

    /// What has happened on the page, for people who look at a failed test.
    pub async fn account(&self) -> String {
        let events = self.run("return (globalThis.seen?.events ?? []).map((e) => JSON.stringify(e))").await;
        let script = "const v = document.querySelector('video');
            return [globalThis.seen?.problems, globalThis.seen?.warnings,
                v && `paused ${v.paused}, at ${v.currentTime}`,
                document.querySelector('.cuehook-notices')?.textContent]";
        let lines = events.as_array().cloned().unwrap_or_default();
        let mut text = String::from("events:\n");
        for line in lines {
            text.push_str(&line.as_str().unwrap_or_default().chars().take(300).collect::<String>());
            text.push('\n');
        }
        text + &self.run(script).await.to_string()
    }
}

/// The body of a request in the server's log.
pub fn body(request: &Value) -> Value {
    serde_json::from_str(request["body"].as_str().unwrap()).unwrap()
}

/// Lets time pass, where the passing of time is the subject.
pub async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
