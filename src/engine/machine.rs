//! The engine itself: its state, and how an input becomes effects.

use super::chain::{Chain, Origin};
use super::clicks::{Button, Click};
use super::detail::Detail;
use super::effect::{Effect, Notice, NoticeButton};
use super::event::{Event, EventName};
use super::heard::Heard;
use super::input::{Input, MediaEvent, Moment, RequestId, Target, Timer};
use super::leaving::Leaving;
use super::notices::{self, BLOCKED};
use super::playback::{
    Holder, PLAY_SETTLES_WITHIN_MS, Playback, PlaybackStep, ResumeReason, SEEK_SETTLES_AFTER_MS,
};
use super::relay::{Settings, no_relay};
use super::requests::{Failed, PendingRequest};
use super::stage::StageState;
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::{Project, Webhook, Word};
use crate::protocol::{Cause, IdSource, rfc3339};
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
    /// The page's relay, if it names one: its URL, without a `/` at the end.
    pub relay: Option<Target>,
    /// Origins that the page allows webhooks to post to; `None` allows any.
    pub allow_origins: Option<Vec<String>>,
    /// The page's address, for request bodies. [`Input::Page`] changes it.
    pub page: String,
    /// Whether requests can go on when the page is left meanwhile.
    pub keepalive: bool,
    /// The session's UUIDv7 and when it started, as RFC 3339, if there is one already.
    pub session: Option<(String, String)>,
    /// Whether somebody wants to be told of what happens, whatever the project says: [`Effect::Record`].
    pub records: bool,
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
    /// What screen readers are told at the end of this input.
    pub(super) heard: Heard,
    /// Elements that let go of the video when what follows has begun, since that may hold it, too: those that the viewer
    /// has answered, and those of a project that was replaced.
    pub(super) letting_go: Vec<Holder>,
    /// The viewer wants the video to be paused whenever something appears.
    pub(super) pause_always: bool,
    /// What the templates may still do for this input.
    pub(super) work: Work,
    /// Requests that have not settled.
    pub(super) requests: Vec<PendingRequest>,
    pub(super) last_request: RequestId,
    /// What the relay says of its webhooks.
    pub(super) settings: Settings,
    /// The clicks that counted of late, the last one first, to tell a double click from two clicks.
    pub(super) clicks: Vec<Click>,
    /// Failed calls that the viewer may try again.
    pub(super) failed: Vec<Failed>,
    /// Proposals that the page has not seen yet.
    pub(super) proposals: Vec<(u32, Proposal)>,
    last_proposal: u32,
    pub(super) chains: VecDeque<Chain>,
    pub(super) actions_left: u32,
    pub(super) blocked: bool,
    /// The page is about to be left.
    pub(super) leaving: Option<Leaving>,
    pub(super) notices: Vec<Notice>,
    pub(super) out: Vec<Effect>,
    /// Effects that come after everything else of this input: the page hears that a request has settled
    /// when its overlays are painted.
    pub(super) after: Vec<Effect>,
    /// What happens is told to whoever makes events of it.
    pub(super) records: bool,
    destroyed: bool,
}

/// What waits for the page's listeners.
#[derive(Debug)]
pub(super) enum Proposal {
    /// The viewer clicked an element, or a button inside.
    Activate(Click),
    /// A request is about to be sent.
    Request(RequestId),
    /// A response is about to be used.
    Response(RequestId, Option<Object>),
}

