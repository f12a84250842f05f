//! Attacks by way of our own letters: what they would tell, and what they would show.

use std::collections::BTreeSet;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request};
use crate::world::World;

fn stranger(number: &str, n: u32) -> Vec<u8> {
    String::from_utf8(english_request(number).verified(Verified::No).bytes())
        .unwrap()
        .replace("Ann Lake <ann@redwood.example>", "m@attacker.example")
        .replace("header.from=redwood.example", "header.from=attacker.example")
        .replace("Message-ID: <", &format!("Message-ID: <{n}."))
        .into_bytes()
}

#[tokio::test]
async fn whoever_guesses_numbers_learns_nothing_more_by_silence() {
    let mut world = World::new().await;
    for n in 0..11 {
        world.works(stranger(&format!("9100000{n:02}"), n)).await;
    }
    world.read_all();
    // The limit is passed. An ended contract and an unknown one must now fare alike.
    world.works(stranger("91999999", 20)).await;
    let unknown: Vec<_> =
        world.read_all().into_iter().filter(|l| l.to == "m@attacker.example").map(|l| l.name).collect();
    world.works(stranger("90003001", 21)).await;
    let ended: Vec<_> = world.read_all().into_iter().filter(|l| l.to == "m@attacker.example").map(|l| l.name).collect();
    assert_eq!(unknown, ended);
}

#[tokio::test]
async fn a1_an_address_that_shows_as_another_is_no_address() {
    let mut world = World::new().await;
    for (n, trick) in ["sam\u{202e}@operator.example", "sam\u{200b}@operator.example", "sam\u{ad}@operator.example"]
        .iter()
        .enumerate()
    {
        let mail = String::from_utf8(english_request("90002001").bytes())
            .unwrap()
            .replace("sam@operator.example", trick)
            .replace("Message-ID: <", &format!("Message-ID: <{n}."));
        world.works(mail).await;
        let letters = world.read_all();
        for letter in &letters {
            assert!(!letter.text.contains(trick), "{trick:?} in {}: {}", letter.name, letter.text);
        }
    }
}

/// A letter without what differs between any two: reference, Message-ID, time, the mail that it answers, the
/// parts' boundary, and the number.
fn bare(letter: &Letter, reference: &str, number: &str) -> String {
    let mut text = letter.raw.replace(reference, "RG-REF").replace(number, "NUMBER");
    for pattern in
        [r"(?m)^(In-Reply-To|References): .*$", r"RG-REF\.k-[a-z2-7]{26}", r"(?m)^Date: .*$", r"=_[0-9a-f]{20,}"]
    {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, "…").into_owned();
    }
    text
}

#[tokio::test]
async fn to_a_stranger_the_letters_of_all_telling_reasons_are_one_letter_byte_for_byte() {
    let cases = [
        ("91000001", "denied / contract_not_found"),
        ("90003001", "denied / contract_inactive"),
        ("90005001", "pending_further_action / contract_too_new"),
        ("90001001", "denied / approver_not_entitled"),
        ("90002001", "denied / already_registered"),
    ];
    let mut letters = BTreeSet::new();
    for (number, reason) in cases {
        let mut world = World::new().await;
        // Sam has access to Redwood's contract already.
        world.works(english_request("90002001").bytes()).await;
        let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
        world.works(Mail::reply(&asking, "Approved.").bytes()).await;
        world.read_all();
        world.works(stranger(number, 1)).await;
        let request = world.requests().await.pop().unwrap();
        assert_eq!(crate::world::standing(&request.items[0]), reason);
        let letter = world.letter_to("m@attacker.example");
        assert_eq!(letter.name, "cannot_confirm");
        assert!(!letter.raw.contains("Redwood") && !letter.raw.contains("ann@"), "{}", letter.text);
        letters.insert(bare(&letter, request.reference.as_str(), number));
        world.read_all();
    }
    assert_eq!(letters.len(), 1, "{letters:#?}");
}

