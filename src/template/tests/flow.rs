//! Control flow: what it shows, why it is refused, and how one rendering becomes the next.

use crate::json::Json;
use crate::session::Context;
use crate::template::Work;
use crate::template::plan::{AttributeValue, Element, Node, Plan, Sink};
use crate::template::tests::edits::edited;
use crate::template::tests::{Event, context, events, serialise};
use crate::template::{Change, Markup, Place, Rendering, Text};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ANSWER: &str = r#"{"ok": true, "no": false, "n": 3, "empty": [], "one": ["x"], "nested": [[1, 2], [], [3]],
    "products": [{"id": 1, "name": "Tea", "price": 3}, {"id": 2, "name": "Cup", "price": 8}]}"#;

fn html(source: &str) -> String {
    let markup = Markup::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let rendering = markup
        .render(&context(ANSWER), None, &Work::default())
        .unwrap_or_else(|error| panic!("{source}: {error}"));
    serialise(&events(&markup, &rendering))
}

#[test]
fn shows() {
    for (source, expected) in [
        ("{% if ok %}yes{% endif %}", "yes"),
        ("{% if no %}yes{% endif %}", ""),
        ("{% if missing %}yes{% else %}no{% endif %}", "no"),
        ("{% if no %}1{% elif ok %}2{% else %}3{% endif %}", "2"),
        ("{% if no %}1{% elif no %}2{% else %}3{% endif %}", "3"),
        ("{%if ok%}<b>${n}</b>{%endif%}", "<b>3</b>"),
        (
            "<ul>{% for p in products %}<li>${p.name}</li>{% endfor %}</ul>",
            "<ul><li>Tea</li><li>Cup</li></ul>",
        ),
        (
            "{% for p in products %}${loop.index}/${loop.length}:${p.name}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1/2:Tea, 2/2:Cup",
        ),
        ("{% for x in empty %}a{% else %}none{% endfor %}", "none"),
        ("{% for x in missing %}a{% else %}none{% endfor %}", "none"),
        ("{% for l in nested %}[{% for x in l %}${x}{% else %}-{% endfor %}]{% endfor %}", "[12][-][3]"),
        (
            "{% for l in nested %}{% for x in l %}${loop.index}{% endfor %}${loop.index0};{% endfor %}",
            "120;1;12;",
        ),
        ("{% for n in one %}${n}${context.n}{% endfor %}${n}", "x33"),
        ("{% for p in products %}{% set t = p.name %}${t}{% endfor %}${t!-}", "TeaCup-"),
        ("{% if ok %}{% set t = 'a' %}{% else %}{% set t = 'b' %}{% endif %}${t}", "a"),
        // The layout of the source is not that of the result.
        (
            "<ul>\n  {% for x in one %}\n  <li>\n    ${x}</li>\n  {% endfor %}\n</ul>",
            "<ul><li>\n    x</li></ul>",
        ),
        ("a {% if ok %} b {% endif %} c", "a  b  c"),
        ("<p class=\"a {% if ok %}b{% else %}c{% endif %} d\">x</p>", "<p class=\"a b d\">x</p>"),
        ("<p title='{% for p in products %}${p.name} {% endfor %}'>x</p>", "<p title=\"Tea Cup \">x</p>"),
        (
            "<table><tbody>{% for p in products %}<tr><td>${p.id}</td></tr>{% endfor %}</tbody></table>",
            "<table><tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table>",
        ),
        (
            "<ul>{% for p in products %}<li key=\"${p.id}\">${p.id}</li>{% endfor %}</ul>",
            "<ul><li>1</li><li>2</li></ul>",
        ),
        (
            "<p hidden=\"${no}\">x</p><p hidden=\"${ok}\">y</p><p hidden=\"${missing}\">z</p>",
            "<p>x</p><p hidden=\"\">y</p><p>z</p>",
        ),
    ] {
        assert_eq!(html(source), expected, "{source}");
    }
    let text = Text::compile(
        "{% for p in products %}\n  ${p.name}{% if not loop.last %}, {% endif %}\n{% endfor %}!",
    )
    .unwrap();
    assert_eq!(text.render(&context(ANSWER), &Work::default()).unwrap().text, "Tea, Cup!");
}

