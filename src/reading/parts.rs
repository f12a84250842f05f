//! The parts of a mail: which are its text, which are attached, what its reports say.

use mail_parser::{HeaderName, Message, MessageParser, MessagePart, PartType};

use super::charset::{self, Charset};
use super::header::Header;
use super::noise::Structure;
use super::parameter::Parameterised;
use super::{Attachment, DeliveryReport, attachment, html, plain, report, transfer};

/// Occurrences of `content-type` that are parsed. Each may open a level of nesting, and levels are freed by recursion,
/// so their number bounds the stack. A digest of a hundred mails stays below.
const MOST_TYPES: usize = 800;
/// Parts within parts that are looked into.
const DEEPEST: usize = 30;
/// Parts that are looked at; real mail has dozens.
const MOST_PARTS: usize = 500;
/// Attachments that are listed.
const MOST_ATTACHMENTS: usize = 100;

/// What the parts of a mail came to.
#[derive(Debug, Default)]
pub struct Parts {
    /// The text to read: each alternative's plain text, else its HTML as text.
    pub text: String,
    /// The alternatives that were not chosen, as text: a reference line may stand in one only.
    pub other_texts: Vec<String>,
    /// Of other_texts those that stand for the text itself: alternatives to it in the same mail.
    pub alternatives: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub structure: Structure,
    pub delivery_report: Option<DeliveryReport>,
    /// The first mail inside the mail that no report returned.
    pub inner: Option<Inner>,
    /// The charset that the text was labelled with: a hint for header fields in raw bytes.
    pub charset: Option<Charset>,
    /// The content is encrypted.
    pub encrypted: bool,
    looked_at: usize,
}

/// A message/rfc822 part.
#[derive(Debug, Default)]
pub struct Inner {
    /// Its header block, raw.
    pub header: Vec<u8>,
    pub text: String,
}

/// One alternative of the text.
enum Text {
    Plain(String),
    Html(String),
}

/// Takes a mail apart. Total and bounded.
pub fn read(raw: &[u8]) -> Parts {
    let mut parts = Parts::default();
    let bounded = within_nesting(raw);
    match structure(bounded) {
        Some(message) if !message.parts.is_empty() => {
            let texts = parts.walk(&message, bounded, 0, 0, false);
            parts.text = parts.choose(texts, false);
        }
        _ => {
            let (_, body) = Header::split(bounded);
            parts.text = plain::tidy(&charset::decode(body, None, None));
        }
    }
    parts
}

/// The parser's view of the mail. Its own assertions fail on some broken nestings (in debug builds): such a mail is
/// read as one text, and the mails behind it are read at all.
fn structure(raw: &[u8]) -> Option<Message<'_>> {
    std::panic::catch_unwind(|| MessageParser::new().with_mime_headers().parse(raw)).ok().flatten()
}

/// The mail up to the content type at which it becomes too deep to be a mail.
fn within_nesting(raw: &[u8]) -> &[u8] {
    let needle = b"content-type";
    let mut count = 0;
    let mut at = 0;
    while let Some(window) = raw.get(at..at + needle.len()) {
        if window.eq_ignore_ascii_case(needle) {
            count += 1;
            if count > MOST_TYPES {
                return raw.get(..at).unwrap_or_default();
            }
            at += needle.len();
        } else {
            at += 1;
        }
    }
    raw
}

