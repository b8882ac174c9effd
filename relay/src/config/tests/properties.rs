//! No file crashes the reader, and none makes it repeat a secret.

use super::*;
use proptest::prelude::*;

/// Lines of a file, right ones and wrong ones.
fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(
        KEYS.iter()
            .map(|key| key.path)
            .chain(WEBHOOK_KEYS)
            .chain(HEADER_KEYS)
            .chain(API_KEY_KEYS)
            .chain(["[[webhook]]", "[[webhook.headers]]", "[[apiKey]]", "[players]", "[limits]", "x"])
            .collect::<Vec<_>>(),
    );
    let value = prop_oneof![
        "[ -~]{0,20}".prop_map(|text| format!("{text:?}")),
        Just("\"env:SECRET\"".to_owned()),
        Just("\"s3cret-inline\"".to_owned()),
        Just("[\"s3cret-inline\"]".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("[[], {}, 1.5, nan]".to_owned()),
        Just("1979-05-27".to_owned()),
        Just("99999999999999999999999".to_owned()),
    ];
    (key, value).prop_map(
        |(key, value)| if key.starts_with('[') { key.to_owned() } else { format!("{key} = {value}") },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_crashes_the_reader(text in "\\PC{0,200}") {
        let _ = Case::new(&text).load();
    }

    #[test]
    fn no_file_of_known_keys_crashes_it_or_shows_a_secret(lines in prop::collection::vec(line(), 0..30)) {
        let case = Case::new(&lines.join("\n")).with("SECRET", "s3cret-of-the-environment-which-is-long");
        match case.load() {
            Ok(loaded) => {
                let shown = format!("{loaded:?}");
                prop_assert!(!shown.contains("s3cret-of"));
            }
            Err(faults) => {
                prop_assert!(!faults.0.is_empty());
                prop_assert!(!faults.to_string().contains("s3cret"), "{}", faults);
            }
        }
    }

    #[test]
    fn origins_are_as_browsers_write_them(text in "(https?|ftp|HTTP)?:?/{0,3}[a-zA-Z0-9.*@:\\[\\]é/?#%-]{0,30}") {
        if origin_fault(&text).is_none() {
            let url = url::Url::parse(&text).unwrap();
            prop_assert_eq!(url.origin().ascii_serialization(), text);
        }
    }
}
