//! Events of whole documents.

use super::*;
use cuehook_protocol::rfc3339;
use serde_json::{Value, json};

const NOW: Moment = Moment { wall_ms: 1_795_000_000_123.0, clock_ms: 5_000.0 };

fn at(seconds: f64) -> Moment {
    Moment { wall_ms: NOW.wall_ms + seconds * 1_000.0, clock_ms: NOW.clock_ms + seconds * 1_000.0 }
}

fn resolve(url: &str) -> Option<String> {
    if url.contains("://") { Some(url.into()) } else { Some(["https://page.example/", url].concat()) }
}

const PAGE: Page<'static> =
    Page { address: "https://page.example/a?b=c#d", allow_origins: None, relay: None, resolve: &resolve };

/// A source of a document whose first webhook is sent `events`.
fn source(document: &str, events: Value) -> Source {
    let mut document: Value = serde_json::from_str(document).unwrap();
    document["webhooks"] = json!([{ "id": "all", "url": "hook", "events": events }]);
    Source::new(document.to_string(), "", &PAGE, [1, 2, 3, 4], NOW)
}

fn maximal(events: Value) -> Source {
    source(include_str!("../../../../tests/projects/valid/maximal.json"), events)
}

/// Types and `data` as the first endpoint is sent them.
fn told(inputs: impl IntoIterator<Item = Input>) -> Vec<(String, Value)> {
    let mut told = Vec::new();
    for input in inputs {
        let Input::Record { event, endpoints, .. } = input else { continue };
        let Some(more) = event.more_for(&endpoints[0]) else { continue };
        let viewer = event.viewer.as_ref().map_or(String::new(), |viewer| [",\"viewer\":", viewer].concat());
        let text = ["{\"video\":", &event.video, ",\"view\":", &event.view, &viewer, more, "}"].concat();
        assert!(text.len() <= event.length() + 2, "{} {}", text.len(), event.length());
        let data: Value = serde_json::from_str(&text).expect(&text);
        assert_eq!(faults(&event.kind, &data), [""; 0], "{} {text}", event.kind);
        told.push((event.kind.clone(), data));
    }
    told
}

#[path = "../../../protocol/tests/formats/closed.rs"]
mod closed;

