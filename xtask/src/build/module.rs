//! The module: compiled by cargo, and given its JavaScript glue.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::{Bindgen, Output};

use super::Quality;
use super::factory;
use super::names::{self, Border};
use crate::workspace;

/// Cargo gives the libraries of a workspace no hash in their names, so that builds with other features would replace each
/// other and none would ever be fresh. With this they have one. Should cargo ever drop it, builds take longer.
const CARGO_METADATA: (&str, &str) = ("__CARGO_DEFAULT_LIB_METADATA", "cuehook");

const WASM: &str = "wasm32-unknown-unknown";

/// What inlining is told when size counts: functions with so many bytes of variables in memory stay apart, also where they are
/// called once. Put together they become functions of ten kilobytes, which compress less well.
const APART: &str = "llvm-args=-inline-max-stacksize=64";

/// Names of functions are left out, but not what wasm-bindgen reads.
const STRIPPED: [&str; 2] = ["link-arg=--strip-all", "link-arg=--keep-section=target_features"];

/// How the files of each build are called, in a folder of its own.
const NAME: &str = "cuehook";

/// Which build of which module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// The one for nearly every page.
    Default,
    /// With minijinja, for documents that ask for it.
    Full,
    /// The full one, with what authoring tools need.
    Authoring,
    /// Another module: the outbox, which delivers events.
    Outbox,
    /// The outbox with the formats of other systems.
    OutboxFormats,
}

impl Build {
    /// All there are.
    pub const ALL: [Build; 5] =
        [Build::Default, Build::Full, Build::Authoring, Build::Outbox, Build::OutboxFormats];

    /// Its folder in `pkg/dist`; the default one lies in `pkg/dist` itself.
    pub fn folder(self) -> &'static str {
        match self {
            Build::Default => "",
            Build::Full => "full",
            Build::Authoring => "authoring",
            Build::Outbox => "outbox",
            Build::OutboxFormats => "outbox-formats",
        }
    }

    /// The script that its glue becomes a part of, and who imports it: see [`package`](super::package).
    pub fn script(self) -> Option<&'static str> {
        match self {
            Build::Default => Some("cuehook.js"),
            Build::Outbox => Some("outbox/outbox.js"),
            Build::OutboxFormats => Some("outbox/formats.js"),
            Build::Full | Build::Authoring => None,
        }
    }

    /// What its glue is. Our scripts make modules of most; authoring tools import theirs themselves.
    pub fn glue(self) -> Glue {
        match self {
            Build::Default | Build::Full | Build::Outbox | Build::OutboxFormats => Glue::Factory,
            Build::Authoring => Glue::Single,
        }
    }

    /// The package, and the file that it is compiled to.
    fn package(self) -> (&'static str, &'static str) {
        match self {
            Build::Default | Build::Full | Build::Authoring => ("cuehook", "cuehook.wasm"),
            Build::Outbox | Build::OutboxFormats => ("cuehook-outbox", "cuehook_outbox.wasm"),
        }
    }

    /// What cargo is told of features.
    fn features(self) -> &'static [&'static str] {
        match self {
            Build::Default | Build::Outbox => &[],
            Build::OutboxFormats => &["--features", "formats"],
            Build::Full => &["--features", "full"],
            Build::Authoring => &["--features", "authoring"],
        }
    }
}

/// Compiles the module and gives the file.
///
/// # Errors
/// If it does not compile.
pub fn compile(quality: Quality, build: Build) -> Result<PathBuf> {
    compile_into(&workspace::target(), quality, build, false)
}

/// Compiles the module into the build folder `target`, and gives the file, which is good until the next build.
///
/// The manifest asks for a `cdylib` and an `rlib`, and cargo leaves link-time optimisation out when both are built
/// together. Asked for the `cdylib` alone it optimises: an eighth less to download.
///
/// # Errors
/// If it does not compile.
pub fn compile_into(target: &Path, quality: Quality, build: Build, keep_names: bool) -> Result<PathBuf> {
    let (package, file) = build.package();
    let mut cargo = workspace::command("cargo");
    cargo.args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", WASM, "--target-dir"]).arg(target).args(build.features());
    cargo.env(CARGO_METADATA.0, CARGO_METADATA.1);
    if keep_names {
        cargo.env("CUEHOOK_KEEP_NAMES", "1");
    }
    let profile = match quality {
        Quality::Dev => "debug",
        Quality::Optimised | Quality::Release => {
            cargo.args(["--release", "--", "-C", APART]);
            // The runtime's own build script asks for the same.
            if package == "cuehook-outbox" && !keep_names {
                cargo.args(STRIPPED.map(|argument| ["-C", argument]).as_flattened());
            }
            "release"
        }
    };
    workspace::run(&mut cargo)?;
    Ok(target.join(WASM).join(profile).join(file))
}

/// Which names are in a module and its glue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// All: also those of functions.
    Kept,
    /// Those that wasm-bindgen needs.
    Stripped,
    /// Short ones.
    Short,
}

/// How many modules may run from one glue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glue {
    /// One: as wasm-bindgen writes it.
    Single,
    /// As many as are asked for: see [`factory`].
    Factory,
}

