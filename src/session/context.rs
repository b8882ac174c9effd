//! The context: the variables that templates read and that answers, the author and the page write.

use crate::json::{Json, Object};

/// At most so many variables are kept; answers could otherwise add new names without end.
pub const MAX_VARIABLES: usize = 1_000;

/// Variables by name, and the last answer of each webhook apart.
///
/// In templates a leading `context.` is optional, and `webhooks.<id>` reaches one webhook's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    variables: Object,
    webhooks: Object,
}

impl Context {
    /// A context that starts with the project's variables.
    pub fn new(variables: Object) -> Self {
        Self { variables, webhooks: Object::new() }
    }

    /// The value of a top-level name as a template sees it: the answers for `webhooks`, otherwise a variable.
    pub fn get(&self, name: &str) -> Option<Json> {
        match name {
            "webhooks" => Some(self.webhooks.clone().into()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// Whether templates use a name for something else than a variable. An answer may have such a key all the same; it
    /// is found under `webhooks.<id>`.
    pub fn is_reserved(name: &str) -> bool {
        matches!(name, "context" | "webhooks")
    }

    /// All variables, in the order in which they were first set.
    pub fn variables(&self) -> &Object {
        &self.variables
    }

    /// Sets one variable; returns its previous value. What it cannot hold changes nothing.
    pub fn set(&mut self, name: &str, value: Json) -> Option<Json> {
        if self.can_hold(name) { self.variables.set(name, value) } else { None }
    }

    /// Whether a variable of this name can be set: it is not reserved, and it is there already or there are less than
    /// [`MAX_VARIABLES`].
    pub fn can_hold(&self, name: &str) -> bool {
        let room = self.variables.len() < MAX_VARIABLES || self.variables.get(name).is_some();
        room && !Self::is_reserved(name)
    }

    /// Whether any webhook has answered.
    pub fn has_answers(&self) -> bool {
        !self.webhooks.is_empty()
    }

    /// Takes over a webhook's answer: each top-level key becomes a variable, and the whole is kept under
    /// `webhooks.<id>`.
    pub fn answer(&mut self, webhook: &str, answer: &Object) {
        for (name, value) in answer.iter() {
            self.set(name, value.clone());
        }
        self.webhooks.set(webhook, answer.clone().into());
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn answers_cannot_add_names_without_end() {
        let mut context = Context::default();
        for number in 0..2 * MAX_VARIABLES {
            context.set(&format!("v{number}"), Json::Null);
        }
        assert_eq!(context.variables().len(), MAX_VARIABLES);
        assert_eq!(context.set("v0", Json::Bool(true)), Some(Json::Null), "what is there can change");
        assert!(context.get("v1999").is_none());
    }
}
