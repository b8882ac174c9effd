//! Stand-in for the state machine.

use super::{Effect, Event, Input, Moment, Target};
use crate::json::{Json, Object};
use crate::project::Project;
use crate::session::Context;
use std::rc::Rc;

/// What the engine is told when it is made.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// For each webhook where its URL leads.
    pub targets: Vec<Option<Target>>,
    /// The origins to which the page allows posting.
    pub allow_origins: Option<Vec<String>>,
    /// The page's address.
    pub page: String,
    /// Randomness.
    pub seed: [u64; 4],
    /// When the session starts.
    pub started: Moment,
}

/// The state machine.
#[derive(Debug)]
pub struct Engine {
    project: Rc<Project>,
    context: Context,
}

impl Engine {
    /// Makes an engine.
    pub fn new(project: Rc<Project>, setup: Setup) -> Engine {
        let _ = setup;
        let context = Context::new(project.variables.clone());
        Engine { project, context }
    }

    /// Takes an input.
    pub fn handle(&mut self, moment: Moment, input: Input, effects: &mut Vec<Effect>) {
        let _ = moment;
        match input {
            Input::Start => {
                effects.push(Effect::Build);
                effects.extend((0..self.project.elements.len()).map(Effect::Show));
                effects.push(Effect::Emit(Event { name: "ready", detail: "{\"mediaTime\":0}".into() }));
            }
            Input::SetVariable { name, value } => {
                self.context.set(&name, value);
            }
            Input::Destroy => effects.push(Effect::Teardown),
            _ => {}
        }
    }

    /// The context's variables.
    pub fn variables(&self) -> &Object {
        self.context.variables()
    }

    /// One variable.
    pub fn variable(&self, name: &str) -> Option<Json> {
        self.context.get(name)
    }

    /// The interaction log as JSON array text.
    pub fn interactions(&self) -> String {
        "[]".into()
    }
}
