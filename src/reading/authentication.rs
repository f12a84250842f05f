//! Whether From is aligned, judged by the receiving server's Authentication-Results (rule T7).

use super::results::{self, Outcome, Results};
use crate::domain::address::covers;
use crate::domain::trust::Authentication;

/// A header field that the trace is judged by, in the mail's order from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceField {
    Received,
    /// The unfolded value.
    AuthenticationResults(String),
}

/// What the desk's server is pinned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub profile: Profile,
    /// How many Received fields may stand above the field that counts.
    pub hops: usize,
}

/// How the desk's server writes its findings down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// One field under its id (RFC 8601): the topmost counts.
    Plain(ServerId),
    /// Several fields, one for each check, all above the first Received: they count together. Fastmail, iCloud, and Postfix
    /// with a milter for each check write so.
    Several(ServerId),
    /// No id at all: the field begins with `spf=`. Outlook.com writes so.
    Microsoft365,
}

/// The authserv-id that the desk's own server writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerId {
    /// Exactly this one, compared without case.
    Exact(String),
    /// Any below this domain at a label boundary: providers with many hosts write each host's own id.
    Below(String),
}

impl ServerId {
    /// Reads `mx.vendor.example` or `*.vendor.example`. `None` where it is neither, or where the pattern would take in
    /// hosts of strangers: a public suffix.
    pub fn parse(text: &str) -> Option<Self> {
        let text = fold(text);
        let Some(below) = text.strip_prefix("*.") else {
            let odd = |c: char| c.is_whitespace() || matches!(c, '*' | ';' | '=' | '(' | '"');
            return (!text.is_empty() && !text.contains(odd)).then_some(Self::Exact(text));
        };
        let sound = below.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        (sound && organisation(below).is_some()).then(|| Self::Below(below.to_owned()))
    }

    fn is(&self, id: &str) -> bool {
        let id = fold(id);
        match self {
            Self::Exact(own) => *own == id,
            Self::Below(domain) => id != *domain && covers(domain, &id),
        }
    }
}

impl Profile {
    /// The field, where it is by the desk's server as far as its words show.
    fn read(&self, value: &str) -> Option<Results> {
        match self {
            Self::Plain(id) | Self::Several(id) => results::parse(value).filter(|found| id.is(&found.authserv_id)),
            Self::Microsoft365 => results::parse_without_id(value),
        }
    }
}

/// Judges From's domain. Pure: a word of the pinned server at the place where only it writes, or nothing.
///
/// The topmost field with the pinned id counts, and only if no more Received fields than `hops` stand above it: whoever
/// sent the mail may have written the same id further down, and most providers leave that in. A second field with the
/// id that says otherwise means that somebody is lying. `dmarc=fail` stands whatever a second one says.
pub fn judge(trace: &[TraceField], pin: Option<&Pin>, from_domain: &str) -> Authentication {
    let Some(pin) = pin else {
        return not("no authserv-id is pinned");
    };
    let from = fold(from_domain);
    if from.is_empty() {
        return not("the mail has no sender");
    }
    let mut received = 0usize;
    let mut ours: Vec<(usize, Results)> = Vec::new();
    for field in trace {
        match field {
            TraceField::Received => received += 1,
            TraceField::AuthenticationResults(value) => {
                ours.extend(pin.profile.read(value).map(|results| (received, results)));
            }
        }
    }
    if matches!(pin.profile, Profile::Several(_)) {
        if received == 0 {
            return not("no Received shows where the server's own Authentication-Results end");
        }
        ours = together(ours);
    }
    let mut ours = ours.into_iter();
    let Some((above, topmost)) = ours.next() else {
        return not("no Authentication-Results by the pinned server");
    };
    if above > pin.hops {
        return not("the pinned server's Authentication-Results stands below more Received fields than its hops allow");
    }
    let verdict = of_one(&topmost, &from);
    if verdict == Authentication::DmarcFail {
        return verdict;
    }
    let agrees = |other: &Results| of_one(other, &from).is_aligned() == verdict.is_aligned();
    if ours.all(|(_, other)| agrees(&other)) {
        verdict
    } else {
        not("two Authentication-Results under the pinned authserv-id contradict each other")
    }
}

/// Makes one of the fields above the first Received: only the desk's server can have written them, for whoever sent the
/// mail wrote below that line.
fn together(fields: Vec<(usize, Results)>) -> Vec<(usize, Results)> {
    let mut out: Vec<(usize, Results)> = Vec::new();
    for (above, field) in fields {
        match out.first_mut() {
            Some((0, own)) if above == 0 => own.outcomes.extend(field.outcomes),
            _ => out.push((above, field)),
        }
    }
    out
}

/// What one field says about From's domain.
fn of_one(results: &Results, from: &str) -> Authentication {
    let of = |method: &str| -> Vec<&Outcome> { results.outcomes.iter().filter(|o| o.method == method).collect() };
    // Results about another domain than From's are about somebody else. A failure without a domain is taken as From's.
    let about_from = |o: &&&Outcome| match o.sole("header", "from").map(fold) {
        Some(domain) => domain_of(&domain) == from,
        None => o.result == "fail" && !o.has("header", "from"),
    };
    let dmarc = of("dmarc");
    let dmarc: Vec<&Outcome> = dmarc.iter().filter(about_from).copied().collect();
    if dmarc.iter().any(|o| o.result == "fail") {
        return Authentication::DmarcFail;
    }
    if dmarc.iter().any(|o| o.result == "pass") {
        return Authentication::Aligned { by: "dmarc".to_owned() };
    }
    if of("dkim").iter().any(|o| o.result == "pass" && signer(o).is_some_and(|d| aligned(&d, from))) {
        return Authentication::Aligned { by: "dkim".to_owned() };
    }
    not(if results.outcomes.iter().any(|o| o.method == "spf" && o.result == "pass") {
        "only SPF passed, which says nothing about From"
    } else {
        "neither DMARC nor DKIM passed for From's domain"
    })
}

/// The signing domain: header.d, and header.i only where no header.d is given (RFC 8601, 2.7.1).
fn signer(outcome: &Outcome) -> Option<String> {
    if outcome.has("header", "d") {
        return outcome.sole("header", "d").map(fold);
    }
    outcome.sole("header", "i").map(|i| domain_of(&fold(i)).to_owned())
}

/// Whether a signature of `signer` speaks for From's domain: that domain itself, or one above it that still belongs to
/// the same organisation (public suffix list).
///
/// Narrower than DMARC's relaxed alignment, which lets any domain of the organisation sign for any other: hosts below a
/// company's domain are often a service provider's or a customer's, and would sign for the company's own people.
pub fn aligned(signer: &str, from: &str) -> bool {
    let (signer, from) = (fold(signer), fold(from));
    if signer == from {
        return signer.contains('.');
    }
    covers(&signer, &from) && organisation(&signer).is_some()
}

/// The registrable domain; `None` for a public suffix and for what is no domain name.
fn organisation(domain: &str) -> Option<&str> {
    let sound = domain.split('.').all(|label| !label.is_empty());
    sound.then(|| psl::domain_str(domain)).flatten()
}

fn domain_of(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, domain)| domain)
}

fn fold(text: &str) -> String {
    text.trim().trim_end_matches('.').to_ascii_lowercase()
}

fn not(cause: &str) -> Authentication {
    Authentication::NotAligned { cause: cause.to_owned() }
}

#[cfg(test)]
#[path = "authentication_tests.rs"]
mod tests;
