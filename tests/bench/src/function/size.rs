//! How big the programs are, by themselves and in the archive that Lambda gets.

use super::comparison::{Aim, Comparison};
use super::subject::Subject;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::fs;
use std::io::Write;
use system_tests::program;

/// Bytes of an archive beside its one file.
const ARCHIVE: usize = 130;
const MB: f64 = 1e6;
/// What an archive may have at the most, in MB.
const ZIPPED: f64 = 3.0;

pub(crate) fn measure(comparison: &mut Comparison) {
    let programs =
        Subject::ALL.map(|subject| fs::read(program(subject.program())).expect("a program"));
    comparison.add(
        "program, stripped, MB",
        programs.each_ref().map(|program| program.len() as f64 / MB),
        1,
        None,
    );
    let zipped = programs.map(|program| zipped(&program) as f64 / MB);
    let aim = Aim { text: "3 MB", is_met: zipped[2] <= ZIPPED };
    comparison.add("program, zipped, MB", zipped, 1, Some(aim));
}

fn zipped(program: &[u8]) -> usize {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(program).expect("memory takes it");
    deflate.finish().expect("memory takes it").len() + ARCHIVE
}
