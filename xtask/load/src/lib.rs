//! Both ends of a relay under load, for `cargo xtask bench --relay`.
//!
//! - [`Plan`] and [`Report`]: what the bench asks for, and what it is told. They go through the program's input and output.
//! - [`send`]: carries out a plan. [`receive`]: the webhooks that are called.
//! - [`Latencies`]: what many durations come to. [`Ids`]: ids of events and calls.
//!
//! HTTP is spoken by hand, over one thread: of two processors that relay, database and these two share, these are to take little.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod calls;
mod clock;
mod events;
mod ids;
mod latencies;
mod plan;
mod receive;
mod wire;

pub use clock::{Clock, Phase};
pub use events::{HANGING, TAKEN};
pub use ids::{Ids, Order};
pub use latencies::Latencies;
pub use plan::{Calls, Direct, Events, Plan, Report, Task};
pub use receive::{Received, receive};

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

/// Carries out a plan; `begin` and `end` are called when what is measured begins and ends. Everything that was begun is completed,
/// also what is not measured any more.
///
/// # Errors
/// If a connection breaks, or something is answered that is no HTTP. What the relay refuses is no error: the report says so.
pub async fn send(plan: Plan, begin: impl FnOnce(), end: impl FnOnce()) -> Result<Report> {
    let plan = Arc::new(plan);
    let clock = Arc::new(Clock::default());
    let mut tasks = tokio::task::JoinSet::new();
    let ids = |number| Ids::new(plan.seed, number, plan.order);
    match &plan.task {
        Task::Events(task) => {
            for number in (0..).take(plan.connections) {
                let (plan, task, clock) = (Arc::clone(&plan), task.clone(), Arc::clone(&clock));
                let ids = ids(number);
                tasks.spawn(async move { events::run(&plan, &task, ids, &clock).await });
            }
        }
        Task::Calls(task) => {
            for (number, way) in (0..).zip(calls::Way::all(task.direct, plan.connections)) {
                let (plan, task, clock) = (Arc::clone(&plan), task.clone(), Arc::clone(&clock));
                let ids = ids(number);
                tasks.spawn(async move { calls::run(&plan, &task, way, ids, &clock).await });
            }
        }
    }
    tokio::time::sleep(Duration::from_millis(plan.warm_ms)).await;
    begin();
    clock.begin();
    tokio::time::sleep(Duration::from_millis(plan.measured_ms)).await;
    clock.end();
    end();
    let mut report = Report { seconds: clock.seconds(), ..Report::default() };
    let (mut relayed, mut direct) = (Vec::new(), Vec::new());
    while let Some(done) = tasks.join_next().await {
        let part = done??;
        report.add(&part);
        relayed.extend(part.relayed);
        direct.extend(part.direct);
    }
    report.relayed = Latencies::of(relayed);
    report.direct = Latencies::of(direct);
    Ok(report)
}
