//! The world around an engine: acts at random, carries out effects, and checks every promise.

mod checks;
mod effects;
mod relay;
mod survive;

use super::media::{MediaElement, Task};
use crate::engine::{
    Command, Effect, Engine, Input, MediaEvent, Moment, NoticeButton, NoticeKind, Setup, Target, Timer,
};
use crate::json::{Json, parse};
use crate::project::{Project, read};
use crate::protocol::{IdSource, Response, TransportFailure};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Areas `area0`…; the places matter to the checks below.
const PROJECT: &str = r#"{
  "cuehook": 1, "video": { "id": "simulated" },
  "webhooks": [
    { "id": "drop", "url": "/a", "waitForResponse": true, "timeoutMs": 5000, "retries": 2, "survive": true },
    { "id": "replace", "url": "https://other.example/b", "waitForResponse": true, "whileRunning": "replace", "timeoutMs": 3000 },
    { "id": "queue", "url": "/c", "waitForResponse": true, "whileRunning": "queue", "retries": 0 },
    { "id": "quiet", "url": "/d", "whileRunning": "queue", "includeInteractions": ["area1"], "survive": true },
    { "id": "seen", "url": "/s", "waitForResponse": true },
    { "id": "denied", "url": "https://denied.example/", "waitForResponse": true } ],
  "elements": [
    { "id": "area0", "kind": "area", "label": "0", "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "drop" },
                   { "do": "show", "element": "text" }, { "do": "callback", "name": "gated", "value": 1 } ] },
    { "id": "area1", "kind": "area", "label": "1", "from": 3, "to": 20, "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "replace",
                     "onError": [ { "do": "hide", "element": "text" } ] } ] },
    { "id": "area2", "kind": "area", "label": "2", "from": 8, "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "queue" }, { "do": "executeWebhook", "webhook": "quiet" } ] },
    { "id": "text", "kind": "html", "visible": false, "from": 1, "to": 28,
      "source": "<p>${code}</p><button data-execute-webhook='drop'>Drop</button><button data-action='go'>Go</button>",
      "actions": { "go": [ { "do": "executeWebhook", "webhook": "queue" } ] },
      "box": {"left":0,"top":0,"width":10,"height":10},
      "onAppear": [ { "do": "executeWebhook", "webhook": "seen" } ] },
    { "id": "area4", "kind": "area", "label": "4", "box": {"left":0,"top":0,"width":10,"height":10},
      "onClick": [ { "do": "executeWebhook", "webhook": "denied" }ACTIONS ] },
    { "id": "area5", "kind": "area", "label": "5", "from": 14, "to": 18, "pauseOnAppear": true,
      "onClick": [ { "do": "executeWebhook", "webhook": "quiet" } ], "box": {"left":0,"top":0,"width":10,"height":10} },
    { "id": "quiz", "kind": "question", "text": "Which?", "from": 16, "to": 24, "pauseOnAppear": true, "attempts": 2,
      "box": {"left":0,"top":0,"width":10,"height":10},
      "choices": [ { "id": "a", "label": "A", "correct": true }, { "id": "b", "label": "B" } ],
      "onCorrect": [ { "do": "executeWebhook", "webhook": "queue" } ] },
    { "id": "form", "kind": "form", "from": 2, "to": 9, "box": {"left":0,"top":0,"width":10,"height":10},
      "fields": [ { "name": "name", "label": "Name ${code!}" } ],
      "onSubmit": [ { "do": "executeWebhook", "webhook": "quiet" } ] },
    { "id": "condition", "kind": "condition", "when": "code == 'A1'", "from": 1, "to": 25,
      "onTrue": [ { "do": "executeWebhook", "webhook": "quiet" } ],
      "onFalse": [ { "do": "if", "when": "heard", "then": [ { "do": "executeWebhook", "webhook": "queue" } ] } ] } ] }"#;

/// The places of elements that pause the video.
const PAUSING: [usize; 2] = [5, 6];
const QUIZ: usize = 6;
const FORM: usize = 7;

