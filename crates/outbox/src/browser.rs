//! What the scripts of `js/outbox` call. It translates and decides nothing.
//!
//! What crosses is JSON text, both ways: each input is a list that begins with a word, and what comes back is a list of such
//! lists. So there is one function and hardly any glue.

use cuehook_json::{View, write_integer, write_string};
use cuehook_protocol::IdSource;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Smaller than the standard library's allocator for WebAssembly.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[derive(Default)]
struct Interim {
    url: String,
    number: u64,
    sent: Vec<(u64, String)>,
}

thread_local! {
    static PAGE: RefCell<Option<Interim>> = const { RefCell::new(None) };
}

/// Tells of something that happened at that moment (Unix time and monotonic time in milliseconds), and gives what is to be
/// done.
#[wasm_bindgen]
pub fn tell(input: &str, wall_ms: f64, clock_ms: f64) -> String {
    let _ = clock_ms;
    PAGE.with(|page| {
        let mut page = page.borrow_mut();
        interim(page.get_or_insert_default(), input, wall_ms).unwrap_or_else(|| "[]".to_string())
    })
}

fn interim(page: &mut Interim, input: &str, wall_ms: f64) -> Option<String> {
    let mut parts = View::of(input)?.items();
    let word = parts.next()?.as_str()?;
    let mut out = String::from("[");
    match &*word {
        "source" => {
            let project = parts.nth(1)?.str("project")?;
            page.url = View::of(&project)?.get("webhooks")?.items().next()?.str("url")?.into_owned();
            return None;
        }
        "custom" => {
            let (_, kind, data, ticket) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let id = IdSource::new([1, 2, 3, wall_ms as u64]).uuid(wall_ms);
            let mut body = String::from("{\"type\":");
            body.push_str(kind.text());
            body.push_str(",\"id\":");
            write_string(&id, &mut body);
            body.push_str(",\"data\":");
            body.push_str(&data.as_str()?);
            body.push('}');
            page.number += 1;
            out.push_str("[\"named\",");
            out.push_str(ticket.text());
            out.push(',');
            write_string(&id, &mut out);
            out.push_str("],[\"write\",");
            write_integer(page.number, &mut out);
            out.push_str(",null,[[");
            let mut key = String::from("event/1/");
            key.push_str(&id);
            write_string(&key, &mut out);
            out.push(',');
            write_string(&body, &mut out);
            out.push_str("]],[],true],[\"settle\",");
            out.push_str(ticket.text());
            out.push_str("],[\"send\",");
            write_integer(page.number, &mut out);
            out.push(',');
            write_string(&page.url, &mut out);
            out.push_str(",[[\"content-type\",\"application/json\"]],");
            write_string(&body, &mut out);
            out.push_str(",true,10000]");
            page.sent.push((page.number, key));
        }
        "ended" => {
            let number = parts.next()?.as_f64()? as u64;
            let place = page.sent.iter().position(|(other, _)| *other == number)?;
            parts.next()?.number("status")?;
            out.push_str("[\"write\",0,null,[],[");
            write_string(&page.sent.swap_remove(place).1, &mut out);
            out.push_str("],false]");
        }
        _ => return None,
    }
    out.push(']');
    Some(out)
}
