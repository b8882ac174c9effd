//! What a project says of events: who receives which, and what the video is.
//!
//! Checking a document says what is wrong in it, and what to write instead. What is wrong here is passed over, and noted.

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use crate::endpoint::Endpoint;
use crate::text::{copy, is_set, items, member, text};
use cuehook_json::View;
use cuehook_protocol::{EVENTS_PATH, Format, is_pattern};

/// So many webhooks are read, as many as the runtime reads.
const MOST_WEBHOOKS: usize = 100;
/// What the relay is called as a receiver.
const RELAY: &str = "relay";
/// So many bytes of a text of the video are told.
const LONGEST_TEXT: usize = 2_000;

/// What the page says of itself.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// Its address.
    pub address: &'a str,
    /// Origins that it may send to; all if nothing is said.
    pub allow_origins: Option<&'a [String]>,
    /// Its relay, if it names one: the URL without a `/` at the end.
    pub relay: Option<&'a str>,
    /// A URL, which may be relative to the page, as an absolute one; none if it is no URL.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
}

impl std::fmt::Debug for Page<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Page")
    }
}

/// What a project says of events.
#[derive(Clone, Debug, Default)]
pub struct Subscription {
    /// Webhooks that are sent events.
    pub endpoints: Vec<Endpoint>,
    /// The members of the video that do not change.
    pub video: String,
    /// How much of the page's address each of them may know, as the document says it.
    pub pages: Vec<String>,
    /// Webhooks of which something was passed over: what they say of events is wrong.
    pub faulty: Vec<String>,
    /// What the webhooks of the relay are sent, all together, and the most that all of them may know of the page's address.
    relayed: Option<(Vec<String>, String)>,
    /// Webhooks that would be sent events, if the page allowed their origin.
    pub denied: Vec<String>,
}

impl Subscription {
    /// Reads a project and the defaults of its page or account, which may be empty; both are JSON texts.
    pub fn read(project: &str, defaults: &str, page: &Page<'_>) -> Self {
        let mut subscription = Self::default();
        let (Some(project), defaults) = (View::of(project), View::of(defaults)) else { return subscription };
        subscription.read_video(project.get("video").unwrap_or(project), page);
        let mut read = Vec::new();
        for webhook in items(project, "webhooks").take(MOST_WEBHOOKS) {
            let id = text(webhook, "id");
            let mut default = webhook;
            if let Some(defaults) = defaults {
                default =
                    items(defaults, "webhooks").find(|other| text(*other, "id") == id).unwrap_or(webhook);
            }
            subscription.read_webhook(webhook, default, page);
            read.push(id);
        }
        if let Some(defaults) = defaults {
            for webhook in items(defaults, "webhooks").take(MOST_WEBHOOKS) {
                if !read.contains(&text(webhook, "id")) {
                    subscription.read_webhook(webhook, webhook, page);
                }
            }
        }
        subscription.add_relay(page);
        subscription
    }

    /// The relay is one receiver, however many webhooks it knows: it tells them apart.
    fn add_relay(&mut self, page: &Page<'_>) {
        let (Some((events, word)), Some(relay)) = (self.relayed.take(), page.relay) else { return };
        let url = [relay, EVENTS_PATH].concat();
        if page.allow_origins.is_some_and(|list| list.iter().all(|allowed| !is_of(&url, allowed))) {
            self.denied.push(RELAY.to_owned());
            return;
        }
        self.endpoints.push(Endpoint {
            webhook: RELAY.to_owned(),
            url,
            headers: Vec::new(),
            simple: false,
            batch: true,
            relay: true,
            format: Format::Cuehook,
            events,
            page: told(&word, page.address),
        });
        self.pages.push(word);
    }

