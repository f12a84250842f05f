//! Whole mails, each named by its quirk.

use crate::domain::words::{Class, Language};
use crate::reading::{OpenedMail, Reader};
use crate::rules;

fn open(mail: impl AsRef<[u8]>) -> OpenedMail {
    Reader::new(rules::shared()).open(mail.as_ref())
}

fn in_charset(encoding: &'static encoding_rs::Encoding, label: &str, text: &str) -> Vec<u8> {
    let mut mail =
        format!("From: kei@haruka.example\r\nSubject: x\r\nContent-Type: text/plain; charset={label}\r\n\r\n")
            .into_bytes();
    mail.extend(encoding.encode(text).0.iter());
    mail
}

#[test]
fn a_mail_whose_lines_end_by_cr_alone_reads_like_any_other() {
    let mail = open("From: kei@haruka.example\rSubject: hello\r\rfirst line\rsecond line\r");
    assert_eq!(mail.subject, "hello");
    assert_eq!(mail.visible_text, "first line\nsecond line");
}

#[test]
fn a_mail_in_a_mail_in_a_mail_is_opened() {
    let mail = open(
        "From: kei@haruka.example\nSubject: three\nContent-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\n\nouter\n\
         --a\nContent-Type: message/rfc822\n\nSubject: two\nContent-Type: message/rfc822\n\nSubject: one\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\
         Content-Type: text/plain\n\ninner\n--c--\n--b--\n--a--\n",
    );
    assert_eq!(mail.visible_text, "outer");
}

#[test]
fn one_text_in_every_charset_reads_alike() {
    for (encoding, label) in [
        (encoding_rs::ISO_2022_JP, "ISO-2022-JP"),
        (encoding_rs::ISO_2022_JP, "CP50221"),
        (encoding_rs::ISO_2022_JP, "us-ascii"),
        (encoding_rs::SHIFT_JIS, "Shift_JIS"),
        (encoding_rs::SHIFT_JIS, "windows-932"),
        (encoding_rs::SHIFT_JIS, "unknown-8bit"),
        (encoding_rs::EUC_JP, "EUC-JP"),
        (encoding_rs::UTF_8, "ISO-2022-JP"),
        (encoding_rs::UTF_8, "\"\""),
    ] {
        let mail = open(in_charset(encoding, label, "契約番号の件、承認いたします。\r\n"));
        assert_eq!(mail.visible_text, "契約番号の件、承認いたします。", "{label}");
        assert_eq!(mail.language, Some(Language::Japanese), "{label}");
    }
}

#[test]
fn an_alternative_is_read_by_its_plain_text_and_by_its_html_where_that_is_blank() {
    let alternative = |plain: &str| {
        format!(
            "From: k@h.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>from html</p>\r\n--b--\r\n"
        )
    };
    assert_eq!(open(alternative("from plain")).visible_text, "from plain");
    assert_eq!(open(alternative("  ")).visible_text, "from html");
}

#[test]
fn html_with_the_charset_in_its_meta_element_only() {
    let mut mail = b"From: k@h.example\r\nContent-Type: text/html\r\n\r\n<meta charset=euc-jp><p>".to_vec();
    mail.extend(encoding_rs::EUC_JP.encode("承認").0.iter());
    assert_eq!(open(&mail).visible_text, "承認");
}

#[test]
fn a_csv_attachment_comes_as_rows_and_an_unread_one_says_why() {
    let mail = open(
        "From: k@h.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee attached\r\n--b\r\nContent-Type: text/csv; charset=utf-8; name=a.csv\r\nContent-Disposition: attachment; filename*=utf-8''%E5%A5%91%E7%B4%84.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiDQoxLDINCg==\r\n--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n",
    );
    assert_eq!(mail.visible_text, "see attached");
    assert_eq!(mail.attachments.len(), 2);
    assert_eq!(mail.attachments[0].name.as_deref(), Some("契約.csv"));
    assert_eq!(mail.attachments[0].rows, [["a", "b"], ["1", "2"]]);
    assert!(mail.attachments[1].not_read.is_some());
}

