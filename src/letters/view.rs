//! What templates see of a letter: every status, reason and time already in words of the correspondent's language.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::{Value, context};

use super::carriers::Carriers;
use super::{dates, subject, words};
use crate::domain::address::EmailAddress;
use crate::domain::approval::Say;
use crate::domain::heard::RequestReading;
use crate::domain::letter::{
    Again, AnswerReceipt, ApprovalRequest, ApprovedLetter, AskedItem, AskedPerson, Body, DecisionRecorded, Escalation,
    ItemLine, LateAnswer, Letter, MissingInformation, RecordedLine, ReviewLine, ReviewWarning, SentBack, StatusLetter,
    TaskLine, TaskNotice,
};
use crate::domain::policy::Desk;
use crate::domain::quote::repeated;
use crate::domain::words::{Kind, Language, Part, Status};

/// How many tasks a notice describes; of the others it gives the number.
const TASKS_IN_A_NOTICE: usize = 100;

/// The variables of a subject: all but what carries tokens (rule T8: a subject shows the reference alone).
pub(super) fn of_subject(desk: &Desk, letter: &Letter) -> Value {
    let common = context! {
        desk => desk.signature.of(letter.language),
        desk_address => desk.address.as_str(),
        // A name may come from a stranger's mail: a letter repeats it like all that a stranger wrote.
        to_name => letter.to_name.as_deref().map(|name| repeated(name, false)).filter(|name| !name.is_empty()),
        language => letter.language.as_str(),
        reference => letter.reference.as_ref().map(|reference| reference.as_str()),
        re => letter.thread.as_ref().and_then(|thread| subject::reply_to(&thread.subject)),
    };
    let own = View { language: letter.language, zone: desk.calendar.zone }.body(letter.body.clone());
    context! { ..own, ..common }
}

/// The variables of a text or HTML part: those of the subject, and the links that answer.
pub(super) fn of_part(desk: &Desk, letter: &Letter, carriers: &Carriers) -> Value {
    let answer = carriers.links.as_ref().map(|links| {
        context! {
            approve => links.approve.as_str(),
            deny => links.deny.as_str(),
            send_back => links.send_back.as_str(),
        }
    });
    context! { answer, ..of_subject(desk, letter) }
}

#[derive(Clone, Copy)]
struct View {
    language: Language,
    zone: Tz,
}

impl View {
    fn body(self, body: Body) -> Value {
        match body {
            Body::Receipt(receipt) => context! { about => receipt.about },
            Body::Status(letter) => self.status(letter),
            Body::MissingInformation(letter) => self.missing_information(&letter),
            Body::CannotConfirm(letter) => context! { numbers => letter.numbers },
            Body::Approved(letter) => self.approved(letter),
            Body::ApprovalRequest(letter)
            | Body::ApprovalReminder(letter)
            | Body::ApprovalAgain(letter)
            | Body::ApprovalConfirmation(letter) => self.asking(*letter),
            Body::SentBack(letter) => self.sent_back(&letter),
            Body::DecisionRecorded(letter) => self.decision_recorded(&letter),
            Body::LateAnswer(LateAnswer { requester_email, lines, withdrawal }) => {
                context! { requester_email, lines => self.lines(&lines), withdrawal }
            }
            Body::AnswerReceipt(AnswerReceipt { requester_email, lines }) => {
                context! { requester_email, lines => self.lines(&lines) }
            }
            Body::TaskNotice(notice) => self.task_notice(notice),
            Body::ReviewWarning(ReviewWarning { requester_email, items }) => context! {
                requester_email,
                items => items.into_iter().map(|item| self.review_line(item)).collect::<Vec<_>>(),
            },
            Body::Escalation(Escalation { requester_email, lines, asked }) => context! {
                requester_email,
                lines => self.lines(&lines),
                asked => asked.into_iter().map(|person| self.asked_person(person)).collect::<Vec<_>>(),
            },
        }
    }

