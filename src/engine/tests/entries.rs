//! Forms and questions.

use super::*;
use crate::engine::{Mark, Verdict};

const CRM: &str = r#"{"id":"crm","url":"/crm","waitForResponse":true,"retries":0,"includeInteractions":["lead"]},
    {"id":"other","url":"/other","retries":0}"#;
const LEAD: &str = r#"{"id":"lead","kind":"form","records":"lead","label":"Stay in touch","from":1,"to":20,"pauseOnAppear":true,
    "box":{"left":0,"top":0,"width":50,"height":50},
    "fields":[{"name":"email","type":"email","label":"E-mail of ${viewerName}","required":true,"hint":"We write rarely."},
              {"name":"plan","type":"select","label":"Plan","options":["free",{"value":"pro","label":"Pro"}]}],
    "onSubmit":[{"do":"executeWebhook","webhook":"crm","params":{"email":"${forms.lead.email}"}},
                {"do":"executeWebhook","webhook":"other"},
                {"do":"hide","element":"lead"}]}"#;

fn values(email: &str) -> Object {
    let mut values = Object::new();
    values.set("email", email.into());
    values
}

/// A viewer who needs a while.
fn submit(scene: &mut Scene, email: &str) {
    scene.moment.clock_ms += 2_000.0;
    scene.input(Input::Submit { element: 0, values: values(email), trapped: false });
}

fn bodies(scene: &Scene) -> Vec<Value> {
    scene.requests().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

fn remarks(scene: &Scene) -> Vec<&str> {
    let remark = |effect: &'_ Effect| match effect {
        Effect::Remark { text, .. } => Some(text.clone()),
        _ => None,
    };
    let all: Vec<String> = scene.effects.iter().filter_map(remark).collect();
    all.into_iter().map(|text| if text.is_empty() { "" } else { "again" }).collect()
}

