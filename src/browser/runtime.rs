//! One instance: the engine, and the order in which things happen around it.
//!
//! An input borrows the engine, which pushes effects; the borrow ends; then the effects are carried out one by one.
//! Carrying out an effect runs the page's code (event listeners, players), which may call back in. Such an input is
//! handed to the engine at once, and its effects go to the end of the queue, which the outer loop drains. So no
//! borrow is ever alive while JavaScript runs, and an effect is never interrupted by another one.

use super::address::Address;
use super::cues::Cues;
use super::errors;
use super::events;
use super::fetch::Fetches;
use super::link::{Inputs, Link};
use super::media::MediaObject;
use super::options::AttachOptions;
use super::player::Player;
use super::stage::Stage;
use super::stage::entries::Entry;
use super::timers::Timers;
use super::values;
use crate::engine::{Effect, Engine, Event, EventName, Input, Kept, MediaEvent, Moment, Setup, Target};
use crate::error::ErrorCode;
use crate::json::Json;
use crate::project::{Project, ViewerOption, Word};
use js_sys::{Function, Promise};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Performance, Window};

thread_local! {
    /// All instances that have not been destroyed, oldest first. They live here: a page that does not keep the
    /// handle keeps its overlays.
    static INSTANCES: RefCell<Vec<Rc<Runtime>>> = const { RefCell::new(Vec::new()) };
}

/// All instances, oldest first; none if asked at a bad moment.
pub fn instances() -> Vec<Rc<Runtime>> {
    INSTANCES.with(|instances| instances.try_borrow().map(|list| list.clone()).unwrap_or_default())
}

/// One instance.
pub struct Runtime {
    window: Window,
    document: Document,
    performance: Option<Performance>,
    host: RefCell<Element>,
    engine: RefCell<Engine>,
    project: RefCell<Rc<Project>>,
    queue: RefCell<VecDeque<Effect>>,
    draining: Cell<bool>,
    destroyed: Cell<bool>,
    ledger: JsValue,
    link: Link,
    player: Player,
    stage: Stage,
    timers: Timers,
    fetches: Fetches,
    address: Address,
    cues: RefCell<Option<Cues>>,
    /// What the page lets viewers set for themselves, whatever the project says.
    viewer_options: Vec<ViewerOption>,
    calls: RefCell<Vec<PendingCall>>,
    tickets: Cell<u32>,
}

