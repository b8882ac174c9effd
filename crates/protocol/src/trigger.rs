//! What sets off actions and requests.

/// A trigger of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// The viewer activates it.
    Click,
    /// It appears.
    Appear,
    /// It disappears.
    Disappear,
}

impl Trigger {
    /// All triggers, in the order in which documents and messages name them.
    pub const ALL: [Trigger; 3] = [Trigger::Click, Trigger::Appear, Trigger::Disappear];

    /// As it is written in bodies and in the interaction log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Trigger::Click => "click",
            Trigger::Appear => "appear",
            Trigger::Disappear => "disappear",
        }
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
