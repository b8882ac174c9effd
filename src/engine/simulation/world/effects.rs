//! Carries out effects, as a shell does, and checks what each of them promises.

use super::survive::uuid;
use super::{FORM, PendingAttempt, QUIZ, World};
use crate::engine::{Effect, Event, EventName, Input, Notice, NoticeKind};
use crate::protocol::{Response, TransportFailure};
use serde_json::Value;
use std::collections::VecDeque;
use std::rc::Rc;

impl World {
    pub(super) fn carry_out(&mut self, effect: Effect, effects: &mut VecDeque<Effect>) {
        match effect {
            Effect::Play(play) => {
                // Playing what plays already goes against nobody.
                let harmless = !self.media.state.paused;
                let entitled = harmless || self.may_play || self.plays_itself || self.media.paused_by_engine;
                assert!(entitled, "the engine plays although the viewer did not leave it paused by us");
                self.media.play_by_engine(play);
            }
            Effect::Pause => self.media.pause_by_engine(),
            Effect::Seek(time) => self.media.seek(time),
            Effect::Build => {
                assert!(self.shown.iter().all(|shown| !shown), "rebuilt while something is shown");
            }
            Effect::Show(element) => {
                assert!(!std::mem::replace(&mut self.shown[element], true), "shown twice");
            }
            Effect::Hide(element) => {
                assert!(std::mem::replace(&mut self.shown[element], false), "hidden twice");
            }
            Effect::Busy { element, busy } => self.busy[element] = busy,
            Effect::Notices(notices) => {
                let waits = |notice: &Notice| notice.kind == NoticeKind::Waiting;
                let is_quiet = |key: u32| self.keeping.quiet.contains(&key.into());
                let told = notices.iter().filter(|notice| waits(notice)).any(|notice| is_quiet(notice.key));
                assert!(!told, "the viewer is told of a request of earlier");
                self.notices = notices
                    .into_iter()
                    .map(|notice| {
                        let buttons = notice.buttons.into_iter().map(|(button, _)| button).collect();
                        (notice.key, notice.kind, buttons)
                    })
                    .collect();
            }
            Effect::StartTimer { timer, after_ms } => {
                assert!(
                    after_ms >= 0.0 && !self.timers.iter().any(|(known, _)| *known == timer),
                    "{timer:?}"
                );
                self.timers.push((timer, self.clock + after_ms));
            }
            Effect::StopTimer(timer) => self.timers.retain(|(known, _)| *known != timer),
            Effect::Send(request) => self.send(&request),
            Effect::Keep { request, id, record } => self.keep(request, id, record),
            Effect::Settle(id) => self.settle(&id),
            Effect::Record(text) => self.told += usize::from(text.starts_with("{\"interaction\"")),
            Effect::Abort(request) => {
                let before = self.attempts.len();
                self.attempts.retain(|attempt| attempt.request != request);
                assert_eq!(self.attempts.len() + 1, before, "aborted what is not under way");
            }
            Effect::Propose { proposal, event, body } => {
                let allowed = self.chance(0.93);
                self.proposed(&event, body, allowed);
                self.handle(Input::Decided { proposal, allowed, headers: Vec::new() }, effects);
            }
            Effect::Emit(event) => {
                self.emitted(&event);
                if self.chance(0.02) && !self.calm && !self.destroyed {
                    let input = self.listener_acts();
                    self.handle(input, effects);
                }
            }
            Effect::Reply { ticket, .. } => {
                let replies = self.tickets.get_mut(&ticket).expect("a known ticket");
                *replies += 1;
                assert_eq!(*replies, 1, "replied twice");
            }
            Effect::Teardown => {
                assert!(effects.is_empty(), "teardown is the last effect");
                self.destroyed = true;
            }
            Effect::OpenUrl { .. } => self.left(),
            Effect::Rate(_)
            | Effect::Mute(_)
            | Effect::Label { .. }
            | Effect::Patch { .. }
            | Effect::Texts { .. }
            | Effect::Verdict { .. }
            | Effect::Remark { .. }
            | Effect::Forget(_)
            | Effect::Place { .. }
            | Effect::Announce(_)
            | Effect::Warn(_) => {}
        }
    }

