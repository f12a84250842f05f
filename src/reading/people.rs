//! Persons and companies as a text names them: in a labelled value, beside an address, in an introduction, in a signature.

use super::fold::{fold, one_line};
use crate::domain::company;
use crate::rules::companies::CompanyRules;
use crate::rules::people::PeopleRules;
use crate::rules::source::Pattern;

/// What a value says of one person. Nothing of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub emails: Vec<String>,
    pub name: Option<String>,
    pub company: Option<String>,
    /// "I", "this mail".
    pub myself: bool,
    /// "弊社": the writer's company.
    pub own_company: bool,
    /// "同社": the company named last.
    pub same_company: bool,
}

/// The rules that tell names from companies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexicon<'r> {
    pub people: &'r PeopleRules,
    pub companies: &'r CompanyRules,
}

/// Every address in a folded text, in order.
pub(super) fn addresses<'t>(rules: &'t PeopleRules, text: &'t str) -> impl Iterator<Item = &'t str> {
    rules.address.find_all(text).map(|found| found.as_str().trim_end_matches('.'))
}

/// Who says in a sentence who he is: name and company.
pub(super) fn introduction(rules: &PeopleRules, sentence: &str) -> Option<(Option<String>, Option<String>)> {
    let found = rules.introduction.captures(sentence.trim())?;
    let part = |group: &str| found.name(group).map(|m| one_line(m.as_str())).filter(|text| !text.is_empty());
    let name = part("name").map(|name| without_honorific(rules, &name)).filter(|name| is_name(rules, name));
    let company = part("company").map(|company| company.trim_end_matches(&[',', ' '][..]).to_owned()).map(without_stop);
    (name.is_some() || company.is_some()).then_some((name, company))
}

/// A sentence's full stop is none of the name; that of "Inc." is.
fn without_stop(company: String) -> String {
    let last = company.rsplit(' ').next().unwrap_or_default();
    if last.len() > 5 { company.trim_end_matches('.').to_owned() } else { company }
}

fn is_name(rules: &PeopleRules, name: &str) -> bool {
    let plain = !name.chars().any(|c| c.is_ascii_digit() || "@/:：".contains(c));
    let length = name.chars().count();
    let kana = name.chars().all(|c| ('ぁ'..='ん').contains(&c)) && !(2..=4).contains(&length);
    plain && !is_department(rules, name) && !kana && !is_verbal(name) && !rules.approver_cues.is_match(name)
}

/// Whether a token is a department or a title rather than a name.
fn is_department(rules: &PeopleRules, token: &str) -> bool {
    rules.departments.is_match(token) && !rules.surnames.is_match(token)
}

/// Whether a phrase ends like a predicate or an adverbial: no name does.
fn is_verbal(text: &str) -> bool {
    [
        "ください",
        "下さい",
        "ます",
        "ました",
        "でした",
        "して",
        "ない",
        "ため",
        "ので",
        "から",
        "たい",
        "こと",
        "もの",
        "れば",
        "件",
        "よう",
        "は",
        "を",
        "が",
    ]
    .iter()
    .any(|ending| text.ends_with(ending) && text.chars().count() > ending.chars().count())
}

/// A name without 様, さん, Mr.
pub(super) fn without_honorific(rules: &PeopleRules, name: &str) -> String {
    let name = rules.honorifics_before.replace(name.trim(), "");
    rules.honorifics_after.replace(name.trim(), "").trim().to_owned()
}

