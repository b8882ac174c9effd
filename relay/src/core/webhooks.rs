//! The webhooks: which a project may call, and which are sent an event.

use super::filter::{Wanted, text_at};
use super::projects::{Projects, Wish};
use crate::config::Webhook;
use crate::store::NewDelivery;
use cuehook_json::{Span, spans};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

/// An endpoint fails.
pub(super) const ENDPOINT_FAILING: &str = "endpoint.failing";
/// An endpoint was disabled, because it failed for too long or is gone.
pub(super) const ENDPOINT_DISABLED: &str = "endpoint.disabled";
/// An endpoint that failed works.
pub(super) const ENDPOINT_RECOVERED: &str = "endpoint.recovered";
/// A delivery was given up.
pub(super) const DELIVERY_EXHAUSTED: &str = "delivery.exhausted";

/// Lists and objects of events are nested no deeper; what is was refused when it was read.
const EVENT_DEPTH: usize = 128;
/// Bytes of a session's id by which events are kept in order. Of longer ones the beginning counts.
const MAX_ORDER: usize = 128;

/// Whether a type is one of those that tell of endpoints and deliveries. Nobody outside sends them, and `*` does not name them.
pub(super) fn is_operational(kind: &str) -> bool {
    kind.starts_with("endpoint.") || kind.starts_with("delivery.")
}

/// All webhooks, found by id and by what they subscribe to.
#[derive(Debug)]
pub(super) struct Webhooks {
    all: Arc<[Webhook]>,
    places: HashMap<String, usize>,
    /// Of each, what an event has to hold; none if a filter of it cannot be read: then it gets nothing.
    wanted: Vec<Option<Vec<Wanted>>>,
    /// Those that name a type.
    exact: HashMap<String, Vec<usize>>,
    /// Those that name a beginning, with its dot; empty for `*`.
    beginnings: HashMap<String, Vec<usize>>,
}

/// An event that is looked at for the webhooks that want it.
#[derive(Debug)]
pub(super) struct Looked<'e> {
    kind: &'e str,
    project: &'e str,
    body: &'e str,
    /// Where its values are; read when the first one is asked for.
    read: OnceCell<Option<Span>>,
}

impl<'e> Looked<'e> {
    pub(super) fn at(kind: &'e str, project: &'e str, body: &'e str) -> Self {
        Self { kind, project, body, read: OnceCell::new() }
    }

    fn span(&self) -> Option<&Span> {
        self.read.get_or_init(|| spans(self.body, EVENT_DEPTH).ok()).as_ref()
    }

    fn text(&self, names: &[&str]) -> Option<std::borrow::Cow<'e, str>> {
        text_at(self.body, self.span()?, names)
    }

    fn holds(&self, wanted: &[Wanted]) -> bool {
        wanted.is_empty()
            || self.span().is_some_and(|event| wanted.iter().all(|wanted| wanted.holds(self.body, event)))
    }
}

impl Webhooks {
    pub(super) fn new(all: Arc<[Webhook]>) -> Self {
        let places = all.iter().enumerate().map(|(place, webhook)| (webhook.id.clone(), place)).collect();
        let (mut exact, mut beginnings): (HashMap<String, Vec<usize>>, HashMap<_, Vec<_>>) =
            Default::default();
        for (place, webhook) in all.iter().enumerate() {
            for pattern in &webhook.events {
                let named = match pattern.strip_suffix('*') {
                    Some(beginning) => beginnings.entry(beginning.to_owned()).or_default(),
                    None => exact.entry(pattern.clone()).or_default(),
                };
                // A webhook that names it twice is sent it once.
                if named.last() != Some(&place) {
                    named.push(place);
                }
            }
        }
        let wanted = all.iter().map(|webhook| {
            let read: Result<Vec<Wanted>, _> = webhook.filters.iter().map(Wanted::read).collect();
            read.inspect_err(|fault| {
                tracing::error!(
                    webhook = webhook.id,
                    fault,
                    "a webhook is sent no events: a filter of it cannot be read"
                );
            })
            .ok()
        });
        Self { wanted: wanted.collect(), all, places, exact, beginnings }
    }

