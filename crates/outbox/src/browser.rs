//! What the scripts of `js/outbox` call. It translates and decides nothing.
//!
//! What crosses is JSON text, both ways: an input is a list that begins with a word, and what comes back is a list of such
//! lists, the effects. So there is one function, and hardly any glue.

mod input;
mod output;

use crate::effect::Effect;
use crate::input::{Input, Moment};
use crate::mint::{EndReason, Source};
use crate::outbox::Outbox;
use cuehook_json::View;
use cuehook_protocol::EVENTS_PATH;
use output::Output;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Smaller than the standard library's allocator for WebAssembly.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[wasm_bindgen(module = "/src/browser/resolve.js")]
extern "C" {
    /// A URL that may be relative to the page as an absolute one; nothing if it is no URL.
    fn resolve(url: &str) -> Option<String>;
}

/// The outbox of the page, and where its events come from.
struct Page {
    outbox: Outbox,
    /// By the numbers that the scripts have given them.
    sources: Vec<(u32, Source)>,
    /// Origins that any of them may send to; all, if one may.
    origins: Option<Vec<String>>,
    /// Where the relays of all of them take events.
    relays: Vec<String>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Tells of something that happened at that moment (Unix time and monotonic time in milliseconds), and gives what is to be
/// done. What is not understood is passed over.
#[wasm_bindgen]
pub fn tell(input: &str, wall_ms: f64, clock_ms: f64) -> String {
    let now = Moment { wall_ms, clock_ms };
    let mut output = Output::default();
    PAGE.with(|page| {
        // It is never borrowed already: nothing in here calls the page.
        if let Ok(mut page) = page.try_borrow_mut() {
            let _ = take(&mut page, input, now, &mut output);
        }
    });
    output.done()
}

fn take(page: &mut Option<Page>, text: &str, now: Moment, output: &mut Output) -> Option<()> {
    let mut parts = View::of(text)?.items();
    let word = parts.next()?.as_str()?;
    if &*word == "start" {
        let outbox = Outbox::new(input::setup(parts.next()?)?);
        *page = Some(Page { outbox, sources: Vec::new(), origins: Some(Vec::new()), relays: Vec::new() });
        return Some(());
    }
    let Page { outbox, sources, origins, relays } = page.as_mut()?;
    match &*word {
        "state" => output.state(&outbox.state()),
        "source" => {
            let number = input::whole(parts.next()?)?;
            let given = parts.next()?;
            let allowed = input::origins(given);
            let source = input::source(given, allowed.as_deref(), now)?;
            for webhook in &source.subscription().faulty {
                let what = ": what it says of events is wrong, and passed over in part; `cargo xtask check` says more";
                output.warn("config-invalid", &[webhook, what].concat());
            }
            for webhook in &source.subscription().denied {
                output.warn(
                    "origin-denied",
                    &[webhook, ": the page allows no events to be sent to its origin"].concat(),
                );
            }
            sources.retain(|(other, _)| *other != number);
            sources.push((number, source));
            *origins = origins.take().zip(allowed).map(|(known, more)| [known, more].concat());
            relays.extend(given.str("relay").map(|relay| [&*relay, EVENTS_PATH].concat()));
            outbox.allow(origins.clone(), relays.clone());
        }
        "media" | "occurred" | "custom" | "viewer" | "address" | "end" => {
            let is_end = &*word == "end";
            let number = input::whole(parts.next()?)?;
            let place = sources.iter().position(|(other, _)| *other == number)?;
            let (_, source) = sources.get_mut(place)?;
            let inputs = of_source(source, &word, &mut parts, now, output)?;
            for input in inputs {
                handle(outbox, sources, now, input, output);
            }
            if is_end && parts.next().is_some() {
                sources.retain(|(other, _)| *other != number);
            }
        }
        _ => handle(outbox, sources, now, input::of_page(&word, &mut parts)?, output),
    }
    Some(())
}

/// What a source makes of something that was said of it.
fn of_source<'a>(
    source: &mut Source,
    word: &str,
    parts: &mut impl Iterator<Item = View<'a>>,
    now: Moment,
    output: &mut Output,
) -> Option<Vec<Input>> {
    let first = parts.next()?;
    Some(match word {
        "media" => source.media(&input::report(first, parts)?, now),
        "occurred" => source.occurred(&first.as_str()?, now).into_iter().collect(),
        "custom" => {
            let (properties, ticket) = (parts.next()?.as_str()?, input::whole(parts.next()?)?);
            match source.custom(&first.as_str()?, &properties, Some(ticket), now) {
                Ok(input) => {
                    if let Input::Record { event, .. } = &input {
                        output.named(ticket, &event.id);
                    }
                    vec![input]
                }
                Err(refused) => {
                    output.settle(ticket, Err((refused.code, refused.message)));
                    Vec::new()
                }
            }
        }
        "viewer" => {
            if let Err(refused) = source.set_viewer(first.as_str().as_deref()) {
                output.warn(refused.code, refused.message);
            }
            Vec::new()
        }
        "address" => {
            source.set_address(&first.as_str()?);
            Vec::new()
        }
        "end" => {
            // One more part says that nothing more will come.
            let reasons = [EndReason::Left, EndReason::Replaced, EndReason::Destroyed];
            let reason = first.as_str()?;
            let reason = reasons.into_iter().find(|known| known.as_str() == reason);
            // Without a reason nobody is to hear of it.
            reason.map(|reason| source.end(reason, now)).unwrap_or_default()
        }
        _ => return None,
    })
}

fn handle(outbox: &mut Outbox, sources: &[(u32, Source)], now: Moment, input: Input, output: &mut Output) {
    let mut effects = Vec::new();
    outbox.handle(now, input, &mut effects);
    for effect in effects {
        let about = match &effect {
            Effect::Report(report) => &*report.webhook,
            _ => "",
        };
        // The page hears of it where the webhook is.
        let has = |source: &Source| source.endpoints().iter().any(|endpoint| endpoint.webhook == about);
        let source = sources.iter().find(|(_, source)| has(source)).map_or(0, |(number, _)| *number);
        output.effect(effect, source);
    }
}
