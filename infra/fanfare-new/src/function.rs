//! `fanfare new function`: a function that a schedule calls.

use crate::changes::Changes;
use crate::rustfmt::formatted;
use crate::{CrateName, Layout, NewError, template_text};
use askama::Template;
use std::fmt;
use std::str::FromStr;

/// When a function is called, as EventBridge says it: `rate(5 minutes)`, `cron(0 6 * * ? *)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(String);

impl FromStr for Schedule {
    type Err = NewError;

    fn from_str(schedule: &str) -> Result<Self, NewError> {
        let within = |kind: &str| schedule.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')');
        let is_plain =
            |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " *?/,-#".contains(c));
        let is_rate = within("rate").is_some_and(|rate| match rate.split_once(' ') {
            Some((number, unit)) => match number.parse::<u32>() {
                Ok(1) => ["minute", "hour", "day"].contains(&unit),
                Ok(2..) => ["minutes", "hours", "days"].contains(&unit),
                _ => false,
            },
            None => false,
        });
        let is_cron = within("cron")
            .is_some_and(|cron| is_plain(cron) && cron.split_whitespace().count() == 6);
        match is_rate || is_cron {
            true => Ok(Self(schedule.to_owned())),
            false => Err(NewError::Name {
                what: "a schedule",
                name: schedule.to_owned(),
                rule: "rate(1 minute), rate(5 minutes), hours or days, or cron(...) with six fields",
            }),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A function that a project is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFunction {
    /// Its name.
    pub name: CrateName,
    /// When it is called.
    pub schedule: Schedule,
}

/// What the code is about.
struct Code<'a> {
    name: &'a CrateName,
    /// The function that does the work, and the crate as code names it.
    function: &'a str,
    schedule: &'a Schedule,
}

#[derive(Template)]
#[template(path = "function/Cargo.toml.txt", escape = "none")]
struct Manifest<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "function/main.rs.txt", escape = "none")]
struct Main<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "function/lib.rs.txt", escape = "none")]
struct Handler<'a> {
    code: &'a Code<'a>,
}

#[derive(Template)]
#[template(path = "function/tests.rs.txt", escape = "none")]
struct Tests<'a> {
    code: &'a Code<'a>,
}

impl NewFunction {
    /// What is to be written. A function that is called so already is left as it is.
    ///
    /// # Errors
    /// [`NewError`].
    pub fn changes(&self, project: &Layout) -> Result<Changes, NewError> {
        let mut changes = Changes::default();
        let folder = project.root.join("functions").join(self.name.to_string());
        let text = project.text(&project.template, &changes)?;
        if folder.exists() {
            return match text.contains(&format!("  # ---- {}: {} ----", self.name, self.schedule)) {
                true => Ok(changes),
                false => Err(NewError::OtherConsumer(self.name.to_string())),
            };
        }
        let function = &*self.name.snake();
        let code = &Code { name: &self.name, function, schedule: &self.schedule };
        changes.create(folder.join("Cargo.toml"), Manifest { code }.render()? + "\n");
        changes.create(folder.join("src/main.rs"), formatted(Main { code }.render()?));
        changes.create(folder.join("src/lib.rs"), formatted(Handler { code }.render()?));
        let tests = folder.join("tests").join(format!("{function}.rs"));
        changes.create(tests, formatted(Tests { code }.render()?));
        let after = template_text::with_function(&project.template, &text, self)?;
        changes.replace(project.template.clone(), text, after);
        depend_on_runtime(project, &mut changes)?;
        Ok(changes)
    }
}

/// Adds what the function is built on to the workspace's dependencies, if it is not among them.
fn depend_on_runtime(project: &Layout, changes: &mut Changes) -> Result<(), NewError> {
    const HEADING: &str = "[workspace.dependencies]\n";
    let file = project.root.join("Cargo.toml");
    let text = project.text(&file, changes)?;
    let Some((before, after)) = text.split_once(HEADING) else {
        return Err(NewError::NoProject(project.root.clone()));
    };
    if !after.lines().any(|line| line.starts_with("lambda_runtime")) {
        let added = format!("{before}{HEADING}lambda_runtime = \"1\"\n{after}");
        changes.replace(file, text, added);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn a_schedule_is_one_of_eventbridge_s() {
        for good in ["rate(1 minute)", "rate(5 hours)", "cron(0 6 ? * MON-FRI *)"] {
            assert_eq!(
                good.parse::<Schedule>().map(|one| one.to_string()).ok().as_deref(),
                Some(good)
            );
        }
        for bad in
            ["rate(1 minutes)", "rate(0 hours)", "cron(0 6 * * *)", "daily", "rate(1 day) }\n  X:"]
        {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
    }
}
