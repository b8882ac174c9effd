//! What projects say about webhooks, in their documents: `{"webhooks": {"crm": true, "log": false, "own": {"url": "https://…"}}}`.

use cuehook_json::View;
use std::collections::HashMap;

/// What a project says about a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is not sent this project's events.
    No,
    /// It is.
    Yes,
    /// It is, at this address instead of its own.
    At(String),
}

/// What projects say about webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projects {
    by_id: HashMap<String, HashMap<String, Wish>>,
}

impl Projects {
    /// Reads documents, each with its project's id. What means nothing is left out.
    pub fn read(documents: &[(String, String)]) -> Self {
        let mut projects = Self::default();
        for (id, body) in documents {
            projects.add(id, body);
        }
        projects
    }

    /// Adds what a document says.
    pub fn add(&mut self, id: &str, body: &str) {
        let Some(webhooks) = View::of(body).and_then(|document| document.get("webhooks")) else { return };
        let wishes: HashMap<String, Wish> = webhooks
            .members()
            .filter_map(|(webhook, wish)| {
                let wish = match wish.text() {
                    "true" => Wish::Yes,
                    "false" => Wish::No,
                    _ => Wish::At(wish.str("url")?.into_owned()),
                };
                Some((webhook.into_owned(), wish))
            })
            .collect();
        // Of most nothing is to be remembered.
        if !wishes.is_empty() {
            self.by_id.insert(id.to_owned(), wishes);
        }
    }

    /// What a project says about a webhook, if anything.
    pub fn wish(&self, project: &str, webhook: &str) -> Option<&Wish> {
        self.by_id.get(project)?.get(webhook)
    }

    /// The address that a project has chosen for a webhook.
    pub fn url(&self, project: &str, webhook: &str) -> Option<&str> {
        match self.wish(project, webhook)? {
            Wish::At(url) => Some(url),
            Wish::Yes | Wish::No => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_say_yes_no_and_where() {
        let document =
            r#"{"title":"T","webhooks":{"a":true,"b":false,"c":{"url":"https:\/\/c.example"},"d":{},"e":1}}"#;
        let projects = Projects::read(&[
            ("p".into(), document.into()),
            ("q".into(), r#"{"webhooks":[true]}"#.into()),
            ("r".into(), "not JSON".into()),
        ]);
        assert_eq!(projects.wish("p", "a"), Some(&Wish::Yes));
        assert_eq!(projects.wish("p", "b"), Some(&Wish::No));
        assert_eq!(projects.url("p", "c"), Some("https://c.example"));
        for (project, webhook) in [("p", "d"), ("p", "e"), ("p", "x"), ("q", "0"), ("r", "a"), ("", "a")] {
            assert_eq!(projects.wish(project, webhook), None, "{project} {webhook}");
        }
        assert_eq!(projects.url("p", "a"), None);
    }
}
