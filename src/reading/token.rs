//! Token candidates that a mail carries, and where they stood (rule T8).

use std::sync::LazyLock;

use regex::Regex;

pub use crate::domain::trust::Carrier;

/// A string of a token's shape (26 characters of lower-case base32) at a place where our tokens stand.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    pub carrier: Carrier,
    /// The 26 characters, lower case.
    pub secret: String,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tokens are never shown (rule T10).
        write!(f, "Candidate({:?}, …)", self.carrier)
    }
}

/// Where in a mail tokens are looked for.
#[derive(Debug, Default)]
pub struct Places<'m> {
    /// Delivered-To, X-Original-To, To and Cc, in this order.
    pub addresses: Vec<&'m str>,
    pub in_reply_to: &'m [String],
    pub references: &'m [String],
    /// Whole texts, quotes included; the first that has a reference line counts.
    pub texts: Vec<&'m str>,
}

/// Candidates kept of one mail: our letters carry three, a mail that carries hundreds is guessing.
const MOST_CANDIDATES: usize = 50;
/// References kept as hints.
const MOST_HINTS: usize = 50;

// The patterns are constant; a test compiles them, so that the `None` below is never met.
static MESSAGE_ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^RG-[0-9A-Z]{6}\.([a-z2-7]{26})@[^@\s]+$").ok());
/// `Ref: RG-XXXXXX TOKEN` behind quote marks and bullets, and folded: then quote marks may stand before the token.
static REFERENCE_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?im)^[\s>＞|│*•・●■◆\-─—–]*Ref(?:erence)?\.?[ \t\u{3000}]*[:：][\s>＞|│*]*\[?RG-[0-9A-Z]{6}\]?[\s>＞|│*]+([a-z2-7]{26})(?:[^0-9a-z]|$)",
    )
    .ok()
});
static HINT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?:^|[^0-9A-Za-z])(RG-[0-9A-Z]{6})(?:[^0-9A-Za-z]|$)").ok());

/// Every candidate in the order in which carriers decide.
pub fn find(places: &Places<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut add = |carrier, secret: &str| {
        let candidate = Candidate { carrier, secret: secret.to_ascii_lowercase() };
        if found.len() < MOST_CANDIDATES && !found.contains(&candidate) {
            found.push(candidate);
        }
    };
    for address in &places.addresses {
        if let Some(secret) = of_address(address) {
            add(Carrier::ReplyAddress, secret);
        }
    }
    for id in places.in_reply_to {
        if let Some(secret) = of_message_id(id) {
            add(Carrier::InReplyTo, secret);
        }
    }
    for id in places.references.iter().rev() {
        if let Some(secret) = of_message_id(id) {
            add(Carrier::References, secret);
        }
    }
    if let Some(secret) = places.texts.iter().find_map(|text| of_text(text)) {
        add(Carrier::ReferenceLine, secret);
    }
    found
}

/// `local+TOKEN@domain`. Mail programs may have upcased the local part.
fn of_address(address: &str) -> Option<&str> {
    let (local, _) = address.rsplit_once('@')?;
    let (name, secret) = local.rsplit_once('+')?;
    (!name.is_empty() && has_shape(secret)).then_some(secret)
}

fn of_message_id(id: &str) -> Option<&str> {
    MESSAGE_ID.as_ref()?.captures(id)?.get(1).map(|m| m.as_str())
}

fn of_text(text: &str) -> Option<&str> {
    REFERENCE_LINE.as_ref()?.captures(text)?.get(1).map(|m| m.as_str())
}

/// How many lines a reference line with a token takes up that begins with `line`: mail programs fold it.
pub fn reference_line(line: &str, next: &str) -> Option<usize> {
    if of_text(line).is_some() {
        return Some(1);
    }
    (has_shape(next.trim()) && of_text(&format!("{}\n{next}", line.trim_end())).is_some()).then_some(2)
}

fn has_shape(secret: &str) -> bool {
    secret.len() == 26 && secret.bytes().all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}

