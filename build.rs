//! Leaves function names out of the released module: they are a third of its bytes, and nobody's browser needs them.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CUEHOOK_KEEP_NAMES");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let keep_names = std::env::var_os("CUEHOOK_KEEP_NAMES").is_some();
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") && !keep_names {
        // Not the profile's `strip = true`: that also drops the features section, which wasm-bindgen reads.
        println!("cargo::rustc-link-arg-cdylib=--strip-all");
        println!("cargo::rustc-link-arg-cdylib=--keep-section=target_features");
    }
}