    /// The webhook with this id.
    pub(super) fn get(&self, id: &str) -> Option<&Webhook> {
        self.all.get(*self.places.get(id)?)
    }

    /// The webhook with this id, if this project may call it.
    pub(super) fn of_project(&self, id: &str, project: &str) -> Option<&Webhook> {
        self.get(id).filter(|webhook| is_for(webhook, project))
    }

    /// The deliveries of an event that was taken. Without a project, as servers may send them, only webhooks that are for all projects
    /// are sent it.
    pub(super) fn deliveries(&self, event: &Looked<'_>, projects: &Projects) -> Vec<NewDelivery> {
        let mut deliveries = Vec::new();
        for place in self.naming(event.kind) {
            let (Some(webhook), Some(wanted)) = (self.all.get(place), self.wanted.get(place)) else {
                continue;
            };
            let Some(wanted) = wanted else { continue };
            if webhook.active
                && is_for(webhook, event.project)
                && is_wished(webhook, projects.wish(event.project, &webhook.id))
                && is_of_videos(webhook, event)
                && event.holds(wanted)
            {
                let order = if webhook.ordered { event.text(&["data", "session", "id"]) } else { None };
                let order = order.map(|order| order.chars().take(MAX_ORDER).collect());
                deliveries.push(NewDelivery { webhook: webhook.id.clone(), order });
            }
        }
        deliveries
    }

    /// The deliveries of an event that tells of a webhook: to those that name such events, but not to that webhook itself.
    pub(super) fn told_of(&self, kind: &str, about: &str) -> Vec<NewDelivery> {
        let projects = Projects::default();
        let mut deliveries = self.deliveries(&Looked::at(kind, "", "{}"), &projects);
        deliveries.retain(|delivery| delivery.webhook != about);
        deliveries
    }