/// These let a project itself play, so worlds with them cannot check who did.
const ACTIONS: &str = r#", { "do": "seek", "to": 12 }, { "do": "play" }, { "do": "executeWebhook", "webhook": "drop" }, { "do": "pause" }"#;

#[derive(Debug)]
struct PendingAttempt {
    request: u32,
    attempt: u32,
    due: f64,
    /// The browser carries it when the page is left.
    is_carried: bool,
    outcome: Result<Response, TransportFailure>,
    /// The id of the call of which the relay tells what became.
    tells: Option<String>,
}

#[derive(Debug, Default)]
struct Record {
    settled: u32,
    resumed: u32,
    paused: u32,
    body: Option<Rc<Vec<u8>>>,
    /// The id of the call at the relay.
    call: Option<String>,
}

pub(super) struct World {
    engine: Engine,
    chance: IdSource,
    loud: bool,
    clock: f64,
    media: MediaElement,
    timers: Vec<(Timer, f64)>,
    attempts: Vec<PendingAttempt>,
    records: BTreeMap<u64, Record>,
    notices: Vec<(u32, NoticeKind, Vec<NoticeButton>)>,
    /// Elements that were clicked and whose click the page allowed, in order.
    interactions: Vec<String>,
    /// What is being clicked: an element, and a button in it.
    pending_click: Option<(usize, u32)>,
    /// What was clicked and allowed, when that was last, and how many interactions there were then.
    clicked: BTreeMap<(usize, u32), (f64, usize)>,
    /// When the viewer's last seek arrived; infinite while it is under way.
    sought: f64,
    /// A request of `drop` has begun and not settled.
    is_dropping: bool,
    /// Its chain has ended with its source.
    drop_is_over: bool,
    /// The engine knows that the video is not in the document.
    detached: bool,
    /// When the viewer clicked a link that is not followed yet.
    link: Option<f64>,
    /// Numbers the page's elements that were clicked: each is another one.
    controls: u32,
    shown: Vec<bool>,
    busy: Vec<bool>,
    tickets: BTreeMap<u32, u32>,
    /// How often the video was paused for an element, and let go.
    held: BTreeMap<String, [u32; 2]>,
    /// Whether the project may play by itself.
    plays_itself: bool,
    /// What the page has written down.
    storage: survive::Storage,
    relay: relay::Relay,
    /// Whether some webhooks are behind a relay.
    has_relay: bool,
    keeping: survive::Keeping,
    /// How many interactions were told to whoever makes events of them.
    told: usize,
    /// The input at hand entitles the engine to play.
    may_play: bool,
    destroyed: bool,
    /// Nobody acts any more.
    calm: bool,
}

impl World {
    pub(super) fn new(seed: u64, loud: bool, has_relay: bool) -> Self {
        let mut chance = IdSource::new([seed, 1, 2, 3]);
        for _ in 0..8 {
            chance.unit();
        }
        let plays_itself = chance.unit() < 0.3;
        let project = project(plays_itself, has_relay);
        let setup = Setup {
            targets: targets(&project),
            relay: has_relay.then(|| Target { url: relay::ADDRESS.into(), origin: relay::ORIGIN.into() }),
            allow_origins: Some(
                ["https://page.example", "https://other.example", relay::ORIGIN].map(str::to_owned).to_vec(),
            ),
            page: "https://page.example/".into(),
            keepalive: true,
            session: None,
            records: true,
            seed: [seed, 7, 7, 7],
            started: Moment { wall_ms: 1.7e12, ..Moment::default() },
        };
        let count = project.elements.len();
        let mut world = Self {
            engine: Engine::new(project, setup),
            chance,
            loud,
            clock: 0.0,
            media: MediaElement::new(),
            timers: Vec::new(),
            attempts: Vec::new(),
            records: BTreeMap::new(),
            notices: Vec::new(),
            interactions: Vec::new(),
            pending_click: None,
            clicked: BTreeMap::new(),
            sought: f64::NEG_INFINITY,
            is_dropping: false,
            drop_is_over: false,
            detached: false,
            link: None,
            controls: 100,
            shown: vec![false; count],
            busy: vec![false; count],
            tickets: BTreeMap::new(),
            held: BTreeMap::new(),
            plays_itself,
            storage: survive::Storage::default(),
            relay: relay::Relay::default(),
            has_relay,
            keeping: survive::Keeping::default(),
            told: 0,
            may_play: false,
            destroyed: false,
            calm: false,
        };
        world.relay.is_heard = world.chance(0.6);
        world.ask_for_settings();
        world.input(Input::Start);
        world
    }

