//! What the module holds for the browser without what nobody's browser needs: names of functions, which are a third of its
//! bytes when it is released, and comments and indentation of the stylesheet.

#[path = "build/css.rs"]
mod css;

use std::path::PathBuf;
use std::{env, fs, io};

/// The stylesheet as it is written. The compact one has the same name, in `OUT_DIR`.
const SHEET: &str = "src/browser/stage/stage.css";

fn main() -> io::Result<()> {
    for file in ["build.rs", "build/css.rs", SHEET] {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-env-changed=CUEHOOK_KEEP_NAMES");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let keep_names = env::var_os("CUEHOOK_KEEP_NAMES").is_some();
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") && !keep_names {
        // Not the profile's `strip = true`: that also drops the features section, which wasm-bindgen reads.
        println!("cargo::rustc-link-arg-cdylib=--strip-all");
        println!("cargo::rustc-link-arg-cdylib=--keep-section=target_features");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("stage.css"), css::compact(&fs::read_to_string(SHEET)?))
}
