//! What a parser expected, for somebody who does not know the program.

/// The words of serde's, with what it calls `expected` told plainly: the names of the program's own types say nothing to
/// whoever reads a dead letter.
pub(crate) fn plain(words: &str) -> String {
    let Some((found, expected)) = words.rsplit_once(", expected ") else { return words.to_owned() };
    let (kind, place) = match expected.split_once(" at line ") {
        Some((kind, place)) => (kind, format!(" at line {place}")),
        None => (expected, String::new()),
    };
    format!("{found}, expected {}{place}", plain_kind(kind))
}

fn plain_kind(kind: &str) -> String {
    match kind {
        "u8" | "u16" | "u32" | "u64" | "usize" => format!("{kind} (a whole number from 0)"),
        "i8" | "i16" | "i32" | "i64" | "isize" => format!("{kind} (a whole number)"),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        kind if kind.starts_with("struct ") => "an object".to_owned(),
        kind => kind.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_is_told_without_the_program_s_own_names() {
        for (words, told) in [
            (
                "invalid type: null, expected struct TemperatureMeasured",
                "invalid type: null, expected an object",
            ),
            (
                "invalid type: map, expected a sequence at line 1 column 4",
                "invalid type: map, expected a list at line 1 column 4",
            ),
            (
                "invalid type: string (not shown), expected u64 at line 2 column 1",
                "invalid type: string (not shown), expected u64 (a whole number from 0) at line 2 column 1",
            ),
            ("unknown variant (not shown)", "unknown variant (not shown)"),
        ] {
            assert_eq!(plain(words), told);
        }
    }
}
