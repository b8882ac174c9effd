//! Reads expressions, as minijinja reads them.
//!
//! ```text
//! expression = binary { "if" binary [ "else" expression ] }
//! binary     = [ "not" ] filtered { operator binary }            (by how tightly operators bind: see BINARY)
//! filtered   = unary { "|" name [ "(" expression { "," expression } ")" ] | "is" [ "not" ] name }
//! unary      = "-" unary | operand { "." key | "[" expression "]" }
//! operand    = path | number | text { text } | "true" | "false" | "none"
//!            | "(" expression ")" | "(" [ expression { "," expression } ] ")" | "[" [ expression { "," expression } ] "]"
//! ```

use super::error::ExpressionErrorKind::{Arguments, Bound, NeedsFull, Syntax, Unknown};
use super::error::{ExpressionError, ExpressionErrorKind};
use super::filters::{Filter, Test};
use super::lexer::{Lexer, Token, TokenKind, name_end, skip_blanks};
use super::literal;
use super::path::{Path, is_name};
use super::tree::{Node, Operator, Tree};
use crate::json::Json;

/// Longer expressions are refused.
const MAX_LENGTH: usize = 1_000;
/// Operators and operands. What reads, evaluates and drops them is recursive.
const MAX_NODES: usize = 256;
/// Brackets inside brackets, for the same reason.
const MAX_DEPTH: usize = 16;
/// Minus signs in a row, for the same reason.
const MAX_SIGNS: usize = 4;

/// How tightly `not` binds, among [`BINARY`].
const NOT: u8 = 3;
const COMPARISON: u8 = 4;

/// Operators between two operands, and how tightly they bind. Equal ones are read from the left.
const BINARY: [(&str, u8, Operator); 18] = [
    ("or", 1, Operator::Or),
    ("and", 2, Operator::And),
    ("==", COMPARISON, Operator::Equal),
    ("!=", COMPARISON, Operator::NotEqual),
    ("<=", COMPARISON, Operator::LessOrEqual),
    (">=", COMPARISON, Operator::GreaterOrEqual),
    ("<", COMPARISON, Operator::Less),
    (">", COMPARISON, Operator::Greater),
    ("in", COMPARISON, Operator::In),
    ("not", COMPARISON, Operator::NotIn),
    ("+", 5, Operator::Add),
    ("-", 5, Operator::Subtract),
    ("~", 6, Operator::Join),
    ("*", 7, Operator::Multiply),
    ("/", 7, Operator::Divide),
    ("//", 7, Operator::FloorDivide),
    ("%", 7, Operator::Remainder),
    ("**", 8, Operator::Power),
];

type Parsed<T> = Result<T, ExpressionError>;

/// After a fault nothing comes next, so that all loops end; then it only matters that there was one.
struct ExpressionParser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// What comes next.
    token: Token,
    /// Those that have been read; the methods give their places.
    nodes: Vec<Node>,
    /// How many operators and operands there were.
    count: usize,
    /// The first fault.
    error: Option<ExpressionError>,
}

/// Reads the whole text.
pub(super) fn parse(text: &str) -> Parsed<Tree> {
    check(text)?;
    let mut lexer = Lexer::new(text, 0);
    let token = lexer.next();
    let mut parser = ExpressionParser { text, lexer, token, nodes: Vec::new(), count: 0, error: None };
    let root = parser.expression();
    if parser.token.kind != TokenKind::End {
        parser.unexpected();
    }
    match parser.error {
        None => Ok(Tree { nodes: parser.nodes, root }),
        Some(error) => Err(error),
    }
}

