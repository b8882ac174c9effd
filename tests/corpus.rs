//! Inputs that fuzzing has kept, run natively: what held for them holds still. See `fuzz/README.md`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../fuzz/properties/mod.rs"]
mod properties;

use std::path::Path;

fn run_all(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut count = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        // Should it fail, this says which one it was.
        println!("{}", path.display());
        property(&std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count >= 50, "{} has {count} inputs", folder.display());
}

#[test]
fn templates_are_compiled() {
    run_all("template_compile", properties::template_compile);
}

#[test]
fn templates_are_evaluated() {
    run_all("template_evaluate", properties::template_evaluate);
}

#[test]
fn json_is_checked() {
    run_all("json_check", properties::json_check);
}
