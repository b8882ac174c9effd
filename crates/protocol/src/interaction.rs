//! An entry of the interaction log as bodies carry it.

use cuehook_json::{Json, write, write_number, write_string};

/// One thing that the viewer did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interaction<'a> {
    /// UUIDv7.
    pub id: &'a str,
    /// What was done: `click`, `submit` or `answer`.
    pub kind: &'a str,
    /// Id of the element, if it has one.
    pub element: Option<&'a str>,
    /// Its accessible name at that time.
    pub label: &'a str,
    /// Media time in seconds.
    pub media_time: f64,
    /// When, as RFC 3339.
    pub at: &'a str,
    /// What it is to those who count: `cta`, `annotation`, `lead`, `answer`.
    pub records: Option<&'a str>,
    /// Where it leads, if it is counted and leads somewhere.
    pub url: Option<&'a str>,
    /// What was entered or chosen.
    pub value: Option<&'a Json>,
}

impl Interaction<'_> {
    /// Appends it as a JSON object; `seq` is its number within the session, from 1.
    pub fn write(&self, seq: u64, out: &mut String) {
        out.push_str("{\"seq\":");
        #[allow(clippy::cast_precision_loss)]
        write_number(seq as f64, out);
        out.push_str(",\"id\":\"");
        out.push_str(self.id);
        out.push_str("\",\"type\":");
        write_string(self.kind, out);
        out.push_str(",\"element\":");
        match self.element {
            Some(element) => write_string(element, out),
            None => out.push_str("null"),
        }
        out.push_str(",\"label\":");
        write_string(self.label, out);
        out.push_str(",\"mediaTime\":");
        write_number(self.media_time, out);
        out.push_str(",\"at\":\"");
        out.push_str(self.at);
        out.push('"');
        for (name, text) in [("records", self.records), ("url", self.url)] {
            if let Some(text) = text {
                out.extend([",\"", name, "\":"]);
                write_string(text, out);
            }
        }
        if let Some(value) = self.value {
            out.push_str(",\"value\":");
            write(value, out);
        }
        out.push('}');
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn an_interaction_is_json() {
        let interaction = Interaction {
            id: "0192",
            kind: "click",
            element: Some("get-code"),
            label: "a \"quoted\" label",
            media_time: 7.42,
            at: "2026-11-20T20:07:00.123Z",
            ..Interaction::default()
        };
        let written = |interaction: Interaction<'_>| {
            let mut out = String::new();
            interaction.write(1, &mut out);
            serde_json::from_str::<serde_json::Value>(&out).unwrap()
        };
        assert_eq!(
            written(interaction),
            serde_json::json!({"seq": 1, "id": "0192", "type": "click", "element": "get-code",
                "label": "a \"quoted\" label", "mediaTime": 7.42, "at": "2026-11-20T20:07:00.123Z"})
        );
        let value = Json::from("blue");
        let chosen = written(Interaction { element: None, value: Some(&value), ..interaction });
        assert_eq!((chosen["element"].is_null(), &chosen["value"]), (true, &"blue".into()));
        let counted =
            written(Interaction { records: Some("cta"), url: Some("https://a.example"), ..interaction });
        assert_eq!((&counted["records"], &counted["url"]), (&"cta".into(), &"https://a.example".into()));
    }
}
