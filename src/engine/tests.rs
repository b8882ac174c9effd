//! Promises of the engine that one short story each can show. The simulation looks for the long ones.

use super::{
    Answer, Effect, Engine, Input, Media, Moment, NoticeButton, NoticeKind, Setup, Target, TransportFailure,
};
use crate::json::parse;
use crate::project::{Project, read};
use std::collections::VecDeque;
use std::rc::Rc;

const PROJECT: &str = r#"{
  "cuehook": 1, "video": { "id": "short" },
  "webhooks": [ { "id": "ask", "url": "/ask", "waitForResponse": true, "retries": 0 },
                { "id": "tell", "url": "/tell", "retries": 0 } ],
  "elements": [
    { "id": "area", "kind": "area", "label": "Ask", "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "ask" } ] },
    { "id": "link", "kind": "html", "source": "<a href=\"${url!/}\">more</a>",
      "box": {"left":0,"top":0,"width":10,"height":10} },
    { "id": "teller", "kind": "area", "label": "Tell", "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "tell", "params": { "all": "BROKEN" } },
                   { "do": "callback", "name": "told" } ] } ] }"#;

struct Scene {
    engine: Engine,
    /// All effects so far.
    seen: Vec<Effect>,
    /// What the page's listeners add to requests.
    headers: Vec<(String, String)>,
}

impl Scene {
    fn new(text: &str) -> Self {
        let project = project(text);
        let setup = Setup { targets: targets(&project), ..Setup::default() };
        let engine = Engine::new(project, setup);
        let mut scene = Self { engine, seen: Vec::new(), headers: Vec::new() };
        scene.input(Input::Start);
        scene
    }

    fn input(&mut self, input: Input) {
        let media = Media { time: 5.0, duration: Some(30.0), ..Media::default() };
        let moment = Moment { wall_ms: 1e12, clock_ms: 0.0, media };
        let mut effects = Vec::new();
        self.engine.handle(moment, input, &mut effects);
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            if let Effect::Propose { proposal, .. } = effect {
                let headers = self.headers.clone();
                let mut more = Vec::new();
                self.engine.handle(moment, Input::Decided { proposal, allowed: true, headers }, &mut more);
                queue.extend(more);
            }
            self.seen.push(effect);
        }
    }

    /// The receiver answers the attempt that was sent last.
    fn answer(&mut self, outcome: Result<(u16, &str), TransportFailure>) {
        let sent = self.seen.iter().rev().find_map(|effect| match effect {
            Effect::Send(request) => Some((request.request, request.attempt)),
            _ => None,
        });
        let (request, attempt) = sent.expect("something was sent");
        let outcome = outcome.map(|(status, body)| Answer {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        });
        self.input(Input::Answered { request, attempt, outcome });
    }

    fn sent(&self) -> usize {
        self.seen.iter().filter(|effect| matches!(effect, Effect::Send(_))).count()
    }

    /// The keys of the notices of failed calls.
    fn failed(&self) -> Vec<u32> {
        let last = self.seen.iter().rev().find_map(|effect| match effect {
            Effect::Notices(notices) => Some(notices.as_slice()),
            _ => None,
        });
        let failed = |notice: &&super::Notice| notice.kind == NoticeKind::Failed;
        last.unwrap_or_default().iter().filter(failed).map(|notice| notice.key).collect()
    }

    /// The details of all events of that name.
    fn events(&self, name: &str) -> Vec<&str> {
        self.seen
            .iter()
            .filter_map(|effect| match effect {
                Effect::Emit(event) if event.name == name => Some(event.detail.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn project(text: &str) -> Rc<Project> {
    Rc::new(read(&parse(text.as_bytes(), 64).unwrap()).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn targets(project: &Project) -> Vec<Option<Target>> {
    let origin = "https://page.example".to_owned();
    let target = |url: &str| Some(Target { url: format!("{origin}{url}"), origin: origin.clone() });
    project.webhooks.iter().map(|webhook| target(&webhook.url)).collect()
}

#[test]
fn a_header_that_browsers_refuse_is_named() {
    for (name, value, code) in [
        ("authorization", "Bearer a-b.c", "ok"),
        ("x-name", "Zoë", "ok"),
        ("x-name", "Łukasz", "config-invalid"),
        ("x-name", "a\r\nwebhook-id: forged", "config-invalid"),
        ("x name", "a", "config-invalid"),
        ("", "a", "config-invalid"),
    ] {
        let mut scene = Scene::new(PROJECT);
        scene.headers = vec![(name.to_owned(), value.to_owned())];
        scene.input(Input::Click(0));
        assert_eq!(scene.sent(), usize::from(code == "ok"), "{name}: {value}");
        if code == "ok" {
            scene.answer(Ok((204, "")));
        }
        assert!(scene.events("settled")[0].contains(code), "{name}: {value}: {:?}", scene.events("error"));
    }
}

#[test]
fn a_success_takes_back_the_offer_to_try_again() {
    let mut scene = Scene::new(PROJECT);
    scene.input(Input::Click(0));
    scene.answer(Err(TransportFailure::Network));
    assert_eq!(scene.failed(), [1]);
    // The viewer does not press “try again” but clicks once more.
    scene.input(Input::Click(0));
    scene.answer(Ok((200, "{}")));
    assert!(scene.failed().is_empty());
}

#[test]
fn an_offer_to_try_again_outlives_a_press_at_a_bad_moment() {
    let mut scene = Scene::new(PROJECT);
    scene.input(Input::Click(0));
    scene.answer(Err(TransportFailure::Network));
    scene.input(Input::Click(0));
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    assert_eq!((scene.sent(), scene.failed()), (2, vec![1]), "another call of the webhook is running");
    scene.answer(Err(TransportFailure::Network));
    scene.input(Input::Notice { key: 2, button: NoticeButton::Retry });
    assert_eq!((scene.sent(), scene.failed()), (3, vec![]));
}

#[test]
fn warnings_are_bounded() {
    let mut scene = Scene::new(PROJECT);
    for number in 0..2_000 {
        let value = format!("javascript:{number}").as_str().into();
        scene.input(Input::SetVariable { name: "url".into(), value });
    }
    let warnings = scene.seen.iter().filter(|effect| matches!(effect, Effect::Warn(_))).count();
    assert!((100..=1_000).contains(&warnings), "{warnings} warnings of what answers may say");
}

#[test]
fn a_webhook_that_nobody_waits_for_holds_nothing_back() {
    let mut scene = Scene::new(&PROJECT.replace("BROKEN", "${'a' - 1}"));
    scene.input(Input::Click(2));
    assert_eq!(scene.events("error").len(), 1);
    assert_eq!(scene.events("callback").len(), 1, "the actions after it run");
}

#[test]
fn a_click_on_what_was_replaced_meanwhile_does_nothing() {
    let mut scene = Scene::new(PROJECT);
    let moment = Moment::default();
    let mut effects = Vec::new();
    scene.engine.handle(moment, Input::Click(0), &mut effects);
    let Some(Effect::Propose { proposal, .. }) = effects.pop() else { panic!("{effects:?}") };
    // A listener replaces the project.
    let project = project(PROJECT);
    let targets = targets(&project);
    scene.engine.handle(moment, Input::Update { project, targets }, &mut effects);
    scene.input(Input::Decided { proposal, allowed: true, headers: Vec::new() });
    assert_eq!(scene.sent(), 0);
}
