//! Glue that is made once for each module.
//!
//! wasm-bindgen's glue for `--target web` keeps the module and what belongs to it in variables of the script, so a script
//! has one module for ever. A module that has failed must be replaced by a fresh one, so here the script becomes the body
//! of a function: `instance(watchImports, watchExports, CuehookError)` makes the glue of one module. It gives what the glue
//! exports, and `start(response)` instead of wasm-bindgen's own ways to start. The two functions get all functions that the
//! module imports and all that it exports, and give those that are used instead: whatever enters or leaves the module goes
//! through the loader's hands. The class is that of the errors which the module makes.

use anyhow::{Result, ensure};

/// The imports are handed over here…
const IMPORTS: (&str, &str) = ("_bg.js\": import0,", "_bg.js\": watchImports(import0),");
/// …and the exports are taken here.
const EXPORTS: (&str, &str) = ("wasm = instance.exports;", "wasm = watchExports(instance.exports);");
/// What is for other uses of the glue, or for browsers without anything that the loader itself needs. Each ends where a line
/// is `}`, as far in as its first one.
const LEFT_OUT: [&str; 4] = [
    "async function __wbg_load(module, imports) {",
    "function initSync(module) {",
    "async function __wbg_init(module_or_path) {",
    "if (!('encodeInto' in cachedTextEncoder)) {",
];
const STARTERS_EXPORTED: &str = "export { initSync, __wbg_init as default };";
/// How the module is started instead. Browsers compile what is still arriving only if it is served as what it is.
const START: &str = r#"start: async (response) => {
    const answer = await response;
    const imports = __wbg_get_imports();
    if (!answer.ok) throw new Error(`status ${answer.status} for ${answer.url}`);
    const { instance } = answer.headers.get("content-type") === "application/wasm"
        ? await WebAssembly.instantiateStreaming(answer, imports)
        : await WebAssembly.instantiate(await answer.arrayBuffer(), imports);
    __wbg_finalize_init(instance);
}"#;

/// What the glue looks at, and takes where there are no registries of finalizers: in no browser that runs the loader.
const REGISTRIES: [(&str, &str); 3] = [
    ("(typeof FinalizationRegistry === 'undefined')", ""),
    ("? { register: () => {}, unregister: () => {} }", ""),
    (": new FinalizationRegistry(", "new FinalizationRegistry("),
];

/// A function that the module imports is written shorter, and also one that hands on what is thrown.
const FUNCTION: &str = ": function(";
const CATCHING: (&str, &str) = (": function() { return handleError(function (", "}, arguments); },");
const CAUGHT: &str = "const caught = (call) => (...parts) => handleError(call, parts);\n";

/// The script with the class of errors, and how the glue asks for it.
pub const ERRORS_SCRIPT: &str = "/js/errors.js";
pub const ERRORS_IMPORT: &str = "import { CuehookError }";

/// What the first line of the declarations says, which are wasm-bindgen's.
pub const DECLARED: &str = "// `instance()` of cuehook.js gives this, but for its functions that start the module: `start(response)` does.";

/// Makes glue a factory.
///
/// # Errors
/// If the glue is not as this wasm-bindgen writes it.
pub fn of(glue: &str) -> Result<String> {
    let mut body = String::new();
    let mut given = Vec::new();
    let mut left_out = Vec::new();
    let mut lines = glue.lines();
    while let Some(line) = lines.next() {
        ensure!(!line.starts_with("import "), "the glue imports something: `{line}`");
        let code = line.trim_start();
        if code == STARTERS_EXPORTED {
            left_out.push(code);
            continue;
        }
        if LEFT_OUT.contains(&code) {
            let indent = line.len() - code.len();
            let is_end = |line: &str| line.len() == indent + 1 && line.ends_with('}');
            ensure!(lines.any(is_end), "`{code}` does not end");
            left_out.push(code);
            continue;
        }
        let line = match line.strip_prefix("export ") {
            None => line,
            Some(item) => {
                let mut words =
                    item.split(|character: char| !character.is_alphanumeric() && character != '_');
                let kind = words.next().unwrap_or_default();
                ensure!(matches!(kind, "class" | "function"), "the glue exports `{item}`");
                given.extend(words.next());
                item
            }
        };
        body.push_str(&with_arrows(line));
        body.push('\n');
    }
    ensure!(
        !body.contains(", arguments)") && !body.contains("handleError(function"),
        "the glue catches what is thrown in another way"
    );
    body.push_str(CAUGHT);
    ensure!(left_out.len() == LEFT_OUT.len() + 1, "of what is left out the glue has only {left_out:?}");
    given.push(START);
    let needed = "function __wbg_finalize_init(instance, module)";
    ensure!(body.contains(needed), "the glue has no `{needed}`");
    for (old, new) in [IMPORTS, EXPORTS] {
        ensure!(body.matches(old).count() == 1, "the glue does not have `{old}` once");
        body = body.replace(old, new);
    }
    // Where there are no classes, there are no registries.
    let has_registries = body.contains("FinalizationRegistry");
    for (old, new) in REGISTRIES.into_iter().filter(|_| has_registries) {
        ensure!(body.contains(old), "the glue has no `{old}`");
        body = body.replace(old, new);
    }
    let given = given.join(", ");
    Ok(format!(
        "export function instance(watchImports, watchExports, CuehookError) {{\n{body}return {{ {given} }};\n}}\n"
    ))
}

