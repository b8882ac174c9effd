//! What is on the stage: a pure function of media time, of `show` and `hide`, and of the context.

use super::effect::Effect;
use super::entries::Answered;
use super::event::EventName;
use super::input::Timer;
use super::machine::Engine;
use super::playback::Holder;
use super::schedule::range_of;
use crate::error::{CuehookError, ErrorCode};
use crate::project::{Element, ElementKind, Frame, Project, Question, WhenMissing, place_at};
use crate::template::{Missing, Rendering};
use std::ops::Range;
use std::rc::Rc;

/// At most so many warnings are given for a project.
const MAX_WARNINGS: usize = 500;

/// The most that all overlays show together, as [`Rendering::weight`] counts. They are kept, also while it is not their time.
const MAX_WEIGHT: usize = 4 * 1024 * 1024;
const TOO_MUCH: &str =
    "all overlays together show too much: at most 1 MiB of text, or 32,000 elements without";
/// When overlays go on that did not fit into the work of an input: after a frame.
const LATE_AFTER_MS: f64 = 16.0;

/// The state of all elements.
#[derive(Debug, Default)]
pub(super) struct StageState {
    elements: Vec<ElementState>,
    focused: Option<usize>,
    /// Warnings that were given, so that each is given once.
    warned: Vec<String>,
    /// What all renderings weigh together.
    weight: usize,
    /// Whether a frame was asked for in which overlays that are late go on.
    late: bool,
}

/// The state of one element.
#[derive(Debug, Default)]
struct ElementState {
    /// As `show` and `hide` left it.
    visible: bool,
    /// When it is there, in seconds of media time.
    range: Range<f64>,
    /// Whether it is its time.
    scheduled: bool,
    /// Whether it was its time when triggers were last looked at. They wait for where a seek of the viewer ends.
    entered: bool,
    /// Whether it is on the page: its time, and its placeholders have values.
    painted: bool,
    /// Since when it is, on the monotonic clock.
    painted_at: f64,
    /// It has appeared, and nobody was told yet.
    unsaid: bool,
    /// The revision of the context that `rendering`, `label` and `texts` stem from, or the truth of a condition.
    revision: u64,
    /// What its template shows: the last good state.
    rendering: Option<Rendering>,
    label: String,
    /// What a form or a question says.
    texts: Vec<String>,
    /// It takes more work, or more memory, than it may. That will not change before one of its variables does.
    refused: bool,
    /// Whether a condition was true; nothing while it is not its time.
    truth: Option<bool>,
    /// The viewer has answered, so it does not pause the video any more.
    answered: bool,
    /// It has paused the video since it appeared, or had no need to.
    has_paused: bool,
    /// The viewer has opened it, so the video waits.
    opened: bool,
    /// Of a question.
    question: Answered,
    /// Where a moving area was last put.
    place: Option<Frame>,
}

impl StageState {
    /// All hidden, as before the first evaluation.
    pub(super) fn new(project: &Project) -> Self {
        let state = |element: &Element| ElementState {
            visible: element.visible,
            range: range_of(element),
            ..ElementState::default()
        };
        Self { elements: project.elements.iter().map(state).collect(), ..Self::default() }
    }

    /// For another project, of which viewers may have answered questions already.
    pub(super) fn carried(&self, old: &Project, project: &Project) -> Self {
        let mut new = Self::new(project);
        for (element, state) in project.elements.iter().zip(&mut new.elements) {
            let before = old.element_index(&element.id).and_then(|index| self.elements.get(index));
            if let (Some(before), ElementKind::Question(_)) = (before, &element.kind) {
                state.question = before.question.clone();
                state.answered = before.answered;
            }
        }
        new
    }

    /// A variable has another value.
    pub(super) fn changed(&mut self, project: &Project, name: &str) {
        for (element, state) in project.elements.iter().zip(&mut self.elements) {
            let depends = || {
                element.label.iter().chain(element.texts()).any(|text| text.depends_on(name))
                    || matches!(&element.kind, ElementKind::Html { source, .. } if source.depends_on(name))
            };
            if state.refused && depends() {
                state.refused = false;
            }
        }
    }

    /// The actions `show` and `hide`.
    pub(super) fn set_visible(&mut self, element: Option<usize>, visible: bool) {
        if let Some(state) = element.and_then(|element| self.elements.get_mut(element)) {
            state.visible = visible;
        }
    }

