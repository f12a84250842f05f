//! A mail forwarded within the text: its writer and its text. Content, and no authority.

use super::charset::Charset;
use super::signature::author;
use super::text::{self, Context, Line};
use super::{Forwarded, Mailbox, address_list, header};
use crate::rules::thread::ThreadRules;

/// Forwards of forwards that are opened: the innermost writer of three is as far as anybody means.
const DEEPEST: usize = 3;

/// Reads a forwarded mail from its header block on. Its own quote is left out: an older thread is never content.
pub fn read(rules: &ThreadRules, lines: &[Line<'_>], depth: usize) -> Forwarded {
    // Apple Mail marks the whole forwarded mail as a quote; those marks are its frame.
    let frame = lines.iter().find(|l| !l.text.trim().is_empty()).map_or(0, |l| l.depth);
    let mut from = None;
    let mut subject = None;
    let mut begun = false;
    let mut body = 0;
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.trim();
        body = at;
        let labels = &rules.header;
        let value = |regex: &Option<regex::Regex>| {
            let captures = regex.as_ref()?.captures(text)?;
            captures.get(1).map(|m| m.as_str().trim().to_owned())
        };
        if let Some(value) = value(&labels.from) {
            from = from.or_else(|| mailbox(&value));
        } else if let Some(value) = value(&labels.subject) {
            subject = subject.or(Some(header::clean(&value)));
        } else if value(&labels.date).is_none() && value(&labels.to).is_none() {
            if text.is_empty() && !begun {
                continue;
            }
            // A blank line ends the header; one more line may be a folded recipient.
            let folded =
                begun && !text.is_empty() && (text.contains('@') || line.text.starts_with([' ', '\t'])) && at < 12;
            if !folded {
                break;
            }
        }
        begun = true;
        body = at + 1;
    }
    let inner: String = lines
        .iter()
        .skip(body)
        .map(|l| format!("{}{}\n", "> ".repeat(l.depth.saturating_sub(frame)), l.text))
        .collect();
    of_text(rules, &inner, from, subject, depth)
}

/// A forwarded mail whose header is known.
pub fn of_text(
    rules: &ThreadRules,
    inner: &str,
    from: Option<Mailbox>,
    subject: Option<String>,
    depth: usize,
) -> Forwarded {
    if depth >= DEEPEST {
        return Forwarded { from, subject, text: inner.trim().to_owned() };
    }
    let context =
        Context { from: author(from.as_ref()), subject: subject.as_deref().unwrap_or_default(), depth: depth + 1 };
    let thread = text::split(rules, inner, &context);
    match thread.forwarded {
        // Nothing of its own: the forward of a forward.
        Some(innermost) if thread.visible.is_empty() => innermost,
        _ => {
            // The signature names the writer's company: it is part of what the forward says.
            let text = [thread.visible.as_str(), thread.signature.as_str()]
                .iter()
                .filter(|t| !t.is_empty())
                .copied()
                .collect::<Vec<_>>();
            Forwarded { from, subject, text: text.join("\n") }
        }
    }
}

/// `森 圭 <kei@haruka.example>`, `"Mori" [mailto:kei@haruka.example]`, or a name alone.
fn mailbox(value: &str) -> Option<Mailbox> {
    let value = value
        .replace("[mailto:", "<")
        .replace("<mailto:", "<")
        .replace(']', ">")
        .replace(['＜'], "<")
        .replace(['＞'], ">");
    // `*Kei* <a@b<a@b>>` of programs that turn links into text.
    let value = value.trim_matches(|c| matches!(c, '*' | ' ')).to_owned();
    let list = address_list::parse(value.as_bytes(), None::<Charset>);
    if let Some(mailbox) = list.mailboxes.into_iter().next() {
        return Some(mailbox);
    }
    let address = value.split(['<', '>', ' ', '(', ')', ',']).find_map(crate::domain::address::EmailAddress::parse)?;
    let name = header::clean(value.split('<').next().unwrap_or_default());
    let name = (!name.is_empty() && !name.contains('@')).then_some(name);
    Some(Mailbox { name, address: address.as_str().to_owned() })
}
