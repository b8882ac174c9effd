//! What the scripts of `js/outbox` call.

/// Smaller than the standard library's allocator for WebAssembly.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