    /// One step for all items where they agree; else each line has its own.
    fn status(self, letter: StatusLetter) -> Value {
        let steps: Vec<&str> =
            letter.lines.iter().map(|line| words::step(line.status, line.reason).of(self.language)).collect();
        let common = steps.first().copied().filter(|first| steps.iter().all(|step| step == first));
        let own = |step: &&'static str| if common.is_some() { None } else { Some(*step) };
        let lines: Vec<Value> =
            letter.lines.iter().zip(&steps).map(|(line, step)| self.line(line, own(step))).collect();
        context! {
            first => letter.first,
            headline => words::headline(letter.headline).of(self.language),
            step => common,
            requester_email => letter.requester_email,
            lines,
        }
    }

    fn lines(self, lines: &[ItemLine]) -> Vec<Value> {
        lines.iter().map(|line| self.line(line, None)).collect()
    }

    fn line(self, line: &ItemLine, step: Option<&str>) -> Value {
        context! {
            number => line.number.clone(),
            status => words::status(line.status).of(self.language),
            reason => line.reason.map(|reason| words::reason(reason).of(self.language)),
            reviewed_by => line.reviewed_by.map(|at| self.time(at)),
            looked_at_again => line.looked_at_again.map(|at| self.time(at)),
            step,
        }
    }

    fn missing_information(self, letter: &MissingInformation) -> Value {
        let missing: Vec<&str> = letter.missing.iter().map(|part| words::part(*part).of(self.language)).collect();
        context! {
            kind => words::kind(letter.kind).of(self.language),
            missing,
            form => self.form(letter.kind, &letter.known),
        }
    }

    fn sent_back(self, letter: &SentBack) -> Value {
        context! {
            kind => words::kind(letter.kind).of(self.language),
            lines => self.lines(&letter.lines),
            comment => letter.comment.clone(),
            form => self.form(letter.kind, &letter.known),
        }
    }

    /// `verdict` where it is the same for all; `approved`, `denied` and `sent_back` where some item came to stand there.
    fn decision_recorded(self, letter: &DecisionRecorded) -> Value {
        let first = letter.lines.first().and_then(|recorded| recorded.says);
        let common = first.filter(|first| letter.lines.iter().all(|recorded| recorded.says == Some(*first)));
        let any = |wanted: fn(&RecordedLine) -> bool| letter.lines.iter().any(wanted);
        let lines: Vec<Value> = letter
            .lines
            .iter()
            .map(|recorded| {
                context! {
                    says => recorded.says.map(|says| words::say_of(says).of(self.language)),
                    approvals => recorded.progress.map(|progress| progress.approvals),
                    needed => recorded.progress.map(|progress| progress.needed),
                    ..self.line(&recorded.line, None)
                }
            })
            .collect();
        context! {
            verdict => common.map(|says| words::say_of(says).of(self.language)),
            approved => any(|recorded| recorded.line.status == Status::Approved),
            denied => any(|recorded| recorded.line.status == Status::Denied),
            sent_back => any(|recorded| recorded.says == Some(Say::SendBack)),
            undecided => any(|recorded| recorded.says.is_none()),
            open => any(|recorded| recorded.progress.is_some()),
            consent => letter.consent,
            requester_email => letter.requester_email.clone(),
            lines,
        }
    }

    /// The form of a request, filled with what is known: `label: value`, several numbers joined by ", ".
    fn form(self, kind: Kind, known: &RequestReading) -> Vec<Value> {
        let field = |label: words::Words, value: &str| context! { label => label.of(self.language), value };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let part = |part, value: &Option<String>| field(words::part(part), &text(value));
        let mut form = match kind {
            Kind::ThirdParty | Kind::Contract | Kind::Download => {
                vec![field(words::part(Part::ContractNumbers), &known.contract_numbers.join(", "))]
            }
            Kind::BillTo | Kind::Ordering => {
                vec![field(words::part(Part::BillToIds), &known.bill_to_ids.join(", "))]
            }
        };
        if !known.serial_numbers.is_empty() {
            form.push(field(words::SERIAL_NUMBERS, &known.serial_numbers.join(", ")));
        }
        form.push(part(Part::RequesterEmail, &known.requester.email));
        form.push(field(words::REQUESTER_NAME, &text(&known.requester.name)));
        form.push(part(Part::RequesterCompany, &known.requester.company));
        if kind == Kind::ThirdParty {
            form.push(part(Part::ApproverEmail, &known.approver.email));
            form.push(part(Part::ApproverName, &known.approver.name));
            form.push(part(Part::ApproverCompany, &known.approver.company));
            form.push(part(Part::Reason, &known.reason));
        }
        form
    }

