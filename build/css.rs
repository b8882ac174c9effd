//! A stylesheet without what only its readers need: comments, line breaks and indentation.

/// Beside these no blank means anything. (Before a colon it may: there begins another selector.)
const SEPARATORS: [char; 4] = ['{', '}', ';', ','];

/// The same sheet, shorter. Texts in quotes stay as they are, and so does a blank between the parts of a selector or a value.
pub fn compact(css: &str) -> String {
    let mut compact = String::with_capacity(css.len());
    let mut rest = css;
    let mut before = ';';
    let mut is_apart = false;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            // It separates words as a blank does.
            is_apart = true;
            continue;
        }
        let length = match first {
            '"' | '\'' => quoted(rest, first),
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        rest = after;
        if first.is_ascii_whitespace() {
            is_apart = true;
            continue;
        }
        if is_apart && before != ':' && !SEPARATORS.contains(&before) && !SEPARATORS.contains(&first) {
            compact.push(' ');
        }
        if first == '}' && before == ';' {
            compact.pop();
        }
        compact.push_str(word);
        before = first;
        is_apart = false;
    }
    compact
}

/// How long a text in quotes is, both of them included.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return at + 1;
        }
        if character == '\\' {
            characters.next();
        }
    }
    text.len()
}
