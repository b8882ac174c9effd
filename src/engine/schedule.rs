//! Whose time it is: time ranges, cues, conditions; and the triggers that follow from that.

use super::chain::Chain;
use super::input::Cue;
use super::machine::Engine;
use super::playback::Holder;
use crate::error::{CuehookError, ErrorCode};
use crate::json::Object;
use crate::project::{Actions, Element, ElementKind};
use crate::protocol::Trigger;
use crate::protocol::nearest;
use std::ops::Range;
use std::rc::Rc;

/// When an element is there whose cue is not known yet: never.
const NEVER: Range<f64> = f64::INFINITY..f64::INFINITY;

/// When an element is there before its cue is known.
pub(super) fn range_of(element: &Element) -> Range<f64> {
    match element.cue {
        Some(_) => NEVER,
        None => element.from..element.to,
    }
}

impl Engine {
    /// Decides whose time it is; returns whether triggers followed from that.
    pub(super) fn schedule(&mut self) -> bool {
        let project = Rc::clone(&self.project);
        let viewer_seeks = self.playback.viewer_seeks();
        let mut triggered = false;
        for (index, element) in project.elements.iter().enumerate() {
            let scheduled = self.stage.schedule(index, self.moment.media.time);
            if viewer_seeks {
                continue;
            }
            if self.stage.enters(index, scheduled) {
                let trigger = if scheduled { Trigger::Appear } else { Trigger::Disappear };
                triggered |= self.trigger_list(element.list(trigger), element, index, trigger);
                if !scheduled {
                    let media = self.moment.media;
                    self.playback(|playback, steps| playback.release(Holder::Element(index), media, steps));
                }
            }
            if let (ElementKind::Condition { when, on_true, on_false }, true) = (&element.kind, scheduled)
                && self.stage.is_outdated(index, self.revision)
            {
                // What does not fit into the work of this input is looked at in the next frame.
                if self.work.is_used_up() {
                    self.late();
                    continue;
                }
                let held = self.stage.is_true(index);
                match when.holds(&self.context, &self.work) {
                    Ok(holds) => {
                        self.stage.set_true(index, holds, self.revision);
                        triggered |= match (held, holds) {
                            (false, true) => self.trigger_list(Some(on_true), element, index, Trigger::True),
                            (true, false) => {
                                self.trigger_list(Some(on_false), element, index, Trigger::False)
                            }
                            _ => false,
                        };
                    }
                    Err(error) => {
                        self.stage.set_true(index, held, self.revision);
                        let message = format!("element `{}`: {error}", element.id);
                        let fault = CuehookError::new(ErrorCode::Template, message);
                        self.report(&fault, |detail| detail.text("element", &element.id));
                    }
                }
            }
        }
        triggered
    }

    fn trigger_list(
        &mut self,
        list: Option<&Actions>,
        element: &Element,
        index: usize,
        trigger: Trigger,
    ) -> bool {
        let Some(list) = list.filter(|list| !list.is_empty()) else { return false };
        self.chains.push_back(Chain::of_element(list, element, index, trigger, false, Object::new()));
        true
    }

    /// The cues of the video's tracks are known: elements that name one are there while it is.
    pub(super) fn cues(&mut self, cues: &[Cue], is_complete: bool) {
        let project = Rc::clone(&self.project);
        for (index, element) in project.elements.iter().enumerate() {
            let Some(name) = &element.cue else { continue };
            let range = cues.iter().find(|cue| cue.id == *name).map(|cue| cue.start..cue.end);
            if range.is_none() && is_complete {
                let message =
                    format!("element `{}`: there is no cue `{name}`; {}", element.id, known(name, cues));
                let fault = CuehookError::new(ErrorCode::ConfigInvalid, message);
                self.report(&fault, |detail| detail.text("element", &element.id));
            }
            self.stage.set_range(index, range.unwrap_or(NEVER));
        }
    }

    /// The viewer opens an interaction from the list of all: the video goes to where it begins, and waits there.
    pub(super) fn open(&mut self, index: usize) {
        if index >= self.project.elements.len() {
            return;
        }
        let media = self.moment.media;
        let range = self.stage.range(index);
        self.stage.opened(index);
        if !range.contains(&media.time) && range.start.is_finite() {
            self.playback(|playback, steps| playback.seek_by_action(range.start, media, steps));
        }
    }

    /// What viewers can do, to open it at any time: places in the document and names.
    pub fn interactions_to_open(&self) -> Vec<(usize, String)> {
        let elements = self.project.elements.iter().enumerate();
        let open =
            elements.filter(|(index, element)| element.is_interactive() && self.stage.is_listed(*index));
        open.map(|(index, element)| (index, self.name(index, element))).collect()
    }

    /// What an element is called: its label, or the question, or its id.
    fn name(&self, index: usize, element: &Element) -> String {
        let shown = self.stage.label(index);
        if !shown.is_empty() {
            return shown.to_owned();
        }
        let text = match (&element.label, &element.kind) {
            (Some(label), _) => Some(label),
            (None, ElementKind::Question(question)) => Some(&question.text),
            (None, _) => None,
        };
        let rendered = text.and_then(|text| text.render(&self.context, &self.work).ok());
        rendered
            .map(|rendered| rendered.text)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| element.id.clone())
    }
}

/// What there is instead of a cue.
fn known(name: &str, cues: &[Cue]) -> String {
    let ids: Vec<&str> = cues.iter().map(|cue| cue.id.as_str()).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return "the video has no `<track>` of kind `metadata` or `chapters` whose cues have ids".to_owned();
    }
    match nearest(name, &ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let first: Vec<&str> = ids.into_iter().take(12).collect();
            format!("the tracks have `{}`", first.join("`, `"))
        }
    }
}
