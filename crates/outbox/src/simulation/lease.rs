//! Where there are no Web Locks: a page that was frozen while it took the lease.

use super::browser::{Browser, Life};
use super::world::World;
use crate::{Effect, Input, Storage};

/// What a page asks of the disk next, if it is to write the lease.
fn is_claim(browser: &Browser, by: usize) -> bool {
    let next = browser.operations.front();
    next.is_some_and(|(page, effect)| {
        *page == by
            && matches!(effect, Effect::Write { puts, .. } if puts.iter().any(|(key, _)| key == "lease"))
    })
}

/// It hears of its claim only when the lease may be somebody else's: it looks again before it sends.
#[test]
fn a_page_that_hears_late_of_its_claim_looks_again() {
    let mut world = World::new(3, false);
    let browser = &mut world.browser;
    browser.locks = false;
    let tab = browser.tab();
    let page = browser.open(tab, Storage::Durable);
    browser.input(page, Input::Opened(Storage::Durable));
    world.record(page);
    let browser = &mut world.browser;
    while !is_claim(browser, page) {
        match browser.operate() {
            Some((page, input)) => browser.input(page, input),
            None => {
                let at = browser.next_instant().unwrap();
                browser.pass((at - browser.now).max(0.0));
                browser.happen();
            }
        }
    }
    let (_, written) = browser.operate().unwrap();
    browser.pages[page].life = Life::Frozen;
    browser.pass(60_000.0);
    browser.operations.clear();
    browser.pages[page].life = Life::Running;
    browser.input(page, written);
    let asked: Vec<&Effect> = browser.operations.iter().map(|(_, effect)| effect).collect();
    assert!(matches!(asked[..], [Effect::Read { prefix: "lease", .. }]), "{asked:?}");
}