    pub(super) fn pick(&mut self, below: usize) -> usize {
        (self.chance.unit() * below as f64) as usize
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.chance.unit() < probability
    }

    /// One thing happens. Reports of the media element may come late, but not later than the next thing.
    pub(super) fn step(&mut self) {
        let overdue = self.media.tasks.len();
        self.act();
        for _ in 0..overdue {
            self.report_one();
        }
        if self.chance(0.6) {
            self.report();
        }
        self.check();
    }

    fn act(&mut self) {
        match self.pick(20) {
            0..=4 => self.click(),
            5..=7 => self.report(),
            8..=11 => {
                let ms = self.chance.unit() * 1_500.0;
                self.pass(ms);
            }
            12 => self.media.play_by_viewer(),
            13 => self.media.pause_by_viewer(),
            14 => {
                let time = self.chance.unit() * 30.0;
                self.media.seek(time);
                self.sought = f64::INFINITY;
            }
            15 => self.press_a_notice(),
            16 => self.page_acts(),
            17 if self.chance(0.5) => self.hand_over(),
            17 => self.stray_answer(),
            18 => {
                let focus = self.pick(6);
                if focus == 3 {
                    let pauses = self.chance(0.3);
                    self.input(Input::PauseAlways(pauses));
                } else if focus == 2 && self.plays_itself {
                    // As other seeks of our own it may be taken for the viewer's.
                    let element = PAUSING[self.pick(2)];
                    self.input(Input::Open(element));
                }
                // No focus is tested apart: here it would make what is shown depend on more than time.
                if focus > 4 {
                    self.input(Input::Focus(None));
                }
                self.media.refuses = self.chance(0.3) && self.media.state.paused;
                self.media.hangs = self.chance(0.2);
            }
            _ => {
                if self.chance(0.2) {
                    self.media.change_source();
                } else if self.chance(0.3) {
                    let removed = !self.media.state.detached;
                    self.media.remove(removed);
                } else if self.chance(0.2) {
                    let project = project(self.plays_itself, self.has_relay);
                    let targets = targets(&project);
                    self.clicked.clear();
                    // What the old elements held is let go without a name.
                    self.held.clear();
                    self.input(Input::Update { project, targets });
                    self.ask_for_settings();
                } else {
                    self.input(Input::Media(MediaEvent::Time));
                }
            }
        }
    }

    /// The viewer clicks an element that can be seen, or one of the two buttons in the overlay, or submits, or answers.
    fn click(&mut self) {
        let element = self.pick(self.shown.len());
        if !self.shown[element] {
            return;
        }
        if element == QUIZ || element == FORM {
            self.enter(element);
            return;
        }
        let button = if element == 3 { 1 + self.pick(2) as u32 } else { 0 };
        let twice = if self.chance(0.3) { 2 } else { 1 };
        for _ in 0..twice {
            self.click_on(element, button);
        }
    }

    fn enter(&mut self, element: usize) {
        self.pending_click = Some((element, 0));
        let mut values = crate::json::Object::new();
        values.set("name", Json::Integer(self.pick(2) as i64));
        let input = match element {
            QUIZ if self.chance(0.3) => Input::Dismiss(QUIZ),
            QUIZ => Input::Answer { element, chosen: vec![self.pick(3)] },
            _ => Input::Submit { element, values, trapped: false },
        };
        self.input(input);
        // A second answer may say the same, or come too late.
        self.pending_click = None;
    }