#[wasm_bindgen]
extern "C" {
    /// What the loader gives: see [`AttachOptions::ledger`].
    type Ledger;
    #[wasm_bindgen(method, catch)]
    fn record(this: &Ledger, occurrence: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn settle(this: &Ledger, request: &str) -> Result<(), JsValue>;
}

/// A promise that `execute` has returned and that is not settled yet.
struct PendingCall {
    ticket: u32,
    resolve: Function,
    reject: Function,
}

impl Runtime {
    /// Makes an instance. [`Input::Start`] starts it.
    ///
    /// # Errors
    /// The stage could not be made: there is no place for it on the page.
    pub fn make(
        window: Window,
        document: Document,
        host: Element,
        media: MediaObject,
        project: Project,
        options: AttachOptions,
    ) -> Result<Rc<Runtime>, JsValue> {
        let project = Rc::new(project);
        let performance = window.performance();
        let address = Address::new(document.clone());
        let setup = Setup {
            targets: targets(&document, &project),
            relay: options.relay,
            allow_origins: options.allow_origins,
            page: address.changed().unwrap_or_default(),
            keepalive: super::fetch::has_keepalive(),
            session: options.session,
            records: options.records,
            seed: seed(&window),
            started: moment(performance.as_ref(), &media),
        };
        let stage = Stage::new(&window, &document, &host, &media)?;
        errors::set(&options.ledger, "stage", stage.root());
        let runtime = Rc::new_cyclic(|weak: &Weak<Runtime>| {
            let link = Link::new(weak.clone());
            Runtime {
                engine: RefCell::new(Engine::new(Rc::clone(&project), setup)),
                project: RefCell::new(project),
                queue: RefCell::default(),
                draining: Cell::new(false),
                destroyed: Cell::new(false),
                ledger: options.ledger,
                player: Player::new(media, &window, &document, &link),
                stage,
                timers: Timers::new(window.clone()),
                fetches: Fetches::default(),
                address,
                cues: RefCell::default(),
                viewer_options: options.viewer_options,
                calls: RefCell::default(),
                tickets: Cell::new(0),
                window,
                document,
                performance,
                host: RefCell::new(host),
                link,
            }
        });
        INSTANCES.with(|instances| instances.borrow_mut().push(Rc::clone(&runtime)));
        runtime.stage.listen(&runtime.link);
        Ok(runtime)
    }

    /// Hands an input to the engine and carries out what follows, unless that is being done already.
    pub fn input(&self, input: Input) {
        if self.destroyed.get() {
            return;
        }
        if let Input::Media(event) = input
            && matches!(event, MediaEvent::Play | MediaEvent::Ended | MediaEvent::SourceChanged)
        {
            self.note_hold(false);
        }
        let moment = moment(self.performance.as_ref(), &self.player.media());
        let mut effects = Vec::new();
        if let Some(address) = self.address.changed() {
            self.engine.borrow_mut().handle(moment, Input::Page(address), &mut effects);
        }
        self.engine.borrow_mut().handle(moment, input, &mut effects);
        self.queue.borrow_mut().extend(effects);
        self.drain();
    }

    fn drain(&self) {
        if self.draining.replace(true) {
            return;
        }
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(effect) = next else { break };
            self.perform(effect);
        }
        self.draining.set(false);
    }

    fn perform(&self, effect: Effect) {
        let media = self.player.media();
        match effect {
            Effect::Play(play) => {
                self.note_hold(false);
                self.player.play(play, &self.link);
            }
            Effect::Pause => media.pause(),
            Effect::Seek(seconds) => media.seek(seconds),
            Effect::Rate(rate) => media.rate(rate),
            Effect::Mute(muted) => media.mute(muted),
            Effect::Build => {
                let project = Rc::clone(&self.project.borrow());
                self.stage.build(&project);
                let offered = [&*self.viewer_options, &*project.viewer_options].concat();
                self.stage.offer(&offered, &project, &self.link);
                self.watch_cues();
            }
            Effect::Show(element) => self.stage.show(element, true),
            Effect::Hide(element) => self.stage.show(element, false),
            Effect::Label { element, text } => self.stage.label(element, &text),
            Effect::Patch { element, changes } => self.stage.patch(element, &changes),
            Effect::Busy { element, busy } => self.stage.busy(element, busy),
            Effect::Notices(notices) => self.stage.notices(&notices, &self.link),
            Effect::Texts { element, texts } => self.stage.entry(element, |entry| entry.show_texts(&texts)),
            Effect::Verdict { element, verdict } => {
                self.stage.entry(element, |entry| entry.show_verdict(&verdict))
            }
            Effect::Remark { element, text } => self.stage.entry(element, |entry| entry.remark(&text)),
            Effect::Forget(element) => self.stage.entry(element, Entry::forget),
            Effect::Place { element, frame } => self.stage.place(element, frame),
            Effect::Announce(saying) => self.stage.announce(&saying),
            Effect::StartTimer { timer, after_ms } => self.timers.start(timer, after_ms, &self.link),
            Effect::StopTimer(timer) => self.timers.stop(timer),
            Effect::Send(request) => self.fetches.send(*request, &self.ledger, &self.link),
            Effect::Keep { request, id, record } => {
                super::fetch::keep(&self.ledger, request, &id, &record, &self.link);
            }
            Effect::Settle(id) => {
                let _ = self.ledger.unchecked_ref::<Ledger>().settle(&id);
            }
            Effect::Abort(request) => self.fetches.abort(request),
            Effect::Propose { proposal, event, body } => {
                let (allowed, headers) = events::propose(&self.host(), event, body);
                self.input(Input::Decided { proposal, allowed, headers });
            }
            Effect::Emit(event) => self.emit(event),
            Effect::OpenUrl { url, new_tab } => self.open(&url, new_tab),
            Effect::Reply { ticket, result } => self.reply(ticket, result),
            Effect::Record(text) => {
                // Whoever makes events of it sees to its own faults.
                let _ = self.ledger.unchecked_ref::<Ledger>().record(&text);
            }
            Effect::Warn(text) => errors::warn(&text),
            Effect::Teardown => self.teardown(),
        }
    }

    fn emit(&self, event: Event) {
        match event.name {
            EventName::Pause => self.note_hold(true),
            EventName::Resume => self.note_hold(false),
            EventName::Ready
            | EventName::Show
            | EventName::Hide
            | EventName::Activate
            | EventName::Request
            | EventName::Response
            | EventName::Settled
            | EventName::Error
            | EventName::VariableChange
            | EventName::Callback
            | EventName::Destroy => {}
        }
        events::emit(&self.host(), event);
    }

    fn open(&self, url: &str, new_tab: bool) {
        if new_tab {
            let _ = self.window.open_with_url_and_target_and_features(url, "_blank", "noopener");
        } else {
            let _ = self.window.location().assign(url);
        }
    }

    fn reply(&self, ticket: u32, result: Result<String, (ErrorCode, String)>) {
        let mut calls = self.calls.borrow_mut();
        let found = calls.iter().position(|call| call.ticket == ticket).map(|at| calls.swap_remove(at));
        drop(calls);
        let Some(call) = found else { return };
        let _ = match result {
            Ok(text) => call.resolve.call1(&JsValue::UNDEFINED, &values::to_js(&text)),
            Err((code, message)) => call.reject.call1(&JsValue::UNDEFINED, &errors::error(code, &message)),
        };
    }

    /// Removes all that is on the page and ends all that listens or waits. Nothing happens after that.
    fn teardown(&self) {
        if self.destroyed.replace(true) {
            return;
        }
        INSTANCES.with(|instances| {
            instances.borrow_mut().retain(|other| !std::ptr::eq(Rc::as_ptr(other), self));
        });
        self.queue.borrow_mut().clear();
        self.player.stop();
        self.timers.clear();
        self.fetches.clear();
        let cues = self.cues.take();
        drop(cues);
        self.stage.remove();
        for call in self.calls.take() {
            let _ = call.reject.call1(&JsValue::UNDEFINED, &gone());
        }
    }

    /// Watches the cues of the media element, if an element of the project names one.
    fn watch_cues(&self) {
        let project = Rc::clone(&self.project.borrow());
        let has_cues = project.elements.iter().any(|element| element.cue.is_some());
        let watch = has_cues.then(|| Cues::watch(&self.player.media(), &self.link));
        let before = self.cues.replace(watch);
        drop(before);
    }

    /// Writes down whether the video stands still for a webhook, as far as our own events tell. When the module fails, it
    /// cannot be asked any more.
    fn note_hold(&self, held: bool) {
        errors::set(&self.ledger, "isHeld", &held.into());
    }

    /// `execute(id, params)`
    pub fn execute(&self, webhook: String, params: Json) -> Promise {
        if self.destroyed.get() {
            return Promise::reject(&gone());
        }
        let ticket = self.tickets.get().wrapping_add(1);
        self.tickets.set(ticket);
        let promise = Promise::new(&mut |resolve, reject| {
            self.calls.borrow_mut().push(PendingCall { ticket, resolve, reject });
        });
        self.input(Input::Execute { ticket, webhook, params });
        promise
    }

    /// `restore(record)`
    pub fn restore(&self, record: &str) -> bool {
        let kept = Kept::read(record).filter(|kept| kept.belongs_to(&self.project.borrow()));
        let is_ours = kept.is_some() && !self.destroyed.get();
        if let Some(kept) = kept {
            self.input(Input::Restore(kept));
        }
        is_ours
    }

    /// The project in use from now on.
    pub fn update(&self, project: Project) {
        let project = Rc::new(project);
        let targets = targets(&self.document, &project);
        self.project.replace(Rc::clone(&project));
        self.input(Input::Update { project, targets });
    }

    /// Another media element is to be used from now on, or the same one has been moved, or none is there. Events go to
    /// `host`.
    pub fn set_media(&self, media: Option<MediaObject>, host: Element) {
        if self.destroyed.get() {
            return;
        }
        let before = self.host.replace(host);
        drop(before);
        let same = media.as_ref().is_some_and(|media| **media == *self.player.media());
        self.stage.root().set_hidden(media.is_none());
        let event = if same { MediaEvent::Time } else { MediaEvent::SourceChanged };
        if let Some(media) = media.filter(|_| !same) {
            self.player.follow(media, &self.window, &self.document, &self.link);
        }
        self.input(Input::Media(event));
        if !same && self.cues.borrow().is_some() {
            self.watch_cues();
        }
    }

    /// The stage has been put somewhere, to lie over what `shown_by` shows.
    pub fn placed(&self, shown_by: &Element) {
        if !self.destroyed.get() {
            self.stage.placed(&self.window, &self.player.media(), shown_by);
        }
    }

    /// Reads something from the engine.
    pub fn read<T>(&self, look: impl FnOnce(&Engine) -> T) -> T {
        look(&self.engine.borrow())
    }

    /// Where events are dispatched.
    pub fn host(&self) -> Element {
        self.host.borrow().clone()
    }

    /// The media time now, in seconds.
    pub fn media_time(&self) -> f64 {
        self.player.media().state().time
    }

    /// The stage.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Whether the project has a webhook of that id.
    pub fn knows(&self, webhook: &str) -> bool {
        let project = Rc::clone(&self.project.borrow());
        project.webhook(webhook).is_some()
    }

    /// What the project needs of the outbox, as [`Handle::subscribes`](super::exports::Handle::subscribes) says it.
    pub fn subscribes(&self) -> u32 {
        let webhooks = &self.project.borrow().webhooks;
        webhooks.iter().fold(0, |needs, webhook| needs | webhook.needs())
    }

    /// One of the texts that Cuehook says.
    pub fn word(&self, name: &str) -> Option<String> {
        let word = Word::at(Word::WORDS.iter().position(|known| *known == name)?)?;
        Some(self.project.borrow().words.get(word).to_owned())
    }

    /// Whether `id` is the id of the host or of the media element.
    pub fn is_called(&self, id: &str) -> bool {
        self.host().id() == id || self.player.media().element().is_some_and(|element| element.id() == id)
    }
}

