//! The tutorial (`docs/tutorial.md`), typed: every command of its console blocks, and every file that it shows.

use super::{Greenhouse, built, cargo_in, target};
use std::path::PathBuf;
use system_tests::{program, repository};
use tokio::process::Command;

/// What a reader does.
#[derive(Debug)]
enum Step {
    /// Types a command, and sees this, if anything is shown.
    Type { command: String, shown: String },
    /// Writes a file.
    Write { file: String, text: String },
    /// Changes one text of a file to another, while the runner watches.
    Change { file: String, from: String, to: String },
}

/// What the page tells its reader to do. A file's name stands in a line of its own, before its block.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut file, mut lines) = (None, page.lines());
    while let Some(line) = lines.next() {
        let name = line.strip_prefix('`').and_then(|line| line.strip_suffix("`:"));
        file = name.map(str::to_owned).or(file);
        if let ["In ", file, " change ", from, " to ", to, ..] =
            line.split('`').collect::<Vec<_>>()[..]
        {
            let [file, from, to] = [file, from, to].map(str::to_owned);
            steps.push(Step::Change { file, from, to });
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match (language, file.take()) {
            ("console", _) => {
                let block = block.join("\n");
                let commands = block.split("$ ").skip(1);
                steps.extend(commands.map(|command| {
                    let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
                    Step::Type { command: command.to_owned(), shown: shown.trim_end().to_owned() }
                }));
            }
            (_, Some(file)) => steps.push(Step::Write { file, text: block.join("\n") + "\n" }),
            (_, None) => {}
        }
    }
    steps
}

/// A reader on the way.
struct Reader {
    folder: PathBuf,
    greenhouse: Option<Greenhouse>,
}

impl Reader {
    async fn follow(&mut self, step: &Step) {
        match step {
            Step::Write { file, text } => {
                std::fs::write(self.folder.join(file), text).expect("written");
            }
            Step::Change { file, from, to } => {
                let file = self.folder.join(file);
                let text = std::fs::read_to_string(&file).expect("readable");
                assert!(text.contains(from.as_str()), "there is no {from} to change");
                std::fs::write(&file, text.replace(from, to)).expect("written");
                let runner = self.greenhouse.as_mut().expect("it runs");
                runner.says_line("replaced").await;
            }
            Step::Type { command, shown } => {
                let words = words(command);
                let printed = self.type_in(&words).await;
                if !shown.is_empty() {
                    assert_eq!(shape(&printed), shape(shown), "{command} printed\n{printed}");
                }
            }
        }
    }

    async fn type_in(&mut self, words: &[&str]) -> String {
        match *words {
            ["cd", folder] => {
                self.folder.push(folder);
                // The dependencies that this repository has locked, so that nothing is asked of a registry.
                let locked = repository().join("tests/outside/Cargo.lock");
                std::fs::copy(locked, self.folder.join("Cargo.lock")).expect("copied");
                String::new()
            }
            ["cargo", ref arguments @ ..] => {
                let output = cargo_in(&self.folder, &[arguments, &["--offline"]].concat()).await;
                String::from_utf8_lossy(&output.stdout).into_owned()
            }
            ["fanfare", "up", ref more @ ..] => {
                self.greenhouse = Some(Greenhouse::start_with(&self.folder, more).await);
                String::new()
            }
            ["fanfare", "new", name] => {
                let here = repository();
                let here = here.to_str().expect("text");
                self.fanfare(&["new", name, "--path", here]).await
            }
            ["fanfare", ref arguments @ ..] => self.fanfare(arguments).await,
            _ => unreachable!("the page types {words:?}, which this test can't"),
        }
    }

    async fn fanfare(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(program("fanfare"));
        command.args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", target());
        if let Some(greenhouse) = &self.greenhouse {
            command.env("AWS_ENDPOINT_URL", greenhouse.aws.endpoint());
        }
        let output = command.output().await.expect("fanfare runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "fanfare {arguments:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The words of a command; what is in quotes is one, spaces and all.
fn words(command: &str) -> Vec<&str> {
    let pieces = command.split('\'').enumerate();
    let words = pieces.flat_map(|(index, piece)| match index % 2 {
        0 => piece.split_whitespace().collect(),
        _ => vec![piece],
    });
    words.collect()
}

/// A text without what differs from run to run: numbers, times and ids.
fn shape(text: &str) -> Vec<String> {
    let word = |word: &str| match word.chars().any(|c| c.is_ascii_digit()) {
        true => "#".to_owned(),
        false => word.to_owned(),
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).filter(|line| !line.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_and_shows_what_the_page_says() {
    built().await;
    let page = std::fs::read_to_string(repository().join("docs/tutorial.md")).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    let mut reader = Reader { folder: folder.path().to_owned(), greenhouse: None };
    let steps = steps(&page);
    assert!(steps.len() > 10, "{steps:?}");

    for step in &steps {
        reader.follow(step).await;
    }

    cargo_in(&reader.folder, &["fmt", "--check"]).await;
    reader.greenhouse.expect("the page starts the runner").stop().await;
}
