//! Makes events of what the runtime, the media element and the page report.

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
use crate::subscription::{Page, Problem, Subscription};
use crate::view::{MediaEvent, Playback, Report, Watched};
use cuehook_json::{View, write_integer, write_rounded};
use cuehook_protocol::{EventType, IdSource, MAX_EVENT, PageAddress, is_event_type, is_reserved, rfc3339};
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
    /// `event-invalid` or `event-too-large`.
    pub code: &'static str,
    /// What is wrong, and what to do instead.
    pub message: &'static str,
}

const fn invalid(message: &'static str) -> Refused {
    Refused { code: "event-invalid", message }
}

const fn too_large(message: &'static str) -> Refused {
    Refused { code: "event-too-large", message }
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
    subscription: Subscription,
    endpoints: Rc<[Endpoint]>,
    viewer: Option<Rc<str>>,
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
    view: Rc<str>,
    /// No view of this id has begun.
    is_coming: bool,
    running: Option<Running>,
}

impl Source {
    /// A source for a project and, if there are any, defaults (both JSON texts). What is wrong with them is in
    /// [`Source::problems`]. The seed is chance, from the browser's cryptographic source.
    pub fn new(project: &str, defaults: Option<&str>, page: &Page<'_>, seed: [u64; 4], now: Moment) -> Self {
        let mut subscription = Subscription::read(project, defaults, page);
        let endpoints = std::mem::take(&mut subscription.endpoints).into();
        let mut source = Self {
            subscription,
            endpoints,
            viewer: None,
            ids: IdSource::new(seed),
            playback: Playback::default(),
            time: 0.0,
            duration: f64::NAN,
            is_emptied: true,
            view_id: String::new(),
            view: "".into(),
            is_coming: false,
            running: None,
        };
        source.prepare_view(now);
        source
    }

    /// Webhooks that are sent events.
    pub fn endpoints(&self) -> &Rc<[Endpoint]> {
        &self.endpoints
    }

    /// What is wrong in the project, as far as events go.
    pub fn problems(&self) -> &[Problem] {
        &self.subscription.problems
    }

    /// Whether a webhook wants a format that this build does not have.
    pub fn needs_formats(&self) -> bool {
        self.subscription.needs_formats
    }

    /// Says who watches: a JSON object, or nobody.
    ///
    /// # Errors
    /// `event-invalid` or `event-too-large`; then nobody is known.
    pub fn set_viewer(&mut self, viewer: Option<&str>) -> Result<(), Refused> {
        self.viewer = None;
        let Some(viewer) = viewer else { return Ok(()) };
        if viewer.len() > MAX_VIEWER {
            return Err(too_large("the viewer has more than 4 KiB; give less of it"));
        }
        let viewer = copied_object(viewer);
        let viewer = viewer.ok_or(invalid("the viewer is an object, such as { \"id\": \"17\" }"))?;
        self.viewer = Some(viewer.into());
        Ok(())
    }

    /// The page has another address now.
    pub fn set_address(&mut self, address: &str) {
        let told = |(endpoint, page): (&Endpoint, &PageAddress)| Endpoint {
            page: page.of(address).map(Into::into),
            ..endpoint.clone()
        };
        self.endpoints = self.endpoints.iter().zip(&self.subscription.pages).map(told).collect();
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
            if std::mem::take(&mut self.is_emptied) && !is_same {
                self.end_view(EndReason::Replaced, &mut inputs, now);
                self.prepare_view(now);
            }
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
                let mut more = ",\"progress\":".to_owned();
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
        if let Some(interaction) = occurrence.get("interaction") {
            let kind = interaction::kind(interaction);
            if !self.is_wanted(kind.as_str()) {
                return None;
            }
            let time = interaction.number("mediaTime").unwrap_or(self.time);
            let mut minted = self.mint(kind.as_str(), String::new(), time, now);
            let room = MAX_EVENT.saturating_sub(minted.length());
            let text = interaction::describe(&self.subscription, kind, interaction, room);
            (minted.more, minted.private) = text;
            return Some(self.record(minted, None));
        }
        let request = occurrence.get("request")?;
        let error = occurrence.get("error");
        let kind = if error.is_some() { EventType::WebhookFailed } else { EventType::WebhookExecuted };
        if !self.is_wanted(kind.as_str()) {
            return None;
        }
        let mut more = String::new();
        for (name, value) in
            [("webhook", occurrence.get("webhook")), ("request", Some(request)), ("error", error)]
        {
            if let Some(value) = value {
                more.extend([",\"", name, "\":", value.text()]);
            }
        }
        let minted = self.mint(kind.as_str(), more, self.time, now);
        Some(self.record(minted, None))
    }

