//! Answers and templates that want to keep the page busy: whatever they are, one input makes templates do a bounded amount
//! of work. `cargo xtask bench --hostile` measures the same pairs in a browser.

use super::*;
use crate::template::Work;
use serde_json::json;

/// The pairs, each with values that stand for longer ones.
const PAIRS: &str = include_str!("../../../benches/page/hostile.json");

/// The JSON text of a value in which `{"$text": ["a", 3]}` stands for `"aaa"` and so on; `benches/page/hostile.js` does the
/// same. `#` becomes the number of the copy.
fn expanded(value: &Value, number: usize) -> String {
    let joined = |parts: Vec<String>| parts.join(",");
    match value {
        Value::String(text) => serde_json::to_string(&text.replace('#', &number.to_string())).unwrap(),
        Value::Array(items) => {
            format!("[{}]", joined(items.iter().map(|item| expanded(item, number)).collect()))
        }
        Value::Object(object) => {
            let text =
                |value: &Value, number| serde_json::from_str::<String>(&expanded(value, number)).unwrap();
            let digits = |count: &Value| {
                "1234567890".repeat(count.as_u64().unwrap() as usize / 10 + 1)
                    [..count.as_u64().unwrap() as usize]
                    .to_owned()
            };
            match object.iter().next().map(|(key, value)| (key.as_str(), value)) {
                Some(("$text", of)) => {
                    let all: String =
                        (0..of[1].as_u64().unwrap() as usize).map(|number| text(&of[0], number)).collect();
                    serde_json::to_string(&all).unwrap()
                }
                Some(("$join", parts)) => {
                    let all: String =
                        parts.as_array().unwrap().iter().map(|part| text(part, number)).collect();
                    serde_json::to_string(&all).unwrap()
                }
                Some(("$list", of)) => format!(
                    "[{}]",
                    joined(
                        (0..of[1].as_u64().unwrap() as usize)
                            .map(|number| expanded(&of[0], number))
                            .collect()
                    )
                ),
                Some(("$object", of)) => format!(
                    "{{{}}}",
                    joined(
                        (0..of[2].as_u64().unwrap() as usize)
                            .map(|number| format!(
                                "{}:{}",
                                expanded(&of[0], number),
                                expanded(&of[1], number)
                            ))
                            .collect()
                    )
                ),
                Some(("$nested", of)) => {
                    let depth = of[0].as_u64().unwrap() as usize;
                    format!("{}{}{}", "[".repeat(depth), expanded(&of[1], number), "]".repeat(depth))
                }
                Some(("$index", _)) => number.to_string(),
                Some(("$fraction", count)) => format!("0.{}", digits(count)),
                Some(("$digits", count)) => format!("\"{}\"", digits(count)),
                _ => format!(
                    "{{{}}}",
                    joined(
                        object
                            .iter()
                            .map(|(key, value)| format!("{}:{}", json!(key), expanded(value, number)))
                            .collect()
                    )
                ),
            }
        }
        other => other.to_string(),
    }
}

/// What one input took of the work that templates may do, and whether overlays are late.
fn input(scene: &mut Scene, input: Input) -> (usize, bool) {
    scene.input(input);
    let late =
        scene.effects.iter().any(|effect| matches!(effect, Effect::StartTimer { timer: Timer::Late, .. }));
    (Work::default().left() - scene.engine.work.left(), late)
}

