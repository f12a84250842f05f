//! Mail addresses and domains, and when two of them are the same.

use serde::{Deserialize, Serialize};

use super::quote::is_invisible;

/// A mail address that has the shape of one. Keeps the text as given; compares after folding.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longer ones are refused: RFC 5321 allows 254 octets in a path.
    const LONGEST: usize = 254;

    /// Reads an address. `None` where it has no local part, no domain, blanks, control characters or brackets, or
    /// characters that are not seen: whoever approves an address must see which one it is.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let seen = |c: char| !c.is_whitespace() && !c.is_control() && !is_invisible(c);
        let plain = |c: char| seen(c) && !"<>()[],;:\\\"".contains(c);
        let sound_local = !local.is_empty() && local.chars().all(plain) && !local.contains('@');
        let sound_domain = !domain.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..")
            && domain.chars().all(|c| (c.is_alphanumeric() && seen(c)) || c == '-' || c == '.');
        (text.len() <= Self::LONGEST && sound_local && sound_domain).then(|| Self(text.to_owned()))
    }

    /// As given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folded form by which persons compare: lower case, without `+tag`.
    pub fn key(&self) -> String {
        let lower = folded(&self.0);
        match lower.rsplit_once('@') {
            Some((local, domain)) => match local.split_once('+') {
                Some((name, _)) if !name.is_empty() => format!("{name}@{domain}"),
                _ => lower,
            },
            None => lower,
        }
    }

    /// The domain in lower case.
    pub fn domain(&self) -> String {
        self.0.rsplit_once('@').map(|(_, domain)| folded(domain)).unwrap_or_default()
    }

    /// For logs and for those who need not know it whole: `k…@haruka.example`.
    pub fn masked(&self) -> String {
        let first = self.0.chars().next().unwrap_or('?');
        format!("{first}…@{}", self.domain())
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for EmailAddress {}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no mail address"))
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// Lower case, but that no character from beyond ASCII becomes one of it: the Kelvin sign is no `k`, and `İ` no `i`.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() || !c.to_lowercase().any(|lower| lower.is_ascii()) {
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether `domain` is `registered` or lies below it at a label boundary. Both are compared without case.
pub fn covers(registered: &str, domain: &str) -> bool {
    let (registered, domain) = (folded(registered), folded(domain));
    !registered.is_empty()
        && (domain == registered || domain.strip_suffix(&registered).is_some_and(|rest| rest.ends_with('.')))
}

/// A text with every mail address in it masked, as a server's reply may name some.
pub fn masked_text(text: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || "._%+-=@".contains(c);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !part(c)) {
        let word = piece.trim_end_matches(|c| !part(c));
        let rest = piece.get(word.len()..).unwrap_or_default();
        match word.split_once('@') {
            Some((local, domain)) if !local.is_empty() => {
                out.extend(local.chars().take(1));
                out.push_str("…@");
                out.push_str(domain);
            }
            _ => out.push_str(word),
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_s_reply_is_told_without_its_addresses() {
        assert_eq!(
            masked_text("250 2.1.5 <ann.lake@redwood.example>, desk+abc@x.example ok"),
            "250 2.1.5 <a…@redwood.example>, d…@x.example ok"
        );
        assert_eq!(masked_text("@ and 日本"), "@ and 日本");
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn persons_compare_after_case_folding_and_without_a_tag() {
        assert_eq!(address("Kei.Mori+ringi@Haruka.example"), address("kei.mori@haruka.EXAMPLE"));
        assert_ne!(address("kei.mori@haruka.example"), address("keimori@haruka.example"));
        assert_ne!(address("\u{212a}ei@haru\u{212a}a.example"), address("kei@haruka.example"), "Kelvin signs");
        assert_eq!(address("+ops@haruka.example").key(), "+ops@haruka.example", "a tag alone is no tag");
    }

    #[test]
    fn a_domain_covers_itself_and_what_lies_below_it_at_a_label_boundary() {
        assert!(covers("haruka.example", "haruka.example"));
        assert!(covers("haruka.example", "Mail.Haruka.example"));
        assert!(!covers("haruka.example", "notharuka.example"));
        assert!(!covers("haruka.example", "haruka.example.attacker.example"));
        assert!(!covers("", "haruka.example"));
    }

    #[test]
    fn what_could_smuggle_a_header_or_a_second_recipient_is_no_address() {
        for text in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@c.example\r\nBcc: x@y.example",
            "a@b.example,c@d.example",
            "<a@b.example>",
            "a@b..example",
            "sam\u{202e}@operator.example",
            "sam\u{200b}@operator.example",
            "sam\u{ad}@operator.example",
            "sam@operator\u{3164}.example",
        ] {
            assert!(EmailAddress::parse(text).is_none(), "{text:?}");
        }
    }
}
