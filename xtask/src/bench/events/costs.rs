//! What an event costs the main thread; and of Cuehook's, how long it takes until it is durable, and until many have left.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cuehook_chromium::{Browser, Profile, Tab};
use serde_json::{Value, json};

use super::collector::Collector;
use super::losses::address;
use super::sides::{CUEHOOK, Side};
use crate::server::Server;

/// How long a page may take to load.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long many events may take to leave.
const LEAVING: Duration = Duration::from_secs(600);
/// How often all sides are measured; the page of each is loaded anew.
const ROUNDS: usize = 3;

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// In the middle.
    pub median: f64,
    /// 95 % are below.
    pub most: f64,
}

impl Times {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: usize| values.get(values.len() * share / 100).copied().unwrap_or_default();
        Times { median: at(50), most: at(95) }
    }
}

/// What an event of a side costs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Until the call returns.
    pub call: Times,
    /// Until the task ends, with the promises in it.
    pub task: Times,
    /// All that the main thread does for it, sending included, in milliseconds at the mean.
    pub all: f64,
}

/// How Cuehook records.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recording {
    /// Until an event is stored with the operating system.
    pub relaxed: Times,
    /// Until a lead is stored on the disk.
    pub strict: Times,
    /// How many were stored before a visit.
    pub stored: usize,
    /// Milliseconds from the navigation until all of them had arrived: one by one, and in batches.
    pub drained: [f64; 2],
}

/// Measures the sides in turn, with a receiver that answers.
pub fn measure(sides: &[&Side], server: &Server, collector: &Collector, quick: bool) -> Result<Vec<Cost>> {
    let (warm, count) = if quick { (5, 20) } else { (50, 300) };
    let mut found: Vec<(Vec<f64>, Vec<f64>, Vec<f64>)> = vec![Default::default(); sides.len()];
    for round in 0..if quick { 1 } else { ROUNDS } {
        let idle = one(server, collector, "nothing", round, warm, count)?;
        for (side, (call, task, all)) in sides.iter().zip(&mut found) {
            let (calls, tasks, busy) =
                one(server, collector, side.name, round, warm, count).context(side.title)?;
            call.extend(calls);
            task.extend(tasks);
            all.push(busy - idle.2);
        }
    }
    Ok(found
        .into_iter()
        .map(|(call, task, all)| Cost {
            call: Times::of(call),
            task: Times::of(task),
            all: all.iter().sum::<f64>() / f64::from(u32::try_from(all.len()).unwrap_or(1)),
        })
        .collect())
}

/// The times of so many events, and how long the main thread was busy for each at the mean.
fn one(
    server: &Server,
    collector: &Collector,
    side: &str,
    round: usize,
    warm: u32,
    count: u32,
) -> Result<(Vec<f64>, Vec<f64>, f64)> {
    let queue = format!("cost-{side}-{round}");
    let profile = Profile::new()?;
    let browser = Browser::launch(&profile)?;
    let tab = open(&browser, server, side, &queue, "")?;
    // Time of the processor: what else the machine does is not counted.
    tab.ask("Performance.enable", &json!({ "timeDomain": "threadTicks" }))?;
    tab.run(&format!("return measure({warm}, 'warm')"))?;
    let before = busy(&tab)?;
    let found = tab.run(&format!("return measure({count}, 'measured')"))?;
    // What is sent later belongs to it.
    tab.run("await flush(); await new Promise((go) => setTimeout(go, 4000))")?;
    let spent = (busy(&tab)? - before) / f64::from(count);
    // Some take their time; but of whom nothing arrives at all, the collector does not read what is sent, or nothing is.
    if side != "nothing" && collector.count(&queue, "measured")?.distinct == 0 {
        bail!("none of {count} events has arrived");
    }
    collector.forget(&queue)?;
    Ok((numbers(&found, "call")?, numbers(&found, "task")?, spent))
}

/// How long a stored event takes, and how long many take to leave.
pub fn recording(server: &Server, collector: &Collector, quick: bool) -> Result<Recording> {
    let (count, stored) = if quick { (20, 200) } else { (500, 5_000) };
    let times = |more: &str| -> Result<Times> {
        let queue = "recorded";
        let profile = Profile::new()?;
        let browser = Browser::launch(&profile)?;
        let tab = open(&browser, server, CUEHOOK, queue, more)?;
        tab.run("return measure(20, 'warm')")?;
        let found = tab.run(&format!("return measure({count}, 'measured')"))?;
        collector.forget(queue)?;
        Ok(Times::of(numbers(&found, "recorded")?))
    };
    Ok(Recording {
        relaxed: times("")?,
        strict: times("&strict=1")?,
        stored,
        drained: [drain(server, collector, stored, "")?, drain(server, collector, stored, "&batch=1")?],
    })
}

/// Stores events while nobody can be reached, then visits the page again; how long that takes until all have arrived, in
/// milliseconds.
fn drain(server: &Server, collector: &Collector, count: usize, more: &str) -> Result<f64> {
    let queue = "drained";
    let profile = Profile::new()?;
    let browser = Browser::launch(&profile)?;
    collector.open(queue, false)?;
    let tab = open(&browser, server, CUEHOOK, queue, more)?;
    // In parts: a command may take a minute.
    let part = count.div_ceil(10);
    for number in 0..10 {
        tab.run(&format!("await fill({part}, 'part-{number}')"))?;
    }
    browser.kill()?;
    // Without a script connections are kept.
    collector.forget(queue)?;
    let browser = Browser::launch(&profile)?;
    let begun = Instant::now();
    let _tab = open(&browser, server, CUEHOOK, queue, more)?;
    while collector.held(queue)? < part * 10 {
        if begun.elapsed() > LEAVING {
            bail!("only {} of {count} stored events have left", collector.held(queue)?);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let taken = begun.elapsed().as_secs_f64() * 1_000.0;
    collector.forget(queue)?;
    Ok(taken)
}

fn open(browser: &Browser, server: &Server, side: &str, queue: &str, more: &str) -> Result<Tab> {
    let tab = browser.tab(&address(server, side, queue, more))?;
    tab.until("return 'ready' in document.documentElement.dataset", PATIENCE)?;
    Ok(tab)
}

/// How long the main thread has worked, in milliseconds.
fn busy(tab: &Tab) -> Result<f64> {
    let metrics = tab.ask("Performance.getMetrics", &json!({}))?;
    let metrics = metrics.get("metrics").and_then(Value::as_array).context("the browser gave no metrics")?;
    let duration = metrics
        .iter()
        .find(|metric| metric.get("name").and_then(Value::as_str) == Some("TaskDuration"))
        .and_then(|metric| metric.get("value")?.as_f64());
    Ok(duration.context("the browser gave no TaskDuration")? * 1_000.0)
}

fn numbers(found: &Value, key: &str) -> Result<Vec<f64>> {
    let list = found.get(key).and_then(Value::as_array).context("the page measured nothing")?;
    Ok(list.iter().filter_map(Value::as_f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_few_are_above_the_most() {
        let times = Times::of((0..100).rev().map(f64::from).collect());
        assert_eq!((times.median, times.most), (50.0, 95.0));
        assert_eq!(Times::of(Vec::new()).median, 0.0);
    }
}
