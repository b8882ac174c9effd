//! Looking for text in text. Simpler than what the standard library does, which costs 4 KB of the download.

/// So short a text is looked for place by place.
const SHORT: usize = 16;

/// Where `part` first stands in `text`; an empty one nowhere.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    match part.len() {
        0..=SHORT => text.windows(part.len().max(1)).position(|window| window == part),
        _ => find_long(text, part),
    }
}

/// Takes as long as both are together, whatever they are: place by place, `aa…ab` in `aa…a` would take as long as
/// both lengths multiplied (Knuth, Morris and Pratt).
fn find_long(text: &[u8], part: &[u8]) -> Option<usize> {
    // For each beginning of `part`, how much of its end is a beginning, too.
    let mut borders = vec![0];
    let step = |borders: &[usize], mut same: usize, byte: &u8| {
        while same > 0 && part.get(same) != Some(byte) {
            same = borders.get(same - 1).copied().unwrap_or_default();
        }
        same + usize::from(part.get(same) == Some(byte))
    };
    let mut same = 0;
    for byte in part.iter().skip(1) {
        same = step(&borders, same, byte);
        borders.push(same);
    }
    same = 0;
    text.iter().enumerate().find_map(|(place, byte)| {
        same = step(&borders, same, byte);
        (same == part.len()).then(|| place + 1 - same)
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_first() {
        for (text, part, place) in [
            ("abcabc", "bc", Some(1)),
            ("ä€b", "b", Some(5)),
            ("a", "ab", None),
            ("", "a", None),
            ("a", "", None),
        ] {
            assert_eq!(find(text, part), place, "{part} in {text}");
        }
    }

    proptest! {
        #[test]
        fn finds_what_the_standard_library_finds(text in "[ab]{0,60}", part in "[ab]{1,24}", twice in 0..3_usize) {
            let text = [text.as_str(), &part.repeat(twice), &text].concat();
            prop_assert_eq!(find(&text, &part), text.find(&part));
            prop_assert_eq!(find_long(text.as_bytes(), part.as_bytes()), text.find(&part));
        }
    }
}