#[test]
fn refuses() {
    for (source, line, column, words) in [
        ("{% if ok %}", 1, 1, "`{% if %}` is not closed: `{% endif %}` is missing"),
        ("<p>{% for a in b %}</p>{% endfor %}", 1, 20, "write `{% endfor %}` first"),
        ("{% if ok %}<p>{% endif %}</p>", 1, 15, "write `</p>` before this tag"),
        ("a\n{% endif %}", 2, 1, "there is no `{% if %}`"),
        ("{% else %}", 1, 1, "there is no `{% if %}` or `{% for %}`"),
        ("{% for a in b %}{% endif %}", 1, 17, "write `{% endfor %}`"),
        ("{% if a %}{% else %}{% elif b %}{% endif %}", 1, 21, "last branch"),
        ("{% for a in b %}{% elif c %}{% endfor %}", 1, 17, "a loop has `{% else %}`"),
        ("{% if %}{% endif %}", 1, 7, "an expression is missing"),
        ("{% if a!b %}{% endif %}", 1, 8, "there are no defaults"),
        ("{% if a", 1, 1, "`%}` is missing"),
        ("{% for in b %}{% endfor %}", 1, 8, "a name is expected"),
        ("{% for a of b %}{% endfor %}", 1, 10, "`in` is expected"),
        ("{% for loop in b %}{% endfor %}", 1, 8, "choose another name"),
        ("{% set a b %}", 1, 10, "`=` is expected"),
        ("{% include 'x' %}", 1, 4, "there are `if`"),
        ("{% elseif a %}", 1, 4, "{% elif"),
        ("<p {% if a %}class='b'{% endif %}>x</p>", 1, 4, "only in an attribute's value"),
        ("<p class={% if a %}b{% endif %}>x</p>", 1, 10, "needs quotes"),
        ("<p title='{% if a %}'>x</p>", 1, 11, "is not closed here"),
        ("<p key='a'>x</p>", 1, 4, "directly inside `{% for %}`"),
        ("{% for a in b %}<i key='${a}'></i><i key='${a}'></i>{% endfor %}", 1, 38, "already"),
        ("{% for a in b %}<p><i key='${a}'></i></p>{% endfor %}", 1, 23, "directly inside"),
        ("<table>{% if a %}x{% endif %}</table>", 1, 18, "text may not stand directly in `<table>`"),
        ("<ul>{% if a %}<p>x</p>{% endif %}</ul><li>x</li>", 1, 39, "`<li>` stands directly in"),
    ] {
        let error = Markup::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{source}: {error}");
    }
}

