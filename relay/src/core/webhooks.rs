//! The webhooks: which a project may call, and which are sent an event.

use crate::config::Webhook;
use cuehook_protocol::subscribes;
use std::collections::HashMap;
use std::sync::Arc;

/// All webhooks, found by id.
#[derive(Debug)]
pub(super) struct Webhooks {
    all: Arc<[Webhook]>,
    places: HashMap<String, usize>,
}

impl Webhooks {
    pub(super) fn new(all: Arc<[Webhook]>) -> Self {
        let places = all.iter().enumerate().map(|(place, webhook)| (webhook.id.clone(), place)).collect();
        Self { all, places }
    }

    /// The webhook with this id, if this project may call it.
    pub(super) fn of_project(&self, id: &str, project: &str) -> Option<&Webhook> {
        let webhook = self.all.get(*self.places.get(id)?)?;
        is_for(webhook, project).then_some(webhook)
    }

    /// The ids of those that are sent an event of this type in this project. Without one, as servers may send them,
    /// only webhooks that are for all projects are.
    pub(super) fn subscribed(&self, project: &str, kind: &str) -> Vec<String> {
        let wants = |webhook: &&Webhook| {
            is_for(webhook, project) && webhook.events.iter().any(|pattern| subscribes(pattern, kind))
        };
        self.all.iter().filter(wants).map(|webhook| webhook.id.clone()).collect()
    }
}

fn is_for(webhook: &Webhook, project: &str) -> bool {
    webhook.projects.is_empty() || webhook.projects.iter().any(|known| known == project)
}
