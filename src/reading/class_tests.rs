//! Plain mails in both languages: class, kind, who is who, numbers, and our own form read back.

use std::sync::OnceLock;

use super::class::read;
use super::{DeskSide, Forwarded, Mailbox, OpenedMail, Reading, RequestReading};
use crate::domain::words::{AccessLevel, Class, Kind, Language, Part};
use crate::rules::Rules;

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| Rules::embedded().unwrap())
}

fn desk() -> DeskSide {
    DeskSide { addresses: vec!["desk@vendor.example".into()], domains: vec!["vendor.example".into()] }
}

fn mail(name: &str, address: &str, text: &str) -> OpenedMail {
    OpenedMail {
        from: Some(Mailbox { name: Some(name.into()), address: address.into() }),
        visible_text: text.into(),
        full_text: text.into(),
        ..OpenedMail::default()
    }
}

fn plain(mail: &OpenedMail) -> Reading {
    read(rules(), mail, &desk())
}

fn request(mail: &OpenedMail) -> RequestReading {
    let reading = plain(mail);
    reading.request.unwrap_or_else(|| panic!("read as {}", reading.class))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn our_own_form_reads_back_perfectly_in_both_languages() {
    let rules = rules();
    for language in [Language::Japanese, Language::English] {
        let values = [
            (rules.form_label(Part::ContractNumbers, language), "92000101, 92000102"),
            (rules.form_label(Part::RequesterEmail, language), "ken.ono@tsubaki.example"),
            (rules.form_name_label(language), "Ken Ono"),
            (rules.form_label(Part::RequesterCompany, language), "Tsubaki Care K.K."),
            (rules.form_label(Part::ApproverEmail, language), "mika.hara@haruka.example"),
            (rules.form_label(Part::ApproverName, language), "Mika Hara"),
            (rules.form_label(Part::ApproverCompany, language), "Haruka Works Ltd."),
            (rules.form_label(Part::Reason, language), "They run our network"),
        ];
        let separator = if language == Language::Japanese { "：" } else { ": " };
        let lines: Vec<String> = values.iter().map(|(label, value)| format!("{label}{separator}{value}")).collect();
        let form = format!("{}\n{}\n", rules.form_heading(language), lines.join("\n"));
        for returned in [false, true] {
            let mut mail =
                mail("Aya Sato", "aya.sato@haruka.example", if returned { "Filled in below." } else { &form });
            mail.returned_form = returned.then(|| form.clone());
            let read = request(&mail);
            assert_eq!(read.kind, Kind::ThirdParty);
            assert_eq!(read.contract_numbers, ["92000101", "92000102"]);
            assert_eq!(read.requester.email, some("ken.ono@tsubaki.example"));
            assert_eq!(read.requester.name, some("Ken Ono"));
            assert_eq!(read.requester.company, some("Tsubaki Care K.K."));
            assert_eq!(read.approver.email, some("mika.hara@haruka.example"));
            assert_eq!(read.approver.name, some("Mika Hara"));
            assert_eq!(read.approver.company, some("Haruka Works Ltd."));
            assert_eq!(read.reason, some("They run our network"));
            assert_eq!(read.missing, []);
        }
    }
}

#[test]
fn a_form_with_one_block_a_person_is_read_in_either_order() {
    let user = "■登録希望ユーザ\n氏名：小野 健\nメール：ken.ono@tsubaki.example\n会社名：椿ケア株式会社\n";
    let approver = "■承認者\n氏名：原 美香\nメール：mika.hara@haruka.example\n会社名：春香製作所株式会社\n";
    for blocks in [format!("{user}\n{approver}"), format!("{approver}\n{user}")] {
        let text =
            format!("第三者登録をお願いします。\n\n契約番号：92000101\n\n{blocks}\n理由：保守を委託しているため\n");
        let read = request(&mail("佐藤", "sato@haruka.example", &text));
        assert_eq!(read.requester.email, some("ken.ono@tsubaki.example"), "{blocks}");
        assert_eq!(read.requester.company, some("椿ケア株式会社"), "{blocks}");
        assert_eq!(read.approver.name, some("原 美香"), "{blocks}");
        assert_eq!(read.approver.company, some("春香製作所株式会社"), "{blocks}");
        assert_eq!(read.missing, []);
    }
}

#[test]
fn a_writer_who_says_that_he_approves_is_the_approver() {
    let text = "春香製作所の佐藤です。\n契約番号92000101を、椿ケア株式会社の小野さん（ken.ono@tsubaki.example）に登録してください。\n私が承認します。\n保守を委託しているためです。";
    let read = request(&mail("佐藤 彩", "sato@haruka.example", text));
    assert_eq!(read.kind, Kind::ThirdParty);
    assert_eq!(read.approver.email, some("sato@haruka.example"));
    assert_eq!(read.approver.name, some("佐藤 彩"));
    assert_eq!(read.approver.company, some("春香製作所"));
    assert_eq!((read.requester.name, read.requester.company), (some("小野"), some("椿ケア株式会社")));
}

#[test]
fn a_writer_who_does_not_say_so_approves_nothing() {
    let text = "Please register contract 92000101 for Ken Ono (ken.ono@tsubaki.example) of Tsubaki Care, our service provider.";
    let read = request(&mail("Aya Sato", "sato@haruka.example", text));
    assert_eq!(read.kind, Kind::ThirdParty);
    assert_eq!(read.approver.email, None);
    assert!(read.missing.contains(&Part::ApproverEmail));
}

#[test]
fn an_own_contract_falls_back_to_the_sender_and_never_takes_a_company_from_a_domain() {
    let read = request(&mail("Ken Ono", "ken.ono@tsubaki.example", "Please register contract 92000101 to my account."));
    assert_eq!(read.kind, Kind::Contract);
    assert_eq!(read.requester.email, some("ken.ono@tsubaki.example"));
    assert_eq!(read.requester.company, None);
    assert_eq!(read.missing, [Part::RequesterCompany]);
}

#[test]
fn the_five_kinds_are_told_apart() {
    for (text, kind, level) in [
        ("契約番号 92000101 を私のアカウントに登録してください。", Kind::Contract, AccessLevel::Full),
        ("第三者契約登録をお願いします。契約番号 92000101", Kind::ThirdParty, AccessLevel::Full),
        ("契約 92000101 のダウンロード権限のみ登録をお願いします。", Kind::Download, AccessLevel::Download),
        ("請求先ID 1000200300 の登録をお願いします。", Kind::BillTo, AccessLevel::Full),
        (
            "オーダリングツールを使うため、請求先ID 1000200300 の登録をお願いします。",
            Kind::Ordering,
            AccessLevel::Ordering,
        ),
        ("Please register contract 92000101 to my account.", Kind::Contract, AccessLevel::Full),
        ("Third-party registration: please register contract 92000101.", Kind::ThirdParty, AccessLevel::Full),
        ("We need download access only for contract 92000101.", Kind::Download, AccessLevel::Download),
        ("Please add Bill-to ID 1000200300 to my account.", Kind::BillTo, AccessLevel::Full),
        (
            "Please give me access to the ordering tools for bill-to ID 1000200300.",
            Kind::Ordering,
            AccessLevel::Ordering,
        ),
    ] {
        let read = request(&mail("Ken Ono", "ken.ono@tsubaki.example", text));
        assert_eq!((read.kind, read.access_level), (kind, level), "{text}");
    }
}

#[test]
fn other_classes_are_told_from_requests() {
    for (text, class) in [
        ("先週お願いした登録の進捗はいかがでしょうか。", Class::StatusQuery),
        ("Is there any update on my registration request?", Class::StatusQuery),
        ("10日にお願いした登録ですが、取り下げさせてください。", Class::Cancel),
        ("Please cancel my registration request for contract 92000101.", Class::Cancel),
        ("プロフィールの会社名を修正しましたので、再処理をお願いします。", Class::Reprocess),
        ("I have updated my profile. Please check my request again.", Class::Reprocess),
        ("パスワードを忘れました。どこに聞けばよいですか。", Class::Inquiry),
        ("What are your opening hours?", Class::Inquiry),
    ] {
        assert_eq!(plain(&mail("Ken Ono", "ken.ono@tsubaki.example", text)).class, class, "{text}");
    }
}

#[test]
fn the_desks_own_addresses_are_nobody() {
    let text = "契約番号：92000101\nユーザ：desk@vendor.example\n登録をお願いします。";
    let read = request(&mail("小野", "ken.ono@tsubaki.example", text));
    assert_ne!(read.requester.email, some("desk@vendor.example"));
}

#[test]
fn several_users_are_never_the_first_one() {
    let text = "第三者登録をお願いします。\n契約番号：92000101\nユーザのメール：a.abe@tsubaki.example\nユーザのメール：b.baba@tsubaki.example\n";
    let read = request(&mail("佐藤", "sato@haruka.example", text));
    assert!(read.several_people);
    assert_eq!(read.requester.email, None);
}

#[test]
fn a_forwarded_request_counts_and_its_writer_is_i() {
    let mut outer = mail("Aya Sato", "sato@haruka.example", "Please handle the request below. I approve.");
    outer.forwarded = Some(Forwarded {
        from: Some(Mailbox { name: Some("Ken Ono".into()), address: "ken.ono@tsubaki.example".into() }),
        subject: None,
        text: "Please link contract 92000101 to my account because we maintain your network.\n\nKen Ono\nTsubaki Care Ltd.".into(),
    });
    let read = request(&outer);
    assert_eq!(read.contract_numbers, ["92000101"]);
    assert_eq!(read.requester.email, some("ken.ono@tsubaki.example"));
    assert_eq!(read.requester.company, some("Tsubaki Care Ltd."));
    assert_eq!(read.approver.email, some("sato@haruka.example"));
}

#[test]
fn numbers_of_other_things_are_no_contracts() {
    let text = "Please register contracts 92000101 and 92000102 to my account.\nPO 4500781123, ticket 20250117, employee no. 10044271.\nTel: 03-5550-1234, +81 3 5550 1234";
    let read = request(&mail("Ken Ono", "ken.ono@tsubaki.example", text));
    assert_eq!(read.contract_numbers, ["92000101", "92000102"]);
}

#[test]
fn every_value_of_a_request_has_its_evidence() {
    let read = plain(&mail(
        "小野",
        "ken.ono@tsubaki.example",
        "契約番号：92000101\nユーザの会社名：椿ケア株式会社\n登録をお願いします。",
    ));
    for field in ["class", "kind", "contract_numbers", "requester.company"] {
        assert!(read.evidence.iter().any(|evidence| evidence.field == field), "{field}: {:?}", read.evidence);
    }
}

#[test]
fn a_row_is_taken_back_by_its_remark_and_not_by_words_in_an_address_or_a_reason() {
    let table = "契約番号,登録希望ユーザのメールアドレス,理由,備考\n\
                 92000101,ken.ono@tsubaki.example,以前の委託先との契約が終了したため,\n\
                 92000102,ken.ono@tsubaki.example,保守のため,終了済み・登録不要\n";
    let mut mail = mail("Aya Sato", "aya.sato@haruka.example", "添付のとおり、第三者の登録をお願いいたします。");
    mail.attachments.push(super::attachment::read(None, "text/csv", table.as_bytes(), None, None));
    let read = request(&mail);
    assert_eq!(read.contract_numbers, ["92000101"]);
    assert_eq!(read.requester.email, some("ken.ono@tsubaki.example"));
    assert_eq!(read.reason, some("以前の委託先との契約が終了したため"));
}

#[test]
fn the_full_stop_of_a_legal_form_ends_a_sentence_where_the_next_one_begins() {
    let mail = mail(
        "Kurt Weber",
        "kurt@haruka.example",
        "Hi, could you please register contract 92000101 to our service partner\nLena Roth (lena.roth@fixit.example, Fixit GmbH)? \
         Approver is Grace Hill,\ngrace.hill@haruka.example, Haruka Works Ltd. They maintain our switches.",
    );
    let read = request(&mail);
    assert_eq!(read.approver.company, some("Haruka Works Ltd"));
    assert_eq!(read.reason, some("They maintain our switches"));
    assert_eq!(read.requester.company, some("Fixit GmbH"));
}

#[test]
fn r4_a_verdict_below_the_subject_of_our_letter_opens_nothing() {
    let mut mail = mail("Grace Hill", "grace.hill@haruka.example", "I approve this request.");
    mail.subject = "Re: Approval requested: access to a support contract [RG-7K3M9Q]".to_owned();
    assert_eq!(plain(&mail).class, Class::Inquiry);
}