    fn click_on(&mut self, element: usize, button: u32) {
        let click = (element, button);
        self.pending_click = Some(click);
        self.input(match button {
            0 => Input::Click(element),
            _ => Input::Press {
                control: button,
                element,
                command: if button == 1 {
                    Command::Webhook("drop".into())
                } else {
                    Command::Actions("go".into())
                },
                label: "button".into(),
                params: crate::json::Object::new(),
                records: None,
            },
        });
        let ignored = self.pending_click.take().is_some();
        assert!(!ignored || self.is_doubled(click), "a click was ignored");
    }

    fn is_doubled(&self, click: (usize, u32)) -> bool {
        self.clicked.get(&click).is_some_and(|(at, _)| self.clock - at < 500.0)
    }

    /// Whether so much was clicked since that click that it is forgotten, or may be.
    pub(super) fn is_forgotten(&self, click: (usize, u32)) -> bool {
        self.clicked.get(&click).is_some_and(|(_, before)| self.interactions.len() - before > 4)
    }

    /// The media element reports some of what it has to report.
    fn report(&mut self) {
        while self.report_one() && self.chance(0.8) {}
    }

    fn report_one(&mut self) -> bool {
        let Some(task) = self.media.next_task() else { return false };
        let input = match task {
            Task::Event(event) => Input::Media(event),
            Task::Settled(play, outcome) => Input::PlaySettled { play, outcome },
            Task::SeekDone => {
                if !self.media.state.seeking && self.sought == f64::INFINITY {
                    self.sought = self.clock;
                }
                Input::Media(MediaEvent::Time)
            }
        };
        self.input(input);
        true
    }

    /// Time passes: the video plays on, timers ring, attempts end.
    fn pass(&mut self, ms: f64) {
        let until = self.clock + ms;
        loop {
            let timer = self.timers.iter().map(|(_, due)| *due).fold(f64::INFINITY, f64::min);
            let attempt = self.attempts.iter().map(|attempt| attempt.due).fold(f64::INFINITY, f64::min);
            let kept = self.keeping.due.iter().map(|(_, _, due)| *due).fold(f64::INFINITY, f64::min);
            let next = timer.min(attempt).min(kept).min(self.settings_due()).min(until);
            self.media.advance((next - self.clock).max(0.0) / 1000.0);
            self.clock = self.clock.max(next);
            if attempt <= next {
                let place = self.attempts.iter().position(|attempt| attempt.due <= next).unwrap();
                let PendingAttempt { request, attempt, outcome, tells, .. } =
                    self.attempts.swap_remove(place);
                if let Some(id) = tells {
                    self.relay_told(id);
                }
                self.input(Input::AttemptEnded { request, attempt, outcome });
            } else if kept <= next {
                let place = self.keeping.due.iter().position(|(_, _, due)| *due <= next).unwrap();
                let (request, ..) = self.keeping.due.swap_remove(place);
                self.input(Input::Kept(request));
            } else if self.settings_due() <= next {
                self.bring_settings();
            } else if timer <= next {
                let place = self.timers.iter().position(|(_, due)| *due <= next).unwrap();
                let (timer, _) = self.timers.swap_remove(place);
                if timer == Timer::Play {
                    self.media.own_play_pending = false;
                }
                self.input(Input::Timer(timer));
            } else {
                break;
            }
        }
        self.input(Input::Media(MediaEvent::Time));
    }

    fn press_a_notice(&mut self) {
        if self.notices.is_empty() {
            return;
        }
        let place = self.pick(self.notices.len());
        let (key, kind, buttons) = self.notices[place].clone();
        if buttons.is_empty() {
            return;
        }
        let button = buttons[self.pick(buttons.len())];
        if kind == NoticeKind::Blocked {
            self.may_play = true;
            self.media.refuses = false;
            // A gesture of the viewer: it may play from here on.
            self.media.paused_by_engine = false;
        }
        self.input(Input::Notice { key, button });
    }

