//! Requests and responses: `docs/webhooks.md` says what is sent, and what becomes of what arrives.

use crate::{blocks, quoted, rows, set, tables, text_of};
use cuehook::delivery::{JSON_DEPTH, classify};
use cuehook::json::{self, Json, Object};
use cuehook::project::{FormRecord, Include, Record, read};
use cuehook::protocol::{
    Cause, Interaction, MAX_CONTEXT, RESPONSE_LIMIT, RequestBody, Response, TransportFailure, Trigger,
    delay_ms, is_retryable, request_headers,
};
use cuehook::session::{InteractionLog, MAX_BYTES, MAX_INTERACTIONS, RESERVED_NAMES};
use std::collections::BTreeSet;

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
        ..Interaction::default()
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
        page: Some("http://localhost:8080/spring-shop.html"),
        element: Some("get-code"),
        cause: Cause::Trigger(Trigger::Click),
        params: &params,
        context: &[],
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
    let documented: Vec<String> = fields
        .iter()
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

/// What only some interactions have, has its row, too.
#[test]
fn interactions_have_the_documented_fields() {
    let everything = Interaction {
        id: "0192",
        kind: "submit",
        element: Some("lead"),
        label: "Lead",
        at: "2026-11-21T07:42:12.725Z",
        records: Some("lead"),
        url: Some("https://shop.example/"),
        value: Some(&Json::Null),
        ..Interaction::default()
    };
    let keys = |interaction: Interaction<'_>| -> BTreeSet<String> {
        let mut text = String::new();
        interaction.write(1, &mut text);
        let written = json::parse(text.as_bytes(), 8).unwrap();
        written.as_object().unwrap().iter().map(|(key, _)| key.to_owned()).collect()
    };
    let always = keys(Interaction { records: None, url: None, value: None, ..everything });
    let rows = rows(&page(), "### Interactions");
    let documented: BTreeSet<String> = rows.iter().flat_map(|row| set(quoted(&row[0]))).collect();
    assert_eq!(documented, &keys(everything) - &always);
    // The words that `records` may have, and the types.
    let words = set(Record::WORDS.iter().chain(&FormRecord::WORDS));
    assert_eq!(set(quoted(&rows[0][3])), words);
    let types = [Trigger::Click, Trigger::Submit, Trigger::Answer].map(Trigger::as_str);
    assert_eq!(set(quoted(&meaning("interactions[].type"))), set(types));
}

fn page() -> String {
    text_of("docs/webhooks.md")
}

/// The last cell of the row that begins with these words in backquotes.
fn meaning(name: &str) -> String {
    let rows = rows(&page(), "## The request");
    let row =
        rows.iter().find(|row| quoted(&row[0]).contains(&name)).unwrap_or_else(|| panic!("no `{name}`"));
    row.last().unwrap().clone()
}

#[test]
fn triggers_have_the_documented_words() {
    let words = Trigger::ALL.map(Trigger::as_str).into_iter().chain([Cause::Execute.as_str()]);
    assert_eq!(set(quoted(&meaning("trigger.event"))), set(words));
}

#[test]
fn headers_are_the_documented_ones() {
    let table = &tables(&page(), "## The request")[1];
    let names: BTreeSet<String> = table.iter().flat_map(|row| set(quoted(&row[0]))).collect();
    let sent = request_headers(false, "id", 0.0, &[]);
    let ours = set(sent.iter().map(|(name, _)| name));
    assert_eq!(names, &ours | &set(["headers"]), "and the project's `headers`");
    let simple = request_headers(true, "id", 0.0, &[]);
    let values = [&sent[0].1, &simple[0].1].map(|value| format!("`{value}`"));
    assert!(values.iter().all(|value| table[0][1].contains(value)), "{:?}", table[0]);
    let allowed = |line: &str| line.split(':').nth(1).map(|names| set(names.split(',').map(str::trim)));
    let line = page()
        .lines()
        .find_map(|line| line.starts_with("Access-Control-Allow-Headers:").then(|| allowed(line)).flatten());
    assert_eq!(line, Some(&ours | &set(["x-shop"])));
}