    /// The page records an event of its own: a dotted name, and properties as a JSON object. `ticket`: somebody waits until it is durable.
    ///
    /// # Errors
    /// `event-invalid` or `event-too-large`.
    pub fn custom(
        &mut self,
        kind: &str,
        properties: &str,
        ticket: Option<u32>,
        now: Moment,
    ) -> Result<Input, Refused> {
        if !is_event_type(kind) {
            return Err(invalid(
                "a type is a dotted name of letters, digits, `-` and `_`, such as `cart.added`",
            ));
        }
        if is_reserved(kind) {
            return Err(invalid("types that begin like this are Cuehook's own; choose another beginning"));
        }
        // Before it is read: what is too large is not worth it.
        const TOO_LARGE: Refused = too_large("an event may have 32 KiB; send less, or where to find it");
        if properties.len() > MAX_EVENT {
            return Err(TOO_LARGE);
        }
        let properties = copied_object(properties);
        let properties =
            properties.ok_or(invalid("properties are an object of JSON values, at most 16 levels deep"))?;
        let minted = self.mint(kind, [",\"properties\":", &properties].concat(), self.time, now);
        match minted.length() > MAX_EVENT {
            true => Err(TOO_LARGE),
            false => Ok(self.record(minted, ticket)),
        }
    }

    /// The view that comes gets its id: what happens before it begins belongs to it.
    fn prepare_view(&mut self, now: Moment) {
        if self.is_coming {
            return;
        }
        self.is_coming = true;
        self.view_id = self.ids.uuid(now.wall_ms);
        self.view = ["{\"id\":\"", &self.view_id, "\"}"].concat().into();
    }

    fn start_view(&mut self, inputs: &mut Vec<Input>, now: Moment) {
        self.prepare_view(now);
        self.is_coming = false;
        let started = rfc3339(now.wall_ms);
        self.view = ["{\"id\":\"", &self.view_id, "\",\"startedAt\":\"", &started, "\"}"].concat().into();
        self.running = Some(Running { ended: self.ids.uuid(now.wall_ms), watched: Watched::default() });
        self.tell(EventType::ViewStarted, String::new(), inputs, now);
    }

    fn end_view(&mut self, reason: EndReason, inputs: &mut Vec<Input>, now: Moment) {
        let Some(running) = self.running.take() else { return };
        if !self.is_wanted(EventType::ViewEnded.as_str()) {
            return;
        }
        let mut more = ",\"watched\":".to_owned();
        running.watched.write(self.duration, &mut more);
        more.extend([",\"reason\":\"", reason.as_str(), "\""]);
        let minted = self.mint(EventType::ViewEnded.as_str(), more, self.time, now);
        let kept_view = Some((self.view_id.clone(), None));
        inputs.push(self.record(Minted { id: running.ended, kept_view, ..minted }, None));
    }

    /// Has the view kept, in case the browser crashes: with an event that is recorded anyway, or after enough was watched.
    fn keep_view(&self, running: &mut Running, is_pause: bool, inputs: &mut Vec<Input>, now: Moment) {
        let is_due = running.watched.is_to_keep(is_pause) || !inputs.is_empty();
        if !is_due || !self.is_wanted(EventType::ViewEnded.as_str()) {
            return;
        }
        running.watched.keep();
        let record = recovery::record(self, running, now);
        match inputs.last_mut() {
            Some(Input::Record { event, .. }) if event.kept_view.is_none() => {
                event.kept_view = Some((self.view_id.clone(), Some(record)));
            }
            _ => inputs.push(Input::View { id: self.view_id.clone(), record }),
        }
    }

    /// Whether any webhook is sent events of a type.
    fn is_wanted(&self, kind: &str) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.receives(kind))
    }

    fn tell(&mut self, kind: EventType, more: String, inputs: &mut Vec<Input>, now: Moment) {
        if self.is_wanted(kind.as_str()) {
            let minted = self.mint(kind.as_str(), more, self.time, now);
            inputs.push(self.record(minted, None));
        }
    }

    fn record(&self, event: Minted, ticket: Option<u32>) -> Input {
        Input::Record { event, endpoints: Rc::clone(&self.endpoints), ticket }
    }

    fn mint(&mut self, kind: &str, more: String, time: f64, now: Moment) -> Minted {
        Minted {
            kind: kind.to_owned(),
            id: self.ids.uuid(now.wall_ms),
            at_ms: now.wall_ms,
            video: self.video(time).into(),
            view: Rc::clone(&self.view),
            viewer: self.viewer.clone(),
            more,
            private: None,
            kept_view: None,
        }
    }

    /// The video at a media time.
    fn video(&self, time: f64) -> String {
        let mut video = ["{", &self.subscription.video].concat();
        if self.duration.is_finite() {
            video.push_str(",\"duration\":");
            write_rounded(self.duration, &mut video);
        }
        video.push_str(",\"currentTime\":");
        write_rounded(time, &mut video);
        video.push('}');
        video
    }
}
