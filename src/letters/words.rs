//! The words of letters: what statuses, reasons and the rest are called in each language.
//!
//! Every table matches its enum exhaustively: a new variant does not compile without its words.

use crate::domain::approval::Say;
use crate::domain::letter::Headline;
use crate::domain::task::TaskCause;
use crate::domain::words::{AccessLevel, Clearance, Kind, Language, Part, Reason, Status};

/// One meaning in every language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    japanese: &'static str,
    english: &'static str,
}

impl Words {
    /// The words in one language.
    pub const fn of(self, language: Language) -> &'static str {
        match language {
            Language::Japanese => self.japanese,
            Language::English => self.english,
        }
    }
}

const fn say(japanese: &'static str, english: &'static str) -> Words {
    Words { japanese, english }
}

/// Where an item stands.
pub const fn status(status: Status) -> Words {
    match status {
        Status::Approved => say("承認済み", "approved"),
        Status::PendingAdministratorReview => say("契約管理者の回答待ち", "waiting for the contract administrator"),
        Status::PendingVendorReview => say("サポート窓口で確認中", "being checked by the support desk"),
        Status::PendingFurtherAction => say("保留中", "on hold"),
        Status::Denied => say("登録見送り", "not registered"),
        Status::Cancelled => say("取り消し", "cancelled"),
        Status::Expired => say("期限切れ", "expired"),
    }
}

/// Why an item stands there: a phrase that follows the status.
pub const fn reason(reason: Reason) -> Words {
    match reason {
        Reason::MissingInformation => say("必要な項目が不足しています", "required information is missing"),
        Reason::ContractNotFound => say("該当する契約が見つかりません", "no contract has this number"),
        Reason::ContractInactive => say("契約の有効期間が終了しています", "the contract has ended or was cancelled"),
        Reason::ContractTooNew => say(
            "契約が発行されて間もないか、開始日の前です",
            "the contract was issued very recently, or has not started yet",
        ),
        Reason::AlreadyRegistered => {
            say("同じアカウントがすでに登録されています", "the account already has this access or a higher one")
        }
        Reason::ProfileIncomplete => say(
            "アカウントに会社名または住所が登録されていません",
            "the account's profile lacks a company or an address",
        ),
        Reason::WrongAccessLevel => {
            say("ダウンロードのみの登録ができない契約です", "this contract cannot be registered for downloads only")
        }
        Reason::PublicDomain => {
            say("フリーメールのアドレスでは登録できません", "an address at a public mail provider cannot be registered")
        }
        Reason::CompanyMismatch => say(
            "登録希望ユーザが契約者の会社の方であることを確認できません",
            "the user does not appear to belong to the company that holds the contract",
        ),
        Reason::ApproverNotEntitled => say(
            "承認者が契約を保有する会社の方であることを確認できません",
            "the approver does not appear to belong to the company that holds the contract",
        ),
        Reason::ConsentRequired => say("承認者の同意が必要です", "the approver's consent is needed"),
        Reason::Declined => say("承認されませんでした", "the request was declined"),
        Reason::SentBack => say("訂正のため差し戻されました", "it was sent back for correction"),
        Reason::NoAnswer => say("期限までに回答がありませんでした", "nobody answered in time"),
        Reason::NoAdministrator => say("承認できる方を確認しています", "the desk is finding out who can approve it"),
        Reason::SeveralPeople => say(
            "複数の方のお名前があるため、確認しています",
            "the mail names several people, and the desk is sorting them out",
        ),
    }
}

/// What the sender is to do about an item: one sentence, one step.
pub const fn step(status: Status, reason: Option<Reason>) -> Words {
    match reason {
        None => step_by_status(status),
        Some(reason) => step_by_reason(reason),
    }
}

const fn step_by_status(status: Status) -> Words {
    match status {
        Status::Approved => say("お手続きは必要ありません。", "You need not do anything."),
        Status::PendingAdministratorReview => say(
            "お手続きは必要ありません。契約管理者の回答があり次第、結果をお知らせします。",
            "You need not do anything: we will write to you as soon as the contract administrator has answered.",
        ),
        Status::PendingVendorReview => say(
            "お手続きは必要ありません。確認が済み次第、結果をお知らせします。",
            "You need not do anything: we will write to you as soon as the check is done.",
        ),
        Status::PendingFurtherAction => say(
            "このメールに返信して、ご希望をお知らせください。",
            "Please reply to this mail and tell us how you would like to go on.",
        ),
        Status::Denied | Status::Cancelled | Status::Expired => say(
            "引き続き登録をご希望の場合は、あらためてご依頼ください。",
            "If the access is still needed, please send a new request.",
        ),
    }
}