    fn read_video(&mut self, video: View<'_>, page: &Page<'_>) {
        let out = &mut self.video;
        out.push('{');
        // Without `video` this is the document itself, which has no `id`.
        member("id", &text(video, "id"), out);
        copy("title", video, LONGEST_TEXT, out);
        copy("number", video, LONGEST_TEXT, out);
        for name in ["thumbnail", "downloadUrl", "shareUrl", "embedUrl"] {
            let url = text(video, name);
            if let Some(url) = resolved(&url, page).filter(|url| url.len() <= LONGEST_TEXT) {
                member(name, &url, out);
            }
        }
    }

    #[inline(never)]
    fn read_webhook(&mut self, own: View<'_>, default: View<'_>, page: &Page<'_>) {
        // The whole object where a field is: the document's or the defaults'.
        let place = |name: &str| if own.get(name).is_some() { own } else { default };
        let field = |name: &str| text(place(name), name);
        let mut events: Vec<String> = Vec::new();
        let mut is_faulty = false;
        for pattern in items(place("events"), "events") {
            events.extend(pattern.as_str().map(Into::into));
            is_faulty |= !events.last().is_some_and(|pattern| is_pattern(pattern));
        }
        let is_off = place("enabled").get("enabled").is_some_and(|value| value.text() == "false");
        if events.is_empty() || is_off {
            return;
        }
        let webhook = field("id");
        if !field("relay").is_empty() {
            if is_faulty {
                self.faulty.push(webhook);
            }
            let page = field("page");
            let (all, word) = self.relayed.get_or_insert_with(|| (Vec::new(), page.clone()));
            all.extend(events.into_iter().filter(|pattern| !all.contains(pattern)).collect::<Vec<_>>());
            if page == "none" || word == "full" {
                *word = page;
            }
            return;
        }
        let mut word = field("format");
        if word.is_empty() {
            Format::Cuehook.as_str().clone_into(&mut word);
        }
        let format = Format::WORDS.iter().position(|known| *known == word).and_then(Format::at);
        let format = format.filter(|format| format.is_built());
        let url = resolved(&field("url"), page);
        if is_faulty || format.is_none() || url.is_none() {
            self.faulty.push(webhook.clone());
        }
        let (Some(format), Some(url)) = (format, url) else { return };
        if webhook.is_empty() {
            return;
        }
        if page.allow_origins.is_some_and(|list| list.iter().all(|allowed| !is_of(&url, allowed))) {
            self.denied.push(webhook);
            return;
        }
        let mut headers = Vec::new();
        for header in items(place("headers"), "headers") {
            headers.push((text(header, "name"), text(header, "value")));
        }
        self.endpoints.push(Endpoint {
            webhook,
            url,
            headers,
            simple: is_set(place("simple"), "simple"),
            batch: is_set(place("batch"), "batch"),
            relay: false,
            format,
            events,
            page: told(&field("page"), page.address),
        });
        self.pages.push(field("page"));
    }
}

#[inline(never)]
fn resolved(url: &str, page: &Page<'_>) -> Option<String> {
    let resolved = if url.is_empty() { None } else { (page.resolve)(url) };
    resolved.filter(|url| url.starts_with("http"))
}

/// As much of the page's address as the word in `page` allows. Never the name and password of a user.
pub(crate) fn told(word: &str, address: &str) -> Option<String> {
    if word == "none" {
        return None;
    }
    let (mut slashes, mut start, mut host) = (0, 0, 0);
    let mut end = address.len();
    for (place, sign) in address.bytes().enumerate() {
        match sign {
            b'/' => {
                slashes += 1;
                if slashes == 2 {
                    (start, host) = (place + 1, place + 1);
                }
            }
            b'@' if slashes == 2 => host = place + 1,
            b'?' | b'#' if word == "full" => slashes = 3,
            b'?' | b'#' => {
                end = place;
                break;
            }
            _ => {}
        }
    }
    Some([address.get(..start)?, address.get(host..end)?].concat())
}

/// Whether an absolute URL, as browsers write it, has this origin.
fn is_of(url: &str, origin: &str) -> bool {
    let rest = url.strip_prefix(origin).map(str::as_bytes);
    matches!(rest, Some([] | [b'/' | b'?' | b'#', ..]))
}
