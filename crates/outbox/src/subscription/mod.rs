//! What a project says of events: who receives which, and what the video is.
//!
//! The runtime reads the same document and refuses it as a whole if it is wrong. Here only what events need is read, and what is
//! wrong with that is named.

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use crate::endpoint::Endpoint;
use cuehook_json::{View, write_string};
use cuehook_protocol::{Format, PageAddress, nearest, pattern_fault};

/// At most so many webhooks are read.
const MOST_WEBHOOKS: usize = 100;
/// At most so many patterns of a webhook are read.
const MOST_PATTERNS: usize = 50;
/// So many bytes of a wrong value are quoted.
const LONGEST_QUOTE: usize = 60;
/// So many bytes of a text of the video are told.
const LONGEST_TEXT: usize = 2_000;

/// What is wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A stable code.
    pub code: &'static str,
    /// Where, such as `webhooks[0].events[2]`. Webhooks that only the defaults have are counted after those of the document.
    pub path: String,
    /// What was found, and what to write instead.
    pub message: String,
}

/// What the page says of itself.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// Its address.
    pub address: &'a str,
    /// Origins that it may send to; all if nothing is said.
    pub allow_origins: Option<&'a [String]>,
    /// A URL that may be relative to the page as an absolute one; none if it is no URL.
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
    /// How much of the page's address each of them may know.
    pub pages: Vec<PageAddress>,
    /// The members of the video that do not change, with commas between.
    pub video: String,
    /// The project's elements, a JSON list.
    pub elements: String,
    /// A webhook wants a format that this build does not have.
    pub needs_formats: bool,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Subscription {
    /// Reads a project and, if there are any, the defaults of its page or account; both are JSON texts.
    pub fn read(project: &str, defaults: Option<&str>, page: &Page<'_>) -> Self {
        let mut subscription = Self::default();
        let Some(project) = View::of(project) else {
            subscription.problem("config-invalid", "", "the project is no JSON");
            return subscription;
        };
        subscription.elements = project.get("elements").map_or("", View::text).to_owned();
        subscription.read_video(project.get("video"), page);
        let defaults = defaults.and_then(View::of).and_then(|defaults| defaults.get("webhooks"));
        let defaults: Vec<View<'_>> =
            defaults.into_iter().flat_map(View::items).take(MOST_WEBHOOKS).collect();
        let own: Vec<View<'_>> =
            project.get("webhooks").into_iter().flat_map(View::items).take(MOST_WEBHOOKS).collect();
        for (number, webhook) in own.iter().enumerate() {
            let default = defaults.iter().find(|default| is_same(**default, *webhook));
            subscription.read_webhook(number, *webhook, default.copied(), page);
        }
        let more = defaults.iter().filter(|default| !own.iter().any(|own| is_same(*own, **default)));
        for (number, webhook) in more.enumerate() {
            subscription.read_webhook(own.len() + number, *webhook, None, page);
        }
        subscription
    }

    fn problem(&mut self, code: &'static str, path: &str, message: &str) {
        self.problems.push(Problem { code, path: path.to_owned(), message: message.to_owned() });
    }

    fn wrong(&mut self, path: &str, found: View<'_>, expected: &str) {
        let message = ["found ", cut(found.text(), LONGEST_QUOTE), "; ", expected].concat();
        self.problem("config-invalid", path, &message);
    }

    fn read_video(&mut self, video: Option<View<'_>>, page: &Page<'_>) {
        let text = |name: &str| video.and_then(|video| video.str(name));
        self.video.push_str("\"id\":");
        write_string(cut(&text("id").unwrap_or_default(), LONGEST_TEXT), &mut self.video);
        if let Some(title) = text("title") {
            self.video.push_str(",\"title\":");
            write_string(cut(&title, LONGEST_TEXT), &mut self.video);
        }
        if let Some(number) = video.and_then(|video| video.get("number")) {
            let digits = number.text().strip_prefix('-').unwrap_or(number.text());
            if digits.len() <= 15 && digits.bytes().all(|digit| digit.is_ascii_digit()) {
                self.video.push_str(",\"number\":");
                self.video.push_str(number.text());
            } else {
                self.wrong(
                    "video.number",
                    number,
                    "write a whole number, such as the video's in another system",
                );
            }
        }
        for name in ["thumbnail", "downloadUrl", "shareUrl", "embedUrl"] {
            let Some(value) = video.and_then(|video| video.get(name)) else { continue };
            let url = value.as_str().and_then(|url| (page.resolve)(&url));
            match url.filter(|url| url.starts_with("http") && url.len() <= LONGEST_TEXT) {
                Some(url) => {
                    self.video.extend([",\"", name, "\":"]);
                    write_string(&url, &mut self.video);
                }
                None => self.wrong(&["video.", name].concat(), value, "write a URL of https or http"),
            }
        }
    }

    fn read_webhook(&mut self, number: usize, own: View<'_>, default: Option<View<'_>>, page: &Page<'_>) {
        let field = |name: &str| own.get(name).or_else(|| default?.get(name));
        let path = |name: &str, item: Option<usize>| {
            let mut path = ["webhooks[", &digits(number), "].", name].concat();
            if let Some(item) = item {
                path.extend(["[", &digits(item), "]"]);
            }
            path
        };
        let Some(list) = field("events") else { return };
        let mut events = Vec::new();
        for (number, item) in list.items().take(MOST_PATTERNS).enumerate() {
            match item.as_str() {
                Some(pattern) => match pattern_fault(&pattern) {
                    None => events.push(pattern.into_owned()),
                    Some(fault) => self.wrong(&path("events", Some(number)), item, &fault),
                },
                None => self.wrong(&path("events", Some(number)), item, EVENTS),
            }
        }
        if !list.text().starts_with('[') || list.items().nth(MOST_PATTERNS).is_some() {
            self.wrong(&path("events", None), list, EVENTS);
        }
        let mut is_set = |name: &str, otherwise: bool| match field(name) {
            None => otherwise,
            Some(value) if matches!(value.text(), "true" | "false") => value.is_true(),
            Some(value) => {
                self.wrong(&path(name, None), value, "write `true` or `false`");
                otherwise
            }
        };
        let is_enabled = is_set("enabled", true);
        let batch = is_set("batch", false);
        let simple = is_set("simple", false);
        let format = match field("format") {
            None => Format::Cuehook,
            Some(value) => {
                let word = value.as_str().unwrap_or_default();
                match Format::WORDS.iter().position(|known| *known == word).and_then(Format::at) {
                    Some(format) => format,
                    None => {
                        let expected = match nearest(&word, &Format::WORDS) {
                            Some(near) => ["did you mean `", near, "`?"].concat(),
                            None => ["write one of ", &Format::WORDS.join(", ")].concat(),
                        };
                        self.wrong(&path("format", None), value, &expected);
                        return;
                    }
                }
            }
        };
        let Some(url) = field("url") else {
            self.problem("config-invalid", &path("url", None), "missing; write the URL to POST to");
            return;
        };
        if !is_enabled || events.is_empty() {
            return;
        }
        if !format.is_built() {
            self.needs_formats = true;
            return;
        }
        let resolved =
            url.as_str().and_then(|url| (page.resolve)(&url)).filter(|url| url.starts_with("http"));
        let Some(resolved) = resolved else {
            self.wrong(&path("url", None), url, "write a URL of https or http, or one relative to the page");
            return;
        };
        if page.allow_origins.is_some_and(|list| list.iter().all(|allowed| allowed != origin(&resolved))) {
            let message = "the page's `allow-origins` does not have this origin; nothing is sent there";
            self.problem("origin-denied", &path("url", None), message);
            return;
        }
        let headers = field("headers")
            .into_iter()
            .flat_map(View::items)
            .filter_map(|header| Some((header.str("name")?.into_owned(), header.str("value")?.into_owned())));
        let told = field("page").and_then(View::as_str).unwrap_or_default();
        let told = PageAddress::WORDS.iter().position(|word| *word == told).and_then(PageAddress::at);
        let told = told.unwrap_or_default();
        self.endpoints.push(Endpoint {
            webhook: field("id").and_then(View::as_str).unwrap_or_default().into_owned(),
            url: resolved,
            headers: headers.collect(),
            simple,
            batch,
            format,
            events,
            page: told.of(page.address).map(Into::into),
        });
        self.pages.push(told);
    }

    /// The element of that id.
    pub fn element(&self, id: &str) -> Option<View<'_>> {
        View::of(&self.elements)?.items().find(|element| element.str("id").is_some_and(|own| own == id))
    }
}

const EVENTS: &str = "write a list of at most 50 types, such as [\"lead.*\", \"view.ended\"]";

/// Whether two webhooks have the same id.
fn is_same(one: View<'_>, other: View<'_>) -> bool {
    one.str("id").is_some_and(|id| Some(id) == other.str("id"))
}

fn digits(number: usize) -> String {
    let mut out = String::new();
    cuehook_json::write_integer(number as u64, &mut out);
    out
}

/// The beginning of a text, of at most so many bytes.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let mut most = most.min(text.len());
    while !text.is_char_boundary(most) {
        most -= 1;
    }
    text.get(..most).unwrap_or_default()
}

/// The origin of an absolute URL as browsers write it.
fn origin(url: &str) -> &str {
    let host = url.as_bytes().windows(3).position(|signs| signs == b"://").map_or(0, |place| place + 3);
    let rest = url.get(host..).unwrap_or_default();
    let length = rest.bytes().position(|sign| matches!(sign, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    url.get(..host + length).unwrap_or_default()
}