    fn approved(self, letter: ApprovedLetter) -> Value {
        context! {
            to_requester => letter.to_requester,
            requester_email => letter.requester_email,
            access_level => words::access_level(letter.access_level).of(self.language),
            lines => self.lines(&letter.lines),
            others => self.lines(&letter.others),
        }
    }

    fn asking(self, letter: ApprovalRequest) -> Value {
        context! {
            kind => words::kind(letter.kind).of(self.language),
            access_level => words::access_level(letter.access_level).of(self.language),
            sender_email => letter.sender_email,
            sender_name => letter.sender_name,
            sender_verified => letter.sender_verified,
            requester_email => letter.requester_email,
            requester_name => letter.requester_name,
            requester_company => letter.requester_company,
            approver_email => letter.approver_email,
            approver_name => letter.approver_name,
            approver_company => letter.approver_company,
            given_reason => letter.reason,
            consent => letter.items.iter().all(|item| item.consent),
            items => letter.items.into_iter().map(|item| self.asked_item(item)).collect::<Vec<_>>(),
            sender_words => letter.sender_words,
            again => match letter.again {
                Again::Unclear => "unclear",
                Again::Changed => "changed",
                Again::TakenBack => "taken_back",
            },
            your_words => letter.your_words,
            answer_by => letter.answer_by.map(|day| self.day(day)),
        }
    }

    fn asked_item(self, item: AskedItem) -> Value {
        context! {
            consent => item.consent,
            contract_number => item.contract_number,
            holder => item.holder,
            service_level => item.service_level,
            ends_on => item.ends_on.map(|day| self.day(day)),
            approver_domain_registered => item.approver_domain_registered,
            approver_company_matches => item.approver_company_matches,
            also_in => item.also_in,
        }
    }

    fn task_notice(self, notice: TaskNotice) -> Value {
        let count = notice.tasks.len();
        context! {
            count,
            more => count.saturating_sub(TASKS_IN_A_NOTICE),
            urgent => notice.tasks.iter().any(|task| task.urgent),
            tasks => notice.tasks.into_iter().take(TASKS_IN_A_NOTICE).map(|task| self.task(task)).collect::<Vec<_>>(),
        }
    }

    fn task(self, task: TaskLine) -> Value {
        context! {
            id => task.id,
            cause => words::task(task.cause).of(self.language),
            urgent => task.urgent,
            reference => task.reference.as_ref().map(|reference| reference.as_str()),
            opened_at => self.time(task.opened_at),
            detail => task.detail,
            from => task.from.as_ref().map(EmailAddress::as_str),
            // Whoever wrote the mail chose it: nothing to click.
            subject => task.subject.map(|subject| repeated(&subject, false)),
        }
    }

    fn review_line(self, item: ReviewLine) -> Value {
        context! {
            no => item.no.0,
            number => item.number,
            awaiting => words::clearance(item.awaiting).of(self.language),
            promised_by => self.time(item.promised_by),
        }
    }

    fn asked_person(self, person: AskedPerson) -> Value {
        context! { email => person.email, since => person.since.map(|at| self.time(at)) }
    }

    fn day(self, day: NaiveDate) -> String {
        dates::day(day, self.language)
    }

    fn time(self, at: DateTime<Utc>) -> String {
        dates::time(at, self.zone, self.language)
    }
}
