//! Persons in running text: the words around an address, before an honorific, and which of the names fits an address.

use super::fold::one_line;
use super::people::{Lexicon, Named, is_japanese, without_honorific};
use crate::rules::people::PeopleRules;

/// Characters before an address in which its person is named.
const FAR: usize = 160;

/// The person whose address stands at `start..end` of a sentence. `earlier` holds the names of the sentences before.
pub(super) fn around(lexicon: &Lexicon<'_>, sentence: &str, start: usize, end: usize, earlier: &[String]) -> Named {
    let before = sentence.get(..start).unwrap_or_default();
    let after = sentence.get(end..).unwrap_or_default();
    let address = sentence.get(start..end).unwrap_or_default();
    if !before.chars().chain(after.chars()).any(is_japanese) {
        return latin(lexicon, before, after, address, earlier);
    }
    let mut named = Named::default();
    let head = match open_bracket(before) {
        Some(at) => {
            let inner = before.get(at..).unwrap_or_default();
            let rest = after.split([')', ']', '>', '」']).next().unwrap_or_default();
            bracketed(lexicon, inner, &mut named);
            bracketed(lexicon, rest, &mut named);
            before.get(..at).unwrap_or_default().trim_end_matches(['(', '[', '<', '「']).trim_end()
        }
        None => before,
    };
    let head = lexicon.people.before_address.replace(head, "");
    let told = trailing(lexicon, &head);
    if told.name.is_some() {
        named.name = told.name;
    }
    named.company = told.company.or(named.company);
    named.own_company |= told.own_company;
    named.same_company |= told.same_company;
    if named.name.is_none() && before.trim().chars().count() <= 4 {
        // "a@b.example 森 健（株式会社…）": the address comes first.
        let rest = lexicon.person(after.split(['。', '\n']).next().unwrap_or_default());
        named.name = rest.name.filter(|name| lexicon.plausible(name));
        named.company = named.company.or(rest.company);
    }
    named
}

/// Where the bracket opens that the end of `before` stands in.
fn open_bracket(before: &str) -> Option<usize> {
    let open = before.rfind(['(', '[', '<', '「'])?;
    let closed = before.rfind([')', ']', '>', '」']).is_some_and(|close| close > open);
    let width = before.get(open..)?.chars().next()?.len_utf8();
    (!closed).then_some(open + width)
}

/// Pieces beside an address within brackets: "株式会社あおば、森".
fn bracketed(lexicon: &Lexicon<'_>, text: &str, named: &mut Named) {
    for piece in text.split(['、', ',', '/', '|', ';', ':', ' ']).map(str::trim).filter(|piece| !piece.is_empty()) {
        let piece = without_honorific(lexicon.people, piece);
        if lexicon.people.own_company.find(&piece).is_some_and(|own| own.start() == 0) {
            named.own_company = true;
        } else if lexicon.is_company(&piece) {
            named.company.get_or_insert(piece);
        }
    }
}

/// The person named at the end of a text: "…株式会社あおばの森 健様".
pub(super) fn trailing(lexicon: &Lexicon<'_>, text: &str) -> Named {
    let mut named = Named::default();
    let text = text.trim_end_matches(['、', ',', ':', ' ', '・', '(', '<', '-']);
    let cut = text.char_indices().rev().take(FAR).last().map_or(0, |(at, _)| at);
    let text = text.get(cut..).unwrap_or_default();
    let Some(found) = lexicon.people.named_at_end.captures(text) else {
        named.company = last_company(lexicon, text);
        return named;
    };
    let Some(name) = found.name("name") else { return named };
    let honoured = found.name("honorific").is_some();
    let before = text.get(..name.start()).unwrap_or_default();
    let words = one_line(name.as_str());
    let apart =
        before.is_empty() || before.ends_with(['の', ' ', '、', ',', '。', ')', ':', '・', 'る', 'た', 'は', '\n']);
    if lexicon.plausible(&words) && (honoured || words.contains(' ') || apart) {
        named.name = Some(words);
    }
    let place = before.trim_end_matches(['の', ' ', '、']);
    let clause = place.rsplit(['。', '、', '\n', '「', '」']).next().unwrap_or_default();
    let own = lexicon.people.own_company.find_all(clause).last();
    let company = lexicon.people.company.find_all(clause).last();
    let same = clause.rfind("同社");
    match (own.map(|m| m.start()), company.as_ref().map(|m| m.start()), same) {
        (_, company_at, Some(at)) if company_at.is_none_or(|other| other < at) => named.same_company = true,
        (Some(at), company_at, _) if company_at.is_none_or(|other| other < at) => named.own_company = true,
        (_, Some(_), _) => named.company = company.map(|m| tidy(lexicon, m.as_str())),
        _ => {
            // A name of a company without anything that shows it: "ひだか電工の早川さん".
            let word = clause.rsplit([' ', 'に', 'を', 'は', 'が', 'へ']).next().unwrap_or_default();
            let bare = word.rsplit('の').next().unwrap_or_default();
            let long = bare.chars().count() >= 3 && before.ends_with('の');
            if named.name.is_some() && long && lexicon.could_be_company(bare) {
                named.company = Some(bare.to_owned());
            }
        }
    }
    named
}

