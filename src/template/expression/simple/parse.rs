//! Reads simple expressions. What minijinja would read differently is left to it.
//!
//! ```text
//! or         = and { "or" and }
//! and        = not { "and" not }
//! not        = "not" not | comparison
//! comparison = filtered [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) filtered ]
//! filtered   = operand { "|" name [ "(" [ literal { "," literal } ] ")" ] | "is" [ "not" ] name }
//! operand    = path | literal
//! literal    = "'" … "'" | '"' … '"' | number | "true" | "false" | "none"
//! ```

use crate::json::{Json, parse_number};
use crate::template::expression::filters::{Filter, Test};
use crate::template::expression::path::{Path, name_end};
use crate::template::expression::simple::{Comparison, Node};
use crate::template::expression::words::skip_blanks;
use std::cmp::Ordering;

/// Longer expressions are left to the engine, which says so.
const MAX_LENGTH: usize = 1_000;
/// More operators and operands are left to the engine: what reads and drops them is recursive.
const MAX_NODES: usize = 64;

/// `None`: this is another kind of expression. A message: this is a simple one, with a mistake.
type Step<T> = Result<T, Option<String>>;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
}

/// Reads the whole text.
pub(super) fn parse(text: &str) -> Step<Node> {
    if text.len() > MAX_LENGTH {
        return Err(None);
    }
    let mut parser = Parser { text, at: 0, nodes: 0 };
    let node = parser.or()?;
    parser.skip_blanks();
    if parser.at == text.len() { Ok(node) } else { Err(None) }
}

impl Parser<'_> {
    fn or(&mut self) -> Step<Node> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Node::Choice(false, Box::new([left, self.and()?]));
        }
        Ok(left)
    }

    fn and(&mut self) -> Step<Node> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Node::Choice(true, Box::new([left, self.not()?]));
        }
        Ok(left)
    }

    fn not(&mut self) -> Step<Node> {
        if !self.word("not") {
            return self.comparison();
        }
        self.count()?;
        Ok(Node::Not(Box::new(self.not()?)))
    }

    fn comparison(&mut self) -> Step<Node> {
        let left = self.filtered()?;
        self.skip_blanks();
        let known: [(&str, Comparison); 6] = [
            ("==", (None, true)),
            ("!=", (None, false)),
            ("<=", (Some(Ordering::Greater), false)),
            (">=", (Some(Ordering::Less), false)),
            ("<", (Some(Ordering::Less), true)),
            (">", (Some(Ordering::Greater), true)),
        ];
        for (sign, comparison) in known {
            if self.take(sign) {
                return Ok(Node::Compare(comparison, Box::new([left, self.filtered()?])));
            }
        }
        Ok(left)
    }

    fn filtered(&mut self) -> Step<Node> {
        let mut node = self.operand()?;
        loop {
            self.skip_blanks();
            if self.take("|") {
                self.skip_blanks();
                let filter = Filter::find(self.name()?)?;
                let arguments = self.arguments()?;
                let fixed: Option<Vec<Json>> = arguments
                    .iter()
                    .map(
                        |argument| {
                            if let Node::Literal(value) = argument { Some(value.clone()) } else { None }
                        },
                    )
                    .collect();
                if let Some(fixed) = fixed {
                    filter.check(&fixed)?;
                }
                node = Node::Filter(Box::new(node), filter, arguments.into());
            } else if self.word("is") {
                let negated = self.word("not");
                self.skip_blanks();
                node = Node::Test(Box::new(node), Test::find(self.name()?)?);
                if negated {
                    node = Node::Not(Box::new(node));
                }
            } else {
                return Ok(node);
            }
            self.count()?;
        }
    }

    /// The name of a filter or test.
    fn name(&mut self) -> Step<&str> {
        let end = name_end(self.text, self.at).ok_or(None)?;
        let name = self.text.get(self.at..end).ok_or(None)?;
        self.at = end;
        Ok(name)
    }

    fn arguments(&mut self) -> Step<Vec<Node>> {
        let mut arguments = Vec::new();
        self.skip_blanks();
        if !self.take("(") {
            return Ok(arguments);
        }
        loop {
            self.skip_blanks();
            if self.take(")") {
                return Ok(arguments);
            }
            arguments.push(self.operand()?);
            self.skip_blanks();
            if !self.take(",") && self.text.as_bytes().get(self.at) != Some(&b')') {
                return Err(None);
            }
        }
    }

    fn operand(&mut self) -> Step<Node> {
        self.skip_blanks();
        self.count()?;
        if let Some(literal) = self.literal()? {
            return Ok(Node::Literal(literal));
        }
        let (path, end) = Path::prefix(self.text, self.at).ok_or(None)?;
        self.at = end;
        Ok(Node::Path(path))
    }

    /// A fixed value, if one comes next.
    fn literal(&mut self) -> Step<Option<Json>> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for quote in ['"', '\''] {
            if let Some(inside) = rest.strip_prefix(quote) {
                // Escapes are left to the engine.
                let (text, _) =
                    inside.split_once(quote).filter(|(text, _)| !text.contains('\\')).ok_or(None)?;
                self.at += text.len() + 2;
                return Ok(Some(text.into()));
            }
        }
        let end = name_end(self.text, self.at).unwrap_or(self.at);
        let word = match self.text.get(self.at..end).unwrap_or_default() {
            "true" | "True" => Some(Json::Bool(true)),
            "false" | "False" => Some(Json::Bool(false)),
            "none" | "None" => Some(Json::Null),
            _ => None,
        };
        if word.is_some() {
            self.at = end;
            return Ok(word);
        }
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let whole = digits(rest.get(sign..).unwrap_or_default());
        if whole == 0 {
            return Ok(None);
        }
        let mut end = sign + whole;
        let mut fraction = 0;
        if let Some(after) = rest.get(end..).and_then(|rest| rest.strip_prefix('.')) {
            fraction = digits(after);
            end += 1 + fraction;
        }
        let number = rest.get(..end).unwrap_or_default();
        let after = self.at + end;
        // `0x10`, `1e5`, `1.` and `1.2.3`
        if number.ends_with('.')
            || name_end(self.text, after).is_some()
            || self.text.get(after..).is_some_and(|rest| rest.starts_with('.'))
        {
            return Err(None);
        }
        self.at = after;
        let number = if fraction == 0 {
            number.parse().map(Json::Integer).map_err(|_| None)?
        } else {
            parse_number(number).map(Json::Float).ok_or(None)?
        };
        Ok(Some(number))
    }

    /// Goes past a word if it comes next.
    fn word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let end = self.at + word.len();
        let there = name_end(self.text, self.at) == Some(end) && self.text.get(self.at..end) == Some(word);
        if there {
            self.at = end;
        }
        there
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(sign));
        self.at += if there { sign.len() } else { 0 };
        there
    }

    fn skip_blanks(&mut self) {
        self.at = skip_blanks(self.text, self.at);
    }

    /// Bounds the depth of what is read.
    fn count(&mut self) -> Step<()> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES { Ok(()) } else { Err(None) }
    }
}
