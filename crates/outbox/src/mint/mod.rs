//! Makes events of what the runtime, the media element and the page report.

#[cfg(all(test, not(target_arch = "wasm32")))]
mod documentation;
mod form;
mod interaction;
mod recovery;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod simulation;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use recovery::recovered;

use crate::copy::copied_object;
use crate::endpoint::{Endpoint, Minted};
use crate::input::{Input, Moment};
use crate::subscription::{Page, Subscription, told};
use crate::text::{key, member, number, raw};
use crate::view::{MediaEvent, Playback, Report, Watched};
use cuehook_json::View;
use cuehook_protocol::{EventType, IdSource, MAX_EVENT, is_event_type, is_reserved, rfc3339};
use std::rc::Rc;

/// What is known of a viewer may have so many bytes.
const MAX_VIEWER: usize = 4 * 1024;

/// Why a view has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The video has come to its end.
    Ended,
    /// The page was left.
    Left,
    /// Another video took its place.
    Replaced,
    /// Cuehook was taken from the page.
    Destroyed,
}

impl EndReason {
    /// As events have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Left => "left",
            Self::Replaced => "replaced",
            Self::Destroyed => "destroyed",
        }
    }
}

/// Why something of the page was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// `config-invalid` or `too-large`.
    pub code: &'static str,
    /// What is wrong, and what to do instead.
    pub message: &'static str,
}

const fn invalid(message: &'static str) -> Refused {
    Refused { code: "config-invalid", message }
}

const fn too_large(message: &'static str) -> Refused {
    Refused { code: "too-large", message }
}

/// A view that has begun and not ended.
#[derive(Debug)]
struct Running {
    /// Id of the event that will say that it has ended.
    ended: String,
    watched: Watched,
}

/// The events of one video on a page.
#[derive(Debug)]
pub struct Source {
    project: String,
    subscription: Subscription,
    endpoints: Rc<Vec<Endpoint>>,
    viewer: Option<String>,
    ids: IdSource,
    playback: Playback,
    /// Media time of the last report in seconds.
    time: f64,
    /// Length in seconds; infinite for live streams, NaN while it is unknown.
    duration: f64,
    /// The media element holds nothing, or something of which no more is known.
    is_emptied: bool,
    /// Id of the view that runs, has ended last, or comes.
    view_id: String,
    /// That view as events have it.
    view: String,
    /// No view of this id has begun.
    is_coming: bool,
    running: Option<Running>,
}

impl Source {
    /// A source for a project and defaults, which may be empty (both JSON texts). The seed is chance, from the browser's
    /// cryptographic source.
    pub fn new(project: String, defaults: &str, page: &Page<'_>, seed: [u64; 4], now: Moment) -> Self {
        let mut subscription = Subscription::read(&project, defaults, page);
        let endpoints = std::mem::take(&mut subscription.endpoints);
        let mut source = Self {
            project,
            subscription,
            endpoints: Rc::new(endpoints),
            viewer: None,
            ids: IdSource::new(seed),
            playback: Playback::default(),
            time: 0.0,
            duration: f64::NAN,
            is_emptied: true,
            view_id: String::new(),
            view: String::new(),
            is_coming: false,
            running: None,
        };
        source.prepare_view(now);
        source
    }

    /// Webhooks that are sent events.
    pub fn endpoints(&self) -> &Rc<Vec<Endpoint>> {
        &self.endpoints
    }

    /// What else the project says of events.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Says who watches: an object as `JSON.stringify` has written it, or nobody.
    ///
    /// # Errors
    /// `config-invalid` or `too-large`; then nobody is known.
    pub fn set_viewer(&mut self, viewer: Option<&str>) -> Result<(), Refused> {
        self.viewer = None;
        let Some(viewer) = viewer else { return Ok(()) };
        if viewer.len() > MAX_VIEWER {
            return Err(too_large("the viewer has more than 4 KiB"));
        }
        let Some(viewer) = copied_object(viewer) else {
            return Err(invalid("the viewer is an object, such as { id: \"17\" }"));
        };
        self.viewer = Some(viewer);
        Ok(())
    }

