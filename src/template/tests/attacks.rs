//! Strings that try to become script: as values they stay values, as sources they are harmless or refused.

use super::oracle::oracle;
use super::{Event, events, push_text, serialise};
use crate::session::Context;
use crate::template::{AttributeValue, Markup, Node, Sink};
use std::path::PathBuf;

/// Strings that try to become script: the collection beside the project where it is there, and one of each class.
fn attacks() -> Vec<String> {
    let own = [
        "<script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "\" onmouseover=alert(1) x=\"",
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "<svg onload=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=javascript&colon;alert(1)>x</a>",
        "<img src=\"jav&#x09;ascript:alert(1)\">",
        "<b style=\"x:expression(alert(1))\">",
        "</textarea><script>x</script>",
        "--><script>x</script>",
        "${7*7}",
        "{{constructor.constructor('alert(1)')()}}",
        "&#60;script&#62;",
        "%3Cscript%3E",
        "\u{0}<script>",
        "<IMG SRC=`javascript:x`>",
        "<b a=1 onclick=x>y</b>",
        "<math><mtext></mtext></math>",
        "<iframe srcdoc=x>",
        "<base href=//evil.example>",
        "<meta http-equiv=refresh>",
    ];
    let mut all: Vec<String> = own.iter().map(|&attack| attack.to_owned()).collect();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = ["../shared/data/xss", "../../shared/data/xss"]
        .iter()
        .map(|path| root.join(path))
        .find(|path| path.is_dir());
    match folder {
        None => println!("skipped: ../shared/data/xss is not there"),
        Some(folder) => {
            for entry in std::fs::read_dir(folder).unwrap() {
                let text = std::fs::read(entry.unwrap().path()).unwrap();
                let text = String::from_utf8_lossy(&text).into_owned();
                all.extend(text.lines().map(str::to_owned));
                all.extend(text.split("\n\n").map(str::to_owned));
                all.push(text);
            }
            assert!(all.len() > 1000);
        }
    }
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
        let rendering = markup.render(&context, None).unwrap();
        let events = events(&markup, &rendering);
        let mut expected = vec![Event::Start(
            "p".into(),
            vec![("data-x".to_owned(), value.clone()), ("title".to_owned(), value.clone())],
        )];
        push_text(&mut expected, &value);
        expected.push(Event::End("p".into()));
        assert_eq!(oracle(&serialise(&events)), expected, "{value}");
        for url in links.render(&context, None).unwrap().root.values.into_iter().flatten() {
            assert!(!dangerous(&url), "{value} gave {url}");
        }
    }
}

fn assert_harmless(nodes: &[Node], source: &str) {
    for node in nodes {
        let Node::Element(element) = node else { continue };
        assert!(
            !["script", "style", "iframe", "object", "embed", "svg", "math", "base", "meta"]
                .contains(&element.name)
        );
        for attribute in &element.attributes {
            let Sink::Attribute(name) = &attribute.sink else { continue };
            assert!(
                !name.starts_with("on") && !["style", "srcdoc", "id", "name"].contains(&name.as_str()),
                "{source}"
            );
            if let (AttributeValue::Fixed(value), "href" | "src" | "cite") = (&attribute.value, name.as_str())
            {
                assert!(!dangerous(value), "{source}");
            }
        }
        assert_harmless(&element.children, source);
    }
}

#[test]
fn attacks_as_sources_are_harmless() {
    let mut accepted = 0;
    for source in attacks() {
        if let Ok(markup) = Markup::compile(&source) {
            accepted += 1;
            for block in &markup.plan().blocks {
                assert_harmless(&block.nodes, &source);
            }
            let _ = markup.render(&Context::default(), None);
        }
    }
    assert!(accepted > 0);
}
