//! What Cuehook itself says to the viewer.

use crate::protocol::{ErrorCode, word_enum};
use crate::search::find;
use schemars::JsonSchema;
use std::borrow::Cow;

word_enum! {
    /// Something that Cuehook itself says. The document's `words` replaces single ones; without that they are in the
    /// language of the page, if there is a translation.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum Word {
        /// While a response is awaited.
        Waiting = "waiting",
        /// Said when the response is in and shows nothing.
        Done = "done",
        /// Button that gives up waiting.
        Cancel = "cancel",
        /// Shown when there was no connection.
        Network = "network",
        /// Shown when there was no response in time.
        Timeout = "timeout",
        /// Shown for every other failure.
        Failed = "failed",
        /// Button that tries again.
        Retry = "retry",
        /// Button that closes a message or a list.
        Dismiss = "dismiss",
        /// Shown when the browser refused to go on playing.
        Blocked = "blocked",
        /// Button that goes on playing.
        Resume = "resume",
        /// Said when several things appear; `${count}` is how many.
        Appeared = "appeared",
        /// Said when the video was paused for what has appeared.
        Paused = "paused",
        /// Button that submits a form.
        Submit = "submit",
        /// Beside the label of a field that may stay empty.
        Optional = "optional",
        /// At a field that must be filled in and is empty.
        Required = "required",
        /// At a list or a question of which nothing is chosen.
        Choose = "choose",
        /// At a field that does not hold an e-mail address.
        Email = "email",
        /// At a field that does not hold a number.
        Number = "number",
        /// At a field that does not hold a day.
        Date = "date",
        /// At a number or a day that is too small; `${limit}` is the least.
        Min = "min",
        /// At a number or a day that is too large; `${limit}` is the greatest.
        Max = "max",
        /// At a text that has not the form that is asked for.
        Pattern = "pattern",
        /// Shown when a form was submitted faster than people do.
        Again = "again",
        /// Button that answers a question.
        Answer = "answer",
        /// At a choice that is right.
        Correct = "correct",
        /// At a choice that is wrong.
        Wrong = "wrong",
        /// At a right choice that was not chosen, when there are no attempts left.
        Solution = "solution",
        /// How often a question may still be answered; `${count}` is the number.
        Attempts = "attempts",
        /// The button that opens the viewer's settings, and the title of what it opens.
        Interactions = "interactions",
        /// The setting that pauses the video whenever something appears.
        PauseAlways = "pauseAlways",
        /// The button that shows everything in fullscreen.
        Fullscreen = "fullscreen",
        /// The same beside a player's own fullscreen button.
        InteractiveFullscreen = "interactiveFullscreen",
        /// The button that leaves fullscreen.
        ExitFullscreen = "exitFullscreen",
    }
}

impl Word {
    const fn english(self) -> &'static str {
        match self {
            Word::Waiting => "Waiting for the answer…",
            Word::Done => "The answer is here.",
            Word::Cancel => "Cancel",
            Word::Network => "There was no connection.",
            Word::Timeout => "The answer took too long.",
            Word::Failed => "That did not work.",
            Word::Retry => "Try again",
            Word::Dismiss => "Close",
            Word::Blocked => "The video is waiting for you.",
            Word::Resume => "Continue",
            Word::Appeared => "New on the video: ${count}.",
            Word::Paused => "The video is paused.",
            Word::Submit => "Send",
            Word::Optional => "optional",
            Word::Required => "Please fill this in.",
            Word::Choose => "Please choose something.",
            Word::Email => "Please write an e-mail address, such as name@example.org.",
            Word::Number => "Please write a number.",
            Word::Date => "Please write a date.",
            Word::Min => "Please write ${limit} or more.",
            Word::Max => "Please write ${limit} or less.",
            Word::Pattern => "Please look at this again: something in it is not as expected.",
            Word::Again => "Please send it once more.",
            Word::Answer => "Answer",
            Word::Correct => "Right",
            Word::Wrong => "Wrong",
            Word::Solution => "This would have been right",
            Word::Attempts => "Attempts left: ${count}",
            Word::Interactions => "Interactions",
            Word::PauseAlways => "Pause when something appears",
            Word::Fullscreen => "Full screen",
            Word::InteractiveFullscreen => "Interactive full screen",
            Word::ExitFullscreen => "Leave full screen",
        }
    }
}

/// What Cuehook itself says to the viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words([Cow<'static, str>; Word::ALL.len()]);

impl Words {
    /// One text.
    pub fn get(&self, word: Word) -> &str {
        self.0.get(word as usize).map_or("", |text| text)
    }

    /// Replaces one text.
    pub fn set(&mut self, word: Word, text: &str) {
        if let Some(place) = self.0.get_mut(word as usize) {
            *place = Cow::Owned(text.to_owned());
        }
    }

    /// A text in which a number or a limit stands: `${count}` or `${limit}`, whichever it has.
    pub fn with(&self, word: Word, value: &str) -> String {
        let text = self.get(word);
        // `split_once` with a text would cost 4 KB.
        let parts =
            find(text, "${").and_then(|at| Some((text.get(..at)?, text.get(at..)?.split_once('}')?.1)));
        match parts {
            Some((before, after)) => [before, value, after].concat(),
            None => text.to_owned(),
        }
    }

    /// What is said of a failure.
    pub fn of(&self, code: ErrorCode) -> &str {
        self.get(match code {
            ErrorCode::Network | ErrorCode::RelayUnavailable => Word::Network,
            ErrorCode::Timeout => Word::Timeout,
            _ => Word::Failed,
        })
    }
}

/// In English.
impl Default for Words {
    fn default() -> Self {
        Self(Word::ALL.map(|word| Cow::Borrowed(word.english())))
    }
}
