//! Functions in Python and Node.js: this machine's own interpreters, with a loop of ours that asks the Runtime API for
//! work and hands it to the handler. Nothing is fetched: what a function imports is beside it, where `sam build` put it, or
//! installed for the interpreter.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::no_program::NoProgram;
use super::program::Program;
use crate::template::stack::{Function, Runtime};

const PYTHON: &str = include_str!("runtimes/python.py");
const NODE: &str = include_str!("runtimes/node.mjs");

/// What is started for a function of an interpreted language. `built` is the folder that `sam build` made for it.
pub(super) fn program(
    function: &Function,
    built: &Path,
    interpreters: &Interpreters,
) -> Result<Program, NoProgram> {
    let Interpreter { command, version } = interpreters.find(&function.runtime)?;
    let code = match function.inline {
        Some(_) => function.code.clone(),
        None => folder_of_code(function, built)?,
    };
    let folder = if code.is_dir() { code.clone() } else { env::temp_dir() };
    let other_version = (!is_of(&function.runtime, &version)).then_some(version);
    let arguments = arguments(function, &code, built);
    Ok(Program { command, arguments, folder, other_version })
}

/// The interpreters of this machine that were asked for, by runtime.
#[derive(Debug, Clone, Default)]
pub(super) struct Interpreters(RefCell<BTreeMap<String, Option<Interpreter>>>);

/// An interpreter that runs.
#[derive(Debug, Clone)]
struct Interpreter {
    command: PathBuf,
    /// As it says itself: `Python 3.13.1`, `v22.4.0`.
    version: String,
}

impl Interpreters {
    /// The interpreter of exactly this version, else the one that goes by the language's name.
    fn find(&self, runtime: &Runtime) -> Result<Interpreter, NoProgram> {
        let general = match runtime {
            Runtime::Python(_) => "python3",
            Runtime::Node(_) | Runtime::Binary => "node",
        };
        let name = runtime.name().to_owned();
        let mut known = self.0.borrow_mut();
        let find = || on_path(&name).or_else(|| on_path(general));
        let found = known.entry(name.clone()).or_insert_with(find).clone();
        found.ok_or(NoProgram::NoInterpreter { runtime: name, command: general })
    }
}

/// The first on the PATH that runs: a version manager leaves commands there whose version is not installed.
fn on_path(name: &str) -> Option<Interpreter> {
    let path = env::var_os("PATH")?;
    let commands = env::split_paths(&path).map(|folder| folder.join(name));
    commands.filter(|command| command.is_file()).find_map(|command| {
        let version = Command::new(&command).arg("--version").output().ok()?;
        let said = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        (version.status.success() && !said.is_empty())
            .then_some(Interpreter { command, version: said })
    })
}

/// Whether an interpreter that says so of itself is the runtime's version.
fn is_of(runtime: &Runtime, version: &str) -> bool {
    let wanted = match runtime {
        Runtime::Python(name) => name.replace("python", "Python "),
        Runtime::Node(name) => name.trim_end_matches(".x").replace("nodejs", "v"),
        Runtime::Binary => return true,
    };
    version.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// Where the handler's file is: the function's own code, so that a change is seen at the next start, or what
/// `sam build` made of it where that alone has the handler, or alone has what the handler needs.
fn folder_of_code(function: &Function, built: &Path) -> Result<PathBuf, NoProgram> {
    let has = |folder: &Path| files(function).iter().any(|file| folder.join(file).is_file());
    let has_packages = |folder: &Path| folder.join("node_modules").is_dir();
    let is_node = matches!(function.runtime, Runtime::Node(_));
    let needs_built = is_node && !has_packages(&function.code) && has_packages(built);
    match (has(&function.code), has(built)) {
        (true, false) => Ok(function.code.clone()),
        (true, true) if !needs_built => Ok(function.code.clone()),
        (_, true) => Ok(built.to_owned()),
        (false, false) => Err(NoProgram::NoHandler {
            handler: function.handler.clone(),
            looked_for: files(function),
            folders: vec![function.code.clone(), built.to_owned()],
        }),
    }
}

/// The files that may have the handler, relative to its folder.
fn files(function: &Function) -> Vec<PathBuf> {
    let handler = function.handler.as_str();
    match function.runtime {
        Runtime::Python(_) => {
            let module = handler.rsplit_once('.').map_or(handler, |(module, _)| module);
            let path = module.replace('.', "/");
            vec![format!("{path}.py").into(), format!("{path}/__init__.py").into()]
        }
        _ => {
            let (folder, file) = handler.rsplit_once('/').unwrap_or((".", handler));
            let file = file.split_once('.').map_or(file, |(file, _)| file);
            let file = if folder == "." { file.to_owned() } else { format!("{folder}/{file}") };
            ["js", "mjs", "cjs"].map(|ending| format!("{file}.{ending}").into()).into()
        }
    }
}

fn arguments(function: &Function, code: &Path, built: &Path) -> Vec<OsString> {
    let handler = OsString::from(&function.handler);
    let mut arguments: Vec<OsString> = match function.runtime {
        Runtime::Python(_) => {
            vec!["-c".into(), PYTHON.into(), handler, imports(function, code, built)]
        }
        _ => {
            let run = ["--input-type=module", "--eval", NODE, "--"].map(OsString::from);
            run.into_iter().chain([handler, code.into()]).collect()
        }
    };
    arguments.extend(function.inline.as_ref().map(OsString::from));
    arguments
}

/// The folders that a Python function imports from beside the interpreter's own.
fn imports(function: &Function, code: &Path, built: &Path) -> OsString {
    let folders = match function.inline {
        Some(_) => vec![built],
        None => vec![code, built],
    };
    // A folder with a colon in its name can't be told.
    env::join_paths(folders).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(runtime: Runtime, handler: &str) -> Vec<String> {
        let function = Function { runtime, handler: handler.to_owned(), ..Function::default() };
        files(&function).iter().map(|file| file.display().to_string()).collect()
    }

    #[test]
    fn an_interpreter_is_of_the_runtime_s_version_or_not() {
        let python = Runtime::Python("python3.1".to_owned());
        assert!(is_of(&python, "Python 3.1.4"));
        assert!(!is_of(&python, "Python 3.13.1"));
        assert!(is_of(&Runtime::Node("nodejs22.x".to_owned()), "v22.4.0"));
    }

    #[test]
    fn a_handler_names_its_file_as_on_lambda() {
        let python = |handler| names(Runtime::Python("python3.13".to_owned()), handler);
        let node = |handler| names(Runtime::Node("nodejs22.x".to_owned()), handler);

        assert_eq!(python("app.handle"), ["app.py", "app/__init__.py"]);
        assert_eq!(python("src.app.handle"), ["src/app.py", "src/app/__init__.py"]);
        assert_eq!(python("src/app.handle")[0], "src/app.py");
        assert_eq!(node("index.handle"), ["index.js", "index.mjs", "index.cjs"]);
        assert_eq!(node("dist/index.api.handle")[0], "dist/index.js");
    }
}
