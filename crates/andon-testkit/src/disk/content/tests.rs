//! Contents, compared with plain vectors of bytes.

use super::{Content, PAGE};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

/// A write of so many bytes of a value at a place, or a cut there.
#[derive(Debug, Clone)]
enum Change {
    Write(u64, usize, u8),
    Truncate(u64),
}

fn change() -> impl Strategy<Value = Change> {
    let places = 0..5 * PAGE as u64;
    (any::<bool>(), places, 0..2 * PAGE, any::<u8>()).prop_map(|(cuts, at, length, byte)| {
        if cuts { Change::Truncate(at) } else { Change::Write(at, length, byte) }
    })
}

fn bytes(content: &Content) -> Vec<u8> {
    let mut bytes = vec![0xEE; content.size() as usize + 10];
    let there = content.read(&mut bytes, 0);
    bytes.truncate(there);
    bytes
}

proptest! {
    #[test]
    fn a_content_is_what_was_written(changes in vec(change(), 1..30)) {
        let (mut content, mut plain) = (Content::default(), Vec::new());
        let (mut copy, mut copied) = (content.clone(), plain.clone());
        for (nth, change) in changes.into_iter().enumerate() {
            match change {
                Change::Write(at, length, byte) => {
                    content.write(&vec![byte; length], at);
                    let end = at as usize + length;
                    plain.resize(plain.len().max(end), 0);
                    plain[at as usize..end].fill(byte);
                }
                Change::Truncate(size) => {
                    content.truncate(size);
                    plain.resize(size as usize, 0);
                }
            }
            prop_assert_eq!(&bytes(&content), &plain);
            if nth == 3 {
                (copy, copied) = (content.clone(), plain.clone());
            }
        }
        prop_assert_eq!(&bytes(&copy), &copied);
        // What a content adds up to does not depend on how it came about.
        let mut anew = Content::default();
        anew.truncate(plain.len() as u64);
        anew.write(&plain, 0);
        prop_assert_eq!(anew.digest(), content.digest());
        if copied != plain {
            proptest::prop_assert_ne!(copy.digest(), content.digest());
        }
    }
}
