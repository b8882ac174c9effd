//! Answers and templates that want to keep the page busy: whatever they are, one input makes templates do a bounded amount
//! of work. `cargo xtask bench --hostile` measures the same pairs in a browser.

use super::*;
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

#[test]
fn hostile_answers_are_bounded() {
    let pairs: Vec<Value> = serde_json::from_str(PAIRS).unwrap();
    assert!(pairs.len() >= 30);
    for pair in pairs {
        if pair.get("compile").is_some() {
            let source: String = serde_json::from_str(&expanded(&pair["overlay"], 0)).unwrap();
            let begun = std::time::Instant::now();
            let result = crate::template::Markup::compile(&source);
            println!(
                "{:7.1} ms  {} bytes, {} {}",
                begun.elapsed().as_secs_f64() * 1e3,
                source.len(),
                result.is_ok(),
                pair["name"]
            );
            continue;
        }
        let count = pair.get("count").and_then(Value::as_u64).unwrap_or(1);
        let mut elements = Vec::new();
        for number in 0..count {
            let mut element =
                json!({"id": format!("e{number}"), "box": {"left":0,"top":0,"width":9,"height":9}});
            let (field, kind) =
                if pair.get("label").is_some() { ("label", "area") } else { ("source", "html") };
            let source = pair.get("label").or(pair.get("overlay")).cloned().unwrap_or(json!("x"));
            element["kind"] = kind.into();
            element[field] = serde_json::from_str(&expanded(&source, 0)).unwrap();
            elements.push(element.to_string());
        }
        let mut actions = vec![json!({"do": "executeWebhook", "webhook": "w"})];
        if let Some(more) = pair.get("actions") {
            actions.extend(serde_json::from_str::<Vec<Value>>(&expanded(more, 0)).unwrap());
        }
        elements.push(json!({"id": "go", "kind": "area", "label": "L", "box": {"left":0,"top":0,"width":9,"height":9}, "onClick": actions}).to_string());
        let mut scene = Scene::new(r#"{"id":"w","name":"W","url":"/w"}"#, &elements.join(","));
        for (request, answer) in ["answer", "second"].iter().filter_map(|key| pair.get(key)).enumerate() {
            let answer = expanded(answer, 0);
            assert!(answer.len() <= crate::protocol::RESPONSE_LIMIT, "{} {}", answer.len(), pair["name"]);
            scene.click("go");
            let begun = std::time::Instant::now();
            scene.answer(request as u32 + 1, 1, 200, &answer);
            println!(
                "{:7.1} ms {} {}",
                begun.elapsed().as_secs_f64() * 1e3,
                pair["name"],
                scene
                    .events("error")
                    .iter()
                    .map(|event| event["message"].to_string().chars().take(100).collect::<String>())
                    .next()
                    .unwrap_or_default()
            );
        }
        let begun = std::time::Instant::now();
        scene.input(Input::SetVariable { name: "unrelated".into(), value: Json::Bool(true) });
        println!("{:7.1} ms   unrelated", begun.elapsed().as_secs_f64() * 1e3);
    }
}
