//! Asking: one approval for each person who can decide, one letter with tokens of its own each time (rules A1, A3, T8, T9).

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Utc};

use super::draft::Draft;
use super::{tell, vote};
use crate::domain::address::EmailAddress;
use crate::domain::approval::{Approval, ApprovalState, Ask, Purpose, Shown};
use crate::domain::contract::Speaker;
use crate::domain::entropy::Secrets;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ApprovalNo, ItemNo};
use crate::domain::letter::{Key, Letter};
use crate::domain::request::{Need, Request, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::timer::TimerChange;

/// Asks everybody whose answer the items wait for: each person once, with all items that wait on that person (rule A1).
pub(super) fn everybody(draft: &mut Draft<'_>, request: &mut Request, items: &[ItemNo]) {
    let people = whom(draft, request, items);
    each(draft, request, people);
}

/// Asks those who can decide about the items and were not asked yet.
pub(super) fn newcomers(draft: &mut Draft<'_>, request: &mut Request, items: &[ItemNo]) {
    let mut people = whom(draft, request, items);
    for (person, waiting) in &mut people {
        let asked = request
            .approvals
            .iter()
            .filter(|approval| approval.state == ApprovalState::Open)
            .find(|approval| approval.person == person.email)
            .map(|approval| approval.waiting_items(request))
            .unwrap_or_default();
        waiting.retain(|no| !asked.contains(no));
    }
    people.retain(|(_, waiting)| !waiting.is_empty());
    each(draft, request, people);
}

/// Everybody whose answer the items wait for, with the items of each.
fn whom(draft: &Draft<'_>, request: &Request, items: &[ItemNo]) -> Vec<(Speaker, Vec<ItemNo>)> {
    let mut people: Vec<(Speaker, Vec<ItemNo>)> = Vec::new();
    let today = draft.snapshot.desk.calendar.day(draft.snapshot.now);
    for no in items {
        let Some(contract) =
            request.item(*no).and_then(|item| draft.snapshot.contract(item.contract_number.as_deref()))
        else {
            continue;
        };
        let consents = request.item(*no).is_some_and(|item| item.standing == CONSENT);
        let asked: Vec<Speaker> = if consents {
            approver(request).into_iter().collect()
        } else {
            contract.deciders(request.requester.email.as_ref(), today)
        };
        for person in asked {
            match people.iter_mut().find(|(known, _)| known.email == person.email) {
                Some((_, waiting)) if !waiting.contains(no) => waiting.push(*no),
                Some(_) => {}
                None => people.push((person, vec![*no])),
            }
        }
    }
    people
}

fn each(draft: &mut Draft<'_>, request: &mut Request, people: Vec<(Speaker, Vec<ItemNo>)>) {
    let mut limits = Limits::default();
    for (administrator, waiting) in people {
        let known = request
            .approvals
            .iter()
            .find(|approval| approval.person == administrator.email)
            .map(|approval| approval.no);
        let no = known.unwrap_or_else(|| add_approval(request, &administrator));
        begin_anew(request, no);
        let not_before = limits.hold_back(draft, request, &administrator.email, known.is_none());
        write(draft, request, no, &waiting, Purpose::First, None, not_before);
    }
    if let Some(until) = limits.held_until {
        let why = format!(
            "{} approval letter(s) are over the day's limit and leave on {}.",
            limits.held,
            draft.snapshot.desk.calendar.day(until)
        );
        draft.task(NewTask::new(TaskCause::OverLimit, why).mail(request.mail));
    }
}

const CONSENT: Standing = Standing::FurtherAction(Need::ConsentRequired);

/// The approver, as one who is asked for consent.
fn approver(request: &Request) -> Option<Speaker> {
    let email = request.approver.email.clone()?;
    Some(Speaker { email, name: request.approver.name.clone(), language: None })
}

fn add_approval(request: &mut Request, administrator: &Speaker) -> ApprovalNo {
    let no = ApprovalNo(u32::try_from(request.approvals.len()).unwrap_or(u32::MAX).saturating_add(1));
    request.approvals.push(Approval {
        no,
        person: administrator.email.clone(),
        name: administrator.name.clone(),
        language: administrator.language.unwrap_or(request.language),
        state: ApprovalState::Open,
        asks: Vec::new(),
        asked_at: None,
        asked_again: false,
        confirmation_sent: false,
        stranger_told: false,
    });
    no
}

/// Who has nothing left to answer and is asked again is asked as for the first time: with clocks of its own (rule V2).
fn begin_anew(request: &mut Request, no: ApprovalNo) {
    let idle = request.approvals.iter().any(|known| known.no == no && known.waiting_items(request).is_empty());
    if let Some(approval) = request.approvals.iter_mut().find(|known| known.no == no)
        && idle
    {
        approval.state = ApprovalState::Open;
        approval.asked_at = None;
        approval.asked_again = false;
    }
}

/// Rule A3: what is over a limit leaves the next day.
#[derive(Default)]
struct Limits {
    new_approvals: u32,
    held: u32,
    held_until: Option<DateTime<Utc>>,
}

impl Limits {
    fn hold_back(
        &mut self,
        draft: &Draft<'_>,
        request: &Request,
        person: &EmailAddress,
        is_new: bool,
    ) -> Option<DateTime<Utc>> {
        let policy = &draft.snapshot.desk.policy;
        self.new_approvals = self.new_approvals.saturating_add(u32::from(is_new));
        let unanswered = draft.snapshot.load.unanswered_of_sender.saturating_add(self.new_approvals);
        let sender_over = !request.sender_verified
            && policy.unverified_sender_limit > 0
            && unanswered > policy.unverified_sender_limit;
        let person_over = policy.administrator_daily_limit > 0
            && draft.snapshot.asked_today(person) >= policy.administrator_daily_limit;
        let budget = policy.unverified_hourly_limit;
        let flood = !request.sender_verified && budget > 0 && draft.unverified_this_hour() >= budget;
        if !sender_over && !person_over && !flood {
            return None;
        }
        let calendar = &draft.snapshot.desk.calendar;
        let tomorrow = calendar.day(draft.snapshot.now).checked_add_days(Days::new(1))?;
        let until = calendar.next_open(calendar.start_of(tomorrow));
        self.held = self.held.saturating_add(1);
        self.held_until = Some(until);
        Some(until)
    }
}

/// Writes one letter that asks, with fresh tokens.
pub(super) fn write(
    draft: &mut Draft<'_>,
    request: &mut Request,
    approval: ApprovalNo,
    items: &[ItemNo],
    purpose: Purpose,
    your_words: Option<String>,
    not_before: Option<DateTime<Utc>>,
) {
    let letter = request.next_letter();
    let shown: Vec<Shown> = items
        .iter()
        .filter_map(|no| request.item(*no))
        .map(|item| Shown { item: item.no, digest: request.shown_digest(item) })
        .collect();
    let Some(asked) = request.approvals.iter_mut().find(|known| known.no == approval) else { return };
    asked.asks.push(Ask { letter, purpose, shown });
    let asked = asked.clone();
    let body = tell::asking(draft, request, &asked, items, purpose, your_words);
    let secrets = Secrets::draw(draft.entropy);
    draft.event(
        Event::new(EventKind::Asked, format!("Letter {} written for {} item(s).", body.name(), items.len()))
            .approval(approval)
            .letter(letter)
            .person(&asked.person),
    );
    draft.out.letters.push(Letter {
        reference: Some(request.reference.clone()),
        no: letter,
        to: asked.person,
        to_name: asked.name,
        language: asked.language,
        thread: None,
        key: Key::Asks(secrets),
        body,
        not_before,
        unverified: purpose == Purpose::First && !request.sender_verified,
    });
}

/// After items were settled: clocks of those who have nothing left to decide stop, and letters that have not left and ask
/// about what is settled are withdrawn. Who still has something to decide gets a letter about that alone.
pub(super) fn tidy(draft: &mut Draft<'_>, request: &mut Request) {
    let before: Vec<Approval> = request.approvals.clone();
    for approval in &before {
        let waiting = approval.waiting_items(request);
        let open = approval.state == ApprovalState::Open;
        if waiting.is_empty() || !open {
            draft
                .out
                .timers
                .push(TimerChange::ClearApproval { reference: request.reference.clone(), approval: approval.no });
        }
        let outdated: Vec<_> = approval
            .asks
            .iter()
            .filter(|ask| draft.snapshot.unsent.contains(&ask.letter))
            .filter(|ask| {
                approval.state == ApprovalState::Removed || ask.shown.iter().any(|shown| is_outdated(request, shown))
            })
            .map(|ask| ask.letter)
            .collect();
        if outdated.is_empty() {
            continue;
        }
        for letter in &outdated {
            draft.event(
                Event::new(EventKind::LetterWithdrawn, "It asks about what is settled, and has not left.")
                    .approval(approval.no)
                    .letter(*letter),
            );
            draft.out.withdraw.push(*letter);
        }
        if let Some(approval) = request.approvals.iter_mut().find(|known| known.no == approval.no) {
            approval.asks.retain(|ask| !outdated.contains(&ask.letter));
        }
        let told: BTreeSet<ItemNo> = request
            .approvals
            .iter()
            .find(|known| known.no == approval.no)
            .map(|known| known.waiting_items(request).into_iter().collect())
            .unwrap_or_default();
        let untold: Vec<ItemNo> = waiting.into_iter().filter(|no| !told.contains(no)).collect();
        if open && !untold.is_empty() {
            // A3: what was held back for the day stays held back.
            let person = approval.person.clone();
            let not_before = Limits::default().hold_back(draft, request, &person, false);
            write(draft, request, approval.no, &untold, Purpose::First, None, not_before);
        }
    }
}

/// Settled, or not any more as the letter shows it (rule V2).
fn is_outdated(request: &Request, shown: &Shown) -> bool {
    request
        .item(shown.item)
        .is_none_or(|item| !item.standing.awaits_answer() || request.shown_digest(item) != shown.digest)
}

/// The items that wait for answers while too few people are left who could give them (rule V5).
pub(super) fn abandoned(draft: &Draft<'_>, request: &Request) -> Vec<ItemNo> {
    request
        .items
        .iter()
        .filter(|item| item.standing.awaits_answer())
        .filter(|item| match item.standing {
            Standing::AdministratorReview => vote::is_abandoned(draft.snapshot, request, item),
            _ => !request.approvals.iter().any(|approval| {
                approval.state == ApprovalState::Open && approval.waiting_items(request).contains(&item.no)
            }),
        })
        .map(|item| item.no)
        .collect()
}