impl Engine {
    /// An engine for a project. Nothing happens before [`Input::Start`].
    pub fn new(project: Rc<Project>, mut setup: Setup) -> Self {
        let mut ids = IdSource::new(setup.seed);
        let started = setup.started;
        let own = (ids.uuid(started.wall_ms), rfc3339(started.wall_ms));
        let (session, started_at) = setup.session.take().unwrap_or(own);
        Self {
            session,
            started_at,
            records: setup.records || project.subscribes(),
            ids,
            moment: started,
            context: Context::new(project.variables.clone()),
            revision: 1,
            log: InteractionLog::default(),
            playback: Playback::default(),
            stage: StageState::new(&project),
            heard: Heard::default(),
            letting_go: Vec::new(),
            pause_always: false,
            work: Work::default(),
            requests: Vec::new(),
            last_request: 0,
            settings: Settings::new(&project, &setup),
            clicks: Vec::new(),
            failed: Vec::new(),
            proposals: Vec::new(),
            last_proposal: 0,
            chains: VecDeque::new(),
            actions_left: 0,
            blocked: false,
            leaving: None,
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
        self.observe(moment);
        self.actions_left = MAX_ACTIONS;
        self.work.refill();
        self.stage.begin();
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
            Input::PlaySettled { play, outcome } => {
                let media = self.moment.media;
                self.playback(|playback, steps| playback.play_settled(play, outcome, media, steps));
            }
            Input::Click(element) => self.click(element),
            Input::Press { control, element, command, label, params, records } => {
                self.press(element, Button { control, command, params, records }, label);
            }
            Input::Link { element, label, url, records } => self.follow_link(element, &label, &url, records),
            Input::Submit { element, values, trapped } => self.submit(element, values, trapped),
            Input::Answer { element, chosen } => self.answer(element, chosen),
            Input::Dismiss(element) => self.dismiss(element),
            Input::PauseAlways(pauses) => self.pause_always = pauses,
            Input::Open(element) => self.open(element),
            Input::Cues { cues, is_complete } => self.cues(&cues, is_complete),
            Input::PageClick { control, webhook, element, label, params, link } => {
                let click = Click::on_page(control, webhook, label, params, self.moment.clock_ms);
                self.page_click(click, element, link);
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
            Input::Page(address) => self.setup.page = address,
            Input::SetVariable { name, value } => self.set_variable(&name, value),
            Input::Decided { proposal, allowed, headers } => self.decided(proposal, allowed, headers),
            Input::Kept(request) => self.kept(request),
            Input::Restore(kept) => self.restore(&kept),
            Input::AttemptEnded { request, attempt, outcome } => {
                self.attempt_ended(request, attempt, outcome)
            }
            Input::Timer(timer) => self.timer(timer),
            Input::Focus(element) => self.stage.focus(element),
            Input::Notice { key, button } => self.notice_button(key, button),
            Input::Settings(settings) => self.learn(&settings),
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
        let strays = |webhook: &&Webhook| webhook.relay.is_some() && self.setup.relay.is_none();
        if let Some(webhook) = self.project.webhooks.iter().find(strays) {
            self.stage.warn_once(no_relay(webhook), &mut self.out);
        }
    }

    /// What the moment of an input says, before the input itself.
    fn observe(&mut self, moment: Moment) {
        let removed = moment.media.detached && !self.moment.media.detached;
        self.moment = moment;
        self.playback(|playback, steps| playback.observe(moment.media, steps));
        if removed {
            self.end_chains();
        }
    }

    fn media(&mut self, event: MediaEvent) {
        let media = self.moment.media;
        let mut other_source = false;
        self.playback(|playback, steps| other_source = playback.media(event, media, steps));
        if other_source {
            self.end_chains();
        }
    }

    fn decided(&mut self, proposal: u32, allowed: bool, headers: Vec<(String, String)>) {
        let Some(place) = self.proposals.iter().position(|(number, _)| *number == proposal) else { return };
        match self.proposals.swap_remove(place).1 {
            Proposal::Activate(click) => {
                if allowed {
                    self.activate(click);
                }
            }
            Proposal::Request(request) => self.request_decided(request, allowed, headers),
            Proposal::Response(request, answer) => self.response_decided(request, allowed, answer),
        }
    }

    fn timer(&mut self, timer: Timer) {
        let media = self.moment.media;
        match timer {
            Timer::Deadline(request) => self.out_of_time(request),
            Timer::Retry(request) => self.retry_due(request),
            Timer::Waiting(request) => self.show_waiting(request),
            Timer::Cancel(request) => self.offer_cancel(request),
            Timer::Seek => self.playback(|playback, steps| playback.seek_settled(media, steps)),
            Timer::Play => self.playback(|playback, steps| playback.play_overdue(media, steps)),
            Timer::Leave => self.leave_now(),
            Timer::Settings => self.learn_without(),
            // Whatever the input, what is late is painted with it.
            Timer::Late => {}
        }
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
                format!(
                    "`{name}` does not become a variable: the name is reserved for something else in templates"
                )
            }
            Assignment::Full => format!("there are {MAX_VARIABLES} variables; no more are kept"),
        };
        self.stage.warn_once(warning, &mut self.out);
    }

