//! Each remark: where it is made, and where it is not.

use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::json::parse;
use crate::template::lint::Known;
use crate::template::{Expressions, Markup, Text};
use proptest::prelude::*;

fn known() -> Known {
    let answer = br#"{
        "user": { "userName": "Ann", "tags": ["a"], "none": null, "first-name": "A" },
        "products": [{ "id": 1, "name": "Tent", "price": 9 }, { "id": 2, "name": "Mug", "sizes": [{ "cm": 4 }] }],
        "empty": [], "nothing": null, "code": "LAKE", "get-code": 1
    }"#;
    Known {
        samples: vec![parse(answer, 9).unwrap().as_object().unwrap().clone()],
        names: vec!["score".into()],
        webhooks: Some(vec!["get-code".into(), "shop".into()]),
        forms: Some(vec![("lead".into(), vec!["email".into(), "name".into()])]),
        questions: Some(vec!["q1".into()]),
        others: false,
    }
}

fn told(remarks: Vec<Diagnostic>) -> Vec<String> {
    let place = |remark: Diagnostic| {
        assert_eq!(remark.kind, DiagnosticKind::Warning);
        let place = remark.template.unwrap();
        format!("{}:{} {}", place.line, place.column, remark.message)
    };
    remarks.into_iter().map(place).collect()
}

fn markup(source: &str) -> Vec<String> {
    told(Markup::compile_with(source, Expressions::Full).unwrap().lint(Some(&known())))
}

#[track_caller]
fn only(source: &str, place: &str, part: &str) {
    let found = markup(source);
    let [one] = found.as_slice() else { panic!("{source}: {found:#?}") };
    assert!(one.starts_with(&format!("{place} ")) && one.contains(part), "{source}: {one}");
}

#[track_caller]
fn nothing(source: &str) {
    assert_eq!(markup(source), Vec::<String>::new(), "{source}");
}

#[test]
fn filters_stand_before_the_default() {
    only("${code!none|upper}", "1:3", "`|upper` stands in the default");
    only("${code! none | upper }", "1:3", "filters stand before the `!`: `${code|upper!…}`");
    nothing("${code|upper!none}");
    nothing("${code!\"none|upper\"}");
    nothing("${code!yes|no}");
}

#[test]
fn unknown_variables_have_a_near_miss() {
    only("a\n ${user.username}", "2:4", "the sample has no `user.username`; write `user.userName`");
    only("${Code}", "1:3", "write `code`");
    only("${!cdoe}", "1:4", "write `code`");
    only("${user['usrName']}", "1:3", "write `user['userName']`");
    only("<b title=\"x ${cod}\"></b>", "1:15", "write `code`");
    only("{% for p in products %}${p.nmae}{% endfor %}", "1:26", "no `p.nmae`; write `p.name`");
    only("{% for p in product %}x{% endfor %}", "1:13", "write `products`");
    only(
        "{% for p in products %}{% for s in p.sizes %}${s.mm}{% endfor %}{% endfor %}",
        "1:48",
        "write `s.cm`",
    );
    only("{% for p in products %}${loop.indx}{% endfor %}", "1:26", "write `loop.index`");
    only("${2 + user.usernam}", "1:7", "write `user.userName`");
    only("{% for p in products %}${context.p}{% endfor %}", "1:26", "the sample has no `context.p`");
    only("${webhooks.shpo.x}", "1:3", "write `webhooks.shop.x`");
    only("${scroe}", "1:3", "write `score`");
}

#[test]
fn unknown_variables_far_from_all_list_what_there_is() {
    only("${title}", "1:3", "no `title`; there is `user`, `products`, `empty`,");
    only("${code.text}", "1:3", "no `code.text`; if it may be missing, give a default: `${code.text! -}`");
    only("{% set x = title %}${x.y}", "1:12", "no `title`");
}

#[test]
fn a_missing_value_that_is_foreseen_is_no_fault_unless_something_is_near() {
    for source in [
        "${title! -}",
        "{% if title %}x{% endif %}",
        "${title is defined}",
        "${title|default('x')}",
        "{% for p in titles %}x{% else %}y{% endfor %}",
    ] {
        nothing(source);
    }
    only("${Code! -}", "1:3", "write `code`");
    only("{% if user.username %}x{% endif %}", "1:7", "write `user.userName`");
}

