//! What a template may have: `if`, `for`, `set`, `with`, paths, comparisons, arithmetic, and our filters and tests.
//!
//! The engine bounds the steps of a template, but not what a step makes: `{% set x = x ~ x %}` thirty times is a gigabyte. So there is
//! nothing here by which a text or a list becomes longer than what it was made of, but for filters, which count what they make. Only
//! numbers can be added and multiplied, and what has a name of its own is no list of lists.

use super::filters::{FILTERS, NUMBERS, TESTS};
use super::{Position, TemplateFault, describe};
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Stmt};
use minijinja::machinery::{Span, Token, parse, tokenize};
use minijinja::syntax::SyntaxConfig;
use std::collections::BTreeSet;

/// Most words and signs of one placeholder or statement.
const MOST_WORDS: usize = 400;
/// Deepest nesting of statements.
const DEEPEST: usize = 50;

/// Checks a template.
///
/// # Errors
/// If it is none, or has something that is not available.
pub(super) fn check(source: &str) -> Result<(), TemplateFault> {
    depth(source)?;
    let parsed = parse(source, "template", SyntaxConfig::default())
        .map_err(|error| TemplateFault::Source { at: place(source, &error), message: describe(&error) })?;
    let mut checker = Checker { source, locals: BTreeSet::new() };
    match &parsed {
        Stmt::Template(template) => checker.statements(&template.children),
        other => checker.statement(other),
    }
}

/// Checks that nothing is so long, or nested so deep, that whoever goes through it needs too much of the stack: the engine builds
/// `a.b.c` and `1 + 1 + 1` from within, one level for each part.
fn depth(source: &str) -> Result<(), TemplateFault> {
    let fault = |span: Span, message: String| {
        let at = at(source, usize::try_from(span.start_offset).unwrap_or_default());
        Err(TemplateFault::Source { at, message })
    };
    // Of each open statement how many levels it is: `elif` is one within the other.
    let mut open: Vec<usize> = Vec::new();
    let (mut words, mut is_statement) = (0, false);
    for token in tokenize(source, false, SyntaxConfig::default()) {
        let (token, span) = token.map_err(|error| TemplateFault::Source {
            at: place(source, &error),
            message: describe(&error),
        })?;
        words += 1;
        match token {
            Token::BlockStart | Token::VariableStart => words = 0,
            Token::Ident("if" | "for" | "with") if is_statement => open.push(1),
            Token::Ident("elif") if is_statement => {
                open.iter_mut().next_back().into_iter().for_each(|levels| *levels += 1)
            }
            Token::Ident("endif" | "endfor" | "endwith") if is_statement => _ = open.pop(),
            _ => {}
        }
        is_statement = matches!(token, Token::BlockStart);
        if words > MOST_WORDS {
            return fault(
                span,
                format!("there are more than {MOST_WORDS} words and signs between one pair of braces"),
            );
        }
        if open.iter().sum::<usize>() > DEEPEST {
            return fault(
                span,
                format!("statements are nested more than {DEEPEST} levels deep; each `elif` is one"),
            );
        }
    }
    Ok(())
}

/// Where in a template the engine found an error.
pub(super) fn place(source: &str, error: &minijinja::Error) -> Position {
    match error.range() {
        Some(range) => at(source, range.start),
        None => Position { line: error.line().unwrap_or(1), column: 1 },
    }
}

fn at(source: &str, byte: usize) -> Position {
    let (line, column) = cuehook_json::position(source, byte);
    Position { line, column }
}

struct Checker<'a> {
    source: &'a str,
    /// Names that `set`, `with` and `for` have given to values, anywhere before.
    locals: BTreeSet<&'a str>,
}

type Checked = Result<(), TemplateFault>;

impl<'a> Checker<'a> {
    fn fault(&self, span: Span, message: impl Into<String>) -> Checked {
        let at = at(self.source, usize::try_from(span.start_offset).unwrap_or_default());
        Err(TemplateFault::Source { at, message: message.into() })
    }