    /// The places of those that name a type, in their order.
    fn naming(&self, kind: &str) -> Vec<usize> {
        let mut places = self.exact.get(kind).cloned().unwrap_or_default();
        let least = if is_operational(kind) { 1 } else { 0 };
        for (beginning, named) in self.beginnings_of(kind) {
            if beginning.len() >= least {
                places.extend(named);
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    fn beginnings_of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (&'s str, &'s Vec<usize>)> {
        let dots = kind.match_indices('.').map(|(at, _)| at + 1);
        let beginnings = std::iter::once(0).chain(dots).filter_map(|end| kind.get(..end));
        beginnings.filter_map(|beginning| Some((beginning, self.beginnings.get(beginning)?)))
    }
}

fn is_for(webhook: &Webhook, project: &str) -> bool {
    webhook.projects.is_empty() || webhook.projects.iter().any(|known| known == project)
}

fn is_wished(webhook: &Webhook, wish: Option<&Wish>) -> bool {
    match wish {
        None => !webhook.opt_in,
        Some(wish) => *wish != Wish::No,
    }
}

fn is_of_videos(webhook: &Webhook, event: &Looked<'_>) -> bool {
    webhook.videos.is_empty()
        || event
            .text(&["data", "video", "id"])
            .is_some_and(|id| webhook.videos.iter().any(|video| *video == id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Filter;
    use cuehook_protocol::subscribes;
    use proptest::prelude::*;

    fn webhook(id: &str, events: &[&str]) -> Webhook {
        let events = events.iter().map(|pattern| (*pattern).to_owned()).collect();
        Webhook { id: id.into(), events, ..Webhook::default() }
    }

    fn sent(webhooks: &Webhooks, projects: &Projects, kind: &str, project: &str, body: &str) -> Vec<String> {
        let deliveries = webhooks.deliveries(&Looked::at(kind, project, body), projects);
        deliveries
            .into_iter()
            .map(|it| it.order.map_or(it.webhook.clone(), |order| it.webhook + "/" + &order))
            .collect()
    }

    #[test]
    fn who_is_sent_an_event() {
        let all = vec![
            webhook("all", &["*"]),
            webhook("twice", &["lead.*", "lead.captured", "lead.captured"]),
            Webhook { projects: vec!["p".into()], ..webhook("p", &["*"]) },
            Webhook { active: false, ..webhook("off", &["*"]) },
            Webhook { videos: vec!["v1".into(), "v2".into()], ..webhook("video", &["*"]) },
            Webhook { ordered: true, ..webhook("ordered", &["*"]) },
            Webhook {
                filters: vec![
                    Filter { path: "$.data.a".into(), any_of: vec!["1".into(), "2".into()] },
                    Filter { path: "$.data.b".into(), any_of: vec!["x".into()] },
                ],
                ..webhook("filters", &["*"])
            },
            Webhook {
                filters: vec![Filter { path: "data".into(), any_of: vec![] }],
                ..webhook("broken", &["*"])
            },
            Webhook { opt_in: true, ..webhook("asked", &["*"]) },
        ];
        let webhooks = Webhooks::new(all.into());
        let projects = Projects::read(&[
            ("p".into(), r#"{"webhooks":{"asked":true,"all":false}}"#.into()),
            ("q".into(), r#"{"webhooks":{"asked":{"url":"https://a.example"}}}"#.into()),
        ]);
        let sent = |kind: &str, project: &str, body: &str| sent(&webhooks, &projects, kind, project, body);
        assert_eq!(sent("lead.captured", "", "{}"), ["all", "twice", "ordered"]);
        assert_eq!(sent("lead.captured", "p", "{}"), ["twice", "p", "ordered", "asked"]);
        assert_eq!(sent("view.ended", "q", "{}"), ["all", "ordered", "asked"]);
        let body = r#"{"data":{"video":{"id":"v2"},"session":{"id":"s1"},"a":2,"b":"x"}}"#;
        assert_eq!(sent("x.y", "", body), ["all", "video", "ordered/s1", "filters"]);
        assert_eq!(sent("x.y", "", r#"{"data":{"video":{"id":"v3"},"a":2,"b":"y"}}"#), ["all", "ordered"]);
        assert_eq!(sent("x.y", "", "not JSON"), ["all", "ordered"]);
    }

    #[test]
    fn what_tells_of_webhooks_is_for_those_that_name_it() {
        let all = vec![
            webhook("all", &["*"]),
            webhook("ops", &["endpoint.*"]),
            webhook("disabled", &["endpoint.disabled", "*"]),
            Webhook { projects: vec!["p".into()], ..webhook("p", &["endpoint.*"]) },
        ];
        let webhooks = Webhooks::new(all.into());
        let told = |kind: &str, about: &str| {
            webhooks.told_of(kind, about).into_iter().map(|it| it.webhook).collect::<Vec<_>>()
        };
        assert_eq!(told(ENDPOINT_DISABLED, "all"), ["ops", "disabled"]);
        assert_eq!(told(ENDPOINT_DISABLED, "ops"), ["disabled"]);
        assert_eq!(told(ENDPOINT_FAILING, "x"), ["ops"]);
        assert_eq!(told(DELIVERY_EXHAUSTED, "x"), Vec::<String>::new());
    }

    proptest! {
        /// The index finds what going through all patterns finds.
        #[test]
        fn patterns_are_found(
            patterns in prop::collection::vec(prop::collection::vec("[ab](\\.[ab]){0,2}(\\.\\*)?|\\*", 0..3), 0..6),
            kind in "[ab](\\.[ab]){1,3}",
        ) {
            let all: Vec<Webhook> = patterns
                .iter()
                .enumerate()
                .map(|(place, patterns)| {
                    webhook(&place.to_string(), &patterns.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            let wants = |webhook: &&Webhook| webhook.events.iter().any(|pattern| subscribes(pattern, &kind));
            let expected: Vec<String> = all.iter().filter(wants).map(|webhook| webhook.id.clone()).collect();
            prop_assert_eq!(sent(&Webhooks::new(all.into()), &Projects::default(), &kind, "", "{}"), expected);
        }
    }
}