    fn notice_button(&mut self, key: u32, button: NoticeButton) {
        match button {
            NoticeButton::Cancel => self.cancel(key),
            NoticeButton::Retry => self.retry_failed(key),
            NoticeButton::Dismiss => self.failed.retain(|failed| failed.key != key),
            NoticeButton::Continue if key != BLOCKED => {
                if let Some(element) = notices::element_of(key) {
                    self.dismiss(element);
                }
            }
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
        self.letting_go = self.playback.replaced();
        for (name, value) in project.variables.iter() {
            if self.context.variables().get(name).is_none() {
                self.set_variable(name, value.clone());
            }
        }
        self.stage = self.stage.carried(&self.project, &project);
        // It names a place in the old project.
        self.clicks.clear();
        self.records = self.setup.records || project.subscribes();
        self.project = project;
        self.setup.targets = targets;
        // Ends what is still waited for.
        self.learn(&Json::Null);
        self.stop_waiting_for_settings();
        self.settings = Settings::new(&self.project, &self.setup);
        self.start();
    }

    fn destroy(&mut self) {
        self.abort_all("Cuehook was removed from the page");
        self.stop_waiting_for_settings();
        self.hide_all();
        let media = self.moment.media;
        self.playback(|playback, steps| playback.end(media, steps));
        self.leave_now();
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
        for holder in std::mem::take(&mut self.letting_go) {
            let media = self.moment.media;
            self.playback(|playback, steps| playback.release(holder, media, steps));
        }
        self.announce();
        notices::update(self);
        self.leave_if_possible();
    }

    /// Changes the lease and carries out what follows from it.
    pub(super) fn playback(&mut self, change: impl FnOnce(&mut Playback, &mut Vec<PlaybackStep>)) {
        let mut steps = Vec::new();
        change(&mut self.playback, &mut steps);
        self.carry_out(steps);
    }

    /// Apart from [`Engine::playback`], of which there is a copy for each change.
    #[inline(never)]
    fn carry_out(&mut self, steps: Vec<PlaybackStep>) {
        for step in steps {
            match step {
                PlaybackStep::Play(play) => self.out.push(Effect::Play(play)),
                PlaybackStep::Pause => self.out.push(Effect::Pause),
                PlaybackStep::Seek(time) => self.out.push(Effect::Seek(time)),
                PlaybackStep::AwaitSeek => {
                    let after_ms = SEEK_SETTLES_AFTER_MS;
                    self.out.push(Effect::StartTimer { timer: Timer::Seek, after_ms });
                }
                PlaybackStep::ForgetSeek => self.out.push(Effect::StopTimer(Timer::Seek)),
                PlaybackStep::AwaitPlay => {
                    let after_ms = PLAY_SETTLES_WITHIN_MS;
                    self.out.push(Effect::StartTimer { timer: Timer::Play, after_ms });
                }
                PlaybackStep::ForgetPlay => self.out.push(Effect::StopTimer(Timer::Play)),
                PlaybackStep::Paused(holder) => {
                    let detail = self.held_by(self.detail(EventName::Pause), holder);
                    self.out.push(Effect::Emit(detail.event()));
                    if let Holder::Element(_) = holder {
                        self.heard.paused();
                    }
                }
                PlaybackStep::Released(holder, reason) => self.released(holder, reason),
                PlaybackStep::Blocked => {
                    self.blocked = true;
                    self.heard.say(self.project.words.get(Word::Blocked));
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

    fn released(&mut self, holder: Holder, reason: ResumeReason) {
        if let (Holder::Request(request), ResumeReason::Seeked) = (holder, reason) {
            self.viewer_moved_on(request);
        }
        let detail = self.held_by(self.detail(EventName::Resume), holder).text("reason", reason.as_str());
        self.after.push(Effect::Emit(detail.event()));
    }

    /// Says for whom the video stood still.
    fn held_by(&self, detail: Detail, holder: Holder) -> Detail {
        match holder {
            Holder::Request(request) => detail.number("requestId", request.into()),
            Holder::Element(index) => {
                detail.optional("element", self.project.elements.get(index).map(|element| &*element.id))
            }
            Holder::Replaced(_) => detail.optional("element", None),
        }
    }

    /// Tells the page of an error; `add` says what it concerns.
    pub(super) fn report(&mut self, fault: &CuehookError, add: impl FnOnce(Detail) -> Detail) {
        let detail = add(self.fault_detail(fault));
        self.after.push(Effect::Emit(detail.event()));
    }

    #[inline(never)]
    fn fault_detail(&self, fault: &CuehookError) -> Detail {
        let detail =
            self.detail(EventName::Error).text("code", fault.code.as_str()).text("message", &fault.message);
        match fault.status {
            Some(status) => detail.number("status", status.into()),
            None => detail,
        }
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
