//! The interaction log: what the viewer did, in order, serialised once.

use crate::protocol::Interaction;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

/// At most so many interactions are kept; the oldest go first.
pub const MAX_INTERACTIONS: usize = 10_000;
/// At most so many bytes of JSON are kept; the oldest interactions go first.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Which interactions a body carries.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Include {
    /// None.
    None,
    /// All that were recorded.
    #[default]
    All,
    /// Those of these elements.
    Elements(Vec<String>),
}

/// The interactions of a session: append-only and bounded.
///
/// Each one becomes JSON bytes when it is recorded; building a request body only concatenates. The bytes of all
/// lie in one text, so the common case (`includeInteractions: "all"`) is a single copy.
#[derive(Debug, Default)]
pub struct InteractionLog {
    /// `{…},{…},` with a comma after each.
    text: String,
    /// Bytes of `text` that belong to dropped interactions.
    dropped: usize,
    /// Bytes of what is private.
    private: usize,
    entries: VecDeque<LogEntry>,
    /// The number of the last interaction.
    seq: u64,
    truncated: bool,
}

#[derive(Debug)]
struct LogEntry {
    /// Bytes with the comma.
    length: usize,
    element: Option<Rc<str>>,
    /// With what the viewer typed, for whom the author has named the element: `{…}`.
    private: Option<String>,
}

impl InteractionLog {
    /// Appends an interaction.
    pub fn record(&mut self, interaction: &Interaction<'_>) {
        self.append(interaction, None);
    }

    /// The same with a value that the viewer typed: it is only for [`Include::Elements`] with this element.
    pub fn record_private(&mut self, interaction: &Interaction<'_>) {
        let mut whole = String::new();
        interaction.write(self.seq + 1, &mut whole);
        self.append(&Interaction { value: None, ..*interaction }, Some(whole));
    }

    fn append(&mut self, interaction: &Interaction<'_>, private: Option<String>) {
        self.seq += 1;
        let start = self.text.len();
        interaction.write(self.seq, &mut self.text);
        self.private += private.as_ref().map_or(0, String::len);
        self.text.push(',');
        // Neighbours often share their element: then they share its name too.
        let element = interaction.element.map(|name| match self.entries.back() {
            Some(LogEntry { element: Some(last), .. }) if **last == *name => Rc::clone(last),
            _ => name.into(),
        });
        self.entries.push_back(LogEntry { length: self.text.len() - start, element, private });
        self.enforce_bounds();
    }

    fn enforce_bounds(&mut self) {
        while self.entries.len() > MAX_INTERACTIONS
            || (self.text.len() - self.dropped + self.private > MAX_BYTES && self.entries.len() > 1)
        {
            if let Some(oldest) = self.entries.pop_front() {
                self.dropped += oldest.length;
                self.private -= oldest.private.map_or(0, |text| text.len());
                self.truncated = true;
            }
        }
        // Moving the rest to the front costs its length; doing so when half is dropped keeps that constant
        // per interaction on average.
        if self.dropped > self.text.len() / 2 {
            self.text.drain(..self.dropped);
            self.dropped = 0;
        }
    }

