//! What is on the stage: a pure function of media time, of `show` and `hide`, and of the context.

use super::chain::Chain;
use super::effect::Effect;
use super::event::EventName;
use super::input::Timer;
use super::machine::Engine;
use crate::error::{CuehookError, ErrorCode};
use crate::json::Object;
use crate::project::{Element, ElementKind, Project, WhenMissing};
use crate::protocol::Trigger;
use crate::template::{Missing, Rendering};
use std::rc::Rc;

/// At most so many warnings are given for a project.
const MAX_WARNINGS: usize = 500;

/// The most that all overlays show together, as [`Rendering::weight`] counts. They are kept, also while it is not their time.
const MAX_WEIGHT: usize = 4 * 1024 * 1024;
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
    /// Whether it is its time.
    scheduled: bool,
    /// Whether it was its time when triggers were last looked at. They wait for where a seek of the viewer ends.
    entered: bool,
    /// Whether it is on the page: its time, and its placeholders have values.
    painted: bool,
    /// The revision of the context that `rendering` and `label` stem from.
    revision: u64,
    /// What its template shows: the last good state.
    rendering: Option<Rendering>,
    label: String,
    /// It takes more work, or more memory, than it may. That will not change before one of its variables does.
    refused: bool,
}

impl StageState {
    /// All hidden, as before the first evaluation.
    pub(super) fn new(project: &Project) -> Self {
        let state = |element: &Element| ElementState { visible: element.visible, ..ElementState::default() };
        Self { elements: project.elements.iter().map(state).collect(), ..Self::default() }
    }

    /// A variable has another value.
    pub(super) fn changed(&mut self, project: &Project, name: &str) {
        for (element, state) in project.elements.iter().zip(&mut self.elements) {
            let depends = || {
                let label = element.label.as_ref().is_some_and(|label| label.depends_on(name));
                label || matches!(&element.kind, ElementKind::Html { source, .. } if source.depends_on(name))
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

    /// Where focus is; an element that has it is not hidden by its time range.
    pub(super) fn focus(&mut self, element: Option<usize>) {
        self.focused = element;
    }

    /// The accessible name that an element has now.
    pub(super) fn label(&self, element: usize) -> &str {
        self.elements.get(element).map_or("", |state| &state.label)
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
    /// Decides whose time it is; returns whether triggers followed from that.
    pub(super) fn schedule(&mut self) -> bool {
        let project = Rc::clone(&self.project);
        let time = self.moment.media.time;
        let focused = self.stage.focused;
        let viewer_seeks = self.playback.viewer_seeks();
        let mut triggered = false;
        for (index, (element, state)) in project.elements.iter().zip(&mut self.stage.elements).enumerate() {
            let in_range = element.from <= time && time < element.to;
            let kept = state.scheduled && focused == Some(index);
            let scheduled = state.visible && (in_range || kept);
            state.scheduled = scheduled;
            if scheduled == state.entered || viewer_seeks {
                continue;
            }
            state.entered = scheduled;
            let trigger = if scheduled { Trigger::Appear } else { Trigger::Disappear };
            let actions = element.actions(trigger);
            if !actions.is_empty() {
                self.chains.push_back(Chain::of_element(
                    actions,
                    element,
                    index,
                    trigger,
                    false,
                    Object::new(),
                ));
                triggered = true;
            }
        }
        triggered
    }

    /// Brings the page's nodes up to date with what was decided.
    pub(super) fn paint(&mut self) {
        let project = Rc::clone(&self.project);
        self.stage.late = false;
        for (index, element) in project.elements.iter().enumerate() {
            let Some(state) = self.stage.elements.get(index) else { continue };
            let (scheduled, was_painted) = (state.scheduled, state.painted);
            if scheduled && state.revision != self.revision && !state.refused {
                self.evaluate(index, element);
            }
            let Some(state) = self.stage.elements.get_mut(index) else { continue };
            state.painted = scheduled && is_complete(element, state.rendering.as_ref());
            if state.painted != was_painted {
                let (effect, event) = match state.painted {
                    true => (Effect::Show(index), EventName::Show),
                    false => (Effect::Hide(index), EventName::Hide),
                };
                self.out.push(effect);
                let detail = self.detail(event).text("element", &element.id);
                self.out.push(Effect::Emit(detail.event()));
            }
        }
    }

    /// Takes everything off the page, without triggers.
    pub(super) fn hide_all(&mut self) {
        let project = Rc::clone(&self.project);
        for (index, element) in project.elements.iter().enumerate() {
            let Some(state) = self.stage.elements.get_mut(index) else { continue };
            state.scheduled = false;
            state.entered = false;
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
            self.evaluate_label(index, element).and_then(|()| self.render(index, element))
        };
        let is_used_up = self.work.is_used_up();
        if is_used_up && !is_first {
            if !self.stage.late {
                self.out.push(Effect::StartTimer { timer: Timer::Late, after_ms: LATE_AFTER_MS });
            }
            self.stage.late = true;
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
            return Err(fault(
                element,
                "all overlays together show too much: at most 1 MiB of text, or 32,000 elements without",
            ));
        }
        self.stage.weight = weight;
        let changes = rendering.changes_since(previous);
        self.warn_missing(element, &rendering.missing);
        for warning in &rendering.warnings {
            self.stage.warn_once(format!("element `{}`: {warning}", element.id), &mut self.out);
        }
        if !changes.is_empty() {
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

fn is_complete(element: &Element, rendering: Option<&Rendering>) -> bool {
    match (&element.kind, rendering) {
        (ElementKind::Area, _) => true,
        (ElementKind::Html { .. }, None) => false,
        (ElementKind::Html { when_missing, .. }, Some(rendering)) => {
            *when_missing == WhenMissing::Empty || rendering.missing.is_empty()
        }
    }
}

fn fault(element: &Element, error: &str) -> CuehookError {
    CuehookError::new(ErrorCode::Template, format!("element `{}`: {error}", element.id))
}
