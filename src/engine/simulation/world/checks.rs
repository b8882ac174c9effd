//! The promises, and the two ways in which a schedule ends.

use super::{FORM, QUIZ, World};
use crate::engine::playback::Holder;
use crate::engine::{Input, NoticeKind, Timer};
use crate::json::parse;
use serde_json::Value;

impl World {
    /// No interaction is lost or reordered on its way into a body. (A call that is tried again by the viewer carries
    /// what was recorded when it was first sent: a prefix.)
    pub(super) fn check_body(&self, body: &[u8], url: &str) {
        let body: Value = serde_json::from_slice(body).unwrap();
        if body["session"]["id"] != *self.engine.session {
            // Of an earlier load of the page, whose interactions nobody knows any more.
            return;
        }
        let sent: Vec<&str> = body["interactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["element"].as_str().unwrap())
            .collect();
        let quiet = url.ends_with("/d") || body["webhook"]["id"] == "quiet";
        let expected: Vec<&String> =
            self.interactions.iter().filter(|element| !quiet || *element == "area1").collect();
        assert!(
            sent.len() <= expected.len()
                && sent.iter().zip(&expected).all(|(sent, expected)| sent == expected)
        );
    }

    /// What appears calls nobody while the viewer seeks, nor for a quarter of a second after that.
    pub(super) fn check_trigger(&self, body: &[u8]) {
        let body: Value = serde_json::from_slice(body).unwrap();
        // A seek of the project at the same time may be taken for the viewer's, and the other way round.
        if body["trigger"]["event"] == "appear" && !self.plays_itself {
            assert!((self.clock - self.sought).round() >= 250.0, "a trigger fired on the way of a seek");
        }
    }

    /// The page is left: no request is lost by that, unless it had two seconds.
    pub(super) fn left(&mut self) {
        let clicked = self.link.take().expect("nobody clicked a link");
        let carried = self.attempts.iter().all(|attempt| attempt.is_carried);
        let waits = self.timers.iter().any(|(timer, _)| matches!(timer, Timer::Retry(_)));
        let in_time = carried && !waits && !self.is_keeping();
        // Sums of times are rounded.
        let waited = (self.clock - clicked).round();
        assert!(in_time || self.destroyed || waited >= 2_000.0, "a request is lost");
        assert!(waited <= 2_000.0, "the viewer waits for too long");
    }

    pub(super) fn check(&mut self) {
        self.check_interactions();
        self.check_kept();
        assert_eq!(self.told, self.interactions.len(), "an interaction is not told");
        if self.attempts.is_empty() && self.timers.is_empty() && !self.is_keeping() {
            // Nothing is under way, so nothing may be left behind.
            assert!(self.records.values().all(|record| record.settled == 1), "{:?}", self.records);
            assert!(self.storage.kept.is_empty(), "kept for ever: {:?}", self.storage.kept);
            assert!(self.busy.iter().all(|busy| !busy), "still busy");
            assert!(!self.notices.iter().any(|(_, kind, _)| *kind == NoticeKind::Waiting));
            let blocked = self.notices.iter().any(|(_, kind, _)| *kind == NoticeKind::Blocked);
            let stuck = self.media.paused_by_engine && !self.media.own_play_pending && !self.plays_itself;
            assert!(
                !stuck || blocked || self.is_held_by_element(),
                "the video hangs: paused by us, and nobody will resume it"
            );
            if !self.media.own_play_pending {
                for (request, record) in &self.records {
                    assert!(record.paused <= record.resumed, "the lease of request {request} leaks");
                }
            }
        }
    }

    fn check_interactions(&self) {
        let recorded = parse(self.engine.interactions().as_bytes(), 8).unwrap();
        let recorded: Vec<&str> = recorded
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry.as_object().unwrap().get("element").unwrap().as_str().unwrap())
            .collect();
        assert_eq!(recorded, self.interactions, "interactions are lost or out of order");
    }

    /// Nobody does anything any more; everything under way ends by itself.
    pub(in crate::engine::simulation) fn calm_down(&mut self) {
        self.calm = true;
        // A queue at a relay that fails takes the whole budget of each request.
        for _ in 0..150 {
            while self.report_one() {}
            self.pass(1_000.0);
        }
        while self.report_one() {}
        if !self.plays_itself {
            assert!(self.attempts.is_empty() && self.timers.is_empty(), "something never ends");
        }
        self.check();
        self.check_shown();
    }

    /// Visibility is a function of time and of what was shown or hidden.
    fn check_shown(&self) {
        let time = self.media.state.time;
        let expected = [true, (3.0..20.0).contains(&time), time >= 8.0];
        assert_eq!(&self.shown[..3], expected, "at {time}");
        assert!(!self.shown[3] || (1.0..28.0).contains(&time), "at {time}");
    }

    pub(in crate::engine::simulation) fn destroy(&mut self) {
        self.input(Input::Destroy);
        assert!(self.destroyed);
        assert!(self.timers.is_empty(), "timers are left: {:?}", self.timers);
        assert!(self.attempts.is_empty(), "attempts are left");
        assert!(self.storage.kept.is_empty(), "kept for ever: {:?}", self.storage.kept);
        assert!(self.shown.iter().all(|shown| !shown), "something is left on the page");
        assert!(self.records.values().all(|record| record.settled == 1), "{:?}", self.records);
        assert!(self.records.values().all(|record| record.paused <= record.resumed), "{:?}", self.records);
        assert!(self.held.values().all(|[paused, resumed]| paused <= resumed), "{:?}", self.held);
        assert!(self.tickets.values().all(|replies| *replies == 1), "a promise never settles");
        // Against a browser that refuses to play nothing is left to do by then.
        let excused = self.plays_itself || self.is_blocked() || self.media.refuses;
        assert!(!self.media.paused_by_engine || excused, "left paused by us");
        self.input(Input::Start);
        self.input(Input::Click(0));
        self.report();
    }

    /// Whether an element holds the video. Then it can be seen, and the viewer is told how to go on.
    fn is_held_by_element(&self) -> bool {
        let holds = |index: &usize| self.engine.playback.holds(Holder::Element(*index));
        let holding: Vec<usize> = (0..self.shown.len()).filter(holds).collect();
        // Where a seek ends decides; until then nothing is taken back.
        for index in holding.iter().filter(|_| !self.engine.playback.viewer_seeks()) {
            assert!(self.shown[*index], "an element that nobody sees holds the video");
            let has_button = *index == QUIZ || *index == FORM;
            let told = self.notices.iter().any(|(_, kind, _)| *kind == NoticeKind::Paused);
            assert!(has_button || told, "nobody says how to go on");
        }
        !holding.is_empty()
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.notices.iter().any(|(_, kind, _)| *kind == NoticeKind::Blocked)
    }
}
