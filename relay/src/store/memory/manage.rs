//! What is changed by hand, and how webhooks are doing, in the model.

use super::Kept;
use crate::store::manage::brief;
use crate::store::{
    Audit, Change, NewEvent, StoredAudit, StoredDocument, StoredWebhook, UnixMs, WebhookHealth,
};

impl Kept {
    pub(super) fn put_health(&mut self, was: &WebhookHealth, becomes: WebhookHealth) -> bool {
        let is = self.health.get(&was.webhook);
        if was.webhook != becomes.webhook || is.unwrap_or(&WebhookHealth::of(&was.webhook)) != was {
            return false;
        }
        if becomes.is_known() {
            self.health.insert(becomes.webhook.clone(), becomes);
        } else {
            self.health.remove(&becomes.webhook);
        }
        true
    }

    pub(super) fn change(&mut self, change: Change, audit: Audit, now: UnixMs) -> bool {
        let is_made = match change {
            Change::Webhook { was, becomes } => self.change_webhook(was.as_ref(), becomes, now),
            Change::Document { kind, id, was, becomes, events } => {
                let key = (kind, id);
                let is_it = self.documents.get(&key).map(|document| &document.body) == was.as_ref();
                if is_it {
                    match becomes {
                        Some(body) => {
                            let document = StoredDocument { id: key.1.clone(), body, updated_at: now };
                            self.documents.insert(key, document);
                        }
                        None => drop(self.documents.remove(&key)),
                    }
                    self.accept_all(events, now);
                }
                is_it
            }
            Change::Health { was, becomes } => self.put_health(&was, becomes),
        };
        if is_made {
            self.write_down(audit, now);
        }
        is_made
    }

    fn change_webhook(
        &mut self,
        was: Option<&StoredWebhook>,
        becomes: Option<StoredWebhook>,
        now: UnixMs,
    ) -> bool {
        let Some(id) = becomes.as_ref().or(was).map(|webhook| webhook.id.clone()) else { return true };
        if was.is_some_and(|was| was.id != id) || self.webhooks.get(&id) != was {
            return false;
        }
        match becomes {
            Some(webhook) => drop(self.webhooks.insert(id, StoredWebhook { updated_at: now, ..webhook })),
            None => {
                self.webhooks.remove(&id);
                self.health.remove(&id);
            }
        }
        true
    }

    pub(super) fn accept_all(&mut self, events: Vec<NewEvent>, now: UnixMs) {
        for event in events {
            self.accept(event, now);
        }
    }

    pub(super) fn write_down(&mut self, audit: Audit, now: UnixMs) {
        let place = self.next();
        let audit = Audit { detail: brief(&audit.detail).to_owned(), ..audit };
        self.audit.insert(place, StoredAudit { place, at: now, audit });
    }
}
