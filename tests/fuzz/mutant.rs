//! Mutants: a sample with a few changes, of the kinds that decoders of JSON stumble over.

use crate::corpus::Sample;
use bolero::TypeGenerator;
use bolero::generator::*;

/// The longest mutant, in bytes: what an SQS message may hold at least.
const LONGEST: usize = 256 * 1024;

/// What is inserted: pieces that change how the rest is read.
const TOKENS: [&[u8]; 30] = [
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u0000",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3\xa4",
    b"null",
    b"true",
    b"1e400",
    b"-0.0",
    b"-1",
    b"18446744073709551616",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"`",
    b"\"eventId\":\"evt_1\",",
    b"\"eventType\":\"OrderPlaced\",",
    b"\"payload\":",
    b"\"schemaVersion\":4294967296,",
    b"\"Type\":\"Notification\",",
    b"\"Message\":",
    b"-9999-01-01T00:00:00.0000000001+99:99[Europe/Berlin]",
];

/// A sample, named by its place, and what is done to it.
#[derive(Debug, Clone, TypeGenerator)]
pub(crate) struct Mutant {
    sample: u16,
    #[generator(produce::<Vec<Change>>().with().len(0..6_usize))]
    changes: Vec<Change>,
}

/// Places are taken modulo the length.
#[derive(Debug, Clone, TypeGenerator)]
enum Change {
    /// One byte becomes another.
    Set { at: u16, byte: u8 },
    /// One bit is turned over.
    Flip { at: u16, bit: u8 },
    /// So many bytes are left out.
    Cut { at: u16, length: u8 },
    /// All the rest is left out.
    Truncate { at: u16 },
    /// So many bytes are there so many times more.
    Repeat { at: u16, length: u8, times: u8 },
    /// A token is inserted.
    Insert { at: u16, token: u8 },
    /// A part of another sample is inserted.
    Splice { at: u16, sample: u16, from: u16, length: u8 },
    /// Opening brackets are inserted, closing ones put at the end.
    Nest { at: u16, depth: u16 },
}

impl Mutant {
    /// The mutant of these samples, as bytes.
    pub(crate) fn bytes(&self, samples: &[Sample]) -> Vec<u8> {
        let mut bytes = sample(samples, self.sample).to_vec();
        for change in &self.changes {
            change.apply(&mut bytes, samples);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    /// The mutant as a text; what is not UTF-8 is replaced, as whoever wrote it into a message had to.
    pub(crate) fn text(&self, samples: &[Sample]) -> String {
        String::from_utf8_lossy(&self.bytes(samples)).into_owned()
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, samples: &[Sample]) {
        let end = bytes.len();
        let place = |at: u16| usize::from(at) % (end + 1);
        let range = |at: u16, length: u8| place(at)..(place(at) + usize::from(length)).min(end);
        match *self {
            Self::Set { at, byte } => {
                bytes.get_mut(place(at)).into_iter().for_each(|place| *place = byte);
            }
            Self::Flip { at, bit } => {
                bytes.get_mut(place(at)).into_iter().for_each(|place| *place ^= 1 << (bit % 8));
            }
            Self::Cut { at, length } => drop(bytes.drain(range(at, length))),
            Self::Truncate { at } => bytes.truncate(place(at)),
            Self::Repeat { at, length, times } => {
                let part = bytes[range(at, length)].repeat(usize::from(times));
                insert(bytes, place(at), part);
            }
            Self::Insert { at, token } => {
                insert(bytes, place(at), TOKENS[usize::from(token) % TOKENS.len()].to_vec());
            }
            Self::Splice { at, sample: other, from, length } => {
                let other = sample(samples, other);
                let from = usize::from(from) % (other.len() + 1);
                let to = (from + usize::from(length)).min(other.len());
                insert(bytes, place(at), other[from..to].to_vec());
            }
            Self::Nest { at, depth } => {
                insert(bytes, place(at), b"[".repeat(depth.into()));
                insert(bytes, bytes.len(), b"]".repeat(depth.into()));
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: Vec<u8>) {
    drop(bytes.splice(at..at, part));
}

fn sample(samples: &[Sample], place: u16) -> &[u8] {
    &samples[usize::from(place) % samples.len()].bytes
}
