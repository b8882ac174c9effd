//! What was promised.

use super::browser::{Life, Page};
use super::host::Seen;
use super::world::World;
use crate::ReportState;
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// Minted = delivered + dead + lost, for each receiver; and its gaps are explained.
    pub(super) fn check(&self) {
        let waiting: Vec<&String> = self
            .browser
            .disk
            .keys()
            .filter(|key| key.starts_with("event/") || key.starts_with("delivery/"))
            .collect();
        // Another page may have written once more what was purged: nobody is left who could be sent it, and it ages.
        let is_purged = self.made.iter().any(|made| made.is_purged);
        assert!(waiting.is_empty() || is_purged, "still stored: {waiting:?}");
        assert_eq!(self.browser.holder, None, "the lock is held");
        for host in &self.browser.hosts {
            let reported = |state: ReportState| -> BTreeSet<&str> {
                let reports = self.browser.pages.iter().flat_map(|page| &page.reports);
                let of_host =
                    reports.filter(|report| report.webhook == host.webhook && report.state == state);
                of_host.flat_map(|report| &report.events).map(String::as_str).collect()
            };
            let (dead, lost) = (reported(ReportState::Dead), reported(ReportState::Lost));
            let is_known = |id: &str| {
                host.taken.contains_key(id)
                    || host.dropped.contains(id)
                    || dead.contains(id)
                    || lost.contains(id)
            };
            for made in &self.made {
                let page = &self.browser.pages[made.page];
                let was_stopped = page
                    .reports
                    .iter()
                    .any(|report| report.webhook == host.webhook && report.reason == Some("gone"));
                let is_settled = page.settled.get(&made.ticket) == Some(&true);
                // In memory alone nothing survives the page.
                let was_volatile = page.storage == crate::Storage::Volatile || page.was_volatile;
                if is_settled && !was_volatile && !made.is_purged && !was_stopped {
                    assert!(is_known(&made.id), "{}: {made:?} has vanished", host.webhook);
                }
                let is_lead = matches!(made.kind, "lead.captured" | "question.answered");
                let is_lost_for_room = page.reports.iter().any(|report| {
                    report.events.contains(&made.id) && matches!(report.reason, Some("full" | "storage"))
                });
                assert!(!(is_lead && is_lost_for_room), "{made:?} is a lead, and was dropped");
            }
            self.check_numbers(host, &dead, &lost);
        }
        self.check_views();
    }

    /// A page that sees that nothing waits says so.
    pub(super) fn check_counts(&self) {
        if self.browser.disk.keys().any(|key| key.starts_with("event/")) {
            return;
        }
        let is_durable = |page: &&Page| page.life == Life::Running && page.storage == crate::Storage::Durable;
        for page in self.browser.pages.iter().filter(is_durable) {
            let state: serde_json::Value = serde_json::from_str(&page.outbox.state()).unwrap();
            assert_eq!(state["waiting"], 0, "nothing is stored: {state}");
        }
    }

    /// Each number of a session is one event, and none is missing without a word.
    fn check_numbers(&self, host: &super::host::Host, dead: &BTreeSet<&str>, lost: &BTreeSet<&str>) {
        let mut by_session: BTreeMap<&str, BTreeMap<u64, &Seen>> = BTreeMap::new();
        let mut told: BTreeSet<(String, u64)> = BTreeSet::new();
        for seen in host.taken.values() {
            let other = by_session.entry(&seen.session).or_default().insert(seen.seq, seen);
            // The end of a view that was sent while the page was left, and could not be stored any more, is told once more.
            let is_end = seen.kind == "view.ended" || other.is_some_and(|other| other.kind == "view.ended");
            assert!(
                other.is_none() || is_end,
                "{}: two events with one number: {seen:?} {other:?}",
                host.webhook
            );
            if let Some(lost) = &seen.lost {
                for seq in lost["seqs"].as_array().unwrap() {
                    told.insert((lost["session"].as_str().unwrap().to_owned(), seq.as_u64().unwrap()));
                }
            }
        }
        let mut numbers: BTreeMap<u64, &str> = BTreeMap::new();
        for seen in host.taken.values() {
            if let Some(number) = seen.number {
                let other = numbers.insert(number, &seen.id);
                assert!(other.is_none(), "{}: one event under two ids: {seen:?} {other:?}", host.webhook);
            }
        }
        // What is dead or lost has a number, too; every row that was ever written or sent is known.
        let mut explained: BTreeSet<(String, u64)> = told;
        for (place, (session, seq)) in &self.browser.seen {
            let Some((url, id)) = place.split_once(' ') else { continue };
            if url == host.url && (dead.contains(id) || lost.contains(id) || host.dropped.contains(id)) {
                explained.insert((session.clone(), *seq));
            }
        }
        // What was being recorded when its page ended was promised to nobody.
        let is_unpromised = |id: &str| {
            let made = self.made.iter().find(|made| made.id == id);
            // A view that was taken for left has been ended once more in another session.
            self.views.iter().any(|view| view.ended == id)
                || made.map_or(!self.browser.stored.contains(id), |made| {
                    self.browser.pages[made.page].settled.get(&made.ticket) != Some(&true)
                })
        };
        for (place, (session, seq)) in &self.browser.seen {
            if place.split_once(' ').is_some_and(|(url, id)| url == host.url && is_unpromised(id)) {
                explained.insert((session.clone(), *seq));
            }
        }
        if self.made.iter().any(|made| made.is_purged) {
            return;
        }
        for (session, numbers) in by_session {
            // In memory alone nothing survives the page.
            let is_volatile =
                |page: &Page| page.was_volatile && page.sessions.iter().any(|one| one == session);
            if self.browser.pages.iter().any(is_volatile) {
                continue;
            }
            let highest = *numbers.keys().last().unwrap();
            let is_missing =
                |seq: &u64| !numbers.contains_key(seq) && !explained.contains(&(session.to_owned(), *seq));
            let missing: Vec<u64> = (1..highest).filter(is_missing).collect();
            // What never left the memory of a page that ended has a number that nobody has seen.
            let is_of_session = |page: &Page| page.sessions.iter().any(|one| one == session);
            let unpromised = self.made.iter().filter(|made| {
                let page = &self.browser.pages[made.page];
                is_of_session(page)
                    && page.settled.get(&made.ticket) != Some(&true)
                    && !host.taken.contains_key(&made.id)
            });
            assert!(
                missing.len() <= unpromised.count(),
                "{}: numbers {missing:?} of {highest} in session {session} are missing",
                host.webhook
            );
        }
    }

    /// A view that was told of ends, and only once under one id, whatever became of its page.
    fn check_views(&self) {
        for view in &self.views {
            let page = &self.browser.pages[view.page];
            let is_settled =
                page.settled.get(&view.ticket) == Some(&true) && page.storage == crate::Storage::Durable;
            if view.is_over || !is_settled || page.was_volatile {
                continue;
            }
            for host in &self.browser.hosts {
                let was_stopped = self.browser.pages.iter().any(|page| {
                    page.reports
                        .iter()
                        .any(|report| report.webhook == host.webhook && report.reason == Some("gone"))
                });
                let lost = self.browser.pages.iter().any(|page| {
                    page.reports.iter().any(|report| {
                        matches!(report.state, ReportState::Lost | ReportState::Dead)
                            && report.events.contains(&view.ended)
                    })
                });
                assert!(
                    was_stopped || lost || host.taken.contains_key(&view.ended),
                    "{}: {view:?} has not ended",
                    host.webhook
                );
            }
        }
    }
}