    /// Whether an element is not evaluated again before one of its variables changes.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(super) fn refused(&self) -> bool {
        self.elements.iter().any(|state| state.refused)
    }

    /// An input begins: nothing in it is late yet.
    pub(super) fn begin(&mut self) {
        self.late = false;
    }

    /// Where focus is; an element that has it is not hidden by its time range.
    pub(super) fn focus(&mut self, element: Option<usize>) {
        self.focused = element;
    }

    /// The accessible name that an element has now.
    pub(super) fn label(&self, element: usize) -> &str {
        self.elements.get(element).map_or("", |state| &state.label)
    }

    /// When an element is there, in seconds of media time.
    pub(super) fn range(&self, element: usize) -> Range<f64> {
        self.elements.get(element).map_or(0.0..f64::INFINITY, |state| state.range.clone())
    }

    /// An element's cue says when it is there.
    pub(super) fn set_range(&mut self, element: usize, range: Range<f64>) {
        if let Some(state) = self.elements.get_mut(element) {
            state.range = range;
        }
    }

    /// Whether it is an element's time.
    pub(super) fn schedule(&mut self, element: usize, time: f64) -> bool {
        let focused = self.focused == Some(element);
        let Some(state) = self.elements.get_mut(element) else { return false };
        let kept = state.scheduled && focused;
        state.scheduled = state.visible && (state.range.contains(&time) || kept);
        state.scheduled
    }

    /// Notes whether it is an element's time; returns whether that is new.
    pub(super) fn enters(&mut self, element: usize, scheduled: bool) -> bool {
        let Some(state) = self.elements.get_mut(element) else { return false };
        if !scheduled {
            // Its truth counts anew the next time.
            state.truth = None;
            state.has_paused = false;
        }
        std::mem::replace(&mut state.entered, scheduled) != scheduled
    }

    /// Whether a condition has not seen the context as it is.
    pub(super) fn is_outdated(&self, element: usize, revision: u64) -> bool {
        self.elements.get(element).is_some_and(|state| state.truth.is_none() || state.revision != revision)
    }

    /// Whether a condition was true.
    pub(super) fn is_true(&self, element: usize) -> bool {
        self.elements.get(element).is_some_and(|state| state.truth == Some(true))
    }

    /// Whether a condition is true, as of this revision of the context.
    pub(super) fn set_true(&mut self, element: usize, truth: bool, revision: u64) {
        if let Some(state) = self.elements.get_mut(element) {
            state.truth = Some(truth);
            state.revision = revision;
        }
    }

    /// Whether an element is on the page.
    pub(super) fn is_painted(&self, element: usize) -> bool {
        self.elements.get(element).is_some_and(|state| state.painted)
    }

    /// Since when, on the monotonic clock.
    pub(super) fn painted_at(&self, element: usize) -> f64 {
        self.elements.get(element).map_or(0.0, |state| state.painted_at)
    }

    /// What has appeared of which nobody was told yet.
    pub(super) fn take_appeared(&mut self) -> Vec<usize> {
        let elements = self.elements.iter_mut().enumerate();
        elements.filter_map(|(index, state)| std::mem::take(&mut state.unsaid).then_some(index)).collect()
    }

    /// The viewer has answered: an element does not pause the video any more.
    pub(super) fn answered(&mut self, element: usize) {
        if let Some(state) = self.elements.get_mut(element) {
            state.answered = true;
        }
    }

    /// The viewer has opened an element: the video waits for it once more.
    pub(super) fn opened(&mut self, element: usize) {
        if let Some(state) = self.elements.get_mut(element) {
            state.visible = true;
            state.opened = true;
            state.has_paused = false;
        }
    }

    /// Whether an element may be opened: it is not one that an action has yet to show.
    pub(super) fn is_listed(&self, element: usize) -> bool {
        self.elements.get(element).is_some_and(|state| state.visible && state.range.start.is_finite())
    }

    /// How far the answers to a question are.
    pub(super) fn question(&self, element: usize) -> &Answered {
        static NONE: Answered = Answered::NONE;
        self.elements.get(element).map_or(&NONE, |state| &state.question)
    }

    /// The viewer has answered a question.
    pub(super) fn set_question(&mut self, element: usize, answered: Answered) {
        if let Some(state) = self.elements.get_mut(element) {
            state.question = answered;
        }
    }

    /// What is said to the answer to a question, as it is shown.
    pub(super) fn feedback(&self, element: usize, question: &Question) -> Vec<String> {
        let Some(state) = self.elements.get(element) else { return Vec::new() };
        question
            .shown_feedback(state.question.chosen())
            .filter_map(|place| state.texts.get(place).cloned())
            .collect()
    }

    /// Tells the developer, once.
    pub(super) fn warn_once(&mut self, warning: String, out: &mut Vec<Effect>) {
        // Warnings quote what responses say, so their number has no other bound.
        if self.warned.len() < MAX_WARNINGS && !self.warned.contains(&warning) {
            out.push(Effect::Warn(warning.clone()));
            self.warned.push(warning);
        }
    }
}

