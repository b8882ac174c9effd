//! Why an expression was refused, or has no result.

use crate::diagnostic::DiagnosticKind;
use crate::template::error::Reason;

/// What kind of mistake it is, for code that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum ExpressionErrorKind {
    /// It is not an expression.
    Syntax,
    /// It is longer, or nested deeper, than the bounds allow.
    Bound,
    /// A filter, a test or a function that does not exist.
    Unknown,
    /// A filter or a test with arguments that it does not take.
    Arguments,
    /// Only minijinja evaluates it: the document must say `"expressions": "full"`.
    NeedsFull,
    /// The values are none that this can be computed with.
    Value,
    /// The result would be larger than the bounds allow.
    TooMuch,
}

/// Why an expression was refused, or has no result. In a box, so that handing it on is handing on a pointer.
pub(in crate::template) type ExpressionError = Box<ExpressionFault>;

/// What is wrong with an expression, or with the values that it was to be computed with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(in crate::template) struct ExpressionFault {
    pub(in crate::template) kind: ExpressionErrorKind,
    /// What was found and what to write instead.
    pub(in crate::template) message: String,
}

impl ExpressionErrorKind {
    /// An error of this kind.
    #[inline(never)]
    pub(in crate::template) fn error(self, message: impl Into<String>) -> ExpressionError {
        Box::new(ExpressionFault { kind: self, message: message.into() })
    }
}

impl From<ExpressionError> for Reason {
    fn from(error: ExpressionError) -> Self {
        let kind = match error.kind {
            ExpressionErrorKind::NeedsFull => DiagnosticKind::NeedsFullExpressions,
            _ => DiagnosticKind::Expression,
        };
        Self { kind, message: error.message }
    }
}

impl ExpressionFault {
    /// Of an evaluation: names the expression.
    pub(in crate::template) fn without_result(&self, expression: &str) -> Reason {
        let message = ["`", expression, "` has no result: ", &self.message].concat();
        Reason { kind: DiagnosticKind::Expression, message }
    }
}
