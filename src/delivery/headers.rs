//! The header fields of a request.

use crate::project::{Webhook, header_name_syntax_fault, header_value_fault};

/// Header fields of one attempt.
///
/// `id` is constant across retries, so that a receiver can tell a repetition from a new request; `wall_ms` is the
/// time of this attempt (`webhook-timestamp`, Unix seconds, as Standard Webhooks has it). In simple mode
/// nothing but the content type is sent, because any other field would cost a CORS preflight; the body carries
/// the id as well.
pub fn headers(
    webhook: &Webhook,
    id: &str,
    wall_ms: f64,
    added: &[(String, String)],
) -> Vec<(String, String)> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    if webhook.simple {
        return vec![field("content-type", "text/plain;charset=UTF-8")];
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (wall_ms / 1000.0) as u64;
    let mut fields = vec![
        field("content-type", "application/json"),
        field("webhook-id", id),
        field("idempotency-key", id),
        field("webhook-timestamp", &seconds.to_string()),
    ];
    let authored = webhook.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
    let added = added.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in authored.chain(added) {
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            // The page may replace the author's fields, but not ours: receivers rely on them.
            Some((known, old)) if !is_ours(known) => value.clone_into(old),
            Some(_) => {}
            None => fields.push(field(name, value)),
        }
    }
    fields
}

/// Why `fetch` would refuse a field that the page adds (Fetch Standard, section 2.2.2); it would fail as if there was no
/// network.
pub fn unsendable(name: &str, value: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("the name of a header must not be empty");
    }
    header_name_syntax_fault(name).or_else(|| header_value_fault(value))
}

fn is_ours(name: &str) -> bool {
    matches!(name, "content-type" | "webhook-id" | "idempotency-key" | "webhook-timestamp")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::project::{Header, Include, WhileRunning};

    fn webhook(simple: bool) -> Webhook {
        Webhook {
            id: "w".into(),
            name: None,
            url: "/".into(),
            headers: vec![Header { name: "X-Shop".into(), value: "spring".into() }],
            wait_for_response: true,
            include_interactions: Include::All,
            timeout_ms: 8000,
            retries: 2,
            while_running: WhileRunning::Drop,
            simple,
        }
    }

    fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn carries_the_id_twice_and_the_time_in_seconds() {
        let fields = headers(&webhook(false), "0192-abc", 1_732_147_620_999.0, &[]);
        assert_eq!(value(&fields, "content-type"), Some("application/json"));
        assert_eq!(value(&fields, "webhook-id"), Some("0192-abc"));
        assert_eq!(value(&fields, "idempotency-key"), Some("0192-abc"));
        assert_eq!(value(&fields, "webhook-timestamp"), Some("1732147620"));
        assert_eq!(value(&fields, "X-Shop"), Some("spring"));
    }

    #[test]
    fn the_page_adds_and_replaces_but_not_what_receivers_rely_on() {
        let added = [
            ("authorization".to_owned(), "Bearer short-lived".to_owned()),
            ("x-shop".to_owned(), "autumn".to_owned()),
            ("Webhook-Id".to_owned(), "forged".to_owned()),
        ];
        let fields = headers(&webhook(false), "id", 0.0, &added);
        assert_eq!(value(&fields, "authorization"), Some("Bearer short-lived"));
        assert_eq!(value(&fields, "X-Shop"), Some("autumn"));
        assert_eq!(value(&fields, "webhook-id"), Some("id"));
        assert_eq!(fields.len(), 6);
    }

    #[test]
    fn simple_mode_needs_no_preflight() {
        let added = [("authorization".to_owned(), "x".to_owned())];
        let fields = headers(&webhook(true), "id", 0.0, &added);
        assert_eq!(fields, [("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())]);
    }
}
