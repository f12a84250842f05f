//! Invented letters of every kind: what templates are rehearsed with before any real letter depends on them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::address::EmailAddress;
use crate::domain::approval::{Purpose, Say};
use crate::domain::calendar::Calendar;
use crate::domain::contract::Quorum;
use crate::domain::entropy::{Secrets, Seeded, Token};
use crate::domain::heard::{PersonReading, RequestReading};
use crate::domain::ids::{ItemNo, LetterNo, Reference};
use crate::domain::letter::{
    Again, AnswerReceipt, ApprovalRequest, ApprovedLetter, AskedItem, AskedPerson, Body, CannotConfirm,
    DecisionRecorded, Escalation, Headline, ItemLine, Key, LateAnswer, Letter, MissingInformation, Progress, Receipt,
    RecordedLine, ReviewLine, ReviewWarning, SentBack, StatusLetter, TaskLine, TaskNotice, Thread,
};
use crate::domain::policy::{Alignment, Breakers, Desk, Policy, Signature};
use crate::domain::task::TaskCause;
use crate::domain::words::{AccessLevel, Clearance, Kind, Language, Part, Reason, Status};

/// Every sample in every language, to somebody known in a thread and to a bare address outside of one.
pub(super) fn letters() -> Vec<Letter> {
    let in_language = |language| bodies().into_iter().filter_map(move |(_, body)| letter(body, language));
    let known: Vec<Letter> = Language::ALL.iter().flat_map(|language| in_language(*language)).collect();
    let bare = known.iter().map(|letter| Letter { to_name: None, thread: None, ..letter.clone() });
    bare.chain(known.iter().cloned()).collect()
}

/// Every sample body under a name: every letter, and in them every status, reason, purpose, cause and missing part, with
/// everything known and with nothing known.
pub(super) fn bodies() -> Vec<(&'static str, Body)> {
    let mut bodies = vec![
        ("receipt", Body::Receipt(Receipt { about: "貸出機の返却について / Returning a loan unit".to_owned() })),
        ("receipt_without_subject", Body::Receipt(Receipt { about: String::new() })),
        ("cannot_confirm", cannot_confirm(&["92168807", "92168815"])),
        ("cannot_confirm_without_number", cannot_confirm(&[])),
        ("missing_information", missing(half_a_reading(), Kind::ThirdParty)),
        ("sent_back", sent_back(Some("会社名が古い名称のままです。正式な名称に直して、あらためて申請してください。"))),
        ("sent_back_without_comment", sent_back(None)),
        ("task_notice", task_notice(&[TaskCause::Revoke, TaskCause::UnclearAnswer])),
        ("task_notice_all", task_notice(TaskCause::ALL)),
        ("escalation", escalation()),
        ("review_warning", review_warning()),
    ];
    bodies.extend(status_letters());
    bodies.extend(approved_letters());
    bodies.extend(approval_letters());
    bodies.extend(answers_to_administrators());
    bodies.extend(
        Kind::ALL.iter().map(|kind| ("missing_information_nothing_known", missing(empty_reading(*kind), *kind))),
    );
    bodies
}

/// A sample body as a letter to somebody; `None` where a constant of this file were wrong.
pub(super) fn letter(body: Body, language: Language) -> Option<Letter> {
    let mut entropy = Seeded::new(7);
    let (asks, about_a_request, answers) = match &body {
        Body::ApprovalRequest(_)
        | Body::ApprovalReminder(_)
        | Body::ApprovalAgain(_)
        | Body::ApprovalConfirmation(_) => (true, true, false),
        Body::MissingInformation(_) | Body::SentBack(_) => (true, true, true),
        Body::Receipt(_) | Body::TaskNotice(_) => (false, false, matches!(body, Body::Receipt(_))),
        Body::Escalation(_) | Body::ReviewWarning(_) => (false, true, false),
        Body::Approved(approved) => (false, true, !approved.to_requester),
        Body::Status(_)
        | Body::CannotConfirm(_)
        | Body::DecisionRecorded(_)
        | Body::LateAnswer(_)
        | Body::AnswerReceipt(_) => (false, true, true),
    };
    let (to_name, subject) = match language {
        Language::Japanese => ("森 恵", "契約登録のお願い(保守委託先)"),
        Language::English => ("Kei Mori", "Access for our operations partner"),
    };
    let key = match (asks, answers) {
        (true, false) => Key::Asks(Secrets::draw(&mut entropy)),
        (true, true) => Key::AsksSender(Secrets::draw(&mut entropy)),
        (false, _) => Key::Tells(Token::draw(&mut entropy)),
    };
    Some(Letter {
        reference: if about_a_request { Some(Reference::parse("RG-7K3M9Q")?) } else { None },
        no: LetterNo(1),
        to: EmailAddress::parse("kei.mori@haruka.example")?,
        to_name: Some(to_name.to_owned()),
        language,
        thread: answers.then(|| Thread {
            message_id: Some("20261120.1015@mail.haruka.example".to_owned()),
            subject: subject.to_owned(),
        }),
        key,
        body,
        not_before: None,
        unverified: false,
    })
}