/// The last company that a text names.
fn last_company(lexicon: &Lexicon<'_>, text: &str) -> Option<String> {
    let clause = text.rsplit(['。', '\n']).next().unwrap_or_default();
    lexicon.people.company.find_all(clause).last().map(|m| tidy(lexicon, m.as_str()))
}

/// Every company that a sentence names by its form, in order.
pub(super) fn companies(lexicon: &Lexicon<'_>, sentence: &str) -> Vec<String> {
    lexicon.people.company.find_all(sentence).map(|m| tidy(lexicon, m.as_str())).filter(|c| !c.is_empty()).collect()
}

fn tidy(lexicon: &Lexicon<'_>, company: &str) -> String {
    let company = company.trim_matches(|c: char| "・-、,:;\"' ".contains(c));
    without_honorific(lexicon.people, company).trim_end_matches("御中").trim().to_owned()
}

/// Persons before an honorific: "三雲 亮太郎様", "オキツネットの村瀬さん".
pub(super) fn honoured(lexicon: &Lexicon<'_>, sentence: &str) -> Vec<Named> {
    lexicon
        .people
        .honoured
        .find_all(sentence)
        .filter_map(|found| {
            let named = trailing(lexicon, sentence.get(..found.end()).unwrap_or_default());
            named.name.is_some().then_some(named)
        })
        .collect()
}

/// A person beside an address in a text of Latin letters.
fn latin(lexicon: &Lexicon<'_>, before: &str, after: &str, address: &str, earlier: &[String]) -> Named {
    let direct = lexicon.beside(before, after);
    let names: Vec<String> = latin_names(lexicon.people, before)
        .into_iter()
        .rev()
        .chain(latin_names(lexicon.people, after))
        .filter(|name| !lexicon.is_company(name))
        .collect();
    let fits = |name: &&String| affinity(name, address) > 0;
    let direct_name = direct.name.clone().filter(|name| lexicon.plausible(name));
    let best = direct_name
        .iter()
        .find(fits)
        .or_else(|| names.iter().find(fits))
        .or_else(|| earlier.iter().rev().find(fits))
        .cloned();
    let pronoun = lexicon.people.pronoun.is_match(before);
    let name = best
        .or(direct_name)
        .or_else(|| names.first().filter(|_| !pronoun).cloned())
        .or_else(|| earlier.last().filter(|_| pronoun).cloned());
    Named { name, company: direct.company, ..Named::default() }
}

/// Runs of capitalised words that could name somebody.
pub(super) fn latin_names(people: &PeopleRules, text: &str) -> Vec<String> {
    people
        .latin_name
        .find_all(text)
        .map(|found| people.honorifics_before.replace(found.as_str(), "").trim().to_owned())
        .map(|name| {
            let words: Vec<&str> = name.split_whitespace().skip_while(|w| people.no_name.is_match(w)).collect();
            words.join(" ").trim_end_matches(['.', ',']).to_owned()
        })
        .filter(|name| name.split_whitespace().count() >= 2)
        .filter(|name| !name.split_whitespace().any(|w| people.no_name.is_match(w) || people.titles.is_match(w)))
        .collect()
}

/// How much a name and the local part of an address have in common.
pub(super) fn affinity(name: &str, address: &str) -> usize {
    let local: String = address.split('@').next().unwrap_or_default().to_lowercase();
    let words: Vec<String> = name.split_whitespace().map(plain_letters).filter(|w| !w.is_empty()).collect();
    let whole = words.iter().filter(|w| w.len() >= 3 && local.contains(w.as_str())).count();
    let initials: String = words.iter().filter_map(|w| w.chars().next()).collect();
    let initialled = initials.len() >= 2 && local.split(['.', '-', '_']).any(|part| part == initials);
    whole * 2 + usize::from(initialled)
}

/// Lower case without accents, as addresses spell names.
fn plain_letters(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    word.nfd().filter(char::is_ascii_alphabetic).flat_map(char::to_lowercase).collect()
}

/// Whether a company's name and a mail domain spell the same word: "Song Cau Telecom" and `songcau-tel.example`. Chooses
/// among companies that the mail names, and never makes one up.
pub(super) fn spells(company: &str, address: &str) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let words: Vec<String> = company.split_whitespace().map(plain_letters).filter(|w| !w.is_empty()).collect();
    let joined = words.concat();
    let initials: String = words.iter().filter_map(|w| w.chars().next()).collect();
    domain.split('.').any(|label| {
        let letters = plain_letters(label);
        let common = letters.chars().zip(joined.chars()).take_while(|(a, b)| a == b).count();
        let first = words.first().is_some_and(|first| first.len() >= 4 && letters.contains(first.as_str()));
        common >= 5 || common >= 4 && common == letters.len() || first || letters.len() >= 3 && letters == initials
    })
}