impl Parts {
    /// Gives the texts of a part and what lies in it; all else is noted in passing.
    fn walk(&mut self, message: &Message<'_>, raw: &[u8], id: u32, depth: usize, in_report: bool) -> Vec<Text> {
        self.looked_at += 1;
        let Some(part) = message.part(id) else { return Vec::new() };
        if depth > DEEPEST || self.looked_at > MOST_PARTS {
            return Vec::new();
        }
        let kind = content_type(part, raw);
        // Also where the boundaries are broken and no part below was found.
        let reports = kind.value == "multipart/report";
        if reports && !in_report {
            match kind.get("report-type").unwrap_or_default().to_ascii_lowercase().as_str() {
                "delivery-status" => self.structure.delivery_status = true,
                "disposition-notification" => self.structure.disposition = true,
                "feedback-report" => self.structure.feedback = true,
                _ => {}
            }
        }
        let in_report = in_report || reports;
        let PartType::Multipart(children) = &part.body else {
            return self.leaf(part, raw, kind, depth, in_report);
        };
        self.encrypted |= kind.value == "multipart/encrypted";
        let mut texts = Vec::new();
        for child in children {
            texts.extend(self.walk(message, raw, *child, depth + 1, in_report));
        }
        if kind.value == "multipart/alternative" {
            let chosen = self.choose(texts, true);
            return if chosen.is_empty() { Vec::new() } else { vec![Text::Plain(chosen)] };
        }
        texts
    }

    /// Of alternatives the first plain text that says something, else the HTML; of texts that stand beside each other
    /// all, in their order.
    fn choose(&mut self, texts: Vec<Text>, alternatives: bool) -> String {
        let says = |text: &str| text.chars().any(|c| !c.is_whitespace());
        if !alternatives {
            let all: Vec<String> = texts
                .into_iter()
                .map(|t| match t {
                    Text::Plain(t) | Text::Html(t) => t,
                })
                .filter(|t| says(t))
                .collect();
            return all.join("\n");
        }
        let plain = texts.iter().position(|t| matches!(t, Text::Plain(t) if says(t)));
        let chosen = plain.or_else(|| texts.iter().position(|t| matches!(t, Text::Html(t) if says(t))));
        let mut out = String::new();
        for (at, text) in texts.into_iter().enumerate() {
            let (Text::Plain(text) | Text::Html(text)) = text;
            if Some(at) == chosen {
                out = text;
                continue;
            }
            if says(&text) {
                self.alternatives.push(text.clone());
            }
            self.other_texts.push(text);
        }
        out
    }