/// The desk that signs the samples; `None` where its address were no address.
pub(super) fn desk(plus_addressing: bool) -> Option<Desk> {
    let address = EmailAddress::parse("entitlement@asterid.example")?;
    Some(Desk {
        name: "asterid".to_owned(),
        signature: Signature {
            japanese: "アステリッド サポート窓口".to_owned(),
            english: "Asterid Support Desk".to_owned(),
        },
        addresses: vec![address.clone()],
        address,
        reviewers: Vec::new(),
        reviewer_names: Vec::new(),
        language: Language::Japanese,
        plus_addressing,
        calendar: Calendar::plain(chrono_tz::Asia::Tokyo),
        policy: Policy {
            alignment: Alignment::Required,
            agreement: Quorum::Any,
            remind_after: vec![1, 2],
            escalate_after: 3,
            expire_after: 14,
            review_within: TimeDelta::hours(2),
            review_warning_after: TimeDelta::minutes(90),
            too_new_for: TimeDelta::hours(48),
            direct_support_levels: Vec::new(),
            unverified_sender_limit: 5,
            administrator_daily_limit: 10,
            unmatched_daily_limit: 10,
            unverified_hourly_limit: 100,
            legal_forms: Vec::new(),
            breakers: Breakers { address_daily: 20, request_daily: 6, hourly: 500 },
        },
    })
}

/// 20 November 2026, 10:15 in Tokyo, a Friday.
fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_137_300, 0).unwrap_or_default()
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

const ACCOUNT: &str = "taro.yamada@minato-ops.example";

fn line(no: u32, number: &str, status: Status, reason: Option<Reason>) -> ItemLine {
    let too_new = reason == Some(Reason::ContractTooNew);
    ItemLine {
        no: ItemNo(no),
        number: (!number.is_empty()).then(|| number.to_owned()),
        status,
        reason,
        looked_at_again: too_new.then(moment),
        reviewed_by: (status == Status::PendingVendorReview).then(moment),
    }
}

fn approved_line() -> ItemLine {
    line(1, "92168807", Status::Approved, None)
}

fn status_letters() -> Vec<(&'static str, Body)> {
    let letter = |first, headline, lines| {
        let requester_email = Some(ACCOUNT.to_owned());
        Body::Status(StatusLetter { first, headline, requester_email, lines })
    };
    let one = |headline, status, reason| letter(false, headline, vec![line(1, "92168807", status, reason)]);
    let asked = Status::PendingAdministratorReview;
    // Every status and every reason, whether or not they go together.
    let reasons = Reason::ALL.iter().map(|reason| line(2, "92168815", Status::PendingFurtherAction, Some(*reason)));
    let statuses = Status::ALL.iter().map(|status| line(3, "", *status, None));
    vec![
        (
            "status",
            letter(
                true,
                Headline::AskingAdministrators,
                vec![line(1, "92168807", asked, None), line(2, "92168815", asked, None)],
            ),
        ),
        ("status_declined", one(Headline::Denied, Status::Denied, Some(Reason::Declined))),
        ("status_expired", one(Headline::Expired, Status::Expired, Some(Reason::NoAnswer))),
        (
            "status_further_action",
            one(Headline::FurtherAction, Status::PendingFurtherAction, Some(Reason::ContractTooNew)),
        ),
        ("status_reviewing", one(Headline::Reviewing, Status::PendingVendorReview, Some(Reason::NoAdministrator))),
        ("status_cancelled", one(Headline::Cancelled, Status::Cancelled, None)),
        (
            "status_mixed",
            letter(
                true,
                Headline::Mixed,
                vec![
                    line(1, "92168807", asked, None),
                    line(2, "92168815", Status::Denied, Some(Reason::ContractNotFound)),
                    line(3, "92168823", Status::PendingFurtherAction, Some(Reason::ContractTooNew)),
                ],
            ),
        ),
        ("status_all", letter(false, Headline::Mixed, reasons.chain(statuses).collect())),
        (
            "status_of_nobody",
            Body::Status(StatusLetter {
                first: true,
                headline: Headline::Mixed,
                requester_email: None,
                lines: Vec::new(),
            }),
        ),
    ]
}