/// What is wrong with an event, by the schema of its type.
fn faults(kind: &str, data: &Value) -> Vec<String> {
    const ID: &str = "0192a2f4-9040-7b5d-8c11-3f2e1d0c9b84";
    let text = include_str!("../../../protocol/schemas/event.schema.json");
    let mut schema: Value = serde_json::from_str(text).unwrap();
    let name = if EventType::named(kind).is_some() { kind } else { "custom" };
    schema["$ref"] = format!("#/$defs/{name}").into();
    let time = rfc3339(NOW.wall_ms);
    let mut event = json!({ "type": kind, "timestamp": time, "id": ID, "data": data });
    event["data"]["session"] = json!({ "id": ID, "startedAt": time, "seq": 1 });
    for part in ["interaction", "request"] {
        // Tests write ids short.
        if let Some(id) = event["data"].get_mut(part).and_then(|part| part.get_mut("id")) {
            *id = ID.into();
        }
    }
    let validator = jsonschema::draft202012::new(&closed::strict(schema)).unwrap();
    validator.iter_errors(&event).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn interaction(more: Value) -> String {
    let mut interaction = json!({"seq": 3, "id": "0192", "type": "click", "element": "drawn", "label": "Shop",
        "mediaTime": 7.42, "at": "2026-11-20T20:07:00.123Z"});
    for (name, value) in more.as_object().unwrap() {
        interaction[name] = value.clone();
    }
    json!({ "interaction": interaction }).to_string()
}

#[test]
fn a_click_is_one_event_of_the_most_specific_type() {
    let mut source = maximal(json!(["*"]));
    let outcome = json!({"answer": "ice", "answers": ["ice"], "correct": null, "attempts": 1, "score": 0});
    for (more, kind) in [
        (json!({}), "interaction.clicked"),
        (json!({"records": "cta", "url": "https://shop.example/"}), "cta.clicked"),
        (json!({"records": "annotation"}), "annotation.clicked"),
        (json!({"type": "submit", "element": "lead"}), "interaction.clicked"),
        (json!({"type": "submit", "element": "lead", "records": "lead", "value": {}}), "lead.captured"),
        (json!({"type": "submit", "element": "lead", "records": "answer", "value": {}}), "question.answered"),
        (json!({"type": "answer", "element": "quiz", "value": outcome}), "question.answered"),
    ] {
        let told = told(source.occurred(&interaction(more.clone()), NOW));
        assert_eq!(told.len(), 1, "{more}");
        assert_eq!(told[0].0, kind, "{more}");
        let mut expected = json!({"id": "0192", "type": "click", "element": "drawn", "label": "Shop",
            "mediaTime": 7.42, "at": "2026-11-20T20:07:00.123Z"});
        for (name, value) in more.as_object().unwrap().iter().filter(|(name, _)| *name != "value") {
            expected[name] = value.clone();
        }
        assert_eq!(told[0].1["interaction"], expected);
        let video = &told[0].1["video"];
        assert_eq!((&video["id"], &video["number"]), (&json!("maximal"), &json!(4711)));
        assert_eq!((&video["currentTime"], video.get("duration")), (&json!(7.42), None));
    }
    assert!(source.occurred("{}", NOW).is_none() && source.occurred("[", NOW).is_none());
}

#[test]
fn an_answer_says_what_was_asked() {
    let mut source = maximal(json!(["*"]));
    let outcome =
        json!({"answer": "wood", "answers": ["wood", "ice"], "correct": true, "attempts": 2, "score": 2});
    let answer = json!({"type": "answer", "element": "quiz", "value": outcome});
    let told = told(source.occurred(&interaction(answer), NOW));
    assert_eq!(
        told[0].1["question"],
        json!({
            "text": "Which of these float, ${viewerName!guest}?",
            "choices": [{"id": "wood", "label": "Wood", "correct": true},
                {"id": "ice", "label": "Ice", "correct": true}, {"id": "stone", "label": "Stone"}],
            "multiple": true, "answer": "wood", "answers": ["wood", "ice"], "correct": true, "attempts": 2, "score": 2,
        })
    );
    // Of a question that the document does not have the outcome is told all the same.
    let unknown = json!({"type": "answer", "element": "other", "value": outcome});
    let told = self::told(source.occurred(&interaction(unknown), NOW));
    assert_eq!(told[0].1["question"], outcome);
}

const ENTERED: &str = r#"{"name":" Ada ","email":"ada@example.org","phone":"","people":3,"day":null,
    "notes":"a \"b\"\n\u0001\ud800","size":"l","colour":"Blue","news":true}"#;

fn submission(records: &str) -> String {
    let value: Value = serde_json::from_str(&ENTERED.replace("\\ud800", "")).unwrap();
    interaction(json!({"type": "submit", "element": "lead", "records": records, "value": value}))
}