    /// The page has another address now.
    pub fn set_address(&mut self, address: &str) {
        for (endpoint, word) in Rc::make_mut(&mut self.endpoints).iter_mut().zip(&self.subscription.pages) {
            endpoint.page = told(word, address);
        }
    }

    /// The media element reports something.
    pub fn media(&mut self, report: &Report, now: Moment) -> Vec<Input> {
        let mut inputs = Vec::new();
        let span = self.playback.heard(report, now);
        if report.event == MediaEvent::Emptied {
            self.is_emptied = true;
            return inputs;
        }
        if report.duration > 0.0 {
            // The same video in another quality is as long, and its view goes on.
            let is_same = report.duration == self.duration || (report.duration - self.duration).abs() < 1.0;
            if self.is_emptied && !is_same {
                self.end_view(EndReason::Replaced, &mut inputs, now);
                self.prepare_view(now);
            }
            self.is_emptied = false;
            self.duration = report.duration;
        }
        if report.time >= 0.0 {
            self.time = report.time;
        }
        let is_playing = report.event == MediaEvent::Playing && !report.is_paused;
        if self.running.is_none() && (is_playing || span.is_some()) {
            self.start_view(&mut inputs, now);
        }
        if let Some(mut running) = self.running.take() {
            if let Some(span) = span {
                running.watched.add(span);
            }
            while let Some(progress) = running.watched.progress(self.duration) {
                let mut more = String::new();
                key("progress", &mut more);
                running.watched.write_progress(progress, self.duration, self.time, &mut more);
                self.tell(EventType::ViewProgressed, more, &mut inputs, now);
            }
            self.keep_view(&mut running, report.event == MediaEvent::Pause, &mut inputs, now);
            self.running = Some(running);
        }
        if report.event == MediaEvent::Ended {
            self.end_view(EndReason::Ended, &mut inputs, now);
        }
        inputs
    }

    /// The view ends, if one runs.
    pub fn end(&mut self, reason: EndReason, now: Moment) -> Vec<Input> {
        let mut inputs = Vec::new();
        self.end_view(reason, &mut inputs, now);
        self.playback.interrupt();
        if reason == EndReason::Replaced {
            self.prepare_view(now);
        }
        inputs
    }

    /// The runtime has recorded something: an interaction, or how an Execute Webhook has ended. None if nobody wants to know.
    pub fn occurred(&mut self, occurrence: &str, now: Moment) -> Option<Input> {
        let occurrence = View::of(occurrence)?;
        let Some(interaction) = occurrence.get("interaction") else {
            let is_failure = occurrence.get("error").is_some();
            let kind = if is_failure { EventType::WebhookFailed } else { EventType::WebhookExecuted };
            let mut more = String::new();
            for (name, value) in occurrence.members() {
                raw(&name, value.text(), &mut more);
            }
            let mut inputs = Vec::new();
            if !more.is_empty() {
                self.tell(kind, more, &mut inputs, now);
            }
            return inputs.pop();
        };
        let kind = interaction::kind(interaction);
        if !self.is_wanted(kind) {
            return None;
        }
        self.time = interaction.number("mediaTime").unwrap_or(self.time);
        let mut event = self.mint(kind.as_str(), String::new(), now);
        let mut longest = 16 * 1024;
        while let Some(project) = View::of(&self.project) {
            (event.more, event.private) = interaction::describe(project, kind, interaction, longest);
            // Half of each text must do, until there is nothing left to cut.
            if event.length() <= MAX_EVENT || longest < 16 {
                break;
            }
            longest /= 2;
        }
        Some(self.record(event, None))
    }

    /// The page records an event of its own: a dotted name, and properties, an object as `JSON.stringify` has written it. With a
    /// `ticket` somebody waits until it is durable.
    ///
    /// # Errors
    /// `config-invalid` or `too-large`.
    pub fn custom(
        &mut self,
        kind: &str,
        properties: &str,
        ticket: Option<u32>,
        now: Moment,
    ) -> Result<Input, Refused> {
        if !is_event_type(kind) || is_reserved(kind) {
            return Err(invalid(
                "a type is a dotted name that begins unlike Cuehook's own, such as `cart.added`",
            ));
        }
        let Some(properties) = copied_object(properties) else {
            return Err(invalid("properties are an object, at most 16 levels deep"));
        };
        let mut more = String::new();
        raw("properties", &properties, &mut more);
        let event = self.mint(kind, more, now);
        if event.length() > MAX_EVENT {
            return Err(too_large("an event may have 32 KiB"));
        }
        Ok(self.record(event, ticket))
    }