    /// The interactions that `include` asks for, as JSON objects with commas between.
    pub fn text(&self, include: &Include) -> Cow<'_, str> {
        let all = self.text.get(self.dropped..).unwrap_or_default();
        match include {
            Include::None => Cow::Borrowed(""),
            Include::All => Cow::Borrowed(all.strip_suffix(',').unwrap_or(all)),
            Include::Elements(names) => {
                let mut out = String::new();
                let mut start = 0;
                for entry in &self.entries {
                    let end = start + entry.length;
                    let wanted = entry
                        .element
                        .as_deref()
                        .is_some_and(|element| names.iter().any(|name| name == element));
                    if let (true, Some(text)) = (wanted, all.get(start..end - 1)) {
                        if !out.is_empty() {
                            out.push(',');
                        }
                        out.push_str(entry.private.as_deref().unwrap_or(text));
                    }
                    start = end;
                }
                Cow::Owned(out)
            }
        }
    }

    /// The number of the last interaction.
    pub fn last(&self) -> u64 {
        self.seq
    }

    /// Whether old interactions had to be dropped.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn record(log: &mut InteractionLog, element: Option<&str>, label: &str) {
        log.record(&Interaction {
            id: "0192",
            kind: "click",
            element,
            label,
            media_time: 7.42,
            at: "2026-11-20T20:07:00.123Z",
            ..Interaction::default()
        });
    }

    #[test]
    fn what_was_typed_is_only_for_those_who_name_the_form() {
        let mut log = InteractionLog::default();
        record(&mut log, Some("a"), "x");
        let typed = crate::json::Json::from("ada@example.org");
        let submission = Interaction {
            kind: "submit",
            element: Some("lead"),
            value: Some(&typed),
            ..Interaction::default()
        };
        log.record_private(&submission);
        record(&mut log, Some("b"), "y");
        let all = written(&log, &Include::All);
        assert_eq!((all.len(), &all[1]["type"], all[1].get("value")), (3, &"submit".into(), None));
        for names in [vec!["lead".to_owned()], vec!["b".to_owned(), "lead".to_owned()]] {
            let named = written(&log, &Include::Elements(names));
            let submission = named.iter().find(|entry| entry["element"] == "lead").unwrap();
            assert_eq!((&submission["seq"], &submission["value"]), (&2.into(), &"ada@example.org".into()));
        }
        assert_eq!(written(&log, &Include::Elements(vec!["a".into()])).len(), 1);
    }

    #[test]
    fn what_was_typed_counts_for_the_bound_in_bytes() {
        let mut log = InteractionLog::default();
        let typed = crate::json::Json::from("x".repeat(MAX_BYTES / 8).as_str());
        for _ in 0..20 {
            log.record_private(&Interaction {
                element: Some("lead"),
                value: Some(&typed),
                ..Interaction::default()
            });
        }
        let kept = written(&log, &Include::Elements(vec!["lead".into()]));
        assert_eq!((kept.len(), kept[0]["seq"].as_u64()), (7, Some(14)));
        assert!(log.is_truncated());
        assert_eq!(
            log.private,
            log.entries.iter().map(|entry| entry.private.as_ref().unwrap().len()).sum::<usize>()
        );
    }

    fn written(log: &InteractionLog, include: &Include) -> Vec<serde_json::Value> {
        serde_json::from_str(&["[", &log.text(include), "]"].concat()).unwrap()
    }

    #[test]
    fn includes_what_is_asked_for() {
        let mut log = InteractionLog::default();
        assert!(written(&log, &Include::All).is_empty());
        for element in [Some("a"), Some("b"), Some("b"), None, Some("a")] {
            record(&mut log, element, "x");
        }
        let numbers = |include| -> Vec<u64> {
            written(&log, &include).iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
        };
        assert_eq!(numbers(Include::All), [1, 2, 3, 4, 5]);
        assert_eq!(numbers(Include::Elements(vec!["b".into()])), [2, 3]);
        assert_eq!(numbers(Include::Elements(vec!["a".into(), "b".into()])), [1, 2, 3, 5]);
        assert!(numbers(Include::None).is_empty());
    }

    #[test]
    fn drops_the_oldest_by_count_and_says_so() {
        let mut log = InteractionLog::default();
        for _ in 0..MAX_INTERACTIONS {
            record(&mut log, Some("a"), "x");
        }
        assert!(!log.is_truncated());
        for _ in 0..25_000 {
            record(&mut log, Some("a"), "x");
        }
        let all = written(&log, &Include::All);
        assert_eq!(all.len(), MAX_INTERACTIONS);
        assert_eq!(all[0]["seq"], 25_001);
        assert_eq!(all[MAX_INTERACTIONS - 1]["seq"], 35_000);
        assert!(log.is_truncated());
        assert!(log.text.len() < 3 * (log.text.len() - log.dropped), "dropped bytes are given back");
    }

    #[test]
    fn drops_the_oldest_by_bytes() {
        let mut log = InteractionLog::default();
        let long = "x".repeat(1024 * 1024);
        for _ in 0..10 {
            record(&mut log, None, &long);
        }
        let all = written(&log, &Include::All);
        assert_eq!(all.first().unwrap()["seq"], 8);
        assert_eq!(all.last().unwrap()["seq"], 10);
    }
}
