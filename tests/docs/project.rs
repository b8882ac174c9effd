//! The project document: `docs/project.md`, `docs/elements.md`, `docs/actions.md` and the type declarations have the fields, words, defaults and bounds of the code.

use crate::{declared, quoted, rows, set, tables, text_of};
use cuehook::json;
use cuehook::project::{
    ActionName, KindName, ViewerOption, WhileRunning, Word, Words, read, schema, trigger_field,
};
use cuehook::protocol::Trigger;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn words_have_the_documented_defaults() {
    let words = Words::default();
    let expected: Vec<Vec<String>> = Word::ALL
        .into_iter()
        .map(|word| vec![format!("`{}`", word.as_str()), words.get(word).to_owned()])
        .collect();
    assert_eq!(rows(&text_of("docs/project.md"), "## Words"), expected);
}

/// The properties of an object that the schema describes, those of all its variants together.
fn properties(pointer: &str) -> BTreeMap<String, Value> {
    fn collect(root: &Value, schema: &Value, found: &mut BTreeMap<String, Value>) {
        for (name, property) in schema.get("properties").and_then(Value::as_object).unwrap_or(&Map::new()) {
            let property = resolved(root, property);
            // Variants may have different words for it.
            let all = match found.remove(name) {
                Some(before) if before != property => json!({ "oneOf": [before, property] }),
                _ => property,
            };
            found.insert(name.clone(), all);
        }
        for branches in ["oneOf", "anyOf", "allOf"] {
            for branch in schema.get(branches).and_then(Value::as_array).into_iter().flatten() {
                // What a reference leads to has fields besides those that stand beside it.
                let target = branch.get("$ref").and_then(Value::as_str);
                if let Some(target) = target.and_then(|target| root.pointer(target.trim_start_matches('#'))) {
                    collect(root, target, found);
                }
                collect(root, branch, found);
            }
        }
    }
    let root = schema();
    let mut found = BTreeMap::new();
    collect(&root, &resolved(&root, root.pointer(pointer).unwrap()), &mut found);
    found
}

/// A schema in place of a reference to it, with what stands beside the reference.
fn resolved(root: &Value, schema: &Value) -> Value {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return schema.clone() };
    let mut target = root.pointer(reference.trim_start_matches('#')).unwrap().clone();
    for (key, value) in schema.as_object().unwrap() {
        match (target.get_mut(key), value) {
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more.clone()),
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.iter().cloned()),
            _ => target[key] = value.clone(),
        }
    }
    target
}

/// The words that a property may have.
fn words(schema: &Value) -> BTreeSet<String> {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    let mut found = set(list("enum").chain(schema.get("const")).filter_map(Value::as_str));
    // Of a list those that may stand in it.
    for branch in list("anyOf").chain(list("oneOf")).chain(schema.get("items")) {
        found.extend(words(&resolved(&self::schema(), branch)));
    }
    // Of a list the words that may be in it.
    found.extend(
        schema.get("items").map(|items| words(&resolved(&self::schema(), items))).unwrap_or_default(),
    );
    found
}

/// The bounds of a property, and of the lists in it: as people say them.
fn bounds(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in schema.as_object().into_iter().flatten() {
        match &**key {
            "minimum" | "maximum" | "exclusiveMinimum" | "maxItems" | "maxProperties" => {
                found.insert(value.to_string().trim_end_matches(".0").to_owned());
            }
            "items" | "additionalProperties" => found.extend(bounds(value)),
            "anyOf" => found.extend(value.as_array().unwrap().iter().flat_map(bounds)),
            _ => {}
        }
    }
    found
}

/// The numbers in a text, outside of backquotes.
fn numbers(text: &str) -> BTreeSet<String> {
    let plain: String = text.split('`').step_by(2).collect();
    let numbers = plain.split(|sign: char| !sign.is_ascii_digit() && sign != '.');
    set(numbers.filter(|number| number.starts_with(|sign: char| sign.is_ascii_digit())))
}

