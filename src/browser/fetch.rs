//! Makes attempts of requests and reports how each one ended. What waits for the browser is in exchange.js.

use super::link::Link;
use crate::engine::{Attempt, Input, RequestId, Token};
use crate::protocol::{Response, TransportFailure};
use gloo_net::http;
use js_sys::Uint8Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{
    AbortController, ReferrerPolicy, RequestCache, RequestCredentials, RequestMode, RequestRedirect,
};

#[wasm_bindgen(module = "/src/browser/exchange.js")]
extern "C" {
    /// Calls `settled` with an [`Outcome`], once and never at once. No request is one that cannot be made.
    fn exchange(
        url: &str,
        request: Option<web_sys::Request>,
        limit: usize,
        keepalive: bool,
        controller: Option<&AbortController>,
        settled: JsValue,
        ledger: &JsValue,
        fresh: Option<bool>,
    );
    /// Calls `kept` once and never at once.
    #[wasm_bindgen(js_name = keep)]
    fn keep_request(ledger: &JsValue, id: &str, record: &str, kept: JsValue);
    #[wasm_bindgen(catch, js_name = knowsKeepalive)]
    fn knows_keepalive() -> Result<bool, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    type Outcome;
    /// What went wrong, if something did: one of the words of [`outcome`].
    #[wasm_bindgen(method, getter)]
    fn failure(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Outcome) -> u16;
    #[wasm_bindgen(method, getter, js_name = contentType)]
    fn content_type(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn outcome(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Outcome) -> Uint8Array;
}

/// Whether this browser knows requests that go on when the page is left.
pub fn has_keepalive() -> bool {
    knows_keepalive().unwrap_or(false)
}

/// Has a request written down; that it is, or cannot be, is reported as [`Input::Kept`].
pub fn keep(ledger: &JsValue, request: RequestId, id: &str, record: &str, link: &Link) {
    let link = link.clone();
    let kept = Closure::<dyn Fn(JsValue)>::new(move |_| link.input(Input::Kept(request)));
    keep_request(ledger, id, record, kept.into_js_value());
}

/// The attempts that are under way.
#[derive(Debug, Default)]
pub struct Fetches {
    running: Rc<RefCell<Vec<(RequestId, u32, AbortController)>>>,
}

impl Fetches {
    /// Starts an attempt; its outcome is reported as [`Input::AttemptEnded`].
    pub fn send(&self, request: Attempt, ledger: &JsValue, link: &Link) {
        let controller = AbortController::new().ok();
        let (id, attempt) = (request.request, request.attempt);
        if let Some(controller) = &controller {
            self.running.borrow_mut().push((id, attempt, controller.clone()));
        }
        let (link, running) = (link.clone(), Rc::downgrade(&self.running));
        let settled = Closure::<dyn Fn(JsValue)>::new(move |settled: JsValue| {
            if let Some(running) = running.upgrade() {
                running.borrow_mut().retain(|(other, number, _)| (*other, *number) != (id, attempt));
            }
            let outcome = outcome(settled.unchecked_ref());
            link.input(Input::AttemptEnded { request: id, attempt, outcome });
        });
        exchange(
            &request.url,
            made(&request, controller.as_ref()).ok(),
            request.body_limit,
            request.keepalive,
            controller.as_ref(),
            // It outlives the instance: what was aborted settles later, and is ignored then.
            settled.into_js_value(),
            ledger,
            match request.token {
                Token::None => None,
                Token::Known => Some(false),
                Token::Fresh => Some(true),
            },
        );
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

/// What is handed to the browser.
fn made(request: &Attempt, controller: Option<&AbortController>) -> Result<web_sys::Request, JsValue> {
    // gloo-net's own list panics where the browser refuses a name.
    let headers = web_sys::Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let signal = controller.map(AbortController::signal);
    let body = (!request.asks).then(|| Uint8Array::from(request.body.as_slice()));
    http::RequestBuilder::new(&request.url)
        .method(if request.asks { http::Method::GET } else { http::Method::POST })
        .headers(http::Headers::from_raw(headers))
        .mode(RequestMode::Cors)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::StrictOriginWhenCrossOrigin)
        .abort_signal(signal.as_ref())
        .body(body.map_or(JsValue::UNDEFINED, Into::into))
        .map(Into::into)
        .map_err(|_| JsValue::UNDEFINED)
}

fn outcome(settled: &Outcome) -> Result<Response, TransportFailure> {
    match settled.failure().as_deref() {
        None => Ok(Response {
            status: settled.status(),
            content_type: settled.content_type(),
            retry_after: settled.retry_after(),
            outcome: settled.outcome(),
            body: settled.body().to_vec(),
        }),
        Some("aborted") => Err(TransportFailure::Aborted),
        Some("csp") => Err(TransportFailure::Csp),
        Some("too-large") => Err(TransportFailure::TooLarge { status: settled.status() }),
        Some(_) => Err(TransportFailure::Network),
    }
}
