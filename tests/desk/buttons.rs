//! Answers that only have to be sent: the mails that the buttons of a letter open (rules A2 and T8).

use std::sync::Arc;

use ringi::domain::task::TaskCause;
use ringi::domain::words::Verdict;
use ringi::reading::Reader;
use ringi::rules::Rules;

use crate::letter::Letter;
use crate::mails::{Mail, english_request, japanese_request};
use crate::world::World;

/// The mail that a mail program opens for the button with these words, sent as it is.
fn pressed(letter: &Letter, words: &str) -> Mail {
    let (to, fields) = target(letter, words);
    let field = |name: &str| {
        let mut fields = fields.split('&').filter_map(|field| field.split_once('='));
        decoded(fields.find(|(key, _)| *key == name).unwrap().1)
    };
    Mail::from(&letter.to).to(&to).subject(&field("subject")).body(&field("body"))
}

/// Address and fields of the button's link.
fn target(letter: &Letter, words: &str) -> (String, String) {
    let page = letter.html.as_deref().unwrap();
    let (before, _) = page.split_once(&format!(">{words}</a>")).unwrap();
    let (_, link) = before.rsplit_once("href=\"mailto:").unwrap();
    let link = link.split_once('"').unwrap().0.replace("&amp;", "&");
    let (to, fields) = link.split_once('?').unwrap();
    (decoded(to), fields.to_owned())
}

/// RFC 3986, section 2.1.
fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            assert!(byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte), "{text}");
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

const JAPANESE: [&str; 3] = ["承認する", "却下する", "差し戻す"];
const ENGLISH: [&str; 3] = ["Approve", "Deny", "Send back"];

/// A desk that has asked for an approval, and the letter that asks.
pub async fn asked(plus_addressing: bool, request: Mail) -> (World, Letter) {
    let builder = World::builder();
    let builder = if plus_addressing {
        builder
    } else {
        builder.with("backlog = \"process\"", "backlog = \"process\"\nplus_addressing = false")
    };
    let mut world = builder.build().await;
    world.works(request.bytes()).await;
    let asking = world.read_all().into_iter().find(|letter| letter.name == "approval_request").unwrap();
    (world, asking)
}

#[tokio::test]
async fn a2_each_button_decides_in_both_languages_with_and_without_plus_addressing() {
    for plus_addressing in [true, false] {
        for (request, buttons) in [(japanese_request("90001001"), JAPANESE), (english_request("90002001"), ENGLISH)] {
            for (button, outcome) in buttons.into_iter().zip(["approved", "denied / declined", ""]) {
                let (mut world, asking) = asked(plus_addressing, request.clone()).await;
                assert_eq!(asking.reply_to.is_some(), plus_addressing);
                world.works(pressed(&asking, button).bytes()).await;
                assert_eq!(world.taken_as().await, "answer", "{button}");
                match outcome {
                    // Until 差戻し is carried out, a person does it: what counts is that it was read as that.
                    "" => sent_back(&world, button).await,
                    outcome => assert_eq!(world.standings().await, [outcome], "{button}"),
                }
                world.read_all();
            }
        }
    }
}

async fn sent_back(world: &World, button: &str) {
    let standings = world.standings().await;
    let timeline = world.timeline(&world.request().await.reference).await.join("\n");
    let by_a_person = world.tasks().await == [TaskCause::VerdictNotWorked] && timeline.contains("send_back");
    assert!(by_a_person || standings == ["pending_further_action / sent_back"], "{button}: {standings:?} {timeline}");
}

#[tokio::test]
async fn a2_a_button_answers_for_all_items_of_its_letter_and_the_letter_says_so() {
    let (mut world, asking) = asked(true, japanese_request("90001001、90001002")).await;
    let page = asking.html.as_deref().unwrap();
    assert!(page.contains("ボタンによるご回答は、2件すべての契約についてのご回答となります。"), "{page}");
    assert!(page.contains("番号ごとに「承認」「却下」"), "{page}");
    world.works(pressed(&asking, "承認する").bytes()).await;
    assert_eq!(world.standings().await, ["approved", "approved"]);
    world.read_all();
}

#[tokio::test]
async fn a2_the_mail_of_a_button_decides_with_its_reference_line_alone() {
    let (mut world, asking) = asked(true, english_request("90002001")).await;
    // A gateway that takes the tag off the address.
    let (to, _) = target(&asking, "Approve");
    assert!(to.starts_with("desk+"));
    world.works(pressed(&asking, "Approve").to("desk@vendor.example").bytes()).await;
    assert_eq!(world.standings().await, ["approved"]);
    world.read_all();
}

#[tokio::test]
async fn t10_what_is_written_beside_a_button_s_words_is_read_without_the_token() {
    let (_, asking) = asked(true, english_request("90002001")).await;
    let mail = String::from_utf8(pressed(&asking, "Send back").bytes()).unwrap();
    let mail = mail.replace("I send it back.", "I send it back.\r\nThe company name is wrong.");
    let reader = Reader::new(Arc::new(Rules::embedded().unwrap()));
    let opened = reader.open(mail.as_bytes());
    let answer = reader.answer(&opened, &["90002001".to_owned()]);
    assert_eq!(answer.verdict, Verdict::SendBack);
    assert_eq!(answer.comment.as_deref(), Some("I send it back. The company name is wrong."));
    assert_eq!(opened.tokens.len(), 2, "address and line still carry their tokens");
}

#[tokio::test]
async fn a2_a_signature_that_the_mail_program_adds_changes_nothing() {
    for signature in ["-- \r\nAnn Lake\r\nRedwood Foods Ltd.\r\n", "\r\nAnn Lake\r\n", "\r\nSent from my iPhone\r\n"] {
        let (mut world, asking) = asked(true, english_request("90002001")).await;
        let mail = String::from_utf8(pressed(&asking, "Deny").bytes()).unwrap();
        world.works(format!("{mail}{signature}")).await;
        assert_eq!(world.standings().await, ["denied / declined"], "{signature}");
        world.read_all();
    }
}
