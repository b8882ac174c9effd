//! Expressions by themselves, which are true or not: `when` of conditions and of the action `if`.

use crate::session::Context;
use crate::template::TemplateError;
use crate::template::expression::scope::Scope;
use crate::template::expression::work::Work;
use crate::template::expression::{Expression, Expressions};
use crate::template::syntax::source::error_at;
use std::sync::Arc;

/// An expression that is true or not. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct When {
    expression: Arc<Expression>,
}

impl When {
    /// Compiles an expression.
    ///
    /// # Errors
    /// It is not valid, or it is a template: `when` is an expression itself.
    pub fn compile(source: &str) -> Result<When, TemplateError> {
        When::compile_with(source, Expressions::Default)
    }

    /// The same with these expressions.
    ///
    /// # Errors
    /// As [`When::compile`].
    pub fn compile_with(source: &str, expressions: Expressions) -> Result<When, TemplateError> {
        let text = source.trim();
        let at = source.len() - source.trim_start().len();
        if text.starts_with("${") || text.starts_with("{{") || text.starts_with("$<") {
            let message = "this is an expression already; write `score >= 3` instead of `${score >= 3}`";
            return Err(error_at(source, at, message));
        }
        let expression =
            Expression::compile(text, expressions).map_err(|error| error_at(source, at, error))?;
        Ok(When { expression: Arc::new(expression) })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        self.expression.text()
    }

    /// Whether it is true now. What is missing, null, false, 0 or empty is not.
    ///
    /// # Errors
    /// It fails for this context (a text divided by a number), or exceeds the bounds.
    pub fn holds(&self, context: &Context, work: &Work) -> Result<bool, TemplateError> {
        let scope = Scope::new(context, work);
        let text = self.source();
        self.expression.truth(&scope).map_err(|error| error_at(text, 0, error.without_result(text)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl When {
    /// What compiles, but is probably not meant. Without knowledge of variables these are not checked.
    pub fn lint(&self, known: Option<&crate::template::Known>) -> Vec<crate::diagnostic::Diagnostic> {
        use crate::template::lint::{Subject, lint};
        lint(self.source(), Subject::When(&self.expression), known).0
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::json::{Json, Object};

    fn holds(source: &str) -> Result<bool, TemplateError> {
        let mut variables = Object::new();
        variables.set("score", Json::Integer(3));
        variables.set("name", "Ada".into());
        let context = Context::new(variables);
        let work = Work::default();
        work.refill();
        When::compile(source)?.holds(&context, &work)
    }

    #[test]
    fn expressions_hold_or_not() {
        for (source, expected) in
            [("score >= 3", true), (" name == 'Bob' ", false), ("missing", false), ("not missing.deep", true)]
        {
            assert_eq!(holds(source).unwrap(), expected, "{source}");
        }
        assert!(holds("name / 2").unwrap_err().message.contains("name / 2"));
        let error = holds(" ${score >= 3}").unwrap_err();
        assert_eq!((error.line, error.column), (1, 2));
        assert!(error.message.contains("an expression already"), "{}", error.message);
        assert!(holds("score >=").is_err());
    }
}