const fn step_by_reason(reason: Reason) -> Words {
    match reason {
        Reason::MissingInformation => say(
            "不足している項目を、このメールへの返信でお知らせください。",
            "Please reply to this mail with what is missing.",
        ),
        Reason::ContractNotFound => say(
            "契約番号をお確かめのうえ、正しい番号であらためてご依頼ください。",
            "Please check the contract number and send a new request with the right one.",
        ),
        Reason::ContractInactive => say(
            "有効な契約の番号で、あらためてご依頼ください。",
            "Please send a new request with the number of a contract that is in force.",
        ),
        Reason::ContractTooNew => say(
            "お手続きは必要ありません。時期が来ましたら、当窓口であらためて確認します。",
            "You need not do anything: we will look at it again by ourselves when the time has come.",
        ),
        Reason::AlreadyRegistered => say(
            "お手続きは必要ありません。このアカウントですでにご利用いただけます。",
            "You need not do anything: the account can already be used.",
        ),
        Reason::ProfileIncomplete => say(
            "アカウントのプロフィールに会社名と住所を登録してから、あらためてご依頼ください。",
            "Please add company and address to the account's profile and send a new request.",
        ),
        Reason::WrongAccessLevel => say(
            "フルアクセスの登録を希望する旨を、このメールへの返信でお知らせください。",
            "Please reply to this mail that you would like full support access instead.",
        ),
        Reason::PublicDomain => say(
            "会社のメールアドレスを、このメールへの返信でお知らせください。",
            "Please reply to this mail with a business address.",
        ),
        Reason::CompanyMismatch => say(
            "契約を保有する会社のご担当者から、第三者の登録としてご依頼くださいますようお願いいたします。",
            "Please have somebody of the company that holds the contract send the request for you.",
        ),
        Reason::ApproverNotEntitled => say(
            "契約を保有する会社の方を承認者として、あらためてご依頼ください。",
            "Please send a new request that names an approver of the company that holds the contract.",
        ),
        Reason::ConsentRequired => say(
            "お手続きは必要ありません。承認者の同意をいただき次第、お知らせします。",
            "You need not do anything: we will write to you as soon as the approver has consented.",
        ),
        Reason::Declined => say(
            "ご不明な点がありましたら、このメールにご返信ください。",
            "If you have questions, please reply to this mail.",
        ),
        Reason::SentBack => say(
            "訂正した内容を、このメールへの返信でお送りください。",
            "Please reply to this mail with the corrected particulars.",
        ),
        Reason::NoAnswer => say(
            "引き続き登録をご希望の場合は、契約管理者の方とご調整のうえ、あらためてご依頼ください。",
            "If the access is still needed, please talk to the contract administrator and send a new request.",
        ),
        Reason::NoAdministrator | Reason::SeveralPeople => say(
            "お手続きは必要ありません。確認が済み次第、結果をお知らせします。",
            "You need not do anything: we will write to you as soon as this is settled.",
        ),
    }
}

/// Where a request stands as a whole: the first sentence of a status letter.
pub const fn headline(headline: Headline) -> Words {
    match headline {
        Headline::AskingAdministrators => say(
            "ご依頼の件は、契約管理者に承認をお願いしています。",
            "Your request is waiting for the approval of the contract administrator.",
        ),
        Headline::Reviewing => {
            say("ご依頼の件は、当窓口で確認しています。", "Your request is being checked by the support desk.")
        }
        Headline::FurtherAction => {
            say("ご依頼の件は、下記の理由により保留しています。", "Your request is on hold for the reason given below.")
        }
        Headline::Denied => say(
            "ご依頼の件は、下記の理由により登録を見送らせていただきました。",
            "The access that you asked for was not registered, for the reason given below.",
        ),
        Headline::Expired => say(
            "期限までに承認の回答がなかったため、ご依頼の手続きを終了しました。",
            "Your request has ended because nobody answered it in time.",
        ),
        Headline::Cancelled => say("ご依頼は取り消されました。", "Your request was cancelled."),
        Headline::Mixed => say(
            "ご依頼の件は、番号によって状況が異なります。",
            "Your request stands at different places, depending on the number.",
        ),
    }
}

/// What a request asks for.
pub const fn kind(kind: Kind) -> Words {
    match kind {
        Kind::ThirdParty => {
            say("契約者以外の会社のユーザの登録", "registration of a user of another company (third party)")
        }
        Kind::Contract => say("契約の登録", "registration to a contract"),
        Kind::Download => say("ダウンロードのみの登録", "registration for downloads only"),
        Kind::BillTo => say("請求先IDの登録", "registration to a bill-to ID"),
        Kind::Ordering => say("発注ツールの登録", "registration to the ordering tools"),
    }
}

/// How much a grant opens.
pub const fn access_level(level: AccessLevel) -> Words {
    match level {
        AccessLevel::Full => {
            say("フルアクセス(サポートへの問い合わせとダウンロード)", "full (support cases and downloads)")
        }
        AccessLevel::Download => say("ダウンロードのみ", "downloads only"),
        AccessLevel::Ordering => say("発注ツールのみ", "ordering tools only"),
    }
}

