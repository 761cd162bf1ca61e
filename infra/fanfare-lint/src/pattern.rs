//! Patterns of `*` and `?`, as policies have them.

/// Whether a name fits a pattern of `*` and `?`.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and where what it stands for ends so far.
    let mut star = None;
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(b'?') => (at, from) = (at + 1, from + 1),
            Some(byte) if *byte == name[from] => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((before, end)) => {
                    star = Some((before, end + 1));
                    (at, from) = (before + 1, end + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_in_iam() {
        assert!(fits("*", ""));
        assert!(fits("a*b*c", "axxbyyc"));
        assert!(!fits("a*b", "axbx"));
        assert!(!fits("a?", "a"));
        assert!(fits("ab", "ab"));
    }
}
