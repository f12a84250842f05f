//! Template files: those inside the binary, those that override them, and what goes wrong in one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, HtmlEscape, State, UndefinedBehavior, escape_formatter};

use super::plain;
use crate::domain::letter::Body;
use crate::domain::words::Language;
use crate::fault::Fault;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The one folder of templates that there is.
const MAIL: &str = "mail";

/// Instructions and output of one template, about 64 bytes each: some ten thousand items fit, an endless loop ends within a
/// second.
const FUEL: u64 = 2_000_000;

/// Every embedded template: its name below the templates' folder, and its text.
pub(super) fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = EMBEDDED.get_dir(MAIL).into_iter().flat_map(Dir::files);
    files.filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
}

/// Every letter in every language.
fn letters() -> impl Iterator<Item = (&'static str, Language)> {
    Body::NAMES.iter().flat_map(|name| Language::ALL.iter().map(move |language| (*name, *language)))
}

fn embedded_text(name: &str) -> Option<&'static str> {
    EMBEDDED.get_file(name).and_then(include_dir::File::contents_utf8)
}

/// The files of a desk that stand in for embedded ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Overrides {
    dir: PathBuf,
    /// By name below `dir`.
    texts: BTreeMap<String, String>,
}

impl Overrides {
    /// Reads `dir/mail/*`. A file that overrides nothing is a fault: its words would never be seen.
    pub fn read(dir: &Path) -> Result<Self, Vec<Fault>> {
        let mut found = Self { dir: dir.to_path_buf(), texts: BTreeMap::new() };
        let mut faults = Vec::new();
        for path in entries(dir).map_err(|fault| vec![fault])? {
            if path.is_dir() && path.file_name().is_some_and(|name| name == MAIL) {
                match entries(&path) {
                    Ok(files) => files.iter().for_each(|file| found.take(file, &mut faults)),
                    Err(fault) => faults.push(fault),
                }
            } else {
                faults.push(
                    Fault::new("this is no folder of templates", format!("Put templates into {MAIL}/, or remove it."))
                        .in_file(&path),
                );
            }
        }
        if faults.is_empty() { Ok(found) } else { Err(faults) }
    }

    fn take(&mut self, path: &Path, faults: &mut Vec<Fault>) {
        let name = path.file_name().and_then(|name| name.to_str()).map(|name| format!("{MAIL}/{name}"));
        let Some(name) = name.filter(|name| embedded_text(name).is_some()) else {
            let what = "no letter has a template of this name";
            let remedy = "Name it LETTER.LANGUAGE.subject, .txt or .html as `ringi init` does, or remove it.";
            return faults.push(Fault::new(what, remedy).in_file(path));
        };
        match std::fs::read(path).map_err(|error| unreadable(path, &error)).and_then(|bytes| text_of(path, bytes)) {
            Ok(text) => _ = self.texts.insert(name, text),
            Err(fault) => faults.push(fault),
        }
    }

    /// The names of what is overridden.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The letters whose text is the desk's own and whose HTML is not: the embedded HTML would say something else.
    pub fn text_only(&self) -> Vec<String> {
        let own = |letter, language, part| self.own_words(&super::file_name(letter, language, part));
        let alone =
            letters().filter(|(letter, language)| own(letter, *language, "txt") && !own(letter, *language, "html"));
        alone.map(|(letter, language)| format!("{letter}.{language}")).collect()
    }

    /// Files that give a letter an HTML part of the desk's own, while its text is the embedded one.
    pub fn html_without_text(&self) -> Vec<Fault> {
        let faults = letters().filter_map(|(letter, language)| {
            let (html, text) = ["html", "txt"].map(|part| super::file_name(letter, language, part)).into();
            let own = self.words_of(&html).into_iter().find(|name| self.is_own(name))?;
            if self.own_words(&text) {
                return None;
            }
            let what = format!("the HTML of {letter}.{language} is of your own, and its text is not");
            let remedy = format!("Let {text} say the same in text, or remove this file.");
            Some(Fault::new(what, remedy).in_file(self.dir.join(own)))
        });
        faults.collect()
    }

    fn own_words(&self, name: &str) -> bool {
        self.words_of(name).iter().any(|name| self.is_own(name))
    }

    /// Whether the desk has changed a template, and not only has a copy of it.
    fn is_own(&self, name: &str) -> bool {
        self.texts.get(name).is_some_and(|text| embedded_text(name) != Some(text))
    }

    /// The templates that a template's words come from: itself, and what it names of those whose file name has a language.
    /// The others are looks.
    fn words_of(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            let text = self.texts.get(&name).map(String::as_str).or_else(|| embedded_text(&name));
            let named = text.unwrap_or_default().split(['"', '\'']).filter(|piece| piece.starts_with("mail/"));
            let words = named.filter(|piece| piece.split('.').count() > 2 && embedded_text(piece).is_some());
            open.extend(words.filter(|piece| !found.contains(*piece)).map(str::to_owned));
            found.insert(name);
        }
        found
    }

    /// What a person must mend. The fault lies in an overriding file: in the one that failed, else in the one that was
    /// rendered, for the embedded ones render.
    pub fn fault(&self, error: &TemplateError) -> Fault {
        let remedy = "Compare the template with the one that `ringi init` writes, and correct it.";
        let named = |name: &str| self.texts.contains_key(name);
        let (name, line) = match (named(&error.name), named(&error.rendered)) {
            (false, true) => (&error.rendered, None),
            (true, _) | (false, false) => (&error.name, error.line),
        };
        let fault = Fault::new(error.what.clone(), remedy).in_file(self.dir.join(name));
        match line {
            Some(line) => fault.at_line(line),
            None => fault,
        }
    }
}

