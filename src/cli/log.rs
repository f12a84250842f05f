//! A line of the log: `key=value` pairs behind the name of what happened, in a form that stays.
//!
//! The operator's lines read `TIME operator KIND desk=… reference=…`; the program's own `TIME LEVEL TARGET words key=value`.
//! Where stderr is the journal's, the time is left to it and each line begins with its priority (`<4>`, sd-daemon(3)).

use std::fmt::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;

use chrono::{SecondsFormat, Utc};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::domain::event::OPERATOR_LOG;

/// How lines are written.
pub struct Lines {
    /// Stderr is the journal's.
    pub journal: bool,
}

impl Lines {
    /// Whether stderr goes to the journal: systemd names its device and inode in `JOURNAL_STREAM`.
    pub fn to_journal() -> bool {
        let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
        std::fs::metadata("/proc/self/fd/2").is_ok_and(|found| named == format!("{}:{}", found.dev(), found.ino()))
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        if self.journal {
            write!(writer, "<{}>", priority(*metadata.level()))?;
        } else {
            write!(writer, "{} ", Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true))?;
        }
        if metadata.target() == OPERATOR_LOG {
            writer.write_str("operator")?;
        } else {
            write!(writer, "{} {}", metadata.level(), metadata.target())?;
        }
        let mut words = Words::default();
        event.record(&mut words);
        writeln!(writer, "{}{}", words.message, words.pairs)
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[derive(Default)]
struct Words {
    message: String,
    pairs: String,
}

impl Words {
    fn put(&mut self, name: &str, value: &str) {
        if name == "message" {
            let line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = write!(self.message, " {line}");
            return;
        }
        let bare = |c: char| c.is_alphanumeric() || "._-:@/+…".contains(c);
        if !value.is_empty() && value.chars().all(bare) {
            let _ = write!(self.pairs, " {name}={value}");
        } else {
            let _ = write!(self.pairs, " {name}={value:?}");
        }
    }
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_bare_where_they_can_and_a_line_stays_a_line() {
        let mut words = Words::default();
        words.put("message", "two\nlines");
        words.put("person", "a…@redwood.example");
        words.put("reply", "550 \"no\"\r\nsuch");
        assert_eq!(words.message, " two lines");
        assert_eq!(words.pairs, r#" person=a…@redwood.example reply="550 \"no\"\r\nsuch""#);
        assert_eq!([Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG].map(priority), [3, 4, 6, 7]);
    }
}
