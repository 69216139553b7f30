//! Inputs out of examples: bytes flipped, cut, doubled, joined, words put in, numbers at borders.

/// Longest input. Readers are bounded elsewhere; what matters here is form.
const INPUT_BYTES_MAX: usize = 8 << 10;
/// Changes to one example, at most.
const CHANGES_MAX: usize = 8;
/// Repetitions of a piece: deep nesting and long runs.
const REPEATS_MAX: usize = 400;

/// Numbers at which something wraps or ends.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65536",
    "2147483647",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "-0.0",
    "0x10",
    "1_000",
];

/// Text that is rarely right anywhere.
const ODD: &[&str] = &[
    "\0",
    "\u{7f}",
    "\u{1b}[2J",
    "\u{feff}",
    "\u{202e}",
    "\u{10ffff}",
    "é",
    "../",
    "/",
    "~",
    "\\",
    "\"",
    "'",
    "`",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "\r\n",
    "\n",
    "\t",
    " ",
    "#",
    ":",
    "-",
];

/// A row of draws that is the same each time (splitmix64).
pub(super) struct Draw(u64);

impl Draw {
    /// The row of a seed; every target has its own.
    pub(super) fn new(seed: u64, target: &str) -> Self {
        let mix = |sum: u64, byte: u8| sum.wrapping_mul(31).wrapping_add(u64::from(byte));
        Self(target.bytes().fold(seed, mix))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; zero where that is zero.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let place = self.below(from.len());
        from.get(place)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Makes inputs.
pub(super) struct Mutator {
    pub(super) draw: Draw,
    pub(super) words: &'static [&'static str],
}

impl Mutator {
    /// The next input.
    pub(super) fn input(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.draw.pick(pool).cloned().unwrap_or_default();
        for _ in 0..=self.draw.below(CHANGES_MAX) {
            self.change(&mut input, pool);
            input.truncate(INPUT_BYTES_MAX);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let at = self.draw.below(input.len() + 1);
        let end = at + self.draw.below(input.len() - at + 1);
        match self.draw.below(10) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.draw.below(8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.draw.byte();
                }
            }
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                insert(input, at, &piece);
            }
            4 => {
                let times = self.draw.below(REPEATS_MAX);
                let piece = self.word().repeat(times);
                insert(input, at, piece.as_bytes());
            }
            5 => {
                // The end of another one behind the beginning of this one.
                let other = self.draw.pick(pool).cloned().unwrap_or_default();
                let from = self.draw.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            6 => {
                let bytes: Vec<u8> = (0..self.draw.below(16)).map(|_| self.draw.byte()).collect();
                insert(input, at, &bytes);
            }
            7 => {
                let number = self.draw.pick(NUMBERS).copied().unwrap_or_default();
                input.splice(at..end, number.bytes());
            }
            _ => {
                let word = self.word();
                insert(input, at, word.as_bytes());
            }
        }
    }

    fn word(&mut self) -> &'static str {
        let from = if self.draw.below(3) == 0 { ODD } else { self.words };
        self.draw.pick(from).or(ODD.first()).copied().unwrap_or_default()
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}
