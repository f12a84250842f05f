//! Where the tokens of a letter stand, and how they are hidden again (rules A2, T8, T10).

use crate::domain::entropy::{Secrets, Token};
use crate::domain::ids::Reference;
use crate::domain::letter::{Key, Letter};
use crate::domain::policy::Desk;
use crate::domain::words::Language;

use super::{RenderError, words};

/// RFC 5321, section 4.5.3.1.1.
const LONGEST_LOCAL_PART: usize = 64;

/// What stands in a letter because of its key.
pub(super) struct Carriers {
    /// Without brackets.
    pub message_id: String,
    /// Where answers go, if not to the desk's plain address.
    pub reply_to: Option<String>,
    /// The body's last line.
    pub reference_line: Option<String>,
    /// For letters that ask.
    pub links: Option<Links>,
    tokens: Vec<Token>,
}

/// Mails that only have to be sent to answer: `mailto:` (rule A2).
pub(super) struct Links {
    pub approve: String,
    pub deny: String,
    pub send_back: String,
}

impl Carriers {
    /// The carriers of one letter. A letter that asks must name its request, or its tokens would open nothing.
    pub fn of(desk: &Desk, letter: &Letter) -> Result<Self, RenderError> {
        let domain = ascii_domain(desk);
        match (&letter.key, &letter.reference) {
            (Key::Asks(secrets), Some(reference)) => {
                Ok(Self::asking(desk, letter.language, reference, secrets, &domain))
            }
            // No verdict is asked for: no links.
            (Key::AsksSender(secrets), Some(reference)) => {
                Ok(Self { links: None, ..Self::asking(desk, letter.language, reference, secrets, &domain) })
            }
            (Key::Asks(_) | Key::AsksSender(_), None) => Err(RenderError::AsksWithoutReference),
            // The reader takes exactly `RG-XXXXXX.` and 26 base32 characters for a token: "k-" makes it none.
            (Key::Tells(token), Some(reference)) => Ok(Self {
                message_id: format!("{reference}.k-{}@{domain}", token.expose()),
                reply_to: None,
                reference_line: Some(format!("Ref: {reference}")),
                links: None,
                tokens: vec![token.clone()],
            }),
            (Key::Tells(token), None) => Ok(Self {
                message_id: format!("ringi.{}@{domain}", token.expose()),
                reply_to: None,
                reference_line: None,
                links: None,
                tokens: vec![token.clone()],
            }),
        }
    }

    fn asking(desk: &Desk, language: Language, reference: &Reference, secrets: &Secrets, domain: &str) -> Self {
        let reply_to = plus_address(desk, &secrets.reply_address);
        let reference_line = format!("Ref: {reference} {}", secrets.reference_line.expose());
        // A mail that a link opens is in no thread and quotes nothing. Some gateways take the tag off an address: the line
        // stands in its body as well.
        let to = reply_to.as_deref().unwrap_or(desk.address.as_str());
        let link = |words: words::Words| mailto(to, reference, words.of(language), &reference_line);
        Self {
            message_id: format!("{reference}.{}@{domain}", secrets.message_id.expose()),
            links: Some(Links {
                approve: link(words::APPROVING),
                deny: link(words::DENYING),
                send_back: link(words::SENDING_BACK),
            }),
            reply_to,
            reference_line: Some(reference_line),
            tokens: vec![secrets.reply_address.clone(), secrets.message_id.clone(), secrets.reference_line.clone()],
        }
    }

    /// The text with every token of the letter masked, wherever a template put it (rule T10).
    pub fn mask(&self, text: &str) -> String {
        self.tokens.iter().fold(text.to_owned(), |text, token| text.replace(token.expose(), "…"))
    }
}

/// A Message-ID is ASCII; a desk that writes its domain in another script gets one that is valid all the same.
fn ascii_domain(desk: &Desk) -> String {
    let domain = desk.address.domain();
    if domain.is_ascii() { domain } else { "ringi.invalid".to_owned() }
}

/// `local+TOKEN@domain`, where the server has it and there is room for it.
fn plus_address(desk: &Desk, token: &Token) -> Option<String> {
    let (local, domain) = desk.address.as_str().rsplit_once('@')?;
    let local = format!("{local}+{}", token.expose());
    (desk.plus_addressing && local.len() <= LONGEST_LOCAL_PART).then(|| format!("{local}@{domain}"))
}

/// RFC 6068: a mail whose first line is the verdict.
fn mailto(to: &str, reference: &Reference, verdict: &str, reference_line: &str) -> String {
    let subject = encoded(&format!("Re: [{reference}]"), "");
    let body = encoded(&format!("{verdict}\r\n\r\n{reference_line}\r\n"), "");
    // "+" is encoded as well: some programs read a plain one as a blank.
    format!("mailto:{}?subject={subject}&body={body}", encoded(to, "@"))
}

/// Percent-encodes all but RFC 3986's unreserved characters and those in `plain`.
fn encoded(text: &str, plain: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || c.is_ascii() && plain.contains(c) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
