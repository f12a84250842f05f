//! What an import changed or took away under an open request.

use super::draft::Draft;
use crate::domain::event::{Event, EventKind};
use crate::domain::input::{ContractChanged, RegisterChanged};

/// One entry of the timeline for each open item that names such a contract.
pub(super) fn decide(draft: &mut Draft<'_>, changed: &RegisterChanged) {
    let request = draft.snapshot.request.clone().filter(|request| request.reference == changed.reference);
    let Some(request) = request else { return };
    for change in &changed.contracts {
        let what = match change.what {
            ContractChanged::Removed => "The register no longer has the contract.",
            ContractChanged::FactsChanged => "The register changed what it says of the contract.",
            ContractChanged::PeopleChanged => "The register changed who administers the contract.",
        };
        let open = request.items.iter().filter(|item| item.standing.decided_by().is_none());
        for item in open.filter(|item| item.contract_number.as_ref() == Some(&change.number)) {
            draft.event(Event::new(EventKind::RegisterChanged, what).item(item.no));
        }
    }
    draft.out.request = Some(request);
}