/// The project of a pair: its overlays, and an area that asks the webhook.
fn scene(pair: &Value) -> Scene {
    let box_of = json!({"left": 0, "top": 0, "width": 9, "height": 9});
    let read = |value: &Value| serde_json::from_str::<Value>(&expanded(value, 0)).unwrap();
    let mut elements = Vec::new();
    for number in 0..pair.get("count").and_then(Value::as_u64).unwrap_or(1) {
        let id = format!("e{number}");
        elements.push(match pair.get("label") {
            Some(label) => json!({"id": id, "kind": "area", "box": box_of, "label": read(label)}),
            None => {
                let source = pair.get("overlay").map_or("x".into(), read);
                json!({"id": id, "kind": "html", "box": box_of, "source": source})
            }
        });
    }
    let mut actions = vec![json!({"do": "executeWebhook", "webhook": "w"})];
    actions.extend(pair.get("actions").map(read).iter().filter_map(Value::as_array).flatten().cloned());
    elements.push(json!({"id": "go", "kind": "area", "label": "L", "box": box_of, "onClick": actions}));
    let elements: Vec<String> = elements.iter().map(Value::to_string).collect();
    Scene::new(r#"{"id":"w","name":"W","url":"/w","waitForResponse":true}"#, &elements.join(","))
}

#[test]
fn hostile_answers_are_bounded() {
    let pairs: Vec<Value> = serde_json::from_str(PAIRS).unwrap();
    assert!(pairs.len() >= 30);
    let mut wrong = Vec::new();
    for pair in pairs {
        let name = &pair["name"];
        if pair.get("compile").is_some() {
            let source: String = serde_json::from_str(&expanded(&pair["overlay"], 0)).unwrap();
            let _ = crate::template::Markup::compile(&source);
            continue;
        }
        let mut scene = scene(&pair);
        let mut failed = false;
        for (request, answer) in ["answer", "second"].iter().filter_map(|key| pair.get(key)).enumerate() {
            let answer = expanded(answer, 0);
            assert!(answer.len() <= crate::protocol::RESPONSE_LIMIT, "{name}: {} bytes", answer.len());
            scene.click("go");
            let body = answer.into_bytes();
            let outcome = Ok(Response { status: 200, body, ..Response::default() });
            let request = request as u32 + 1;
            let mut late = input(&mut scene, Input::AttemptEnded { request, attempt: 1, outcome }).1;
            let mut frames = 0;
            loop {
                for error in scene.events("error") {
                    failed = true;
                    let message = error["message"].as_str().unwrap();
                    assert_eq!(error["code"], "template", "{name}: {message}");
                    assert!(message.len() < 1_000, "{name}: {} bytes: {message}", message.len());
                    // It names the placeholder, or the bound that has no place.
                    let known =
                        ["` has no result: ", "the result is larger", "20,000 elements", "show too much"];
                    assert!(known.iter().any(|words| message.contains(words)), "{name}: {message}");
                    assert!(!message.contains("` ;"), "{name}: {message}");
                }
                for effect in &scene.effects {
                    let Effect::Warn(text) = effect else { continue };
                    assert!(text.len() < 1_000, "{name}: {} bytes: {text}", text.len());
                }
                if !late {
                    break;
                }
                frames += 1;
                assert!(frames < 500, "{name}: overlays are late again and again");
                late = input(&mut scene, Input::Timer(Timer::Late)).1;
            }
        }
        if Some(failed) != pair["fails"].as_bool() {
            wrong.push((name.clone(), failed));
        }
        // What was refused for its work is not tried again because something else has changed.
        let set = Input::SetVariable { name: "unrelated".into(), value: Json::Bool(true) };
        let (spent, _) = input(&mut scene, set);
        let refused = scene.engine.stage.refused();
        assert!(!refused || pair.get("count").is_some() || spent < 4096, "{name}: {spent} bytes once more");
    }
    assert!(wrong.is_empty(), "whether it fails is another than in the list: {wrong:?}");
}

/// An overlay that takes more than its input may give is an error, and stays as it was; one that others left too little for is
/// only late.
#[test]
fn what_is_late_goes_on_in_the_next_frame() {
    let loops = "{% for a in list %}{% for b in list %}{% if x == a %}y{% endif %}{% endfor %}{% endfor %}";
    let source = |body: &str| format!("<p>${{x}} <i title='{body}'></i></p>");
    let elements: Vec<String> = [source(loops), source(loops), source(&loops.repeat(3))]
        .iter()
        .enumerate()
        .map(|(number, source)| format!(r#"{{"id":"e{number}",HTML,"source":{}}}"#, json!(source)))
        .collect();
    let mut scene = Scene::new("", &elements.join(","));
    let set = |name: &str, value: &str| {
        let value = parse(value.as_bytes(), 9).unwrap();
        Input::SetVariable { name: name.into(), value }
    };
    assert!(!input(&mut scene, set("x", "1")).1);
    scene.input(set("list", "[]"));
    assert_eq!(scene.shown(), [0, 1, 2], "an empty list is little work");
    let list = format!("[{}]", vec!["5"; 150].join(","));
    let patched = |scene: &Scene| -> Vec<usize> {
        let patches = scene.effects.iter().filter_map(|effect| match effect {
            Effect::Patch { element, .. } => Some(*element),
            _ => None,
        });
        patches.collect()
    };
    assert!(input(&mut scene, set("list", &list)).1);
    assert!(scene.events("error").is_empty());
    // Nothing but what is late is evaluated in the frames after it.
    assert!(input(&mut scene, Input::Timer(Timer::Late)).1);
    assert!(scene.events("error").is_empty());
    let (spent, late) = input(&mut scene, Input::Timer(Timer::Late));
    assert!(!late && spent > 4_000_000);
    let [error] = &scene.events("error")[..] else { panic!() };
    assert_eq!((error["code"].as_str(), error["element"].as_str()), (Some("template"), Some("e2")));
    assert!(
        error["message"].as_str().unwrap().contains("`x == a` has no result: templates would"),
        "{error}"
    );
    assert!(scene.hidden().is_empty(), "it stays as it was");
    // Once more only when one of its variables has changed.
    let (spent, late) = input(&mut scene, set("other", "1"));
    assert!(late && spent > 1_000_000 && scene.events("error").is_empty());
    while input(&mut scene, Input::Timer(Timer::Late)).1 {}
    assert!(scene.events("error").is_empty());
    scene.input(set("list", "[]"));
    assert!(patched(&scene).is_empty(), "nothing that is shown has changed");
    scene.input(set("x", "2"));
    assert_eq!(patched(&scene), [0, 1, 2]);
}

/// Parameters, URLs and values of variables share the work of their input with the overlays.
#[test]
fn actions_share_the_work() {
    let compute = r#"{"do":"setVariable","name":"v","value":"${t|replace('a','bb')|length}"}"#;
    let elements = format!(
        r#"{{"id":"a",AREA,"onClick":[{}]}},{{"id":"o",HTML,"source":"<p>${{v!-}}</p>"}}"#,
        vec![compute; 30].join(",")
    );
    let mut scene = Scene::new("", &elements);
    let value = "a".repeat(60_000).as_str().into();
    scene.input(Input::SetVariable { name: "t".into(), value });
    scene.click("a");
    let errors = scene.events("error");
    assert!((1..30).contains(&errors.len()), "{}", errors.len());
    assert!(errors[0]["message"].as_str().unwrap().contains("`t|replace('a','bb')|length`"), "{}", errors[0]);
    assert!(scene.has(&Effect::StartTimer { timer: Timer::Late, after_ms: 16.0 }));
    assert!(!input(&mut scene, Input::Timer(Timer::Late)).1);
    assert!(scene.effects.iter().any(|effect| matches!(effect, Effect::Patch { .. })));
}

/// What overlays show is kept in memory, so there is a bound for all of them.
#[test]
fn all_overlays_together_show_no_more_than_a_page_can_hold() {
    let elements: Vec<String> = (0..100)
        .map(|number| format!(r#"{{"id":"e{number}",HTML,"source":"<p title='x${{t}}'></p>"}}"#))
        .collect();
    let mut scene = Scene::new("", &elements.join(","));
    let value = "a".repeat(100_000).as_str().into();
    let mut late = input(&mut scene, Input::SetVariable { name: "t".into(), value }).1;
    let (mut shown, mut errors) = (scene.shown().len(), scene.events("error").len());
    while late {
        late = input(&mut scene, Input::Timer(Timer::Late)).1;
        shown += scene.shown().len();
        errors += scene.events("error").len();
    }
    assert_eq!((shown, errors), (10, 90), "1 MiB of text");
    scene.input(Input::SetVariable { name: "t".into(), value: "b".into() });
    assert_eq!(scene.shown().len(), 90, "now there is room");
}