    fn leaf(
        &mut self,
        part: &MessagePart<'_>,
        raw: &[u8],
        kind: Parameterised,
        depth: usize,
        in_report: bool,
    ) -> Vec<Text> {
        let bytes = content(part, raw);
        let label = kind.get("charset");
        let disposition =
            part_header(part, raw, &HeaderName::ContentDisposition).map(Parameterised::parse).unwrap_or_default();
        let name = disposition.text("filename", self.charset).or_else(|| kind.text("name", self.charset));
        let attached = disposition.value == "attachment" || name.is_some();
        match kind.value.as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                self.structure.delivery_status = true;
                let read = report::of_status(&bytes);
                let kept = self.delivery_report.get_or_insert_default();
                *kept = DeliveryReport { original_message_id: kept.original_message_id.take(), ..read };
            }
            "message/disposition-notification" => self.structure.disposition = true,
            "message/feedback-report" => self.structure.feedback = true,
            "text/rfc822-headers" | "message/rfc822-headers" if in_report => self.returned(&bytes),
            "message/rfc822" | "message/global" => self.nested(part, raw, &bytes, depth, in_report),
            "text/calendar" => {
                let text = charset::decode(&bytes, label.as_deref().or(Some("utf-8")), None);
                let method =
                    kind.get("method").is_some() || text.lines().any(|l| l.to_ascii_uppercase().starts_with("METHOD:"));
                self.structure.calendar |= method;
            }
            "application/pkcs7-mime" | "application/x-pkcs7-mime"
                if kind.get("smime-type").is_none_or(|t| t.eq_ignore_ascii_case("enveloped-data")) =>
            {
                self.encrypted = true;
            }
            "text/html" if !attached => {
                let named = label.clone().filter(|l| !matches!(charset::by_label(l), None | Some(Charset::Ascii)));
                let label = named.or_else(|| charset::of_html_meta(&bytes));
                self.note_charset(label.as_deref());
                let text = charset::decode(&bytes, label.as_deref(), self.charset);
                return vec![Text::Html(plain::tidy(&html::to_text(&text)))];
            }
            value
                if !attached
                    && (value.starts_with("text/") && value != "text/csv" || value.starts_with("multipart/")) =>
            {
                self.note_charset(label.as_deref());
                let mut text = charset::decode(&bytes, label.as_deref(), self.charset);
                if kind.get("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed")) {
                    text = plain::unflow(&text, kind.get("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes")));
                }
                return vec![Text::Plain(plain::tidy(&text))];
            }
            // Pictures in the text are no attachments to anybody.
            value if value.starts_with("image/") && part_header(part, raw, &HeaderName::ContentId).is_some() => {}
            value if self.attachments.len() < MOST_ATTACHMENTS => {
                self.attachments.push(attachment::read(name, value, &bytes, label.as_deref(), self.charset));
            }
            _ => {}
        }
        Vec::new()
    }

    fn note_charset(&mut self, label: Option<&str>) {
        if self.charset.is_none() {
            self.charset = label.and_then(charset::by_label);
        }
    }

    fn returned(&mut self, mail: &[u8]) {
        if let Some(id) = report::returned_message_id(mail) {
            self.delivery_report.get_or_insert_default().original_message_id.get_or_insert(id);
        }
    }

    /// A mail inside the mail: returned by a report, or forwarded.
    fn nested(&mut self, part: &MessagePart<'_>, raw: &[u8], bytes: &[u8], depth: usize, in_report: bool) {
        if in_report {
            self.returned(bytes);
            return;
        }
        let PartType::Message(message) = &part.body else { return };
        // An encoded inner mail has bytes of its own, a plain one lies in those of the outer.
        let inner_raw = if message.raw_message.is_empty() { raw } else { message.raw_message.as_ref() };
        let mut inner = Parts { looked_at: self.looked_at, ..Parts::default() };
        let texts = inner.walk(message, inner_raw, 0, depth + 1, false);
        let text = inner.choose(texts, false);
        self.looked_at = inner.looked_at;
        self.attachments
            .extend(inner.attachments.into_iter().take(MOST_ATTACHMENTS.saturating_sub(self.attachments.len())));
        self.other_texts.push(text.clone());
        if self.inner.is_none() {
            let header = message
                .parts
                .first()
                .and_then(|root| inner_raw.get(root.offset_header as usize..root.offset_body as usize))
                .unwrap_or_default()
                .to_vec();
            self.inner = Some(Inner { header, text });
        }
    }
}

/// A part's content type by its raw header: parameters in any charset, and `text/plain` where nothing is said.
fn content_type(part: &MessagePart<'_>, raw: &[u8]) -> Parameterised {
    let mut kind = part_header(part, raw, &HeaderName::ContentType).map(Parameterised::parse).unwrap_or_default();
    if !kind.value.contains('/') {
        kind.value = if part.is_message() { "message/rfc822" } else { "text/plain" }.to_owned();
    }
    kind
}

fn part_header<'m>(part: &MessagePart<'_>, raw: &'m [u8], name: &HeaderName<'_>) -> Option<&'m [u8]> {
    let header = part.headers.iter().find(|h| h.name == *name)?;
    raw.get(header.offset_start as usize..header.offset_end as usize)
}

/// A part's bytes, its transfer encoding undone. The parser has decoded the text as well, but lossily.
fn content(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    let bytes = raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let encoding = part_header(part, raw, &HeaderName::ContentTransferEncoding).unwrap_or_default();
    let encoding = String::from_utf8_lossy(encoding).trim().to_ascii_lowercase();
    match encoding.as_str() {
        "base64" => transfer::base64(bytes),
        "quoted-printable" => transfer::quoted_printable(bytes),
        _ => bytes.to_vec(),
    }
}
