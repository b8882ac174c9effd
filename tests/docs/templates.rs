//! Templates: their examples give what is said, and the tables name the filters and tests that there are.
//!
//! A block ```` ```template ```` in `docs/*.md` holds cases, separated by empty lines. Each line is `key: text`, padded to a
//! common column, and may go on in that column of the next lines: `context` (a response; it stays for the following cases),
//! `template` or `markup`, and what comes of it:
//! `result` (text, or HTML), `value` (JSON), `missing` (the path, and `→` the near miss), `error` (part of the message that refuses
//! the template) or `fails` (part of the message of the evaluation).

use crate::{blocks, pages, quoted, set};
use cuehook::json::{self, Json};
use cuehook::session::Context;
use cuehook::template::{Markup, Snapshot, Text, Work};
use std::collections::BTreeSet;

/// The tables of filters and tests say what they give, in the context of their section's first example.
#[test]
fn filters_and_tests_give_what_their_rows_say() {
    let mut count = 0;
    for (name, page) in pages() {
        let Some((_, section)) = page.split_once("\n## Filters\n") else { continue };
        let context = section.lines().find_map(|line| line.strip_prefix("context:")).unwrap();
        let Json::Object(variables) = json::parse(context.trim().as_bytes(), 9).unwrap() else {
            panic!("{name}")
        };
        let context = Context::new((*variables).clone());
        for row in section.lines().filter(|line| line.starts_with("| `") && line.contains("`${")) {
            let text = row.replace("\\|", "\0");
            let cells: Vec<String> = text.split('|').map(|cell| cell.trim().replace('\0', "|")).collect();
            let [_, filter, _, example, result, _] = cells.as_slice() else { panic!("{name}: {row}") };
            let template =
                Text::compile(example.trim_matches('`')).unwrap_or_else(|error| panic!("{row}: {error}"));
            let rendered = template
                .render(&context, &Work::default())
                .unwrap_or_else(|error| panic!("{row}: {error}"))
                .text;
            // Without a browser these have another form; its own tests look at them.
            if !["`number(", "`currency(", "`date("].iter().any(|shown| filter.starts_with(shown)) {
                assert_eq!(format!("`{rendered}`"), *result, "{name}: {row}");
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
}

/// The names that a message lists after `there are`.
fn listed(source: &str) -> BTreeSet<String> {
    let message = Text::compile(source).unwrap_err().to_string();
    let names = message.split_once("there are ").unwrap_or_else(|| panic!("{message}")).1;
    set(names.split(", ").map(str::trim))
}

#[test]
fn all_filters_and_tests_have_a_row() {
    let page = crate::text_of("docs/templates.md");
    let section = page.split_once("\n## Filters\n").unwrap().1.split_once("\n## Conditions\n").unwrap();
    let tests = section.1.split_once("\n## Computing\n").unwrap().0;
    let names = |section: &str| -> BTreeSet<String> {
        let rows = section.lines().filter(|line| line.starts_with("| `") && line.contains("`${"));
        let cells = rows.flat_map(|row| quoted(row.split('|').nth(1).unwrap()));
        set(cells.map(|cell| cell.split('(').next().unwrap()))
    };
    assert_eq!(names(section.0), listed("${x|qqqqqqqqqqqq}"));
    assert_eq!(names(tests), listed("${x is qqqqqqqqqqqq}"));
}

struct Case {
    place: String,
    context: Context,
    markup: bool,
    source: String,
    key: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, page) in pages() {
        for (start, block) in blocks(&page, "template") {
            let mut context = Context::default();
            let mut source = None;
            for (number, line) in block.lines().enumerate() {
                if line.is_empty() {
                    continue;
                }
                let place = format!("{name}:{}", start + number);
                if let Some(more) = line.strip_prefix("          ") {
                    let last = cases.last_mut().map(|case: &mut Case| &mut case.expected);
                    let text = source.as_mut().map(|(_, source)| source).or(last).unwrap();
                    text.push('\n');
                    text.push_str(more);
                    continue;
                }
                let (key, _) = line.split_once(':').unwrap_or_else(|| panic!("{place}: no key"));
                let text = line.get(10..).unwrap_or_else(|| panic!("{place}: no text"));
                match key {
                    "context" => {
                        let value = json::check(text.as_bytes(), 64);
                        let value = value.unwrap_or_else(|error| panic!("{place}: {error}"));
                        context = Context::new(value.as_object().unwrap().clone());
                    }
                    "template" | "markup" => source = Some((key == "markup", text.to_owned())),
                    _ => {
                        let (markup, source) = source.take().unwrap_or_else(|| panic!("{place}: of what?"));
                        let (key, expected) = (key.to_owned(), text.to_owned());
                        cases.push(Case { place, context: context.clone(), markup, source, key, expected });
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn documented_templates_give_what_is_said() {
    let cases = cases();
    assert!(cases.len() > 25, "{}", cases.len());
    for case in cases {
        let found = outcome(&case).unwrap_or_else(|error| panic!("{}: {error}", case.place));
        let part = matches!(&*case.key, "error" | "fails");
        let fits = if part { found.contains(&case.expected) } else { found == case.expected };
        assert!(fits, "{}: {}\nfound:    {found}\nexpected: {}", case.place, case.source, case.expected);
    }
}

/// What comes of a case, in the form of its key.
fn outcome(case: &Case) -> Result<String, String> {
    let compiled = match case.markup {
        true => Markup::compile(&case.source).map(|markup| (Some(markup), None)),
        false => Text::compile(&case.source).map(|text| (None, Some(text))),
    };
    let (markup, text) = match (compiled, &*case.key) {
        (Err(error), "error") => return Ok(error.to_string()),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(_), "error") => return Err("it was accepted".into()),
        (Ok(compiled), _) => compiled,
    };
    let filled = match (&markup, &text) {
        (Some(markup), _) => markup
            .render(&case.context, None, &Work::default())
            .map(|rendering| (html(&rendering.shown(markup.plan())), rendering.missing)),
        (_, Some(text)) => {
            text.render(&case.context, &Work::default()).map(|rendered| (rendered.text, rendered.missing))
        }
        _ => unreachable!(),
    };
    let (result, missing) = match (filled, &*case.key) {
        (Err(error), "fails") => return Ok(error.to_string()),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(_), "fails") => return Err("it did not fail".into()),
        (Ok(filled), _) => filled,
    };
    match &*case.key {
        "value" => Ok(text.unwrap().value(&case.context, &Work::default()).unwrap().to_text()),
        "missing" => {
            let mut paths = missing.into_iter().map(|missing| match missing.near_miss {
                Some(near) => format!("{} → {near}", missing.expression),
                None => missing.expression,
            });
            paths.next().ok_or_else(|| "nothing is missing".into())
        }
        "result" if missing.is_empty() => Ok(result),
        "result" => Err(format!("missing: {missing:?}")),
        other => Err(format!("what is `{other}`?")),
    }
}

/// Nodes as HTML text.
fn html(nodes: &[Snapshot]) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::new();
    for node in nodes {
        match node {
            Snapshot::Text(text) => out.push_str(&escape(text)),
            Snapshot::Element { name, attributes, children, .. } => {
                out.push_str(&format!("<{name}"));
                for (name, value) in attributes {
                    out.push_str(&format!(" {name}=\"{}\"", escape(value)));
                }
                out.push('>');
                if !["br", "hr", "img", "wbr", "col", "source", "track"].contains(name) {
                    out.push_str(&html(children));
                    out.push_str(&format!("</{name}>"));
                }
            }
        }
    }
    out
}
