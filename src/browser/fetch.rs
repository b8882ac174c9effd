//! Makes one attempt of a request: POST, read the response as a stream with a limit, report.
//!
//! gloo-net builds the request and reads the head of the response. The call of `fetch` and the reading of the body
//! stand here, because a promise may be rejected with anything (a page's own wrapper of `fetch`, an
//! `abort("reason")`), and because the body must not be read past its limit.

use super::link::Link;
use super::listener::Listener;
use super::timeout::Timeout;
use crate::engine::{Attempt, Input, RequestId};
use crate::protocol::{Response, TransportFailure};
use gloo_net::http;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Document, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestMode, RequestRedirect, SecurityPolicyViolationEvent, Url, Window,
};

#[wasm_bindgen]
extern "C" {
    /// The page's `fetch`, which may be a wrapper of its own: it may throw and may return anything.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn start_fetch(request: &web_sys::Request, init: &JsValue) -> Result<JsValue, JsValue>;
}

/// The name of the option by which a request goes on when the page is left.
const KEEPALIVE: &str = "keepalive";

/// Whether this browser knows such requests.
pub fn has_keepalive() -> bool {
    let prototype = Reflect::get(&js_sys::global(), &JsValue::from_str("Request"))
        .and_then(|request| Reflect::get(&request, &JsValue::from_str("prototype")));
    prototype.is_ok_and(|prototype| Reflect::has(&prototype, &JsValue::from_str(KEEPALIVE)).unwrap_or(false))
}

/// How long a failed attempt waits for the report of a Content-Security-Policy: browsers send it in a task of its
/// own, after the promise is rejected.
const VIOLATION_GRACE_MS: f64 = 50.0;

/// The attempts that are under way.
#[derive(Debug)]
pub struct Fetches {
    window: Window,
    document: Document,
    running: Rc<RefCell<Vec<(RequestId, u32, AbortController)>>>,
}

impl Fetches {
    /// No attempt is under way yet.
    pub fn new(window: Window, document: Document) -> Fetches {
        Fetches { window, document, running: Rc::default() }
    }

    /// Starts an attempt; its outcome is reported as [`Input::AttemptEnded`].
    pub fn send(&self, request: Attempt, link: &Link) {
        let controller = AbortController::new().ok();
        let (id, attempt) = (request.request, request.attempt);
        if let Some(controller) = &controller {
            self.running.borrow_mut().push((id, attempt, controller.clone()));
        }
        let (window, document, link) = (self.window.clone(), self.document.clone(), link.clone());
        let running = Rc::downgrade(&self.running);
        spawn_local(async move {
            let outcome = exchange(&window, &document, request, controller.as_ref()).await;
            if let Some(running) = running.upgrade() {
                running.borrow_mut().retain(|(other, number, _)| (*other, *number) != (id, attempt));
            }
            link.input(Input::AttemptEnded { request: id, attempt, outcome });
        });
    }

    /// Aborts what runs of a request.
    pub fn abort(&self, request: RequestId) {
        let running = self.running.borrow();
        let controllers: Vec<AbortController> = running
            .iter()
            .filter(|(id, ..)| *id == request)
            .map(|(.., controller)| controller.clone())
            .collect();
        drop(running);
        for controller in controllers {
            controller.abort();
        }
    }

    /// Aborts everything.
    pub fn clear(&self) {
        for (.., controller) in self.running.take() {
            controller.abort();
        }
    }
}

/// One attempt from beginning to end.
async fn exchange(
    window: &Window,
    document: &Document,
    request: Attempt,
    controller: Option<&AbortController>,
) -> Result<Response, TransportFailure> {
    let refused = Rc::new(Cell::new(false));
    let (seen, url) = (Rc::clone(&refused), request.url.clone());
    let listener = Listener::new(document, "securitypolicyviolation", move |event| {
        if let Some(event) = event.dyn_ref::<SecurityPolicyViolationEvent>()
            && event.effective_directive() == "connect-src"
            && is_about(&event.blocked_uri(), &url)
        {
            seen.set(true);
        }
    });
    let aborted = || controller.is_some_and(|controller| controller.signal().aborted());
    match post(&request, controller).await {
        Ok(response) => Ok(response),
        Err(AttemptFailure::TooLarge { status }) => Err(TransportFailure::TooLarge { status }),
        Err(AttemptFailure::Rejected) if aborted() => Err(TransportFailure::Aborted),
        Err(AttemptFailure::Rejected) => {
            if !refused.get() {
                pause(window, VIOLATION_GRACE_MS).await;
            }
            drop(listener);
            Err(match (aborted(), refused.get()) {
                (true, _) => TransportFailure::Aborted,
                (false, true) => TransportFailure::Csp,
                (false, false) => TransportFailure::Network,
            })
        }
    }
}

