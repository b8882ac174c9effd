//! "Did you mean …?": the known word that somebody probably wanted to write.

/// Longer words get no suggestion: the work stays bounded, and nobody mistypes only a letter of so long a word.
const LONGEST: usize = 64;

/// The candidate nearest to `word`: equal but for letter case, or else at most two edits away (one for short words).
pub fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if let Some(same) = candidates.iter().find(|candidate| candidate.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    // Two edits turn `right` into `height` and one any letter into any other: short words must be nearer.
    let mut allowed = match word.chars().count() {
        0 | 1 => 0,
        2..=5 => 1,
        _ => 2,
    };
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

/// The Levenshtein distance in characters, if it is at most `allowed` and neither word is too long. Two neighbours
/// that changed places, the commonest slip of all, count as one edit.
fn distance(left: &str, right: &str, allowed: usize) -> Option<usize> {
    // At most four bytes a character, so that this refuses no word that is short enough.
    if left.len().max(right.len()) > 4 * LONGEST {
        return None;
    }
    let (rows, columns) = (left.chars().count(), right.chars().count());
    if rows.max(columns) > LONGEST || rows.abs_diff(columns) > allowed {
        return None;
    }
    if rows == columns && swapped(left, right) {
        return (allowed >= 1).then_some(1);
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

/// Whether two words of the same length differ by two neighbours that changed places.
fn swapped(left: &str, right: &str) -> bool {
    let mut pairs = left.chars().zip(right.chars()).skip_while(|(left, right)| left == right);
    match (pairs.next(), pairs.next()) {
        (Some((a, b)), Some((c, d))) => a == d && b == c && pairs.all(|(left, right)| left == right),
        _ => false,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn swapped_neighbours_are_one_edit() {
        assert_eq!(distance("titel", "title", 2), Some(1));
        assert_eq!(distance("abcd", "badc", 9), Some(3));
        assert_eq!(nearest("shwo", &["stop", "show"]), Some("show"));
    }

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
        assert_eq!(nearest("right", &["height"]), None);
        assert_eq!(nearest("colour", &["visible", "label"]), None);
        assert_eq!(nearest(&"a".repeat(65), &[&*"a".repeat(64)]), None);
        assert_eq!(nearest("", &["a"]), None);
    }
}