#[test]
fn bounds_are_named() {
    let long: String = format!("[{}]", vec!["1"; 1_001].join(","));
    let half: String = format!("[{}]", vec!["1"; 400].join(","));
    let cases = [
        ("{% for a in x %}${a}{% endfor %}", &long, "at most 1,000"),
        ("{% for a in x %}{% for b in x %}<p><b></b></p>{% endfor %}{% endfor %}", &half, "20,000 elements"),
        (
            "<p title='{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}'></p>",
            &half,
            "`x` has no result: templates would read or make more than 4 MiB",
        ),
        ("{% for a in x %}{% endfor %}", &"{}".to_owned(), "it is an object; a loop goes over a list"),
    ];
    for (source, list, words) in cases {
        let markup = Markup::compile(source).unwrap();
        let work = if words.contains("4 MiB") { Work::default() } else { Work::endless() };
        let error = markup.render(&context(&format!("{{\"x\": {list}}}")), None, &work).unwrap_err();
        assert!(error.message.contains(words), "{source}: {error}");
    }
    // Rows that stay count as well: a list cannot grow beyond the bounds answer by answer.
    let markup = Markup::compile(
        "{% for a in x %}<p key='${a.k}'>{% for b in a.l %}<b></b>{% endfor %}</p>{% endfor %}",
    );
    let markup = markup.unwrap();
    let mut previous = None;
    let mut errors = 0;
    for rows in 1..40 {
        let ones = vec!["1"; 900].join(",");
        let rows: Vec<_> = (0..rows).map(|row| format!("{{\"k\": {row}, \"l\": [{ones}]}}")).collect();
        match markup.render(
            &context(&format!("{{\"x\": [{}]}}", rows.join(","))),
            previous.as_ref(),
            &Work::endless(),
        ) {
            Ok(rendering) => previous = Some(rendering),
            Err(error) => {
                assert!(error.message.contains("20,000 elements"), "{error}");
                errors += 1;
            }
        }
    }
    assert_eq!(errors, 39 - 22, "22 rows of 902 nodes are below the bound");
    let deep = format!("{}{}", "{% if a %}".repeat(65), "{% endif %}".repeat(65));
    assert!(Markup::compile(&deep).unwrap_err().message.contains("deeper than 64"));
    assert!(Text::compile(&deep).unwrap_err().message.contains("deeper than 32"));
}

#[test]
fn a_missing_list_is_missing_unless_the_author_says_what_to_show() {
    let missing = |source: &str| {
        let rendering = Markup::compile(source)
            .unwrap()
            .render(&context(r#"{"Items": []}"#), None, &Work::default())
            .unwrap();
        rendering
            .missing
            .into_iter()
            .map(|missing| (missing.expression, missing.near_miss))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        missing("{% for a in items %}x{% endfor %}"),
        [("items".to_owned(), Some("Items".to_owned()))]
    );
    assert_eq!(missing("{% for a in items %}x{% else %}y{% endfor %}"), []);
    assert_eq!(missing("{% if items %}x{% endif %}<p hidden=\"${items}\">x</p>"), []);
}

#[test]
fn what_is_missing_in_a_row_is_missing_again_next_time() {
    let context = context(r#"{"list": [{"id": 1}, {"ID": 2}]}"#);
    for source in ["<i key='${x.id}'>x</i>", "<i>${x.id}</i>", "<i title='${x.id}'>x</i>"] {
        let markup = Markup::compile(&format!("{{% for x in list %}}{source}{{% endfor %}}")).unwrap();
        let mut previous: Option<Rendering> = None;
        for _ in 0..3 {
            let rendering = markup.render(&context, previous.as_ref(), &Work::default()).unwrap();
            assert_eq!(rendering.missing.len(), 1, "{source}");
            previous = Some(rendering);
        }
    }
}

/// A mirror of what the shell builds, made from changes alone.
struct Mirror<'a> {
    plan: &'a Plan,
    instances: BTreeMap<u32, Built>,
}

#[derive(Clone, Default)]
struct Built {
    block: usize,
    values: Vec<Option<String>>,
    regions: Vec<Vec<u32>>,
}

impl<'a> Mirror<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut mirror = Self { plan, instances: BTreeMap::new() };
        mirror.make(0, 0);
        mirror
    }

    fn make(&mut self, instance: u32, block: usize) {
        let Plan { blocks } = self.plan;
        let built = Built {
            block,
            values: vec![None; blocks[block].slots],
            regions: vec![Vec::new(); blocks[block].regions],
        };
        assert!(self.instances.insert(instance, built).is_none(), "the number {instance} is taken");
    }

    fn put(&mut self, instance: u32, place: Place) {
        let rows = &mut self.instances.get_mut(&place.parent).unwrap().regions[place.region];
        let index = match place.before {
            None => rows.len(),
            Some(before) => {
                rows.iter().position(|row| *row == before).expect("stands before a row of the region")
            }
        };
        rows.insert(index, instance);
    }

    fn take_out(&mut self, instance: u32) {
        for built in self.instances.values_mut() {
            for rows in &mut built.regions {
                rows.retain(|row| *row != instance);
            }
        }
    }

    fn remove(&mut self, instance: u32) {
        self.take_out(instance);
        self.instances.remove(&instance).expect("it is there");
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Set { instance, slot, text } => {
                    self.instances.get_mut(instance).unwrap().values[*slot] =
                        text.as_deref().map(str::to_owned);
                }
                Change::Build { instance, block } => self.make(*instance, *block),
                Change::Insert { instance, place } => self.put(*instance, *place),
                Change::Move { instance, place } => {
                    self.take_out(*instance);
                    self.put(*instance, *place);
                }
                Change::Remove { instance } => self.remove(*instance),
                Change::Forget { instance } => drop(self.instances.remove(instance).expect("it is there")),
            }
        }
    }

    fn reachable(&self, instance: u32) -> usize {
        1 + self.instances[&instance].regions.iter().flatten().map(|row| self.reachable(*row)).sum::<usize>()
    }

    fn events(&self) -> Vec<Event> {
        let mut out = Vec::new();
        self.instance(0, &mut out);
        out
    }

    fn instance(&self, number: u32, out: &mut Vec<Event>) {
        let built = &self.instances[&number];
        self.nodes(&self.plan.blocks[built.block].nodes, built, out);
    }

    fn nodes(&self, nodes: &[Node], built: &Built, out: &mut Vec<Event>) {
        for node in nodes {
            match node {
                Node::Text(text) => crate::template::tests::push_text(out, text),
                Node::Slot(slot) => {
                    crate::template::tests::push_text(out, built.values[*slot].as_deref().unwrap_or_default())
                }
                Node::Region(region) => {
                    built.regions[*region].iter().for_each(|row| self.instance(*row, out))
                }
                Node::Element(Element { name, attributes, children, .. }) => {
                    let mut shown = Vec::new();
                    for attribute in attributes {
                        let value = match &attribute.value {
                            AttributeValue::Fixed(text) => Some(text.clone()),
                            AttributeValue::Slot(slot) => built.values[*slot].clone(),
                        };
                        if let (Sink::Attribute(name), Some(value)) = (&attribute.sink, value) {
                            shown.push((name.clone(), value));
                        }
                    }
                    shown.sort();
                    out.push(Event::Start((*name).to_owned(), shown));
                    self.nodes(children, built, out);
                    if !crate::template::tests::VOID.contains(name) {
                        out.push(Event::End((*name).to_owned()));
                    }
                }
            }
        }
    }
}