/// The tables of fields: where they stand, what they describe, and where such an object is in [`whole`].
const FIELDS: [(&str, &str, &str, &str); 11] = [
    ("docs/project.md", "### The document", "", ""),
    ("docs/project.md", "### The video", "/$defs/Video", "/video"),
    ("docs/project.md", "### Webhooks", "/$defs/Webhook", "/webhooks/0"),
    ("docs/elements.md", "## Every element", "/$defs/Element", "/elements/1"),
    ("docs/elements.md", "## Areas", "/$defs/Element/oneOf/0", "/elements/0"),
    ("docs/elements.md", "## HTML", "/$defs/Element/oneOf/1", "/elements/1"),
    ("docs/elements.md", "## Forms", "/$defs/Element/oneOf/2", "/elements/2"),
    ("docs/elements.md", "### Fields", "/$defs/Field", "/elements/2/fields/0"),
    ("docs/elements.md", "## Questions", "/$defs/Element/oneOf/3", "/elements/3"),
    ("docs/elements.md", "### Choices", "/$defs/Choice", "/elements/3/choices/0"),
    ("docs/elements.md", "## Conditions", "/$defs/Element/oneOf/4", "/elements/4"),
];

/// An element of each kind, with no more than it needs.
fn whole() -> Value {
    let of = |kind: &str, more: Value| {
        let mut element = json!({ "id": kind, "kind": kind });
        if kind != "condition" {
            element["box"] = json!({ "left": 0, "top": 0, "width": 1, "height": 1 });
        }
        element.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        element
    };
    json!({
        "cuehook": 1,
        "video": { "id": "v" },
        "webhooks": [{ "id": "w", "url": "w" }],
        "elements": [
            of("area", json!({ "label": "x" })),
            of("html", json!({ "source": "x" })),
            of("form", json!({ "fields": [{ "name": "x", "label": "x" }] })),
            of("question", json!({ "text": "x", "choices": [{ "id": "x", "label": "x" }] })),
            of("condition", json!({ "when": "x" })),
        ]
    })
}

/// What a table of fields describes: of elements that which all kinds share, or that which a kind has for itself.
fn described(pointer: &str) -> BTreeMap<String, Value> {
    let mut fields = properties(pointer);
    if pointer == "/$defs/Element" {
        let shared = schema().pointer("/$defs/Element/properties").unwrap().clone();
        fields.retain(|name, _| name == "kind" || shared.get(name).is_some());
    } else if pointer.contains("/oneOf/") {
        fields.remove("kind");
    }
    fields
}

#[test]
fn every_kind_has_its_table() {
    let kinds = rows(&text_of("docs/elements.md"), "# Elements");
    let kinds: Vec<String> = kinds.iter().map(|row| quoted(&row[0])[0].to_owned()).collect();
    assert_eq!(kinds, KindName::WORDS);
    let root = schema();
    for (number, kind) in KindName::WORDS.iter().enumerate() {
        let of = |pointer: &str| root.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(
            of(&format!("/$defs/Element/oneOf/{number}/properties/kind/const")).as_deref(),
            Some(*kind)
        );
        assert_eq!(whole()["elements"][number]["kind"], **kind);
    }
    let tables = FIELDS.iter().filter(|(_, _, pointer, _)| pointer.contains("/oneOf/")).count();
    assert_eq!(tables, KindName::WORDS.len());
}