/// A folder's entries in the order of their names, but for hidden ones: editors and file managers leave those behind.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, Fault> {
    let read = std::fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = read.map_err(|error| unreadable(dir, &error))?;
    let visible = entries.iter().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut paths: Vec<PathBuf> = visible.map(std::fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(format!("it cannot be read: {error}"), "Make it readable, or correct its path in the config.")
        .in_file(path)
}

/// UTF-8, without the byte order mark that Windows programs write.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, Fault> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let sound = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = 1 + sound.filter(|byte| **byte == b'\n').count();
        Fault::new("the text is not UTF-8", "Save the file as UTF-8.").in_file(path).at_line(line)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n"))
}

/// Overriding texts over embedded ones, strict, and every value on one line.
pub(super) fn environment(overrides: &Overrides) -> Environment<'static> {
    let mut environment = Environment::new();
    let texts = overrides.texts.clone();
    environment.set_loader(move |name| {
        let text = texts.get(name).map(String::as_str).or_else(|| embedded_text(name));
        // A text that is included must end its last line.
        Ok(text.map(|text| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }))
    });
    // Blocks stand on lines of their own that leave nothing behind. Should a later version refuse this, letters would only
    // have more empty lines, which `plain::tidy` takes out.
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // The embedded templates end by themselves, and must render however long a letter gets: nothing stands behind them.
    environment.set_fuel((!overrides.texts.is_empty()).then_some(FUEL));
    // Debug information would carry the values of variables: personal data.
    environment.set_debug(false);
    environment.add_filter("wrap", wrap);
    // Letters repeat what strangers wrote: no value is exempt.
    environment.remove_filter("safe");
    environment.set_formatter(|out, state, value| match value.as_str() {
        // Whatever `autoescape` says.
        Some(text) if !value.is_safe() && is_html(state) => {
            write!(out, "{}", HtmlEscape(&plain::value(text)))?;
            Ok(())
        }
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(plain::value(text))),
        _ => escape_formatter(out, state, value),
    });
    environment
}

fn is_html(state: &State) -> bool {
    state.name().ends_with(".html")
}

/// `{{ text | wrap }}`, `{{ text | wrap(indent) }}`, `{{ text | wrap(indent, column of the first line) }}`.
/// In HTML the reader's window wraps.
fn wrap(state: &mut State, text: &str, indent: Option<u32>, first: Option<u32>) -> Value {
    if is_html(state) {
        return Value::from(plain::value(text));
    }
    let columns = |number: u32| usize::try_from(number).unwrap_or_default().min(plain::COLUMNS);
    let indent = indent.map_or(0, columns);
    Value::from_safe_string(plain::wrapped(text, indent, first.map_or(indent, columns)))
}

/// What went wrong, and where.
#[derive(Debug)]
pub(super) struct TemplateError {
    /// The template that was asked for.
    rendered: String,
    /// The template in which it went wrong: the same, or one that it includes.
    name: String,
    line: Option<usize>,
    what: String,
}

impl TemplateError {
    /// The innermost error knows best: those around it only say which template included which.
    pub fn new(rendered: &str, error: &Error) -> Self {
        let mut innermost = error;
        while let Some(inner) = std::error::Error::source(innermost).and_then(|inner| inner.downcast_ref::<Error>()) {
            innermost = inner;
        }
        let what = match innermost.detail() {
            Some(detail) => format!("{}: {detail}", innermost.kind()),
            None => innermost.kind().to_string(),
        };
        let name = innermost.name().unwrap_or(rendered).to_owned();
        Self { rendered: rendered.to_owned(), name, line: innermost.line(), what }
    }

    fn empty(rendered: &str) -> Self {
        let what = "nothing is left of the template once it is rendered".to_owned();
        Self { rendered: rendered.to_owned(), name: rendered.to_owned(), line: None, what }
    }

    /// The same of an embedded template, which no person can mend.
    pub fn into_embedded(self) -> super::RenderError {
        super::RenderError::Embedded { name: self.name, line: self.line.unwrap_or_default(), what: self.what }
    }
}

/// Renders one template into tidy text.
pub(super) fn render(
    environment: &Environment<'static>,
    name: &str,
    variables: Value,
) -> Result<String, TemplateError> {
    let rendered = environment.get_template(name).and_then(|template| template.render(variables));
    let text = plain::tidy(&rendered.map_err(|error| TemplateError::new(name, &error))?);
    if text.is_empty() { Err(TemplateError::empty(name)) } else { Ok(text) }
}
