//! Texts: PostgreSQL's have no U+0000, ours may. It is written as an escape.

use super::fault::{Fault, read};
use std::borrow::Cow;
use tokio_postgres::Row;

/// Begins an escape. No character, so that there is none of it in texts as a rule.
const ESCAPE: char = '\u{10ffff}';

/// A text as it is stored.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => plain.extend([ESCAPE, '0']),
            ESCAPE => plain.extend([ESCAPE, '1']),
            _ => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

/// A text as it was before it was stored.
pub(super) fn restored(plain: &str) -> String {
    if !plain.contains(ESCAPE) {
        return plain.to_owned();
    }
    let mut characters = plain.chars();
    let mut text = String::with_capacity(plain.len());
    while let Some(character) = characters.next() {
        text.push(match character {
            ESCAPE if characters.next() == Some('0') => '\0',
            other => other,
        });
    }
    text
}

/// Reads a column of texts.
///
/// # Errors
/// If it is not what the schema says.
pub(super) fn text(row: &Row, column: &str) -> Result<String, Fault> {
    Ok(restored(read(row, column)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[\0a01\u{10ffff}\u{10fffe}]{0,12}|.*") {
            let stored = plain(&text);
            prop_assert!(!stored.contains('\0'));
            prop_assert_eq!(restored(&stored), text);
        }

        #[test]
        fn different_texts_stay_different(one in "[\0a01\u{10ffff}]{0,4}", other in "[\0a01\u{10ffff}]{0,4}") {
            prop_assert_eq!(one == other, plain(&one) == plain(&other));
        }
    }
}
