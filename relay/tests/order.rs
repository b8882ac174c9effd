//! Nothing is promised before it is on disk. The real program, with what stands between it and its disk in the hands of the test.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod process;

use process::{Client, Entry, Shim, Site, Webhook, event, id, until};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The log of SQLite's writes, in which transactions are made durable.
const WAL: &str = "relay.db-wal";

/// Checks that every id was on disk before it was told to anybody. Which ids were told, and by which kind of message.
#[track_caller]
fn told_after_sync(log: &[Entry]) -> BTreeMap<String, BTreeSet<&'static str>> {
    let (mut written, mut syncing, mut durable) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut told: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for entry in log {
        match entry {
            Entry::Write { file, ids } if file == WAL => written.extend(ids.iter().cloned()),
            // What is written from now on is not promised by this sync.
            Entry::SyncBegin { file } if file == WAL => syncing = written.clone(),
            Entry::SyncEnd { file, is_ok: true } if file == WAL => {
                durable.extend(std::mem::take(&mut syncing))
            }
            // What a sync has failed at is lost, whatever later ones say: systems forget it. It has to be written anew.
            Entry::SyncEnd { file, is_ok: false } if file == WAL => {
                written.retain(|id| !syncing.contains(id) || durable.contains(id));
            }
            Entry::Send { ids, start } => {
                let kind = match start {
                    response if response.starts_with("HTTP/1.1 2") => "success",
                    response if response.starts_with("HTTP/1.1 ") => continue,
                    request if request.starts_with("POST /hook ") => "call",
                    other => panic!("this was sent, too: {other:?}"),
                };
                for id in ids {
                    assert!(durable.contains(id), "{id} was told ({start}) before it was on disk:\n{log:#?}");
                    told.entry(id.clone()).or_default().insert(kind);
                }
            }
            _ => {}
        }
    }
    told
}

/// Several connections at once, so that commits are shared and overlap.
fn load(site: &Site, events: u64, calls: u64) {
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            scope.spawn(move || {
                let mut client = site.client();
                for number in 0..events {
                    let batch: Vec<String> =
                        (0..3).map(|part| event(&id(worker * 1_000_000 + number * 3 + part))).collect();
                    let reply = site.send_events(&mut client, &batch).unwrap();
                    assert_eq!(reply.status, 200, "{reply:?}");
                }
            });
            scope.spawn(move || {
                let mut client = site.client();
                for number in 0..calls {
                    let reply =
                        site.call(&mut client, &id(0xc000_0000 + worker * 1_000_000 + number)).unwrap();
                    assert_eq!((reply.status, reply.outcome.as_str()), (200, "answer"), "{reply:?}");
                }
            });
        }
    });
}

#[test]
fn no_promise_and_no_call_leaves_before_its_sync_has_returned() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let shim = Shim::new(&site.data());
    let relay = site.start(&shim.environment());
    // Long enough that whatever does not wait is early.
    shim.control("delay=300");
    load(&site, 4, 3);
    drop(relay);
    let told = told_after_sync(&shim.log());
    let count = |kind: &str| told.values().filter(|kinds| kinds.contains(kind)).count();
    // The webhook's answers have the ids of their calls in them.
    assert_eq!((count("success"), count("call")), (4 * 4 * 3 + 4 * 3, 4 * 3), "everything was told");
    assert_eq!(webhook.calls().len(), 4 * 3);
}

/// The relay refuses with 503, says so in its log, and has begun nothing.
#[track_caller]
fn refuses(site: &Site, client: &mut Client, webhook: &Webhook, event_id: &str, call_id: &str) {
    let reply = site.send_events(client, &[event(event_id)]).unwrap();
    assert!(
        (reply.status, reply.outcome.as_str()) == (503, "unavailable") && reply.retry_after.is_some(),
        "{reply:?}"
    );
    let reply = site.call(client, call_id).unwrap();
    assert!(
        (reply.status, reply.outcome.as_str()) == (503, "unavailable") && reply.retry_after.is_some(),
        "{reply:?}"
    );
    assert!(
        !webhook.calls().contains_key(call_id),
        "it was called, though nobody may promise that it was not"
    );
}

#[test]
fn a_sync_that_fails_promises_nothing() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let shim = Shim::new(&site.data());
    let relay = site.start(&shim.environment());
    let mut client = site.client();
    assert_eq!(site.send_events(&mut client, &[event(&id(1))]).unwrap().status, 200);
    shim.control("eio=1");
    refuses(&site, &mut client, &webhook, &id(2), &id(0xc0));
    until("the relay says that it is not ready", || {
        client.send("GET", "/ready", &[], "").unwrap().status == 503
    });
    assert!(relay.log().contains("the store has failed"), "{}", relay.log());
    told_after_sync(&shim.log());
    // After that the relay may come back by itself, or when it is started again; what it has promised is there.
    relay.kill();
    shim.control("");
    let relay = site.start(&shim.environment());
    assert!(site.stored().contains(&id(1)));
    assert_eq!(site.send_events(&mut site.client(), &[event(&id(2))]).unwrap().status, 200);
    assert!(site.stored().contains(&id(2)));
    drop(relay);
}

