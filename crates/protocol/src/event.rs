//! Events: what happened in a video, as subscribed webhooks are told.
//!
//! An event is `{type, timestamp, id, data}`, the shape of [Standard Webhooks](https://www.standardwebhooks.com) with an id.
//! This is the canonical form: other [formats](crate::format) are made from its JSON text. What each type carries is
//! documented in `docs/events.md`.

use crate::suggest::nearest;
use crate::word_enum;
use cuehook_json::{write_integer, write_string};

/// An event with a larger `data` is refused when it is recorded, in bytes of its JSON text.
pub const MAX_EVENT: usize = 32 * 1024;

word_enum! {
    /// What Cuehook itself tells of. Pages add types of their own.
    pub enum EventType {
        /// The viewer has started to watch.
        ViewStarted = "view.started",
        /// The viewer has watched more of it.
        ViewProgressed = "view.progressed",
        /// The viewer has watched to the end, or has left.
        ViewEnded = "view.ended",
        /// The viewer clicked something that is none of the following.
        InteractionClicked = "interaction.clicked",
        /// The viewer answered a question, or submitted a form that records an answer.
        QuestionAnswered = "question.answered",
        /// The viewer clicked what records a call to action.
        CtaClicked = "cta.clicked",
        /// The viewer clicked what records an annotation.
        AnnotationClicked = "annotation.clicked",
        /// The viewer left contact data.
        LeadCaptured = "lead.captured",
        /// A webhook was executed, and its response is in.
        WebhookExecuted = "webhook.executed",
        /// A webhook was executed, and there is no good response.
        WebhookFailed = "webhook.failed",
        /// Events of this session could not be kept, and will not come.
        EventsLost = "events.lost",
    }
}

impl EventType {
    /// The type of that name; none if it is a type of the page's own.
    pub fn named(name: &str) -> Option<Self> {
        Self::at(Self::WORDS.iter().position(|known| *known == name)?)
    }
}

/// How much an event matters: what goes first, and what is dropped last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Leads, answers, and what tells of losses: never dropped.
    Lead,
    /// What the viewer did, how a view ended, and what the page recorded.
    Interaction,
    /// How far a view has come: the next one says it again.
    Progress,
}

impl Priority {
    /// That of a type.
    pub fn of(kind: &str) -> Self {
        match EventType::named(kind) {
            Some(EventType::LeadCaptured | EventType::QuestionAnswered | EventType::EventsLost) => Self::Lead,
            Some(EventType::ViewStarted | EventType::ViewProgressed) => Self::Progress,
            _ => Self::Interaction,
        }
    }
}

/// An event, ready to be written for one receiver.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Its type: a dotted name.
    pub kind: &'a str,
    /// UUIDv7, the same for all receivers and in all attempts.
    pub id: &'a str,
    /// When it happened, as RFC 3339.
    pub timestamp: &'a str,
    /// The video as a JSON object.
    pub video: &'a str,
    /// The session.
    pub session: EventSession<'a>,
    /// The view as a JSON object.
    pub view: &'a str,
    /// Who watches, as a JSON object, if the page says so.
    pub viewer: Option<&'a str>,
    /// What else `data` has: members with a comma before each, `,"interaction":{…}`; empty if nothing.
    pub more: &'a str,
}

/// What an event says of its session.
#[derive(Clone, Copy, Debug)]
pub struct EventSession<'a> {
    /// Its UUIDv7.
    pub id: &'a str,
    /// When it started, as RFC 3339.
    pub started_at: &'a str,
    /// The number of this event among all that this receiver is sent in this session: 1, 2, 3… without gaps.
    pub seq: u64,
    /// The page's address, as much of it as the receiver may know.
    pub page: Option<&'a str>,
}