impl Lexicon<'_> {
    /// Whether a piece of text names a company: by its legal form, or by a word that companies bear.
    pub fn is_company(&self, text: &str) -> bool {
        let text = text.trim();
        let folded = company::folded(text, &[]);
        let bare = company::folded(text, &self.companies.legal_forms);
        // A short Latin form ("AS", "SA", "SE") must stand as a word of its own: "Elsa" is no company.
        let last = text.rsplit(' ').next().unwrap_or_default();
        let latin = last.is_ascii();
        let formed = folded != bare
            && !bare.is_empty()
            && (!latin
                || self.companies.legal_forms.iter().any(|form| {
                    fold(text).ends_with(&format!(" {form}")) || fold(text).ends_with(&format!(",{form}"))
                })
                || text.starts_with(|c: char| !c.is_ascii()));
        formed || (self.people.company_words.is_match(text) && !self.people.departments.is_match(text))
    }

    /// Whether a text can be somebody's name: a surname with or without a given name, or capitalised words.
    pub fn plausible(&self, name: &str) -> bool {
        let name = name.trim();
        let length = name.chars().filter(|c| !c.is_whitespace()).count();
        let known_not = self.people.no_name.is_match(name) || is_department(self.people, name) || is_verbal(name);
        if known_not || length < 1 || name.chars().any(|c| c.is_ascii_digit() || "@:/|・●■【】<>".contains(c)) {
            return false;
        }
        if !name.chars().any(is_japanese) {
            let mut words = name.split_whitespace();
            let first = words.clone().next().is_some_and(|word| word.starts_with(char::is_uppercase));
            return first && length <= 50 && words.all(|word| !self.people.no_name.is_match(word));
        }
        let tokens: Vec<&str> = name.split_whitespace().collect();
        let hiragana = |c: char| ('ぁ'..='ん').contains(&c);
        let surname = tokens.first().copied().unwrap_or_default();
        let kana_only = name.chars().all(|c| hiragana(c) || c.is_whitespace());
        // Hiragana stands inside a given name, hardly ever behind a surname: "準備室として私".
        let sound = !surname.chars().any(hiragana) || kana_only && (2..=4).contains(&surname.chars().count());
        length <= 10 && tokens.len() <= 3 && sound
    }

    /// Whether a word that nothing shows to be a company could be one.
    pub fn could_be_company(&self, word: &str) -> bool {
        let sound = word.chars().all(|c| c.is_alphanumeric() || "ー&・.-()".contains(c));
        let hiragana = word.chars().filter(|c| ('ぁ'..='ん').contains(c)).count();
        sound
            && hiragana * 2 <= word.chars().count()
            && !is_department(self.people, word)
            && !self.people.no_name.is_match(word)
            && !is_verbal(word)
    }

    /// Reads a value that names one person in any order: "情報システム部長 堀 清（a@b.example）、株式会社…".
    pub fn person(&self, value: &str) -> Named {
        let text = fold(value);
        let mut named = Named {
            emails: addresses(self.people, &text).map(str::to_owned).collect(),
            myself: self.people.myself.is_match(&text),
            ..Named::default()
        };
        let rest = self.people.address.replace(&text, "|");
        // "Aceites Monreal, S.A." is one piece.
        let rest = self.people.form_after_comma.replace_each(&rest, |found| found.replace(',', "\u{e010}"));
        let parts =
            rest.split(|c: char| "|/／,、;；()（）[]<>「」\t\n:：".contains(c)).flat_map(|part| part.split("  "));
        for part in parts {
            self.part(part.replace('\u{e010}', ",").trim(), &mut named);
        }
        named.name = named.name.filter(|name| self.plausible(name));
        named
    }

    fn part(&self, part: &str, named: &mut Named) {
        let part = part.trim_end_matches(['。', '.', '!']).trim();
        let part = ["になります", "となります", "でございます", "です", "のアカウント", "のaccount", "宛"]
            .iter()
            .find_map(|ending| part.strip_suffix(ending))
            .unwrap_or(part)
            .trim();
        if part.is_empty()
            || self.people.myself.is_match(part)
            || part.chars().any(|c| c.is_ascii_digit()) && !self.is_company(part)
        {
            return;
        }
        if part.is_ascii() || part.chars().all(|c| !is_japanese(c)) {
            return self.latin(part, named);
        }
        self.japanese(part, named);
    }

    fn latin(&self, part: &str, named: &mut Named) {
        let plain = without_honorific(self.people, part);
        if !plain.chars().any(char::is_alphabetic) {
            return;
        }
        if self.is_company(&plain) {
            named.company.get_or_insert(plain);
        } else if self.people.own_company.is_match(&plain) {
            named.own_company = true;
        } else if self.people.titles.is_match(&plain) || plain.len() > 50 {
        } else if named.name.is_none() && plain.starts_with(char::is_uppercase) {
            named.name = Some(capitalised(&plain)).filter(|name| self.plausible(name));
        } else if plain.starts_with(char::is_uppercase) {
            named.company.get_or_insert(plain);
        }
    }

    fn japanese(&self, part: &str, named: &mut Named) {
        let mut name: Vec<String> = Vec::new();
        let joined = latin_words_joined(part);
        let tokens: Vec<String> = joined
            .iter()
            .flat_map(|token| self.pieces(token).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        for (place, token) in tokens.iter().enumerate() {
            let bare = without_honorific(self.people, token);
            let titled = bare != token.as_str();
            let more = place + 1 < tokens.len();
            if bare.is_empty() || matches!(bare.as_str(), "の" | "様" | "さん") {
                continue;
            }
            if self.people.own_company.find(&bare).is_some_and(|own| own.start() == 0) {
                named.own_company = true;
            } else if is_department(self.people, &bare) || is_verbal(&bare) {
            } else if self.is_company(&bare) || (titled && more && name.is_empty()) {
                named.company.get_or_insert(bare);
            } else if bare.chars().any(char::is_alphabetic) {
                name.push(bare);
            }
        }
        let name = name.join(" ");
        if name.is_empty() || name.chars().count() > 24 {
            return;
        }
        if named.name.is_none() {
            named.name = Some(name);
        } else {
            named.company.get_or_insert(name);
        }
    }

    /// "株式会社あおばの森" is two pieces, "井の頭" is one.
    fn pieces<'t>(&self, token: &'t str) -> Vec<&'t str> {
        let Some((left, right)) = token.rsplit_once('の') else { return vec![token] };
        let head = left.split('の').next().unwrap_or_default();
        let splits = self.is_company(left)
            || self.people.departments.is_match(left)
            || self.people.own_company.find(head).is_some_and(|own| own.start() == 0)
            || left.chars().count() >= 3;
        if splits && !left.is_empty() {
            let mut out = self.pieces(left);
            out.push(right);
            return out;
        }
        vec![token]
    }

    /// The person beside an address in a sentence; `before` and `after` are what stands around it.
    pub fn beside(&self, before: &str, after: &str) -> Named {
        let around = format!("{before}✉{after}");
        if let Some(found) = self.people.beside_address.captures(&around) {
            let part =
                |group: &str| found.name(group).map(|m| m.as_str().trim().trim_end_matches(['.', ',']).to_owned());
            return Named {
                name: part("name").map(|name| without_honorific(self.people, &name)),
                company: part("company"),
                ..Named::default()
            };
        }
        let tail = last_phrase(self.people, before);
        let Some(first) = tail.chars().next() else { return Named::default() };
        if tail.chars().all(|c| !is_japanese(c)) && !first.is_uppercase() {
            return Named::default();
        }
        if !tail.chars().any(is_japanese) {
            return Named::default();
        }
        let mut named = self.person(&tail);
        // "株式会社あおば、森 健、": a list, one item of which is the company.
        if named.company.is_none()
            && let Some((rest, _)) = before.trim_end().rsplit_once(tail.as_str())
            && let Some(last) =
                rest.trim_end().trim_end_matches(['、', ',', '/', '／']).rsplit(['、', ',', '/', '。', ' ']).next()
            && self.is_company(last)
        {
            named.company = Some(last.trim().to_owned());
        }
        named
    }

    /// A company named in a signature or above it: the line with a legal form, without the department behind it.
    pub fn company_line(&self, lines: &[String]) -> Option<String> {
        lines.iter().find_map(|line| {
            let line = line.trim().trim_matches(['*', '-', '=', '|', '─', '━']).trim();
            if line.contains(['@', '：', ':', '、', '。'])
                || line.chars().count() > 60
                || line.ends_with(['。', '.']) && line.len() > 40
            {
                return None;
            }
            if line.chars().any(is_japanese) {
                let mut tokens = line.split_whitespace();
                let first = tokens.find(|token| self.is_company(token) && !self.people.departments.is_match(token))?;
                // "株式会社 あおば": the form stands apart from the name.
                let bare = company::folded(first, &self.companies.legal_forms);
                let nothing_but_form =
                    bare == company::folded(first, &[]) && first.ends_with("会社") && first.chars().count() <= 4;
                return Some(match (nothing_but_form, tokens.next()) {
                    (true, Some(next)) => format!("{first} {next}"),
                    _ => first.to_owned(),
                });
            }
            let whole = line.split(['|', ',']).map(str::trim).find(|part| self.is_company(part))?;
            // "Co., Ltd." holds a comma.
            Some(if self.is_company(line) && line.split_whitespace().count() <= 8 { line } else { whole }.to_owned())
        })
    }
}