#[test]
fn what_exists_or_is_not_known_is_right() {
    for source in [
        "${code} ${user.userName} ${user.tags[0]} ${user.tags[7]} ${score.a.b} ${context.code} ${context}",
        "${user.none.x} ${nothing.x} {% for e in empty %}${e.what}{% endfor %}",
        "{% for p in products %}${p.id} ${p.price} ${p.sizes[0].cm} ${loop.index0}{% endfor %}",
        "{% set x = code|upper %}${x} ${x.y}",
        "{% if code %}{% set y = 1 %}{% endif %}${y}",
        "${webhooks.shop.anything} ${webhooks['get-code'].x}",
        "{% for p in products[0:1] %}${p.what}{% endfor %}",
    ] {
        nothing(source);
    }
    let markup = Markup::compile("${title} {% for p in ps %}${p.x}{% endfor %}").unwrap();
    assert_eq!(markup.lint(None), [], "nothing is known of variables");
}

#[test]
fn branches_that_are_never_shown() {
    only("{% if true %}x{% endif %}", "1:7", "`true` always holds; take the `{% if %}` out");
    only("{% if 1 < 2 %}x{% else %}y{% endif %}", "1:7", "the branches after this one are never shown");
    only("{% if code %}x{% elif true %}y{% endif %}", "1:23", "write `{% else %}`");
    only("{% if code %}x{% elif 1 > 2 %}y{% endif %}", "1:23", "this branch is never shown");
    only("{% if code %}x{% elif code %}y{% endif %}", "1:23", "stands above already");
    only("<b class=\"{% if false %}x{% endif %}\"></b>", "1:17", "never holds");
    nothing("{% if code %}x{% elif not code %}y{% else %}z{% endif %}{% if code %}x{% endif %}");
}

#[test]
fn pictures_need_a_text() {
    only("<p><img src=\"/x.png\"></p>", "1:4", "`<img>` has no `alt`");
    only("${code}<!-- <img> -->\n{# <img> #}<img src='${code}'>", "2:12", "has no `alt`");
    nothing("<img src=\"/x.png\" alt=\"\"><img src=\"/x.png\" alt=\"${code}\"> $${<b></b>");
}

#[test]
fn links_that_an_answer_decides() {
    for source in ["<a href=\"${code}\">x</a>", "<a href=\" ${ code }/x\">x</a>", "<a href=${code}>x</a>"] {
        let found = markup(source);
        assert!(found.len() == 1 && found[0].contains("decides where this leads"), "{source}: {found:?}");
    }
    only("<a href=\"{% if code %}${user.userName}{% endif %}\">x</a>", "1:25", "decides where");
    for source in [
        "<a href=\"https://a.example/${code}\">x</a>",
        "<a href=\"/${code}\">x</a>",
        "<a href=\"#${code}\">x</a>",
        "<a href=\"${code|urlencode}\">x</a>",
        "<a href=\"{# only our shop answers #}${code}\">x</a>",
        "<blockquote cite=\"${code}\">x</blockquote>",
        "<img src=\"${code}\" alt=\"\">",
    ] {
        nothing(source);
    }
    let link = |source: &str| told(Text::compile(source).unwrap().lint_link(Some(&known())));
    assert!(link("${code}")[0].starts_with("1:3 the answer decides"), "{:?}", link("${code}"));
    assert_eq!(link("https://a.example/${code}"), Vec::<String>::new());
    assert_eq!(told(Text::compile("${code}").unwrap().lint(Some(&known()))), Vec::<String>::new());
}

#[test]
fn names_with_a_minus_are_subtractions() {
    only("${webhooks.get-code.discount}", "1:3", "write `webhooks['get-code'].discount`");
    only("${1 + webhooks.get-my-code}", "1:7", "write `webhooks['get-my-code']`");
    only("${user.first-name}", "1:3", "write `user['first-name']`");
    only("${get-code}", "1:3", "write `context['get-code']`");
    assert_eq!(markup("${products[0].price - 1}"), Vec::<String>::new());
}

#[test]
fn paths_go_through_lists() {
    let source = "${user.userName! -}<b title='${code|upper}'></b>{% for p in products %}${loop.index}${p.name}\
        {% for s in p.sizes %}${s.cm + context.x}{% endfor %}{% set y = p.id %}${y}{% endfor %}${code}";
    assert_eq!(
        Markup::compile(source).unwrap().paths(),
        [
            "user.userName",
            "code",
            "products",
            "products[].name",
            "products[].sizes",
            "products[].sizes[].cm",
            "x",
            "products[].id"
        ]
    );
}

