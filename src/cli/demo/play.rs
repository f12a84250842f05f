//! The demo's administrators: they read the letters that left, never the store, and answer as people do.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, Message};
use mail_parser::MessageParser;

/// What a person does with a letter that asks.
enum Answer {
    /// Replies in words.
    Words(&'static str),
    /// Is away: the mail program answers.
    Away(&'static str),
    /// The mailbox is gone: the mail server answers.
    Bounces,
    /// Somebody else writes first, under this person's name and without the letter; then the person replies.
    ForgedThenWords(&'static str, &'static str),
    Silence,
}

/// A letter as its reader sees it.
struct Letter {
    message_id: String,
    to: String,
    to_name: Option<String>,
    reply_to: String,
    subject: String,
    text: String,
}

/// Answers letters out of the outgoing Maildir into the mailbox.
pub struct Player {
    letters: PathBuf,
    mailbox: PathBuf,
    read: BTreeSet<PathBuf>,
    delivered: u32,
}

impl Player {
    /// The administrators of the demo in `dir`.
    pub fn new(dir: &Path) -> Self {
        Self { letters: dir.join("letters"), mailbox: dir.join("mailbox"), read: BTreeSet::new(), delivered: 0 }
    }

    /// Answers the letters that nobody has read yet. Gives the number of mails that came of it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn step(&mut self) -> io::Result<usize> {
        let mut files = Vec::new();
        for folder in ["new", "cur"] {
            for entry in fs::read_dir(self.letters.join(folder))? {
                files.push(entry?.path());
            }
        }
        files.sort();
        let mut mails = 0;
        for file in files {
            if self.read.contains(&file) {
                continue;
            }
            let bytes = fs::read(&file)?;
            // Read from now on: what cannot be answered is not answered later either.
            self.read.insert(file);
            let Some(letter) = letter(&bytes) else { continue };
            for mail in answers(&letter) {
                self.delivered += 1;
                deliver(&self.mailbox, &format!("reply{:03}", self.delivered), &mail)?;
                mails += 1;
            }
        }
        Ok(mails)
    }
}

/// Puts a mail into a Maildir, as a mail server does.
///
/// # Errors
/// Those of the file system.
pub fn deliver(maildir: &Path, name: &str, mail: &[u8]) -> io::Result<()> {
    let being_written = maildir.join("tmp").join(name);
    fs::write(&being_written, mail)?;
    fs::rename(being_written, maildir.join("new").join(name))
}

/// A letter that asks: it alone has an address of its own to reply to.
fn letter(bytes: &[u8]) -> Option<Letter> {
    let mail = MessageParser::default().parse(bytes)?;
    let to = mail.to()?.first()?;
    Some(Letter {
        message_id: mail.message_id()?.to_owned(),
        to: to.address()?.to_owned(),
        to_name: to.name().map(str::to_owned),
        reply_to: mail.reply_to()?.first()?.address()?.to_owned(),
        subject: mail.subject()?.to_owned(),
        text: mail.body_text(0)?.into_owned(),
    })
}

fn what_is_done(letter: &Letter) -> Answer {
    match letter.to.as_str() {
        "takase@minato-seiki.example" => Answer::Words("承認します。よろしくお願いいたします。"),
        "noguchi@aoyama-systems.example" if letter.text.contains("90210035") => {
            Answer::Words("お世話になっております。野口です。\n90210035の件、承認いたします。")
        }
        "noguchi@aoyama-systems.example" => {
            Answer::Away("野口は11月30日まで不在にしております。お急ぎの場合は代表番号へご連絡ください。")
        }
        "sawada@kitahama-denko.example" => {
            Answer::Words("却下します。先方との委託契約がまだ締結されていないためです。")
        }
        "kubo@kitahama-denko.example" => Answer::Bounces,
        "grace.hill@lakeside-foods.example" if letter.text.contains("look into it") => {
            Answer::Words("Approved. Please go ahead.")
        }
        "grace.hill@lakeside-foods.example" => {
            Answer::ForgedThenWords("I approve this request.", "Thanks, got it. I will look into it this afternoon.")
        }
        _ => Answer::Silence,
    }
}

fn answers(letter: &Letter) -> Vec<Vec<u8>> {
    match what_is_done(letter) {
        Answer::Words(words) => reply(letter, words, true).into_iter().collect(),
        Answer::Away(words) => away(letter, words).into_iter().collect(),
        Answer::Bounces => vec![bounce(letter)],
        Answer::ForgedThenWords(forged_words, words) => {
            forged(letter, forged_words).into_iter().chain(reply(letter, words, true)).collect()
        }
        Answer::Silence => Vec::new(),
    }
}

/// What the desk's own server writes above a mail that it took in.
fn trace(letter: &Letter, delivered_to: &str, verified: bool) -> Vec<u8> {
    let domain = letter.to.rsplit('@').next().unwrap_or_default();
    let result = if verified { "pass" } else { "none" };
    format!(
        "Authentication-Results: mx.vendor.example;\r\n dkim={result} header.d={domain}; dmarc={result} header.from={domain}\r\n\
         Received: from mail.{domain} by mx.vendor.example\r\nDelivered-To: {delivered_to}\r\n"
    )
    .into_bytes()
}

fn mailbox(letter: &Letter) -> Option<Mailbox> {
    Some(Mailbox::new(letter.to_name.clone(), letter.to.parse().ok()?))
}

fn reply(letter: &Letter, words: &str, verified: bool) -> Option<Vec<u8>> {
    let quote: String = letter.text.lines().map(|line| format!("> {line}\n")).collect();
    let mail = Message::builder()
        .from(mailbox(letter)?)
        .to(letter.reply_to.parse().ok()?)
        .subject(format!("Re: {}", letter.subject))
        .in_reply_to(format!("<{}>", letter.message_id))
        .references(format!("<{}>", letter.message_id))
        .message_id(Some(format!("<reply-{:x}@{}>", fingerprint(&letter.message_id), domain(letter))))
        .header(lettre::message::header::MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::Base64)
        .body(format!("{words}\n\nOn {} wrote:\n{quote}", "Vendor Support Desk <desk@vendor.example>"))
        .ok()?;
    Some([trace(letter, &letter.reply_to, verified), mail.formatted()].concat())
}

/// From bears the administrator's name, and the writer has seen the reference but not the letter. The verdict above it was
/// written by the attacker, under the id that the desk's server uses.
fn forged(letter: &Letter, words: &str) -> Option<Vec<u8>> {
    let mail = Message::builder()
        .from(mailbox(letter)?)
        .to("desk@vendor.example".parse().ok()?)
        .subject(format!("Re: {}", letter.subject))
        .message_id(Some(format!("<forged-{:x}@mail.attacker.example>", fingerprint(&letter.message_id))))
        .header(lettre::message::header::MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .body(words.to_owned())
        .ok()?;
    let claimed = trace(letter, "desk@vendor.example", true);
    Some([trace(letter, "desk@vendor.example", false), claimed, mail.formatted()].concat())
}

fn away(letter: &Letter, words: &str) -> Option<Vec<u8>> {
    let mail = Message::builder()
        .from(mailbox(letter)?)
        .to(letter.reply_to.parse().ok()?)
        .subject(format!("自動応答: {}", letter.subject))
        .in_reply_to(format!("<{}>", letter.message_id))
        .message_id(Some(format!("<away-{:x}@{}>", fingerprint(&letter.message_id), domain(letter))))
        .header(AutoSubmitted)
        .header(lettre::message::header::MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::Base64)
        .body(words.to_owned())
        .ok()?;
    Some([trace(letter, &letter.reply_to, true), mail.formatted()].concat())
}

fn bounce(letter: &Letter) -> Vec<u8> {
    let (to, id, domain) = (&letter.to, &letter.message_id, domain(letter));
    format!(
        "Authentication-Results: mx.vendor.example; dmarc=none header.from={domain}\r\n\
         Return-Path: <>\r\nDelivered-To: desk@vendor.example\r\n\
         From: Mail Delivery System <MAILER-DAEMON@{domain}>\r\nTo: desk@vendor.example\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n\
         Message-ID: <bounce-{:x}@{domain}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"bounce\"\r\n\r\n\
         --bounce\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
         The mail could not be delivered to <{to}>: 550 5.1.1 no such user.\r\n\
         --bounce\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mail.{domain}\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n\
         --bounce\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         From: desk@vendor.example\r\nTo: {to}\r\nMessage-ID: <{id}>\r\n\r\n--bounce--\r\n",
        fingerprint(id)
    )
    .into_bytes()
}

fn domain(letter: &Letter) -> &str {
    letter.to.rsplit('@').next().unwrap_or_default()
}

/// A Message-ID's place in other Message-IDs (FNV-1a).
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// RFC 3834.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-replied".to_owned())
    }
}