#[test]
fn what_was_typed_goes_to_those_who_name_the_type() {
    for (pattern, kind, records, is_told) in [
        ("*", "lead.captured", "lead", false),
        ("lead.*", "lead.captured", "lead", true),
        ("lead.captured", "lead.captured", "lead", true),
        ("*", "question.answered", "answer", false),
        ("question.answered", "question.answered", "answer", true),
        ("question.*", "question.answered", "answer", true),
    ] {
        for events in [json!([pattern]), json!(["view.*", pattern, "*"])] {
            let is_alone = events.as_array().unwrap().len() == 1;
            let mut source = maximal(events);
            let told = told(source.occurred(&submission(records), NOW));
            let data = &told[0].1;
            assert_eq!(told[0].0, kind);
            let fields = data["form"]["fields"].as_array().unwrap();
            assert_eq!((&data["form"]["id"], fields.len()), (&json!("lead"), 9));
            assert_eq!(data.get("lead").is_some(), is_told && records == "lead", "{pattern}");
            assert!(!data["interaction"].to_string().contains("ada"));
            if is_told {
                assert_eq!(fields[0], json!({"name": "name", "label": "First name", "value": " Ada "}));
                assert_eq!((&fields[3]["value"], &fields[4]["value"]), (&json!(3), &Value::Null));
                assert_eq!(
                    (&fields[5]["value"], &fields[8]["value"]),
                    (&json!("a \"b\"\n\u{1}"), &json!(true))
                );
            } else {
                assert_eq!(fields[0], json!({"name": "name", "label": "First name"}), "{is_alone}");
                assert!(!data.to_string().contains("ada@"), "{data}");
            }
        }
    }
    let mut source = maximal(json!(["view.*"]));
    assert!(source.occurred(&submission("lead"), NOW).is_none(), "nobody wants to know");
}

#[test]
fn leads_are_what_autocomplete_says() {
    for (fields, expected) in [
        (
            json!([["given-name", "A"], ["family-name", "B"], ["organization", "C"]]),
            json!({"givenName": "A", "familyName": "B", "organization": "C"}),
        ),
        (json!([["name", " A B "], ["email", ""], ["tel", "  "]]), json!({"name": "A B"})),
        (
            json!([["section-a shipping EMAIL", "s@x"], ["work email webauthn", "w@x"]]),
            json!({"email": "w@x"}),
        ),
        (json!([["billing email", "b@x"]]), json!({"email": "b@x"})),
        (json!([["home tel", "1"], ["tel-national", "2"]]), json!({"tel": "1"})),
        (
            json!([["tel-national", "171 22"], ["tel-country-code", "+49"], ["tel-extension", "3"]]),
            json!({"tel": "+49 171 22"}),
        ),
        (
            json!([["tel-area-code", "171"], ["tel-local-prefix", "22"], ["tel-local-suffix", "33"]]),
            json!({"tel": "171 22 33"}),
        ),
        (json!([["fax tel", "1"], ["pager email", "x"]]), json!({})),
        (
            json!([["off", "1"], ["additional-name", "x"], ["nickname", "y"], ["street-address", "z"]]),
            json!({}),
        ),
        (
            json!([["type:email", "t@x"], ["type:tel", "5"], ["type:text", "z"]]),
            json!({"email": "t@x", "tel": "5"}),
        ),
        (json!([["type:email", "t@x"], ["shipping email", "s@x"]]), json!({"email": "t@x"})),
        (json!([["name", 5], ["email", true]]), json!({})),
    ] {
        let mut list = Vec::new();
        let mut values = json!({});
        for (number, field) in fields.as_array().unwrap().iter().enumerate() {
            let name = format!("f{number}");
            let word = field[0].as_str().unwrap();
            let mut field_of_form = json!({"name": name, "label": "?"});
            match word.strip_prefix("type:") {
                Some(kind) => field_of_form["type"] = kind.into(),
                None => field_of_form["autocomplete"] = word.into(),
            }
            list.push(field_of_form);
            values[name] = field[1].clone();
        }
        let document = json!({"elements": [{"id": "other"}, {"id": "lead", "kind": "form", "fields": list}]});
        let mut source = source(&document.to_string(), json!(["lead.*"]));
        let submitted = json!({"type": "submit", "element": "lead", "records": "lead", "value": values});
        assert_eq!(told(source.occurred(&interaction(submitted), NOW))[0].1["lead"], expected, "{fields}");
    }
}