impl Inputs for Runtime {
    fn input(&self, input: Input) {
        Runtime::input(self, input);
    }

    fn interactions(&self) -> Vec<(usize, String)> {
        self.read(Engine::interactions_to_open)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Runtime").field("destroyed", &self.destroyed).finish_non_exhaustive()
    }
}

fn gone() -> JsValue {
    errors::error(ErrorCode::Aborted, "This instance has been destroyed.")
}

fn moment(performance: Option<&Performance>, media: &MediaObject) -> Moment {
    let wall_ms = js_sys::Date::now();
    Moment {
        wall_ms,
        clock_ms: performance.map_or(wall_ms, |performance| performance.now()),
        media: media.state(),
    }
}

/// Where each webhook's URL leads, resolved against the page. Only `http` and `https` can be posted to.
fn targets(document: &Document, project: &Project) -> Vec<Option<Target>> {
    let base = document.base_uri().ok().flatten().unwrap_or_default();
    let resolve = |url: &str| {
        let url = web_sys::Url::new_with_base(url, &base).ok()?;
        let web = matches!(url.protocol().as_str(), "http:" | "https:");
        web.then(|| Target { url: url.href(), origin: url.origin() })
    };
    project.webhooks.iter().map(|webhook| resolve(&webhook.url)).collect()
}

/// Randomness for identifiers and jitter.
fn seed(window: &Window) -> [u64; 4] {
    let mut bytes = [0_u8; 32];
    let filled = window.crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if filled.is_err() {
        // Ancient or crippled environment: two clocks are better than a constant.
        let clock = js_sys::Math::random().to_bits().to_le_bytes();
        let date = js_sys::Date::now().to_bits().to_le_bytes();
        for (byte, noise) in bytes.iter_mut().zip(clock.iter().chain(&date).cycle()) {
            *byte = *noise;
        }
    }
    let mut seed = [0_u64; 4];
    for (number, chunk) in seed.iter_mut().zip(bytes.chunks_exact(8)) {
        *number = chunk.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
    }
    seed
}
