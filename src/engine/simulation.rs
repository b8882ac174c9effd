//! Simulation: thousands of seeded schedules of a viewer, a page, a network and a media element, with the
//! engine's promises checked after every step.
//!
//! A failing seed is printed; `CUEHOOK_SEED=<seed> cargo test --lib simulation` replays it with its steps. `CUEHOOK_SEEDS`
//! says how many are tried.

mod media;
mod world;

use world::World;

/// How many schedules are tried unless `CUEHOOK_SEEDS` says it.
const SEEDS: u64 = 12_000;

#[test]
fn keeps_its_promises_whatever_happens() {
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
    let mut world = World::new(seed, loud, seed.is_multiple_of(2));
    let steps = 20 + world.pick(60);
    for _ in 0..steps {
        world.step();
    }
    if world.pick(4) == 0 {
        world = world.crash(!seed);
        for _ in 0..world.pick(30) {
            world.step();
        }
    }
    if world.pick(2) == 0 {
        // Half of the schedules end in calm: everything settles by itself.
        world.calm_down();
    }
    world.destroy();
}