/// The label of a part in the form of `missing_information`. The rules read exactly these back.
pub const fn part(part: Part) -> Words {
    match part {
        Part::ContractNumbers => say("契約番号", "Contract numbers"),
        Part::BillToIds => say("請求先ID", "Bill-to IDs"),
        Part::RequesterEmail => say("登録希望ユーザのメールアドレス", "User's e-mail"),
        Part::RequesterCompany => say("登録希望ユーザの会社名", "User's company"),
        Part::ApproverEmail => say("承認者のメールアドレス", "Approver's e-mail"),
        Part::ApproverName => say("承認者の氏名", "Approver's name"),
        Part::ApproverCompany => say("承認者の会社名", "Approver's company"),
        Part::Reason => say("理由", "Reason"),
    }
}

/// The label of the requester's name: no request lacks it, yet the form has it.
pub const REQUESTER_NAME: Words = say("登録希望ユーザの氏名", "User's name");

/// The label of serial numbers, which stand for contracts.
pub const SERIAL_NUMBERS: Words = say("シリアル番号", "Serial numbers");

/// What an item was voted.
pub const fn say_of(says: Say) -> Words {
    match says {
        Say::Approve => verdict(true),
        Say::Deny => verdict(false),
        Say::SendBack => say("差戻し", "Send back"),
    }
}

/// What a button writes (rule A2), for all that the letter names: words of which the rules are sure.
pub const APPROVING: Words = say("承認します。", "I approve.");
/// The same for a no.
pub const DENYING: Words = say("却下します。", "I deny.");
/// The same for 差戻し: whoever sends it adds what must be corrected.
pub const SENDING_BACK: Words = say("差し戻します。", "I send it back.");

/// What an answer was recorded as.
pub const fn verdict(approves: bool) -> Words {
    if approves { say("承認", "Approve") } else { say("却下", "Deny") }
}

/// What a reviewer is to say of an item.
pub const fn clearance(clearance: Clearance) -> Words {
    match clearance {
        Clearance::Reading => say("依頼の内容の確認", "whether this is what was meant"),
        Clearance::Identity => say("送信者が本人であることの確認", "whether the sender is who the mail says"),
        Clearance::Entitlement => say("承認者の権限の確認", "whether the approver speaks for the holder"),
        Clearance::NoAdministrator => say("契約管理者に代わる確認", "standing in for missing administrators"),
        Clearance::Final => say("最終の確認", "the final review"),
    }
}

/// Why a person of the desk must look.
pub const fn task(cause: TaskCause) -> Words {
    match cause {
        TaskCause::NotWorked => say("自動では処理しないメール", "a mail that is not worked automatically"),
        TaskCause::SeveralPeople => say("複数のユーザまたは承認者の記載", "several users or approvers in one mail"),
        TaskCause::Entitlement => say("承認者の権限の確認", "the approver's entitlement must be checked"),
        TaskCause::NoAdministrator => say("承認できる契約管理者がいない", "no administrator can be asked"),
        TaskCause::FinalReview => say("承認者の同意済み、最終の確認", "the approver has consented: the final review"),
        TaskCause::PromiseMissed => say("お約束した確認の時刻の超過", "the promised time of review has passed"),
        TaskCause::DmarcFail => say("送信元の認証に失敗した依頼(DMARC)", "a request that failed DMARC"),
        TaskCause::UnclearAnswer => say("判断できない回答", "an unclear answer"),
        TaskCause::VerdictNotWorked => say("自動では処理しない回答", "an answer that is not worked automatically"),
        TaskCause::AnswerFromAnother => say("別のアドレスからの回答", "an answer from another address"),
        TaskCause::AnswerNotConfirmed => {
            say("本人からと確認できない回答", "an answer whose sender could not be confirmed")
        }
        TaskCause::AnswerAndRequest => say("回答と新しい依頼が混在", "an answer and a new request in one mail"),
        TaskCause::AnswerAfterExpiry => say("期限切れの後に記録された回答", "an answer in time, recorded after expiry"),
        TaskCause::NoLongerEligible => say("契約管理者でなくなった方の回答", "an answer of a former administrator"),
        TaskCause::Revoke => say("承認の取り消しの申し出", "an approval that is taken back"),
        TaskCause::Silence => say("契約管理者の回答がない", "the administrators do not answer"),
        TaskCause::OverLimit => say("上限の超過", "a limit was exceeded"),
        TaskCause::TooLarge => say("大きすぎるメール", "a mail that is too large"),
        TaskCause::Unreadable => say("読み取れないメール", "a mail that cannot be read"),
        TaskCause::NobodyWrote => say("送信者のないメール", "a mail without a sender"),
        TaskCause::UndeliveredLetter => say("届かなかった送信メール", "a letter that was not delivered"),
        TaskCause::ParkedMail => say("処理できずに保管したメール", "a mail that was parked"),
        TaskCause::LettersHeld => say("送信を保留したメール", "letters that are held back"),
        TaskCause::MailWithheld => say("サーバーが渡さないメール", "mails that the server does not deliver"),
        TaskCause::MailboxUnreachable => say("接続できないメールボックス", "a mailbox that cannot be reached"),
        TaskCause::LetterDropped => say("送信を取りやめた承認依頼", "an approval letter that was dropped"),
    }
}
