//! Collects what the program warns of, so that a test fails on a warning that nobody expected.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Metadata, Subscriber, span};

/// Warnings and errors of this thread's program, from now on.
pub struct Warnings {
    seen: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<String>>>,
    expected: Vec<String>,
    _guard: DefaultGuard,
}

impl Warnings {
    /// Begins to collect.
    pub fn collect() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::new(Mutex::new(Vec::new()));
        let collector = Collector { seen: Arc::clone(&seen), said: Arc::clone(&said) };
        let guard = tracing::subscriber::set_default(collector);
        Self { seen, said, expected: Vec::new(), _guard: guard }
    }

    /// Everything that the program logged, at every level.
    pub fn all_said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// A warning with these words is no fault.
    pub fn expect(&mut self, words: &str) {
        self.expected.push(words.to_owned());
    }

    /// Fails on a warning that nobody expected.
    pub fn none_left(&self) {
        let seen = self.seen.lock().unwrap();
        let expected = |warning: &String| self.expected.iter().any(|words| warning.contains(words.as_str()));
        let left: Vec<&String> = seen.iter().filter(|warning| !expected(warning)).collect();
        assert!(left.is_empty(), "unexpected warnings: {left:#?}");
    }
}

struct Collector {
    seen: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<Vec<String>>>,
}

struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ringi")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words(String::new());
        event.record(&mut words);
        self.said.lock().unwrap().push(words.0.clone());
        if *event.metadata().level() > Level::WARN {
            return;
        }
        self.seen.lock().unwrap().push(words.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
