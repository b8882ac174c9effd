//! What sets off actions and requests.

use crate::word_enum;

word_enum! {
    /// A trigger of an element.
    pub enum Trigger {
        /// The viewer activates it.
        Click = "click",
        /// It appears.
        Appear = "appear",
        /// It disappears.
        Disappear = "disappear",
        /// The viewer submits a form.
        Submit = "submit",
        /// The viewer answers a question.
        Answer = "answer",
        /// The answer is right.
        Correct = "correct",
        /// The answer is wrong.
        Wrong = "wrong",
        /// A condition has become true.
        True = "true",
        /// A condition is true no longer.
        False = "false",
    }
}

/// What set off a request: `trigger.event` of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A trigger of an element, of the project or of the page.
    Trigger(Trigger),
    /// The page called `execute()`.
    Execute,
}

impl Cause {
    /// As it is written in bodies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Trigger(trigger) => trigger.as_str(),
            Cause::Execute => "execute",
        }
    }
}
