//! Simulation: thousands of seeded schedules of tabs, a disk, a lock, receivers and a network that fail in all ways that are
//! known, and what was promised is checked when all is calm again.
//!
//! A failing seed is printed; `CUEHOOK_SEED=<seed> cargo test --package cuehook-outbox simulation` replays it with its steps.
//! `CUEHOOK_SEEDS` says how many are tried.

mod browser;
mod cases;

mod checks;
mod counts;
mod disk;
mod host;
mod lease;
mod network;
mod outcomes;
mod world;

use world::World;

/// How many schedules are tried unless `CUEHOOK_SEEDS` says it.
const SEEDS: u64 = 10_000;

#[test]
fn no_event_is_lost_silently() {
    if let Ok(seed) = std::env::var("CUEHOOK_SEED") {
        run(seed.parse().expect("CUEHOOK_SEED is a number"), true);
        return;
    }
    let seeds = std::env::var("CUEHOOK_SEEDS");
    let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().expect("CUEHOOK_SEEDS is a number"));
    for seed in 1..=seeds {
        let result = std::panic::catch_unwind(|| run(seed, false));
        assert!(result.is_ok(), "seed {seed} failed; replay it with CUEHOOK_SEED={seed}");
    }
}

fn run(seed: u64, loud: bool) {
    // Few rows are many pages.
    crate::outbox::PAGE_IN_TESTS.set(if seed.is_multiple_of(2) { 3 } else { 50 });
    let mut world = World::new(seed, loud);
    let steps = 20 + world.browser.pick(120);
    for _ in 0..steps {
        world.step();
    }
    world.calm_down();
    world.check();
}
