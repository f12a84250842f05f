//! The envelope: whom a letter comes from and whom it goes to, as SMTP has it.

use lettre::Address;

use crate::domain::address::EmailAddress;

/// One sender and one recipient: every letter has its own session step, so that every reply is about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Where delivery reports go.
    pub from: EmailAddress,
    pub to: EmailAddress,
}

/// The address as a MAIL or RCPT command has it.
///
/// Domains without a dot-atom for a local part exist (`a..b.@docomo.ne.jp` was handed out for years): RFC 5321 has them
/// quoted. The parser of the mail library refuses what some servers accept, so it is not asked; `EmailAddress` holds no
/// blank, control character, quote, backslash or bracket, so nothing can break out of the command.
pub(super) fn path(address: &EmailAddress) -> Address {
    let (local, domain) = address.as_str().rsplit_once('@').unwrap_or((address.as_str(), ""));
    if is_dot_atom(local) {
        Address::new_dangerous(local, domain)
    } else {
        Address::new_dangerous(format!("\"{local}\""), domain)
    }
}

/// RFC 5321 `Dot-string`; characters beyond ASCII count as atoms (RFC 6531).
fn is_dot_atom(local: &str) -> bool {
    let atom = |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        path(&EmailAddress::parse(text).unwrap()).to_string()
    }

    #[test]
    fn an_odd_local_part_is_quoted_and_a_plain_one_is_not() {
        assert_eq!(shown("a..b.@docomo.ne.jp"), "\"a..b.\"@docomo.ne.jp");
        assert_eq!(shown(".a@docomo.ne.jp"), "\".a\"@docomo.ne.jp");
        assert_eq!(shown("kei.mori+token@haruka.example"), "kei.mori+token@haruka.example");
        assert_eq!(shown("利用者@haruka.example"), "利用者@haruka.example");
    }

    #[test]
    fn no_address_that_the_domain_lets_pass_makes_a_panic() {
        for text in [
            "-@-a-.example",
            "a@-.-",
            "!#$%&'*+/=?^_`{|}~-@x.example",
            "a@例え.jp",
            &format!("{}@b.example", "あ".repeat(70)),
        ] {
            if let Some(address) = EmailAddress::parse(text) {
                let path = path(&address).to_string();
                assert!(!path.contains(['\r', '\n', '<', '>', ' ']), "{path}");
            }
        }
    }
}
