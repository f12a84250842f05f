//! Our own check of DKIM signatures, the second evidence of rule T7: real mails, real signatures, a real resolver.

use std::time::Instant;

use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::DkimSigner;
use ringi::domain::task::TaskCause;

use crate::dns::{Dns, Mood};
use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request};
use crate::world::World;

const WAITS: &[&str] = &["pending_administrator_review"];
/// What a careful signer covers.
const COVERS: &[&str] =
    &["From", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding"];

/// A desk whose server vouches for nobody, and the name server that it asks.
struct Setting {
    world: World,
    dns: Dns,
    key: Vec<u8>,
    asking: Letter,
}

impl Setting {
    /// One approval is open, asked of Ann.
    async fn new() -> Self {
        let dns = Dns::start();
        let config = format!("trust = {{ dns = \"{}\" }}", dns.address);
        let mut world = World::builder().with("trust = { authserv_id = \"mx.vendor.example\" }", &config).build().await;
        world.works(english_request("90002001").bytes()).await;
        let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
        let key = Ed25519Key::generate_pkcs8().unwrap();
        let setting = Self { world, dns, key, asking };
        setting.dns.set("s._domainkey.redwood.example", &setting.record(""));
        setting
    }

    /// The record of the key, with further tags.
    fn record(&self, tags: &str) -> String {
        let public = Ed25519Key::from_pkcs8_der(&self.key).unwrap().public_key();
        format!("v=DKIM1; k=ed25519; {tags}p={}", data_encoding::BASE64.encode(&public))
    }

    fn signed(&self, mail: &[u8], domain: &str, covers: &[&str]) -> Vec<u8> {
        let signer = DkimSigner::from_key(Ed25519Key::from_pkcs8_der(&self.key).unwrap());
        let signer = signer.domain(domain).selector("s").headers(covers.iter().copied());
        [signer.sign(mail).unwrap().to_header().into_bytes(), mail.to_vec()].concat()
    }

    /// Ann's answer, of which the server knows nothing.
    fn answer(&self, words: &str) -> Mail {
        Mail::reply(&self.asking, words).verified(Verified::No)
    }

    /// The mail changes nothing; gives the sentence of the timeline that says why.
    async fn decides_nothing(&mut self, mail: impl AsRef<[u8]>) -> String {
        self.world.works(&mail).await;
        assert_eq!(self.world.standings().await, WAITS, "{}", String::from_utf8_lossy(mail.as_ref()));
        self.world.read_all();
        let request = self.world.request().await;
        assert!(request.items[0].votes.is_empty());
        let timeline = self.world.timeline(&request.reference).await;
        timeline.into_iter().rfind(|sentence| sentence.starts_with("Not counted")).unwrap()
    }
}

fn text(mail: Vec<u8>) -> String {
    String::from_utf8(mail).unwrap()
}

#[tokio::test]
async fn t7_an_answer_signed_by_from_s_own_domain_counts_where_no_server_vouches() {
    let mut at = Setting::new().await;
    let mail = at.signed(&at.answer("Approved.").bytes(), "redwood.example", COVERS);
    at.world.works(mail).await;
    assert_eq!(at.world.standings().await, ["approved"]);
    at.world.read_all();
}

#[tokio::test]
async fn t7_a_signature_holds_in_a_mail_that_was_stored_with_bare_line_feeds() {
    let mut at = Setting::new().await;
    let mail = text(at.signed(&at.answer("Approved.").bytes(), "redwood.example", COVERS));
    at.world.works(mail.replace("\r\n", "\n")).await;
    assert_eq!(at.world.standings().await, ["approved"]);
    at.world.read_all();
}

#[tokio::test]
async fn t5_a_signed_request_is_verified_and_says_by_what() {
    let mut at = Setting::new().await;
    let mail = Mail::from("Ann Lake <ann@redwood.example>").verified(Verified::No);
    let body = text(english_request("90002001").bytes()).split_once("\r\n\r\n").unwrap().1.replace("sam@", "joe@");
    at.world.works(at.signed(&mail.body(&body).bytes(), "redwood.example", COVERS)).await;
    let request = at.world.requests().await.pop().unwrap();
    assert!(request.sender_verified);
    let timeline = at.world.timeline(&request.reference).await;
    assert!(timeline[0].contains("verified by dkim d=redwood.example (checked here)"), "{timeline:?}");
    at.world.read_all();
}

#[tokio::test]
async fn t7_a_signature_that_is_not_whole_not_ours_or_not_of_these_days_changes_nothing_and_says_why() {
    let mut at = Setting::new().await;
    at.world.expect_warning("letters are held back");
    // Each answer in other words: to the ledger, the same words under the same Message-ID are the same mail.
    let words = std::cell::Cell::new(0);
    let answer = |at: &Setting| {
        words.set(words.get() + 1);
        text(at.answer(&format!("Approved. {}", words.get())).bytes())
    };
    let sign = |at: &Setting, mail: &str, covers: &[&str]| text(at.signed(mail.as_bytes(), "redwood.example", covers));
    let whole = |at: &Setting| sign(at, &answer(at), COVERS);
    let without = |at: &Setting, name: &str| {
        let covers: Vec<&str> = COVERS.iter().copied().filter(|field| *field != name).collect();
        sign(at, &answer(at), &covers)
    };
    let elsewhere = |mail: &str| {
        let lines = mail.split_inclusive("\r\n");
        lines
            .map(|line| if line.starts_with("To: ") { "To: other@elsewhere.example\r\n" } else { line })
            .collect::<String>()
    };
    let cases = [
        // Something was changed or added after signing.
        (whole(&at).replacen("Approved.", "Approved!", 1), "does not verify"),
        (whole(&at).replacen("Subject: Re: ", "Subject: Re: Re: ", 1), "does not verify"),
        (format!("{}\r\nAnd one thing more.\r\n", whole(&at)), "does not verify"),
        (format!("Subject: Denied\r\n{}", whole(&at)), "has subject twice"),
        (format!("Content-Type: text/html\r\n{}", whole(&at)), "has content-type twice"),
        (format!("Message-ID: <other@redwood.example>\r\n{}", whole(&at)), "has message-id twice"),
        (
            format!("Content-Transfer-Encoding: 8bit\r\n{}", without(&at, "Content-Transfer-Encoding")),
            "does not cover content-transfer-encoding",
        ),
        // Too little is covered.
        (without(&at, "Subject"), "does not cover subject"),
        (without(&at, "Date"), "does not cover date"),
        (without(&at, "Message-ID"), "does not cover message-id"),
        (without(&at, "Content-Type"), "does not cover content-type"),
        (whole(&at).replacen(" a=", " l=20; a=", 1), "does not cover the whole body"),
        // Sent again: later, or to somebody else.
        (sign(&at, &answer(&at).replace("Tue, 24 Nov 2026", "Tue, 10 Nov 2026"), COVERS), "not of these days"),
        (sign(&at, &elsewhere(&answer(&at)), COVERS), "a mail to somebody else"),
        (whole(&at).replacen(" a=", " x=1000000000; a=", 1), "has expired"),
        // Old hashes.
        (whole(&at).replacen("a=ed25519-sha256", "a=rsa-sha1", 1), "uses SHA-1"),
    ];
    for (mail, why) in cases {
        let sentence = at.decides_nothing(mail).await;
        assert!(sentence.contains(why), "{why}: {sentence}");
    }
}

#[tokio::test]
async fn t7_a_stranger_s_signature_says_nothing_about_from() {
    for domain in
        ["attacker.example", "mail.redwood.example", "example", "wood.example", "redwood.example.attacker.example"]
    {
        let mut at = Setting::new().await;
        at.dns.set(&format!("s._domainkey.{domain}"), &at.record(""));
        let mail = at.signed(&at.answer("Approved.").bytes(), domain, COVERS);
        let asked = at.dns.questions();
        at.decides_nothing(mail).await;
        assert_eq!(at.dns.questions(), asked, "nobody need be asked about {domain}");
    }
}

#[tokio::test]
async fn t7_a_key_that_is_revoked_tested_for_something_else_or_not_there_signs_nothing() {
    for (record, why) in [
        (Some("v=DKIM1; k=ed25519; p="), "does not verify"),
        (Some("t=y"), "only tests"),
        (Some("s=tlsrpt"), "not for mail"),
        (Some("v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM"), "does not verify"),
        (None, "the DNS does not have"),
    ] {
        let mut at = Setting::new().await;
        let record = match record {
            Some(tag) if !tag.starts_with("v=") => Some(at.record(&format!("{tag}; "))),
            other => other.map(str::to_owned),
        };
        let mail = at.signed(&at.answer("Approved.").bytes(), "redwood.example", COVERS);
        match record {
            Some(record) => at.dns.set("s._domainkey.redwood.example", &record),
            None => at.dns.forget("s._domainkey.redwood.example"),
        }
        let sentence = at.decides_nothing(mail).await;
        assert!(sentence.contains(why), "{why}: {sentence}");
    }
}

#[tokio::test]
async fn t7_a_mail_sent_again_by_a_stranger_is_the_duplicate_that_it_is() {
    let mut at = Setting::new().await;
    let mail = at.signed(&at.answer("Approved.").bytes(), "redwood.example", COVERS);
    at.world.works(&mail).await;
    assert_eq!(at.world.standings().await, ["approved"]);
    at.world.read_all();
    let again = format!("Received: from attacker.example by x\r\nDelivered-To: desk@vendor.example\r\n{}", text(mail));
    at.world.works(again).await;
    at.world.no_letters();
}

#[tokio::test]
async fn t7_a_name_server_that_says_nothing_makes_a_mail_unverified_and_never_forged() {
    for mood in [Mood::Silent, Mood::Fails] {
        let mut at = Setting::new().await;
        at.dns.mood(mood);
        let mail = at.signed(&at.answer("Approved.").bytes(), "redwood.example", COVERS);
        let begun = Instant::now();
        at.world.works(mail).await;
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        assert_eq!(at.world.standings().await, WAITS);
        let confirmation = at.world.letter_to("ann@redwood.example");
        assert_eq!(confirmation.name, "approval_confirmation");
        let request = at.world.request().await;
        let timeline = at.world.timeline(&request.reference).await;
        assert!(timeline.iter().any(|sentence| sentence.contains("the DNS did not answer")), "{timeline:?}");
        // Not asked again at once; and asked again once it may have recovered.
        at.dns.mood(Mood::Answers);
        let asked = at.dns.questions();
        let answer = |words: &str| Mail::reply(&confirmation, words).verified(Verified::No).bytes();
        at.world.works(at.signed(&answer("Approved."), "redwood.example", COVERS)).await;
        assert_eq!((at.dns.questions(), at.world.standings().await), (asked, vec![WAITS[0].to_owned()]));
        assert_eq!(at.world.tasks().await, [TaskCause::AnswerNotConfirmed]);
        at.world.at("2026-11-24T10:06");
        at.world.works(at.signed(&answer("I approve."), "redwood.example", COVERS)).await;
        assert_eq!(at.world.standings().await, ["approved"]);
        at.world.read_all();
    }
}

#[tokio::test]
async fn t7_a_flood_of_mails_whose_keys_cannot_be_had_takes_no_more_than_three_waits() {
    let mut at = Setting::new().await;
    at.dns.mood(Mood::Silent);
    let begun = Instant::now();
    for n in 0..12 {
        let domain = format!("attacker{n}.example");
        let mail = Mail::from(&format!("m@{domain}")).verified(Verified::No).body("Hello, is anybody there?");
        at.world.receive(at.signed(&mail.bytes(), &domain, COVERS));
    }
    at.world.settle().await;
    let waited = begun.elapsed();
    assert!(waited.as_secs() < 20, "{waited:?}");
    at.world.read_all();
}

#[tokio::test]
async fn h3_a_mail_that_the_server_calls_forged_stays_so_whatever_it_is_signed_by() {
    let dns = Dns::start();
    let config = format!("trust = {{ authserv_id = \"mx.vendor.example\", dns = \"{}\"", dns.address);
    let mut world = World::builder().with("trust = { authserv_id = \"mx.vendor.example\"", &config).build().await;
    let key = Ed25519Key::generate_pkcs8().unwrap();
    let signer = DkimSigner::from_key(Ed25519Key::from_pkcs8_der(&key).unwrap());
    let mail = english_request("90002001").verified(Verified::DmarcFail).bytes();
    let header =
        signer.domain("redwood.example").selector("s").headers(COVERS.iter().copied()).sign(&mail).unwrap().to_header();
    world.works([header.into_bytes(), mail].concat()).await;
    assert!(world.requests().await.is_empty() && dns.questions() == 0);
    assert_eq!(world.tasks().await, [TaskCause::DmarcFail]);
    world.read_all();
}