impl Event<'_> {
    /// The event as JSON text, in the canonical form.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(512 + self.more.len());
        let text = |out: &mut String, key: &str, value: &str| {
            out.push_str(key);
            write_string(value, out);
        };
        text(&mut out, "{\"type\":", self.kind);
        text(&mut out, ",\"timestamp\":", self.timestamp);
        text(&mut out, ",\"id\":", self.id);
        out.push_str(",\"data\":{\"video\":");
        out.push_str(self.video);
        text(&mut out, ",\"session\":{\"id\":", self.session.id);
        text(&mut out, ",\"startedAt\":", self.session.started_at);
        out.push_str(",\"seq\":");
        write_integer(self.session.seq, &mut out);
        if let Some(page) = self.session.page {
            text(&mut out, ",\"page\":", page);
        }
        out.push_str("},\"view\":");
        out.push_str(self.view);
        if let Some(viewer) = self.viewer {
            out.push_str(",\"viewer\":");
            out.push_str(viewer);
        }
        out.push_str(self.more);
        out.push_str("}}");
        out
    }
}

/// Whether a subscription names a type: `lead.captured` itself, `lead.*` with all that begins with `lead.`, or `*`.
pub fn subscribes(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => pattern == kind,
    }
}

/// Whether a type begins as one of Cuehook's own does: pages choose other beginnings, so that a slip of the pen is noticed.
pub fn is_reserved(kind: &str) -> bool {
    EventType::WORDS.iter().any(|word| {
        let mut pairs = word.bytes().zip(kind.bytes());
        // They are the same up to a dot.
        pairs.find(|(own, other)| *own == b'.' || !own.eq_ignore_ascii_case(other)) == Some((b'.', b'.'))
    })
}

/// Whether a subscription can match any event: a type of ours, a dotted name of the page's own, a beginning of these, or `*`.
pub fn is_pattern(pattern: &str) -> bool {
    match pattern.strip_suffix(".*") {
        // `a.*` has one word, and what it stands for has two at least.
        Some(beginning) => {
            let is_own = || EventType::WORDS.iter().any(|kind| subscribes(pattern, kind));
            is_event_type(&[beginning, ".x"].concat()) && (!is_reserved(pattern) || is_own())
        }
        None => {
            pattern == "*"
                || EventType::named(pattern).is_some()
                || (is_event_type(pattern) && !is_reserved(pattern))
        }
    }
}

/// What is wrong with a subscription, and what to write instead.
pub fn pattern_fault(pattern: &str) -> Option<String> {
    const FORMS: &str = "write a type such as `lead.captured`, a beginning such as `lead.*`, or `*`";
    if is_pattern(pattern) {
        return None;
    }
    let suggestion = |known: &[&'static str]| match nearest(pattern, known) {
        Some(near) => ["; did you mean `", near, "`?"].concat(),
        None => ["; ", FORMS].concat(),
    };
    Some(if let Some(beginning) = pattern.strip_suffix(".*") {
        let is_proper = is_event_type(&[beginning, ".x"].concat());
        let what =
            if is_proper { "Cuehook has no such events; " } else { "this is no beginning of a type; " };
        [what, FORMS].concat()
    } else if is_event_type(pattern) {
        ["Cuehook has no such event", &suggestion(&EventType::WORDS)].concat()
    } else {
        ["this is no type of events", &suggestion(&EventType::WORDS)].concat()
    })
}