fn cannot_confirm(numbers: &[&str]) -> Body {
    Body::CannotConfirm(CannotConfirm { numbers: numbers.iter().map(|number| (*number).to_owned()).collect() })
}

fn missing(known: RequestReading, kind: Kind) -> Body {
    let nothing_known = known.requester.email.is_none();
    let missing =
        if nothing_known { Part::ALL.to_vec() } else { vec![Part::ApproverEmail, Part::ApproverName, Part::Reason] };
    Body::MissingInformation(Box::new(MissingInformation { kind, missing, known }))
}

fn sent_back(comment: Option<&str>) -> Body {
    let whole = RequestReading { reason: Some("保守の委託".to_owned()), ..half_a_reading() };
    Body::SentBack(Box::new(SentBack {
        kind: Kind::ThirdParty,
        lines: vec![line(1, "92168807", Status::PendingFurtherAction, Some(Reason::SentBack))],
        comment: comment.map(str::to_owned),
        known: whole,
    }))
}

fn half_a_reading() -> RequestReading {
    RequestReading {
        contract_numbers: vec!["92168807".to_owned(), "92168815".to_owned()],
        requester: PersonReading {
            email: Some(ACCOUNT.to_owned()),
            name: Some("山田 太郎".to_owned()),
            company: Some("みなと運用サービス株式会社".to_owned()),
        },
        approver: PersonReading { email: None, name: None, company: Some("株式会社はるか製作所".to_owned()) },
        ..empty_reading(Kind::ThirdParty)
    }
}

fn empty_reading(kind: Kind) -> RequestReading {
    RequestReading {
        kind,
        access_level: AccessLevel::Full,
        contract_numbers: Vec::new(),
        bill_to_ids: Vec::new(),
        serial_numbers: if kind == Kind::Download { vec!["K4V-2207".to_owned()] } else { Vec::new() },
        requester: PersonReading::default(),
        approver: PersonReading::default(),
        reason: None,
        missing: Vec::new(),
        several_people: false,
    }
}

fn approved_letters() -> Vec<(&'static str, Body)> {
    let letter = |to_requester, access_level, others| {
        let requester_email = ACCOUNT.to_owned();
        Body::Approved(ApprovedLetter {
            to_requester,
            requester_email,
            access_level,
            lines: vec![approved_line()],
            others,
        })
    };
    let waiting = line(2, "92168815", Status::PendingAdministratorReview, None);
    vec![
        ("approved", letter(false, AccessLevel::Full, vec![waiting])),
        ("approved_to_requester", letter(true, AccessLevel::Download, Vec::new())),
        ("approved_ordering", letter(false, AccessLevel::Ordering, Vec::new())),
    ]
}

