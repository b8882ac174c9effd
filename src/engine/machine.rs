//! The engine itself: its state, and how an input becomes effects.

use super::chain::{Chain, Origin};
use super::detail::Detail;
use super::effect::{Effect, Notice, NoticeButton};
use super::event::{Event, EventName};
use super::input::{Command, Input, MediaEvent, Moment, RequestId, Target};
use super::notices;
use super::playback::{Playback, PlaybackStep, ResumeReason};
use super::requests::{Failed, PendingRequest};
use super::stage::StageState;
use super::trigger::ViewerTrigger;
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::{ElementKind, Project};
use crate::protocol::{Cause, IdSource, Interaction, Trigger, rfc3339};
use crate::session::{Assignment, Context, Include, InteractionLog, MAX_VARIABLES};
use crate::template::Work;
use std::collections::VecDeque;
use std::rc::Rc;

/// So many actions run at most for one input. More means that triggers feed each other.
const MAX_ACTIONS: u32 = 1_000;

/// What an engine needs to know of its page.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// For each webhook of the project where its URL leads; `None` if it is no URL.
    pub targets: Vec<Option<Target>>,
    /// Origins that the page allows webhooks to post to; `None` allows any.
    pub allow_origins: Option<Vec<String>>,
    /// The page's address, for request bodies.
    pub page: String,
    /// Randomness from a cryptographic source.
    pub seed: [u64; 4],
    /// The instant at which the session starts.
    pub started: Moment,
}

/// The state machine of one interactive video.
#[derive(Debug)]
pub struct Engine {
    pub(super) project: Rc<Project>,
    pub(super) setup: Setup,
    pub(super) ids: IdSource,
    pub(super) session: String,
    pub(super) started_at: String,
    pub(super) moment: Moment,
    pub(super) context: Context,
    /// Counts changes of the context, so that an overlay knows whether it is up to date.
    pub(super) revision: u64,
    pub(super) log: InteractionLog,
    pub(super) playback: Playback,
    pub(super) stage: StageState,
    /// What the templates may still do for this input.
    pub(super) work: Work,
    /// Requests that have not settled.
    pub(super) requests: Vec<PendingRequest>,
    pub(super) last_request: RequestId,
    /// The last trigger by the viewer, to tell a double click from two clicks.
    pub(super) last_trigger: Option<ViewerTrigger>,
    /// Failed calls that the viewer may try again.
    pub(super) failed: Vec<Failed>,
    /// Proposals that the page has not seen yet.
    pub(super) proposals: Vec<(u32, Proposal)>,
    last_proposal: u32,
    pub(super) chains: VecDeque<Chain>,
    pub(super) actions_left: u32,
    pub(super) blocked: bool,
    pub(super) notices: Vec<Notice>,
    pub(super) out: Vec<Effect>,
    /// Effects that come after everything else of this input: the page hears that a request has settled
    /// when its overlays are painted.
    pub(super) after: Vec<Effect>,
    destroyed: bool,
}

/// A button inside a template that was pressed.
#[derive(Debug)]
pub(super) struct Press {
    command: Command,
    label: String,
    params: Object,
}

/// What waits for the page's listeners.
#[derive(Debug)]
pub(super) enum Proposal {
    /// The viewer clicked an element, or a button inside.
    Activate(usize, Option<Press>),
    /// A request is about to be sent.
    Request(RequestId),
    /// A response is about to be used.
    Response(RequestId, Option<Object>),
}

impl Engine {
    /// An engine for a project. Nothing happens before [`Input::Start`].
    pub fn new(project: Rc<Project>, setup: Setup) -> Self {
        let mut ids = IdSource::new(setup.seed);
        let started = setup.started;
        Self {
            session: ids.uuid(started.wall_ms),
            started_at: rfc3339(started.wall_ms),
            ids,
            moment: started,
            context: Context::new(project.variables.clone()),
            revision: 1,
            log: InteractionLog::default(),
            playback: Playback::default(),
            stage: StageState::new(&project),
            work: Work::default(),
            requests: Vec::new(),
            last_request: 0,
            last_trigger: None,
            failed: Vec::new(),
            proposals: Vec::new(),
            last_proposal: 0,
            chains: VecDeque::new(),
            actions_left: 0,
            blocked: false,
            notices: Vec::new(),
            out: Vec::new(),
            after: Vec::new(),
            destroyed: false,
            project,
            setup,
        }
    }

