//! What screen readers are told.

use super::*;

const WAIT: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":0}"#;

fn said(scene: &Scene) -> Vec<Saying> {
    let saying =
        |effect: &Effect| if let Effect::Announce(saying) = effect { Some(saying.clone()) } else { None };
    scene.effects.iter().filter_map(saying).collect()
}

fn text(text: &str) -> Saying {
    Saying::Text(text.into())
}

#[test]
fn one_element_that_appears_is_named_and_several_are_counted() {
    let area = |id: &str, from: u32, more: &str| {
        format!(r#"{{"id":"{id}",AREA,"from":{from}{more}}}"#).replace("\"L\"", &format!("\"{id}!\""))
    };
    let elements = [
        area("a", 6, ""),
        area("b", 7, ""),
        area("c", 7, ""),
        area("d", 7, r#","announce":false"#),
        r#"{"id":"text",HTML,"source":"Hello","from":8}"#.to_owned(),
        area("e", 9, r#","pauseOnAppear":true"#),
        r#"{"id":"dialog",HTML,"source":"Hello","from":10,"modal":true}"#.to_owned(),
        r#"{"id":"cond","kind":"condition","when":"true","from":11}"#.to_owned(),
    ];
    let mut scene = Scene::new("", &elements.join(","));
    let mut at = |time| {
        scene.at(time);
        said(&scene)
    };
    assert_eq!(at(5.5), []);
    assert_eq!(at(6.0), [text("L")]);
    assert_eq!(at(6.1), []);
    assert_eq!(at(7.0), [text("New on the video: 2.")]);
    assert_eq!(at(8.0), [Saying::Element(4)]);
    assert_eq!(at(9.0), [text("L"), text("The video is paused.")]);
    assert_eq!(at(10.0), []);
    assert_eq!(at(11.0), []);
}

#[test]
fn what_an_answer_brought_is_said_instead_of_that_it_came() {
    let elements = r#"{"id":"a",AREA,"from":1,"onClick":[{"do":"executeWebhook","webhook":"w"},{"do":"show","element":"late"}]},
        {"id":"code",HTML,"source":"Code: ${code}"},{"id":"more",HTML,"source":"${more!-}"},
        {"id":"quiet",HTML,"source":"${code!-}","announce":false},{"id":"late",HTML,"source":"late","visible":false}"#;
    let mut scene = Scene::new(WAIT, elements);
    scene.click("a");
    scene.answer(1, 1, 200, r#"{"code":"X"}"#);
    assert_eq!(said(&scene), [Saying::Element(1), Saying::Element(4)]);
    scene.click("a");
    scene.answer(2, 1, 200, r#"{"code":"Y","more":1}"#);
    assert_eq!(said(&scene), [Saying::Element(1), Saying::Element(2)]);
    scene.click("a");
    scene.answer(3, 1, 200, r#"{"code":"Y"}"#);
    assert_eq!(said(&scene), [text("The answer is here.")]);
}

#[test]
fn a_variable_that_the_page_sets_is_not_read_out() {
    let mut scene = Scene::new("", r#"{"id":"clock",HTML,"source":"${now!-}"}"#);
    scene.input(Input::SetVariable { name: "now".into(), value: Json::Integer(1) });
    assert!(scene.effects.iter().any(|effect| matches!(effect, Effect::Patch { .. })));
    assert_eq!(said(&scene), []);
}

#[test]
fn what_comes_and_goes_while_the_viewer_drags_is_not_said() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA,"from":6,"to":7},{"id":"b",AREA,"from":8,"to":9}"#);
    scene.moment.media.seeking = true;
    scene.input(Input::Media(MediaEvent::Seeking));
    for time in [6.5, 8.5] {
        scene.at(time);
        assert_eq!((scene.shown().len(), said(&scene)), (1, vec![]));
    }
    scene.moment.media.seeking = false;
    scene.at(8.5);
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(said(&scene), [text("L")]);
}
