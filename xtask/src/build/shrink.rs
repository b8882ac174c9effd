//! What makes the published package smaller and needs Node: wasm-opt for the modules, esbuild for the JavaScript.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::setup::{self, Need, TOOLS};
use crate::workspace;

/// `--traps-never-happen` would be wrong: a trap is how a bug of ours ends, and the page goes on.
const WASM_OPT: [&str; 11] = [
    // All control flow is made anew, which the compiler has left in many shapes.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // What is inlined where it is called once compresses less well than what stays apart; tiny functions are better inlined.
    "--one-caller-inline-max-function-size=0",
    "--always-inline-max-function-size=5",
    "--closed-world",
    "--low-memory-unused",
    "--generate-global-effects",
    // Only tools read these.
    "--strip-target-features",
    "--strip-producers",
];

const ESBUILD: [&str; 4] = ["--minify", "--format=esm", "--legal-comments=none", "--log-level=warning"];

/// The programs that make files smaller.
#[derive(Debug)]
pub struct Shrinker(());

impl Shrinker {
    /// Installs what is needed; `None`, and says so, where there is no Node.
    ///
    /// # Errors
    /// If something cannot be installed though there is Node.
    pub fn find() -> Result<Option<Self>> {
        if !setup::node_is_present() {
            eprintln!(
                "Node and npm are missing, so the package is built without wasm-opt and esbuild: it works, and is \
                 larger by about 6 %."
            );
            return Ok(None);
        }
        setup::ensure(&[Need::Shrinkers])?;
        Ok(Some(Shrinker(())))
    }

    /// Makes a module smaller, which must still have its `target_features`.
    ///
    /// # Errors
    /// If wasm-opt fails.
    pub fn module(&self, file: &Path) -> Result<()> {
        let mut command = tool("wasm-opt");
        workspace::run(command.arg(file).arg("-o").arg(file).args(WASM_OPT))
    }

    /// Makes a script smaller.
    ///
    /// # Errors
    /// If esbuild fails.
    pub fn script(&self, file: &Path) -> Result<()> {
        let text = workspace::output(tool("esbuild").args(ESBUILD).arg("--loader=js").stdin(open(file)?))?;
        write(file, &text)
    }

    /// Puts a script and what it imports into one, except what few pages need.
    ///
    /// # Errors
    /// If esbuild fails.
    pub fn bundle(&self, entry: &Path) -> Result<String> {
        let arguments = [
            "--bundle",
            "--external:./dist/full/*",
            "--external:./words/*",
            "--external:./outbox/*",
            "--external:./relay/*",
        ];
        let text = workspace::output(tool("esbuild").args(ESBUILD).args(arguments).arg(entry))?;
        if text.is_empty() {
            bail!("esbuild made nothing of {}", entry.display());
        }
        Ok(text + "\n")
    }
}

fn tool(name: &str) -> std::process::Command {
    workspace::command(workspace::root().join(TOOLS).join("node_modules/.bin").join(name))
}

fn open(file: &Path) -> Result<std::fs::File> {
    std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, format!("{text}\n")).with_context(|| format!("cannot write {}", file.display()))
}
