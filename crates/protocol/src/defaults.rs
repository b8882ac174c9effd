//! Defaults: webhooks that a page or an account gives to all its documents.

use cuehook_json::{Json, Object};

/// A document with what the defaults give: of a webhook that both have (by its id) the document's fields count, and those
/// that it leaves out are the defaults'; webhooks that only the defaults have follow. Whatever is not as it should be stays
/// as it is, to be found by whoever reads the document.
pub fn merge(document: Json, defaults: &Json) -> Json {
    let Some(more) = defaults.get("webhooks").and_then(Json::as_array) else { return document };
    let own = document.get("webhooks");
    let (Some(object), Some(own)) = (document.as_object(), own.map_or(Some(&[] as &[Json]), Json::as_array))
    else {
        return document;
    };
    let id = |webhook: &Json| webhook.get("id").and_then(Json::as_str).map(str::to_owned);
    let mut webhooks = own.to_vec();
    for default in more {
        let place =
            webhooks.iter().position(|webhook| id(webhook).is_some_and(|own| Some(own) == id(default)));
        match (place.and_then(|place| webhooks.get_mut(place)), default.as_object()) {
            (Some(webhook), Some(default)) => {
                let mut fields = webhook.as_object().cloned().unwrap_or_default();
                for (name, value) in default.iter() {
                    if fields.get(name).is_none() {
                        fields.set(name, value.clone());
                    }
                }
                *webhook = fields.into();
            }
            _ => webhooks.push(default.clone()),
        }
    }
    let mut merged: Object = object.clone();
    merged.set("webhooks", Json::Array(webhooks.into()));
    merged.into()
}

/// What is wrong with a defaults document as a whole. What is wrong with its webhooks is found after [`merge`].
pub fn defaults_fault(defaults: &Json) -> Option<&'static str> {
    let Some(object) = defaults.as_object() else {
        return Some("defaults are an object: `{\"cuehook\": 1, \"webhooks\": [ … ]}`");
    };
    if object.get("cuehook").and_then(Json::as_f64) != Some(1.0) {
        return Some("defaults say which version they are: `\"cuehook\": 1`");
    }
    if object.get("webhooks").and_then(Json::as_array).is_none() {
        return Some("defaults have a list of webhooks: `\"webhooks\": [ … ]`");
    }
    let known = |name: &str| matches!(name, "cuehook" | "webhooks" | "$schema");
    let is_known = object.iter().all(|(name, _)| known(name));
    (!is_known).then_some("defaults have `cuehook` and `webhooks` and nothing else; take the rest out")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        cuehook_json::check(text.as_bytes(), 16).unwrap()
    }

    fn merged(document: &str, defaults: &str) -> serde_json::Value {
        serde_json::from_str(&merge(json(document), &json(defaults)).to_text()).unwrap()
    }

    #[test]
    fn the_document_takes_precedence_field_by_field() {
        let document =
            r#"{"cuehook":1,"webhooks":[{"id":"crm","enabled":true},{"id":"own","url":"/x"}],"elements":[]}"#;
        let defaults = r#"{"cuehook":1,"webhooks":[{"id":"crm","url":"/crm","events":["lead.*"],"enabled":false},{"id":"all","url":"/all"}]}"#;
        assert_eq!(
            merged(document, defaults),
            serde_json::json!({"cuehook": 1, "elements": [], "webhooks": [
                {"id": "crm", "enabled": true, "url": "/crm", "events": ["lead.*"]},
                {"id": "own", "url": "/x"},
                {"id": "all", "url": "/all"},
            ]})
        );
        assert_eq!(
            merged(r#"{"cuehook":1}"#, r#"{"webhooks":[{"id":"a","url":"/a"}]}"#),
            serde_json::json!({"cuehook": 1, "webhooks": [{"id": "a", "url": "/a"}]})
        );
    }

    #[test]
    fn what_is_wrong_stays_to_be_found() {
        for (document, defaults) in [
            (r#"{"webhooks":{"id":"a"}}"#, r#"{"webhooks":[{"id":"a"}]}"#),
            ("[1]", r#"{"webhooks":[{"id":"a"}]}"#),
            (r#"{"webhooks":[{"id":"a"}]}"#, "[]"),
            (r#"{"webhooks":[{"id":"a"}]}"#, r#"{"webhooks":{}}"#),
            ("null", "null"),
        ] {
            let expected: serde_json::Value = serde_json::from_str(document).unwrap();
            assert_eq!(merged(document, defaults), expected, "{document} {defaults}");
        }
        // No id is like another.
        let both = merged(r#"{"webhooks":[{"url":"/a"},5]}"#, r#"{"webhooks":[{"url":"/b"},null,{"id":3}]}"#);
        assert_eq!(both, serde_json::json!({"webhooks": [{"url": "/a"}, 5, {"url": "/b"}, null, {"id": 3}]}));
    }

    #[test]
    fn faults_of_the_whole_are_named() {
        assert_eq!(defaults_fault(&json(r#"{"cuehook":1,"webhooks":[]}"#)), None);
        assert_eq!(defaults_fault(&json(r#"{"$schema":"x","cuehook":1.0,"webhooks":[]}"#)), None);
        for text in [
            "[]",
            r#"{"webhooks":[]}"#,
            r#"{"cuehook":2,"webhooks":[]}"#,
            r#"{"cuehook":1}"#,
            r#"{"cuehook":1,"webhooks":{}}"#,
            r#"{"cuehook":1,"webhooks":[],"elements":[]}"#,
        ] {
            assert!(defaults_fault(&json(text)).is_some(), "{text}");
        }
    }
}
