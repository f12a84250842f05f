//! Replies that quote the HTML part of a letter, as most mail programs make them (rules T8 and R1).

use crate::buttons::asked;
use crate::letter::Letter;
use crate::mails::{Mail, english_request, japanese_request};

const PROGRAMS: [&str; 3] = ["outlook", "gmail", "apple"];

/// The letter's HTML part as mail programs quote it below what was written.
pub fn quoting(letter: &Letter, words: &str, how: &str) -> Mail {
    let page = letter.html.as_deref().unwrap();
    let body = page.split_once("<body").unwrap().1.split_once('>').unwrap().1.split_once("</body>").unwrap().0;
    let reply = match how {
        "outlook" => format!(
            "<html><head></head><body><div class=\"WordSection1\"><p class=\"MsoNormal\">{words}</p>\
             <div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm\">\
             <p class=\"MsoNormal\"><b>From:</b> Support Desk &lt;desk@vendor.example&gt;<br>\
             <b>Sent:</b> Tuesday, November 24, 2026 10:00 AM<br><b>To:</b> Ann Lake &lt;ann@redwood.example&gt;<br>\
             <b>Subject:</b> {}</p></div></div>{body}</div></body></html>",
            letter.subject
        ),
        "gmail" => format!(
            "<div dir=\"ltr\">{words}</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">\
             On Tue, Nov 24, 2026 at 10:00 AM Support Desk &lt;desk@vendor.example&gt; wrote:<br></div>\
             <blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex\">\
             {body}</blockquote></div>"
        ),
        "apple" => format!(
            "<html><body>{words}<br><div><blockquote type=\"cite\"><div>On 24 Nov 2026, at 10:00, Support Desk \
             &lt;desk@vendor.example&gt; wrote:</div><br><div>{body}</div></blockquote></div></body></html>"
        ),
        _ => unreachable!(),
    };
    Mail::from(&letter.to)
        .subject(&format!("Re: {}", letter.subject))
        .header("Content-Type: text/html; charset=utf-8")
        .body(&reply)
}

#[tokio::test]
async fn t8_a_reply_that_quotes_the_html_part_alone_is_known_by_its_reference_line() {
    for how in PROGRAMS {
        for (words, outcome) in [("Approved.", "approved"), ("Denied.", "denied / declined")] {
            let (mut world, asking) = asked(true, english_request("90002001")).await;
            // To the plain address and in no thread: nothing but the line names the approval.
            world.works(quoting(&asking, words, how).bytes()).await;
            assert_eq!(world.standings().await, [outcome], "{how}");
            world.read_all();
        }
    }
}

#[tokio::test]
async fn r2_the_words_of_the_buttons_are_no_answer_when_a_mail_quotes_them_or_holds_nothing_else() {
    for how in PROGRAMS {
        for words in ["", "Thank you.", "I will look into it."] {
            let (mut world, asking) = asked(true, english_request("90002001")).await;
            world.works(quoting(&asking, words, how).bytes()).await;
            assert_eq!(world.standings().await, ["pending_administrator_review"], "{how} {words:?}");
            world.read_all();
        }
    }
    // The whole letter as if its reader had written it: no mark of a quote around it.
    let (mut world, asking) = asked(true, japanese_request("90001001")).await;
    let bare = Mail::from(&asking.to)
        .subject(&format!("Re: {}", asking.subject))
        .header("Content-Type: text/html; charset=utf-8")
        .body(asking.html.as_deref().unwrap());
    world.works(bare.bytes()).await;
    assert_eq!(world.standings().await, ["pending_administrator_review"]);
    world.read_all();
}