/// Whether a text is a dotted name of an event: words of letters, digits, `-` and `_`, at least two, with dots between.
pub fn is_event_type(name: &str) -> bool {
    let (mut before, mut has_dot) = (b'.', false);
    for byte in name.bytes() {
        let is_dot = byte == b'.';
        has_dot |= is_dot;
        if is_dot && before == b'.' || !is_dot && !byte.is_ascii_alphanumeric() && !b"-_".contains(&byte) {
            return false;
        }
        before = byte;
    }
    name.len() <= 100 && has_dot && before != b'.'
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_json() {
        let event = Event {
            kind: "cta.clicked",
            id: "0192",
            timestamp: "2026-11-20T20:07:00.123Z",
            video: r#"{"id":"spring-shop"}"#,
            session: EventSession { id: "0191", started_at: "2026-11-20T20:06:00.000Z", seq: 7, page: None },
            view: r#"{"id":"0190"}"#,
            viewer: None,
            more: r#","interaction":{"type":"click"}"#,
        };
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&event.to_text()).unwrap(),
            serde_json::json!({
                "type": "cta.clicked", "timestamp": "2026-11-20T20:07:00.123Z", "id": "0192",
                "data": {
                    "video": {"id": "spring-shop"},
                    "session": {"id": "0191", "startedAt": "2026-11-20T20:06:00.000Z", "seq": 7},
                    "view": {"id": "0190"},
                    "interaction": {"type": "click"},
                },
            })
        );
        let session = EventSession { page: Some("https://shop.example/\"x"), ..event.session };
        let text = Event { session, viewer: Some(r#"{"email":"a@b.example"}"#), ..event }.to_text();
        let value = serde_json::from_str::<serde_json::Value>(&text).unwrap();
        assert_eq!(value["data"]["session"]["page"], "https://shop.example/\"x");
        assert_eq!(value["data"]["viewer"]["email"], "a@b.example");
    }

    #[test]
    fn subscriptions_name_types_or_beginnings() {
        for (pattern, kind, expected) in [
            ("lead.captured", "lead.captured", true),
            ("lead.captured", "lead.captured2", false),
            ("lead.*", "lead.captured", true),
            ("lead.*", "leader.captured", false),
            ("lead.*", "lead", false),
            ("*", "anything.else", true),
            ("", "lead.captured", false),
        ] {
            assert_eq!(subscribes(pattern, kind), expected, "{pattern} {kind}");
        }
    }

    #[test]
    fn types_are_dotted_names() {
        for name in ["cart.added", "a.b.c", "A-1.b_2"] {
            assert!(is_event_type(name), "{name}");
        }
        for name in ["cart", "", ".", "a.", ".a", "a..b", "a.b c", "a.b*", "ä.b", &"a.".repeat(60)] {
            assert!(!is_event_type(name), "{name}");
        }
    }

    #[test]
    fn pages_choose_other_beginnings() {
        for kind in EventType::WORDS.into_iter().chain(["view.x", "events.more", "lead.capturd.x"]) {
            assert!(is_reserved(kind), "{kind}");
        }
        for kind in ["cart.added", "views.x", "vie.w", "leader.board", "view"] {
            assert!(!is_reserved(kind), "{kind}");
        }
    }

    #[test]
    fn faults_of_patterns_say_what_to_write() {
        for pattern in EventType::WORDS.into_iter().chain(["*", "lead.*", "cart.added", "cart.*", "a.b.*"]) {
            assert_eq!(pattern_fault(pattern), None, "{pattern}");
        }
        for (pattern, part) in [
            ("lead.capturd", "did you mean `lead.captured`"),
            ("LEAD.captured", "did you mean `lead.captured`"),
            ("leadcaptured", "did you mean `lead.captured`"),
            ("view.opened", "no such event;"),
            ("view.started.*", "no such events"),
            ("Lead.*", "no such events"),
            ("lead", "no type of events"),
            ("lead*", "`lead.*`"),
            ("*.captured", "no type of events"),
            ("le*.x", "no type of events"),
            (".*", "no beginning"),
            ("a b.*", "no beginning"),
            ("**", "no type"),
            ("", "no type"),
        ] {
            let fault = pattern_fault(pattern).unwrap_or_default();
            assert!(fault.contains(part), "{pattern}: {fault}");
        }
    }

    #[test]
    fn leads_matter_most() {
        assert_eq!(Priority::of("lead.captured"), Priority::Lead);
        assert_eq!(Priority::of("question.answered"), Priority::Lead);
        assert_eq!(Priority::of("view.progressed"), Priority::Progress);
        assert_eq!(Priority::of("view.ended"), Priority::Interaction);
        assert_eq!(Priority::of("cart.added"), Priority::Interaction);
    }
}
