//! Letters handed to a real SMTP server, in the clear on loopback, over TLS and over STARTTLS, with and without login.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails loudly")]

#[path = "support/smtp_server.rs"]
mod smtp_server;

use std::time::Duration;

use ringi::domain::address::EmailAddress;
use ringi::secret::Secret;
use ringi::sending::{Envelope, Security, Sent, Smtp, SmtpOptions};
use ringi::tls::{self, Trust};
use smtp_server::{Encryption, SmtpServer, Wishes};

const LETTER: &str = "From: desk@ringi.example\r\nSubject: [RG-7K3M9Q]\r\n\r\n.\r\n稟議\r\n\r\n";

fn options(server: &SmtpServer, security: Security, trust: Trust) -> SmtpOptions {
    SmtpOptions {
        host: "127.0.0.1".into(),
        port: server.port,
        security,
        user: None,
        password: None,
        trust,
        hello_name: None,
        timeout: Duration::from_secs(20),
    }
}

async fn send(options: SmtpOptions, to: &str) -> Sent {
    let parse = |text| EmailAddress::parse(text).unwrap();
    let envelope = Envelope { from: parse("desk@ringi.example"), to: parse(to) };
    let mut smtp = Smtp::new(options).unwrap();
    let sent = smtp.send(&envelope, LETTER.as_bytes()).await;
    smtp.close().await;
    sent
}

#[tokio::test]
#[ignore = "needs aiosmtpd"]
async fn a_real_server_takes_a_letter_byte_for_byte_even_for_an_odd_address() {
    let server = SmtpServer::start();
    let sent = send(options(&server, Security::Plain, Trust::System), "a..b.@docomo.ne.jp").await;
    assert_eq!(sent, Sent::Accepted { reply: "250 2.0.0 stored as 1".into() });
    assert!(server.letters()[0].to[0].ends_with("@docomo.ne.jp"));
    assert_eq!(server.letters()[0].bytes, LETTER.as_bytes());
}

#[tokio::test]
#[ignore = "needs aiosmtpd"]
async fn tls_and_starttls_with_login_and_a_certificate_of_the_server_s_own() {
    for (encryption, security) in [(Encryption::Implicit, Security::Tls), (Encryption::StartTls, Security::StartTls)] {
        let server = SmtpServer::start_with(&Wishes { encryption, login: Some(("desk", "s3cret")) });
        for trust in [Trust::CaFile(server.ca_file()), Trust::PinnedSha256(tls::fingerprint(server.certificate()))] {
            let login = |password| SmtpOptions {
                user: Some("desk".into()),
                password: Some(Secret::new(password).into()),
                ..options(&server, security, trust.clone())
            };
            let before = server.letters().len();
            let wrong = send(login("guess"), "kei.mori@haruka.example").await;
            assert!(matches!(wrong, Sent::Deferred { surroundings: true, .. }), "{wrong:?}");
            assert_eq!(server.letters().len(), before);

            let right = send(login("s3cret"), "kei.mori@haruka.example").await;
            assert!(matches!(right, Sent::Accepted { .. }), "{right:?}");
            assert_eq!(server.letters().len(), before + 1);
        }
        assert_eq!(server.letters()[0].bytes, LETTER.as_bytes());
    }
}

#[tokio::test]
#[ignore = "needs aiosmtpd"]
async fn a_certificate_that_nobody_vouches_for_gets_no_letter() {
    for (encryption, security) in [(Encryption::Implicit, Security::Tls), (Encryption::StartTls, Security::StartTls)] {
        let server = SmtpServer::start_with(&Wishes { encryption, login: None });
        let sent = send(options(&server, security, Trust::PinnedSha256([7; 32])), "kei.mori@haruka.example").await;
        assert!(matches!(sent, Sent::Deferred { surroundings: true, .. }), "{sent:?}");
        assert_eq!(server.letters(), []);
    }
}

#[tokio::test]
#[ignore = "needs aiosmtpd"]
async fn a_login_that_the_server_asks_for_and_nobody_gave_rejects_nobody() {
    let server = SmtpServer::start_with(&Wishes { encryption: Encryption::None, login: Some(("desk", "s3cret")) });
    let sent = send(options(&server, Security::Plain, Trust::System), "kei.mori@haruka.example").await;
    assert!(matches!(sent, Sent::Deferred { surroundings: true, .. }), "{sent:?}");
    assert_eq!(server.letters(), []);
}
