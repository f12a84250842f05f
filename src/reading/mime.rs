//! A mail opened: its parts, its header, its thread, put together.

use super::charset::Charset;
use super::header::Header;
use super::text::{self, Context};
use super::token::{self, Places};
use super::{OpenedMail, forward, header, language, noise, parts, report, signature};
use crate::domain::words::Class;
use crate::rules::Rules;

/// Bytes of newly written text that are read. Meaning is sought by patterns that take longer than in proportion: a
/// megabyte held up the queue for minutes. Cut, it could lose the word that matters, so a longer text is a person's.
const MOST_VISIBLE: usize = 128 * 1024;

/// Alternatives of a text that are read beside it; mail programs write one.
const MOST_ALTERNATIVES: usize = 3;

/// Bytes of a text that may only say that the mail is to be looked at as HTML.
const LONGEST_STUB: usize = 400;

/// Decodes a mail. Total and bounded.
pub fn open(rules: &Rules, raw: &[u8]) -> OpenedMail {
    let raw = &*header::mend(raw);
    let (header, _) = Header::split(raw);
    let mut parts = parts::read(raw);
    let mut mail = of_header(&header, parts.charset);
    mail.unreadable = unreadable(raw, &header, &parts);
    mail.full_text = std::mem::take(&mut parts.text);

    let context = Context { from: signature::author(mail.from.as_ref()), subject: &mail.subject, depth: 0 };
    let thread = text::split(&rules.thread, &mail.full_text, &context);
    mail.forwarded =
        thread.forwarded.or_else(|| parts.inner.as_ref().map(|inner| of_inner(rules, inner, parts.charset)));
    mail.other_visible_texts = parts
        .alternatives
        .iter()
        .take(MOST_ALTERNATIVES)
        .map(|text| text::split(&rules.thread, text, &context).visible)
        .filter(|visible| !visible.split_whitespace().eq(thread.visible.split_whitespace()))
        .collect();
    mail.visible_text = thread.visible;
    if mail.visible_text.len() < LONGEST_STUB
        && rules.thread.stubs.matches(&mail.visible_text)
        && let Some(html) = mail.other_visible_texts.pop()
    {
        mail.visible_text = html;
    }
    if mail.visible_text.len() > MOST_VISIBLE {
        mail.unreadable.get_or_insert_with(|| "Its newly written text is longer than a person's.".to_owned());
    }
    mail.signature = thread.signature;
    mail.quoted_text = thread.quoted;
    mail.returned_form = thread.returned_form;
    mail.attachments = std::mem::take(&mut parts.attachments);

    let addresses = mail.delivered_to.iter().map(String::as_str);
    let addresses = addresses.chain(mail.to.iter().chain(&mail.cc).map(|m| m.address.as_str())).collect();
    let texts: Vec<&str> =
        std::iter::once(mail.full_text.as_str()).chain(parts.other_texts.iter().map(String::as_str)).collect();
    mail.tokens =
        token::find(&Places { addresses, in_reply_to: &mail.in_reply_to, references: &mail.references, texts });
    mail.reference_hints = token::hints(&[&mail.subject, &mail.full_text]);

    mail.unanswerable = noise::is_unanswerable(&rules.noise, &header);
    let structure = noise::Structure { ours: !mail.tokens.is_empty(), ..parts.structure };
    mail.noise = noise::judge(&rules.noise, &header, structure, &mail.subject, &mail.visible_text);
    if mail.noise.as_ref().is_some_and(|n| n.class == Class::Bounce) {
        let mut found = parts.delivery_report.take().unwrap_or_default();
        if found.original_message_id.is_none() {
            found.original_message_id = report::message_id_in_text(&mail.full_text);
        }
        mail.delivery_report = Some(found);
    }
    mail.language = language_of(&mail);
    mail
}

fn of_header(header: &Header<'_>, hint: Option<Charset>) -> OpenedMail {
    OpenedMail {
        message_id: header.message_ids("message-id").into_iter().next(),
        in_reply_to: header.message_ids("in-reply-to"),
        references: header.message_ids("references"),
        from: header.sole_mailbox("from", hint),
        to: header.mailboxes("to", hint),
        cc: header.mailboxes("cc", hint),
        delivered_to: header.addresses_of(&["delivered-to", "x-original-to"]),
        subject: header.text("subject", hint).unwrap_or_default(),
        trace: header.trace(),
        ..OpenedMail::default()
    }
}

/// A mail forwarded as message/rfc822.
fn of_inner(rules: &Rules, inner: &parts::Inner, hint: Option<Charset>) -> super::Forwarded {
    let (header, _) = Header::split(&inner.header);
    forward::of_text(&rules.thread, &inner.text, header.sole_mailbox("from", hint), header.text("subject", hint), 0)
}

/// Why nothing can be read, where nothing can.
fn unreadable(raw: &[u8], header: &Header<'_>, parts: &parts::Parts) -> Option<String> {
    let nothing = parts.text.trim().is_empty();
    let why = if raw.trim_ascii().is_empty() {
        "The mail is empty."
    } else if parts.encrypted && nothing {
        "The mail is encrypted."
    } else if header.is_empty() {
        "There is no mail header."
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// The language to answer in. One word such as "OK" belongs to no language: then the subject says.
fn language_of(mail: &OpenedMail) -> Option<crate::domain::words::Language> {
    let short = mail.visible_text.chars().filter(|c| c.is_alphabetic()).count() <= 16;
    let by_text = language::of(&mail.visible_text);
    let by_subject = language::of(&mail.subject);
    match by_text {
        Some(crate::domain::words::Language::English) if short => by_subject.or(by_text),
        Some(_) => by_text,
        None => by_subject.or_else(|| language::of(&mail.full_text)),
    }
}

#[cfg(test)]
#[path = "mime_tests.rs"]
mod tests;
