//! Simulation: thousands of seeded schedules of one or two relays, the model of the store, and endpoints that fail in all ways that are
//! known. What was promised is checked at each step, and once more when all is calm.
//!
//! A failing seed is printed; `CUEHOOK_SEED=<seed> cargo test --package cuehook-relay dispatch::simulation` replays it with its steps.
//! `CUEHOOK_SEEDS` says how many are tried.

mod checks;
mod endpoints;
mod relay;
mod world;

use world::World;

/// How many schedules are tried unless `CUEHOOK_SEEDS` says it.
const SEEDS: u64 = 300;

#[test]
fn what_was_taken_is_delivered_or_said_to_be_not() {
    if let Ok(seed) = std::env::var("CUEHOOK_SEED") {
        run(seed.parse().expect("CUEHOOK_SEED is a number"), true);
        return;
    }
    let seeds = std::env::var("CUEHOOK_SEEDS");
    let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().expect("CUEHOOK_SEEDS is a number"));
    let mut seen = checks::Seen::default();
    for seed in 1..=seeds {
        match std::panic::catch_unwind(|| run(seed, false)) {
            Ok(of_seed) => seen.add(&of_seed),
            Err(_) => panic!("seed {seed} failed; replay it with CUEHOOK_SEED={seed}"),
        }
    }
    if seeds >= 300 {
        seen.check();
    }
}

fn run(seed: u64, loud: bool) -> checks::Seen {
    let mut world = World::new(seed, loud);
    world.run();
    world.calm_down();
    world.check_at_the_end();
    world.seen
}
