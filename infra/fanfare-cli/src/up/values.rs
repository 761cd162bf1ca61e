//! Where the values of a template's parameters come from: a file, SAM's `samconfig.toml` beside the template, the command
//! line. The last one wins.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What SAM remembers of `sam deploy`, beside the template.
const SAMCONFIG: &str = "samconfig.toml";

/// Why values are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum ValuesError {
    #[error("cannot read {}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error(
        "{} has no parameters: expected a JSON object of names and values, a list of ParameterKey and ParameterValue or of \
         \"NAME=VALUE\", or lines NAME=VALUE", .0.display()
    )]
    Form(PathBuf),
    #[error("{} is not understood", path.display())]
    Samconfig { path: PathBuf, source: Box<toml::de::Error> },
}

/// Values of a file of parameters, as AWS's commands take it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    /// `{"Parameters": {"Stage": "dev"}}`, the AWS CLI's and CodePipeline's.
    Section {
        #[serde(rename = "Parameters")]
        parameters: BTreeMap<String, Scalar>,
    },
    /// `{"Stage": "dev"}`
    Map(BTreeMap<String, Scalar>),
    /// `[{"ParameterKey": "Stage", "ParameterValue": "dev"}]`, as `create-stack` has it.
    Entries(Vec<Entry>),
    /// `["Stage=dev"]`, as `deploy --parameter-overrides file://` has it.
    Pairs(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    parameter_key: String,
    parameter_value: Scalar,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
}

/// The part of `samconfig.toml` that has values.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>
#[derive(Deserialize, Default)]
struct Samconfig {
    #[serde(default)]
    default: BTreeMap<String, SamCommand>,
}

#[derive(Deserialize, Default)]
struct SamCommand {
    #[serde(default)]
    parameters: SamParameters,
}

#[derive(Deserialize, Default)]
struct SamParameters {
    #[serde(default)]
    parameter_overrides: Option<Overrides>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Overrides {
    Text(String),
    List(Vec<String>),
}

/// The values in a file.
pub(super) fn of_file(path: &Path) -> Result<BTreeMap<String, String>, ValuesError> {
    let text = read(path)?;
    let wrong = || ValuesError::Form(path.to_owned());
    if !text.trim_start().starts_with(['{', '[']) {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        return lines.map(|line| pair(line).ok_or_else(wrong)).collect();
    }
    match serde_json::from_str(&text).map_err(|_| wrong())? {
        Document::Section { parameters } | Document::Map(parameters) => {
            Ok(parameters.into_iter().map(|(name, value)| (name, value.text())).collect())
        }
        Document::Entries(entries) => Ok(entries
            .into_iter()
            .map(|entry| (entry.parameter_key, entry.parameter_value.text()))
            .collect()),
        Document::Pairs(pairs) => pairs.iter().map(|text| pair(text).ok_or_else(wrong)).collect(),
    }
}

/// The values in the `samconfig.toml` beside a template, if there is one: those of every command, then those of `deploy`.
pub(super) fn of_samconfig(template: &Path) -> Result<BTreeMap<String, String>, ValuesError> {
    let path = template.with_file_name(SAMCONFIG);
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let config: Samconfig = toml::from_str(&read(&path)?).map_err(|source| {
        ValuesError::Samconfig { path: path.clone(), source: Box::new(source) }
    })?;
    let commands = ["global", "deploy"].iter().filter_map(|name| config.default.get(*name));
    let overrides = commands.filter_map(|command| command.parameters.parameter_overrides.as_ref());
    Ok(overrides.flat_map(Overrides::pairs).collect())
}

fn read(path: &Path) -> Result<String, ValuesError> {
    std::fs::read_to_string(path)
        .map_err(|source| ValuesError::File { path: path.to_owned(), source })
}

/// `NAME=VALUE`, either in quotes or not.
fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim();
    (!name.is_empty()).then(|| (name.to_owned(), unquoted(value.trim()).to_owned()))
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

impl Overrides {
    fn pairs(&self) -> Vec<(String, String)> {
        match self {
            Self::List(list) => list.iter().filter_map(|text| pair(text)).collect(),
            Self::Text(text) => words(text).iter().filter_map(|word| pair(word)).collect(),
        }
    }
}

/// The words of a line in which quotes keep spaces: `A=1 B="two words"`.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn values(pairs: [(&str, &str); 2]) -> BTreeMap<String, String> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_file_of_any_form_that_aws_s_commands_take_gives_its_values() {
        for text in [
            r#"{"Stage": "dev", "Size": 5}"#,
            r#"{"Parameters": {"Stage": "dev", "Size": "5"}}"#,
            r#"[{"ParameterKey": "Stage", "ParameterValue": "dev"}, {"ParameterKey": "Size", "ParameterValue": "5"}]"#,
            r#"["Stage=dev", "Size=5"]"#,
            "# ours\nStage=dev\nSize = \"5\"\n",
        ] {
            let (_folder, path) = written("parameters", text);
            assert_eq!(
                of_file(&path).unwrap(),
                values([("Size", "5"), ("Stage", "dev")]),
                "{text}"
            );
        }
        let (_folder, path) = written("parameters", "[1]");
        assert!(of_file(&path).unwrap_err().to_string().contains("has no parameters"));
    }

    #[test]
    fn samconfig_beside_the_template_gives_what_deploy_overrides() {
        let (folder, _) = written(
            SAMCONFIG,
            "version = 0.1\n[default.global.parameters]\nstack_name = \"a\"\nparameter_overrides = \"Stage=prod\"\n\
             [default.deploy.parameters]\nparameter_overrides = 'Stage=dev Team=\"two words\"'\n",
        );

        let found = of_samconfig(&folder.path().join("template.yaml")).unwrap();

        assert_eq!(found, values([("Stage", "dev"), ("Team", "two words")]));
        assert!(of_samconfig(Path::new("nowhere/template.yaml")).unwrap().is_empty());
    }
}