#[test]
fn long_texts_are_cut_until_an_event_has_room() {
    let mut fields = Vec::new();
    let mut values = json!({});
    for number in 0..50 {
        let name = format!("{number}{}", "ä".repeat(190));
        fields.push(json!({"name": name, "label": "\u{1}".repeat(5_000)}));
        values[&name] = "\"x\n".repeat(10_000).into();
    }
    let document =
        json!({"video": {"title": "t".repeat(50_000)}, "elements": [{"id": "lead", "fields": fields}]});
    let mut source = source(&document.to_string(), json!(["lead.*"]));
    source.set_viewer(Some(&json!({"x": "y".repeat(4_000)}).to_string())).unwrap();
    let submitted = json!({"type": "submit", "element": "lead", "records": "lead", "value": values, "label": "l".repeat(100_000)});
    let Some(Input::Record { event, .. }) = source.occurred(&interaction(submitted), NOW) else { panic!() };
    assert!(event.length() <= MAX_EVENT && event.length() > MAX_EVENT / 3, "{}", event.length());
    let data: Value = serde_json::from_str(&["{\"a\":1", &event.private.unwrap(), "}"].concat()).unwrap();
    assert!(data["form"]["fields"][49]["value"].as_str().unwrap().ends_with('…'));
    // What has room is not touched.
    let entered = "x".repeat(10_000);
    let document = json!({"elements": [{"id": "lead", "fields": [{"name": "a", "label": "A"}]}]});
    let mut source = self::source(&document.to_string(), json!(["lead.*"]));
    let submitted = json!({"type": "submit", "element": "lead", "records": "lead", "value": {"a": entered}});
    let told = told(source.occurred(&interaction(submitted), NOW));
    assert_eq!(told[0].1["form"]["fields"][0]["value"], entered);
}

#[test]
fn webhooks_tell_how_they_went() {
    let mut source = maximal(json!(["webhook.*"]));
    let request = json!({"id": "0192", "attempts": 2, "durationMs": 812, "status": 200});
    let executed = json!({"webhook": {"id": "first", "name": "The first"}, "request": request});
    let told = told(source.occurred(&executed.to_string(), NOW));
    assert_eq!(told[0].0, "webhook.executed");
    assert_eq!((&told[0].1["webhook"], &told[0].1["request"]), (&executed["webhook"], &request));
    assert_eq!(told[0].1.get("error"), None);
    let failed = json!({"webhook": {"id": "first"}, "request": request, "error": {"code": "timeout", "message": "too \"long\""}});
    let told = self::told(source.occurred(&failed.to_string(), NOW));
    assert_eq!((&*told[0].0, &told[0].1["error"]), ("webhook.failed", &failed["error"]));
}

