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
