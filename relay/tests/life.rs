//! The real program from its start to its end and to its next start: signals, and a configuration that has changed meanwhile.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod process;

use process::{Reply, Site, Webhook, event, id, until};
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A webhook that answers when it is let.
fn held() -> (Webhook, Arc<AtomicBool>) {
    let is_let = Arc::new(AtomicBool::new(false));
    let looked = Arc::clone(&is_let);
    let webhook = Webhook::start(move |_| {
        until("the webhook is let", || looked.load(Ordering::SeqCst));
        Duration::ZERO
    });
    (webhook, is_let)
}

/// A viewer who waits for a call, after the webhook has it.
fn waiting(site: &Site, webhook: &Webhook, id: &str) -> JoinHandle<io::Result<Reply>> {
    let (mut client, known) = (site.client(), id.to_owned());
    let ask = site.caller();
    let called = std::thread::spawn(move || ask(&mut client, &known));
    until("the webhook is called", || webhook.calls().contains_key(id));
    called
}

/// Nobody is let in any more.
fn until_closed(site: &Site) {
    until("nobody is let in", || TcpStream::connect(site.address).is_err());
}

#[test]
fn a_signal_ends_it_when_what_was_begun_is_complete() {
    for signal in ["TERM", "INT"] {
        let (webhook, is_let) = held();
        let site = Site::new(&webhook.url());
        let relay = site.start(&[]);
        let called = waiting(&site, &webhook, &id(1));
        relay.signal(signal);
        until_closed(&site);
        assert!(!called.is_finished(), "it is waited for");
        is_let.store(true, Ordering::SeqCst);
        let reply = called.join().unwrap().unwrap();
        assert_eq!((reply.status, &*reply.outcome), (200, "answer"), "{reply:?}");
        assert_eq!(relay.wait().code(), Some(0), "{signal}: {}", relay.log());
        // The answer is there after the next start, and nobody calls again.
        let relay = site.start(&[]);
        assert_eq!(site.ask(&mut site.client(), &id(1)).unwrap().body, reply.body);
        assert_eq!(site.call(&mut site.client(), &id(1)).unwrap().body, reply.body);
        assert_eq!(webhook.calls()[&id(1)], 1);
        relay.stop();
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "TERM"), ("INT", "INT")] {
        let (webhook, is_let) = held();
        let site = Site::new(&webhook.url());
        site.change("[limits]", "[limits]\ndrainMs = 300000");
        let relay = site.start(&[]);
        let called = waiting(&site, &webhook, &id(1));
        relay.signal(first);
        until_closed(&site);
        relay.signal(second);
        assert_eq!(relay.wait().code(), Some(1), "{first} {second}: {}", relay.log());
        assert!(relay.log().contains("as asked a second time"), "{}", relay.log());
        assert!(called.join().unwrap().is_err(), "nobody is told anything");
        let _relay = site.start(&[]);
        let reply = site.ask(&mut site.client(), &id(1)).unwrap();
        // The lease of the relay that has ended may still run.
        assert!(["outcome-unknown", "in-progress"].contains(&&*reply.outcome), "{reply:?}");
        is_let.store(true, Ordering::SeqCst);
    }
}

#[test]
fn how_much_is_logged_is_said_or_it_does_not_start() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let level = |word: &str| vec![("CUEHOOK_RELAY_LOG".to_owned(), word.to_owned())];
    let relay = site.start(&level(""));
    assert!(relay.log().contains("the relay listens"), "as if nothing was said: {}", relay.log());
    relay.stop();
    let relay = site.spawn(&level("loud"));
    assert_eq!(relay.wait().code(), Some(1));
    assert!(relay.log().contains("`CUEHOOK_RELAY_LOG` has to be"), "{}", relay.log());
}

#[test]
fn what_was_called_keeps_its_outcome_when_its_webhook_changes_or_goes() {
    let (old, new) = (Webhook::start(|_| Duration::ZERO), Webhook::start(|_| Duration::ZERO));
    let site = Site::new(&old.url());
    let relay = site.start(&[]);
    let first = site.call(&mut site.client(), &id(1)).unwrap();
    assert_eq!(first.outcome, "answer", "{first:?}");
    relay.stop();
    // Another address: what was called is not called there again, what is new is.
    site.change(&old.url(), &new.url());
    let relay = site.start(&[]);
    assert_eq!(site.call(&mut site.client(), &id(1)).unwrap().body, first.body);
    assert_eq!(site.call(&mut site.client(), &id(2)).unwrap().outcome, "answer");
    assert_eq!((old.calls().len(), new.calls().len()), (1, 1));
    relay.stop();
    // Gone: under an id that was called there is an outcome, and never that nothing was done.
    site.change("id = \"hook\"", "id = \"other\"");
    let relay = site.start(&[]);
    assert_eq!(site.call(&mut site.client(), &id(1)).unwrap().body, first.body);
    assert_eq!(site.ask(&mut site.client(), &id(1)).unwrap().body, first.body);
    assert_eq!(site.call(&mut site.client(), &id(3)).unwrap().outcome, "unknown-webhook");
    relay.stop();
    // Back, for another project.
    site.change("id = \"other\"", "id = \"hook\"\nprojects = [\"theirs\"]");
    let relay = site.start(&[]);
    assert_eq!(site.call(&mut site.client(), &id(1)).unwrap().body, first.body);
    assert_eq!(site.call(&mut site.client(), &id(3)).unwrap().outcome, "unknown-webhook");
    assert_eq!((old.calls().len(), new.calls().len()), (1, 1));
    relay.stop();
}

#[test]
fn deliveries_stay_when_their_webhook_changes_and_new_events_go_to_who_subscribes() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let pending = || {
        let reply = site.get(&mut site.client(), "/v1/counts").unwrap().json();
        (reply["events"].as_u64().unwrap(), reply["deliveries"]["accepted"].as_u64().unwrap())
    };
    let send = |number| site.send_events(&mut site.client(), &[event(&id(number))]).unwrap();
    let relay = site.start(&[]);
    assert_eq!(send(1).status, 200);
    assert_eq!(pending(), (1, 0), "nobody has subscribed");
    relay.stop();
    site.change("retries = 0", "retries = 0\nevents = [\"test.*\"]");
    let relay = site.start(&[]);
    assert_eq!(send(2).status, 200);
    assert_eq!(pending(), (2, 1), "only what comes from now on");
    relay.stop();
    site.change("events = [\"test.*\"]", "events = [\"other.*\"]");
    let relay = site.start(&[]);
    assert_eq!(send(3).status, 200);
    assert_eq!(pending(), (3, 1), "what was accepted stays");
    relay.stop();
    site.change("id = \"hook\"", "id = \"another\"");
    let relay = site.start(&[]);
    assert_eq!(send(4).status, 200);
    assert_eq!(pending(), (4, 1));
    let again = send(2);
    assert!(again.body.contains("dup"), "{again:?}");
    assert_eq!(site.stored(), [id(4), id(3), id(2), id(1)]);
    relay.stop();
}
