//! `rules/noise.toml`: headers and wordings that show noise.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::pattern::{Compiler, Patterns};
use crate::domain::words::Class;
use crate::fault::Fault;

/// Compiled noise rules. Each list names its pattern; `classes` runs in step with it.
#[derive(Debug, Default)]
pub struct NoiseRules {
    /// Header fields, matched as `name: value` with the name in lower case.
    pub headers: Ruled,
    /// Subjects. None of them may match a reply to an automatic mail.
    pub subjects: Ruled,
    /// Local parts and names of writers that are machines; matched as `name <address>`.
    pub machines: Patterns,
    /// Wordings of the newly written text's beginning.
    pub texts: Ruled,
    /// Wordings that make a mail by a machine a bounce.
    pub bounce_texts: Patterns,
    pub cases: Vec<NoiseCase>,
}

/// Patterns with the class that each shows.
#[derive(Debug, Default)]
pub struct Ruled {
    patterns: Patterns,
    classes: Vec<Class>,
}

impl Ruled {
    /// The class and name of the first rule that matches.
    pub fn first(&self, text: &str) -> Option<(Class, &str)> {
        let (at, name) = self.patterns.first(text)?;
        self.classes.get(at).map(|class| (*class, name))
    }
}

/// An example that the rules must read as told.
#[derive(Debug)]
pub struct NoiseCase {
    pub file: PathBuf,
    pub line: usize,
    pub name: String,
    /// A whole mail, header and text.
    pub mail: String,
    /// `None` where a person wrote it.
    pub class: Option<Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    header: Vec<Rule>,
    subject: Vec<Rule>,
    text: Vec<Rule>,
    machines: Vec<Spanned<String>>,
    bounce_texts: Vec<Spanned<String>>,
    #[serde(default)]
    case: Vec<Spanned<Case>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    class: Spanned<String>,
    pattern: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    mail: String,
    class: String,
}

/// Reads and compiles the file; runs nothing.
///
/// # Errors
/// Every fault, each with file and line.
pub fn compile(file: &Path, text: &str) -> Result<NoiseRules, Vec<Fault>> {
    let mut compiler = Compiler::new(file, text);
    let read: File = compiler.parse()?;
    let mut cases = Vec::new();
    for spanned in &read.case {
        let case = spanned.get_ref();
        let class = match (case.class.as_str(), Class::parse(&case.class)) {
            ("person", _) => None,
            (_, Some(class)) if class.is_noise() => Some(class),
            (other, _) => {
                compiler.fault(spanned, format!("{other:?} is no noise class"), REMEDY);
                continue;
            }
        };
        cases.push(NoiseCase {
            file: file.to_path_buf(),
            line: compiler.line(spanned),
            name: case.name.clone(),
            mail: case.mail.clone(),
            class,
        });
    }
    let rules = NoiseRules {
        headers: ruled(&mut compiler, &read.header),
        subjects: ruled(&mut compiler, &read.subject),
        texts: ruled(&mut compiler, &read.text),
        machines: compiler.unnamed(&read.machines),
        bounce_texts: compiler.unnamed(&read.bounce_texts),
        cases,
    };
    compiler.finish(rules)
}

const REMEDY: &str = "Write auto_reply, bounce, feedback_report, list or calendar (in a case also person).";

fn ruled(compiler: &mut Compiler<'_>, rules: &[Rule]) -> Ruled {
    let mut sound = Vec::new();
    let mut classes = Vec::new();
    for rule in rules {
        match Class::parse(rule.class.get_ref()).filter(|class| class.is_noise()) {
            Some(class) => {
                // A pattern that does not compile is dropped from the set, and its fault ends the loading.
                classes.push(class);
                sound.push((rule.name.clone(), &rule.pattern));
            }
            None => compiler.fault(&rule.class, format!("{:?} is no noise class", rule.class.get_ref()), REMEDY),
        }
    }
    Ruled { patterns: compiler.patterns(&sound), classes }
}
