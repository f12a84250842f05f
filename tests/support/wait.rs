//! Waiting for another process: until it is so, or a deadline fails the test.

use std::time::{Duration, Instant};

/// Looks again and again until there is something; fails after 30 seconds.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