    fn page_acts(&mut self) {
        match self.pick(3) {
            0 => {
                let ticket = self.tickets.len() as u32;
                self.tickets.insert(ticket, 0);
                let webhook =
                    ["drop", "replace", "queue", "quiet", "denied", "unknown"][self.pick(6)].to_owned();
                self.input(Input::Execute { ticket, webhook, params: Json::Null });
            }
            1 => {
                self.interactions.push("page-button".into());
                let link = self.chance(0.3).then(|| "/next".to_owned());
                if link.is_some() {
                    self.link.get_or_insert(self.clock);
                }
                self.controls += 1;
                self.input(Input::PageClick {
                    control: self.controls,
                    link,
                    webhook: "drop".into(),
                    element: Some("page-button".into()),
                    label: "page".into(),
                    params: crate::json::Object::new(),
                });
            }
            _ => self.input(Input::SetVariable { name: "code".into(), value: Json::from("set by the page") }),
        }
    }

    /// A listener of an event calls back in while effects are still to be carried out.
    fn listener_acts(&mut self) -> Input {
        if self.chance(0.5) {
            return Input::SetVariable { name: "heard".into(), value: Json::Integer(self.clock as i64) };
        }
        self.interactions.push("listener".into());
        self.controls += 1;
        let webhook = ["drop", "replace", "queue", "quiet"][self.pick(4)].to_owned();
        Input::PageClick {
            control: self.controls,
            link: None,
            webhook,
            element: Some("listener".into()),
            label: "listener".into(),
            params: crate::json::Object::new(),
        }
    }

    /// Answers that nobody waits for: late, duplicate, of another attempt.
    fn stray_answer(&mut self) {
        let request = self.pick(30) as u32;
        let attempt = 1 + self.pick(4) as u32;
        if self.attempts.iter().any(|known| known.request == request && known.attempt == attempt) {
            return;
        }
        let outcome = Ok(Response { status: 200, body: b"{\"stray\":true}".to_vec(), ..Response::default() });
        self.input(Input::AttemptEnded { request, attempt, outcome });
    }

    /// Gives the engine an input and carries out what follows.
    fn input(&mut self, input: Input) {
        if self.loud {
            println!("{:8.1} {:?}\n         ◄ {input:?}", self.clock, self.media.state);
        }
        let mut effects = VecDeque::new();
        self.handle(input, &mut effects);
        while let Some(effect) = effects.pop_front() {
            if self.loud {
                println!("         ► {effect:?}");
            }
            self.carry_out(effect, &mut effects);
        }
        self.may_play = false;
    }

    fn handle(&mut self, input: Input, effects: &mut VecDeque<Effect>) {
        let removed =
            self.media.state.detached && !std::mem::replace(&mut self.detached, self.media.state.detached);
        self.detached = self.media.state.detached;
        if removed {
            self.media.paused_by_engine = false;
        }
        if removed || matches!(input, Input::Media(MediaEvent::SourceChanged)) {
            self.drop_is_over = self.is_dropping;
            // Nothing is left to be decided, and triggers may fire.
            self.sought = f64::NEG_INFINITY;
        }
        let moment = Moment { wall_ms: 1.7e12 + self.clock, clock_ms: self.clock, media: self.media.state };
        let mut new = Vec::new();
        self.engine.handle(moment, input, &mut new);
        assert!(!self.destroyed || new.is_empty(), "effects after destroy: {new:?}");
        effects.extend(new);
    }
}

fn project(plays_itself: bool, has_relay: bool) -> Rc<Project> {
    let direct = PROJECT.replace("ACTIONS", if plays_itself { ACTIONS } else { "" });
    let text = if has_relay { relay::through_relay(&direct) } else { direct };
    let document = parse(text.as_bytes(), 64).unwrap();
    Rc::new(read(&document).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn targets(project: &Project) -> Vec<Option<Target>> {
    let target = |url: &str| {
        let absolute =
            if url.starts_with('/') { format!("https://page.example{url}") } else { url.to_owned() };
        let origin = absolute.split('/').take(3).collect::<Vec<_>>().join("/");
        Some(Target { url: absolute, origin })
    };
    project.webhooks.iter().map(|webhook| target(&webhook.url)).collect()
}
