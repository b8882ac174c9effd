//! The engine's rules, one by one. (`simulation` checks that they hold together.)

mod announced;
mod buttons;
mod chains;
mod clicks;
mod conditions;
mod edges;
mod ends;
mod entries;
mod hostile;
mod leases;
mod leaving;
mod limits;
mod pausing;
mod recorded;
mod relay;
mod requests;
mod seeking;
mod stage;
mod surviving;
mod told;

use super::*;
use crate::json::{Json, Object, parse};
use crate::project::{Word, read};
use crate::protocol::{Response, TransportFailure};
use serde_json::Value;
use std::rc::Rc;

/// An engine, the effects of its last input, and a video that plays at second 5.
struct Scene {
    engine: Engine,
    moment: Moment,
    effects: Vec<Effect>,
    /// Proposals of the last input that were not decided yet.
    proposals: Vec<(u32, Event)>,
    decides: bool,
}

impl Scene {
    /// Starts a project given by its webhooks and elements. Of areas and boxes the usual parts are added.
    fn new(webhooks: &str, elements: &str) -> Scene {
        Scene::with(webhooks, elements, |_| {})
    }

    /// The same on a page that says something else of itself.
    fn with(webhooks: &str, elements: &str, change: impl FnOnce(&mut Setup)) -> Scene {
        let elements = elements
            .replace(
                "AREA",
                r#""kind": "area", "label": "L", "box": {"left":0,"top":0,"width":9,"height":9}"#,
            )
            .replace("HTML", r#""kind": "html", "box": {"left":0,"top":0,"width":9,"height":9}"#);
        let text = format!(
            r#"{{"cuehook":1,"video":{{"id":"v"}},"variables":{{"viewerName":"guest"}},
               "webhooks":[{webhooks}],"elements":[{elements}]}}"#
        );
        let document = parse(text.as_bytes(), 64).unwrap();
        let project = Rc::new(read(&document).unwrap_or_else(|problems| panic!("{problems:?}")));
        let target = |url: &String| {
            let origin = if url.starts_with("https://other") {
                "https://other.example"
            } else {
                "https://page.example"
            };
            Some(Target { url: format!("{origin}/{}", project.webhooks.len()), origin: origin.into() })
        };
        let mut setup = Setup {
            relay: None,
            targets: project.webhooks.iter().map(|webhook| target(&webhook.url)).collect(),
            allow_origins: Some(vec!["https://page.example".into()]),
            page: "https://page.example/film".into(),
            keepalive: true,
            session: None,
            records: false,
            seed: [1, 2, 3, 4],
            started: Moment::default(),
        };
        change(&mut setup);
        let media = Media { time: 5.0, duration: Some(30.0), ..Media::default() };
        let mut scene = Scene {
            engine: Engine::new(project, setup),
            moment: Moment { wall_ms: 1.7e12, clock_ms: 0.0, media },
            effects: Vec::new(),
            proposals: Vec::new(),
            decides: true,
        };
        scene.input(Input::Start);
        scene
    }

    /// Gives an input; the page allows whatever is proposed, unless the test wants to decide.
    fn input(&mut self, input: Input) {
        self.effects.clear();
        self.proposals.clear();
        self.handle(input);
    }

    fn handle(&mut self, input: Input) {
        let mut new = Vec::new();
        self.engine.handle(self.moment, input, &mut new);
        for effect in new {
            match &effect {
                Effect::Play(_) => self.moment.media.paused = false,
                Effect::Pause => self.moment.media.paused = true,
                _ => {}
            }
            self.effects.push(effect.clone());
            if let Effect::Propose { proposal, event, .. } = effect {
                if self.decides {
                    self.handle(Input::Decided { proposal, allowed: true, headers: Vec::new() });
                } else {
                    self.proposals.push((proposal, event));
                }
            }
        }
    }

    /// Clicks, a second after whatever was before: no double click.
    fn click(&mut self, id: &str) {
        self.moment.clock_ms += 1_000.0;
        let element = self.engine.project.element_index(id).unwrap();
        self.input(Input::Click(element));
    }

    fn answer(&mut self, request: RequestId, attempt: u32, status: u16, body: &str) {
        let answer = Response { status, body: body.as_bytes().to_vec(), ..Response::default() };
        self.input(Input::AttemptEnded { request, attempt, outcome: Ok(answer) });
    }

    fn at(&mut self, time: f64) {
        self.moment.media.time = time;
        self.input(Input::Media(MediaEvent::Time));
    }

    /// The attempts that were sent, as (request, attempt).
    fn sent(&self) -> Vec<(RequestId, u32)> {
        self.requests().iter().map(|request| (request.request, request.attempt)).collect()
    }

    fn requests(&self) -> Vec<&Attempt> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Send(request) = effect { Some(&**request) } else { None })
            .collect()
    }

    /// The details of the events of this name.
    fn events(&self, name: &str) -> Vec<Value> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Emit(event) | Effect::Propose { event, .. }
                    if event.name.as_str().strip_prefix("cuehook:") == Some(name) =>
                {
                    Some(serde_json::from_str(&event.detail_text()).unwrap())
                }
                _ => None,
            })
            .collect()
    }

    fn notices(&self) -> Vec<(NoticeKind, Vec<NoticeButton>)> {
        let of = |notice: &Notice| {
            (notice.kind, notice.buttons.iter().map(|(button, _)| *button).collect::<Vec<_>>())
        };
        self.engine.notices.iter().map(of).collect()
    }

    fn plays(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Play(_)))
    }

    fn has(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }

    /// The places of the elements that are shown and hidden by the last input.
    fn shown(&self) -> Vec<usize> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Show(index) = effect { Some(*index) } else { None })
            .collect()
    }

    fn hidden(&self) -> Vec<usize> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Hide(index) = effect { Some(*index) } else { None })
            .collect()
    }
}
