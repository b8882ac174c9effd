//! "Did you mean …?": the known word that somebody probably wanted to write.

/// Longer words get no suggestion: the work stays bounded, and nobody mistypes only a letter of so long a word.
const LONGEST: usize = 64;

/// The candidate nearest to `word`: equal but for letter case, or else at most two edits away.
pub(super) fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if let Some(same) = candidates.iter().find(|candidate| candidate.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    // Two edits turn any two-letter word into any other: short words must be nearer.
    let mut allowed = 2.min(word.chars().count() / 2);
    let mut best = None;
    for candidate in candidates {
        if let Some(distance) = distance(word, candidate, allowed) {
            best = Some(*candidate);
            if distance <= 1 {
                break;
            }
            // Only something nearer is better.
            allowed = distance - 1;
        }
    }
    best
}

/// The Levenshtein distance in characters, if it is at most `allowed` and neither word is too long.
fn distance(left: &str, right: &str, allowed: usize) -> Option<usize> {
    // At most four bytes a character, so that this refuses no word that is short enough.
    if left.len().max(right.len()) > 4 * LONGEST {
        return None;
    }
    let (rows, columns) = (left.chars().count(), right.chars().count());
    if rows.max(columns) > LONGEST || rows.abs_diff(columns) > allowed {
        return None;
    }
    let mut row: Vec<usize> = (1..=columns).collect();
    for (index, from) in left.chars().enumerate() {
        // The distances to the left of and diagonally above the cell that is being computed.
        let (mut before, mut diagonal) = (index + 1, index);
        for (cell, to) in row.iter_mut().zip(right.chars()) {
            let replaced = diagonal + usize::from(from != to);
            diagonal = *cell;
            before = replaced.min(before + 1).min(*cell + 1);
            *cell = before;
        }
    }
    let distance = row.last().copied().unwrap_or(rows);
    (distance <= allowed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (left, right, expected) in [
            ("kitten", "sitting", 3),
            ("", "ab", 2),
            ("ab", "", 2),
            ("same", "same", 0),
            ("häuser", "hauser", 1),
        ] {
            assert_eq!(distance(left, right, 9), Some(expected), "{left} {right}");
            assert_eq!(distance(left, right, expected.saturating_sub(1)).is_some(), expected == 0);
        }
    }

    #[test]
    fn letter_case_alone_is_the_nearest() {
        assert_eq!(nearest("onclick", &["onClack", "onClick"]), Some("onClick"));
        assert_eq!(nearest("PLAY", &["pause", "play"]), Some("play"));
    }

    #[test]
    fn the_nearest_of_several_wins() {
        assert_eq!(nearest("discout", &["discord", "discount"]), Some("discount"));
    }

    #[test]
    fn short_or_far_words_suggest_nothing() {
        assert_eq!(nearest("x", &["to"]), None);
        assert_eq!(nearest("id", &["do"]), None);
        assert_eq!(nearest("colour", &["visible", "label"]), None);
        assert_eq!(nearest(&"a".repeat(65), &[&*"a".repeat(64)]), None);
        assert_eq!(nearest("", &["a"]), None);
    }
}
