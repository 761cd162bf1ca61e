//! A handler that can't be one is refused in words that say what is wrong with it. The words are golden files beside the
//! cases; `TRYBUILD=overwrite` writes them anew.

#[test]
fn what_is_no_handler_is_refused_in_words_that_help() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
