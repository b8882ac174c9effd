//! A viewer who comes again and again, and leaves in various ways.

use super::site::Site;
use crate::chaos::ledger::Minted;
use crate::chaos::scene::{heard, ready};
use cuehook_chromium::{Browser, Profile, Tab};
use std::cell::Cell;
use std::time::Duration;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A lead that is quicker than this is taken for a program's.
const AS_A_PERSON: Duration = Duration::from_millis(1_700);

/// How a visit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The tab is closed.
    Closed,
    /// The browser is killed.
    Killed,
}

pub struct Viewer {
    page: String,
    profile: Profile,
    browser: Option<Browser>,
    visits: Cell<u32>,
}

/// A page that stays open.
pub struct Stay {
    tab: Tab,
}

impl Viewer {
    pub fn new(site: &Site) -> Viewer {
        let profile = Profile::new().unwrap();
        let browser = Some(Browser::launch(&profile).unwrap());
        Viewer { page: site.page(), profile, browser, visits: Cell::new(0) }
    }

    /// How often the page was visited.
    pub fn visits(&self) -> u32 {
        self.visits.get()
    }

    fn open(&self) -> Tab {
        self.visits.set(self.visits.get() + 1);
        let tab = self.browser.as_ref().unwrap().tab(&self.page).unwrap();
        ready(&tab);
        tab
    }

    /// Watches, clicks, leaves contact data, and ends the visit. What was recorded.
    pub fn visit(&mut self, ending: Ending) -> Minted {
        let tab = self.open();
        let visit = self.visits.get();
        tab.run("await document.querySelector('video').play().catch(() => {})").unwrap();
        tab.run(&format!("return mint(5, 'visit-{visit}', 100)")).unwrap();
        tab.click("[data-cuehook-element=more]").unwrap();
        std::thread::sleep(AS_A_PERSON);
        tab.click("[data-cuehook-element=lead] input[type=email]").unwrap();
        tab.write(&format!("viewer-{visit}@example.org")).unwrap();
        tab.click("[data-cuehook-element=lead] .cuehook-submit").unwrap();
        tab.until("return 'recorded' in told && told.recorded.length >= 8", PATIENCE).unwrap();
        let mut said = tab.said().unwrap();
        match ending {
            Ending::Closed => tab.close().unwrap(),
            Ending::Killed => {
                said.extend(self.browser.take().unwrap().kill().unwrap());
                self.browser = Some(Browser::launch(&self.profile).unwrap());
            }
        }
        minted(&said)
    }

    /// A last visit, which goes on until it is dropped.
    pub fn stay(&self) -> Stay {
        let tab = self.open();
        tab.run("await handle.outbox.flush()").unwrap();
        Stay { tab }
    }
}

impl Stay {
    /// What it has recorded.
    pub fn said(&self) -> Minted {
        minted(&self.tab.said().unwrap())
    }
}

fn minted(said: &[String]) -> Minted {
    let (mut minted, told) = heard(said);
    for state in ["dead", "lost"] {
        assert_eq!(told.ids(state).len(), 0, "some were {state}");
    }
    minted.ids = told.ids("recorded");
    minted
}
