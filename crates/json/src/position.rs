//! Where in a text something is, for people.

/// Line and column (in characters) of byte `at` in `text`, both from 1. Counted only when there is an error to report.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let mut line = 1;
    let mut column = 1;
    for (offset, character) in text.char_indices() {
        if offset >= at {
            break;
        }
        if character == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::position;

    #[test]
    fn counts_lines_and_characters() {
        let text = "äb\ncd";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, 2), (1, 2));
        assert_eq!(position(text, 3), (1, 3));
        assert_eq!(position(text, 4), (2, 1));
        assert_eq!(position(text, 6), (2, 3));
        assert_eq!(position(text, 99), (2, 3));
    }
}