#[test]
fn a_disk_that_has_failed_for_a_while_is_used_again_without_a_restart() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let shim = Shim::new(&site.data());
    let relay = site.start(&shim.environment());
    let mut client = site.client();
    for round in 0..4 {
        let number = round * 100;
        assert_eq!(site.send_events(&mut client, &[event(&id(number + 1))]).unwrap().status, 200);
        shim.control("eio=1");
        let (refused, called) = (id(number + 2), id(0xc0 + number));
        refuses(&site, &mut client, &webhook, &refused, &called);
        shim.control("");
        until("the relay takes events again", || {
            site.send_events(&mut client, &[event(&refused)]).unwrap().status == 200
        });
        // Nobody was called meanwhile, so whoever asks again may be.
        let reply = site.call(&mut client, &called).unwrap();
        assert_eq!((reply.status, reply.outcome.as_str()), (200, "answer"), "{reply:?}");
        assert_eq!(webhook.calls().get(&called), Some(&1));
        let stored = site.stored();
        assert!([number + 1, number + 2].map(id).iter().all(|id| stored.contains(id)), "{stored:?}");
        assert_eq!(stored.len() as u64, site.counted());
    }
    relay.assert_lives();
    told_after_sync(&shim.log());
    relay.kill();
    let relay = site.start(&shim.environment());
    assert_eq!(site.stored().len(), 8);
    drop(relay);
}

#[test]
fn a_disk_that_is_full_promises_nothing_and_comes_back() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    let site = Site::new(&webhook.url());
    let shim = Shim::new(&site.data());
    let relay = site.start(&shim.environment());
    let mut client = site.client();
    for round in 0..3 {
        let number = round * 100;
        assert_eq!(site.send_events(&mut client, &[event(&id(number + 1))]).unwrap().status, 200);
        shim.control("full=0");
        refuses(&site, &mut client, &webhook, &id(number + 2), &id(0xc0 + number));
        // What is stored can still be read.
        let (stored, counted) = (site.stored(), site.counted());
        assert!(stored.contains(&id(number + 1)) && !stored.contains(&id(number + 2)), "{stored:?}");
        assert_eq!(stored.len() as u64, counted);
        shim.control("");
        // By itself, as soon as there is room.
        until("the relay takes events again", || {
            site.send_events(&mut client, &[event(&id(number + 2))]).unwrap().status == 200
        });
        until("the relay calls again", || site.call(&mut client, &id(0xc0 + number)).unwrap().status == 200);
        assert_eq!(webhook.calls().get(&id(0xc0 + number)), Some(&1));
    }
    told_after_sync(&shim.log());
    relay.kill();
    let relay = site.start(&shim.environment());
    assert_eq!(site.stored().len(), 6);
    drop(relay);
}

/// Room for some bytes more, not for all: a batch is stored whole or not at all.
#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_batch_keeps_none_of_it() {
    let webhook = Webhook::start(|_| Duration::ZERO);
    for room in [1, 4_096, 20_000, 60_000, 200_000] {
        let site = Site::new(&webhook.url());
        let shim = Shim::new(&site.data());
        let relay = site.start(&shim.environment());
        shim.control(&format!("full={}", already_written(&site, &shim) + room));
        let mut client = site.client();
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for batch in 0..40_u64 {
            let ids: Vec<String> = (0..20).map(|part| id(batch * 20 + part)).collect();
            let events: Vec<String> = ids.iter().map(|id| event(id)).collect();
            match site.send_events(&mut client, &events).unwrap().status {
                200 => taken.extend(ids),
                503 => refused.push(ids),
                other => panic!("{other}"),
            }
        }
        assert!(!refused.is_empty(), "the disk was to fill up");
        shim.control("");
        relay.kill();
        let relay = site.start(&shim.environment());
        let stored: BTreeSet<String> = site.stored().into_iter().collect();
        assert!(taken.iter().all(|id| stored.contains(id)), "room {room}");
        for batch in refused {
            let kept = batch.iter().filter(|id| stored.contains(*id)).count();
            assert!(kept == 0 || kept == batch.len(), "{kept} of {} are stored, room {room}", batch.len());
        }
        drop(relay);
    }
}

/// About how many bytes were written so far: an event's worth at least, so that the disk is not full from the beginning.
fn already_written(site: &Site, shim: &Shim) -> u64 {
    let size = |name: &str| std::fs::metadata(site.data().join(name)).map_or(0, |data| data.len());
    let writes = shim.log().iter().filter(|entry| matches!(entry, Entry::Write { .. })).count();
    size("relay.db") + size(WAL) + writes as u64 * 100
}
