//! A letter as its reader has it.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use mail_parser::MessageParser;

/// A letter as its reader has it.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub from: String,
    /// The template's name, from the letter's own header.
    pub name: String,
    pub subject: String,
    pub text: String,
    /// None where the letter came as text alone.
    pub html: Option<String>,
    pub message_id: String,
    pub reply_to: Option<String>,
}

impl Letter {
    /// Reads a letter as a mail program does.
    pub fn read(bytes: &[u8]) -> Self {
        let mail = MessageParser::default().parse(bytes).unwrap();
        let address = |list: Option<&mail_parser::Address<'_>>| {
            list.and_then(|list| list.first()).and_then(|one| one.address()).map(str::to_owned)
        };
        Self {
            to: address(mail.to()).unwrap(),
            from: address(mail.from()).unwrap(),
            name: mail.header("X-Ringi-Letter").and_then(|value| value.as_text()).unwrap().trim().to_owned(),
            subject: mail.subject().unwrap().to_owned(),
            text: mail.body_text(0).unwrap().into_owned(),
            html: (!mail.html_body.is_empty() && mail.parts.len() > 1).then(|| mail.body_html(0).unwrap().into_owned()),
            message_id: mail.message_id().unwrap().to_owned(),
            reply_to: address(mail.reply_to()),
        }
    }
}
