//! Simulation: thousands of seeded schedules of viewers, servers, one or two relays, a database and webhooks that fail in all ways that
//! are known. What was promised is checked after every step, and once more when all is calm.
//!
//! A failing seed is printed; `CUEHOOK_SEED=<seed> cargo test --package cuehook-relay simulation` replays it with its steps.
//! `CUEHOOK_SEEDS` says how many are tried.

mod checks;
mod clients;
mod database;
mod relay;
mod settled;
mod webhooks;
mod world;

use world::World;

/// How many schedules are tried unless `CUEHOOK_SEEDS` says it.
const SEEDS: u64 = 10_000;

#[test]
fn nothing_is_called_twice_and_nothing_is_promised_in_vain() {
    if let Ok(seed) = std::env::var("CUEHOOK_SEED") {
        run(seed.parse().expect("CUEHOOK_SEED is a number"), true);
        return;
    }
    let seeds = std::env::var("CUEHOOK_SEEDS");
    let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().expect("CUEHOOK_SEEDS is a number"));
    let mut seen = world::Seen::default();
    for seed in 1..=seeds {
        match std::panic::catch_unwind(|| run(seed, false)) {
            Ok(of_seed) => seen.add(&of_seed),
            Err(_) => panic!("seed {seed} failed; replay it with CUEHOOK_SEED={seed}"),
        }
    }
    if seeds >= 1_000 {
        seen.check();
    }
}

fn run(seed: u64, loud: bool) -> world::Seen {
    let mut world = World::new(seed, loud);
    let steps = 20 + world.pick(250);
    for _ in 0..steps {
        world.step();
    }
    world.calm_down();
    world.check_at_the_end();
    world.seen
}
