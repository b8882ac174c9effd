//! The context: the variables that templates read and that responses, the author and the page write.

use crate::json::{Json, Object};

/// At most so many variables are kept; responses could otherwise add new names without end.
pub const MAX_VARIABLES: usize = 1_000;

/// Names that templates use for something else than a variable, or will: viewers' entries, outcomes of questions, what a
/// button says.
pub const RESERVED_NAMES: [&str; 5] = ["webhooks", "context", "forms", "questions", "params"];

/// Which variables a body carries.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum IncludeContext {
    /// Those that the project, the page and actions wrote, and those from responses of the receiver's own origin.
    #[default]
    Own,
    /// None.
    None,
    /// All, from responses of every origin.
    All,
    /// Those of these names, whoever wrote them.
    Names(Vec<String>),
}

/// Variables by name, and apart from them the last response of each webhook.
///
/// Each variable remembers whether a response wrote it last, and of which origin: what one receiver says is not for
/// the others.
///
/// In templates a leading `context.` is optional, and `webhooks.<id>` reaches one webhook's response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    variables: Object,
    responses: Object,
    /// What was submitted last, by the form's id.
    forms: Object,
    /// What was answered last, by the question's id.
    questions: Object,
    /// What the button says whose actions run.
    params: Object,
    /// The origins from which variables came, by the variables' names; null for what was written here.
    origins: Object,
}

impl Context {
    /// A context that starts with the project's variables.
    pub fn new(variables: Object) -> Self {
        Self { variables, ..Self::default() }
    }

    /// The value of a top-level name as a template sees it: the responses for `webhooks`, otherwise a variable.
    pub fn get(&self, name: &str) -> Option<Json> {
        match name {
            "webhooks" => Some(self.responses.clone().into()),
            "forms" => Some(self.forms.clone().into()),
            "questions" => Some(self.questions.clone().into()),
            "params" => Some(self.params.clone().into()),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// Whether a name is reserved: templates use it for something else than a variable. A response may have such a key all the same; it
    /// is found under `webhooks.<id>`.
    pub fn is_reserved(name: &str) -> bool {
        RESERVED_NAMES.contains(&name)
    }

    /// All variables, in the order in which they were first set.
    pub fn variables(&self) -> &Object {
        &self.variables
    }

    /// The variables that a receiver of this origin gets.
    pub fn shared<'c>(&'c self, include: &IncludeContext, origin: &str) -> Vec<(&'c str, &'c Json)> {
        let is_shared = |name: &str| match include {
            IncludeContext::Own => match self.origins.get(name) {
                Some(Json::String(written_by)) => **written_by == *origin,
                _ => true,
            },
            IncludeContext::None => false,
            IncludeContext::All => true,
            IncludeContext::Names(names) => names.iter().any(|known| known == name),
        };
        self.variables.iter().filter(|(name, _)| is_shared(name)).collect()
    }

    /// Sets one variable on behalf of the project, the page, or one of the author's actions.
    pub fn set(&mut self, name: &str, value: Json) -> Assignment {
        self.write(name, value, Json::Null)
    }

    /// Sets one variable; who writes last counts, even if the value stays.
    fn write(&mut self, name: &str, value: Json, origin: Json) -> Assignment {
        if Self::is_reserved(name) {
            return Assignment::Reserved;
        }
        if self.variables.len() >= MAX_VARIABLES && self.variables.get(name).is_none() {
            return Assignment::Full;
        }
        if origin != Json::Null || self.origins.get(name).is_some() {
            self.origins.set(name, origin);
        }
        let previous = self.variables.set(name, value);
        if previous.is_some() && previous.as_ref() == self.variables.get(name) {
            return Assignment::Unchanged;
        }
        Assignment::Changed { previous }
    }

    /// Applies the response of a webhook at this origin: each top-level key becomes a variable, and the whole is kept under
    /// `webhooks.<id>`. Gives what became of each key.
    pub fn apply<'r>(
        &mut self,
        webhook: &str,
        origin: &str,
        response: &'r Object,
    ) -> Vec<(&'r str, Assignment)> {
        let origin = Json::from(origin);
        let write = |(name, value): (&'r str, &Json)| (name, self.write(name, value.clone(), origin.clone()));
        let assigned = response.iter().map(write).collect();
        self.responses.set(webhook, response.clone().into());
        assigned
    }

    /// What the viewer has submitted in a form: `forms.<id>`. It is in no body unless the author puts it there.
    pub fn set_form(&mut self, form: &str, values: Object) {
        self.forms.set(form, values.into());
    }

    /// What became of a question: `questions.<id>`.
    pub fn set_question(&mut self, question: &str, outcome: Object) {
        self.questions.set(question, outcome.into());
    }

    /// What the button says whose actions run from now on: `params`.
    pub fn set_params(&mut self, params: &Object) {
        self.params.clone_from(params);
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

    const SHOP: &str = "https://shop.example";
    const CRM: &str = "https://crm.example";

    fn object(names: &[&str]) -> Object {
        let mut object = Object::new();
        for name in names {
            object.set(name, Json::Bool(true));
        }
        object
    }

    fn names(context: &Context, include: &IncludeContext, origin: &str) -> Vec<String> {
        context.shared(include, origin).into_iter().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn what_one_origin_answered_is_not_for_the_others() {
        let mut context = Context::new(object(&["project"]));
        context.set("page", Json::Null);
        context.apply("discount", SHOP, &object(&["code", "both"]));
        context.apply("lead", CRM, &object(&["salary", "both"]));
        let own = |origin| names(&context, &IncludeContext::Own, origin);
        assert_eq!(own(SHOP), ["project", "page", "code"]);
        assert_eq!(own(CRM), ["project", "page", "both", "salary"]);
        assert_eq!(own("https://shop.example:444"), ["project", "page"]);
        assert!(names(&context, &IncludeContext::None, SHOP).is_empty());
        assert_eq!(
            names(&context, &IncludeContext::All, SHOP),
            ["project", "page", "code", "both", "salary"]
        );
        let some = IncludeContext::Names(["salary", "unknown", "page"].map(str::to_owned).into());
        assert_eq!(names(&context, &some, SHOP), ["page", "salary"]);
    }

    #[test]
    fn who_wrote_last_counts_even_if_the_value_stays() {
        let mut context = Context::new(object(&["a", "b", "c"]));
        context.apply("discount", SHOP, &object(&["a", "b"]));
        let own = |context: &Context, origin| names(context, &IncludeContext::Own, origin);
        assert_eq!(own(&context, CRM), ["c"], "a response has overwritten what the project wrote");
        assert_eq!(context.set("a", Json::Bool(true)), Assignment::Unchanged);
        assert_eq!(own(&context, CRM), ["a", "c"], "and the page has made one its own");
        context.apply("lead", CRM, &object(&["b"]));
        assert_eq!(own(&context, SHOP), ["a", "c"]);
        assert_eq!(own(&context, CRM), ["a", "b", "c"]);
    }

    #[test]
    fn reserved_names_are_no_variables() {
        let mut context = Context::default();
        for name in RESERVED_NAMES {
            assert_eq!(context.set(name, Json::Null), Assignment::Reserved, "{name}");
        }
        let response = object(&["forms", "Forms", "form"]);
        let assigned = context.apply("discount", SHOP, &response);
        let became: Vec<bool> = assigned.iter().map(|(_, became)| *became == Assignment::Reserved).collect();
        assert_eq!(became, [true, false, false]);
        assert_eq!(context.variables().len(), 2);
    }

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
            context.apply("discount", SHOP, &response),
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