/// Whether a violation report names this request: by its URL without fragment, or by its origin alone.
fn is_about(blocked: &str, url: &str) -> bool {
    let plain = url.split('#').next().unwrap_or(url);
    blocked == plain || Url::new(url).is_ok_and(|url| blocked.trim_end_matches('/') == url.origin())
}

/// Resolves after so many milliseconds.
async fn pause(window: &Window, milliseconds: f64) {
    let held = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&held);
    let promise = Promise::new(&mut |resolve: Function, _| {
        let timeout = Timeout::new(window, milliseconds, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        });
        slot.replace(Some(timeout));
    });
    let _ = JsFuture::from(promise).await;
    drop(held);
}

enum AttemptFailure {
    /// A promise was rejected, with whatever.
    Rejected,
    /// The body went over the limit.
    TooLarge { status: u16 },
}

impl From<JsValue> for AttemptFailure {
    fn from(_: JsValue) -> Self {
        AttemptFailure::Rejected
    }
}

impl From<gloo_net::Error> for AttemptFailure {
    fn from(_: gloo_net::Error) -> Self {
        AttemptFailure::Rejected
    }
}

async fn post(request: &Attempt, controller: Option<&AbortController>) -> Result<Response, AttemptFailure> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let signal = controller.map(AbortController::signal);
    let request_to_send: web_sys::Request = http::Request::post(&request.url)
        .headers(http::Headers::from_raw(headers))
        .mode(RequestMode::Cors)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::StrictOriginWhenCrossOrigin)
        .abort_signal(signal.as_ref())
        .body(Uint8Array::from(request.body.as_slice()))?
        .into();
    // gloo-net does not know this option. Given as it is to `fetch`, it changes nothing else of the request.
    let mut init = JsValue::UNDEFINED;
    if request.keepalive {
        init = js_sys::Object::new().into();
        Reflect::set(&init, &JsValue::from_str(KEEPALIVE), &JsValue::TRUE)?;
    }
    let response = JsFuture::from(Promise::resolve(&start_fetch(&request_to_send, &init)?)).await?;
    let response: web_sys::Response = response.dyn_into()?;
    let response = http::Response::from(response);
    let status = response.status();
    let headers = response.headers();
    let (content_type, retry_after) = (headers.get("content-type"), headers.get("retry-after"));
    let body = match response.body() {
        Some(stream) => read(&stream, request.body_limit, status).await?,
        None => Vec::new(),
    };
    Ok(Response { status, content_type, retry_after, body })
}

/// Reads a stream to its end, or stops it as soon as it is longer than `limit` bytes.
async fn read(
    stream: &web_sys::ReadableStream,
    limit: usize,
    status: u16,
) -> Result<Vec<u8>, AttemptFailure> {
    let reader = ReadableStreamDefaultReader::new(stream)?;
    let mut body = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await?;
        if Reflect::get(&part, &JsValue::from_str("done"))?.is_truthy() {
            return Ok(body);
        }
        let bytes: Uint8Array = Reflect::get(&part, &JsValue::from_str("value"))?.dyn_into()?;
        let start = body.len();
        let length = bytes.length() as usize;
        if start + length > limit {
            // The promise settles when the connection is let go; nobody waits for that, and nobody minds a failure.
            let ignore = reader.cancel();
            spawn_local(async move {
                let _ = JsFuture::from(ignore).await;
            });
            return Err(AttemptFailure::TooLarge { status });
        }
        body.extend_from_slice(&bytes.to_vec());
    }
}