/// Refuses what is too long or too deep for us or for minijinja, and what minijinja does not handle well.
fn check(text: &str) -> Parsed<()> {
    if text.len() > MAX_LENGTH {
        let message = "this expression is longer than 1,000 characters; let the webhook compute the value";
        return Err(Bound.error(message));
    }
    // For each open bracket, how many colons it holds; braces may hold any number.
    let mut brackets: Vec<Option<usize>> = Vec::new();
    let mut signs = 0;
    let mut lexer = Lexer::new(text, 0);
    loop {
        let token = lexer.next();
        signs = if token.sign == b'-' { signs + 1 } else { 0 };
        match token.sign {
            _ if token.kind == TokenKind::End => return Ok(()),
            b'(' | b'[' => brackets.push(Some(0)),
            b'{' => brackets.push(None),
            b')' | b']' | b'}' => drop(brackets.pop()),
            b':' => {
                if let Some(Some(colons)) = brackets.last_mut() {
                    *colons += 1;
                    if *colons > 1 {
                        return Err(Bound.error("a part of a list is written `[from:to]`, without a step"));
                    }
                }
            }
            _ => {}
        }
        if signs > MAX_SIGNS {
            return Err(Bound.error("there are too many minus signs in a row"));
        }
        if brackets.len() > MAX_DEPTH {
            return Err(Bound.error("the brackets of this expression are nested too deep"));
        }
    }
}

impl<'a> ExpressionParser<'a> {
    fn expression(&mut self) -> usize {
        let mut node = self.binary(0);
        while self.take("if") {
            let mut nodes = vec![node, self.binary(0)];
            if self.take("else") {
                nodes.push(self.expression());
            }
            node = self.operation(Operator::Condition, nodes);
        }
        node
    }

