//! What screen readers hear, from the beginning of a document to its end, word by word.
//!
//! `CUEHOOK_WRITE_TRANSCRIPTS=1` writes the files in `tests/transcripts` anew. Read what has changed: is it what a viewer
//! needs who does not see the picture?

use crate::page::{ENTER, Page, pause};
use crate::support::run;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Notes what the live region says from now on.
const LISTEN: &str = "const status = document.querySelector('.cuehook-status');
    seen.said = [];
    new MutationObserver(() => status.textContent && seen.said.push(status.textContent))
        .observe(status, { childList: true, characterData: true, subtree: true })";

/// Longer than the live region waits before it speaks, and than overlays take to come.
const QUIET_MS: u64 = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is heard, under headings that say what was done.
struct Transcript<'p> {
    page: &'p Page,
    text: String,
}

impl<'p> Transcript<'p> {
    async fn begin(page: &'p Page) -> Transcript<'p> {
        page.run(LISTEN).await;
        Transcript { page, text: String::new() }
    }

    /// Waits until nothing more is said, and notes what was said after `done` was done.
    async fn note(&mut self, done: &str) {
        let mut before = Value::Null;
        loop {
            pause(QUIET_MS).await;
            let now = self.page.run("return seen.said").await;
            if now == before {
                break;
            }
            before = now;
        }
        let said = self.page.run("return seen.said.splice(0)").await;
        self.text.push_str(&format!("# {done}\n"));
        for line in said.as_array().unwrap() {
            self.text.push_str(&steady(line.as_str().unwrap()));
            self.text.push('\n');
        }
    }

    fn compare(self, name: &str) {
        let file = root().join("tests/transcripts").join(name).with_extension("txt");
        if std::env::var_os("CUEHOOK_WRITE_TRANSCRIPTS").is_some() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, &self.text).unwrap();
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(self.text, golden, "{}", file.display());
    }
}

/// Codes are others in each session.
fn steady(text: &str) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        if let Some((before, code)) = word.split_once("LAKE-") {
            let rest: String = code.chars().skip_while(char::is_ascii_hexdigit).collect();
            *word = format!("{before}LAKE-######{rest}");
        }
    }
    words.join(" ")
}

/// Brings the film to a place and lets it stand there.
async fn seek(page: &Page, at: f64) {
    let script = format!(
        "const v = document.querySelector('video'); v.pause(); v.currentTime = {at};
         return new Promise((tell) => v.addEventListener('seeked', () => tell(true), {{ once: true }}))"
    );
    page.run(&script).await;
}

/// Goes through a document: to each moment at which something begins, and there presses whatever can be pressed.
async fn walk(page: &Page, document: &Value, name: &str) {
    let mut document = document.clone();
    for webhook in document.get_mut("webhooks").and_then(Value::as_array_mut).into_iter().flatten() {
        webhook["url"] = page.hook("echo=none").into();
        let fields = webhook.as_object_mut().unwrap();
        for name in ["headers", "relay"] {
            fields.remove(name);
        }
    }
    page.open("/tests/stage.html").await;
    page.lay(&document).await;
    page.run("window.open = () => null; document.addEventListener('click', (event) => event.target.closest('a') && event.preventDefault())")
        .await;
    let mut transcript = Transcript::begin(page).await;
    let mut moments: Vec<f64> = document["elements"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|element| element["from"].as_f64().unwrap_or(0.0))
        .collect();
    moments.sort_by(f64::total_cmp);
    moments.dedup();
    moments.retain(|moment| *moment < 31.0);
    let mut pressed: Vec<String> = Vec::new();
    for moment in moments {
        seek(page, moment + 0.3).await;
        page.play().await;
        page.run("document.querySelector('video').pause()").await;
        transcript.note(&format!("{moment} s")).await;
        // What is pressed may bring more to press.
        for _ in 0..12 {
            let script = "const controls = [...document.querySelectorAll('.cuehook-picture button, .cuehook-picture [role=button]')]
                    .filter((node) => node.checkVisibility() && !node.closest('[inert]'));
                const nameOf = (node) => (node.getAttribute('aria-label') ?? node.textContent).trim();
                const next = controls.find((node) => !arguments[0].includes(nameOf(node)));
                next?.focus({ preventScroll: true });
                return next ? nameOf(next) : ''";
            let next = page.call(script, vec![json!(pressed)]).await.as_str().unwrap().to_owned();
            if next.is_empty() {
                break;
            }
            page.press(ENTER).await;
            page.until("return !document.querySelector('cue-hook').hasAttribute('busy')").await;
            transcript.note(&format!("{moment} s, {next}")).await;
            page.run("document.querySelector('video').pause()").await;
            pressed.push(next);
        }
    }
    transcript.compare(name);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn of_the_demo() {
    run(async |page| {
        page.expect_problem(crate::demo::TOO_LATE);
        page.open_watched("/").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        let mut transcript = Transcript::begin(page).await;
        transcript.note("nothing yet").await;
        page.click("#start").await;
        page.until_playing().await;
        for scene in ["canoe", "tent", "lantern", "campfire", "mug"] {
            page.click(&format!("#steps [data-element={scene}]")).await;
            let area = format!("[data-cuehook-element={scene}]");
            page.until(&format!("return document.querySelector('{area}').checkVisibility()")).await;
            transcript.note(&format!("to the {scene}")).await;
            let settled = page.events("settled").await.len();
            page.click(&area).await;
            if scene != "mug" {
                page.nth_event("settled", settled + 1).await;
            }
            page.run("document.querySelector('video').pause()").await;
            transcript.note(&format!("the {scene} is clicked")).await;
            if scene == "campfire" {
                page.click(".cuehook-retry").await;
                page.nth_event("settled", settled + 2).await;
                page.run("document.querySelector('video').pause()").await;
                transcript.note("it is tried again").await;
            }
        }
        transcript.compare("demo");
    });
}

/// The complete documents of a page of the documentation, in their order.
fn documents(file: &Path) -> Vec<Value> {
    let page = std::fs::read_to_string(file).unwrap();
    let blocks = page.split("\n```json\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0);
    let documents = blocks.filter_map(|text| serde_json::from_str::<Value>(text).ok());
    documents.filter(|document| document["cuehook"] == 1 && document["expressions"] != "full").collect()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn of_every_example() {
    run(async |page| {
        let files = root().join("docs").read_dir().unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|ending| ending == "md")).collect();
        files.push(root().join("js/README.md"));
        files.sort();
        let mut count = 0;
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            for (number, document) in documents(&file).iter().enumerate() {
                walk(page, document, &format!("{name}-{}", number + 1)).await;
                count += 1;
            }
        }
        assert!(count >= 2, "{count}");
    });
}