#[test]
fn pages_record_events_of_their_own() {
    let mut source = maximal(json!(["cart.*"]));
    source.set_viewer(Some(r#"{"id": "17", "name": "Ada\ud800"}"#)).unwrap();
    let input = source.custom("cart.added", r#"{"sku": "A-17", "half": "\udc00"}"#, Some(7), NOW).unwrap();
    assert!(matches!(&input, Input::Record { ticket: Some(7), .. }));
    let told = told([input]);
    assert_eq!(told[0].0, "cart.added");
    assert_eq!(told[0].1["properties"], json!({"sku": "A-17", "half": "\u{fffd}"}));
    assert_eq!(told[0].1["viewer"], json!({"id": "17", "name": "Ada\u{fffd}"}));
    for (kind, properties, code) in [
        ("cart", "{}", "config-invalid"),
        ("cart.", "{}", "config-invalid"),
        ("lead.captured", "{}", "config-invalid"),
        ("view.paused", "{}", "config-invalid"),
        ("cart.added", "[]", "config-invalid"),
        ("cart.added", "5", "config-invalid"),
        ("cart.added", "", "config-invalid"),
        ("cart.added", &["{\"a\":".repeat(30), "1".into(), "}".repeat(30)].concat(), "config-invalid"),
        ("cart.added", &json!({"a": "x".repeat(MAX_EVENT)}).to_string(), "too-large"),
        ("cart.added", &json!({"a": "x".repeat(MAX_EVENT - 100)}).to_string(), "too-large"),
    ] {
        let refused = source.custom(kind, properties, None, NOW).unwrap_err();
        assert_eq!(refused.code, code, "{kind} {}", &properties[..properties.len().min(40)]);
    }
    assert!(
        source
            .custom("cart.added", &json!({"a": "x".repeat(MAX_EVENT - 1_000)}).to_string(), None, NOW)
            .is_ok()
    );
    for (viewer, code) in
        [("[]", "config-invalid"), ("\"{}\"", "config-invalid"), (&" ".repeat(5_000), "too-large")]
    {
        assert_eq!(source.set_viewer(Some(viewer)).unwrap_err().code, code);
        assert_eq!(source.viewer, None, "nobody is known");
    }
}

fn report(event: MediaEvent, time: f64, is_paused: bool) -> Report {
    Report { event, time, duration: 32.0, is_paused, rate: 1.0 }
}

/// Plays from a media time to another one, in step with the clock.
fn play(source: &mut Source, from: f64, to: f64) -> Vec<Input> {
    let mut inputs = source.media(&report(MediaEvent::Playing, from, false), at(from));
    let mut time = from;
    while time < to {
        time = (time + 0.25).min(to);
        inputs.extend(source.media(&report(MediaEvent::TimeUpdate, time, false), at(time)));
    }
    inputs
}

fn kinds(told: &[(String, Value)]) -> Vec<&str> {
    told.iter().map(|(kind, _)| &**kind).collect()
}

#[test]
fn a_view_is_told_from_beginning_to_end() {
    let mut source = maximal(json!(["*"]));
    let mut inputs = play(&mut source, 0.0, 32.0);
    inputs.extend(source.media(&report(MediaEvent::Ended, 32.0, true), at(32.0)));
    assert!(source.end(EndReason::Left, at(33.0)).is_empty(), "once");
    let told = told(inputs);
    assert_eq!(
        told.iter().filter_map(|(_, data)| Some(data.get("progress")?.clone())).collect::<Vec<_>>(),
        [
            json!({"milestone": 25, "percent": 25, "seconds": 8, "furthest": 8, "position": 8}),
            json!({"milestone": 50, "percent": 50, "seconds": 16, "furthest": 16, "position": 16}),
            json!({"milestone": 75, "percent": 75, "seconds": 24, "furthest": 24, "position": 24}),
            json!({"milestone": 90, "percent": 90.625, "seconds": 29, "furthest": 29, "position": 29}),
        ]
    );
    assert_eq!(kinds(&told)[0], "view.started");
    let (kind, data) = told.last().unwrap();
    assert_eq!(kind, "view.ended");
    assert_eq!(data["watched"], json!({"ranges": [[0, 32]], "seconds": 32, "percent": 100, "furthest": 32}));
    assert_eq!((&data["reason"], &data["video"]["duration"]), (&json!("ended"), &json!(32)));
    assert!(
        told.iter()
            .all(|(_, it)| it["view"] == data["view"] && it["view"]["startedAt"] == rfc3339(NOW.wall_ms))
    );
}

#[test]
fn what_is_done_before_or_after_belongs_to_a_view() {
    let mut source = maximal(json!(["*"]));
    let click = |source: &mut Source| {
        let told = told(source.occurred(&interaction(json!({})), NOW));
        told[0].1["view"]["id"].as_str().unwrap().to_owned()
    };
    source.media(&Report { duration: f64::NAN, ..report(MediaEvent::Emptied, 0.0, true) }, NOW);
    source.media(&report(MediaEvent::DurationChange, 0.0, true), NOW);
    let before = click(&mut source);
    let begun = told(play(&mut source, 0.0, 1.0));
    assert_eq!(begun[0].1["view"]["id"], before);
    source.media(&report(MediaEvent::Ended, 32.0, true), at(32.0));
    assert_eq!(click(&mut source), before, "the end card belongs to what was watched");
    let again = told(play(&mut source, 0.0, 1.0));
    assert_eq!(kinds(&again), ["view.started"], "a replay is a new view");
    assert_ne!(again[0].1["view"]["id"], before);
    let replaced = told(source.end(EndReason::Replaced, at(2.0)));
    assert_eq!((kinds(&replaced), &replaced[0].1["reason"]), (vec!["view.ended"], &json!("replaced")));
    let next = click(&mut source);
    assert_ne!(again[0].1["view"]["id"], next, "what is clicked now belongs to the next video");
    assert_eq!(told(play(&mut source, 0.0, 1.0))[0].1["view"]["id"], next);
}

#[test]
fn another_quality_is_the_same_view_and_another_video_is_not() {
    let mut source = maximal(json!(["view.ended"]));
    play(&mut source, 0.0, 8.0);
    let emptied = Report { duration: f64::NAN, ..report(MediaEvent::Emptied, 0.0, true) };
    assert!(source.media(&emptied, at(8.1)).is_empty());
    assert!(source.media(&report(MediaEvent::DurationChange, 0.0, true), at(8.2)).is_empty());
    assert!(source.media(&report(MediaEvent::Seeking, 8.0, false), at(8.2)).is_empty());
    assert!(told(play(&mut source, 8.0, 10.0)).is_empty());
    source.media(&emptied, at(10.0));
    let other = Report { duration: 90.0, ..report(MediaEvent::DurationChange, 0.0, true) };
    let told = told(source.media(&other, at(11.0)));
    assert_eq!(
        told[0].1["watched"],
        json!({"ranges": [[0, 10]], "seconds": 10, "percent": 31.25, "furthest": 10})
    );
    assert_eq!(told[0].1["video"]["currentTime"], 10, "where it was");
    assert_eq!((&told[0].1["reason"], &told[0].1["video"]["duration"]), (&json!("replaced"), &json!(32)));
}

#[test]
fn live_streams_have_no_percentage() {
    let mut source = maximal(json!(["view.*"]));
    let live = |event, time: f64| Report { duration: f64::INFINITY, ..report(event, time, false) };
    let mut inputs = source.media(&live(MediaEvent::Playing, 1_000.0), at(0.0));
    for second in 0..=25 {
        inputs.extend(
            source.media(&live(MediaEvent::TimeUpdate, 1_000.0 + f64::from(second)), at(second.into())),
        );
    }
    inputs.extend(source.end(EndReason::Left, at(26.0)));
    let told = told(inputs);
    assert_eq!(kinds(&told), ["view.started", "view.progressed", "view.progressed", "view.ended"]);
    assert_eq!(told[1].1["progress"], json!({"seconds": 10, "furthest": 1010, "position": 1010}));
    assert_eq!(told[3].1["watched"], json!({"ranges": [[1000, 1025]], "seconds": 25, "furthest": 1025}));
    assert_eq!(told[3].1["video"].get("duration"), None);
}

#[test]
fn players_with_quirks_are_followed() {
    // It tells the time once more after it has ended.
    let mut source = maximal(json!(["view.*"]));
    play(&mut source, 30.0, 31.9);
    source.media(&report(MediaEvent::Ended, 31.95, false), at(32.0));
    for second in 0..5 {
        let told =
            told(source.media(&report(MediaEvent::TimeUpdate, 32.0, false), at(32.0 + f64::from(second))));
        assert!(told.is_empty(), "{told:?}");
    }
    let told = told(source.media(&report(MediaEvent::TimeUpdate, 31.0, false), at(37.5)));
    assert!(told.is_empty(), "nor does another time start a view: {told:?}");
    // It says that it seeks, and never that it has.
    let mut source = maximal(json!(["view.ended"]));
    play(&mut source, 0.0, 2.0);
    source.media(&report(MediaEvent::Seeking, 10.0, false), at(2.0));
    for step in 0..40 {
        let time = f64::from(step) * 0.25;
        source.media(&report(MediaEvent::TimeUpdate, 10.0 + time, false), at(2.0 + time));
    }
    let told = self::told(source.end(EndReason::Left, at(12.0)));
    assert_eq!(told[0].1["watched"]["ranges"], json!([[0, 2], [15, 19.75]]));
    // It has played longer than it says that it is.
    let mut source = maximal(json!(["view.ended"]));
    play(&mut source, 0.0, 40.0);
    let told = self::told(source.end(EndReason::Left, at(40.0)));
    assert_eq!(
        (&told[0].1["watched"]["percent"], &told[0].1["watched"]["seconds"]),
        (&json!(100), &json!(40))
    );
}

#[test]
fn a_view_that_a_crash_has_ended_is_ended_later() {
    let mut source = maximal(json!(["view.*"]));
    source.set_viewer(Some("{\"id\":\"17\"}")).unwrap();
    let mut inputs = play(&mut source, 0.0, 7.0);
    inputs.extend(source.media(&report(MediaEvent::Pause, 7.0, true), at(7.0)));
    let mut records = Vec::new();
    for input in &inputs {
        match input {
            Input::Record { event, .. } => records.extend(event.kept_view.clone()),
            Input::View { id, record } => records.push((id.clone(), Some(record.clone()))),
            _ => {}
        }
    }
    assert_eq!(records.len(), 3, "at the beginning, after 5 seconds, at the pause: {records:?}");
    let (view, record) = records.pop().unwrap();
    let record = record.unwrap();
    let told = |event: Minted| {
        told([Input::Record { event, endpoints: Rc::clone(source.endpoints()), ticket: None }])
    };
    let crashed = recovered(&record, at(90_000.0)).unwrap();
    assert_eq!((crashed.at_ms, crashed.kept_view.clone()), (at(7.0).wall_ms, Some((view, None))));
    let id = crashed.id.clone();
    let after = told(crashed);
    assert_eq!((&*after[0].0, &after[0].1["reason"]), ("view.ended", &json!("recovered")));
    assert_eq!(after[0].1["viewer"], json!({"id": "17"}));
    let mut ended = source.end(EndReason::Left, at(7.0));
    let Some(Input::Record { event, .. }) = ended.pop() else { panic!() };
    assert_eq!(event.id, id, "the id is that which it would have had");
    let left = self::told([Input::Record { event, endpoints: Rc::clone(source.endpoints()), ticket: None }]);
    assert_eq!((&left[0].1["watched"], &left[0].1["video"]), (&after[0].1["watched"], &after[0].1["video"]));
    // What is stored may be anything.
    for end in 0..record.len() {
        assert!(recovered(&record[..end], NOW).is_none());
    }
    for text in ["", "{}", "[]", "null", "{\"ended\":\"a\",\"at\":1,\"video\":{},\"view\":{},\"watched\":{}}"]
    {
        assert!(recovered(text, NOW).is_none(), "{text}");
    }
    // Nobody wants to know of the end: then nothing is kept.
    let mut source = maximal(json!(["view.started", "view.progressed"]));
    for input in play(&mut source, 0.0, 20.0) {
        assert!(matches!(input, Input::Record { event, .. } if event.kept_view.is_none()));
    }
}

#[test]
fn each_receiver_is_told_as_much_of_the_address_as_it_may_know() {
    let document = json!({"webhooks": [
        {"id": "a", "url": "a", "events": ["*"]},
        {"id": "b", "url": "b", "events": ["*"], "page": "full"},
        {"id": "c", "url": "c", "events": ["*"], "page": "none"}]});
    let mut source = Source::new(document.to_string(), "", &PAGE, [1, 2, 3, 4], NOW);
    let pages = |source: &Source| source.endpoints().iter().map(|it| it.page.clone()).collect::<Vec<_>>();
    assert_eq!(
        pages(&source),
        [Some("https://page.example/a".into()), Some("https://page.example/a?b=c#d".into()), None]
    );
    source.set_address("https://page.example/x?y");
    assert_eq!(
        pages(&source),
        [Some("https://page.example/x".into()), Some("https://page.example/x?y".into()), None]
    );
}
