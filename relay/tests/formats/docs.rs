//! The pages about formats and templates show what is made.

use crate::files::{FORMATS, ID, NOW, path, read};
use cuehook_relay::config::{EventFormat, Template, Webhook};
use cuehook_relay::delivery::format::{has_body, render, render_call};
use cuehook_relay::delivery::sample::{TYPES, sample, sample_call};
use cuehook_relay::delivery::template::template_fault;
use serde_json::Value;

/// Recipes, what they are for, and their content types.
const RECIPES: [(&str, &str, &str); 5] = [
    ("A Cinema8 receiver", "call", "application/json"),
    ("A CRM's contact API", "lead.captured", "application/json"),
    ("A message to a chat", "lead.captured", "application/json"),
    ("Dynamic Content", "edition.scheduled", "application/json"),
    ("A form", "lead.captured", "application/x-www-form-urlencoded"),
];

fn block<'a>(section: &'a str, language: &str) -> &'a str {
    section.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap()
}

#[test]
fn recipes_make_what_stands_below_them() {
    let page = read("docs/payload-templates.md");
    let sections: Vec<&str> = page.split("\n### ").skip(1).collect();
    assert_eq!(sections.len(), RECIPES.len());
    for ((title, kind, content_type), section) in RECIPES.into_iter().zip(sections) {
        assert_eq!(section.lines().next().unwrap(), title);
        let template =
            Template { body: block(section, "jinja").to_owned(), content_type: content_type.to_owned() };
        assert_eq!(template_fault(&template), None, "{title}");
        let webhook = Webhook { template: Some(template), ..Webhook::default() };
        let made = match kind {
            "call" => render_call(&webhook, &sample_call(ID, NOW)).unwrap().unwrap(),
            kind => render(&webhook, &sample(kind, ID, NOW), &crate::files::FACTS).unwrap().unwrap(),
        };
        assert_eq!(made.content_type, content_type);
        if content_type == "application/json" {
            let [made, expected] = [made.body.as_str(), block(section, "json")]
                .map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(made, expected, "{title}");
        } else {
            assert_eq!(made.body, block(section, "text").trim_end(), "{title}");
        }
    }
}

#[test]
fn the_page_about_formats_says_which_have_a_body() {
    let page = read("docs/formats.md");
    let section = page.split("\n## The relay's own formats\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut seen = 0;
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, api_video, cincopa, dynamic_content] = cells[..] else { continue };
        let kind = kind.trim_matches('`');
        // The table before it is of the formats themselves.
        if !kind.contains('.') {
            continue;
        }
        assert!(TYPES.contains(&kind) || kind == "video.uploaded", "{kind}");
        for (format, cell) in [
            (EventFormat::ApiVideo, api_video),
            (EventFormat::Cincopa, cincopa),
            (EventFormat::DynamicContent, dynamic_content),
        ] {
            assert_eq!(has_body(format, kind), cell != "–", "{kind} {format:?}");
        }
        seen += 1;
    }
    let told = |kind: &&str| {
        [EventFormat::ApiVideo, EventFormat::Cincopa, EventFormat::DynamicContent]
            .iter()
            .any(|format| has_body(*format, kind))
    };
    assert_eq!(seen, TYPES.iter().filter(|kind| told(kind)).count() + 1);
    for (_, name) in FORMATS {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn examples_of_the_relays_own_formats_are_what_is_written() {
    let page = read("docs/formats.md");
    let section =
        page.split("\n## The relay's own formats\n").nth(1).unwrap().split("\n## Schemas").next().unwrap();
    let folder = path("relay/tests/formats/golden").read_dir().unwrap();
    let golden: Vec<Value> = folder
        .map(|entry| serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    let examples: Vec<&str> =
        section.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        let value: Value = serde_json::from_str(example).unwrap();
        assert!(golden.contains(&value), "no sample becomes this: {example}");
    }
}
