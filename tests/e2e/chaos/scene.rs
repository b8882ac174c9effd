//! Cuehook on a page of its own, in a browser with a profile that outlives it.

use super::PATIENCE;
use super::ledger::{Minted, Queue, Told};
use cuehook_chromium::{Browser, Profile, Tab};
use serde_json::{Value, json};

/// A queue of the collector, and how pages of the test send to it.
pub struct Scene {
    pub queue: Queue,
    /// Where the receiver is: at another origin than the page, unless a test wants it otherwise.
    pub receiver: String,
    /// More fields of the webhook.
    pub webhook: Value,
    /// How much later pages think it is, in milliseconds.
    pub later: u64,
}

impl Scene {
    pub fn new() -> Scene {
        let queue = Queue::new();
        let receiver = queue.other.clone();
        Scene { queue, receiver, webhook: json!({}), later: 0 }
    }

    /// The page's path and query.
    pub fn path(&self) -> String {
        let webhook = self.webhook.to_string().replace('"', "%22");
        format!(
            "/tests/chaos/cuehook.html?queue={}&receiver={}&webhook={webhook}&later={}",
            self.queue.name, self.receiver, self.later
        )
    }

    /// Opens the page in a new tab and waits until the project is laid over the film.
    pub fn open(&self, browser: &Browser) -> Tab {
        self.open_at(browser, &self.queue.server)
    }

    /// The same at an origin.
    pub fn open_at(&self, browser: &Browser, origin: &str) -> Tab {
        let tab = browser.tab(&format!("{origin}{}", self.path())).unwrap();
        ready(&tab);
        tab
    }

    /// A visit of the profile during which the receiver can be reached; all that was minted arrives, and once.
    pub fn recovered(&self, browser: &Browser, minted: &Minted) -> Tab {
        self.queue.close(false);
        let tab = self.open(browser);
        self.queue.until_complete(minted, PATIENCE);
        tab
    }
}

/// Waits until the project is laid over the film.
pub fn ready(tab: &Tab) {
    if let Err(error) = tab.until("return 'ready' in document.documentElement.dataset", PATIENCE) {
        panic!("{error}: {}", tab.run("return problems.join()").unwrap());
    }
}

/// Records so many events on a page, and gives them once all are recorded.
pub fn mint(tab: &Tab, count: u32, prefix: &str) -> Minted {
    let mut minted = Minted::default();
    minted.add_all(&tab.run(&format!("return mint({count}, '{prefix}')")).unwrap());
    assert_eq!(minted.marks.len(), count as usize);
    minted
}

/// What a page has said so far: events that were recorded, and what it was told of them.
pub fn hear(tab: &Tab) -> (Minted, Told) {
    heard(&tab.said().unwrap())
}

/// What a page that is gone has said.
pub fn heard(said: &[String]) -> (Minted, Told) {
    let (mut minted, mut told) = (Minted::default(), Told::default());
    for text in said {
        let value: Value = serde_json::from_str(text).unwrap();
        if value.is_array() { minted.add(&value) } else { told.add(&value) }
    }
    (minted, told)
}

/// A browser with a fresh profile.
pub fn fresh() -> (Profile, Browser) {
    let profile = Profile::new().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    (profile, browser)
}