/// A line of the glue, with an arrow where a function of the module's imports begins.
fn with_arrows(line: &str) -> String {
    if line.trim_start() == CATCHING.1 {
        return "}),".to_owned();
    }
    let arrow = |parameters: &str| Some(format!("{} => {{", parameters.strip_suffix(" {")?));
    let shorter = match line.split_once(CATCHING.0) {
        Some((name, parameters)) => arrow(parameters).map(|arrow| format!("{name}: caught(({arrow}")),
        None => line
            .split_once(FUNCTION)
            .and_then(|(name, parameters)| Some(format!("{name}: ({}", arrow(parameters)?))),
    };
    shorter.unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "export class Handle {\n}\nconst Finalization = (typeof FinalizationRegistry === 'undefined')\n\
        \x20   ? { register: () => {}, unregister: () => {} }\n    : new FinalizationRegistry(free);\nexport function attach(host) {\n    return wasm.attach(host);\n}\n\
        function __wbg_get_imports() {\n    return {\n        \"./cuehook_bg.js\": import0,\n        __wbg_a: function(arg0) {\n            return arg0;\n        },\n        \
        __wbg_b: function() { return handleError(function (arg0, arg1) {\n            arg0(arg1);\n        }, arguments); },\n    };\n}\n\
        function __wbg_finalize_init(instance, module) {\n    wasm = instance.exports;\n}\n\
        async function __wbg_load(module, imports) {\n    function inner() {\n    }\n}\n\
        if (!('encodeInto' in cachedTextEncoder)) {\n    cachedTextEncoder.encodeInto = 1;\n}\n\
        \x20   function initSync(module) {\n        if (module) {\n        }\n    }\n\
        async function __wbg_init(module_or_path) {\n    return 1;\n}\n\
        export { initSync, __wbg_init as default };\n";

    #[test]
    fn glue_becomes_a_function() {
        let made = "export function instance(watchImports, watchExports, CuehookError) {\nclass Handle {\n}\n\
            const Finalization = \n    \n    new FinalizationRegistry(free);\n\
            function attach(host) {\n    return wasm.attach(host);\n}\n\
            function __wbg_get_imports() {\n    return {\n        \"./cuehook_bg.js\": watchImports(import0),\n        __wbg_a: (arg0) => {\n            return arg0;\n        },\n        \
            __wbg_b: caught((arg0, arg1) => {\n            arg0(arg1);\n}),\n    };\n}\n\
            function __wbg_finalize_init(instance, module) {\n    wasm = watchExports(instance.exports);\n}\n";
        assert_eq!(of(GLUE).unwrap(), format!("{made}{CAUGHT}return {{ Handle, attach, {START} }};\n}}\n"));
    }

    /// Another wasm-bindgen may write something else; nothing may be left out in silence.
    #[test]
    fn other_glue_is_refused() {
        for (old, new) in [
            ("export class", "import { x } from './x.js';\nexport class"),
            ("export function attach", "export const attach"),
            ("__wbg_init as default", "__wbg_start as default"),
            ("export {", "export { x };\n//"),
            ("function initSync(", "function initNow("),
            ("__wbg_load(module, imports)", "__wbg_load(module)"),
            ("    function inner() {\n    }\n}\n", ""),
            ("'encodeInto' in", "'encode' in"),
            ("__wbg_finalize_init(instance, module)", "__wbg_finalize_init(module)"),
            ("import0,", "import1,"),
            ("}, arguments); },", "}, arguments) },"),
            ("? { register", "? {register"),
            ("wasm = instance.exports;", ""),
            ("    wasm = instance.exports;", "wasm = instance.exports;\nwasm = instance.exports;"),
        ] {
            assert!(of(&GLUE.replace(old, new)).is_err(), "{new}");
        }
    }
}