    fn proposed(&mut self, event: &Event, body: Option<Rc<Vec<u8>>>, allowed: bool) {
        match event.name {
            EventName::Activate => {
                let (element, button) = self.pending_click.take().expect("a click");
                let is_entry = element == QUIZ || element == FORM;
                let is_doubled = self.is_doubled((element, button)) && !self.is_forgotten((element, button));
                assert!(is_entry || !is_doubled, "a double click counted twice");
                if allowed {
                    self.interactions.push(self.engine.project.elements[element].id.clone());
                    self.clicked.insert((element, button), (self.clock, self.interactions.len()));
                }
            }
            EventName::Request => {
                let detail: Value = serde_json::from_str(&event.detail_text()).unwrap();
                self.is_dropping |= detail["webhook"] == "drop";
                let request = detail["requestId"].as_u64().unwrap();
                if !self.remember(request, body.as_ref().expect("a body")) {
                    self.check_trigger(body.as_ref().expect("a body"));
                }
                let record = self.records.entry(request).or_default();
                record.body = body;
            }
            _ => {}
        }
    }

    fn send(&mut self, request: &crate::engine::Attempt) {
        let record = &self.records[&u64::from(request.request)];
        assert_eq!(record.settled, 0, "sent after it has settled");
        let body = record.body.clone().expect("a body");
        assert!(request.asks || body == request.body, "all attempts carry the same bytes");
        let relayed = request.url.starts_with(super::relay::ADDRESS);
        let survives = relayed || request.url.ends_with("/a") || request.url.ends_with("/d");
        let is_kept = self.storage.kept.contains_key(&uuid(&body));
        assert!(!survives || is_kept, "sent before it is kept");
        assert!(
            self.keeping.due.iter().all(|(other, ..)| *other != request.request),
            "sent while it is being kept"
        );
        if request.attempt == 1 {
            self.check_body(&body, &request.url);
        }
        let due = self.clock + self.chance.unit() * if self.chance(0.15) { 20_000.0 } else { 2_500.0 };
        let outcome = match self.pick(10) {
            0 => Err(TransportFailure::Network),
            1 => Err(TransportFailure::TooLarge { status: 200 }),
            2 => Ok((503, "{\"retry_after_ms\": 400}")),
            3 => Ok((500, "<h1>oops</h1>")),
            4 => Ok((200, "[1]")),
            5 => Ok((204, "")),
            _ => Ok((200, "{\"code\":\"A1\",\"user\":{\"name\":\"Ann\"}}")),
        };
        let outcome = outcome.map(|(status, body)| Response {
            status,
            body: body.as_bytes().to_vec(),
            ..Response::default()
        });
        let (outcome, tells) = if relayed { self.relay_hears(request, due) } else { (outcome, None) };
        self.attempts.push(PendingAttempt {
            request: request.request,
            attempt: request.attempt,
            due,
            is_carried: request.keepalive,
            outcome,
            tells,
        });
    }

    fn emitted(&mut self, event: &Event) {
        let detail: Value = serde_json::from_str(&event.detail_text()).unwrap();
        assert!(detail["mediaTime"].is_number());
        if event.name == EventName::Callback {
            // Of a webhook for which nobody waits the chain is over before.
            let waits = !self.has_relay || self.relay.is_heard;
            assert!(!waits || !self.drop_is_over, "a chain goes on for a source that is gone");
        }
        if event.name == EventName::Settled && detail["webhook"] == "drop" {
            self.is_dropping = false;
            self.drop_is_over = false;
        }
        if let (Some(element), EventName::Pause | EventName::Resume) =
            (detail["element"].as_str(), event.name)
        {
            let held = self.held.entry(element.to_owned()).or_default();
            // A lease that was taken while the video stood still already has paused nothing.
            held[usize::from(event.name == EventName::Resume)] += 1;
        }
        let Some(request) = detail["requestId"].as_u64() else { return };
        let record = self.records.entry(request).or_default();
        match event.name {
            EventName::Settled => {
                record.settled += 1;
                let is_relayed =
                    self.has_relay && ["drop", "quiet"].iter().any(|id| detail["webhook"] == *id);
                if let (true, Some(call)) = (is_relayed, record.call.clone()) {
                    self.check_relayed(&call, detail["outcome"].as_str().unwrap());
                }
            }
            EventName::Resume => record.resumed += 1,
            EventName::Pause => {
                assert!(!self.keeping.quiet.contains(&request), "the video waits for a request of earlier");
                record.paused += 1;
            }
            _ => {}
        }
        let record = &self.records[&request];
        assert!(record.settled <= 1, "request {request} settled twice");
        assert!(record.resumed <= 1, "the lease of request {request} was released twice");
    }
}