#[test]
fn there_is_an_end_of_remarks() {
    let source = "<img src='/x'>${titel}".repeat(1_900 / 2);
    assert_eq!(markup(&source).len(), crate::template::lint::MOST_REMARKS);
}

proptest! {
    #[test]
    fn places_lie_in_the_source(parts in proptest::collection::vec(proptest::sample::select(vec![
        "${", "}", "{% if ", "%}", "{% elif ", "{% endif %}", "{% for p in products %}", "{% endfor %}", "<img src=x>",
        "<a href=\"", "\">", "</a>", "p.nmae", "webhooks.get-code", "!x", "true", "cöde-x", "['a b']", ".y", "\n", "ä",
    ]), 0..14)) {
        let source = parts.concat();
        if let Ok(markup) = Markup::compile(&source) {
            markup.paths();
            for remark in markup.lint(Some(&known())) {
                let place = remark.template.unwrap();
                let line = source.split('\n').nth(place.line - 1).unwrap();
                prop_assert!(place.column <= line.chars().count() + 1, "{:?}", remark);
                prop_assert!(!remark.message.is_empty());
            }
        }
    }
}

fn text(source: &str, is_value: bool, known: Option<&Known>) -> Vec<String> {
    let text = Text::compile(source).unwrap();
    told(if is_value { text.lint_value(known) } else { text.lint(known) })
}

#[test]
fn arithmetic_beside_a_placeholder_computes_nothing() {
    for (source, written) in [
        ("${score} + 5", "${score + 5}"),
        ("5 + ${score}", "${5 + score}"),
        ("${score!0} + 1", "${score|default(0) + 1}"),
        ("${score}*2", "${score * 2}"),
        ("${score} - 1", "${score - 1}"),
        ("${a} + ${b} * 1.5", "${a + b * 1.5}"),
        ("${a ~ b} + 1", "${(a ~ b) + 1}"),
    ] {
        let found = text(source, true, None);
        let [one] = found.as_slice() else { panic!("{source}: {found:#?}") };
        assert!(one.contains(&format!("write `{written}`")), "{source}: {one}");
        Text::compile(written).unwrap();
    }
    let found = text("${score} + 5", false, None);
    assert_eq!(
        found,
        ["1:3 this is a text such as `3 + 5`, in which nothing is computed; write `${score + 5}`"]
    );
    for (source, is_value) in [
        ("${score + 5}", true),
        ("${score}", true),
        ("5 + 3", true),
        ("${score} points", true),
        ("${year}-01-01", true),
        ("${year}-${month}-${day}", true),
        ("${from} - ${to}", true),
        ("${area}/${city}", true),
        ("+49 ${phone}", true),
        ("${share} %", true),
        ("${score} +", true),
        ("-${score}", true),
        ("${a}1", true),
        // What people read may be written so.
        ("${bread} + ${milk}", false),
        ("${done} / 10", false),
        ("${day} - 3", false),
        ("${n} + 1 more", false),
    ] {
        assert_eq!(text(source, is_value, None), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn single_braces_fill_in_nothing() {
    let found = text("You have {score} points", false, None);
    assert_eq!(found, ["1:10 `{score}` is shown as it stands; write `${score}`"]);
    only("<p title=\"{user.userName}\">${code}</p>", "1:11", "write `${user.userName}`");
    only("<p>{products[0].name}</p>", "1:4", "write `${products[0].name}`");
    for source in [
        "a { color: red }",
        "a{color}",
        "{",
        "{}",
        "{ score }",
        "{\"score\": 1}",
        "{'score'}",
        "\\frac{a}{b}",
        "{a, b}",
        "{1}",
        "{a b}",
        "$${score}",
        "{x} is a set, ${score}",
    ] {
        assert_eq!(text(source, true, Some(&known())), Vec::<String>::new(), "{source}");
    }
    nothing("<code>{score}</code>");
}

#[test]
fn forms_and_questions_are_those_of_the_project() {
    only("${forms.lead.emial}", "1:3", "the project has no `forms.lead.emial`; write `forms.lead.email`");
    only("${forms.leed.email}", "1:3", "write `forms.lead.email`");
    only(
        "${questions.q1.scor! }",
        "1:3",
        "the project has no `questions.q1.scor`; write `questions.q1.score`",
    );
    only("${questions.intro.score}", "1:3", "the project has no `questions.intro`; there is `q1`");
    nothing(
        "${forms.lead.email} ${questions.q1.answers[0]} ${questions.q1.score} ${params.whatever.deep} ${forms}",
    );
}
