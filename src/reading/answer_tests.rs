//! Answers in both languages with the verdict each must come to (rules R1 and R2). A wrong yes is the worst fault there is.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::answer::read;
use super::{AnswerReading, Mailbox, OpenedMail};
use crate::domain::words::{ItemVerdict, Verdict};
use crate::rules::Rules;

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| Rules::embedded().unwrap())
}

fn answer(rules: &Rules, text: &str, asked: &[&str]) -> AnswerReading {
    let mail = OpenedMail {
        from: Some(Mailbox { name: None, address: "kei.mori@haruka.example".into() }),
        visible_text: text.into(),
        full_text: text.into(),
        ..OpenedMail::default()
    };
    let asked: Vec<String> = asked.iter().map(|number| (*number).to_owned()).collect();
    read(rules, &mail, &asked)
}

/// Every text of the table must come out as its verdict; `asked` is one contract.
fn each_reads(table: &[(&str, Verdict)]) {
    let rules = rules();
    let wrong: Vec<String> = table
        .iter()
        .map(|(text, wanted)| (text, wanted, answer(rules, text, &["92000101"])))
        .filter(|(_, wanted, got)| got.verdict != **wanted)
        .map(|(text, wanted, got)| format!("{text:?} should be {wanted}, is {} ({:?})", got.verdict, got.evidence))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

use Verdict::{Approve, Delegate, Deny, Question, SendBack, Unclear};

#[test]
fn r1_japanese_answers_are_read_by_their_last_predicate() {
    each_reads(&[
        ("承認", Approve),
        ("承認します。", Approve),
        ("承認いたします", Approve),
        ("承認致します。よろしくお願いいたします。", Approve),
        ("承認です。", Approve),
        ("承認しました。", Approve),
        ("承認でお願いします。", Approve),
        ("本件、承認とさせていただきます。", Approve),
        ("可", Approve),
        ("OK", Approve),
        ("OKです。", Approve),
        ("はい", Approve),
        ("はい、承認します。", Approve),
        ("問題ありません。", Approve),
        ("特に問題ございません。登録をお願いします。", Approve),
        ("異存ありません。", Approve),
        ("登録していただいて構いません。", Approve),
        ("登録を進めてください。", Approve),
        ("許可します。", Approve),
        ("いつもお世話になっております。\n春香商事の森です。\n\n本件、承認いたします。", Approve),
        ("却下", Deny),
        ("否認", Deny),
        ("不可", Deny),
        ("却下します。", Deny),
        ("却下でお願いします。", Deny),
        ("承認しません。", Deny),
        ("承認できません。", Deny),
        ("承認しかねます。", Deny),
        ("承認いたしかねます。", Deny),
        ("承認は控えます。", Deny),
        ("承認は控えさせていただきます。", Deny),
        ("今回の承認は見送らせていただきます。", Deny),
        ("承認しないでください。", Deny),
        ("登録しないでください。", Deny),
        ("お断りします。", Deny),
        ("契約関係がないため、承認できません。", Deny),
        ("認められません。", Deny),
        ("差し戻します。", SendBack),
        ("差戻し", SendBack),
        ("差し戻しでお願いいたします。会社名が違っています。", SendBack),
        ("番号を訂正のうえ、再申請してください。", SendBack),
        ("この方はどちらの会社の方でしょうか。", Question),
        ("登録の目的を教えてください。", Question),
        ("承認するとどうなりますか？", Question),
        ("m.ota@aoba.example の太田が担当ですので、そちらへご連絡ください。", Delegate),
    ]);
}

#[test]
fn r2_japanese_hedges_conditions_and_courtesies_are_never_a_decision() {
    each_reads(&[
        ("承知しました。", Unclear),
        ("了解です。", Unclear),
        ("了解しました。よろしくお願いします。", Unclear),
        ("よろしくお願いします。", Unclear),
        ("ありがとうございます。確認します。", Unclear),
        ("受領しました。", Unclear),
        ("保留でお願いします。", Unclear),
        ("社内で検討します。", Unclear),
        ("少々お待ちください。", Unclear),
        ("来週回答します。", Unclear),
        ("承認しないわけではありません。", Unclear),
        ("承認できないわけではないのですが。", Unclear),
        ("却下はしません。", Unclear),
        ("問題ないとは言えません。", Unclear),
        ("問題ないと思います。", Unclear),
        ("たぶん大丈夫です。", Unclear),
        ("承認してもよいかもしれません。", Unclear),
        ("承認する予定です。", Unclear),
        ("承認する方向で調整しています。", Unclear),
        ("承認しますが、来月末までの期間に限ります。", Unclear),
        ("3月末までであれば承認します。", Unclear),
        ("閲覧のみなら可です。", Unclear),
        ("問題なければ承認します。", Unclear),
        ("上司が承認すれば登録してください。", Unclear),
        ("部長が承認しました。", Unclear),
        ("承認します。ただし、期間は半年とします。", Unclear),
        ("承認／却下", Unclear),
        ("承認または却下", Unclear),
        ("承認します。いや、やはり却下します。", Unclear),
        ("先ほどの承認は取り消します。", Unclear),
        ("承認メールを受け取りました。", Unclear),
        ("承認依頼の件、拝見しました。", Unclear),
        ("承認しますとは言っていません。", Unclear),
        ("", Unclear),
    ]);
}

#[test]
fn r1_english_answers_are_read_with_their_negations() {
    each_reads(&[
        ("Approve", Approve),
        ("approved", Approve),
        ("APPROVED.", Approve),
        ("Apporved", Approve),
        ("Approved, thanks!", Approve),
        ("I approve.", Approve),
        ("I approve this request.", Approve),
        ("We hereby approve the registration.", Approve),
        ("Yes", Approve),
        ("Yes, approved.", Approve),
        ("ok", Approve),
        ("OK, go ahead.", Approve),
        ("Please go ahead.", Approve),
        ("Please proceed with the registration.", Approve),
        ("Fine by me.", Approve),
        ("No objections from our side.", Approve),
        ("I have no objection.", Approve),
        ("Looks good to me", Approve),
        ("Sure, go ahead!", Approve),
        ("Hi,\n\nApproved from our side.\n\nBest regards,", Approve),
        ("Deny", Deny),
        ("denied", Deny),
        ("No", Deny),
        ("no.", Deny),
        ("Rejected.", Deny),
        ("Not approved.", Deny),
        ("I can't approve this.", Deny),
        ("I cannot approve this request.", Deny),
        ("We do not approve.", Deny),
        ("We would rather not.", Deny),
        ("I'd rather not approve this.", Deny),
        ("We are not able to approve this request.", Deny),
        ("We won't be approving this.", Deny),
        ("I would not\napprove this.", Deny),
        ("We must decline. They no longer work for us.", Deny),
        ("Please do not register this user.", Deny),
        ("Please reject it.", Deny),
        ("Please send it back, the company name is wrong.", SendBack),
        ("Please correct the contract number and resubmit.", SendBack),
        ("Wrong number, please resend.", SendBack),
        ("Who is this person?", Question),
        ("Can you tell me what access he gets?", Question),
        ("Please contact Mina Ota (m.ota@aoba.example), who is in charge of these contracts.", Delegate),
        ("Please forward this to m.ota@aoba.example.", Delegate),
    ]);
}

#[test]
fn r2_english_hedges_conditions_and_courtesies_are_never_a_decision() {
    each_reads(&[
        ("Thanks.", Unclear),
        ("Noted.", Unclear),
        ("Received, thank you.", Unclear),
        ("I will check and get back to you.", Unclear),
        ("On hold for now.", Unclear),
        ("Not yet.", Unclear),
        ("I think it should be fine.", Unclear),
        ("Probably ok.", Unclear),
        ("Approved, provided that the access ends in March.", Unclear),
        ("Approved if he is still with Aoba.", Unclear),
        ("Approved until the end of May.", Unclear),
        ("You can register him once the contract is signed.", Unclear),
        ("Read-only access is approved.", Unclear),
        ("Approved, but please limit it to downloads.", Unclear),
        ("Approve / Deny", Unclear),
        ("approve or deny", Unclear),
        ("Approved. Actually no, denied.", Unclear),
        ("I will approve it tomorrow.", Unclear),
        ("I would have approved this last year.", Unclear),
        ("My manager approved it.", Unclear),
        ("This was approved by somebody else.", Unclear),
        ("I don't object.", Unclear),
        ("I am not saying that I approve.", Unclear),
        ("I never said I approve.", Unclear),
        ("Nobody here can approve.", Unclear),
        ("OK, I have seen your mail.", Unclear),
        ("Please withdraw my approval.", Unclear),
        ("I doubt that we approve.", Unclear),
        ("I fail to see why we should approve.", Unclear),
        ("Yes and no.", Unclear),
    ]);
}

#[test]
fn r2_no_negation_before_a_yes_leaves_it_standing() {
    let rules = rules();
    let before = [
        "not",
        "I do not",
        "we don't",
        "I can't",
        "we cannot",
        "never",
        "I would not",
        "we won't",
        "I am unable to",
        "we refuse to",
        "I'd rather not",
        "it is not",
        "this isn't",
        "without",
        "nobody will",
        "we are not going to",
        "I hesitate to",
        "we decline to",
        "it would be wrong to",
        "under no circumstances do we",
    ];
    let yes = [
        "approve",
        "approve this",
        "approve the registration of the user",
        "authorise it",
        "accept",
        "go ahead",
        "agree to this",
    ];
    for before in before {
        for yes in yes {
            let text = format!("{before} {yes}.");
            assert_ne!(answer(rules, &text, &[]).verdict, Verdict::Approve, "{text}");
        }
    }
}

#[test]
fn r2_no_negation_after_a_japanese_yes_leaves_it_standing() {
    let rules = rules();
    let yes = ["承認", "登録を承認", "本件の承認", "許可", "同意", "登録"];
    let after = [
        "しません。",
        "できません。",
        "しかねます。",
        "いたしかねます。",
        "は控えます。",
        "を見送ります。",
        "は難しいです。",
        "は困難です。",
        "するつもりはありません。",
        "する予定はございません。",
        "した覚えはありません。",
        "は時期尚早です。",
        "できる立場にありません。",
        "には反対です。",
        "とは言えません。",
        "するわけにはいきません。",
        "は無理です。",
        "しないことにしました。",
        "を取り消します。",
        "は保留します。",
        "はまだできません。",
        "については回答できません。",
        "しますとは申し上げておりません。",
    ];
    for yes in yes {
        for after in after {
            let text = format!("{yes}{after}");
            assert_ne!(answer(rules, &text, &[]).verdict, Verdict::Approve, "{text}");
        }
    }
}

fn mixed(text: &str, asked: &[&str], wanted: &[(&str, ItemVerdict)]) {
    let got = answer(rules(), text, asked);
    let wanted: BTreeMap<String, ItemVerdict> = wanted.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect();
    assert_eq!((got.verdict, got.items), (Verdict::Mixed, wanted), "{text}");
}

#[test]
fn r1_items_are_told_apart_by_number_and_by_position() {
    let asked = ["92000101", "92000202"];
    let first_only = [("92000101", ItemVerdict::Approve), ("92000202", ItemVerdict::Deny)];
    for text in [
        "92000101は承認、92000202は却下でお願いします。",
        "上の契約は可、下は不可です。",
        "1件目は承認します。2件目は承認できません。",
        "前者は承認、後者は却下",
        "①承認\n②却下",
        "①○\n②×",
        "末尾0101は問題ありません。末尾0202は承認できません。",
        "92000101のみ承認します。",
        "92000101\nOK\n92000202\nNG",
        "Approve 92000101, deny 92000202.",
        "92000101: approved\n92000202: denied",
        "The first is approved, the second is denied.",
        "Approve the first one and deny the second one.",
        "Only 92000101 is approved.",
        "Approved for 92000101 only.",
        "92000202 is denied, the other one is approved.",
    ] {
        mixed(text, &asked, &first_only);
    }
    mixed(
        "92000101、92000303は承認、92000202は却下です。",
        &["92000101", "92000202", "92000303"],
        &[("92000101", ItemVerdict::Approve), ("92000202", ItemVerdict::Deny), ("92000303", ItemVerdict::Approve)],
    );
}

#[test]
fn r1_an_item_that_the_answer_does_not_name_stays_open() {
    mixed(
        "92000101は承認します。",
        &["92000101", "92000202"],
        &[("92000101", ItemVerdict::Approve), ("92000202", ItemVerdict::Unclear)],
    );
}

#[test]
fn r1_both_at_once_is_one_verdict() {
    let rules = rules();
    for (text, wanted) in [
        ("両方承認します。", Approve),
        ("Both approved.", Approve),
        ("いずれも却下します。", Deny),
        ("2件とも承認です。", Approve),
    ] {
        let got = answer(rules, text, &["92000101", "92000202"]);
        assert_eq!((got.verdict, got.items.len()), (wanted, 0), "{text}");
    }
}

#[test]
fn r2_a_number_that_was_not_asked_about_makes_the_answer_unclear() {
    let rules = rules();
    for text in ["Approve 92000102.", "92000102を承認します。"] {
        assert_eq!(answer(rules, text, &["92000101"]).verdict, Unclear, "{text}");
        assert_eq!(answer(rules, text, &["92000101", "92000202"]).verdict, Unclear, "{text}");
    }
}

#[test]
fn an_answer_between_the_quoted_lines_belongs_to_the_line_above_it() {
    let mail = OpenedMail {
        visible_text: "OK\nNo".into(),
        full_text: "> Contracts:\n> - 92000101\nOK\n> - 92000202\nNo\n".into(),
        ..OpenedMail::default()
    };
    let got = read(rules(), &mail, &["92000101".into(), "92000202".into()]);
    assert_eq!(got.verdict, Verdict::Mixed);
    assert_eq!(got.items.get("92000202"), Some(&ItemVerdict::Deny));
}

#[test]
fn the_named_address_is_asked_instead_and_the_condition_is_the_comment() {
    let rules = rules();
    let got = answer(rules, "担当が変わりました。m.ota@aoba.example へお問い合わせください。", &["92000101"]);
    assert_eq!((got.verdict, got.delegate_to.as_deref()), (Delegate, Some("m.ota@aoba.example")));
    let got = answer(rules, "Approved, provided that the access ends in March.", &["92000101"]);
    assert_eq!(got.comment.as_deref(), Some("Approved, provided that the access ends in March."));
    let got = answer(rules, "却下します。契約関係がございません。", &["92000101"]);
    assert_eq!(got.comment.as_deref(), Some("契約関係がございません。"));
}
