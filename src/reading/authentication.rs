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
    /// The authserv-id that the desk's own server writes, compared without case.
    pub authserv_id: String,
    /// How many Received fields may stand above the field that counts.
    pub hops: usize,
}

/// Second labels under which registries let anybody register: `co.jp` is nobody's domain. Ringi carries no public
/// suffix list; a parent domain of two labels counts only if its first label is none of these.
const REGISTRY_LABELS: &[&str] = &[
    "co", "or", "ne", "ac", "go", "ad", "ed", "gr", "lg", "com", "net", "org", "edu", "gov", "mil", "gob", "gouv",
    "nom", "id", "info", "biz", "ltd", "plc", "me", "nhs", "sch", "school", "police", "in", "firm", "gen", "ind",
    "nic", "res",
];

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
                if let Some(results) = results::parse(value)
                    && fold(&results.authserv_id) == fold(&pin.authserv_id)
                {
                    ours.push((received, results));
                }
            }
        }
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

/// Relaxed alignment without a public suffix list, on the careful side: From's domain itself, or one below the signer's
/// at a label boundary, where the signer's has three labels or two that are no registry's.
fn aligned(signer: &str, from: &str) -> bool {
    if signer == from {
        return signer.contains('.');
    }
    let labels: Vec<&str> = signer.split('.').collect();
    let registrable = match labels.as_slice() {
        [] | [_] => false,
        [second, top] => !second.is_empty() && (top.len() != 2 || !REGISTRY_LABELS.contains(second)),
        _ => labels.iter().all(|label| !label.is_empty()),
    };
    registrable && covers(signer, from)
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
