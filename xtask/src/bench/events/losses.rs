//! How many events are lost when a browser or a page is killed, and the page is visited once more.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use cuehook_chromium::{Browser, Profile, Tab};

use super::collector::{Collector, Count};
use super::sides::{CUEHOOK, Side};
use crate::server::Server;

/// How long a page may take to load.
const PATIENCE: Duration = Duration::from_secs(30);
/// After so long without an event nothing more is expected of a second visit. Sentry waits 5 s before it begins.
const QUIET: Duration = Duration::from_secs(8);
/// How long a tab may take to go.
const GONE: Duration = Duration::from_secs(2);
/// How long after the last event a kill is that comes later.
const LATER: Duration = Duration::from_secs(10);

/// How often each is killed, and how many events it has recorded by then.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Kills.
    pub kills: u32,
    /// Events.
    pub events: usize,
}

impl Amount {
    /// As the issue asks for it.
    pub fn of(kills: u32) -> Self {
        Amount { kills, events: 200 }
    }

    /// Only to see that it works.
    pub fn quick() -> Self {
        Amount { kills: 1, events: 20 }
    }
}

/// How a visit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// SIGKILL of the browser right after the last event; the receiver could not be reached.
    Killed,
    /// The same with a receiver that answers.
    KilledOnline,
    /// SIGKILL of the browser ten seconds after the last event; the receiver could not be reached.
    KilledLater,
    /// The page's process crashes right after the last event; the receiver could not be reached.
    Crashed,
    /// The tab is closed; the receiver could not be reached.
    Closed,
}

impl End {
    /// All, in the order of the table.
    pub const ALL: [End; 5] = [End::Killed, End::KilledOnline, End::KilledLater, End::Crashed, End::Closed];

    /// The head of its column.
    pub fn title(self) -> &'static str {
        match self {
            End::Killed => "browser killed",
            End::KilledOnline => "the same, online",
            End::KilledLater => "killed 10 s later",
            End::Crashed => "page crashed",
            End::Closed => "tab closed",
        }
    }
}

/// What became of a side's events with one end.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// Lost events of each kill.
    pub each: Vec<usize>,
    /// How often an event came again under the same id, in all.
    pub repeated: usize,
    /// How often an event came again under another id, in all.
    pub renamed: usize,
}

/// For each side, what it has lost with each end.
pub fn measure(
    sides: &[&Side],
    server: &Server,
    collector: &Collector,
    amount: Amount,
) -> Result<Vec<[Lost; 5]>> {
    let mut all = vec![<[Lost; 5]>::default(); sides.len()];
    for (column, end) in End::ALL.into_iter().enumerate() {
        for kill in 0..amount.kills {
            for (side, lost) in sides.iter().zip(&mut all) {
                let queue = format!("{}-{column}-{kill}", side.name);
                let visit = Visit { side, server, collector, queue };
                let count =
                    visit.run(end, amount.events).with_context(|| format!("{}: {end:?}", side.title))?;
                let Some(lost) = lost.get_mut(column) else { continue };
                lost.each.push(amount.events.saturating_sub(count.distinct));
                lost.repeated += count.repeated;
                lost.renamed += count.renamed;
                eprintln!("{:<14} {:<18} {}: {:?}", side.title, end.title(), kill + 1, count);
            }
        }
    }
    Ok(all)
}

/// Fails if Cuehook has lost an event, or sent one under two ids.
pub fn judge(sides: &[&Side], lost: &[[Lost; 5]]) -> Result<()> {
    for (side, lost) in sides.iter().zip(lost).filter(|(side, _)| side.name == CUEHOOK) {
        for (end, lost) in End::ALL.iter().zip(lost) {
            if lost.each.iter().any(|lost| *lost > 0) || lost.renamed > 0 {
                bail!("{} has lost events ({}): {lost:?}", side.title, end.title());
            }
        }
    }
    Ok(())
}

/// Two visits of one profile.
struct Visit<'a> {
    side: &'a Side,
    server: &'a Server,
    collector: &'a Collector,
    queue: String,
}

impl Visit<'_> {
    fn run(&self, end: End, events: usize) -> Result<Count> {
        let profile = Profile::new()?;
        self.collector.open(&self.queue, end == End::KilledOnline)?;
        let browser = Browser::launch(&profile)?;
        let tab = self.open(&browser)?;
        tab.run(&format!("return mint({events}, 'first')"))?;
        let browser = match end {
            End::Killed | End::KilledOnline => browser.kill().map(|_| None)?,
            End::KilledLater => {
                std::thread::sleep(LATER);
                browser.kill().map(|_| None)?
            }
            End::Crashed => tab.crash().map(|()| Some(browser))?,
            End::Closed => {
                tab.close()?;
                // What a page sends as it goes meets a receiver that cannot be reached, too.
                std::thread::sleep(GONE);
                Some(browser)
            }
        };
        self.collector.open(&self.queue, true)?;
        let browser = match browser {
            Some(browser) => browser,
            None => Browser::launch(&profile)?,
        };
        let tab = self.open(&browser)?;
        // A page that is visited records something, and some send what they have kept only then.
        tab.run("await mint(1, 'second'); await flush()")?;
        self.until_quiet(events + 1)?;
        drop(browser);
        let count = self.collector.count(&self.queue, "first")?;
        self.collector.forget(&self.queue)?;
        Ok(count)
    }

    fn open(&self, browser: &Browser) -> Result<Tab> {
        let tab = browser.tab(&address(self.server, self.side.name, &self.queue, ""))?;
        tab.until("return 'ready' in document.documentElement.dataset", PATIENCE)?;
        Ok(tab)
    }

    /// Waits until so many have arrived, or nothing arrives any more.
    fn until_quiet(&self, all: usize) -> Result<()> {
        let mut last = (self.collector.held(&self.queue)?, Instant::now());
        while last.0 < all && last.1.elapsed() < QUIET {
            std::thread::sleep(Duration::from_millis(100));
            let held = self.collector.held(&self.queue)?;
            if held != last.0 {
                last = (held, Instant::now());
            }
        }
        // What comes a second time comes soon.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }
}

/// Where a side's page is. It sends to the server's other origin.
pub fn address(server: &Server, side: &str, queue: &str, more: &str) -> String {
    let (page, receiver) = (server.origin(), server.other_origin());
    format!("{page}/bench/events/page.html?side={side}&queue={queue}&receiver={receiver}{more}")
}