fn approval_letters() -> Vec<(&'static str, Body)> {
    let again = |your_words: Option<&str>| {
        let your_words = your_words.map(str::to_owned);
        Body::ApprovalAgain(Box::new(ApprovalRequest { your_words, ..asking(Purpose::AskAgain) }))
    };
    let again_since = |again| {
        let your_words = Some("却下します。".to_owned());
        Body::ApprovalAgain(Box::new(ApprovalRequest { again, your_words, ..asking(Purpose::AskAgain) }))
    };
    let sender_words = Some("再申請します。会社名は登記のとおりで、変更はありません。".to_owned());
    let resubmitted = ApprovalRequest { sender_words, ..asking(Purpose::First) };
    let bare = ApprovalRequest {
        access_level: AccessLevel::Download,
        sender_name: None,
        sender_verified: false,
        requester_name: None,
        requester_company: None,
        approver_email: None,
        approver_name: None,
        approver_company: None,
        reason: None,
        answer_by: None,
        items: vec![AskedItem { service_level: None, ends_on: None, ..asked_item(1, None) }],
        ..asking(Purpose::First)
    };
    let mut letters = vec![
        ("approval_request", Body::ApprovalRequest(Box::new(asking(Purpose::First)))),
        ("approval_reminder", Body::ApprovalReminder(Box::new(asking(Purpose::Reminder)))),
        ("approval_again", again(Some("一度社内で確認しますが、おそらく大丈夫だと思います。"))),
        ("approval_again_without_words", again(None)),
        ("approval_again_changed", again_since(Again::Changed)),
        ("approval_again_taken_back", again_since(Again::TakenBack)),
        ("approval_request_resubmitted", Body::ApprovalRequest(Box::new(resubmitted))),
        ("approval_confirmation", Body::ApprovalConfirmation(Box::new(asking(Purpose::Confirmation)))),
        ("approval_request_consent", consents(Body::ApprovalRequest, Purpose::First, true)),
        ("approval_request_consent_and_decision", consents(Body::ApprovalRequest, Purpose::First, false)),
        ("approval_reminder_consent", consents(Body::ApprovalReminder, Purpose::Reminder, true)),
        ("approval_request_unverified", Body::ApprovalRequest(Box::new(bare.clone()))),
    ];
    // Every letter that asks, with as little as can be known.
    letters.extend([
        ("approval_reminder_bare", Body::ApprovalReminder(Box::new(bare.clone()))),
        ("approval_again_bare", Body::ApprovalAgain(Box::new(bare.clone()))),
        ("approval_confirmation_bare", Body::ApprovalConfirmation(Box::new(bare))),
    ]);
    letters
}

fn consents(body: fn(Box<ApprovalRequest>) -> Body, purpose: Purpose, all: bool) -> Body {
    let mut letter = asking(purpose);
    for item in &mut letter.items {
        item.consent = all || item.no == ItemNo(1);
    }
    body(Box::new(letter))
}

fn asking(purpose: Purpose) -> ApprovalRequest {
    let disputed = AskedItem {
        approver_domain_registered: false,
        also_in: Some("RG-M4T8WX".to_owned()),
        ..asked_item(2, Some(false))
    };
    ApprovalRequest {
        purpose,
        kind: Kind::ThirdParty,
        access_level: AccessLevel::Full,
        sender_email: "kei.mori@haruka.example".to_owned(),
        sender_name: Some("森 恵".to_owned()),
        sender_verified: true,
        requester_email: ACCOUNT.to_owned(),
        requester_name: Some("山田 太郎".to_owned()),
        requester_company: Some("みなと運用サービス株式会社".to_owned()),
        approver_email: Some("jun.hayashi@haruka.example".to_owned()),
        approver_name: Some("林 純".to_owned()),
        approver_company: Some("株式会社はるか製作所".to_owned()),
        reason: Some(
            "基幹システムの運用を委託しており、障害の際に委託先の担当者が直接お問い合わせできるようにするため"
                .to_owned(),
        ),
        items: vec![asked_item(1, Some(true)), disputed],
        sender_words: None,
        again: Again::Unclear,
        your_words: None,
        answer_by: day(2026, 12, 4),
    }
}

fn asked_item(no: u32, approver_company_matches: Option<bool>) -> AskedItem {
    AskedItem {
        no: ItemNo(no),
        consent: false,
        contract_number: if no == 1 { "92168807".to_owned() } else { "92168815".to_owned() },
        holder: "株式会社はるか製作所".to_owned(),
        service_level: Some("Premium".to_owned()),
        ends_on: day(2027, 3, 31),
        approver_domain_registered: true,
        approver_company_matches,
        also_in: None,
    }
}