#[test]
fn c2_a_delivery_report_names_the_letter_and_the_recipient() {
    let mail = open(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.haruka.example\r\nSubject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nI'm sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; kei@haruka.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <RG-7K3M9Q.abcdefghijklmnopqrstuvwx27@vendor.example>\r\nSubject: x\r\n\r\napprove\r\n--b--\r\n",
    );
    assert_eq!(mail.noise.map(|n| n.class), Some(Class::Bounce));
    let report = mail.delivery_report.unwrap();
    assert_eq!(report.action.as_deref(), Some("failed"));
    assert_eq!(report.recipient.as_deref(), Some("kei@haruka.example"));
    assert_eq!(report.original_message_id.as_deref(), Some("RG-7K3M9Q.abcdefghijklmnopqrstuvwx27@vendor.example"));
    assert!(mail.forwarded.is_none(), "what was returned is no forward");
}

#[test]
fn t1_a_mail_forwarded_as_attachment_is_content_of_its_own_writer() {
    let mail = open(
        "From: jun@h.example\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfyi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Kei <kei@haruka.example>\r\nSubject: =?utf-8?B?55m76Yyy?=\r\nContent-Type: text/plain\r\n\r\napprove\r\n\r\n> older\r\n--b--\r\n",
    );
    assert_eq!(mail.visible_text, "fyi");
    let forwarded = mail.forwarded.unwrap();
    assert_eq!(forwarded.from.unwrap().address, "kei@haruka.example");
    assert_eq!(forwarded.subject.as_deref(), Some("登録"));
    assert_eq!(forwarded.text, "approve");
}

#[test]
fn t8_a_reference_line_in_the_html_alone_is_found() {
    let mail = open(
        "From: k@h.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nok\r\n--b\r\nContent-Type: text/html\r\n\r\nok<blockquote><table><tr><td>Ref</td><td>RG-7K3M9Q abcdefghijklmnopqrstuvwx27</td></tr></table></blockquote>\r\n--b--\r\n",
    );
    assert_eq!(mail.tokens.len(), 1);
}

#[test]
fn format_flowed_with_delsp_is_joined() {
    let mail = open(
        "From: k@h.example\r\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n承認 \r\nします\r\n",
    );
    assert_eq!(mail.visible_text, "承認します");
}

#[test]
fn an_invitation_is_noise() {
    let mail = open(
        "From: k@h.example\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n",
    );
    assert_eq!(mail.noise.map(|n| n.class), Some(Class::Calendar));
}

#[test]
fn what_cannot_be_read_says_why() {
    assert_eq!(open("").unreadable.as_deref(), Some("The mail is empty."));
    assert_eq!(open("\r\nhello").unreadable.as_deref(), Some("There is no mail header."));
    let encrypted = "From: k@h.example\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b--\r\n";
    assert_eq!(open(encrypted).unreadable.as_deref(), Some("The mail is encrypted."));
}

#[test]
fn no_zero_byte_comes_out() {
    let mail = open("From: \"K\0ei\" <k@h.example>\r\nSubject: a\0b\r\n\r\nc\0d");
    assert_eq!(mail.visible_text, "cd");
    assert!(!format!("{mail:?}").contains("\\0"));
}

#[test]
fn cut_and_mangled_mails_open() {
    let whole = include_bytes!("../../tests/mails/outlook-ja-jis-reply.eml");
    for end in 0..whole.len() {
        let _ = open(&whole[..end]);
    }
    let mut state = 1u32;
    for _ in 0..500 {
        let mut mail = whole.to_vec();
        for _ in 0..8 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = state as usize % mail.len();
            mail[at] = (state >> 24) as u8;
        }
        let _ = open(&mail);
    }
}

#[test]
fn deep_nesting_neither_hangs_nor_overflows() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
    let _ = open(format!("From: k@h.example\r\n{nested}"));
    let mut mail = String::from("From: k@h.example\r\n");
    for at in 0..3_000 {
        mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n"));
    }
    let _ = open(mail);
}
