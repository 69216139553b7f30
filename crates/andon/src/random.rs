//! Random bits from the kernel, for ids.

use rustix::rand::{GetRandomFlags, getrandom};

/// `N` random bytes. `N` is at most 256: the kernel answers so few in one piece.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    const { assert!(N <= 256) };
    let mut bytes = [0; N];
    loop {
        match getrandom(&mut bytes, GetRandomFlags::empty()) {
            Ok(_) => return bytes,
            // Only before the kernel's pool is ready can a signal come between; then it ends
            // with the pool's readiness.
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("the kernel gives no random bytes: {error}"),
        }
    }
}

/// 32 random bits, for a task's id.
pub(crate) fn bits() -> u32 {
    u32::from_ne_bytes(bytes())
}