#[test]
fn fields_have_the_words_and_bounds_of_the_schema() {
    for (file, heading, pointer, _) in FIELDS {
        let schema = described(pointer);
        let mut documented = BTreeSet::new();
        for row in rows(&text_of(file), heading) {
            for name in quoted(&row[0]) {
                let property = schema.get(name).unwrap_or_else(|| panic!("{heading}: there is no `{name}`"));
                documented.insert(name.to_owned());
                let allowed = words(property);
                let named =
                    set(quoted(&row[1]).iter().filter_map(|word| word.strip_prefix('"')?.strip_suffix('"')));
                // Of an object with fields of its own the names of these.
                if !row[1].starts_with("list of {") && !row[1].starts_with("list of `{") {
                    assert_eq!(named, allowed, "{heading}: words of `{name}`");
                }
                // Times have their form above; what has fields of its own has them in the last column.
                if !matches!(name, "from" | "to" | "cuehook") {
                    assert_eq!(numbers(&row[1]), bounds(property), "{heading}: bounds of `{name}`");
                }
                let required = row[2] == "required";
                let root = self::schema();
                let object = resolved(&root, root.pointer(pointer).unwrap());
                let list = object.get("required").and_then(Value::as_array);
                let always = list.is_some_and(|list| list.contains(&name.into()));
                assert!(required || !always, "{heading}: `{name}` is required");
            }
        }
        assert_eq!(documented, schema.into_keys().collect(), "{heading}");
    }
}

/// A document without a field means what it means with the documented default.
#[test]
fn fields_have_the_documented_defaults() {
    let meaning = |document: &Value| {
        let project = read(&json::parse(document.to_string().as_bytes(), 64).unwrap());
        format!("{:?}", project.unwrap())
    };
    let mut count = 0;
    for (file, heading, pointer, object) in FIELDS {
        let document = if object.is_empty() { json!({ "cuehook": 1 }) } else { whole() };
        for row in rows(&text_of(file), heading) {
            for name in quoted(&row[0]) {
                let default = match &*row[2] {
                    "none" if row[1].starts_with("list") => json!([]),
                    "none" if row[1].starts_with("object") => json!({}),
                    cell => match quoted(cell).as_slice() {
                        [default] => serde_json::from_str(default).unwrap(),
                        _ => continue,
                    },
                };
                count += 1;
                let mut explicit = document.clone();
                explicit.pointer_mut(object).unwrap()[name] = default.clone();
                assert!(
                    meaning(&explicit) == meaning(&document),
                    "{heading}: `{name}` is not {default} without a word"
                );
                if let Some(said) = described(pointer)[name].get("default") {
                    assert_eq!(*said, default, "{heading}: `{name}`");
                }
            }
        }
    }
    assert!(count > 35, "{count}");
}

#[test]
fn actions_have_the_documented_fields() {
    let page = text_of("docs/actions.md");
    let rows = rows(&page, "# Actions");
    let names: BTreeSet<String> = rows.iter().flat_map(|row| set(quoted(&row[0]))).collect();
    assert_eq!(names, set(ActionName::ALL.map(ActionName::as_str)));
    let root = schema();
    for variant in root.pointer("/$defs/Action/oneOf").and_then(Value::as_array).unwrap() {
        let fields = variant["properties"].as_object().unwrap();
        let name = fields["do"]["const"].as_str().unwrap();
        let row = rows.iter().find(|row| quoted(&row[0]).contains(&name)).unwrap();
        // What a field may be stands in parentheses behind it.
        let mut outside = String::new();
        let mut depth = 0;
        for sign in row[1].chars() {
            depth += i32::from(sign == '(') - i32::from(sign == ')');
            outside.extend(Some(sign).filter(|_| depth == 0));
        }
        assert_eq!(set(quoted(&outside)), set(fields.keys().filter(|field| *field != "do")), "{name}");
        let limits: BTreeSet<String> = fields
            .iter()
            .filter(|(field, _)| !matches!(&***field, "to" | "onError" | "then" | "else"))
            .flat_map(|(_, field)| bounds(&resolved(&root, field)))
            .collect();
        assert_eq!(numbers(&row[1]), limits, "{name}");
    }
}

