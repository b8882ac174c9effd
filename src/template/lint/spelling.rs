//! What is a text, but was probably meant to be computed or filled in.

use super::variables::Known;
use crate::search::find;
use crate::template::expression::path::Path;
use crate::template::syntax::parts::Part;
use crate::template::syntax::placeholder::Placeholder;

/// What stands for a value in examples.
const EXAMPLE: &str = "3";

/// A piece of what may be arithmetic.
enum Token<'a> {
    Value(&'a Placeholder),
    Number(&'a str),
    Sign(char),
}

/// `${score} + 5`: a text in which nothing is computed. What people read may be such a text (`${done} / 10`, `${bread} + ${milk}`),
/// and so may be a date or a range; so more is said of what is a value (of a variable, a parameter) than of other texts.
pub(super) fn arithmetic(parts: &[Part], is_value: bool) -> Option<(usize, String)> {
    let mut tokens = Vec::new();
    let mut is_apart = false;
    for part in parts {
        match part {
            Part::Placeholder(placeholder) => tokens.push(Token::Value(placeholder)),
            Part::Fixed(text) => {
                is_apart |= text.contains(' ');
                fixed(text, &mut tokens)?;
            }
            Part::Flow(_) | Part::Set(..) => return None,
        }
    }
    let mut has_number = false;
    let mut is_sum = true;
    for (place, token) in tokens.iter().enumerate() {
        match (token, place % 2 == 0) {
            (Token::Value(_), true) => {}
            // `01` is a part of a date.
            (Token::Number(number), true) if number.len() == 1 || !number.starts_with('0') => {
                has_number = true
            }
            (Token::Sign(sign), false) => is_sum &= matches!(sign, '+' | '*'),
            _ => return None,
        }
    }
    let is_meant = match (is_sum, is_value) {
        (true, true) => true,
        (true, false) => has_number,
        (false, true) => has_number && is_apart,
        (false, false) => false,
    };
    let values = || {
        tokens.iter().filter_map(|token| if let Token::Value(value) = token { Some(*value) } else { None })
    };
    let first = values().next()?;
    if tokens.len() < 3 || tokens.len() % 2 == 0 || !is_meant {
        return None;
    }
    let (mut shown, mut meant) = (String::new(), String::new());
    for token in &tokens {
        match token {
            Token::Value(placeholder) => {
                shown.push_str(EXAMPLE);
                meant.push_str(&operand(placeholder));
            }
            Token::Number(number) => {
                shown.push_str(number);
                meant.push_str(number);
            }
            Token::Sign(sign) => {
                for text in [&mut shown, &mut meant] {
                    text.extend([' ', *sign, ' ']);
                }
            }
        }
    }
    Some((
        first.at,
        format!("this is a text such as `{shown}`, in which nothing is computed; write `${{{meant}}}`"),
    ))
}

/// The tokens of a text that stays; nothing if it has others.
fn fixed<'a>(text: &'a str, tokens: &mut Vec<Token<'a>>) -> Option<()> {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_digit = |character: char| character.is_ascii_digit() || character == '.';
        let length = match first {
            ' ' => 1,
            '+' | '-' | '*' | '/' | '%' => {
                tokens.push(Token::Sign(first));
                1
            }
            '0'..='9' => {
                let length = rest.find(|character| !is_digit(character)).unwrap_or(rest.len());
                let number = rest.get(..length)?;
                number.parse::<f64>().ok()?;
                tokens.push(Token::Number(number));
                length
            }
            _ => return None,
        };
        rest = rest.get(length..)?;
    }
    Some(())
}

/// A placeholder's expression as a part of another one.
fn operand(placeholder: &Placeholder) -> String {
    let text = placeholder.expression().text();
    match &placeholder.default {
        Some(default) if Path::parse(text).is_some() && default.parse::<f64>().is_ok() => {
            format!("{text}|default({default})")
        }
        _ if Path::parse(text).is_some() || !text.contains(' ') => text.to_owned(),
        _ => format!("({text})"),
    }
}

/// `{score}`: a name in single braces, where the template has no placeholder at all or the name is that of a variable.
pub(super) fn braces(source: &str, known: Option<&Known>, found: &mut Vec<(usize, String)>) {
    let has_signs = ["$", "{{", "{%", "{#"].iter().any(|sign| find(source, sign).is_some());
    // Where texts are shown as somebody would type them.
    if ["<code", "<pre", "<kbd", "<samp"].iter().any(|tag| find(source, tag).is_some()) {
        return;
    }
    for (at, _) in source.match_indices('{') {
        let before = source.get(..at).and_then(|before| before.chars().next_back());
        let is_apart = before.is_none_or(|before| !before.is_alphanumeric() && !"$<{}\\".contains(before));
        let inside = source.get(at + 1..).unwrap_or_default();
        let Some((path, end)) = Path::prefix(inside, 0).filter(|_| is_apart) else { continue };
        let (Some(text), Some(after)) = (inside.get(..end), inside.get(end..)) else { continue };
        let name = path.keys.first().and_then(|key| text.get(key.clone())).unwrap_or_default();
        let is_known = known.is_some_and(|known| {
            known.names.iter().any(|known| known == name)
                || known.samples.iter().any(|sample| sample.get(name).is_some())
        });
        let is_closed = after.starts_with('}') && !after.starts_with("}}");
        if is_closed && (is_known || !has_signs) {
            found.push((at, format!("`{{{text}}}` is shown as it stands; write `${{{text}}}`")));
        }
    }
}
