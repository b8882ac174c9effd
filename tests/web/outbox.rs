//! The store of the outbox: in IndexedDB, and in memory where that is denied.

use js_sys::{Array, Function, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/js/outbox/store.js")]
extern "C" {
    type Store;
    #[wasm_bindgen(js_name = openStore)]
    fn open_store(opened: &Function) -> Store;
    #[wasm_bindgen(method)]
    fn read(this: &Store, prefix: &str, after: &str, limit: u32) -> Promise;
    #[wasm_bindgen(method)]
    fn write(this: &Store, guard: JsValue, puts: JsValue, deletes: JsValue, strict: bool) -> Promise;
}

/// A fresh store, once it has said whether it is durable; `denied`: IndexedDB throws.
async fn open(denied: bool) -> (Store, bool) {
    run("return new Promise((done) => (indexedDB.deleteDatabase('cuehook').onsuccess = () => done()))").await;
    run("window.native ??= Object.getOwnPropertyDescriptor(window, 'indexedDB')").await;
    let deny = "Object.defineProperty(window, 'indexedDB', { configurable: true, get() { throw new Error('denied') } })";
    if denied {
        run(deny).await;
    }
    let mut store = None;
    let opened = Promise::new(&mut |resolve, _| store = Some(open_store(&resolve)));
    let durable = JsFuture::from(opened).await.unwrap() == JsValue::TRUE;
    run("Object.defineProperty(window, 'indexedDB', window.native)").await;
    (store.unwrap(), durable)
}

async fn run(script: &str) -> JsValue {
    let made = Function::new_no_args(script).call0(&JsValue::UNDEFINED).unwrap();
    JsFuture::from(Promise::resolve(&made)).await.unwrap()
}

async fn write(store: &Store, guard: &str, puts: &str, deletes: &str) -> String {
    let json = |text: &str| JSON::parse(text).unwrap();
    let outcome = JsFuture::from(store.write(json(guard), json(puts), json(deletes), true)).await.unwrap();
    outcome.as_string().unwrap()
}

async fn read(store: &Store, prefix: &str, after: &str, limit: u32) -> String {
    let rows = JsFuture::from(store.read(prefix, after, limit)).await.unwrap();
    assert!(Array::is_array(&rows));
    JSON::stringify(&rows).unwrap().into()
}

#[wasm_bindgen_test]
async fn both_stores_do_the_same() {
    for denied in [false, true] {
        let (store, durable) = open(denied).await;
        assert_eq!(durable, !denied);
        assert_eq!(
            write(&store, "null", r#"[["b/2","2"],["a/1","1"],["b/1","x"],["b","0"]]"#, "[]").await,
            "done"
        );
        assert_eq!(read(&store, "b/", "", 9).await, r#"[["b/1","x"],["b/2","2"]]"#);
        assert_eq!(read(&store, "b/", "b/1", 9).await, r#"[["b/2","2"]]"#);
        assert_eq!(read(&store, "", "", 2).await, r#"[["a/1","1"],["b","0"]]"#);
        // A guard that does not hold keeps everything as it is.
        assert_eq!(write(&store, r#"["a/1","2"]"#, r#"[["c","3"]]"#, r#"["b"]"#).await, "conflict");
        assert_eq!(write(&store, r#"["a/1",null]"#, r#"[["c","3"]]"#, r#"["b"]"#).await, "conflict");
        assert_eq!(read(&store, "", "", 9).await, r#"[["a/1","1"],["b","0"],["b/1","x"],["b/2","2"]]"#);
        // What is deleted is deleted first.
        let puts = r#"[["b/1","y"]]"#;
        assert_eq!(write(&store, r#"["a/1","1"]"#, puts, r#"["b/","nothing"]"#).await, "done");
        assert_eq!(write(&store, r#"["nothing",null]"#, "[]", r#"["b"]"#).await, "done");
        assert_eq!(read(&store, "", "", 9).await, r#"[["a/1","1"],["b/1","y"]]"#);
    }
}

#[wasm_bindgen_test]
async fn a_connection_that_was_closed_is_opened_anew() {
    let (store, _) = open(false).await;
    assert_eq!(write(&store, "null", r#"[["a","1"]]"#, "[]").await, "done");
    // Whoever deletes the database is not kept waiting.
    run("return new Promise((done) => (indexedDB.deleteDatabase('cuehook').onsuccess = () => done()))").await;
    assert_eq!(read(&store, "", "", 9).await, "[]");
    assert_eq!(write(&store, "null", r#"[["b","2"]]"#, "[]").await, "done");
    assert_eq!(read(&store, "", "", 9).await, r#"[["b","2"]]"#);
}

#[wasm_bindgen_test]
async fn a_lack_of_room_is_told_from_a_fault() {
    let (store, _) = open(false).await;
    let put = Reflect::get(&run("return IDBObjectStore.prototype").await, &"put".into()).unwrap();
    for (name, outcome) in [("QuotaExceededError", "full"), ("UnknownError", "failed")] {
        run(&format!("IDBObjectStore.prototype.put = () => {{ throw new DOMException('x', '{name}') }}"))
            .await;
        let said = write(&store, "null", r#"[["a","1"]]"#, "[]").await;
        Reflect::set(&run("return IDBObjectStore.prototype").await, &"put".into(), &put).unwrap();
        assert_eq!(said, outcome);
    }
    // After a fault it goes on in memory.
    assert_eq!(write(&store, "null", r#"[["a","1"]]"#, "[]").await, "done");
    assert_eq!(read(&store, "", "", 9).await, r#"[["a","1"]]"#);
}
