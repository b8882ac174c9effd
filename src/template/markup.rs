//! Templates whose result is a node plan.

use super::TemplateError;
use super::attribute::{Check, checked};
use super::parse;
use super::parts::{Filling, Part};
use super::plan::{Plan, Slots};
use super::source::Source;
use crate::session::Context;
use std::sync::Arc;

/// The most warnings of one evaluation.
const MAX_WARNINGS: usize = 32;

/// A template whose result is a node plan. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Markup {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    plan: Plan,
    slots: Vec<Slot>,
}

/// Where the text of a slot comes from.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) parts: Vec<Part>,
    /// The attribute it belongs to, for warnings; none for text nodes.
    pub(super) attribute: Option<(Check, String)>,
}

impl Markup {
    /// Compiles HTML with placeholders.
    ///
    /// # Errors
    /// Markup or a placeholder that is not accepted; the message says what to write instead.
    pub fn compile(source: &str) -> Result<Markup, TemplateError> {
        let (nodes, slots) = parse::parse(Source::new(source)?)?;
        let plan = Plan { nodes, slots: slots.len() };
        Ok(Markup { compiled: Arc::new(Compiled { source: source.to_owned(), plan, slots }) })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// The nodes to build.
    pub fn plan(&self) -> &Plan {
        &self.compiled.plan
    }

    /// The value of every slot for this context.
    ///
    /// # Errors
    /// As [`Text::render`](super::Text::render).
    pub fn evaluate(&self, context: &Context) -> Result<Slots, TemplateError> {
        let mut filling = Filling::new(self.source(), context);
        let mut values = Vec::with_capacity(self.compiled.slots.len());
        let mut warnings = Vec::new();
        for slot in &self.compiled.slots {
            let text = filling.text(&slot.parts)?;
            values.push(match &slot.attribute {
                None => Some(text),
                Some((check, place)) => {
                    let (text, warning) = checked(*check, place, text, &filling.values);
                    if warnings.len() < MAX_WARNINGS {
                        warnings.extend(warning);
                    }
                    text
                }
            });
        }
        Ok(Slots { values, missing: filling.missing, warnings })
    }
}
