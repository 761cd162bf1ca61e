//! What can't be declared is refused where it stands, with what to write instead. The words are golden files beside the
//! cases; `TRYBUILD=overwrite` writes them anew.

#[test]
fn what_is_no_event_is_refused_with_a_remedy() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
