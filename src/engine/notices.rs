//! What Cuehook itself shows to the viewer: that a response is awaited, that a call has failed, that the browser
//! wants a click.

use super::effect::{Effect, Notice, NoticeButton, NoticeKind};
use super::machine::Engine;

/// Key of the notice that exists at most once; the others have the number of their request.
const BLOCKED: u32 = u32::MAX;

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
            text: words.blocked.clone(),
            buttons: vec![(NoticeButton::Continue, words.resume.clone())],
            element: None,
        });
    }
    // One for the oldest: the others say the same, and their turn comes.
    if let Some(request) = engine.requests.iter().find(|request| request.waiting_shown) {
        let button = request.cancel_shown.then(|| (NoticeButton::Cancel, words.cancel.clone()));
        notices.push(Notice {
            key: request.id,
            kind: NoticeKind::Waiting,
            text: words.waiting.clone(),
            buttons: button.into_iter().collect(),
            element: None,
        });
    }
    for failed in &engine.failed {
        let retry = failed.sealed.as_ref().map(|_| (NoticeButton::Retry, words.retry.clone()));
        let dismiss = (NoticeButton::Dismiss, words.dismiss.clone());
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
