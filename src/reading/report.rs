//! Delivery reports (RFC 3464) and what they tell of a letter.

use super::header::Header;
use super::{DeliveryReport, header};

/// Recipients that are looked at: our letters have one.
const MOST_RECIPIENTS: usize = 100;

/// Reads a message/delivery-status part: one block of fields about the mail, one for each recipient. The first failed
/// recipient counts, else the first of all.
pub fn of_status(part: &[u8]) -> DeliveryReport {
    let mut rest = part;
    let mut first = None;
    for _ in 0..MOST_RECIPIENTS {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            break;
        }
        let (fields, after) = Header::split(rest);
        rest = after;
        let recipient = typed(&fields, "final-recipient").or_else(|| typed(&fields, "original-recipient"));
        let action = fields.text("action", None).map(|a| first_word(&a).to_ascii_lowercase()).filter(|a| !a.is_empty());
        if recipient.is_none() && action.is_none() {
            continue;
        }
        let status = fields.text("status", None).map(|s| first_word(&s).to_owned()).filter(|s| !s.is_empty());
        let report = DeliveryReport { action, recipient, status, original_message_id: None };
        if report.action.as_deref() == Some("failed") {
            return report;
        }
        first.get_or_insert(report);
    }
    first.unwrap_or_default()
}

/// `rfc822; kei@haruka.example`.
fn typed(fields: &Header<'_>, name: &str) -> Option<String> {
    let text = fields.text(name, None)?;
    let address = text.split_once(';').map_or(text.as_str(), |(_, address)| address);
    let address = header::clean(address);
    let address = address.trim_matches(|c| matches!(c, '<' | '>' | ' ')).to_owned();
    (!address.is_empty()).then_some(address)
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default()
}

/// Message-ID of the returned mail, out of its header.
pub fn returned_message_id(mail: &[u8]) -> Option<String> {
    Header::split(mail.trim_ascii_start()).0.message_ids("message-id").into_iter().next()
}

/// Message-ID of a mail that an old server returned within its own text.
pub fn message_id_in_text(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        let (name, value) = line.split_once(':')?;
        let id = value.trim().strip_prefix('<')?.split_once('>')?.0;
        (name.eq_ignore_ascii_case("message-id") && id.len() < 1_000).then(|| id.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c2_the_failed_recipient_counts() {
        let report = of_status(
            b"Reporting-MTA: dns; mx.haruka.example\r\nArrival-Date: x\r\n\r\nFinal-Recipient: rfc822; jun@haruka.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\nOriginal-Recipient: rfc822;kei@haruka.example\r\nFinal-Recipient: RFC822; <Kei@haruka.example>\r\nAction: Failed\r\nStatus: 5.1.1 (no such user)\r\nDiagnostic-Code: smtp; 550 no\r\n such user\r\n",
        );
        assert_eq!(
            report,
            DeliveryReport {
                action: Some("failed".into()),
                recipient: Some("Kei@haruka.example".into()),
                status: Some("5.1.1".into()),
                original_message_id: None,
            }
        );
    }

    #[test]
    fn a_damaged_report_says_nothing() {
        for text in ["", "\r\n\r\n", "Reporting-MTA: dns; x\r\n\r\n", "no fields at all"] {
            assert_eq!(of_status(text.as_bytes()), DeliveryReport::default(), "{text:?}");
        }
    }

    #[test]
    fn the_returned_mails_id_is_read_from_its_header_or_from_the_text() {
        assert_eq!(
            returned_message_id(b"\r\nFrom: a\r\nMessage-ID:\r\n <RG-7K3M9Q.x@vendor.example>\r\n\r\nbody").as_deref(),
            Some("RG-7K3M9Q.x@vendor.example")
        );
        assert_eq!(message_id_in_text("sorry\n\n> Message-Id: <a@b.example>\n").as_deref(), Some("a@b.example"));
        assert_eq!(message_id_in_text("no id"), None);
    }
}