    /// The view that comes gets its id: what happens before it begins belongs to it.
    fn prepare_view(&mut self, now: Moment) {
        if !self.is_coming {
            self.is_coming = true;
            self.view_id = self.ids.uuid(now.wall_ms);
            self.name_view(None);
        }
    }

    fn name_view(&mut self, started: Option<String>) {
        let mut view = "{".to_owned();
        member("id", &self.view_id, &mut view);
        if let Some(started) = started {
            member("startedAt", &started, &mut view);
        }
        view.push('}');
        self.view = view;
    }

    fn start_view(&mut self, inputs: &mut Vec<Input>, now: Moment) {
        self.prepare_view(now);
        self.is_coming = false;
        self.name_view(Some(rfc3339(now.wall_ms)));
        self.running = Some(Running { ended: self.ids.uuid(now.wall_ms), watched: Watched::default() });
        self.tell(EventType::ViewStarted, String::new(), inputs, now);
    }

    fn end_view(&mut self, reason: EndReason, inputs: &mut Vec<Input>, now: Moment) {
        let Some(running) = self.running.take() else { return };
        let mut more = String::new();
        key("watched", &mut more);
        running.watched.write(self.duration, &mut more);
        member("reason", reason.as_str(), &mut more);
        self.tell(EventType::ViewEnded, more, inputs, now);
        // Nothing else is told at the end.
        if let Some(Input::Record { event, .. }) =
            inputs.last_mut().filter(|_| self.is_wanted(EventType::ViewEnded))
        {
            event.id = running.ended;
            event.kept_view = Some((self.view_id.clone(), None));
        }
    }

    /// Has the view kept, in case the browser crashes: with an event that is recorded anyway, or after enough was watched.
    fn keep_view(&self, running: &mut Running, is_pause: bool, inputs: &mut Vec<Input>, now: Moment) {
        let is_due = running.watched.is_to_keep(is_pause) || !inputs.is_empty();
        if !is_due || !self.is_wanted(EventType::ViewEnded) {
            return;
        }
        running.watched.keep();
        let id = self.view_id.clone();
        let record = recovery::record(self, running, now);
        match inputs.last_mut() {
            Some(Input::Record { event, .. }) if event.kept_view.is_none() => {
                event.kept_view = Some((id, Some(record)));
            }
            _ => inputs.push(Input::View { id, record }),
        }
    }

    /// Whether any webhook is sent events of a type.
    fn is_wanted(&self, kind: EventType) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.receives(kind.as_str()))
    }

    #[inline(never)]
    fn tell(&mut self, kind: EventType, more: String, inputs: &mut Vec<Input>, now: Moment) {
        if self.is_wanted(kind) {
            let event = self.mint(kind.as_str(), more, now);
            inputs.push(self.record(event, None));
        }
    }

    fn record(&self, event: Minted, ticket: Option<u32>) -> Input {
        Input::Record { event, endpoints: Rc::clone(&self.endpoints), ticket }
    }

    #[inline(never)]
    fn mint(&mut self, kind: &str, more: String, now: Moment) -> Minted {
        Minted {
            kind: kind.to_owned(),
            id: self.ids.uuid(now.wall_ms),
            at_ms: now.wall_ms,
            video: self.video(),
            view: self.view.clone(),
            viewer: self.viewer.clone(),
            more,
            private: None,
            kept_view: None,
        }
    }

    /// The video at the media time.
    #[inline(never)]
    fn video(&self) -> String {
        let mut video = self.subscription.video.clone();
        if self.duration.is_finite() {
            number("duration", self.duration, &mut video);
        }
        number("currentTime", self.time, &mut video);
        video.push('}');
        video
    }
}
