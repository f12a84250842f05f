//! Tokens are shown nowhere (rule T10): not by a command, not in the log, not in a letter to somebody else.

use std::collections::BTreeSet;

use ringi::store::LetterFilter;

use crate::letter::Letter;
use crate::mails::{Mail, Verified, english_request};
use crate::world::World;

/// All tokens that a letter bears, wherever they stand.
fn tokens(letter: &Letter) -> BTreeSet<String> {
    let pattern = regex::Regex::new("(?:^|[^0-9A-Za-z])([a-z2-7]{26})(?:[^0-9A-Za-z]|$)").unwrap();
    let all = [letter.message_id.as_str(), letter.reply_to.as_deref().unwrap_or_default(), &letter.text];
    all.iter().flat_map(|text| pattern.captures_iter(text).map(|found| found[1].to_owned())).collect()
}

#[tokio::test]
async fn t10_no_command_and_no_log_shows_a_token_wherever_a_mail_put_it() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let letters = world.read_all();
    let asking = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    let (address, text) = (asking.reply_to.clone().unwrap(), asking.text.clone());
    let line = text.lines().find(|line| line.starts_with("Ref: ")).unwrap().to_owned();
    let token = line.rsplit(' ').next().unwrap().to_owned();
    // The button's mail with unclear words: the reference line is newly written text there.
    world
        .works(Mail::from("ann@redwood.example").to(&address).body(&format!("Who is that?\r\n\r\n{line}\r\n")).bytes())
        .await;
    world
        .works(Mail::from("ann@redwood.example").to(&address).body(&format!("perhaps\r\n{token}\r\n{line}")).bytes())
        .await;
    // The letter itself, reflected, forwarded, and in parts at places where nothing of the kind belongs.
    let strangers = [
        Mail::from("eve@partner.example").subject(&format!("Re: {line}")).body(&text),
        Mail::from(&format!("\"{token}\" <eve2@partner.example>")).subject(&token).body("Hello, is anybody there?"),
        Mail::from(&format!("{token}@partner.example"))
            .header(&format!("Reply-To: {address}"))
            .body(&format!("Please register contract {token} for {token}@partner.example")),
    ];
    for mail in strangers {
        world.works(mail.verified(Verified::No).bytes()).await;
    }
    let own = format!(
        "From: eve@partner.example\r\nTo: {address}\r\nSubject: x\r\nMessage-ID: <{}>\r\n\r\n{text}",
        asking.message_id
    );
    world.works(own).await;
    world.works(crate::delivery::report(asking, &asking.message_id, "failed")).await;
    let mut secret = tokens(asking);
    assert_eq!(secret.len(), 3, "{secret:?}");
    let later = world.read_all();
    secret.extend(later.iter().filter(|letter| letter.to == asking.to).flat_map(tokens));

    let mut shown = world.log();
    for list in ["mail", "outbox", "tasks", "requests", "contracts"] {
        shown.push_str(&world.command(&[list, "list"]));
        shown.push_str(&world.command(&[list, "list", "--json"]));
    }
    for n in 1..=8 {
        shown.push_str(&world.command(&["mail", "show", &n.to_string()]));
        shown.push_str(&world.command(&["mail", "show", &n.to_string(), "--json"]));
    }
    for letter in world.store().letters(&LetterFilter::default(), 100).await.unwrap() {
        shown.push_str(&world.command(&["outbox", "show", &letter.id.to_string()]));
        shown.push_str(&world.command(&["outbox", "show", &letter.id.to_string(), "--json"]));
    }
    for task in 1..=world.tasks().await.len() {
        shown.push_str(&world.command(&["tasks", "show", &task.to_string()]));
    }
    for request in world.requests().await {
        for what in ["show", "timeline"] {
            shown.push_str(&world.command(&["requests", what, request.reference.as_str()]));
            shown.push_str(&world.command(&["requests", what, request.reference.as_str(), "--json"]));
        }
    }
    assert!(shown.len() > 10_000, "{shown}");
    for token in &secret {
        let at = shown.lines().find(|line| line.contains(token.as_str()));
        assert_eq!(at, None, "{token}");
    }
    // Nor does a letter to anybody else tell it, nor one to its owner tell it again.
    for letter in &later {
        for token in tokens(asking).iter().filter(|token| !letter.to.contains(token.as_str())) {
            assert!(!letter.raw.contains(token.as_str()), "{} to {}: {}", letter.name, letter.to, letter.text);
        }
    }
}

#[tokio::test]
async fn t10_a_day_after_acceptance_the_store_has_no_letter_s_bytes_any_more() {
    let mut world = World::new().await;
    world.works(english_request("90002001").bytes()).await;
    let letters = world.read_all();
    let asking = letters.iter().find(|letter| letter.name == "approval_request").unwrap();
    let file = world.file("ringi.db");
    let holds = |token: &str| {
        [file.clone(), file.with_extension("db-wal")]
            .iter()
            .filter_map(|file| std::fs::read(file).ok())
            .any(|bytes| bytes.windows(token.len()).any(|window| window == token.as_bytes()))
    };
    let token = tokens(asking).pop_first().unwrap();
    assert!(holds(&token), "the letter is kept as it left");
    world.at("2026-11-25T10:30");
    world.settle().await;
    world.at("2026-11-25T10:45");
    world.settle().await;
    let row = world
        .store()
        .letters(&LetterFilter::default(), 100)
        .await
        .unwrap()
        .into_iter()
        .find(|letter| letter.name == "approval_request")
        .unwrap();
    let shown = world.command(&["outbox", "show", &row.id.to_string()]);
    assert!(shown.contains("Ref: RG-") && shown.contains('…') && !shown.contains(&token), "{shown}");
    world.read_all();
}