#[test]
fn texts_come_before_the_form_is_shown() {
    let mut scene = Scene::new(CRM, &LEAD.replace(r#""from":1"#, r#""from":6"#));
    scene.at(6.0);
    let texts = ["E-mail of guest", "We write rarely.", "Plan", "free", "Pro"].map(str::to_owned).to_vec();
    let place = |effect: &Effect| scene.effects.iter().position(|other| other == effect);
    let texts_at = place(&Effect::Texts { element: 0, texts }).unwrap();
    assert!(texts_at < place(&Effect::Show(0)).unwrap());
    scene.input(Input::SetVariable { name: "viewerName".into(), value: "Ada".into() });
    assert!(scene.effects.iter().any(
        |effect| matches!(effect, Effect::Texts { texts, .. } if texts[0] == "E-mail of Ada" && texts.len() == 5)
    ));
    scene.input(Input::SetVariable { name: "another".into(), value: "Ada".into() });
    assert!(!scene.effects.iter().any(|effect| matches!(effect, Effect::Texts { .. })));
}

#[test]
fn what_was_submitted_is_sent_where_the_author_says() {
    let mut scene = Scene::new(CRM, LEAD);
    submit(&mut scene, "ada@example.org");
    let body = bodies(&scene).remove(0);
    assert_eq!(body["params"], serde_json::json!({ "email": "ada@example.org" }));
    assert_eq!(body["trigger"], serde_json::json!({ "element": "lead", "event": "submit" }));
    assert_eq!(body["context"], serde_json::json!({ "viewerName": "guest" }));
    let entry = &body["interactions"][0];
    assert_eq!(
        (&entry["type"], &entry["records"], &entry["label"], &entry["value"]["email"]),
        (&"submit".into(), &"lead".into(), &"Stay in touch".into(), &"ada@example.org".into())
    );
    // The other webhook does not name the form.
    scene.answer(1, 1, 200, "{}");
    let body = bodies(&scene).remove(0);
    assert_eq!(
        (body["interactions"][0]["type"].as_str(), body["interactions"][0].get("value")),
        (Some("submit"), None)
    );
    assert!(!body.to_string().contains("ada@example.org"), "{body}");
}

#[test]
fn a_submission_hands_the_video_on_to_the_webhook_that_waits() {
    let mut scene = Scene::new(CRM, LEAD);
    assert!(scene.has(&Effect::Pause));
    submit(&mut scene, "ada@example.org");
    assert!(!scene.plays() && !scene.has(&Effect::Pause));
    assert_eq!(scene.events("resume")[0]["reason"], "held");
    scene.answer(1, 1, 200, "{}");
    assert!(scene.plays());
}

#[test]
fn what_was_typed_is_kept_until_it_has_arrived() {
    let mut scene = Scene::new(CRM, LEAD);
    submit(&mut scene, "ada@example.org");
    assert!(!scene.has(&Effect::Forget(0)));
    scene.answer(1, 1, 500, "");
    assert!(!scene.has(&Effect::Forget(0)) && scene.hidden().is_empty());
    assert!(scene.plays(), "the form lets go, also if its webhook fails");
    submit(&mut scene, "ada@example.org");
    scene.answer(2, 1, 200, "{}");
    assert!(scene.has(&Effect::Forget(0)));
    assert_eq!(scene.hidden(), [0]);
}

#[test]
fn programs_that_fill_in_leads_are_asked_once_more() {
    let mut scene = Scene::new(CRM, LEAD);
    for (after, trapped, passes) in
        [(1_499.0, false, false), (1.0, true, false), (10.0, false, true), (600.0, false, true)]
    {
        scene.moment.clock_ms += after;
        let values = values(&format!("{after}@example.org"));
        scene.input(Input::Submit { element: 0, values, trapped });
        assert_eq!(remarks(&scene), [if passes { "" } else { "again" }], "{after}");
        assert_eq!(!scene.events("activate").is_empty(), passes, "{after}");
    }
    // Only leads are worth it.
    let mut scene = Scene::new(CRM, &LEAD.replace(r#""records":"lead","#, ""));
    scene.input(Input::Submit { element: 0, values: values("a@b.example"), trapped: true });
    assert_eq!(scene.sent(), [(1, 1)]);
}

#[test]
fn a_form_submitted_twice_at_once_counts_once() {
    let mut scene = Scene::new(
        &CRM.replace(r#""retries":0,"include"#, r#""retries":0,"whileRunning":"queue","include"#),
        LEAD,
    );
    submit(&mut scene, "a@b.example");
    scene.moment.clock_ms += 499.0;
    scene.input(Input::Submit { element: 0, values: values("a@b.example"), trapped: false });
    assert!(scene.events("activate").is_empty());
    scene.input(Input::Submit { element: 0, values: values("other@b.example"), trapped: false });
    assert_eq!(scene.events("activate").len(), 1, "it says something else");
}

#[test]
fn the_page_may_refuse_a_submission() {
    let mut scene = Scene::new(CRM, LEAD);
    scene.decides = false;
    submit(&mut scene, "a@b.example");
    let (proposal, event) = scene.proposals.remove(0);
    let detail: Value = serde_json::from_str(&event.detail_text()).unwrap();
    assert_eq!((&detail["element"], &detail["values"]["email"]), (&"lead".into(), &"a@b.example".into()));
    scene.input(Input::Decided { proposal, allowed: false, headers: Vec::new() });
    assert!(scene.effects.is_empty() && scene.engine.interactions() == "[]");
}

#[test]
fn forms_that_are_not_there_are_not_submitted() {
    let mut scene = Scene::new(CRM, LEAD);
    scene.at(25.0);
    submit(&mut scene, "a@b.example");
    assert!(scene.effects.is_empty(), "{:?}", scene.effects);
    scene.input(Input::Submit { element: 9, values: Object::new(), trapped: false });
    scene.input(Input::Answer { element: 0, chosen: vec![0] });
    assert!(scene.effects.is_empty(), "{:?}", scene.effects);
}

const SHOWN: &str = r#"{"id":"shown",HTML,"whenMissing":"empty",
    "source":"${questions.q.answer}|${questions.q.answers}|${questions.q.correct}|${questions.q.attempts}|${questions.q.score}"}"#;

/// A question with the choices a (right), b, c; and an overlay that shows its outcome.
fn question(more: &str) -> Scene {
    let question = r#"{"id":"q","kind":"question","text":"Which?","box":{"left":0,"top":0,"width":50,"height":50},
        "choices":[{"id":"a","label":"A","correct":true,"feedback":"Well done"},{"id":"b","label":"B","feedback":"Think"},
                   {"id":"c","label":"C"}],
        "onAnswer":[{"do":"callback","name":"answered"}],
        "onCorrect":[{"do":"setVariable","name":"score","value":"${(score or 0) + questions.q.score}"}],
        "onWrong":[{"do":"callback","name":"wrong"}],MORE}"#;
    Scene::new("", &[&question.replace("MORE", more), SHOWN].map(|part| (*part).to_owned()).join(","))
}

fn answer(scene: &mut Scene, chosen: &[usize]) {
    scene.moment.clock_ms += 1_000.0;
    scene.input(Input::Answer { element: 0, chosen: chosen.to_vec() });
}

fn verdict(scene: &Scene) -> Option<Verdict> {
    scene.effects.iter().find_map(|effect| match effect {
        Effect::Verdict { verdict, .. } => Some(verdict.clone()),
        _ => None,
    })
}

fn said(scene: &Scene) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Announce(Saying::Text(text)) => Some(text.clone()),
        _ => None,
    };
    scene.effects.iter().filter_map(text).collect()
}

fn callbacks(scene: &Scene) -> Vec<String> {
    scene.events("callback").iter().map(|detail| detail["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_right_answer_is_final() {
    let mut scene = question(r#""attempts":3"#);
    answer(&mut scene, &[0]);
    let verdict = verdict(&scene).unwrap();
    assert_eq!(verdict.marks, [Mark::Correct, Mark::None, Mark::None]);
    assert_eq!(
        (verdict.feedback, verdict.is_open, verdict.continues),
        (vec![true, false, false], false, false)
    );
    assert_eq!(said(&scene), ["Right. Well done"]);
    assert_eq!(callbacks(&scene), ["answered"]);
    assert_eq!(scene.engine.variables().get("score"), Some(&Json::Integer(1)));
    let outcome = scene.engine.context.get("questions").unwrap().to_text();
    assert_eq!(outcome, r#"{"q":{"answer":"a","answers":["a"],"correct":true,"attempts":1,"score":1}}"#);
    answer(&mut scene, &[1]);
    assert!(scene.effects.is_empty());
    let log: Value = serde_json::from_str(&scene.engine.interactions()).unwrap();
    assert_eq!(
        (log.as_array().unwrap().len(), &log[0]["type"], &log[0]["value"]["score"]),
        (1, &"answer".into(), &1.into())
    );
}

#[test]
fn a_wrong_answer_may_be_mended_while_there_are_attempts() {
    let mut scene = question(r#""attempts":2"#);
    answer(&mut scene, &[1]);
    let first = verdict(&scene).unwrap();
    assert_eq!((first.marks, first.is_open), (vec![Mark::None, Mark::Wrong, Mark::None], true));
    assert_eq!(first.remark, "Attempts left: 1");
    assert_eq!(said(&scene), ["Wrong. Think. Attempts left: 1"]);
    assert_eq!(callbacks(&scene), ["answered", "wrong"]);
    answer(&mut scene, &[2]);
    let second = verdict(&scene).unwrap();
    assert_eq!((second.marks, second.is_open), (vec![Mark::Solution, Mark::None, Mark::Wrong], false));
    assert_eq!((second.remark.as_str(), said(&scene)), ("", vec!["Wrong".to_owned()]));
    let outcome = scene.engine.context.get("questions").unwrap();
    assert_eq!(outcome.get("q").unwrap().get("attempts"), Some(&Json::Integer(2)));
}

#[test]
fn answers_that_no_control_can_give_are_none() {
    let mut scene = question(r#""attempts":2"#);
    for chosen in [&[][..], &[3], &[0, 1], &[usize::MAX]] {
        answer(&mut scene, chosen);
        assert!(scene.effects.is_empty(), "{chosen:?}");
    }
}

#[test]
fn several_choices_give_points() {
    let mut scene = question(r#""multiple":true"#);
    answer(&mut scene, &[0, 1]);
    let verdict = verdict(&scene).unwrap();
    assert_eq!(verdict.marks, [Mark::Correct, Mark::Wrong, Mark::None]);
    assert_eq!((verdict.chosen, verdict.feedback), (vec![0, 1], vec![true, true, false]));
    assert_eq!(said(&scene), ["Wrong. Well done. Think"]);
    let outcome = scene.engine.context.get("questions").unwrap().to_text();
    assert!(
        outcome.contains(r#""answers":["a","b"],"correct":false"#) && outcome.contains(r#""score":0"#),
        "{outcome}"
    );
}

#[test]
fn a_question_holds_the_video_until_its_verdict_was_read() {
    let mut scene = question(r#""pauseOnAppear":true,"from":6,"to":9"#);
    scene.at(6.0);
    assert!(scene.has(&Effect::Pause));
    assert_eq!(scene.events("pause"), [serde_json::json!({ "mediaTime": 6, "element": "q" })]);
    answer(&mut scene, &[1]);
    assert!(!scene.plays() && verdict(&scene).unwrap().continues);
    scene.input(Input::Dismiss(0));
    assert!(scene.plays());
    assert_eq!(scene.hidden(), [0]);
}

#[test]
fn a_survey_lets_go_at_once_if_there_is_nothing_to_read() {
    let survey = r#"{"id":"q","kind":"question","text":"Which?","pauseOnAppear":true,"box":{"left":0,"top":0,"width":50,"height":50},
        "choices":[{"id":"a","label":"A"},{"id":"b","label":"B","feedback":"Thank you"}]}"#;
    let mut scene = Scene::new("", survey);
    answer(&mut scene, &[0]);
    assert!(scene.plays());
    let shown = verdict(&scene).unwrap();
    assert_eq!((shown.marks, shown.continues), (vec![Mark::None, Mark::None], false));
    assert!(said(&scene).is_empty());
    let mut scene = Scene::new("", survey);
    answer(&mut scene, &[1]);
    assert!(!scene.plays() && verdict(&scene).unwrap().continues);
    assert_eq!(said(&scene), ["Thank you"]);
}

#[test]
fn answers_stay_when_the_project_is_updated() {
    let mut scene = question(r#""attempts":2"#);
    answer(&mut scene, &[0]);
    let project = Rc::clone(&scene.engine.project);
    scene.input(Input::Update { project, targets: Vec::new() });
    let again = verdict(&scene).unwrap();
    assert_eq!((again.marks[0], again.is_open), (Mark::Correct, false));
    answer(&mut scene, &[1]);
    assert!(scene.effects.is_empty());
}