/// What a response means, by the code that the documentation has for it.
#[test]
fn responses_mean_what_their_rows_say() {
    let of = |status, content_type: &str, body: &str| {
        let content_type = Some(content_type.to_owned());
        Ok(Response { status, content_type, body: body.into(), ..Response::default() })
    };
    let cases = [
        ("200–299 with a JSON object", of(299, "text/html", "{}")),
        ("204, or 200–299 with an empty body", of(200, "text/html", "")),
        ("200–299 with `content-type: text/plain` and other text, such as `OK`", of(200, "text/plain", "OK")),
        ("200–299 with anything else: HTML, a list, broken JSON", of(200, "text/html", "<p>")),
        ("a body over 256 KiB", Err(TransportFailure::TooLarge { status: 200 })),
        ("408, 425, 429, 502, 503, 504", of(503, "", "{}")),
        ("any other status", of(404, "text/plain", "OK")),
        ("a redirect", Err(TransportFailure::Network)),
        ("no connection, CORS refused, connection broken", Err(TransportFailure::Network)),
    ];
    let rows = rows(&page(), "## Responses");
    // The last row is no response at all.
    assert_eq!(rows.len(), cases.len() + 1);
    for (row, (first, outcome)) in rows.iter().zip(cases) {
        assert_eq!(row[0], first);
        let code = classify(&outcome).err().map(|error| format!("`{}`", error.code));
        assert_eq!(row.get(2).cloned().filter(|code| !code.is_empty()), code, "{first}");
        assert_eq!(row[1].contains("**retried**"), is_retryable(&outcome), "{first}");
    }
}

#[test]
fn retries_are_as_documented() {
    let page = page();
    let retried = |status: &u16| is_retryable(&Ok(Response { status: *status, ..Response::default() }));
    let statuses: Vec<String> = (100..600).filter(retried).map(|status| status.to_string()).collect();
    let row = format!("| {} | **retried**, then |", statuses.join(", "));
    assert!(page.contains(&row), "{row}");

    let [first, second, third] =
        [1, 2, 3].map(|attempt| delay_ms(attempt, 1.0, &Err(TransportFailure::Network)));
    let third = format!("{},{}", third as u32 / 1000, third as u32 % 1000);
    let most = delay_ms(99, 1.0, &Err(TransportFailure::Network)) / 1000.0;
    let line = format!(
        "between 0 and {first} ms, then 0–{second} ms, 0–{third} ms and so on, at most {most} seconds"
    );
    assert!(page.contains(&line), "{line}");
}

#[test]
fn limits_are_those_of_the_code() {
    let page = page();
    let kept = format!("{},000 or {} MiB are kept", MAX_INTERACTIONS / 1_000, MAX_BYTES / 1_048_576);
    assert!(meaning("truncated").contains(&kept), "{kept}");
    let context = format!("more than {} KiB", MAX_CONTEXT / 1_024);
    assert!(meaning("contextTruncated").contains(&context), "{context}");
    assert!(meaning("context").contains(&format!("At most {} KiB", MAX_CONTEXT / 1_024)));
    for limit in
        [format!("a body over {} KiB", RESPONSE_LIMIT / 1_024), format!("at most {JSON_DEPTH} levels deep")]
    {
        assert!(page.contains(&limit), "{limit}");
    }
    let size = RESPONSE_LIMIT / 1_024;
    assert!(text_of("docs/errors.md").contains(&format!("The response's body was over {size} KiB")));
}

/// Every page that names a reserved name names them all.
#[test]
fn reserved_names_are_the_documented_ones() {
    let (last, first) = RESERVED_NAMES.split_last().unwrap();
    let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
    let sentence = format!("{} and `{last}`", first.join(", "));
    for page in ["docs/webhooks.md", "docs/project.md", "docs/embedding.md", "docs/templates.md"] {
        assert!(text_of(page).contains(&sentence), "{page}: {sentence}");
    }
}