    /// Takes in what happened at `moment` and appends what is to be done to `effects`.
    ///
    /// After [`Input::Destroy`] nothing has an effect any more.
    pub fn handle(&mut self, moment: Moment, input: Input, effects: &mut Vec<Effect>) {
        if self.destroyed {
            return;
        }
        self.moment = moment;
        self.actions_left = MAX_ACTIONS;
        self.work.refill();
        self.take_in(input);
        if !self.destroyed {
            self.settle();
        }
        effects.append(&mut self.out);
        effects.append(&mut self.after);
    }

    /// The context's variables.
    pub fn variables(&self) -> &Object {
        self.context.variables()
    }

    /// The interactions that were recorded, as a JSON array.
    pub fn interactions(&self) -> String {
        ["[", &self.log.text(&Include::All), "]"].concat()
    }

    fn take_in(&mut self, input: Input) {
        match input {
            Input::Start => self.start(),
            Input::Media(event) => self.media(event),
            Input::PlaySettled(outcome) => {
                let media = self.moment.media;
                self.playback(|playback, steps| playback.play_settled(outcome, media, steps));
            }
            Input::Click(element) => self.click(element),
            Input::Press { element, command, label, params } => {
                self.press(element, Press { command, label, params })
            }
            Input::PageClick { webhook, element, label, params } => {
                self.record(Trigger::Click, element.as_deref(), &label);
                let cause = Cause::Trigger(Trigger::Click);
                let origin = Origin { element, index: None, cause, by_viewer: true, params: params.clone() };
                self.execute(&webhook, params, origin, None);
            }
            Input::Execute { ticket, webhook, params } => {
                let origin = Origin {
                    element: None,
                    index: None,
                    cause: Cause::Execute,
                    by_viewer: false,
                    params: Object::new(),
                };
                let params = params.as_object().cloned().unwrap_or_default();
                self.execute(&webhook, params, origin, Some(ticket));
            }
            Input::SetVariable { name, value } => self.set_variable(&name, value),
            Input::Decided { proposal, allowed, headers } => self.decided(proposal, allowed, headers),
            Input::AttemptEnded { request, attempt, outcome } => {
                self.attempt_ended(request, attempt, outcome)
            }
            Input::Timer(timer) => self.timer(timer),
            Input::Focus(element) => self.stage.focus(element),
            Input::Notice { key, button } => self.notice_button(key, button),
            Input::Update { project, targets } => self.update(project, targets),
            Input::Destroy => self.destroy(),
        }
    }

    fn start(&mut self) {
        self.out.push(Effect::Build);
        let ids = |list: &mut dyn Iterator<Item = &String>| {
            Json::Array(list.map(|id| Json::from(id.as_str())).collect::<Vec<_>>().into())
        };
        let webhooks = ids(&mut self.project.webhooks.iter().map(|webhook| &webhook.id));
        let elements = ids(&mut self.project.elements.iter().map(|element| &element.id));
        let detail = self.detail(EventName::Ready).value("webhooks", &webhooks).value("elements", &elements);
        self.out.push(Effect::Emit(detail.event()));
    }

    fn media(&mut self, event: MediaEvent) {
        let media = self.moment.media;
        self.playback(|playback, steps| playback.media(event, media, steps));
    }

    fn click(&mut self, element: usize) {
        let Some(clicked) = self.project.elements.get(element) else { return };
        let detail = self
            .detail(EventName::Activate)
            .text("element", &clicked.id)
            .text("label", self.stage.label(element));
        self.propose(Proposal::Activate(element, None), detail.event(), None);
    }

