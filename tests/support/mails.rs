//! Mails as correspondents write them, and as the desk's own server passes them on.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use crate::letter::Letter;

/// What the receiving server found out about From.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    Yes,
    /// No policy, no signature.
    No,
    /// The domain's own policy says that the mail is forged.
    DmarcFail,
}

/// A mail being written.
#[derive(Debug, Clone)]
pub struct Mail {
    from: String,
    to: String,
    subject: String,
    verified: Verified,
    headers: Vec<String>,
    body: String,
    n: u32,
}

impl Mail {
    /// A mail to the desk from an address, optionally `Name <address>`.
    pub fn from(from: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: "desk@vendor.example".to_owned(),
            subject: "Registration".to_owned(),
            verified: Verified::Yes,
            headers: Vec::new(),
            body: String::new(),
            n: 0,
        }
    }

    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = subject.to_owned();
        self
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub fn verified(mut self, verified: Verified) -> Self {
        self.verified = verified;
        self
    }

    /// The same words from another address.
    pub fn written_by(mut self, from: &str) -> Self {
        self.from = from.to_owned();
        self
    }

    /// The same, with a piece of the body put differently.
    pub fn with(mut self, what: &str, otherwise: &str) -> Self {
        assert!(self.body.contains(what), "the mail has no {what:?}");
        self.body = self.body.replace(what, otherwise);
        self
    }

    /// A further header line, without its end.
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// Another mail with the same words.
    pub fn again(mut self) -> Self {
        self.n += 1;
        self
    }

    /// To another address than the desk's own.
    pub fn to(mut self, to: &str) -> Self {
        self.to = to.to_owned();
        self
    }

    /// A reply that a mail program makes of a letter: to its reply address, in its thread, with the letter quoted below.
    pub fn reply(letter: &Letter, words: &str) -> Self {
        let quote: String = letter.text.lines().map(|line| format!("> {line}\r\n")).collect();
        Self::from(&letter.to)
            .to(letter.reply_to.as_deref().unwrap_or("desk@vendor.example"))
            .subject(&format!("Re: {}", letter.subject))
            .header(&format!("In-Reply-To: <{}>", letter.message_id))
            .header(&format!("References: <{}>", letter.message_id))
            .body(&format!(
                "{words}\r\n\r\nOn Tue, Nov 24, 2026 at 10:00 Support Desk <desk@vendor.example> wrote:\r\n{quote}"
            ))
    }

    /// The bytes as the desk's server stores them.
    pub fn bytes(&self) -> Vec<u8> {
        let address = self.from.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
        let domain = address.rsplit('@').next().unwrap_or_default();
        let result = match self.verified {
            Verified::Yes => "pass",
            Verified::No => "none",
            Verified::DmarcFail => "fail",
        };
        let digest = self
            .body
            .bytes()
            .chain(self.subject.bytes())
            .chain(self.from.bytes())
            .fold(7u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut mail = format!(
            "Authentication-Results: mx.vendor.example; dmarc={result} header.from={domain}\r\n\
             Received: from mail.{domain} by mx.vendor.example\r\n\
             Delivered-To: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0900\r\nMessage-ID: <{digest:x}.{}@{domain}>\r\n",
            self.to,
            encoded(&self.from),
            self.to,
            encoded(&self.subject),
            self.n,
        );
        for line in &self.headers {
            mail.push_str(line);
            mail.push_str("\r\n");
        }
        if !self.headers.iter().any(|line| line.starts_with("Content-Type:")) {
            mail.push_str("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n");
        }
        mail.push_str("\r\n");
        mail.push_str(&self.body);
        mail.into_bytes()
    }
}

/// Non-ASCII as one encoded word; a display name keeps its address plain.
fn encoded(text: &str) -> String {
    let word = |text: &str| format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(text.as_bytes()));
    match text.split_once(" <") {
        _ if text.is_ascii() => text.to_owned(),
        Some((name, address)) if address.ends_with('>') => format!("{} <{address}", word(name)),
        _ => word(text),
    }
}

/// A whole third-party request in Japanese by 安藤, for the contracts named.
pub fn japanese_request(contracts: &str) -> Mail {
    Mail::from("安藤 直子 <ando@hibari.example>").subject("契約番号の登録依頼").body(&format!(
        "サポート窓口 御中\r\n\r\nひばり工業の安藤です。第三者の登録をお願いいたします。\r\n\r\n\
         契約番号：{contracts}\r\n\
         登録希望ユーザのメールアドレス：mori@operator.example\r\n\
         登録希望ユーザの氏名：森 一郎\r\n\
         登録希望ユーザの会社名：オペレータ株式会社\r\n\
         承認者のメールアドレス：ando@hibari.example\r\n\
         承認者の氏名：安藤 直子\r\n\
         承認者の会社名：株式会社ひばり工業\r\n\
         理由：保守を委託しているため\r\n\r\n安藤\r\n"
    ))
}

/// A whole third-party request in English by Ann Lake, for the contracts named.
pub fn english_request(contracts: &str) -> Mail {
    Mail::from("Ann Lake <ann@redwood.example>").subject("Please register our contractor").body(&format!(
        "Hello,\r\n\r\nplease register the contractor below.\r\n\r\n\
         Contract number: {contracts}\r\n\
         User's e-mail: sam@operator.example\r\nUser's name: Sam Poe\r\nUser's company: Operator Ltd.\r\n\
         Approver's e-mail: ann@redwood.example\r\nApprover's name: Ann Lake\r\nApprover's company: Redwood Foods Ltd.\r\n\
         Reason: they run our network\r\n\r\nKind regards,\r\nAnn Lake\r\n"
    ))
}
