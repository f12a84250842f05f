//! Who wrote a text: name and company from the introduction, the signature and From.

use super::Mailbox;
use super::clauses::sentences;
use super::fold::{fold, one_line};
use super::people::{self, Lexicon};
use crate::domain::company;

/// The writer of the mail or of the mail inside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Writer {
    pub email: Option<String>,
    pub name: Option<String>,
    pub company: Option<String>,
    /// Every form of a name that the header, the introduction and the signature give.
    pub names: Vec<String>,
    /// Companies that the signature names by their form, a line each.
    pub companies: Vec<String>,
}

/// Lines at the end of a text in which a signature can stand where none was cut off.
const TAIL: usize = 5;

/// The last lines of a text.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default().join("\n")
}

impl Writer {
    /// Reads who wrote `text`.
    pub fn of(lexicon: &Lexicon<'_>, from: Option<&Mailbox>, text: &str, signature: &str) -> Self {
        let introduced = sentences(text)
            .iter()
            .take(8)
            .find_map(|sentence| people::introduction(lexicon.people, sentence))
            .unwrap_or_default();
        let signature: Vec<String> =
            fold(signature).lines().chain(fold(&tail(text)).lines()).map(|line| line.replace("(株)", "㈱")).collect();
        let short = |line: &&String| line.chars().count() <= 60 && !line.contains(['@', '。', ':', '：', '?', '？']);
        let lines: Vec<String> = signature.iter().filter(short).map(|line| line.trim().to_owned()).collect();
        let displayed = from.and_then(|from| from.name.as_deref()).and_then(|name| lexicon.person(name).name);
        let mut known: Vec<String> = displayed.iter().cloned().collect();
        known.extend(lines.iter().filter_map(|line| {
            let line = line.split(['(', '（', '|', '/']).next().unwrap_or_default().trim();
            let cut = line.split("  ").last().unwrap_or_default();
            lexicon.person(cut).name.filter(|name| name.chars().count() <= 30)
        }));
        let name = match introduced.0.clone() {
            Some(name) => Some(fullest(&name, known.iter())),
            None => displayed.clone().map(|name| fullest(&name, known.iter())),
        };
        let companies = lines.iter().filter_map(|line| lexicon.company_line(std::slice::from_ref(line))).collect();
        let company = company_of(lexicon, introduced.1, name.as_deref(), &lines);
        Self { email: from.map(|from| from.address.clone()), name, company, names: known, companies }
    }
}

/// The company in the fullest form: what the signature says where it agrees with the introduction.
fn company_of(
    lexicon: &Lexicon<'_>,
    introduced: Option<String>,
    name: Option<&str>,
    lines: &[String],
) -> Option<String> {
    let signed = lexicon
        .company_line(lines)
        .or_else(|| below_name(lexicon, name, lines))
        .or_else(|| before_name(lexicon, name, lines));
    let introduced = introduced.map(|said| lexicon.without_department(&said));
    let signed = signed.map(|signed| lexicon.without_department(&signed));
    let forms = &lexicon.companies.legal_forms;
    // "新館準備室の百瀬です": the department is not the company.
    let introduced = introduced.filter(|said| {
        lexicon.is_company(said)
            || signed.is_none() && !lexicon.people.departments.is_match(said) && lexicon.could_be_company(said)
            || signed.as_deref().is_some_and(|signed| signed.contains(said.as_str()))
            || said.chars().all(|c| !people::is_japanese(c))
    });
    match (introduced, signed) {
        (Some(introduced), Some(signed)) => {
            let (said, written) = (company::folded(&introduced, forms), company::folded(&signed, forms));
            Some(if written.contains(&said) { signed } else { introduced })
        }
        (introduced, signed) => introduced.or(signed),
    }
}

/// "Aoba Works 森": company and name on one line.
fn before_name(lexicon: &Lexicon<'_>, name: Option<&str>, lines: &[String]) -> Option<String> {
    let surname = name?.split_whitespace().next()?;
    lines.iter().find_map(|line| {
        let (company, rest) = line.split_once(surname)?;
        let company = company.trim();
        let fit =
            company.chars().count() > 2 && rest.chars().count() <= 6 && !company.contains(['、', '。', '(', '（']);
        let word = company.split_whitespace().all(|word| lexicon.could_be_company(word.trim_end_matches('の')));
        (fit && word && !lexicon.people.titles.is_match(company)).then(|| company.trim_end_matches('の').to_owned())
    })
}

/// In English signatures the company stands below the name, often without a word that shows it.
fn below_name(lexicon: &Lexicon<'_>, name: Option<&str>, lines: &[String]) -> Option<String> {
    let name = name?;
    let at = lines.iter().position(|line| line.starts_with(name))?;
    lines
        .iter()
        .skip(at + 1)
        .take(2)
        .find(|line| {
            let latin = line.starts_with(char::is_uppercase) && !line.chars().any(|c| c.is_ascii_digit());
            latin
                && !lexicon.people.titles.is_match(line)
                && !line.ends_with(['.', '!', ','])
                && !lexicon.people.no_name.is_match(line)
                && line.split_whitespace().count() <= 6
        })
        .map(|line| one_line(line))
}

/// The fullest form of a name in its own script: a surname completed, never another person.
pub(super) fn fullest<'n>(name: &str, known: impl Iterator<Item = &'n String>) -> String {
    let bare =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    let own = bare(name);
    let latin = name.is_ascii();
    known
        .filter(|other| {
            let other_bare = bare(other);
            let whole_word = !latin || other.split_whitespace().any(|word| word.eq_ignore_ascii_case(name));
            other_bare.starts_with(&own) && other_bare.chars().count() > own.chars().count() && whole_word
                || (latin && whole_word && other.split_whitespace().count() > name.split_whitespace().count())
        })
        .max_by_key(|other| other.chars().count())
        .cloned()
        .unwrap_or_else(|| name.to_owned())
}