    fn statements(&mut self, all: &[Stmt<'a>]) -> Checked {
        all.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt<'a>) -> Checked {
        match statement {
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::IfCond(cond) => {
                self.expression(&cond.expr)?;
                self.statements(&cond.true_body)?;
                self.statements(&cond.false_body)
            }
            Stmt::ForLoop(each) => {
                if each.recursive {
                    return self.fault(each.span(), "`recursive` is not available");
                }
                self.bound(&each.iter)?;
                self.target(&each.target)?;
                if let Some(filter) = &each.filter_expr {
                    self.expression(filter)?;
                }
                self.statements(&each.body)?;
                self.statements(&each.else_body)
            }
            Stmt::Set(set) => {
                self.bound(&set.expr)?;
                self.target(&set.target)
            }
            Stmt::WithBlock(with) => {
                for (target, value) in &with.assignments {
                    self.bound(value)?;
                    self.target(target)?;
                }
                self.statements(&with.body)
            }
            Stmt::SetBlock(block) => self.fault(block.span(), UNAVAILABLE),
            Stmt::AutoEscape(block) => self.fault(block.span(), UNAVAILABLE),
            Stmt::FilterBlock(block) => self.fault(block.span(), UNAVAILABLE),
            Stmt::Do(block) => self.fault(block.span(), UNAVAILABLE),
            // What this build of the engine knows beyond that.
            #[allow(unreachable_patterns)]
            _ => Err(TemplateFault::Source {
                at: Position { line: 1, column: 1 },
                message: UNAVAILABLE.to_owned(),
            }),
        }
    }

    /// What a value is given as its name.
    fn target(&mut self, target: &Expr<'a>) -> Checked {
        match target {
            Expr::Var(var) if var.id != "loop" => {
                self.locals.insert(var.id);
                Ok(())
            }
            Expr::List(list) => list.items.iter().try_for_each(|item| self.target(item)),
            Expr::Tuple(list) => list.items.iter().try_for_each(|item| self.target(item)),
            other => self.fault(other.span(), "this is no name for a value"),
        }
    }

    /// A value that is given a name. Lists of what has a name already could double with each one.
    fn bound(&mut self, value: &Expr<'a>) -> Checked {
        self.expression(value)?;
        let mut literals = Vec::new();
        let mut open = vec![value];
        while let Some(expr) = open.pop() {
            if matches!(expr, Expr::List(_) | Expr::Tuple(_) | Expr::Map(_)) {
                literals.push(expr);
            }
            open.extend(parts(expr));
        }
        while let Some(expr) = literals.pop() {
            if let Expr::Var(var) = expr
                && self.locals.contains(var.id)
            {
                return self.fault(
                    expr.span(),
                    format!("a list or object that is given a name cannot have `{}` in it, which has a name itself", var.id),
                );
            }
            literals.extend(parts(expr));
        }
        Ok(())
    }

    fn expression(&mut self, expr: &Expr<'a>) -> Checked {
        match expr {
            Expr::Slice(_) => {
                return self
                    .fault(expr.span(), "`[from:to]` is not available; there is `name | truncate(10)`");
            }
            Expr::Call(_) => {
                return self.fault(
                    expr.span(),
                    "functions and methods are not available; filters are, as in `name | upper`",
                );
            }
            Expr::BinOp(op) => match op.op {
                BinOpKind::Concat => {
                    return self.fault(
                        expr.span(),
                        "`~` is not available; write one after the other, `{{ a }}{{ b }}`, or `[a, b] | join`",
                    );
                }
                BinOpKind::Add if !is_number(&op.left) && !is_number(&op.right) => {
                    return self.fault(
                        expr.span(),
                        "`+` is for numbers: say that one of them is, as in `(a | float) + b`; texts are written one after the \
                         other, `{{ a }}{{ b }}`",
                    );
                }
                BinOpKind::Mul if !is_number(&op.left) || !is_number(&op.right) => {
                    return self.fault(
                        expr.span(),
                        "`*` is for numbers: say that both are, as in `(a | float) * 100`",
                    );
                }
                _ => {}
            },
            Expr::Filter(filter) => {
                if filter.expr.is_none() || !FILTERS.contains(&filter.name) {
                    return self.fault(expr.span(), unknown("filter", filter.name, &FILTERS));
                }
                self.arguments(expr.span(), &filter.args)?;
            }
            Expr::Test(test) => {
                if !TESTS.contains(&test.name) {
                    return self.fault(expr.span(), unknown("test", test.name, &TESTS));
                }
                if !test.args.is_empty() {
                    return self.fault(expr.span(), format!("the test `{}` takes no arguments", test.name));
                }
            }
            _ => {}
        }
        parts(expr).into_iter().try_for_each(|part| self.expression(part))
    }

    fn arguments(&self, span: Span, all: &[CallArg<'a>]) -> Checked {
        if all.iter().all(|argument| matches!(argument, CallArg::Pos(_))) {
            return Ok(());
        }
        self.fault(span, "arguments of filters have no names and no `*`: write `truncate(10)`")
    }
}

const UNAVAILABLE: &str = "this is not available: there are `if`, `for`, `set` with `=`, and `with`";

fn unknown(what: &str, name: &str, known: &[&'static str]) -> String {
    match cuehook_protocol::nearest(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`; there are {}", known.join(", ")),
    }
}

/// What an expression consists of.
fn parts<'e, 'a>(expr: &'e Expr<'a>) -> Vec<&'e Expr<'a>> {
    let arguments = |all: &'e [CallArg<'a>]| {
        all.iter().map(|argument| match argument {
            CallArg::Pos(expr)
            | CallArg::Kwarg(_, expr)
            | CallArg::PosSplat(expr)
            | CallArg::KwargSplat(expr) => expr,
        })
    };
    match expr {
        Expr::Var(_) | Expr::Const(_) => Vec::new(),
        Expr::Slice(slice) => std::iter::once(&slice.expr)
            .chain([&slice.start, &slice.stop, &slice.step].into_iter().flatten())
            .collect(),
        Expr::UnaryOp(op) => vec![&op.expr],
        Expr::BinOp(op) => vec![&op.left, &op.right],
        Expr::Compare(compare) => {
            std::iter::once(&compare.expr).chain(compare.ops.iter().map(|op| &op.expr)).collect()
        }
        Expr::IfExpr(choice) => {
            [&choice.test_expr, &choice.true_expr].into_iter().chain(&choice.false_expr).collect()
        }
        Expr::Filter(filter) => filter.expr.iter().chain(arguments(&filter.args)).collect(),
        Expr::Test(test) => std::iter::once(&test.expr).chain(arguments(&test.args)).collect(),
        Expr::GetAttr(get) => vec![&get.expr],
        Expr::GetItem(get) => vec![&get.expr, &get.subscript_expr],
        Expr::Call(call) => std::iter::once(&call.expr).chain(arguments(&call.args)).collect(),
        Expr::List(list) => list.items.iter().collect(),
        Expr::Tuple(list) => list.items.iter().collect(),
        Expr::Map(map) => map.keys.iter().chain(&map.values).collect(),
    }
}

/// Whether an expression gives a number, or nothing at all, whatever the values are.
fn is_number(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(constant) => constant.value.is_number(),
        Expr::UnaryOp(op) => matches!(op.op, minijinja::machinery::ast::UnaryOpKind::Neg),
        Expr::BinOp(op) => matches!(
            op.op,
            // Of the first two this is checked where they stand.
            BinOpKind::Add
                | BinOpKind::Mul
                | BinOpKind::Sub
                | BinOpKind::Div
                | BinOpKind::FloorDiv
                | BinOpKind::Rem
                | BinOpKind::Pow
        ),
        Expr::Filter(filter) => NUMBERS.contains(&filter.name),
        Expr::IfExpr(choice) => {
            is_number(&choice.true_expr) && choice.false_expr.as_ref().is_some_and(is_number)
        }
        Expr::GetAttr(get) => {
            matches!(&get.expr, Expr::Var(var) if var.id == "loop")
                && matches!(get.name, "index" | "index0" | "revindex" | "revindex0" | "length")
        }
        _ => false,
    }
}
