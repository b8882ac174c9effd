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

use super::error::ExpressionError;
use super::error::ExpressionErrorKind::{Arguments, Bound, NeedsFull, Syntax, Unknown};
use super::filters::{Filter, Test};
use super::lexer::{Lexer, Token, TokenKind, name_end, skip_blanks};
use super::literal;
use super::path::{Path, is_name};
use super::tree::{Node, Operator};
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

type Step<T> = Result<T, ExpressionError>;

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// What comes next.
    token: Token,
    nodes: usize,
}

/// Reads the whole text.
pub(super) fn parse(text: &str) -> Step<Node> {
    check(text)?;
    let mut lexer = Lexer::new(text, 0);
    let token = lexer.next();
    let mut parser = Parser { text, lexer, token, nodes: 0 };
    let node = parser.expression()?;
    if parser.token.kind == TokenKind::End { Ok(node) } else { Err(parser.unexpected()) }
}

/// Refuses what is too long or too deep for us or for minijinja, and what minijinja does not handle well.
fn check(text: &str) -> Step<()> {
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

impl<'a> Parser<'a> {
    fn expression(&mut self) -> Step<Node> {
        let mut node = self.binary(0)?;
        while self.take("if") {
            let mut nodes = vec![node, self.binary(0)?];
            if self.take("else") {
                nodes.push(self.expression()?);
            }
            node = self.operation(Operator::Condition, nodes)?;
        }
        Ok(node)
    }

    /// Reads operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Step<Node> {
        let mut left = if least <= NOT && self.take("not") {
            let inner = self.binary(NOT)?;
            self.operation(Operator::Not, vec![inner])?
        } else {
            self.filtered()?
        };
        // In `a < b < c`, where `b` begins.
        let mut middle = None;
        loop {
            let known = BINARY.iter().find(|(sign, ..)| *sign == self.token.of(self.text));
            let Some((sign, binding, operator)) = known.filter(|(_, binding, _)| *binding >= least) else {
                return Ok(left);
            };
            self.advance();
            if *sign == "not" {
                if !self.take("in") {
                    return Err(self.unexpected());
                }
            }
            let start = self.token;
            let right = self.binary(binding + 1)?;
            match middle.replace(start).filter(|_| *binding == COMPARISON) {
                Some(middle) => {
                    // `a < b and b < c`: the middle is read a second time.
                    let after = self.token;
                    self.go_to(middle.start);
                    let middle = self.binary(binding + 1)?;
                    self.go_to(after.start);
                    let second = self.operation(*operator, vec![middle, right])?;
                    left = self.operation(Operator::And, vec![left, second])?;
                }
                None => left = self.operation(*operator, vec![left, right])?,
            }
            middle = middle.filter(|_| *binding == COMPARISON);
        }
    }

    fn filtered(&mut self) -> Step<Node> {
        let mut node = self.unary()?;
        loop {
            if self.take_sign(b'|') {
                let filter = Filter::find(self.name()?)?;
                let mut nodes = vec![node];
                if self.take_sign(b'(') {
                    self.items(b')', &mut nodes)?;
                }
                check_arguments(filter, nodes.get(1..).unwrap_or_default())?;
                node = self.operation(Operator::Filter(filter), nodes)?;
            } else if self.take("is") {
                let negated = self.take("not");
                let name = self.name()?;
                node = self.operation(Operator::Test(Test::find(name)?), vec![node])?;
                if negated {
                    node = self.operation(Operator::Not, vec![node])?;
                }
                let argument = match self.token.kind {
                    TokenKind::Text | TokenKind::Number => true,
                    TokenKind::Name => is_name(self.word()),
                    _ => matches!(self.token.sign, b'(' | b'[' | b'{' | b'+' | b'-'),
                };
                if argument {
                    return Err(Arguments.error(["the test `", name, "` takes no arguments"].concat()));
                }
            } else {
                return Ok(node);
            }
        }
    }

    fn unary(&mut self) -> Step<Node> {
        if self.take_sign(b'-') {
            return match self.unary()? {
                Node::Literal(Json::Integer(number)) if number > i64::MIN => {
                    Ok(Node::Literal(Json::Integer(-number)))
                }
                Node::Literal(Json::Float(number)) => Ok(Node::Literal(Json::Float(-number))),
                operand => self.operation(Operator::Negate, vec![operand]),
            };
        }
        let mut node = self.operand()?;
        loop {
            let start = self.token.start;
            if self.take_sign(b'[') {
                if self.token.sign == b':' {
                    return Err(self.slice(start));
                }
                let key = self.expression()?;
                if self.token.sign == b':' {
                    return Err(self.slice(start));
                }
                self.expect(b']')?;
                node = self.operation(Operator::Item, vec![node, key])?;
            } else if self.token.sign == b'.' {
                let start = skip_blanks(self.text, self.token.end);
                let Some(end) = name_end(self.text, start) else {
                    self.advance();
                    return Err(self.unexpected());
                };
                let key = self.text.get(start..end).unwrap_or_default();
                let key = Node::Literal(key.parse().map_or_else(|_| key.into(), Json::Integer));
                self.go_to(end);
                node = self.operation(Operator::Item, vec![node, key])?;
            } else if self.token.sign == b'(' {
                let message = "functions and methods are not available; filters are, as in `name|upper`";
                return Err(Unknown.error(message));
            } else {
                return Ok(node);
            }
        }
    }

    fn operand(&mut self) -> Step<Node> {
        self.count()?;
        let token = self.token;
        match (token.kind, token.sign) {
            (TokenKind::Text, _) => return self.texts(),
            (TokenKind::Number, _) => {
                let number = literal::number(self.word())
                    .ok_or_else(|| self.needs_full("a number such as", token.start, token.end))?;
                self.advance();
                return Ok(Node::Literal(number));
            }
            (_, b'(') => return self.parentheses(),
            (_, b'[') => {
                self.advance();
                let mut nodes = Vec::new();
                self.items(b']', &mut nodes)?;
                return self.operation(Operator::List, nodes);
            }
            (_, b'{') => {
                return Err(self.needs_full("an object", token.start, self.bracket_end(token.start)));
            }
            _ => {}
        }
        let value = match self.word() {
            "true" | "True" => Json::Bool(true),
            "false" | "False" => Json::Bool(false),
            "none" | "None" => Json::Null,
            _ => {
                let (path, end) = Path::prefix(self.text, token.start).ok_or_else(|| self.unexpected())?;
                self.go_to(end);
                return Ok(Node::Path(path));
            }
        };
        self.advance();
        Ok(Node::Literal(value))
    }

    /// Texts side by side are one.
    fn texts(&mut self) -> Step<Node> {
        let mut text = String::new();
        while self.token.kind == TokenKind::Text {
            let unescaped = literal::text(self.word());
            text.push_str(&unescaped.ok_or_else(|| Syntax.error("a `\\` in a text says no character"))?);
            self.advance();
        }
        Ok(Node::Literal(text.as_str().into()))
    }

    /// An expression in parentheses; with commas they are a list.
    fn parentheses(&mut self) -> Step<Node> {
        self.advance();
        let mut nodes = Vec::new();
        if self.token.sign != b')' {
            let node = self.expression()?;
            if self.token.sign != b',' {
                self.expect(b')')?;
                return Ok(node);
            }
            self.advance();
            nodes.push(node);
        }
        self.items(b')', &mut nodes)?;
        self.operation(Operator::List, nodes)
    }

    /// Reads expressions with commas between them, and what closes them.
    fn items(&mut self, close: u8, nodes: &mut Vec<Node>) -> Step<()> {
        while !self.take_sign(close) {
            if self.token.sign == b'*' {
                return Err(self.needs_full("a list as arguments,", self.token.start, self.token.end));
            }
            nodes.push(self.expression()?);
            if self.token.sign == b'=' {
                return Err(Arguments.error("arguments have no names here: write `round(2)`"));
            }
            if self.token.sign != close {
                self.expect(b',')?;
            }
        }
        Ok(())
    }

    /// The name of a filter or test.
    fn name(&mut self) -> Step<&'a str> {
        let token = self.token;
        if token.kind != TokenKind::Name {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(token.of(self.text))
    }

    /// What comes next.
    fn word(&self) -> &'a str {
        self.token.of(self.text)
    }

    fn advance(&mut self) {
        self.token = self.lexer.next();
    }

    fn go_to(&mut self, at: usize) {
        self.lexer = Lexer::new(self.text, at);
        self.advance();
    }

    /// Goes past a word or sign if it comes next.
    fn take(&mut self, word: &str) -> bool {
        let there = self.word() == word;
        if there {
            self.advance();
        }
        there
    }

    /// The same of a sign of one character.
    fn take_sign(&mut self, sign: u8) -> bool {
        let there = self.token.sign == sign;
        if there {
            self.advance();
        }
        there
    }

    fn expect(&mut self, sign: u8) -> Step<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn operation(&mut self, operator: Operator, nodes: Vec<Node>) -> Step<Node> {
        self.count()?;
        Ok(Node::Operation(operator, nodes.into()))
    }

    /// Bounds the depth of what is read.
    fn count(&mut self) -> Step<()> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(Bound.error("this expression has more than 256 parts; let the webhook compute the value"))
    }

    fn unexpected(&self) -> ExpressionError {
        Syntax.error(match self.token.kind {
            TokenKind::End => "something is missing at its end".to_owned(),
            _ => ["`", self.word(), "` is not expected here"].concat(),
        })
    }

    /// A part of a list or text, whose bracket stands at `start`.
    fn slice(&self, start: usize) -> ExpressionError {
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

    fn needs_full(&self, construct: &str, start: usize, end: usize) -> ExpressionError {
        let written = self.text.get(start..end).unwrap_or_default();
        let advice = "` needs the larger build; write `\"expressions\": \"full\"` at the top of the document";
        NeedsFull.error([construct, " `", written, advice].concat())
    }
}

/// Checks what is known of arguments before they are evaluated.
fn check_arguments(filter: &Filter, arguments: &[Node]) -> Step<()> {
    let value = |node: &Node| if let Node::Literal(value) = node { Some(value.clone()) } else { None };
    match arguments.iter().map(value).collect::<Option<Vec<Json>>>() {
        Some(values) => filter.check(&values),
        None => filter.check_count(arguments.len()),
    }
}
