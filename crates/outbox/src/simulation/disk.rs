//! The disk: one operation after the other, each done completely or not at all.

use super::browser::Browser;
use crate::{Effect, Input, WriteOutcome};

impl Browser {
    /// Notes the number of a row.
    pub(super) fn see(&mut self, key: &str, value: &str) {
        let parts: Vec<&str> = key.split('/').collect();
        let body = value.splitn(9, '\n').nth(8).unwrap();
        let event = &super::host::events(body)[0];
        let host = self.hosts.iter().find(|host| super::host::key(host) == parts[3]);
        if let Some(host) = host {
            self.seen.push((format!("{} {}", host.url, parts[2]), (event.session.clone(), event.seq)));
        }
    }

    /// Carries out the first operation on the disk. Whether its page is told is up to the caller.
    pub(super) fn operate(&mut self) -> Option<(usize, Input)> {
        let (page, effect) = self.operations.pop_front()?;
        self.steps += 1;
        assert!(self.steps < 30_000, "the disk is never left alone");
        match effect {
            Effect::Read { ticket, prefix, after, limit } => {
                let rows = if self.is_broken {
                    Vec::new()
                } else {
                    let rows = self.disk.iter().filter(|(key, _)| key.starts_with(prefix) && **key > after);
                    rows.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()
                };
                Some((page, Input::Rows { ticket, rows }))
            }
            Effect::Write { ticket, guard, puts, deletes, .. } => {
                let outcome = self.write(guard, &puts, &deletes);
                self.say(|| format!("disk: write {ticket} of page {page} is {outcome:?}"));
                Some((page, Input::Written { ticket, outcome }))
            }
            _ => None,
        }
    }

    fn write(
        &mut self,
        guard: Option<(String, Option<String>)>,
        puts: &[(String, String)],
        deletes: &[String],
    ) -> WriteOutcome {
        if self.is_broken {
            return WriteOutcome::Failed;
        }
        if guard.is_some_and(|(key, value)| self.disk.get(&key) != value.as_ref()) {
            return WriteOutcome::Conflict;
        }
        // What a transaction deletes makes room for later ones only, as in browsers.
        let added: usize = puts.iter().map(|(key, value)| key.len() + value.len()).sum();
        let size: usize = self.disk.iter().map(|(key, value)| key.len() + value.len()).sum();
        if added > 0 && size.saturating_add(added) > self.quota {
            return WriteOutcome::Full;
        }
        let disk = &mut self.disk;
        for key in deletes {
            if key.ends_with('/') {
                disk.retain(|known, _| !known.starts_with(key));
            } else {
                disk.remove(key);
            }
        }
        for (key, value) in puts {
            disk.insert(key.clone(), value.clone());
        }
        let rows = puts.iter().filter(|(key, _)| key.starts_with("event/"));
        self.stored.extend(rows.filter_map(|(key, _)| key.split('/').nth(2)).map(str::to_owned));
        WriteOutcome::Done
    }
}