#[test]
fn triggers_and_choices_have_their_rows() {
    let page = text_of("docs/project.md");
    let first = |rows: &[Vec<String>]| -> BTreeSet<String> {
        rows.iter().flat_map(|row| set(quoted(&row[0]))).collect()
    };
    assert_eq!(first(&rows(&page, "## Viewer options")), set(ViewerOption::WORDS));
    assert_eq!(first(&tables(&page, "### Webhooks")[1]), set(WhileRunning::WORDS));
    let told = properties("/$defs/Webhook");
    let table = rows(&text_of("docs/webhooks.md"), "### Who is told what");
    let documented: BTreeSet<String> =
        first(&table).iter().map(|word| word.trim_matches('"').to_owned()).collect();
    assert_eq!(documented, words(&told["includeContext"]));
    assert!(table.iter().any(|row| row[0].contains("default")
        && quoted(&row[0]) == [told["includeContext"]["default"].to_string()]));
}

/// A trigger is taken by the kinds that its row names, and by no other.
#[test]
fn triggers_belong_to_the_documented_kinds() {
    let table = rows(&text_of("docs/elements.md"), "## Triggers");
    let names: Vec<&str> = table.iter().map(|row| quoted(&row[0])[0]).collect();
    assert_eq!(set(&names), set(Trigger::ALL.map(trigger_field)));
    for row in &table {
        let mut taken = BTreeSet::new();
        for (number, kind) in KindName::WORDS.iter().enumerate() {
            let mut document = whole();
            let element = &mut document["elements"][number];
            element[quoted(&row[0])[0]] = json!([{ "do": "play" }]);
            element["label"] = json!("x");
            if let Some(choices) = element.get_mut("choices") {
                choices[0]["correct"] = json!(true);
            }
            if read(&json::parse(document.to_string().as_bytes(), 64).unwrap()).is_ok() {
                taken.insert((*kind).to_owned());
            }
        }
        let expected = if row[1] == "all" { set(KindName::WORDS) } else { set(quoted(&row[1])) };
        assert_eq!(taken, expected, "{row:?}");
    }
}

/// The fields of an interface in the type declarations, each with the words of its type.
fn interface(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let types = text_of("js/document.d.ts");
    let start = types.find(&format!("export interface {name} ")).unwrap_or_else(|| panic!("no {name}"));
    let body = types[start..].split_once("{\n").unwrap().1.split_once("\n}").unwrap().0;
    let fields =
        body.lines().filter(|line| line.starts_with("  ") && !line.trim_start().starts_with(['/', '*']));
    fields
        .map(|line| {
            let (name, kind) = line.trim().split_once(':').unwrap();
            (name.trim_end_matches('?').to_owned(), set(kind.split('"').skip(1).step_by(2)))
        })
        .collect()
}

#[test]
fn type_declarations_have_the_fields_and_words_of_the_schema() {
    for (interfaces, pointer) in [
        (&["Project"][..], ""),
        (&["Webhook"], "/$defs/Webhook"),
        (
            &[
                "ElementBase",
                "SeenElement",
                "OverlayElement",
                "AreaFields",
                "HtmlElement",
                "FormElement",
                "QuestionElement",
                "ConditionElement",
            ],
            "/$defs/Element",
        ),
        (&["Box"], "/$defs/Box"),
        (&["Keyframe"], "/$defs/Keyframe"),
        (&["Field"], "/$defs/Field"),
        (&["FieldOption"], "/$defs/FieldOption"),
        (&["Choice"], "/$defs/Choice"),
        (&["Words"], "/properties/words"),
    ] {
        let mut declared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, words) in interfaces.iter().flat_map(|name| interface(name)) {
            declared.entry(name).or_default().extend(words);
        }
        let expected: BTreeMap<String, BTreeSet<String>> =
            properties(pointer).iter().map(|(name, property)| (name.clone(), words(property))).collect();
        assert_eq!(declared, expected, "{interfaces:?}");
    }
    let actions = declared("export type Action =", ";\n\n");
    assert_eq!(actions, set(ActionName::ALL.map(ActionName::as_str)));
}