/// The capitalised words at the beginning of a text: "Ken Mori and his mail" begins with a name.
fn capitalised(text: &str) -> String {
    let particle = |word: &str| {
        matches!(
            word,
            "van" | "von" | "de" | "da" | "del" | "der" | "den" | "di" | "la" | "bin" | "al" | "dos" | "du" | "ten"
        )
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut end = words.iter().take_while(|w| w.starts_with(char::is_uppercase) || particle(w)).count();
    while end > 0 && words.get(end - 1).is_some_and(|w| particle(w)) {
        end -= 1;
    }
    words.get(..end).unwrap_or_default().join(" ")
}

/// Tokens of a Japanese phrase; Latin words in a row stay one token: "Aoba Works株式会社".
fn latin_words_joined(part: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for token in part.split_whitespace() {
        match out.last_mut() {
            Some(last) if last.is_ascii() && token.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '&') => {
                last.push(' ');
                last.push_str(token);
            }
            _ => out.push(token.to_owned()),
        }
    }
    out
}

pub(super) fn is_japanese(c: char) -> bool {
    ('ぁ'..='ヿ').contains(&c) || ('㐀'..='鿿').contains(&c) || ('豈'..='﫿').contains(&c) || c == '々' || c == '㈱'
}

/// The last phrase before an address: from the nearest break to its end.
fn last_phrase(rules: &PeopleRules, before: &str) -> String {
    let mut text = before.trim_end().trim_end_matches(['(', '（', '<', '[', ':', '：', '、', ',', '-', '–']).trim_end();
    for ending in ["のアカウント", "アカウント", "のメールアドレス", "のaccount", "メールアドレス", "のID", "の"]
    {
        text = text.strip_suffix(ending).unwrap_or(text).trim_end();
    }
    let start = breaks(&rules.prose_breaks, text);
    text.get(start..).unwrap_or_default().trim().to_owned()
}

fn breaks(pattern: &Pattern, text: &str) -> usize {
    pattern.find_all(text).map(|found| found.end()).filter(|end| *end < text.len()).last().unwrap_or(0)
}
