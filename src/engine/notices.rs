//! What Cuehook itself shows to the viewer: that a response is awaited, that a call has failed, that the browser
//! wants a click.

use super::effect::{Effect, Notice, NoticeButton, NoticeKind};
use super::machine::Engine;
use super::playback::Holder;
use crate::project::{Element, ElementKind, Word};

/// Key of the notice that exists at most once; the others have the number of their request.
pub(super) const BLOCKED: u32 = u32::MAX;
/// Elements for which the video was paused count down from here.
const PAUSED: u32 = u32::MAX - 1;

fn key_of(element: usize) -> u32 {
    PAUSED - u32::try_from(element).unwrap_or_default()
}

/// The element for which a notice says that the video was paused.
pub(super) fn element_of(key: u32) -> Option<usize> {
    usize::try_from(PAUSED.checked_sub(key)?).ok()
}

/// Hands the notices to the shell if they have changed.
pub(super) fn update(engine: &mut Engine) {
    let notices = current(engine);
    if notices != engine.notices {
        engine.notices.clone_from(&notices);
        engine.out.push(Effect::Notices(notices));
    }
}

fn current(engine: &Engine) -> Vec<Notice> {
    let words = &engine.project.words;
    let mut notices = Vec::new();
    if engine.blocked {
        notices.push(Notice {
            key: BLOCKED,
            kind: NoticeKind::Blocked,
            text: words.get(Word::Blocked).to_owned(),
            buttons: vec![(NoticeButton::Continue, words.get(Word::Resume).to_owned())],
            element: None,
        });
    }
    // One at a time: the next one's turn comes when the viewer goes on.
    let held = |index: &usize| engine.playback.holds(Holder::Element(*index));
    let elements = engine.project.elements.iter().enumerate();
    let paused =
        elements.filter(|(_, element)| !element.modal && has_no_button(element)).map(|(index, _)| index);
    if let Some(index) = paused.into_iter().find(held) {
        notices.push(Notice {
            key: key_of(index),
            kind: NoticeKind::Paused,
            text: words.get(Word::Paused).to_owned(),
            buttons: vec![(NoticeButton::Continue, words.get(Word::Resume).to_owned())],
            element: Some(index),
        });
    }
    // One for the oldest: the others say the same, and their turn comes.
    if let Some(request) = engine.requests.iter().find(|request| request.waiting_shown) {
        let button = request.cancel_shown.then(|| (NoticeButton::Cancel, words.get(Word::Cancel).to_owned()));
        notices.push(Notice {
            key: request.id,
            kind: NoticeKind::Waiting,
            text: words.get(Word::Waiting).to_owned(),
            buttons: button.into_iter().collect(),
            element: None,
        });
    }
    for failed in &engine.failed {
        let retry = failed.sealed.as_ref().map(|_| (NoticeButton::Retry, words.get(Word::Retry).to_owned()));
        let dismiss = (NoticeButton::Dismiss, words.get(Word::Dismiss).to_owned());
        notices.push(Notice {
            key: failed.key,
            kind: NoticeKind::Failed,
            text: words.of(failed.code).to_owned(),
            buttons: retry.into_iter().chain([dismiss]).collect(),
            element: failed.call.origin.index,
        });
    }
    notices
}

/// Whether an element needs a notice for the viewer to go on. Forms and questions have a button of their own.
fn has_no_button(element: &Element) -> bool {
    matches!(element.kind, ElementKind::Area { .. } | ElementKind::Html { .. })
}
