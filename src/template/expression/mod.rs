//! Expressions: a plain path is walked directly, all else is evaluated by [`evaluate`]; what only minijinja understands is
//! left to it ([`formula`]), if the document asks for that.

mod arithmetic;
pub(in crate::template) mod compare;
pub(in crate::template) mod error;
mod evaluate;
pub(in crate::template) mod filters;
#[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
mod formula;
pub(in crate::template) mod lexer;
mod literal;
pub(in crate::template) mod locale;
mod parse;
pub(in crate::template) mod path;
pub(in crate::template) mod scope;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod tree;
#[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
mod value;
#[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
pub(in crate::template) mod words;
pub(in crate::template) mod work;

use self::compare::truthy;
use self::error::{ExpressionError, ExpressionErrorKind};
#[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
use self::formula::Formula;
use self::lexer::name_end;
use self::path::Path;
use self::scope::Scope;
use self::tree::Tree;
use crate::json::Json;
use crate::search::find;
use crate::template::expression::work::{STEP, used_up};

/// Which expressions a document may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Expressions {
    /// Those that every build evaluates.
    #[default]
    Default,
    /// All that minijinja knows; needs the larger build.
    Full,
}

/// What people write from other languages, and what it is called here.
const HINTS: [(&str, &str); 10] = [
    ("===", "compare with `==`"),
    ("!==", "compare with `!=`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("??", "put a default after `!`, as in `${name!default}`"),
    ("?", "write `a if condition else b`"),
    ("&lt;", "write `<`: inside a placeholder there are no character references"),
    ("&gt;", "write `>`: inside a placeholder there are no character references"),
    ("&quot;", "write `\"` or `'`: inside a placeholder there are no character references"),
    ("&amp;", "write `and`; inside a placeholder there are no character references"),
];

/// A compiled expression.
#[derive(Debug)]
pub(in crate::template) struct Expression {
    text: Box<str>,
    kind: CompiledForm,
}

#[derive(Debug)]
enum CompiledForm {
    Path(Path),
    Tree(Tree),
    #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
    Formula(Formula),
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::template) enum Outcome {
    /// A value; not null.
    Value(Json),
    /// Nothing, or null.
    Missing,
}

impl Expression {
    /// Compiles an expression; the error says what is wrong and what to write instead. A leading `!` is `not`.
    pub(in crate::template) fn compile(
        text: &str,
        expressions: Expressions,
    ) -> Result<Expression, ExpressionError> {
        let negated;
        let text = match text.strip_prefix('!') {
            Some(operand) if !operand.starts_with(['=', ' ', '!']) => {
                negated = ["not ", operand].concat();
                &negated
            }
            _ => text,
        };
        let kind = match Path::parse(text) {
            Some(path) => CompiledForm::Path(path),
            None => match parse::parse(text) {
                Ok(tree) => CompiledForm::Tree(tree),
                Err(error) => otherwise(text, expressions, error)?,
            },
        };
        Ok(Expression { text: text.into(), kind })
    }

    /// What the author wrote.
    pub(in crate::template) fn text(&self) -> &str {
        &self.text
    }

    /// The value for these names; the error says why there cannot be one.
    pub(in crate::template) fn evaluate(&self, scope: &Scope<'_>) -> Result<Outcome, ExpressionError> {
        Ok(match self.value(scope)? {
            None | Some(Json::Null) => Outcome::Missing,
            Some(value) => Outcome::Value(value),
        })
    }

    /// The same; null is a value.
    fn value(&self, scope: &Scope<'_>) -> Result<Option<Json>, ExpressionError> {
        scope.work().spend(STEP);
        let value = match &self.kind {
            CompiledForm::Path(path) => Ok(path.value(&self.text, scope)),
            CompiledForm::Tree(tree) => evaluate::value(tree, &self.text, scope),
            #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
            CompiledForm::Formula(formula) => formula.evaluate(scope),
        };
        // Whoever was refused something has gone on without.
        if scope.work().is_used_up() { Err(used_up()) } else { value }
    }

    /// The expression with other letter case, if it has no value in this one only.
    #[inline(never)]
    pub(in crate::template) fn near_miss(&self, scope: &Scope<'_>) -> Option<String> {
        match &self.kind {
            CompiledForm::Path(path) => path.near_miss(&self.text, scope),
            CompiledForm::Tree(tree) => tree.near_miss(&self.text, scope),
            #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
            CompiledForm::Formula(_) => None,
        }
    }

    /// Whether the value counts as true: what is missing, null, false, 0 or empty does not.
    pub(in crate::template) fn truth(&self, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
        let holds = self.value(scope)?.is_some_and(|value| truthy(&value, scope.work()));
        if scope.work().is_used_up() { Err(used_up()) } else { Ok(holds) }
    }

    /// The paths that the expression reads, as far as they are fixed, each once: `items` for `items[n].name`.
    pub(in crate::template) fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        match &self.kind {
            CompiledForm::Path(path) => paths.push(path.of(&self.text)),
            CompiledForm::Tree(tree) => tree.paths(&self.text, &mut paths),
            #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
            CompiledForm::Formula(_) => {
                for word in words::words(&self.text) {
                    if let words::Word::Path(path) = word {
                        tree::add(path, &mut paths);
                    }
                }
            }
        }
        paths
    }

    /// The names that its paths start with, each once. `context` is among them where it stands before a variable: no
    /// loop and no `set` gives that another meaning.
    pub(in crate::template) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for path in self.paths() {
            let name = name_end(path, 0).and_then(|end| path.get(..end)).unwrap_or(path);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// What becomes of an expression that our parser refuses.
#[cfg_attr(all(target_arch = "wasm32", not(feature = "full")), allow(unused_variables))]
fn otherwise(
    text: &str,
    expressions: Expressions,
    error: ExpressionError,
) -> Result<CompiledForm, ExpressionError> {
    let syntax = error.kind == ExpressionErrorKind::Syntax;
    #[cfg(any(not(target_arch = "wasm32"), feature = "full"))]
    if expressions == Expressions::Full && (syntax || error.kind == ExpressionErrorKind::NeedsFull) {
        return Formula::compile(text).map(CompiledForm::Formula);
    }
    Err(if syntax { not_an_expression(text, &error.message) } else { error })
}

/// Says why a text is not an expression, and what to write instead of what people write from other languages.
fn not_an_expression(text: &str, reason: &str) -> ExpressionError {
    let mut message = ["`", text, "` is not an expression: ", reason].concat();
    let hint = HINTS.iter().find(|(sign, _)| find(text, sign).is_some()).map(|(_, hint)| *hint);
    // One that stands in a right place is part of `==`, `<=` or the like.
    let hint = hint.or_else(|| reason.starts_with("`=`").then_some("compare with `==`"));
    if let Some(hint) = hint {
        message.extend(["; ", hint]);
    }
    ExpressionErrorKind::Syntax.error(message)
}