/// Writes the module in `file` with its glue and declarations into the folder `out`.
///
/// # Errors
/// If the module is none, or a file cannot be written.
pub fn bind(file: &Path, out: &Path, names: Names, kind: Glue) -> Result<()> {
    let mut bindgen = Bindgen::new();
    // As the command does it: without an address the glue takes the module beside it.
    bindgen.input_path(file).out_name(NAME).web(true)?.typescript(true).omit_default_module_path(false);
    bindgen.remove_name_section(names != Names::Kept).remove_producers_section(names != Names::Kept);
    let mut output = bindgen.generate_output().with_context(|| format!("cannot bind {}", file.display()))?;
    let scripts = output.local_modules().iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    let short_glue = match names {
        Names::Short => Some(shorten(&mut output)),
        Names::Kept | Names::Stripped => None,
    };
    output.emit(out)?;
    let file = out.join("cuehook.js");
    let glue = match short_glue {
        Some(glue) => glue,
        None => read(&file)?,
    };
    let glue = with_scripts(&glue, &scripts, kind)?;
    let glue = match kind {
        Glue::Single => glue,
        Glue::Factory => factory::of(&glue)?,
    };
    write(&file, &glue)?;
    if kind == Glue::Factory {
        let file = out.join("cuehook.d.ts");
        write(&file, &(factory::DECLARED.to_owned() + "\n" + &read(&file)?))?;
    }
    if names == Names::Short {
        // Declarations of what nobody but the glue calls, under names that are gone.
        let internal = out.join("cuehook_bg.wasm.d.ts");
        std::fs::remove_file(&internal).with_context(|| format!("cannot remove {}", internal.display()))?;
        let file = out.join("cuehook.d.ts");
        let declared = read(&file)?;
        let public: Vec<&str> = declared.lines().filter(|line| !line.contains("readonly __")).collect();
        write(&file, &(public.join("\n") + "\n"))?;
    }
    let loose = out.join("snippets");
    if loose.exists() {
        std::fs::remove_dir_all(&loose).with_context(|| format!("cannot remove {}", loose.display()))?;
    }
    Ok(())
}

/// Gives what module and glue call in each other short names, and gives the glue with them.
fn shorten(output: &mut Output) -> String {
    let glue = output.js().to_owned();
    let module = output.wasm_mut();
    let border = Border {
        imports: module.imports.iter().map(|import| import.name.clone()).collect(),
        exports: module.exports.iter().map(|export| export.name.clone()).collect(),
    };
    let (glue, renaming) = names::shorten(&glue, &border);
    for import in module.imports.iter_mut() {
        if let Some(name) = renaming.imports.get(&import.name) {
            import.name.clone_from(name);
        }
    }
    for export in module.exports.iter_mut() {
        if let Some(name) = renaming.exports.get(&export.name) {
            export.name.clone_from(name);
        }
    }
    glue
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Puts the module's own scripts, which wasm-bindgen lays beside the glue, into the glue: one request less, which would
/// otherwise delay the module. A factory is handed its class of errors instead: there is one for the whole page.
fn with_scripts(glue: &str, scripts: &BTreeMap<String, String>, kind: Glue) -> Result<String> {
    let mut joined = String::new();
    for line in glue.lines() {
        match line.split_once("from './snippets/") {
            Some((_, path)) if line.starts_with("import ") => {
                let path = path.trim_end_matches("';");
                if kind == Glue::Factory && path.ends_with(factory::ERRORS_SCRIPT) {
                    let wanted = line.split_once(" from ").map(|(wanted, _)| wanted);
                    ensure!(wanted == Some(factory::ERRORS_IMPORT), "the glue has `{line}`");
                    continue;
                }
                let script = scripts.get(path).with_context(|| format!("the glue wants {path}"))?;
                joined.push_str(&script.replace("\nexport ", "\n"));
            }
            _ => joined.push_str(line),
        }
        joined.push('\n');
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_put_into_the_glue() {
        let scripts =
            BTreeMap::from([("a/b.js".to_owned(), "const x = 1;\nexport function f() {}".to_owned())]);
        let glue = "import { f } from './snippets/a/b.js';\nf();";
        let joined = with_scripts(glue, &scripts, Glue::Factory).unwrap();
        assert_eq!(joined, "const x = 1;\nfunction f() {}\nf();\n");
        assert!(with_scripts(glue, &BTreeMap::new(), Glue::Factory).is_err());
    }

    #[test]
    fn a_factory_is_handed_the_class_of_errors() {
        let scripts =
            BTreeMap::from([("a/js/errors.js".to_owned(), "\nexport class CuehookError {}".to_owned())]);
        let glue = "import { CuehookError } from './snippets/a/js/errors.js';\nf();";
        assert_eq!(with_scripts(glue, &scripts, Glue::Factory).unwrap(), "f();\n");
        assert_eq!(with_scripts(glue, &scripts, Glue::Single).unwrap(), "\nclass CuehookError {}\nf();\n");
        let other = glue.replace("{ CuehookError }", "{ CuehookError as CuehookError1 }");
        assert!(with_scripts(&other, &scripts, Glue::Factory).is_err());
    }
}
