//! Answers that come when nothing waits for their writer any more: told, handed over, or an approval taken back (V6, C4).

use super::answer::{answered, hand_over, is_eligible, not_aligned, verdict};
use super::draft::{Draft, Recipient};
use super::{ask, tell};
use crate::domain::approval::{Approval, Purpose, Say};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ItemNo;
use crate::domain::input::MailInput;
use crate::domain::letter::{Again, Body, LateAnswer};
use crate::domain::outcome::Folder;
use crate::domain::quote::repeated;
use crate::domain::request::{Need, Request, Standing};
use crate::domain::task::{NewTask, TaskCause};
use crate::domain::words::Verdict;

/// Nothing waits for this person any more (rules V6, C4).
pub(super) fn decide(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval) {
    let shown: Vec<ItemNo> = {
        let mut items: Vec<ItemNo> =
            approval.asks.iter().flat_map(|ask| ask.shown.iter().map(|shown| shown.item)).collect();
        items.sort();
        items.dedup();
        items
    };
    let verdict = verdict(mail);
    answered(draft, mail, approval, format!("Read as {verdict}, after nothing waited for this person any more."));
    let in_time = shown
        .iter()
        .filter_map(|no| request.item(*no))
        .any(|item| item.standing == Standing::Expired && mail.received_at <= item.since);
    if in_time {
        let why = "An answer arrived in time and was recorded after the request had expired. Expired stays; a person must decide.";
        draft.task(NewTask::new(TaskCause::AnswerAfterExpiry, why).mail(mail.mail).approval(approval.no).urgent());
        draft.taken_as("answer", Folder::Human, "In time, but recorded after expiry.");
        draft.out.request = Some(request);
        return;
    }
    let waiting = approval.waiting_items(&request);
    let taken_back = taken_back(draft, &request, approval, &shown, verdict);
    if !taken_back.is_empty() && not_aligned(draft, mail).is_none() {
        return take_back(draft, mail, request, approval, &taken_back);
    }
    let waits_elsewhere = shown.iter().filter(|no| !waiting.contains(no)).filter_map(|no| request.item(*no));
    // Sent back by somebody else: settled for now, and told as such.
    let is_open =
        |standing: &Standing| !standing.status().is_terminal() && *standing != Standing::FurtherAction(Need::SentBack);
    if waits_elsewhere.map(|item| &item.standing).any(is_open) {
        let why = "An administrator answered while the item does not wait for that person any more, and is not settled. Nothing was decided.";
        return hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, why);
    }
    let withdrawal = verdict == Verdict::Deny
        && shown.iter().filter_map(|no| request.item(*no)).any(|item| {
            matches!(item.standing, Standing::Approved(_))
                && item.votes.iter().any(|vote| vote.person == approval.person && vote.says == Say::Approve)
        });
    match verdict {
        Verdict::Approve | Verdict::Deny => {
            if withdrawal {
                let why = "Who approved takes it back. The access stands until a person revokes it.";
                draft.task(NewTask::new(TaskCause::Revoke, why).mail(mail.mail).approval(approval.no).urgent());
            }
            let body = Body::LateAnswer(LateAnswer {
                requester_email: tell::requester_as_repeated(&request).unwrap_or_default(),
                lines: tell::lines(draft, &request, &shown),
                withdrawal,
            });
            draft.tell(&mut request, Recipient::asked(approval, mail), body);
            let folder = if withdrawal { Folder::Human } else { Folder::Done };
            draft.taken_as("answer", folder, "Late: told the outcome, changed nothing.");
            draft.out.request = Some(request);
        }
        Verdict::SendBack | Verdict::Mixed | Verdict::Delegate | Verdict::Question | Verdict::Unclear => {
            let why = "An administrator wrote again after the decision. Nothing was changed.";
            hand_over(draft, mail, request, approval, TaskCause::VerdictNotWorked, why);
        }
    }
}

/// The items still open that this person has approved and now denies or sends back, all of which the token has spent.
fn taken_back(
    draft: &Draft<'_>,
    request: &Request,
    approval: &Approval,
    shown: &[ItemNo],
    verdict: Verdict,
) -> Vec<ItemNo> {
    if !matches!(verdict, Verdict::Deny | Verdict::SendBack) {
        return Vec::new();
    }
    let approved = |no: &ItemNo| {
        request.item(*no).is_some_and(|item| {
            let digest = request.shown_digest(item);
            item.standing == Standing::AdministratorReview
                && item
                    .votes
                    .iter()
                    .any(|vote| vote.person == approval.person && vote.digest == digest && vote.says == Say::Approve)
        })
    };
    let eligible = |no: &ItemNo| is_eligible(draft, request, *no, &approval.person);
    shown.iter().copied().filter(approved).filter(eligible).collect()
}

/// An approval that is taken back while others are still asked counts no more, and its person is asked anew.
///
/// The spent token decides nothing (rule T9): no denial is recorded. But nothing may be granted on the word of somebody who
/// has taken it back, and a word too few costs a letter, a word too many gives an access.
fn take_back(draft: &mut Draft<'_>, mail: &MailInput, mut request: Request, approval: &Approval, items: &[ItemNo]) {
    for no in items {
        let Some(item) = request.item_mut(*no) else { continue };
        item.votes.retain(|vote| vote.person != approval.person);
        draft.event(
            Event::new(EventKind::Voted, "The approval was taken back before enough agreed: it counts no more.")
                .item(*no)
                .approval(approval.no)
                .mail(mail.mail)
                .person(&approval.person),
        );
    }
    let words = repeated(&mail.visible_text, mail.authentication.is_aligned());
    let words = (!words.is_empty()).then_some(words);
    draft.again = Again::TakenBack;
    ask::write(draft, &mut request, approval.no, items, Purpose::AskAgain, words, None);
    draft.taken_as("answer", Folder::Done, "Takes an approval back before enough agreed: asked anew.");
    draft.out.request = Some(request);
}
