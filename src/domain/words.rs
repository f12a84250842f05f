//! The closed vocabularies of the process: kinds, statuses, reasons, verdicts. Their spelling is fixed.

/// Declares an enum whose variants have one fixed spelling, used in JSON, in the database and on the command line.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The fixed spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads the fixed spelling back; `None` for any other text.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.as_str()) }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// The language in which a correspondent is written to.
    Language { Japanese = "ja", English = "en" }
}

vocabulary! {
    /// What a request asks for.
    Kind {
        ThirdParty = "third_party",
        Contract = "contract",
        Download = "download",
        BillTo = "bill_to",
        Ordering = "ordering",
    }
}

vocabulary! {
    /// How much a grant opens.
    AccessLevel { Full = "full", Download = "download", Ordering = "ordering" }
}

vocabulary! {
    /// What a mail is, before anybody's state is looked at.
    Class {
        Request = "request",
        Answer = "answer",
        StatusQuery = "status_query",
        Cancel = "cancel",
        Reprocess = "reprocess",
        Inquiry = "inquiry",
        AutoReply = "auto_reply",
        Bounce = "bounce",
        FeedbackReport = "feedback_report",
        List = "list",
        Calendar = "calendar",
        Unreadable = "unreadable",
    }
}

impl Class {
    /// Noise never opens a request, never counts as an answer and never gets an answer.
    pub const fn is_noise(self) -> bool {
        match self {
            Class::AutoReply | Class::Bounce | Class::FeedbackReport | Class::List | Class::Calendar => true,
            Class::Request
            | Class::Answer
            | Class::StatusQuery
            | Class::Cancel
            | Class::Reprocess
            | Class::Inquiry
            | Class::Unreadable => false,
        }
    }
}

vocabulary! {
    /// What an answer to an approval letter says as a whole.
    Verdict {
        Approve = "approve",
        Deny = "deny",
        SendBack = "send_back",
        Mixed = "mixed",
        Delegate = "delegate",
        Question = "question",
        Unclear = "unclear",
    }
}

vocabulary! {
    /// What a mixed answer says of one item.
    ItemVerdict {
        Approve = "approve",
        Deny = "deny",
        SendBack = "send_back",
        Question = "question",
        Unclear = "unclear",
    }
}

vocabulary! {
    /// Where an item stands. `Approved`, `Denied`, `Cancelled` and `Expired` are terminal.
    Status {
        Approved = "approved",
        PendingAdministratorReview = "pending_administrator_review",
        PendingVendorReview = "pending_vendor_review",
        PendingFurtherAction = "pending_further_action",
        Denied = "denied",
        Cancelled = "cancelled",
        Expired = "expired",
    }
}

impl Status {
    /// A terminal status is never left again.
    pub const fn is_terminal(self) -> bool {
        match self {
            Status::Approved | Status::Denied | Status::Cancelled | Status::Expired => true,
            Status::PendingAdministratorReview | Status::PendingVendorReview | Status::PendingFurtherAction => false,
        }
    }
}

vocabulary! {
    /// Why an item stands where it stands.
    Reason {
        MissingInformation = "missing_information",
        ContractNotFound = "contract_not_found",
        ContractInactive = "contract_inactive",
        ContractTooNew = "contract_too_new",
        AlreadyRegistered = "already_registered",
        ProfileIncomplete = "profile_incomplete",
        WrongAccessLevel = "wrong_access_level",
        PublicDomain = "public_domain",
        CompanyMismatch = "company_mismatch",
        ApproverNotEntitled = "approver_not_entitled",
        ConsentRequired = "consent_required",
        Declined = "declined",
        SentBack = "sent_back",
        NoAnswer = "no_answer",
        NoAdministrator = "no_administrator",
        SeveralPeople = "several_people",
    }
}

vocabulary! {
    /// What a person of the desk must settle before an item in `pending_vendor_review` goes on.
    Clearance {
        Reading = "reading",
        Identity = "identity",
        Entitlement = "entitlement",
        NoAdministrator = "no_administrator",
        Final = "final",
    }
}

vocabulary! {
    /// A part that a request can lack, spelled as in `missing` of `ringi read --json`.
    Part {
        ContractNumbers = "contract_numbers",
        BillToIds = "bill_to_ids",
        RequesterEmail = "requester.email",
        RequesterCompany = "requester.company",
        ApproverEmail = "approver.email",
        ApproverName = "approver.name",
        ApproverCompany = "approver.company",
        Reason = "reason",
    }
}
