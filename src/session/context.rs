//! The context: the variables that templates read and that responses, the author and the page write.

use crate::json::{Json, Object};

/// At most so many variables are kept; responses could otherwise add new names without end.
pub const MAX_VARIABLES: usize = 1_000;

/// Variables by name, and apart from them the last response of each webhook.
///
/// In templates a leading `context.` is optional, and `webhooks.<id>` reaches one webhook's response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    variables: Object,
    responses: Object,
}

impl Context {
    /// A context that starts with the project's variables.
    pub fn new(variables: Object) -> Self {
        Self { variables, responses: Object::new() }
    }

    /// The value of a top-level name as a template sees it: the responses for `webhooks`, otherwise a variable.
    pub fn get(&self, name: &str) -> Option<Json> {
        match name {
            "webhooks" => Some(self.responses.clone().into()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// Whether templates use a name for something else than a variable. A response may have such a key all the same; it
    /// is found under `webhooks.<id>`.
    pub fn is_reserved(name: &str) -> bool {
        matches!(name, "context" | "webhooks")
    }

    /// All variables, in the order in which they were first set.
    pub fn variables(&self) -> &Object {
        &self.variables
    }

    /// Sets one variable.
    pub fn set(&mut self, name: &str, value: Json) -> Assignment {
        if Self::is_reserved(name) {
            return Assignment::Reserved;
        }
        if self.variables.len() >= MAX_VARIABLES && self.variables.get(name).is_none() {
            return Assignment::Full;
        }
        let previous = self.variables.set(name, value);
        if previous.is_some() && previous.as_ref() == self.variables.get(name) {
            return Assignment::Unchanged;
        }
        Assignment::Changed { previous }
    }

    /// Applies a webhook's response: each top-level key becomes a variable, and the whole is kept under
    /// `webhooks.<id>`. Gives what became of each key.
    pub fn apply<'r>(&mut self, webhook: &str, response: &'r Object) -> Vec<(&'r str, Assignment)> {
        let assigned = response.iter().map(|(name, value)| (name, self.set(name, value.clone()))).collect();
        self.responses.set(webhook, response.clone().into());
        assigned
    }

    /// Whether any webhook has responded.
    pub fn has_responses(&self) -> bool {
        !self.responses.is_empty()
    }
}

/// What became of setting a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// It has this value already.
    Unchanged,
    /// It has a new value.
    Changed {
        /// What it was; nothing if the variable is new.
        previous: Option<Json>,
    },
    /// Refused: templates use the name for something else.
    Reserved,
    /// Refused: there are [`MAX_VARIABLES`] already.
    Full,
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn responses_cannot_add_names_without_end() {
        let mut context = Context::default();
        for number in 0..2 * MAX_VARIABLES {
            context.set(&format!("v{number}"), Json::Null);
        }
        assert_eq!(context.variables().len(), MAX_VARIABLES);
        let changed = Assignment::Changed { previous: Some(Json::Null) };
        assert_eq!(context.set("v0", Json::Bool(true)), changed, "what is there can change");
        assert_eq!(context.set("v1999", Json::Null), Assignment::Full);
        assert!(context.get("v1999").is_none());
    }

    #[test]
    fn a_response_becomes_variables_and_is_kept() {
        let mut context = Context::default();
        context.set("same", Json::Null);
        let mut response = Object::new();
        for name in ["same", "new", "webhooks"] {
            response.set(name, Json::Null);
        }
        assert_eq!(
            context.apply("discount", &response),
            [
                ("same", Assignment::Unchanged),
                ("new", Assignment::Changed { previous: None }),
                ("webhooks", Assignment::Reserved)
            ]
        );
        assert_eq!(context.variables().len(), 2);
        assert_eq!(context.get("webhooks").unwrap().get("discount"), Some(&Json::from(response)));
        assert!(context.has_responses());
    }
}