    fn press(&mut self, element: usize, press: Press) {
        let Some(pressed) = self.project.elements.get(element) else { return };
        let (kind, name) = match &press.command {
            Command::Webhook(id) => ("webhook", id),
            Command::Actions(name) => ("action", name),
        };
        let detail = self
            .detail(EventName::Activate)
            .text("element", &pressed.id)
            .text("label", &press.label)
            .text(kind, name)
            .value("params", &press.params.clone().into());
        self.propose(Proposal::Activate(element, Some(press)), detail.event(), None);
    }

    fn decided(&mut self, proposal: u32, allowed: bool, headers: Vec<(String, String)>) {
        let Some(place) = self.proposals.iter().position(|(number, _)| *number == proposal) else { return };
        match self.proposals.swap_remove(place).1 {
            Proposal::Activate(element, press) => {
                if allowed {
                    self.activate(element, press);
                }
            }
            Proposal::Request(request) => self.request_decided(request, allowed, headers),
            Proposal::Response(request, answer) => self.response_decided(request, allowed, answer),
        }
    }

    fn activate(&mut self, index: usize, press: Option<Press>) {
        let project = Rc::clone(&self.project);
        let Some(element) = project.elements.get(index) else { return };
        let Some(Press { command, label, params }) = press else {
            let label = self.stage.label(index).to_owned();
            self.record(Trigger::Click, Some(&element.id), &label);
            let actions = element.actions(Trigger::Click);
            let chain = Chain::of_element(actions, element, index, Trigger::Click, true, Object::new());
            self.chains.push_back(chain);
            return;
        };
        self.record(Trigger::Click, Some(&element.id), &label);
        match (command, &element.kind) {
            (Command::Webhook(id), _) => {
                let element = Some(element.id.clone());
                let origin = Origin {
                    element,
                    index: Some(index),
                    cause: Cause::Trigger(Trigger::Click),
                    by_viewer: true,
                    params: params.clone(),
                };
                self.execute(&id, params, origin, None);
            }
            (Command::Actions(name), ElementKind::Html { actions, .. }) => {
                // The reader has made sure that there is one.
                if let Some((_, actions)) = actions.iter().find(|(known, _)| *known == name) {
                    let chain = Chain::of_element(actions, element, index, Trigger::Click, true, params);
                    self.chains.push_back(chain);
                }
            }
            (Command::Actions(_), ElementKind::Area) => {}
        }
    }

    fn record(&mut self, trigger: Trigger, element: Option<&str>, label: &str) {
        let id = self.ids.uuid(self.moment.wall_ms);
        let at = rfc3339(self.moment.wall_ms);
        let media_time = self.moment.media.time;
        let kind = trigger.as_str();
        self.log.record(&Interaction { id: &id, kind, element, label, media_time, at: &at, value: None });
    }

    /// Sets a variable and tells the page.
    pub(super) fn set_variable(&mut self, name: &str, value: Json) {
        let assignment = self.context.set(name, value);
        self.assigned(name, assignment);
    }

    /// Templates that use this name show something else from now on.
    pub(super) fn changed(&mut self, name: &str) {
        self.revision += 1;
        self.stage.changed(&self.project, name);
    }

    /// Tells the page what became of setting a variable, if the value is another one, or the developer if it was refused.
    pub(super) fn assigned(&mut self, name: &str, assignment: Assignment) {
        let warning = match assignment {
            Assignment::Unchanged => return,
            Assignment::Changed { previous } => {
                self.changed(name);
                let detail = self
                    .detail(EventName::VariableChange)
                    .text("name", name)
                    .value("previous", &previous.unwrap_or_default())
                    .value("value", &self.context.get(name).unwrap_or_default());
                self.out.push(Effect::Emit(detail.event()));
                return;
            }
            Assignment::Reserved => {
                format!("`{name}` does not become a variable: templates use that name for something else")
            }
            Assignment::Full => format!("there are {MAX_VARIABLES} variables; no more are kept"),
        };
        self.stage.warn_once(warning, &mut self.out);
    }

