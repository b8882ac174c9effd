//! What screen readers are told: what appears, what a response brought, and what went wrong. Each input is announced once,
//! at its end, so that nothing is said twice.

use super::effect::{Effect, Saying};
use super::machine::Engine;
use crate::project::Word;
use std::rc::Rc;

/// What one input leads to, as far as it is heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// What is said in any case.
    texts: Vec<String>,
    /// The video was paused for what appears.
    paused: bool,
    /// A response is in for which the viewer has waited.
    answered: bool,
    /// Elements that show something else than before.
    changed: Vec<usize>,
}

impl Heard {
    /// Says a text.
    pub(super) fn say(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// The video was paused for what appears.
    pub(super) fn paused(&mut self) {
        self.paused = true;
    }

    /// A response is in for which the viewer has waited.
    pub(super) fn answered(&mut self) {
        self.answered = true;
    }

    /// An element shows something else than before.
    pub(super) fn changed(&mut self, element: usize) {
        self.changed.push(element);
    }
}

impl Engine {
    /// Says what this input has led to.
    pub(super) fn announce(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        let project = Rc::clone(&self.project);
        let words = &project.words;
        let is_said = |index: &usize| project.elements.get(*index).is_some_and(|element| element.announce);
        let mut sayings: Vec<Saying> = heard.texts.into_iter().map(Saying::Text).collect();
        // While the viewer drags along the time line, elements come and go; what is there at the end counts.
        let mut appeared = match self.playback.viewer_seeks() {
            true => Vec::new(),
            false => self.stage.take_appeared(),
        };
        appeared.retain(is_said);
        if heard.answered {
            // What the answer brought is what the viewer has waited for, so all of it is read.
            let shown = heard.changed.into_iter().filter(|index| !appeared.contains(index)).filter(is_said);
            let shown: Vec<usize> = shown.filter(|index| self.stage.is_painted(*index)).collect();
            let brought = appeared.iter().chain(&shown);
            let before = sayings.len();
            sayings.extend(brought.map(|index| Saying::Element(*index)));
            if sayings.len() == before {
                sayings.push(Saying::Text(words.get(Word::Done).to_owned()));
            }
        } else {
            // Focus goes into a dialog, which is read then.
            appeared.retain(|index| project.elements.get(*index).is_some_and(|element| !element.modal));
            match appeared.as_slice() {
                [] => {}
                [only] => {
                    let label = self.stage.label(*only);
                    sayings.push(match label.is_empty() {
                        true => Saying::Element(*only),
                        false => Saying::Text(label.to_owned()),
                    });
                }
                several => {
                    sayings.push(Saying::Text(words.with(Word::Appeared, &several.len().to_string())));
                }
            }
        }
        if heard.paused {
            sayings.push(Saying::Text(words.get(Word::Paused).to_owned()));
        }
        self.out.extend(sayings.into_iter().map(Effect::Announce));
    }
}