fn answers_to_administrators() -> Vec<(&'static str, Body)> {
    let requester_email = || ACCOUNT.to_owned();
    let declined = || line(1, "92168807", Status::Denied, Some(Reason::Declined));
    let waiting = line(1, "92168807", Status::PendingAdministratorReview, None);
    let recorded = |lines: Vec<RecordedLine>| {
        Body::DecisionRecorded(DecisionRecorded { consent: false, requester_email: requester_email(), lines })
    };
    let said = |says, line| RecordedLine { line, says, progress: None };
    let sent_back = || line(3, "92168823", Status::PendingFurtherAction, Some(Reason::SentBack));
    let progress = Some(Progress { approvals: 1, needed: 2 });
    let consented = Body::DecisionRecorded(DecisionRecorded {
        consent: true,
        requester_email: requester_email(),
        lines: vec![said(Some(Say::Approve), line(1, "92168807", Status::PendingVendorReview, None))],
    });
    let late = |withdrawal, line| {
        Body::LateAnswer(LateAnswer { requester_email: requester_email(), lines: vec![line], withdrawal })
    };
    let receipt = |lines| Body::AnswerReceipt(AnswerReceipt { requester_email: requester_email(), lines });
    vec![
        ("decision_recorded", recorded(vec![said(Some(Say::Approve), approved_line())])),
        ("decision_recorded_denied", recorded(vec![said(Some(Say::Deny), declined())])),
        ("decision_recorded_sent_back", recorded(vec![said(Some(Say::SendBack), sent_back())])),
        (
            "decision_recorded_open",
            recorded(vec![RecordedLine { progress, ..said(Some(Say::Approve), waiting.clone()) }]),
        ),
        (
            "decision_recorded_mixed",
            recorded(vec![
                said(Some(Say::Approve), approved_line()),
                said(Some(Say::Deny), line(2, "92168815", Status::Denied, Some(Reason::Declined))),
                said(Some(Say::SendBack), sent_back()),
                said(None, line(4, "92168831", Status::PendingAdministratorReview, None)),
            ]),
        ),
        ("decision_recorded_consent", consented),
        ("late_answer", late(false, declined())),
        ("late_answer_withdrawal", late(true, approved_line())),
        ("answer_receipt", receipt(vec![waiting])),
        ("answer_receipt_about_nothing", receipt(Vec::new())),
    ]
}

fn task_notice(causes: &[TaskCause]) -> Body {
    let detail = "An administrator's answer reads as delegate, which a person must carry out. Nothing was decided.";
    let tasks = causes.iter().zip(12..).map(|(cause, id)| TaskLine {
        id,
        cause: *cause,
        urgent: *cause == TaskCause::Revoke,
        reference: if id % 2 == 0 { Reference::parse("RG-7K3M9Q") } else { None },
        opened_at: moment(),
        detail: detail.to_owned(),
        from: if id % 3 == 0 { EmailAddress::parse("kei.mori@haruka.example") } else { None },
        subject: match id % 3 {
            0 => Some("Re: 【承認のお願い】契約の利用登録 (www.haruka.example)".to_owned()),
            1 => None,
            _ => Some(String::new()),
        },
    });
    Body::TaskNotice(TaskNotice { tasks: tasks.collect() })
}

fn review_warning() -> Body {
    let line = |no, number: Option<&str>, awaiting| ReviewLine {
        no: ItemNo(no),
        number: number.map(str::to_owned),
        awaiting,
        promised_by: moment(),
    };
    Body::ReviewWarning(ReviewWarning {
        requester_email: ACCOUNT.to_owned(),
        items: vec![line(1, Some("92168807"), Clearance::Final), line(2, None, Clearance::Reading)],
    })
}

fn escalation() -> Body {
    let person = |email: &str, since| AskedPerson { email: email.to_owned(), since };
    Body::Escalation(Escalation {
        requester_email: ACCOUNT.to_owned(),
        lines: vec![line(1, "92168807", Status::PendingAdministratorReview, None)],
        asked: vec![person("aoi.tanaka@haruka.example", Some(moment())), person("ren.ito@haruka.example", None)],
    })
}
