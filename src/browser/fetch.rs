//! Makes attempts of requests and reports how each one ended. How the browser is asked is in exchange.js.

use super::link::Link;
use crate::engine::{Attempt, Input, RequestId};
use crate::protocol::{Response, TransportFailure};
use js_sys::{Array, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

#[wasm_bindgen(module = "/src/browser/exchange.js")]
extern "C" {
    /// Calls `settled` with an [`Outcome`], once and never at once.
    fn exchange(
        url: &str,
        fields: Array,
        body: Uint8Array,
        limit: usize,
        keepalive: bool,
        controller: Option<&AbortController>,
        settled: JsValue,
    );
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
    fn body(this: &Outcome) -> Uint8Array;
}

/// Whether this browser knows requests that go on when the page is left.
pub fn has_keepalive() -> bool {
    let prototype = Reflect::get(&js_sys::global(), &JsValue::from_str("Request"))
        .and_then(|request| Reflect::get(&request, &JsValue::from_str("prototype")));
    prototype
        .is_ok_and(|prototype| Reflect::has(&prototype, &JsValue::from_str("keepalive")).unwrap_or(false))
}

/// The attempts that are under way.
#[derive(Debug, Default)]
pub struct Fetches {
    running: Rc<RefCell<Vec<(RequestId, u32, AbortController)>>>,
}

impl Fetches {
    /// Starts an attempt; its outcome is reported as [`Input::AttemptEnded`].
    pub fn send(&self, request: Attempt, link: &Link) {
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
        let fields = Array::new();
        for (name, value) in &request.headers {
            fields.push(&JsValue::from_str(name));
            fields.push(&JsValue::from_str(value));
        }
        exchange(
            &request.url,
            fields,
            Uint8Array::from(request.body.as_slice()),
            request.body_limit,
            request.keepalive,
            controller.as_ref(),
            // It outlives the instance: what was aborted settles later, and is ignored then.
            settled.into_js_value(),
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

fn outcome(settled: &Outcome) -> Result<Response, TransportFailure> {
    match settled.failure().as_deref() {
        None => Ok(Response {
            status: settled.status(),
            content_type: settled.content_type(),
            retry_after: settled.retry_after(),
            body: settled.body().to_vec(),
        }),
        Some("aborted") => Err(TransportFailure::Aborted),
        Some("csp") => Err(TransportFailure::Csp),
        Some("too-large") => Err(TransportFailure::TooLarge { status: settled.status() }),
        Some(_) => Err(TransportFailure::Network),
    }
}
