//! `rules/thread.toml`: quote headers, forward headers, signatures, disclaimers.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use super::pattern::{Compiler, Patterns};
use crate::fault::Fault;

/// Compiled thread rules.
#[derive(Debug, Default)]
pub struct ThreadRules {
    /// Lines that introduce a quote.
    pub quote_headers: Patterns,
    /// The same that may be folded: only those whose beginning is unmistakable, for a newly written line stands above.
    pub folded_quote_headers: Patterns,
    /// For each quote header, whether it counts only where a marked quote follows.
    pub quote_header_needs_marks: Vec<bool>,
    /// Lines below which everything is the quoted mail.
    pub separators: Patterns,
    /// Lines below which a forwarded mail stands.
    pub forwards: Patterns,
    /// Subjects of a forward.
    pub forward_subjects: Patterns,
    /// Plain texts that only point to the HTML beside them.
    pub stubs: Patterns,
    /// Subjects of a reply.
    pub reply_subjects: Patterns,
    pub header: HeaderLabels,
    pub signature: SignatureRules,
    pub form: FormRules,
    pub cases: Vec<ThreadCase>,
}

/// Labels of the header block that Outlook and others put above what they quote. Each matches the whole line and
/// captures the value.
#[derive(Debug, Default)]
pub struct HeaderLabels {
    pub from: Option<Regex>,
    pub date: Option<Regex>,
    pub to: Option<Regex>,
    pub subject: Option<Regex>,
}

/// What ends the newly written text.
#[derive(Debug, Default)]
pub struct SignatureRules {
    /// Lines that begin a signature whatever follows.
    pub delimiters: Patterns,
    /// Lines that a telephone or app adds.
    pub devices: Patterns,
    /// Closings that begin a signature whatever follows.
    pub closings: Patterns,
    /// Closings that do so only where a name follows.
    pub weak_closings: Patterns,
    /// What stands in a line of a business card.
    pub contacts: Patterns,
    /// A company's name as the first line of a card.
    pub companies: Patterns,
    /// Beginnings of a disclaimer.
    pub disclaimers: Patterns,
    /// Paragraphs that a mail system puts above the text.
    pub banners: Patterns,
    /// Lines that are content even below a ruler.
    pub contents: Patterns,
}

/// Forms of the desk that come back filled in.
#[derive(Debug, Default)]
pub struct FormRules {
    /// Lines that begin a form to be filled in.
    pub headings: Patterns,
    /// Lines that end it.
    pub endings: Patterns,
    /// Labels that a form has; matches from the line's start through the colon.
    pub label: Option<Regex>,
}

