//! How callbacks reach their instance.

use crate::engine::Input;
use std::fmt;
use std::rc::Weak;

/// What takes inputs.
pub trait Inputs {
    /// Hands over what happened.
    fn input(&self, input: Input);

    /// What viewers can do, to open it at any time: places in the document and names.
    fn interactions(&self) -> Vec<(usize, String)> {
        Vec::new()
    }
}

/// A way to reach an instance that does not keep it alive. Every callback holds one.
#[derive(Clone)]
pub struct Link(Weak<dyn Inputs>);

impl Link {
    /// A link to an instance.
    pub fn new(instance: Weak<dyn Inputs>) -> Link {
        Link(instance)
    }

    /// Tells the instance what happened, unless it is gone.
    pub fn input(&self, input: Input) {
        if let Some(instance) = self.0.upgrade() {
            instance.input(input);
        }
    }

    /// What viewers can do, to open it at any time: places in the document and names.
    pub fn interactions(&self) -> Vec<(usize, String)> {
        self.0.upgrade().map(|instance| instance.interactions()).unwrap_or_default()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Link")
    }
}
