//! Strings that try to become script: as values they stay values, as sources they are harmless or refused.

use crate::session::Context;
use crate::template::Work;
use crate::template::check::Check;
use crate::template::markup::attribute::checked;
use crate::template::tests::oracle::oracle;
use crate::template::tests::{Event, events, push_text, serialise};
use crate::template::{AttributeValue, Markup, Node, Sink};

#[path = "../../../tests/data/attacks.rs"]
mod data;

/// The table, the collections beside the project, and their files as a whole.
fn attacks() -> Vec<String> {
    let mut all = data::all();
    all.extend(data::files());
    assert!(all.len() > 50);
    all
}

/// Whether a browser could run something from this URL; told without the code under test.
fn dangerous(url: &str) -> bool {
    let plain: String = url.chars().filter(|character| *character > ' ').collect::<String>().to_lowercase();
    ["javascript:", "vbscript:", "data:text", "data:image/svg", "data:,"]
        .iter()
        .any(|scheme| plain.starts_with(scheme))
}

#[test]
fn values_stay_values() {
    let markup = Markup::compile("<p title=\"${v}\" data-x='${v}'>${v}</p>").unwrap();
    let links = Markup::compile("<a href=\"${v}\">x</a><img src=\"${v}\"><q cite='${v}'>x</q>").unwrap();
    for value in attacks() {
        let value = value.replace('\u{0}', "\u{fffd}");
        let mut context = Context::default();
        context.set("v", value.as_str().into());
        let rendering = markup.render(&context, None, &Work::endless()).unwrap();
        let events = events(&markup, &rendering);
        let mut expected = vec![Event::Start(
            "p".into(),
            vec![("data-x".to_owned(), value.clone()), ("title".to_owned(), value.clone())],
        )];
        push_text(&mut expected, &value);
        expected.push(Event::End("p".into()));
        assert_eq!(oracle(&serialise(&events)), expected, "{value}");
        for url in links.render(&context, None, &Work::endless()).unwrap().root.values.into_iter().flatten() {
            assert!(!dangerous(&url), "{value} gave {url}");
        }
    }
}

#[test]
fn values_get_past_no_check() {
    let is_word = |text: &str, words: &[&str]| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let mut passed = [0; 9];
    for value in attacks() {
        let given = |before: &str, after: &str, check: Check| {
            let text = format!("{before}{value}{after}");
            let place = before.len()..before.len() + value.len();
            let (text, warning) = checked(check, "place", text, &[place]);
            assert!(warning.is_none() || text.is_none() || check == Check::Link, "{value}");
            text
        };
        let results = [
            given("", "", Check::Link),
            given("", "", Check::Image),
            given("", "", Check::Media),
            given("", " 2x, a.png", Check::ImageSet),
            given("", "", Check::Style),
            given("calc(1px + ", ") blue", Check::Style),
            given("no-repeat url(\"", "\")", Check::Style),
            given("", "", Check::Paint),
            given("", "", Check::Truth),
        ];
        let [link, image, media, set, style, calc, background, paint, truth] = &results;
        for url in [link, image, media].into_iter().flatten() {
            assert!(!dangerous(url), "{value}");
        }
        assert!(!media.as_deref().unwrap_or_default().trim().to_lowercase().starts_with("data:"), "{value}");
        // A URL is what follows a comma before a blank; a comma within it belongs to it.
        let mut first = true;
        for word in set.as_deref().unwrap_or_default().split_ascii_whitespace() {
            assert!(!first || !dangerous(word.trim_start_matches(',')), "{value}");
            first = word.ends_with(',');
        }
        let loading = [
            "url(",
            "image(",
            "set(",
            "src(",
            "fade(",
            "expression(",
            "@",
            "\"",
            "'",
            "\\",
            ";",
            "{",
            "<",
            "/*",
            "!",
        ];
        for text in [style, calc, paint].into_iter().flatten() {
            assert!(!is_word(text, &loading), "{value}");
        }
        if let Some(text) = background {
            let url = text.strip_prefix("no-repeat url(\"").unwrap().strip_suffix("\")").unwrap();
            assert!(!dangerous(url) && !url.contains(['"', '\\', '\n', '<']), "{value}");
        }
        assert!(truth.as_deref().is_none_or(str::is_empty), "{value}");
        for (count, result) in passed.iter_mut().zip(results) {
            *count += usize::from(result.is_some());
        }
    }
    assert!(
        passed.iter().all(|&count| count > 0),
        "otherwise a check that refuses everything would do: {passed:?}"
    );
}

/// Every element that a plan may have; told without the code under test.
const HARMLESS: &str = "a abbr address article aside audio b bdi bdo blockquote br button caption cite code col colgroup \
    data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li \
    mark menu meter nav ol p picture pre progress q rp rt ruby s samp search section small source span strong sub \
    summary sup table tbody td tfoot th thead time tr track u ul var video wbr svg g path circle ellipse rect line \
    polyline polygon text tspan title desc";

fn assert_harmless(nodes: &[Node], source: &str) {
    for node in nodes {
        let Node::Element(element) = node else { continue };
        assert!(HARMLESS.split_whitespace().any(|name| name == element.name), "{source}");
        for attribute in &element.attributes {
            let fixed = match &attribute.value {
                AttributeValue::Fixed(text) => text.as_str(),
                AttributeValue::Slot(_) => "",
            };
            match &attribute.sink {
                Sink::Attribute(name) => {
                    let refused =
                        ["style", "srcdoc", "id", "name", "formaction", "autoplay", "tabindex", "xmlns"];
                    assert!(!name.starts_with("on") && !refused.contains(&name.as_str()), "{source}");
                    assert!(
                        !name.contains(':') || name.starts_with("data-") || name.starts_with("aria-"),
                        "{source}"
                    );
                    if ["href", "src", "cite", "poster", "srcset"].contains(&name.as_str()) {
                        assert!(!dangerous(fixed), "{source}");
                    }
                }
                Sink::Style { property, .. } => {
                    let plain = fixed.to_lowercase();
                    let refused = ["expression", "javascript:", "\\", "import", "data:text", "svg+xml"];
                    assert!(!refused.iter().any(|word| plain.contains(word)), "{source}");
                    assert!(!["behavior", "-moz-binding"].contains(&property.as_str()), "{source}");
                }
            }
        }
        assert_harmless(&element.children, source);
    }
}

#[test]
fn attacks_as_sources_are_harmless() {
    let (mut accepted, mut refused) = (0, 0);
    for source in attacks() {
        match Markup::compile(&source) {
            Ok(markup) => {
                accepted += 1;
                for block in &markup.plan().blocks {
                    assert_harmless(&block.nodes, &source);
                }
                let _ = markup.render(&Context::default(), None, &Work::default());
            }
            Err(error) => {
                refused += 1;
                assert!(error.line > 0 && error.column > 0 && !error.message.is_empty(), "{source}");
            }
        }
    }
    assert!(accepted > 0 && refused > accepted, "{accepted} {refused}");
}