/// An example that the rules must read as told.
#[derive(Debug)]
pub struct ThreadCase {
    pub file: PathBuf,
    pub line: usize,
    pub name: String,
    pub text: String,
    pub subject: String,
    pub from_name: Option<String>,
    pub visible: String,
    pub quoted: Option<String>,
    pub signature: Option<String>,
    pub forwarded_from: Option<String>,
    pub forwarded_text: Option<String>,
    pub form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    quote_header: Vec<QuoteHeader>,
    separators: Vec<Spanned<String>>,
    forwards: Vec<Spanned<String>>,
    forward_subjects: Vec<Spanned<String>>,
    #[serde(default)]
    stubs: Vec<Spanned<String>>,
    reply_subjects: Vec<Spanned<String>>,
    header_block: Labels,
    signature: Signature,
    form: Form,
    #[serde(default)]
    case: Vec<Spanned<Case>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuoteHeader {
    name: String,
    pattern: Spanned<String>,
    #[serde(default)]
    needs_marks: bool,
    #[serde(default)]
    folds: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    from: Vec<Spanned<String>>,
    date: Vec<Spanned<String>>,
    to: Vec<Spanned<String>>,
    subject: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    delimiters: Vec<Spanned<String>>,
    devices: Vec<Spanned<String>>,
    closings: Vec<Spanned<String>>,
    weak_closings: Vec<Spanned<String>>,
    contacts: Vec<Spanned<String>>,
    companies: Vec<Spanned<String>>,
    disclaimers: Vec<Spanned<String>>,
    banners: Vec<Spanned<String>>,
    contents: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    headings: Vec<Spanned<String>>,
    endings: Vec<Spanned<String>>,
    labels: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    text: String,
    #[serde(default)]
    subject: String,
    from_name: Option<String>,
    visible: String,
    quoted: Option<String>,
    signature: Option<String>,
    forwarded_from: Option<String>,
    forwarded_text: Option<String>,
    form: Option<String>,
}

/// Reads and compiles the file; runs nothing.
///
/// # Errors
/// Every fault, each with file and line.
pub fn compile(file: &Path, text: &str) -> Result<ThreadRules, Vec<Fault>> {
    let mut compiler = Compiler::new(file, text);
    let read: File = compiler.parse()?;
    let headers: Vec<_> = read.quote_header.iter().map(|h| (h.name.clone(), &h.pattern)).collect();
    // A pattern that compiled once does so again: its fault is noted with the whole list.
    let folded: Vec<_> = read.quote_header.iter().filter(|h| h.folds).map(|h| (h.name.clone(), &h.pattern)).collect();
    let label = |compiler: &mut Compiler<'_>, words: &[Spanned<String>]| {
        compiler.words(r"^[\s\u{3000}*_]*", words, r"[\s\u{3000}*_]*[:：][\s\u{3000}*_]*(.*)$")
    };
    let rules = ThreadRules {
        quote_headers: compiler.patterns(&headers),
        folded_quote_headers: compiler.patterns(&folded),
        quote_header_needs_marks: read.quote_header.iter().map(|h| h.needs_marks).collect(),
        separators: compiler.unnamed(&read.separators),
        forwards: compiler.unnamed(&read.forwards),
        forward_subjects: compiler.unnamed(&read.forward_subjects),
        stubs: compiler.unnamed(&read.stubs),
        reply_subjects: compiler.unnamed(&read.reply_subjects),
        header: HeaderLabels {
            from: label(&mut compiler, &read.header_block.from),
            date: label(&mut compiler, &read.header_block.date),
            to: label(&mut compiler, &read.header_block.to),
            subject: label(&mut compiler, &read.header_block.subject),
        },
        signature: SignatureRules {
            delimiters: compiler.unnamed(&read.signature.delimiters),
            devices: compiler.unnamed(&read.signature.devices),
            closings: compiler.unnamed(&read.signature.closings),
            weak_closings: compiler.unnamed(&read.signature.weak_closings),
            contacts: compiler.unnamed(&read.signature.contacts),
            companies: compiler.unnamed(&read.signature.companies),
            disclaimers: compiler.unnamed(&read.signature.disclaimers),
            banners: compiler.unnamed(&read.signature.banners),
            contents: compiler.unnamed(&read.signature.contents),
        },
        form: FormRules {
            headings: compiler.unnamed(&read.form.headings),
            endings: compiler.unnamed(&read.form.endings),
            label: compiler.words(r"^[\s\u{3000}■□●○◆◇・*\-【\[]*", &read.form.labels, r"[^:：\n]{0,30}[:：]"),
        },
        cases: read
            .case
            .into_iter()
            .map(|spanned| {
                let line = compiler.line(&spanned);
                let case = spanned.into_inner();
                ThreadCase {
                    file: file.to_path_buf(),
                    line,
                    name: case.name,
                    text: case.text,
                    subject: case.subject,
                    from_name: case.from_name,
                    visible: case.visible,
                    quoted: case.quoted,
                    signature: case.signature,
                    forwarded_from: case.forwarded_from,
                    forwarded_text: case.forwarded_text,
                    form: case.form,
                }
            })
            .collect(),
    };
    compiler.finish(rules)
}
