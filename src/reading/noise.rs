//! Mails that nobody wrote for us to act on: automatic replies, bounces, reports, lists, calendars.

use super::header::Header;
use super::{Mailbox, Noise};
use crate::domain::words::Class;
use crate::rules::noise::NoiseRules;

/// Characters of the newly written text in which a machine says that it is one.
const OPENING: usize = 1_500;

/// What a mail's parts show of themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Structure {
    /// message/delivery-status, or multipart/report of that type.
    pub delivery_status: bool,
    /// message/disposition-notification: a receipt.
    pub disposition: bool,
    /// message/feedback-report.
    pub feedback: bool,
    /// text/calendar with a METHOD: an invitation or an answer to one.
    pub calendar: bool,
    /// It bears a token or a reference line of ours: then it came by way of a letter, not of a list.
    pub ours: bool,
}

/// Why a mail is noise; `None` where a person wrote it to us. `visible` is the newly written text alone: a person who
/// quotes an automatic reply is a person.
pub fn judge(
    rules: &NoiseRules,
    header: &Header<'_>,
    structure: Structure,
    subject: &str,
    visible: &str,
) -> Option<Noise> {
    let noise = |class, cause: &str| Some(Noise { class, cause: cause.to_owned() });
    if structure.feedback {
        return noise(Class::FeedbackReport, "it holds a feedback report");
    }
    if structure.delivery_status {
        return noise(Class::Bounce, "it holds a delivery report");
    }
    if structure.disposition {
        return noise(Class::AutoReply, "it is a receipt");
    }
    let opening: String = visible.chars().take(OPENING).collect();
    if let Some(cause) = bounce(rules, header, subject, &opening) {
        return noise(Class::Bounce, &cause);
    }
    let found: Vec<(Class, String)> = header
        .lines()
        .filter_map(|(name, value)| {
            let (class, rule) = rules.headers.first(&format!("{name}: {value}"))?;
            Some((class, format!("header: {rule}")))
        })
        .collect();
    let by_header = |class: Class| found.iter().find(|(c, _)| *c == class).cloned();
    // From what says most to what says least: a list's automatic reply is an automatic reply.
    for class in [Class::Bounce, Class::FeedbackReport, Class::AutoReply] {
        if let Some((class, cause)) = by_header(class) {
            return noise(class, &cause);
        }
    }
    if structure.calendar {
        return noise(Class::Calendar, "it holds an invitation or an answer to one");
    }
    if let Some((class, rule)) = rules.subjects.first(subject) {
        return noise(class, &format!("subject: {rule}"));
    }
    if let Some((class, rule)) = rules.texts.first(&opening.replace('\n', " ")) {
        return noise(class, &format!("text: {rule}"));
    }
    // The desk's own address may be a list: what answers a letter of ours, or bears the list's own name in
    // Delivered-To, was written to us.
    match by_header(Class::List) {
        Some((class, cause)) if !structure.ours && !own_list(header) => noise(class, &cause),
        _ => None,
    }
}

/// Whether nobody would read an answer, or a machine would answer it in turn (RFC 3834, section 2).
pub fn is_unanswerable(rules: &NoiseRules, header: &Header<'_>) -> bool {
    has_null_path(header) || is_machine(rules, header) || header.mailboxes("from", None).iter().any(takes_no_mail)
}

/// `no-reply@`, `do_not_reply+3@`.
fn takes_no_mail(from: &Mailbox) -> bool {
    let local = from.address.rsplit_once('@').map_or("", |(local, _)| local);
    let local = local.split('+').next().unwrap_or_default();
    let letters: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(letters.to_ascii_lowercase().as_str(), "noreply" | "donotreply" | "noreplies")
}

fn has_null_path(header: &Header<'_>) -> bool {
    header.raw("return-path").is_some_and(|raw| {
        let path: Vec<u8> = raw.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        path == b"<>"
    })
}

fn is_machine(rules: &NoiseRules, header: &Header<'_>) -> bool {
    header
        .mailboxes("from", None)
        .iter()
        .any(|from| rules.machines.matches(&format!("{} <{}>", from.name.as_deref().unwrap_or_default(), from.address)))
        || header
            .text("from", None)
            .is_some_and(|from| rules.machines.matches(&from) || rules.machines.matches(&format!("<{from}>")))
}

/// A bounce without a report part: a machine, or nobody at all, says that something was not delivered.
fn bounce(rules: &NoiseRules, header: &Header<'_>, subject: &str, opening: &str) -> Option<String> {
    let (nobody, machine) = (has_null_path(header), is_machine(rules, header));
    if !nobody && !machine {
        return None;
    }
    // Automatic replies have a null return path as well, so the wording decides.
    let says = rules.bounce_texts.matches(subject) || machine && rules.bounce_texts.matches(opening);
    says.then(|| {
        if machine {
            "a mail system says that something was not delivered"
        } else {
            "null return path, and the wording of a bounce"
        }
        .to_owned()
    })
}

/// Whether List-Id names the address under which the mail was delivered.
fn own_list(header: &Header<'_>) -> bool {
    let Some(id) = header.text("list-id", None) else { return false };
    let id = id.rsplit_once('<').map_or(id.as_str(), |(_, id)| id).trim_end_matches('>').to_lowercase();
    ["delivered-to", "x-original-to"]
        .iter()
        .flat_map(|name| header.addresses(name))
        .any(|address| address.to_lowercase().replace('@', ".") == id)
}

#[cfg(test)]
mod tests {
    use crate::domain::words::Class;
    use crate::reading::Reader;
    use crate::rules;

    fn class(mail: &str) -> Option<Class> {
        let reader = Reader::new(rules::shared());
        reader.open(mail.as_bytes()).noise.map(|n| n.class)
    }

    #[test]
    fn c5_wordings_headers_and_structure_show_an_automatic_reply() {
        for mail in [
            "Auto-Submitted: auto-replied (vacation)\n\nApproved.",
            "Auto-Submitted: Auto-Generated\n\nx",
            "X-Autoreply: yes\n\nx",
            "Precedence: auto_reply\n\nx",
            "Subject: Out of Office: x\n\nx",
            "Subject: 不在通知: 佐々木\n\nx",
            "Subject: x\n\nI am out of the office until Monday with no access to mail.",
        ] {
            assert_eq!(class(mail), Some(Class::AutoReply), "{mail}");
        }
    }

    #[test]
    fn a_persons_mail_is_no_noise_whatever_exchange_or_the_quote_says() {
        for mail in [
            "X-Auto-Response-Suppress: All\n\nApproved.",
            "Auto-Submitted: no\n\nApproved.",
            "X-Autoreply: no\n\nApproved.",
            "Subject: Re: Automatic reply: x\n\nApproved.\n\nOn Mon, Nov 23, 2026, Kei <k@h.example> wrote:\n> This is an automated reply.",
            "Return-Path: <>\nSubject: Re: approval\n\nApproved.",
            "Subject: delivery of the contract\n\nYour delivery failed to convince us.",
        ] {
            assert_eq!(class(mail), None, "{mail}");
        }
    }

    #[test]
    fn a_list_is_noise_unless_it_is_the_desks_own_address_or_answers_us() {
        let list = "List-Id: Desk <desk.vendor.example>\nPrecedence: list\n";
        assert_eq!(class(&format!("{list}\nhello")), Some(Class::List));
        assert_eq!(class(&format!("Delivered-To: desk@vendor.example\n{list}\nhello")), None);
        assert_eq!(
            class(&format!("In-Reply-To: <RG-7K3M9Q.abcdefghijklmnopqrstuvwx27@vendor.example>\n{list}\nyes")),
            None
        );
    }
}
