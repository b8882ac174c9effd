//! What a page says waits while it finds out how much that is.

use super::world::World;
use crate::{Input, Storage};

/// A visit finds what the one before has left, and sends it while it still reads: what is said to wait is never more than what is
/// stored.
#[test]
fn what_is_delivered_while_it_is_counted_is_counted_once() {
    crate::outbox::PAGE_IN_TESTS.set(3);
    let mut tried = 0;
    for seed in 1..=50 {
        let mut world = World::new(seed, false);
        let first = &world.browser.pages[0];
        if !first.is_opened || first.storage != Storage::Durable {
            continue;
        }
        tried += 1;
        world.browser.locks = true;
        world.browser.is_online = false;
        for _ in 0..12 {
            world.record(0);
        }
        world.browser.settle_disk();
        world.browser.crash(0);
        world.browser.is_online = true;
        let tab = world.browser.tab();
        let page = world.browser.open(tab, Storage::Durable);
        world.browser.input(page, Input::Opened(Storage::Durable));
        while !is_over(&mut world) {
            let stored = world.browser.disk.keys().filter(|key| key.starts_with("event/")).count();
            let state: serde_json::Value =
                serde_json::from_str(&world.browser.pages[page].outbox.state()).unwrap();
            assert!(
                state["waiting"].as_u64().unwrap() <= stored as u64,
                "seed {seed}: {stored} are stored: {state}"
            );
        }
        assert_eq!(world.browser.hosts.iter().map(|host| host.taken.len()).sum::<usize>(), 36, "seed {seed}");
    }
    assert!(tried > 30, "{tried}");
}

/// One thing happens: on the disk, or at the next instant. Says whether there is nothing more.
fn is_over(world: &mut World) -> bool {
    let browser = &mut world.browser;
    browser.grant();
    if (browser.operations.is_empty() || browser.chance(0.5))
        && let Some(at) = browser.next_instant()
    {
        browser.pass((at - browser.now).max(0.0));
        browser.happen();
        return false;
    }
    match browser.operate() {
        Some((page, input)) => browser.input(page, input),
        None => return browser.operations.is_empty(),
    }
    false
}
