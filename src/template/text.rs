//! Templates whose result is text: labels, parameters, URLs to open, values of variables.

#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
use crate::diagnostic::Diagnostic;
use crate::json::Json;
use crate::session::Context;
use crate::template::expression::Expressions;
use crate::template::expression::work::Work;
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
use crate::template::lint::{Known, Subject, lint};
use crate::template::program::{Dependencies, dependencies_of};
use crate::template::render::evaluator::Evaluator;
use crate::template::syntax::parts::{Builder, Part};
use crate::template::syntax::placeholder::{Filled, Place, special};
use crate::template::syntax::source::Source;
use crate::template::{Missing, TemplateError};
use std::sync::Arc;

/// A template whose result is text. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Text {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    parts: Vec<Part>,
    needs: Dependencies,
}

/// A text with its placeholders filled in.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Rendered {
    /// The text; a missing value without default leaves nothing in its place.
    pub text: String,
    /// What was missing.
    pub missing: Vec<Missing>,
}

impl Text {
    /// Compiles a template.
    ///
    /// # Errors
    /// A placeholder that is not closed, or whose expression is not valid; control flow that is not closed.
    pub fn compile(source: &str) -> Result<Text, TemplateError> {
        Text::compile_with(source, Expressions::Default)
    }

    /// The same with these expressions.
    ///
    /// # Errors
    /// As [`Text::compile`].
    pub fn compile_with(source: &str, expressions: Expressions) -> Result<Text, TemplateError> {
        let mut cursor = Source::new(source, expressions)?;
        let mut parts = Builder::default();
        while cursor.peek().is_some() {
            parts.text(cursor.take_while(|byte| byte != b'$' && byte != b'{'));
            if cursor.peek().is_none() {
                break;
            }
            let at = cursor.at();
            let special = special(&mut cursor, Place::Text)?;
            parts.special(&mut cursor, at, special)?;
        }
        let parts = parts.finish(&cursor)?;
        let needs = dependencies_of(&parts);
        Ok(Text { compiled: Arc::new(Compiled { source: source.to_owned(), parts, needs }) })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// Whether another value of this variable may make a difference.
    pub fn depends_on(&self, variable: &str) -> bool {
        self.compiled.needs.has(variable)
    }

    /// What compiles, but is probably not meant. Without knowledge of variables these are not checked.
    #[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
    pub fn lint(&self, known: Option<&Known>) -> Vec<Diagnostic> {
        lint(self.source(), Subject::Text(&self.compiled.parts), known).0
    }

    /// The same of a text that is the value of something: a variable, a parameter.
    #[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
    pub fn lint_value(&self, known: Option<&Known>) -> Vec<Diagnostic> {
        lint(self.source(), Subject::Value(&self.compiled.parts), known).0
    }

    /// The same of a text that is a URL to open.
    #[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
    pub fn lint_link(&self, known: Option<&Known>) -> Vec<Diagnostic> {
        lint(self.source(), Subject::Link(&self.compiled.parts), known).0
    }

    /// Fills in the placeholders.
    ///
    /// # Errors
    /// An expression that fails for this context (a text divided by a number), or exceeds the bounds.
    pub fn render(&self, context: &Context, work: &Work) -> Result<Rendered, TemplateError> {
        let mut filling = Evaluator::new(self.source(), context, work);
        let text = filling.text(&self.compiled.parts)?.text;
        Ok(Rendered { text, missing: filling.missing })
    }

    /// The value: when the whole template is one placeholder its value keeps its type (`${score + 5}` is a number), and a
    /// missing value without default is null; any other template gives its text.
    ///
    /// # Errors
    /// As [`Text::render`].
    pub fn value(&self, context: &Context, work: &Work) -> Result<Json, TemplateError> {
        let mut filling = Evaluator::new(self.source(), context, work);
        if let [Part::Placeholder(placeholder)] = self.compiled.parts.as_slice() {
            return Ok(match filling.fill(placeholder)? {
                Filled::Value(value) => value,
                Filled::Default(text) => text.into(),
                Filled::Missing => Json::Null,
            });
        }
        Ok(filling.text(&self.compiled.parts)?.text.as_str().into())
    }
}