/// References of ours in the given texts, in order, each once: hints, no keys (rule T1).
pub fn hints(texts: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        for hit in HINT.iter().flat_map(|regex| regex.captures_iter(text)).filter_map(|c| c.get(1)) {
            let reference = hit.as_str().to_ascii_uppercase();
            if found.len() < MOST_HINTS && !found.contains(&reference) {
                found.push(reference);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "abcdefghijklmnopqrstuvwx27";
    const B: &str = "bbcdefghijklmnopqrstuvwx27";

    fn in_text(text: &str) -> Vec<Candidate> {
        find(&Places { texts: vec![text], ..Places::default() })
    }

    fn line(secret: &str) -> Vec<Candidate> {
        vec![Candidate { carrier: Carrier::ReferenceLine, secret: secret.to_owned() }]
    }

    #[test]
    fn the_constant_patterns_compile() {
        assert!(MESSAGE_ID.is_some() && REFERENCE_LINE.is_some() && HINT.is_some());
    }

    #[test]
    fn t8_carriers_come_in_their_order_and_references_from_the_last() {
        let address = format!("Desk+{}@vendor.example", A.to_uppercase());
        let id = |secret: &str| format!("rg-7k3m9q.{secret}@vendor.example");
        let (replied, referred) = ([id(B)], [id(A), "x@y.example".to_owned(), id(B)]);
        let text = format!("> Ref: RG-7K3M9Q {A}");
        let found = find(&Places {
            addresses: vec!["plain@vendor.example", &address],
            in_reply_to: &replied,
            references: &referred,
            texts: vec![&text],
        });
        let order: Vec<_> = found.iter().map(|c| (c.carrier, c.secret.as_str())).collect();
        assert_eq!(
            order,
            [
                (Carrier::ReplyAddress, A),
                (Carrier::InReplyTo, B),
                (Carrier::References, B),
                (Carrier::References, A),
                (Carrier::ReferenceLine, A),
            ]
        );
    }

    #[test]
    fn t8_a_reference_line_is_found_behind_marks_bullets_and_folds() {
        for text in [
            format!("Ref: RG-7K3M9Q {A}"),
            format!("ok\n\n> > Ref: RG-7K3M9Q {A}\n> more"),
            format!("・ Ref：RG-7K3M9Q　{A}"),
            format!("| * REF: rg-7k3m9q {}", A.to_uppercase()),
            format!("> Ref: RG-7K3M9Q\n> {A}\n"),
            format!("Ref: [RG-7K3M9Q]\n{A}"),
        ] {
            assert_eq!(in_text(&text), line(A), "{text}");
        }
    }

    #[test]
    fn t8_only_the_first_reference_line_counts() {
        assert_eq!(in_text(&format!("> Ref: RG-7K3M9Q {B}\n> > Ref: RG-7K3M9Q {A}")), line(B));
    }

    #[test]
    fn what_has_not_the_shape_is_no_candidate() {
        for text in [
            format!("Ref: RG-7K3M9Q {A}x"),
            format!("Ref: RG-7K3M9Q {}", A.get(1..).unwrap()),
            "Ref: RG-7K3M9Q abcdefghijklmnopqrstuvwx01".to_owned(),
            format!("see Ref: RG-7K3M9Q {A}"),
            format!("RG-7K3M9Q {A}"),
        ] {
            assert_eq!(in_text(&text), [], "{text}");
        }
        let addresses = vec!["+abcdefghijklmnopqrstuvwx27@v.example", "desk+short@v.example", "desk@v.example"];
        assert_eq!(find(&Places { addresses, ..Places::default() }), []);
    }

    #[test]
    fn references_in_subject_and_text_are_hints_in_order() {
        assert_eq!(
            hints(&["Re: [rg-7k3m9q] x", "RG-7K3M9Q, RG-AAAAAA。XRG-BBBBBB RG-CCCCCCC"]),
            ["RG-7K3M9Q", "RG-AAAAAA"]
        );
    }

    #[test]
    fn t10_a_candidate_shows_nothing_of_itself() {
        assert!(!format!("{:?}", line(A)).contains(A));
    }
}