fn products() -> impl Strategy<Value = Json> {
    let product = (0..6_u8, "[a-c]{0,2}", prop::option::of(0..4_i64), prop::collection::vec("[xy]", 0..3))
        .prop_map(|(id, name, price, tags)| {
            let price = price.map_or("null".to_owned(), |price| price.to_string());
            format!(r#"{{"id":{id},"name":"{name}","price":{price},"tags":{tags:?}}}"#)
        });
    (prop::collection::vec(product, 0..7), any::<bool>(), 0..3_u8).prop_map(|(list, ok, shop)| {
        let text = format!(r#"{{"products":[{}],"ok":{ok},"shop":"s{shop}"}}"#, list.join(","));
        crate::json::check(text.as_bytes(), 64).unwrap()
    })
}

const TEMPLATES: [&str; 7] = [
    "<ul>{% for p in products %}<li key='${p.id}' title='${p.name}'>${p.name}{% if p.price %} <b>${p.price}</b>{% else %}free{% endif %}</li>{% else %}<li>none</li>{% endfor %}</ul>",
    "{% for p in products %}<p>${loop.index}${p.name}</p>{% for t in p.tags %}<i>${t}${shop}</i>{% endfor %}{% endfor %}end",
    "{% if ok %}<b>${shop}</b>{% for p in products %}{% for t in p.tags %}<i key='${t}'>${t}</i>{% endfor %}{% endfor %}{% else %}<i>${shop}</i>{% endif %}",
    "{% for p in products %}{% set x = p.price %}<q key='${p.id}'>${x!-}${p.missing!}{% if ok %}${shop}{% endif %}</q>{% endfor %}",
    "{% for p in products %}<p key='${p.id}' title='${shop} ${p.name}'>${p.price}${p.name|upper}{% for t in p.tags %}<i key='${t}'>${t}${p.price}</i>{% else %}${p.name}{% endfor %}</p>{% endfor %}",
    "{% for p in products %}<a key='${p.name}${shop}' href='${p.name}'>${loop.index}${p.id}</a>{% if p.price %}<b>${p.price}</b>{% elif p.tags %}${p.tags}{% endif %}{% endfor %}",
    "{% for p in products %}{% if p.price > 1 %}{% set p = 'set' %}{% endif %}<p key='${p.id!}'>${p}${p.id!}</p>{% endfor %}",
];

proptest! {
    #[test]
    fn changes_lead_from_one_rendering_to_the_next(
        template in prop::sample::select(&TEMPLATES),
        answers in prop_oneof![prop::collection::vec(products(), 1..6), edited(), edited()],
    ) {
        let markup = Markup::compile(template).unwrap();
        let mut mirror = Mirror::new(markup.plan());
        let mut previous: Option<Rendering> = None;
        for answer in answers {
            let context = Context::new(answer.as_object().unwrap().clone());
            let mut rendering = markup.render(&context, previous.as_ref(), &Work::default()).unwrap();
            mirror.apply(&rendering.changes_since(previous.as_ref()));
            prop_assert_eq!(mirror.reachable(0), mirror.instances.len(), "nothing that is gone is kept");
            let fresh = markup.render(&context, None, &Work::default()).unwrap();
            prop_assert_eq!(mirror.events(), events(&markup, &fresh));
            prop_assert_eq!(events(&markup, &rendering), events(&markup, &fresh));
            prop_assert_eq!(&rendering.missing, &fresh.missing);
            previous = Some(rendering);
        }
    }
}

/// The changes from one list of keys to another.
fn moves(before: &str, after: &str) -> Vec<&'static str> {
    let markup = Markup::compile("{% for x in list %}<i key='${x}'>${x}</i>{% endfor %}").unwrap();
    let list =
        |keys: &str| context(&format!("{{\"list\": {:?}}}", keys.split_terminator(' ').collect::<Vec<_>>()));
    let mut first = markup.render(&list(before), None, &Work::default()).unwrap();
    first.changes_since(None);
    let mut second = markup.render(&list(after), Some(&first), &Work::default()).unwrap();
    let word = |change: &Change| match change {
        Change::Set { .. } => "set",
        Change::Build { .. } => "build",
        Change::Insert { .. } => "insert",
        Change::Move { .. } => "move",
        Change::Remove { .. } => "remove",
        Change::Forget { .. } => "forget",
    };
    second.changes_since(Some(&first)).iter().map(word).collect()
}

#[test]
fn rows_with_keys_move_as_little_as_possible() {
    assert_eq!(moves("a b c d", "b c d a"), ["move"]);
    assert_eq!(moves("a b c d", "d a b c"), ["move"]);
    assert_eq!(moves("a b c d", "a c d"), ["remove"]);
    assert_eq!(moves("a b c d", "a x b c d"), ["build", "set", "insert"]);
    assert_eq!(moves("a b c", "c b a"), ["move", "move"]);
    assert_eq!(moves("a b", "c d"), ["remove", "remove", "build", "set", "insert", "build", "set", "insert"]);
    assert_eq!(moves("a a b", "b a a"), ["move"], "of equal keys each lives on once");
    assert_eq!(moves("a b c d e f", "a e c d b f"), ["move", "move"]);
    assert_eq!(moves("a b c d e f g h", "d e f g h a b c"), ["move", "move", "move"]);
}