impl Engine {
    /// Brings the page's nodes up to date with what was decided.
    pub(super) fn paint(&mut self) {
        let project = Rc::clone(&self.project);
        for (index, element) in project.elements.iter().enumerate() {
            if let ElementKind::Condition { .. } = element.kind {
                continue;
            }
            let Some(state) = self.stage.elements.get(index) else { continue };
            let (scheduled, was_painted) = (state.scheduled, state.painted);
            if scheduled && state.revision != self.revision && !state.refused {
                self.evaluate(index, element);
            }
            if scheduled {
                self.place(index, element);
            }
            let clock_ms = self.moment.clock_ms;
            let Some(state) = self.stage.elements.get_mut(index) else { continue };
            state.painted = scheduled && is_complete(element, state);
            if state.painted != was_painted {
                state.unsaid = state.painted;
                state.painted_at = clock_ms;
                let (effect, event) = match state.painted {
                    true => (Effect::Show(index), EventName::Show),
                    false => (Effect::Hide(index), EventName::Hide),
                };
                if let (ElementKind::Question(question), true) = (&element.kind, state.painted) {
                    self.show_verdict(index, question);
                }
                self.out.push(effect);
                let detail = self.detail(event).text("element", &element.id);
                self.out.push(Effect::Emit(detail.event()));
            }
            self.pause_for(index, element);
        }
    }

    /// Pauses the video for an element that has appeared, if it asks for that or the viewer does.
    fn pause_for(&mut self, index: usize, element: &Element) {
        let pause_always = self.pause_always && element.is_interactive();
        let Some(state) = self.stage.elements.get_mut(index) else { return };
        let asks = state.opened || ((element.pause_on_appear || pause_always) && !state.answered);
        // During a seek of the viewer nothing is decided yet.
        if !state.painted || !state.entered || state.has_paused || !asks || self.playback.viewer_seeks() {
            return;
        }
        state.has_paused = true;
        state.opened = false;
        let range = state.range.clone();
        let media = self.moment.media;
        self.playback(|playback, steps| playback.take(Holder::Element(index), Some(range), media, steps));
    }

    /// Puts a moving area where it is at this media time.
    fn place(&mut self, index: usize, element: &Element) {
        let ElementKind::Area { path, .. } = &element.kind else { return };
        let place = place_at(path, self.moment.media.time);
        let Some(state) = self.stage.elements.get_mut(index) else { return };
        if let (Some(frame), true) = (place, state.place != place) {
            state.place = place;
            self.out.push(Effect::Place { element: index, frame });
        }
    }

    /// Takes everything off the page, without triggers.
    pub(super) fn hide_all(&mut self) {
        let project = Rc::clone(&self.project);
        for (index, element) in project.elements.iter().enumerate() {
            let Some(state) = self.stage.elements.get_mut(index) else { continue };
            state.scheduled = false;
            state.entered = false;
            state.unsaid = false;
            if std::mem::take(&mut state.painted) {
                self.out.push(Effect::Hide(index));
                let detail = self.detail(EventName::Hide).text("element", &element.id);
                self.out.push(Effect::Emit(detail.event()));
            }
        }
    }

    /// What does not fit into the work of this input, because others have used it, is late: it goes on in the next frame,
    /// where the first of those that are late has all of it for itself.
    fn evaluate(&mut self, index: usize, element: &Element) {
        let is_first = self.work.is_whole();
        let evaluated = if self.work.is_used_up() {
            Ok(())
        } else {
            self.evaluate_label(index, element)
                .and_then(|()| self.evaluate_texts(index, element))
                .and_then(|()| self.render(index, element))
        };
        let is_used_up = self.work.is_used_up();
        if is_used_up && !is_first {
            self.late();
            return;
        }
        if let Some(state) = self.stage.elements.get_mut(index) {
            state.revision = self.revision;
            state.refused |= is_used_up;
        }
        if let Err(fault) = evaluated {
            self.report(&fault, |detail| detail.text("element", &element.id));
        }
    }

