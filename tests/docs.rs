//! The documentation says what the code does: its examples are run, and its tables are compared with the code.
//!
//! A block ```` ```template ```` in `docs/*.md` holds cases, separated by empty lines. Each line is `key: text`, padded to a
//! common column, and may go on in that column of the next lines: `context` (JSON; it stays for the following cases),
//! `template` or `markup`, and what comes of it:
//! `result` (text, or HTML), `value` (JSON), `missing` (the path, and `→` the near miss), `error` (part of the message that refuses
//! the template) or `fails` (part of the message of the evaluation).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cuehook::engine::{EventName, ResumeReason};
use cuehook::json::{self, Json, Object};
use cuehook::project::{Include, Words, check, read, schema};
use cuehook::protocol::{Cause, ErrorCode, Interaction, RequestBody, Trigger};
use cuehook::session::{Context, InteractionLog};
use cuehook::template::{Markup, Snapshot, Text, Work};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All pages, with their paths from the root of the repository.
fn pages() -> Vec<(String, String)> {
    let mut names: Vec<String> = root()
        .join("docs")
        .read_dir()
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.push("js/README.md".into());
    names.sort();
    assert!(names.len() > 5);
    names.into_iter().map(|name| (name.clone(), text_of(&name))).collect()
}

/// The fenced blocks of a page in one language, each with the number of its first line.
fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, usize, String)> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(name)) => open = Some((name.to_owned(), number + 2, String::new())),
            (Some(_), Some(_)) => {
                let (name, start, text) = open.take().unwrap();
                if name == language {
                    found.push((start, text));
                }
            }
            (Some((.., text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The cells of the table rows below a heading, up to the next heading of any level, without the first table's head.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let start = page.lines().position(|line| line == heading).unwrap_or_else(|| panic!("no `{heading}`"));
    let section = page.lines().skip(start + 1).take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The words in double quotes in a piece of the type declarations.
fn declared(start: &str, end: &str) -> BTreeSet<String> {
    let types = text_of("js/cuehook.d.ts");
    let after = types.split_once(start).unwrap_or_else(|| panic!("no `{start}`")).1;
    let code = after.split_once(end).unwrap().0.lines().filter(|line| !line.trim().starts_with("/**"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

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
    assert_eq!(count, 30, "all filters and tests have a row");
}

#[test]
fn documented_projects_are_sound_and_fit_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let mut count = 0;
    for (name, page) in pages() {
        for (line, text) in blocks(&page, "json") {
            let document: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}:{line}: {error}"));
            if document.get("cuehook") != Some(&Value::from(1)) {
                continue;
            }
            count += 1;
            assert_eq!(check(&text), [], "{name}:{line}");
            assert!(read(&json::parse(text.as_bytes(), 64).unwrap()).is_ok(), "{name}:{line}");
            assert!(validator.is_valid(&document), "{name}:{line}");
        }
    }
    assert!(count >= 2, "{count}");
}

#[test]
fn the_complete_example_is_the_tested_file() {
    let example = blocks(&text_of("docs/project.md"), "json").remove(0).1;
    assert_eq!(example, text_of("tests/projects/valid/documented.json"));
}

#[test]
fn words_have_the_documented_defaults() {
    let words = Words::default();
    let expected = [
        ("waiting", &words.waiting),
        ("done", &words.done),
        ("cancel", &words.cancel),
        ("network", &words.network),
        ("timeout", &words.timeout),
        ("failed", &words.failed),
        ("retry", &words.retry),
        ("dismiss", &words.dismiss),
        ("blocked", &words.blocked),
        ("resume", &words.resume),
    ];
    let expected: Vec<Vec<String>> =
        expected.iter().map(|(name, text)| vec![format!("`{name}`"), (*text).clone()]).collect();
    assert_eq!(rows(&text_of("docs/project.md"), "## Words"), expected);
}

/// Every field of the schema has a row or at least a mention in the page for authors.
#[test]
fn every_field_of_the_schema_is_documented() {
    fn names(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(entries) => {
                if let Some(Value::Object(properties)) = entries.get("properties") {
                    found.extend(properties.keys().cloned());
                }
                entries.values().for_each(|value| names(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }
    let page = text_of("docs/project.md");
    let mut found = BTreeSet::new();
    names(&schema(), &mut found);
    assert!(found.len() > 30, "{found:?}");
    let missing: Vec<&String> = found
        .iter()
        .filter(|name| !page.contains(&format!("`{name}`")) && !page.contains(&format!("\"{name}\"")))
        .collect();
    assert!(missing.is_empty(), "docs/project.md does not name {missing:?}");
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
                        let value = json::parse(text.as_bytes(), 64);
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

/// All elements of HTML, obsolete ones too, and the roots of foreign content.
const HTML: &str = "a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br \
    button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed \
    fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img \
    input ins kbd label legend li link listing main map mark marquee math menu meta meter nav nobr noscript object ol \
    optgroup option output p param picture plaintext portal pre progress q rp rt ruby s samp script search section select \
    slot small source span strike strong style sub summary sup table tbody td template textarea tfoot th thead time \
    tr track tt u ul var video wbr xmp";

/// Elements of SVG, as far as people would try them.
const SVG: &str = "animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend filter foreignObject g \
    image line linearGradient marker mask metadata mpath path pattern polygon polyline radialGradient rect set stop svg \
    switch symbol text textPath title tspan use view";

fn refusal(source: &str) -> String {
    Markup::compile(source).err().map(|error| error.message).unwrap_or_default()
}

#[test]
fn documented_elements_and_attributes_are_those_that_are_allowed() {
    let page = text_of("docs/markup.md");
    let allowed = |name: &&str| {
        let message = refusal(&format!("<{name}>"));
        !message.contains("is not allowed") && !message.contains("is not an element")
    };
    let html: BTreeSet<&str> = HTML.split_whitespace().filter(allowed).collect();
    let drawings: BTreeSet<&str> = SVG.split_whitespace().filter(allowed).collect();
    let table = rows(&page, "## Elements");
    let documented: BTreeSet<&str> = table.iter().flat_map(|row| quoted(&row[1])).collect();
    assert_eq!(documented, html.union(&drawings).copied().collect());

    let mut names = BTreeSet::new();
    let mut documented = BTreeSet::new();
    for row in rows(&page, "## Attributes") {
        let elements = row[1].split(';').next().unwrap();
        let elements: Vec<&str> = match elements {
            "all elements but those of drawings" => html.iter().copied().collect(),
            "all elements of drawings" => drawings.iter().copied().collect(),
            names => quoted(names),
        };
        for attribute in quoted(&row[0]) {
            let attribute = attribute.replace('*', "x");
            documented.extend(elements.iter().map(|element| format!("{element} {attribute}")));
            names.insert(attribute);
        }
    }
    // What people would try besides.
    names.extend(
        [
            "align",
            "autoplay",
            "background",
            "border",
            "crossorigin",
            "download",
            "for",
            "filter",
            "id",
            "ping",
        ]
        .map(str::to_owned),
    );
    let mut expected = BTreeSet::new();
    for element in html.union(&drawings) {
        for name in &names {
            let message = refusal(&format!("<{element} {name}=\"nofollow\">"));
            if !message.contains("has no attribute") && !message.contains("the attribute `") {
                expected.insert(format!("{element} {name}"));
            }
        }
    }
    let difference: Vec<_> = documented.symmetric_difference(&expected).collect();
    assert!(difference.is_empty(), "documented, or allowed, and not the other: {difference:?}");

    for row in rows(&page, "## What is refused") {
        for name in quoted(&row[0]) {
            let source = match name.strip_prefix('<') {
                Some(_) => name.to_owned(),
                None if name.starts_with("on") => "<p onclick=\"x\">".to_owned(),
                None => format!("<p {}>", name.split('=').next().unwrap()),
            };
            assert!(refusal(&source).contains("is not allowed"), "{name}: {}", refusal(&source));
        }
    }
    for name in quoted(page.split_once("## Characters").unwrap().1) {
        let source = if name.starts_with('&') { name.to_owned() } else { format!("&{name};") };
        assert_eq!(refusal(&source), "", "{name}");
    }
}

/// The keys of a value and the kinds of what they hold, in order; of lists the first item counts.
fn shape(value: &Json, path: &str, out: &mut Vec<String>) {
    match value {
        Json::Object(object) if !matches!(path, ".params" | ".context") => {
            for (name, value) in object.iter() {
                shape(value, &format!("{path}.{name}"), out);
            }
        }
        Json::Array(list) => shape(&list[0], &format!("{path}[]"), out),
        Json::Integer(_) | Json::Float(_) => out.push(format!("{path} number")),
        other => out.push(format!("{path} {}", other.kind())),
    }
}

#[test]
fn the_documented_body_has_exactly_the_keys_that_are_sent() {
    let page = text_of("docs/webhooks.md");
    let example = blocks(&page, "json").remove(0).1;
    let project = read(&json::parse(text_of("tests/projects/valid/documented.json").as_bytes(), 64).unwrap());
    let project = project.unwrap();
    let mut log = InteractionLog::default();
    log.record(&Interaction {
        id: "0192",
        kind: "click",
        element: Some("get-code"),
        label: "Get my discount code",
        media_time: 2.729,
        at: "2026-11-21T07:42:12.725Z",
        value: None,
    });
    let params = Object::new();
    let body = RequestBody {
        id: "0192",
        timestamp: "2026-11-21T07:42:14.821Z",
        webhook: &project.webhooks[0].id,
        webhook_name: project.webhooks[0].name.as_deref(),
        video: &project.video.id,
        video_title: project.video.title.as_deref(),
        current_time: 4.8039,
        duration: Some(32.0),
        session: "0192",
        started_at: "2026-11-21T07:42:09.952Z",
        page: "http://localhost:8080/spring-shop.html",
        element: Some("get-code"),
        cause: Cause::Trigger(Trigger::Click),
        params: &params,
        context: &params,
        interactions: &log.text(&Include::All),
        truncated: log.is_truncated(),
    };
    let sent = body.to_text();
    let shape_of = |text: &str| {
        let mut out = Vec::new();
        shape(&json::parse(text.as_bytes(), 64).unwrap(), "", &mut out);
        out
    };
    let sent = shape_of(&sent);
    assert_eq!(shape_of(&example), sent);

    // Each field has its row in the first table, in the same order.
    let fields = rows(&page, "## The request");
    let fields = fields.iter().take_while(|row| row[0] != "header");
    let documented: Vec<String> = fields
        .flat_map(|row| quoted(&row[0]).into_iter().map(|name| format!(".{name}")).collect::<Vec<_>>())
        .collect();
    let expected: Vec<String> = sent
        .iter()
        .map(|line| line.split_once(' ').map_or(line.as_str(), |(path, _)| path).to_owned())
        .collect();
    let paths = |list: Vec<String>| -> BTreeSet<String> {
        list.into_iter().filter(|path| path != ".interactions").collect()
    };
    assert_eq!(paths(documented), paths(expected));
}

#[test]
fn codes_events_and_reasons_are_those_of_the_types() {
    let first = |file: &str, heading: &str| -> BTreeSet<String> {
        let rows = rows(&text_of(file), heading);
        rows.iter().flat_map(|row| quoted(&row[0])).map(str::to_owned).collect()
    };
    assert_eq!(first("docs/errors.md", "# Errors"), declared("type ErrorCode =", ";\n"));
    assert_eq!(
        first("docs/embedding.md", "### Reasons of `cuehook:resume`"),
        declared("type ResumeReason =", ";\n")
    );
    let events = declared("interface CuehookEventMap {", "\n}");
    assert_eq!(first("docs/embedding.md", "## Events"), events);
    assert_eq!(first("js/README.md", "## Events"), events);
    let words =
        |words: &[&str]| -> BTreeSet<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    assert_eq!(events, words(&EventName::ALL.map(EventName::as_str)));
    assert_eq!(declared("type ErrorCode =", ";\n"), words(&ErrorCode::ALL.map(ErrorCode::as_str)));
    assert_eq!(declared("type ResumeReason =", ";\n"), words(&ResumeReason::ALL.map(ResumeReason::as_str)));

    // The last column says what `preventDefault()` prevents.
    for file in ["docs/embedding.md", "js/README.md"] {
        for row in rows(&text_of(file), "## Events") {
            for name in EventName::ALL.into_iter().filter(|name| quoted(&row[0]).contains(&name.as_str())) {
                assert_eq!(
                    row.get(2).is_some_and(|cell| !cell.is_empty()),
                    name.is_cancelable(),
                    "{file}: {row:?}"
                );
            }
        }
    }
    let types = text_of("js/cuehook.d.ts");
    let map = types.split_once("interface CuehookEventMap {").unwrap().1;
    for name in EventName::ALL {
        let before = map.split_once(&format!("\"{}\"", name.as_str())).unwrap().0;
        let comment = before.lines().rev().nth(1).unwrap_or_default().contains("Cancelable");
        assert_eq!(comment, name.is_cancelable(), "js/cuehook.d.ts: {}", name.as_str());
    }
}

/// As GitHub makes the anchor of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for (name, page) in pages() {
        let directory = root().join(&name).parent().unwrap().to_owned();
        for part in page.split("](").skip(1) {
            let target = part.split(')').next().unwrap();
            if target.contains("://") {
                continue;
            }
            count += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let path: PathBuf = if file.is_empty() { root().join(&name) } else { directory.join(file) };
            let text = std::fs::read_to_string(&path);
            let text = text.unwrap_or_else(|_| panic!("{name}: `{target}` leads nowhere"));
            let known = text.lines().any(|line| line.starts_with('#') && anchor(line) == fragment);
            assert!(fragment.is_empty() || known, "{name}: there is no heading for `{target}`");
        }
    }
    assert!(count > 20, "{count}");
}