    fn notice_button(&mut self, key: u32, button: NoticeButton) {
        match button {
            NoticeButton::Cancel => self.cancel_waiting(),
            NoticeButton::Retry => self.retry_failed(key),
            NoticeButton::Dismiss => self.failed.retain(|failed| failed.key != key),
            NoticeButton::Continue => {
                let media = self.moment.media;
                self.playback(|playback, steps| playback.play_by_action(media, steps));
            }
        }
    }

    fn update(&mut self, project: Rc<Project>, targets: Vec<Option<Target>>) {
        self.abort_all("the project was replaced");
        // Clicks that the page has not seen yet were on elements of the old project.
        self.proposals.clear();
        self.hide_all();
        for (name, value) in project.variables.iter() {
            if self.context.variables().get(name).is_none() {
                self.set_variable(name, value.clone());
            }
        }
        self.stage = StageState::new(&project);
        // It names a place in the old project.
        self.last_trigger = None;
        self.project = project;
        self.setup.targets = targets;
        self.start();
    }

    fn destroy(&mut self) {
        self.abort_all("Cuehook was removed from the page");
        self.hide_all();
        let media = self.moment.media;
        self.playback(|playback, steps| playback.end(media, steps));
        self.out.append(&mut self.after);
        self.out.push(Effect::Emit(self.detail(EventName::Destroy).event()));
        self.out.push(Effect::Teardown);
        self.destroyed = true;
    }

    /// Runs what is due until nothing more follows from it, then paints.
    fn settle(&mut self) {
        loop {
            while let Some(chain) = self.chains.pop_front() {
                self.run(chain);
            }
            if !self.schedule() {
                break;
            }
        }
        self.paint();
        notices::update(self);
    }

    /// Changes the lease and carries out what follows from it.
    pub(super) fn playback(&mut self, change: impl FnOnce(&mut Playback, &mut Vec<PlaybackStep>)) {
        let mut steps = Vec::new();
        change(&mut self.playback, &mut steps);
        for step in steps {
            match step {
                PlaybackStep::Play => self.out.push(Effect::Play),
                PlaybackStep::Pause => self.out.push(Effect::Pause),
                PlaybackStep::Seek(time) => self.out.push(Effect::Seek(time)),
                PlaybackStep::Paused(request) => {
                    let detail = self.detail(EventName::Pause).number("requestId", request.into());
                    self.out.push(Effect::Emit(detail.event()));
                }
                PlaybackStep::Released(request, reason) => self.released(request, reason),
                PlaybackStep::Blocked => {
                    self.blocked = true;
                    self.out.push(Effect::Announce(self.project.words.blocked.clone()));
                    let fault = CuehookError::new(
                        ErrorCode::PlayBlocked,
                        "the browser refused play() until the viewer acts",
                    );
                    self.report(&fault, |detail| detail);
                }
                PlaybackStep::Unblocked => self.blocked = false,
            }
        }
    }

    fn released(&mut self, request: RequestId, reason: ResumeReason) {
        let detail = self
            .detail(EventName::Resume)
            .number("requestId", request.into())
            .text("reason", reason.as_str());
        self.after.push(Effect::Emit(detail.event()));
    }

    /// Tells the page of an error; `add` says what it concerns.
    pub(super) fn report(&mut self, fault: &CuehookError, add: impl FnOnce(Detail) -> Detail) {
        let mut detail =
            self.detail(EventName::Error).text("code", fault.code.as_str()).text("message", &fault.message);
        if let Some(status) = fault.status {
            detail = detail.number("status", status.into());
        }
        self.after.push(Effect::Emit(add(detail).event()));
    }

    /// A detail for an event of this instant.
    pub(super) fn detail(&self, name: EventName) -> Detail {
        Detail::new(name, self.moment.media.time)
    }

    pub(super) fn propose(&mut self, proposal: Proposal, event: Event, body: Option<Rc<Vec<u8>>>) {
        self.last_proposal += 1;
        self.proposals.push((self.last_proposal, proposal));
        self.out.push(Effect::Propose { proposal: self.last_proposal, event, body });
    }
}
