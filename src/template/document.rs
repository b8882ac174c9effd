//! Templates whose result is a node plan, and what fills it.

#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
use crate::diagnostic::Diagnostic;
use crate::session::Context;
use crate::template::TemplateError;
use crate::template::expression::Expressions;
use crate::template::expression::work::Work;
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
use crate::template::lint::{Known, Subject, lint};
use crate::template::markup::parse;
use crate::template::plan::{AttributeValue, Node, Plan, Sink};
use crate::template::program::{Dependencies, Program, dependencies};
use crate::template::render::rendering::Rendering;
use crate::template::syntax::source::Source;
use std::sync::Arc;

/// A template whose result is a node plan. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Markup {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    plan: Plan,
    /// By number of the block.
    programs: Vec<Program>,
    needs: Dependencies,
}

impl Markup {
    /// Compiles HTML with placeholders and control flow.
    ///
    /// # Errors
    /// Markup, a placeholder or control flow that is not accepted; the message says what to write instead.
    pub fn compile(source: &str) -> Result<Markup, TemplateError> {
        Markup::compile_with(source, Expressions::Default)
    }

    /// The same with these expressions.
    ///
    /// # Errors
    /// As [`Markup::compile`].
    pub fn compile_with(source: &str, expressions: Expressions) -> Result<Markup, TemplateError> {
        let (plan, programs) = parse::parse(Source::new(source, expressions)?)?;
        let needs = dependencies(&programs);
        Ok(Markup { compiled: Arc::new(Compiled { source: source.to_owned(), plan, programs, needs }) })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// The nodes to build.
    pub fn plan(&self) -> &Plan {
        &self.compiled.plan
    }

    /// Whether another value of this variable may make a difference to what it shows.
    pub fn depends_on(&self, variable: &str) -> bool {
        self.compiled.needs.has(variable)
    }

    /// The values of an attribute wherever the template has it with a value that never changes.
    pub fn fixed_values(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for block in &self.compiled.plan.blocks {
            fixed_values(&block.nodes, name, &mut values);
        }
        values
    }

    /// Whether it has links, buttons or something else that viewers use.
    pub fn has_controls(&self) -> bool {
        self.compiled.plan.blocks.iter().any(|block| has_controls(&block.nodes))
    }

    /// Whether it is one drawing and nothing else.
    pub fn is_drawing(&self) -> bool {
        let nodes = self.compiled.plan.blocks.first().map(|block| block.nodes.as_slice());
        matches!(nodes, Some([Node::Element(element)]) if element.name == "svg")
    }

    /// What compiles, but is probably not meant. Without knowledge of variables these are not checked.
    #[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
    pub fn lint(&self, known: Option<&Known>) -> Vec<Diagnostic> {
        lint(self.source(), Subject::Markup(&self.compiled.programs), known).0
    }

    /// The paths that the template reads, in the order of its source; `products[].name` where it goes through a list.
    #[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
    pub fn paths(&self) -> Vec<String> {
        lint(self.source(), Subject::Markup(&self.compiled.programs), None).1
    }

    /// What the template shows for this context. Rows that `previous` shows too keep their identity, and are not even
    /// computed again when nothing of what they use has changed.
    ///
    /// # Errors
    /// As [`Text::render`](super::Text::render), and more rows or nodes than the bounds allow.
    pub fn render(
        &self,
        context: &Context,
        previous: Option<&Rendering>,
        work: &Work,
    ) -> Result<Rendering, TemplateError> {
        let Compiled { source, programs, .. } = &*self.compiled;
        crate::template::render::render(source, programs, context, previous, work)
    }
}

/// As deep as the plan; the compiler bounds that.
fn fixed_values<'p>(nodes: &'p [Node], name: &str, values: &mut Vec<&'p str>) {
    for node in nodes {
        let Node::Element(element) = node else { continue };
        for attribute in &element.attributes {
            if let (Sink::Attribute(known), AttributeValue::Fixed(value)) =
                (&attribute.sink, &attribute.value)
                && known == name
            {
                values.push(value);
            }
        }
        fixed_values(&element.children, name, values);
    }
}

/// As deep as the plan; the compiler bounds that.
fn has_controls(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Element(element) => {
            matches!(element.name, "a" | "button" | "summary" | "audio" | "video")
                || has_controls(&element.children)
        }
        Node::Text(_) | Node::Slot(_) | Node::Region(_) => false,
    })
}
