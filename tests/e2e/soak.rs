//! Minutes of viewers, a relay, and receivers that misbehave: what a browser has recorded is in the receivers' logs in the end, each event
//! under one id.
//!
//! First nothing goes wrong, beside a server that sends events all the time; how long events took from the browser to a receiver is
//! printed. Then the relay is killed again and again, one receiver refuses, loses and delays, and browsers are killed. `cargo xtask soak`
//! runs it for as long as is asked, with the relay as it is published; the default run takes two minutes.

mod load;
mod site;
mod timing;
mod visits;

use crate::chaos::ledger::Minted;
use site::Site;
use std::time::{Duration, Instant};
use visits::{Ending, Viewer};

/// How long everything that is still under way may take in the end.
const PATIENCE: Duration = Duration::from_secs(120);

/// Of the time that is asked for, so much goes well.
const WELL: f64 = 0.4;

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_is_recorded_reaches_the_receivers() {
    let minutes: f64 = std::env::var("CUEHOOK_SOAK_MINUTES").map_or(2.0, |text| text.parse().unwrap());
    let all = Duration::from_secs_f64(minutes * 60.0);
    let mut site = Site::new();
    site.start();
    let mut viewer = Viewer::new(&site);
    let mut minted = Minted::default();

    let began = Instant::now();
    let sending = load::start(&site, all.mul_f64(WELL));
    while began.elapsed() < all.mul_f64(WELL) {
        minted = minted.and(viewer.visit(Ending::Closed));
    }
    let sent = sending.join().unwrap();
    let well = site.steady.ledger();
    let (leads, others) = timing::of(&well);

    let mut rounds = 0;
    while began.elapsed() < all {
        rounds += 1;
        site.disturb(rounds);
        let ending = if rounds % 4 == 0 { Ending::Killed } else { Ending::Closed };
        minted = minted.and(viewer.visit(ending));
        if rounds % 2 == 0 {
            site.kill();
            minted = minted.and(viewer.visit(Ending::Closed));
            site.start();
        }
    }

    site.calm();
    // What is still in the browser's storage goes out while the page is there.
    let last = viewer.stay();
    site.until_held(&minted, PATIENCE);
    minted = minted.and(last.said());
    site.until_held(&minted, PATIENCE);
    drop(last);
    let counts = site.until_settled(PATIENCE);
    for queue in [&site.steady, &site.shaky] {
        site::check(queue, &minted);
    }
    load::check(&site, &sent);
    let ledger = site.shaky.ledger();
    println!(
        "soak: {minutes} min, {} events of {} visits, {rounds} rounds of faults, {} deliveries repeated; relay: {counts}",
        minted.marks.len() + minted.ids.len(),
        viewer.visits(),
        ledger.0["duplicates"],
    );
    println!("soak: beside {} events of a server, {:.0} a second", sent.acknowledged, sent.rate());
    println!("soak: from the browser to the log, leads and answers: {leads}");
    println!("soak: from the browser to the log, other events: {others}");
    assert!(leads.count > 0 && others.count > 0, "nothing was looked at");
}