    /// Something goes on in the next frame.
    pub(super) fn late(&mut self) {
        if !self.stage.late {
            self.out.push(Effect::StartTimer { timer: Timer::Late, after_ms: LATE_AFTER_MS });
        }
        self.stage.late = true;
    }

    /// On an error a form or a question keeps what it says.
    fn evaluate_texts(&mut self, index: usize, element: &Element) -> Result<(), CuehookError> {
        let mut texts = Vec::new();
        let mut bytes = 0;
        for text in element.texts() {
            let rendered =
                text.render(&self.context, &self.work).map_err(|error| fault(element, &error.to_string()))?;
            self.warn_missing(element, &rendered.missing);
            bytes += rendered.text.len();
            texts.push(rendered.text);
        }
        let Some(state) = self.stage.elements.get_mut(index) else { return Ok(()) };
        if state.texts == texts {
            return Ok(());
        }
        let before: usize = state.texts.iter().map(String::len).sum();
        let weight = self.stage.weight - before + bytes;
        if weight > MAX_WEIGHT {
            state.refused = true;
            return Err(fault(element, TOO_MUCH));
        }
        self.stage.weight = weight;
        state.texts.clone_from(&texts);
        self.heard.changed(index);
        self.out.push(Effect::Texts { element: index, texts });
        Ok(())
    }

    fn evaluate_label(&mut self, index: usize, element: &Element) -> Result<(), CuehookError> {
        let Some(label) = &element.label else { return Ok(()) };
        let rendered =
            label.render(&self.context, &self.work).map_err(|error| fault(element, &error.to_string()))?;
        self.warn_missing(element, &rendered.missing);
        if let Some(state) = self.stage.elements.get_mut(index)
            && state.label != rendered.text
        {
            state.label.clone_from(&rendered.text);
            self.out.push(Effect::Label { element: index, text: rendered.text });
        }
        Ok(())
    }

    /// On an error the overlay keeps its last good state.
    fn render(&mut self, index: usize, element: &Element) -> Result<(), CuehookError> {
        let ElementKind::Html { source, .. } = &element.kind else { return Ok(()) };
        let Some(state) = self.stage.elements.get(index) else { return Ok(()) };
        let previous = state.rendering.as_ref();
        let mut rendering = source
            .render(&self.context, previous, &self.work)
            .map_err(|error| fault(element, &error.to_string()))?;
        let others = self.stage.weight - previous.map_or(0, Rendering::weight);
        let weight = others + rendering.weight();
        if weight > MAX_WEIGHT {
            if let Some(state) = self.stage.elements.get_mut(index) {
                state.refused = true;
            }
            return Err(fault(element, TOO_MUCH));
        }
        self.stage.weight = weight;
        let changes = rendering.changes_since(previous);
        self.warn_missing(element, &rendering.missing);
        for warning in &rendering.warnings {
            self.stage.warn_once(format!("element `{}`: {warning}", element.id), &mut self.out);
        }
        if !changes.is_empty() {
            self.heard.changed(index);
            self.out.push(Effect::Patch { element: index, changes });
        }
        if let Some(state) = self.stage.elements.get_mut(index) {
            state.rendering = Some(rendering);
        }
        Ok(())
    }

    /// A value that is missing before any response is in is no mistake; one that is missing afterwards, or is
    /// there in other letters, probably is.
    fn warn_missing(&mut self, element: &Element, missing: &[Missing]) {
        for Missing { expression, near_miss } in missing {
            let warning = match near_miss {
                Some(near) => {
                    format!("element `{}`: `{expression}` has no value; did you mean `{near}`?", element.id)
                }
                None if self.context.has_responses() => format!(
                    "element `{}`: `{expression}` has no value; give a default as in `${{{expression}!…}}`",
                    element.id
                ),
                None => continue,
            };
            self.stage.warn_once(warning, &mut self.out);
        }
    }
}

fn is_complete(element: &Element, state: &ElementState) -> bool {
    match &element.kind {
        ElementKind::Area { .. } => true,
        ElementKind::Html { when_missing, .. } => state
            .rendering
            .as_ref()
            .is_some_and(|rendering| *when_missing == WhenMissing::Empty || rendering.missing.is_empty()),
        // Without its texts nobody would know what to fill in.
        ElementKind::Form(_) | ElementKind::Question(_) => !state.texts.is_empty(),
        ElementKind::Condition { .. } => false,
    }
}

fn fault(element: &Element, error: &str) -> CuehookError {
    CuehookError::new(ErrorCode::Template, format!("element `{}`: {error}", element.id))
}