    /// Reads operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> usize {
        let mut left = if least <= NOT && self.take("not") {
            let inner = self.binary(NOT);
            self.one(Operator::Not, inner)
        } else {
            self.filtered()
        };
        // In `a < b < c`, where `b` begins.
        let mut middle = None;
        loop {
            let known = BINARY.iter().find(|(sign, ..)| *sign == self.word());
            let Some((sign, binding, operator)) = known.filter(|(_, binding, _)| *binding >= least) else {
                return left;
            };
            self.advance();
            if *sign == "not" && !self.take("in") {
                return self.unexpected();
            }
            let start = self.token.start;
            let mut right = self.binary(binding + 1);
            if *binding == COMPARISON {
                if let Some(middle) = middle {
                    // `a < b and b < c`: the middle is read a second time.
                    let after = self.token.start;
                    self.go_to(middle);
                    let middle = self.binary(binding + 1);
                    self.go_to(after);
                    right = self.two(*operator, middle, right);
                    left = self.two(Operator::And, left, right);
                } else {
                    left = self.two(*operator, left, right);
                }
                middle = Some(start);
            } else {
                left = self.two(*operator, left, right);
                middle = None;
            }
        }
    }

    fn filtered(&mut self) -> usize {
        let mut node = self.unary();
        loop {
            if self.take_sign(b'|') {
                let filter = match Filter::find(self.name()) {
                    Ok(filter) => filter,
                    Err(error) => return self.fail(error),
                };
                let mut nodes = vec![node];
                if self.take_sign(b'(') {
                    self.items(b')', &mut nodes);
                }
                if let Err(error) = self.check_arguments(filter, nodes.get(1..).unwrap_or_default()) {
                    return self.fail(error);
                }
                node = self.operation(Operator::Filter(filter), nodes);
            } else if self.take("is") {
                let negated = self.take("not");
                let name = self.name();
                let test = match Test::find(name) {
                    Ok(test) => test,
                    Err(error) => return self.fail(error),
                };
                node = self.one(Operator::Test(test), node);
                if negated {
                    node = self.one(Operator::Not, node);
                }
                let argument = match self.token.kind {
                    TokenKind::Text | TokenKind::Number => true,
                    TokenKind::Name => is_name(self.word()),
                    _ => matches!(self.token.sign, b'(' | b'[' | b'{' | b'+' | b'-'),
                };
                if argument {
                    return self.refuse(Arguments, &["the test `", name, "` takes no arguments"]);
                }
            } else {
                return node;
            }
        }
    }

    fn unary(&mut self) -> usize {
        if self.take_sign(b'-') {
            let operand = self.unary();
            match self.nodes.get_mut(operand) {
                Some(Node::Literal(Json::Integer(number))) if *number > i64::MIN => *number = -*number,
                Some(Node::Literal(Json::Float(number))) => *number = -*number,
                _ => return self.one(Operator::Negate, operand),
            }
            return operand;
        }
        let mut node = self.operand();
        loop {
            let start = self.token.start;
            let key = if self.take_sign(b'[') {
                if self.token.sign == b':' {
                    return self.slice(start);
                }
                let key = self.expression();
                if self.token.sign == b':' {
                    return self.slice(start);
                }
                self.expect(b']');
                key
            } else if self.token.sign == b'.' {
                let start = skip_blanks(self.text, self.token.end);
                let Some(end) = name_end(self.text, start) else {
                    self.advance();
                    return self.unexpected();
                };
                let key = self.text.get(start..end).unwrap_or_default();
                self.go_to(end);
                self.push(Node::Literal(key.parse().map_or_else(|_| key.into(), Json::Integer)))
            } else if self.token.sign == b'(' {
                let message = "functions and methods are not available; filters are, as in `name|upper`";
                return self.refuse(Unknown, &[message]);
            } else {
                return node;
            };
            node = self.two(Operator::Item, node, key);
        }
    }

    fn operand(&mut self) -> usize {
        self.count();
        let token = self.token;
        let value = match (token.kind, token.sign) {
            (TokenKind::Text, _) => return self.texts(),
            (TokenKind::Number, _) => match literal::number(self.word()) {
                Some(number) => number,
                None => return self.needs_full("a number such as", token.start, token.end),
            },
            (_, b'(') => return self.parentheses(),
            (_, b'[') => {
                self.advance();
                return self.list(b']', Vec::new());
            }
            (_, b'{') => {
                return self.needs_full("an object", token.start, self.bracket_end(token.start));
            }
            _ => match self.word() {
                "true" | "True" => Json::Bool(true),
                "false" | "False" => Json::Bool(false),
                "none" | "None" => Json::Null,
                _ => {
                    let Some((path, end)) = Path::prefix(self.text, token.start) else {
                        return self.unexpected();
                    };
                    self.go_to(end);
                    return self.push(Node::Path(path));
                }
            },
        };
        self.advance();
        self.push(Node::Literal(value))
    }

    /// Texts side by side are one.
    fn texts(&mut self) -> usize {
        let mut text = String::new();
        while self.token.kind == TokenKind::Text {
            match literal::text(self.word()) {
                Some(unescaped) => text.push_str(&unescaped),
                None => return self.refuse(Syntax, &["a `\\` in a text says no character"]),
            }
            self.advance();
        }
        self.push(Node::Literal(text.as_str().into()))
    }

    /// An expression in parentheses; with commas they are a list.
    fn parentheses(&mut self) -> usize {
        self.advance();
        let mut nodes = Vec::new();
        if self.token.sign != b')' {
            let node = self.expression();
            if self.token.sign != b',' {
                self.expect(b')');
                return node;
            }
            self.advance();
            nodes.push(node);
        }
        self.list(b')', nodes)
    }

    /// A list that begins with these items.
    fn list(&mut self, close: u8, mut nodes: Vec<usize>) -> usize {
        self.items(close, &mut nodes);
        self.operation(Operator::List, nodes)
    }

    /// Reads expressions with commas between them, and what closes them.
    fn items(&mut self, close: u8, nodes: &mut Vec<usize>) {
        while self.error.is_none() && !self.take_sign(close) {
            if self.token.sign == b'*' {
                self.needs_full("a list as arguments,", self.token.start, self.token.end);
                return;
            }
            nodes.push(self.expression());
            if self.token.sign == b'=' {
                self.refuse(Arguments, &["arguments have no names here: write `round(2)`"]);
            }
            if self.token.sign != close {
                self.expect(b',');
            }
        }
    }

    /// The name of a filter or test.
    fn name(&mut self) -> &'a str {
        let name = self.word();
        if self.token.kind == TokenKind::Name {
            self.advance();
        } else {
            self.unexpected();
        }
        name
    }

    /// What comes next.
    fn word(&self) -> &'a str {
        self.token.of(self.text)
    }

    fn advance(&mut self) {
        self.token = self.lexer.next();
    }

    #[inline(never)]
    fn go_to(&mut self, at: usize) {
        self.lexer = Lexer::new(self.text, if self.error.is_none() { at } else { self.text.len() });
        self.advance();
    }

    /// Goes past a word or sign if it comes next.
    #[inline(never)]
    fn take(&mut self, word: &str) -> bool {
        let there = self.word() == word;
        if there {
            self.advance();
        }
        there
    }

    /// The same of a sign of one character.
    #[inline(never)]
    fn take_sign(&mut self, sign: u8) -> bool {
        let there = self.token.sign == sign;
        if there {
            self.advance();
        }
        there
    }

    fn expect(&mut self, sign: u8) {
        if !self.take_sign(sign) {
            self.unexpected();
        }
    }

    #[inline(never)]
    fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    #[inline(never)]
    fn operation(&mut self, operator: Operator, nodes: Vec<usize>) -> usize {
        self.count();
        self.push(Node::Operation(operator, nodes))
    }

    /// An operation with one operand. A function of its own, as the next one, for the sake of size.
    #[inline(never)]
    fn one(&mut self, operator: Operator, node: usize) -> usize {
        self.operation(operator, vec![node])
    }

    #[inline(never)]
    fn two(&mut self, operator: Operator, left: usize, right: usize) -> usize {
        self.operation(operator, vec![left, right])
    }

    /// Bounds the depth of what is read.
    #[inline(never)]
    fn count(&mut self) {
        self.count += 1;
        if self.count > MAX_NODES {
            let message = "this expression has more than 256 parts; let the webhook compute the value";
            self.refuse(Bound, &[message]);
        }
    }

    /// Notes a fault, if it is the first, and ends the reading. Gives the place of no node, as all that notes faults.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, error: ExpressionError) -> usize {
        self.error.get_or_insert(error);
        self.go_to(self.text.len());
        usize::MAX
    }

    #[cold]
    #[inline(never)]
    fn refuse(&mut self, kind: ExpressionErrorKind, message: &[&str]) -> usize {
        self.fail(kind.error(message.concat()))
    }

    #[cold]
    #[inline(never)]
    fn unexpected(&mut self) -> usize {
        match self.token.kind {
            TokenKind::End => self.refuse(Syntax, &["something is missing at its end"]),
            _ => self.refuse(Syntax, &["`", self.word(), "` is not expected here"]),
        }
    }

    /// A part of a list or text, whose bracket stands at `start`.
    fn slice(&mut self, start: usize) -> usize {
        self.needs_full("a slice", start, self.bracket_end(start))
    }

    /// Where the bracket at `start` is closed.
    fn bracket_end(&self, start: usize) -> usize {
        let mut lexer = Lexer::new(self.text, start);
        let mut depth = 0_usize;
        loop {
            let token = lexer.next();
            match token.sign {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 || token.kind == TokenKind::End {
                return token.end;
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn needs_full(&mut self, construct: &str, start: usize, end: usize) -> usize {
        let written = self.text.get(start..end).unwrap_or_default();
        let advice = "` needs the larger build; write `\"expressions\": \"full\"` at the top of the document";
        self.refuse(NeedsFull, &[construct, " `", written, advice])
    }

    /// Checks what is known of arguments before they are evaluated.
    fn check_arguments(&self, filter: &Filter, arguments: &[usize]) -> Parsed<()> {
        let mut values = Vec::new();
        for place in arguments {
            match self.nodes.get(*place) {
                Some(Node::Literal(value)) => values.push(value.clone()),
                _ => return filter.check_count(arguments.len()),
            }
        }
        filter.check(&values)
    }
}
