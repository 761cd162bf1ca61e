//! Mending a dead letter by hand before it goes back.

use crate::DeadLetter;
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Envelope;
use serde::de::IgnoredAny;

/// The largest body that is sent back: what SNS takes, and so what every event fits into
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const MAX_BYTES: usize = 256 * 1024;

/// Shows a text to somebody and gives it back as they left it.
pub trait Editor: Sync {
    /// Waits until the text is edited. `problem` says why what was given back before won't do.
    ///
    /// # Errors
    /// When there is no editor, or it fails.
    fn edit(&self, text: &str, problem: Option<&str>) -> std::io::Result<String>;
}

/// Why a dead letter could not be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no editor, or it failed.
    #[error("the editor failed; what it was not given is where it was")]
    Editor(#[source] std::io::Error),
}

/// What came of editing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    /// The event is the same.
    Unchanged,
    /// This is the new body.
    Changed(String),
    /// Emptied: the dead letter is to stay.
    Skipped,
    /// Given back twice as something that is no event.
    Invalid(String),
}

/// Has a dead letter's event edited until it is an event, and the same one.
pub(crate) fn edit(letter: &DeadLetter, editor: &dyn Editor) -> Result<Edited, EditError> {
    let before = letter.event_json();
    let mut text = indented(&before);
    let mut problem: Option<String> = None;
    loop {
        let new = editor.edit(&text, problem.as_deref()).map_err(EditError::Editor)?;
        if new.trim().is_empty() {
            return Ok(Edited::Skipped);
        }
        match check(letter, &new) {
            Ok(body) if body == compact(&before) => return Ok(Edited::Unchanged),
            Ok(body) => return Ok(Edited::Changed(body)),
            Err(found) if problem.is_some() && new == text => return Ok(Edited::Invalid(found)),
            Err(found) => (text, problem) = (new, Some(found)),
        }
    }
}

/// The body to send, or why the text can't be sent.
fn check(letter: &DeadLetter, text: &str) -> Result<String, String> {
    let envelope = Envelope::from_json(text).map_err(|e| ErrorChain(&e).to_string())?;
    if let Some(id) = letter.event_id().filter(|id| *id != envelope.event_id.as_str()) {
        return Err(format!(
            "eventId must stay {id}: by it a consumer knows an event that it has applied already"
        ));
    }
    let body = compact(text);
    match body.len() {
        0..=MAX_BYTES => Ok(body),
        bytes => Err(format!("it has {bytes} bytes; {MAX_BYTES} can be sent")),
    }
}

/// JSON without white space between its tokens, every token as it is.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for token in tokens(json) {
        text.push_str(token);
    }
    text
}

/// JSON with a line for each member, every token as it is: numbers and the order of members stay. What is no
/// JSON stays altogether.
fn indented(json: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth: usize = 0;
    let mut before = "";
    for token in tokens(json) {
        let closes = matches!(token, "}" | "]");
        let is_empty = closes && matches!(before, "{" | "[");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if !is_empty && (closes || matches!(before, "{" | "[" | ",")) {
            text.push('\n');
            text.extend(std::iter::repeat_n("  ", depth));
        }
        text.push_str(token);
        match token {
            "{" | "[" => depth += 1,
            ":" => text.push(' '),
            _ => {}
        }
        before = token;
    }
    text.push('\n');
    text
}

/// The tokens of a JSON text: punctuation, strings, and everything else.
fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = rest.chars().next()?;
        let end = match first {
            '"' => end_of_string(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => {
                let ends = |c: char| "{}[],:\" \t\r\n".contains(c);
                rest.find(ends).unwrap_or(rest.len())
            }
        };
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (n, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return n + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sqs::types::Message;
    use proptest::prelude::*;
    use std::sync::Mutex;

    const EVENT: &str = r#"{"eventType":"T","eventId":"evt_1","timestamp":"2024-01-15T10:30:00Z","payload":{"n":1.10,"a":[]}}"#;

    /// Gives back, one after the other, what it was told to, and notes the problems.
    struct Script(Mutex<(Vec<String>, Vec<Option<String>>)>);

    impl Editor for Script {
        fn edit(&self, text: &str, problem: Option<&str>) -> std::io::Result<String> {
            let mut script = self.0.lock().expect("no other thread");
            script.1.push(problem.map(str::to_owned));
            Ok(if script.0.is_empty() { text.to_owned() } else { script.0.remove(0) })
        }
    }

    fn edited(body: &str, answers: &[&str]) -> (Edited, Vec<Option<String>>) {
        let letter = DeadLetter::new(Message::builder().message_id("m").body(body).build());
        let answers = answers.iter().map(|text| (*text).to_owned()).collect();
        let editor = Script(Mutex::new((answers, Vec::new())));
        let edited = edit(&letter, &editor).expect("edited");
        (edited, editor.0.into_inner().expect("no other thread").1)
    }

    #[test]
    fn an_event_that_is_left_alone_is_unchanged() {
        assert_eq!(edited(EVENT, &[]).0, Edited::Unchanged);
        assert_eq!(edited(EVENT, &[" \n"]).0, Edited::Skipped);
    }

    #[test]
    fn what_is_no_event_is_given_back_with_the_problem_until_it_is_one() {
        let mended = EVENT.replace("1.10", "2");
        let (edited, problems) = edited(EVENT, &["{", &mended]);
        assert_eq!(edited, Edited::Changed(mended));
        let problem = problems[1].as_deref().expect("a problem");
        assert!(problem.starts_with("not an event envelope"), "{problem}");
    }

    #[test]
    fn what_stays_no_event_is_given_up() {
        assert!(matches!(edited("no JSON", &[]).0, Edited::Invalid(_)));
    }

    #[test]
    fn an_event_keeps_its_id() {
        let other = EVENT.replace("evt_1", "evt_2");
        let (edited, _) = edited(EVENT, &[&other, &other]);
        assert!(matches!(edited, Edited::Invalid(reason) if reason.contains("must stay evt_1")));
    }

    #[test]
    fn an_event_is_shown_by_lines_and_each_of_its_tokens_stays() {
        let text = indented(EVENT);
        assert!(
            text.contains("\n  \"payload\": {\n    \"n\": 1.10,\n    \"a\": []\n  }\n}\n"),
            "{text}"
        );
        assert_eq!(compact(&text), EVENT);
    }

    proptest! {
        #[test]
        fn indenting_and_compacting_changes_no_json(
            texts in prop::collection::vec("\\PC{0,12}", 0..6), numbers in prop::collection::vec(any::<f64>(), 0..4)
        ) {
            let json = serde_json::json!({"texts": texts, "n": {"numbers": numbers}}).to_string();
            prop_assert_eq!(compact(&indented(&json)), json);
        }

        #[test]
        fn no_text_makes_it_panic_or_grow_without_end(text in "\\PC{0,60}") {
            prop_assert!(compact(&text).len() <= text.len());
            drop(indented(&text));
        }
    }
}