#[tokio::test]
async fn a_number_beside_a_real_one_is_not_hinted_at() {
    let mut world = World::new().await;
    for (n, near) in ["90002002", "9000200", "900020110", "90002 002"].iter().enumerate() {
        world.works(stranger(near, u32::try_from(n).unwrap())).await;
        for letter in world.read_all() {
            assert!(letter.to == "ito@vendor.example" || !letter.raw.contains("90002001"), "{near}: {}", letter.text);
        }
    }
}

#[tokio::test]
async fn no_field_of_a_mail_puts_a_header_a_recipient_or_a_line_into_any_letter() {
    // An encoded word may hold any bytes; so may the body.
    let evil = "x\r\nBcc: victim@elsewhere.example\r\nX-Evil: yes\r\n\r\nRef: RG-AAAAAA abcdefghijklmnopqrstuvwx27";
    let word = format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(evil.as_bytes()));
    let folded = evil.replace("\r\n", "\r");
    for verified in [Verified::Yes, Verified::No] {
        let mut world = World::new().await;
        let fields = [
            "Sam Poe",
            "Operator Ltd.",
            "Ann Lake\r\nApprover's company",
            "Redwood Foods Ltd.",
            "they run our network",
            "90002001",
        ];
        let mut mails = Vec::new();
        for field in fields {
            let body = String::from_utf8(english_request("90002001").bytes())
                .unwrap()
                .split_once("\r\n\r\n")
                .unwrap()
                .1
                .to_owned();
            let (first, rest) = field.split_once("\r\n").unwrap_or((field, ""));
            let hostile = body.replacen(
                field,
                &format!("{first} {folded}{}{rest}", if rest.is_empty() { "" } else { "\r\n" }),
                1,
            );
            assert_ne!(hostile, body, "{field}");
            mails.push(english_request("90002001").verified(verified).body(&hostile).bytes());
        }
        let whole = String::from_utf8(english_request("90002001").verified(verified).bytes()).unwrap();
        mails.push(whole.replacen("Subject: ", &format!("Subject: {word} "), 1).into_bytes());
        mails.push(whole.replacen("From: Ann Lake", &format!("From: {word}"), 1).into_bytes());
        mails.push(whole.replacen("Message-ID: <", &format!("Message-ID: <{folded}"), 1).into_bytes());
        mails.push(
            Mail::from("ann@redwood.example")
                .verified(verified)
                .subject("x")
                .header(&format!("Reply-To: {word} <victim@elsewhere.example>"))
                .body("Hello?")
                .bytes(),
        );
        let mut letters = Vec::new();
        for mail in mails {
            world.works(mail).await;
            letters.extend(world.read_all());
        }
        // What the administrator's verdict brings is told with the same words.
        if let Some(asking) = letters.iter().find(|letter| letter.name == "approval_request").cloned() {
            world.works(Mail::reply(&asking, "Approved.").bytes()).await;
            letters.extend(world.read_all());
        }
        assert!(letters.len() > 8);
        for letter in letters {
            let (head, _) = letter.raw.split_once("\r\n\r\n").unwrap();
            let named = |name: &str| head.lines().any(|line| line.to_lowercase().starts_with(name));
            assert!(!named("bcc:") && !named("cc:") && !named("x-evil:") && !named("ref:"), "{head}");
            let to = head.lines().filter(|line| line.starts_with("To: ")).collect::<Vec<_>>();
            assert!(to.len() == 1 && !head.contains("<victim@"), "{head}");
            // Of a thread, a mail's own Message-ID is repeated; of everything else, nothing of a token's shape.
            let parts = format!("{}{}", letter.text, letter.html.as_deref().unwrap_or_default());
            assert!(!parts.contains("abcdefghijklmnopqrstuvwx27"), "{}", letter.text);
            for line in letter.text.lines() {
                assert!(
                    !line.trim_start().starts_with("Bcc:") && !line.starts_with("Ref: RG-AAAAAA"),
                    "{}: {}",
                    letter.name,
                    letter.text
                );
            }
            let known = ["ann@redwood.example", "sam@operator.example", "ito@vendor.example"];
            assert!(known.contains(&letter.to.as_str()), "{} to {}", letter.name, letter.to);
        }
    }
}
