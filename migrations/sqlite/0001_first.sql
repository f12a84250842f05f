-- The first schema. Times are UTC milliseconds; folded keys are made by the program; no text holds U+0000.

CREATE TABLE desk (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    -- Head of the desk's audit chain.
    audit_seq   INTEGER NOT NULL DEFAULT 0,
    audit_hash  TEXT NOT NULL DEFAULT '',
    last_task_notice INTEGER
) STRICT;

CREATE TABLE mailbox (
    id            INTEGER PRIMARY KEY,
    desk_id       INTEGER NOT NULL REFERENCES desk (id),
    name          TEXT NOT NULL,
    uid_validity  INTEGER NOT NULL,
    -- Every UID up to here is recorded, proved absent, or a row of mail_gap.
    cursor        INTEGER NOT NULL DEFAULT 0,
    -- When the mailbox was first opened: what the server received before is backlog.
    first_opened_at INTEGER NOT NULL,
    UNIQUE (desk_id, name)
) STRICT;

CREATE TABLE mail (
    id            INTEGER PRIMARY KEY,
    desk_id       INTEGER NOT NULL REFERENCES desk (id),
    mailbox_id    INTEGER NOT NULL REFERENCES mailbox (id),
    uid_validity  INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    message_id    TEXT,
    -- Digest of Message-ID, From, Date and body: two mails with the same are one mail delivered twice.
    digest        TEXT NOT NULL,
    size          INTEGER NOT NULL,
    headers_only  INTEGER NOT NULL DEFAULT 0,
    -- NULL in a duplicate: the bytes stand in the first copy.
    raw           BLOB,
    -- NULL until it is worked.
    taken_as      TEXT,
    detail        TEXT,
    -- So that lists can name it: of the header when it is recorded, as read once it is worked. Decoded, one line, cut.
    from_address  TEXT,
    subject       TEXT,
    worked_at     INTEGER,
    reference     TEXT,
    duplicate_of  INTEGER REFERENCES mail (id),
    -- Where the mail is to be moved on the server, and when that was done with.
    folder        TEXT,
    moved_at      INTEGER,
    move_result   TEXT,
    UNIQUE (mailbox_id, uid_validity, uid)
) STRICT;
CREATE INDEX mail_digest ON mail (desk_id, digest);
CREATE INDEX mail_copies ON mail (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX mail_to_move ON mail (mailbox_id, uid_validity, uid) WHERE folder IS NOT NULL AND moved_at IS NULL;

CREATE TABLE mail_gap (
    mailbox_id    INTEGER NOT NULL REFERENCES mailbox (id),
    uid_validity  INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    tries         INTEGER NOT NULL DEFAULT 0,
    told_at       INTEGER,
    PRIMARY KEY (mailbox_id, uid_validity, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE input (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    desk_id     INTEGER NOT NULL REFERENCES desk (id),
    -- mail, timer, delivery, register; operator and review: an order given at the keyboard
    kind        TEXT NOT NULL CHECK (kind IN ('mail', 'timer', 'delivery', 'register', 'operator', 'review')),
    mail_id     INTEGER REFERENCES mail (id),
    -- JSON of whatever is no mail.
    payload     TEXT,
    created_at  INTEGER NOT NULL,
    -- Committed before the input is worked: at 3 it is parked unread.
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- waiting, done, parked
    state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'parked')),
    done_at     INTEGER,
    cause       TEXT,
    -- Parked by the counter of attempts: 1 once, to be tried once more after a quiet while; 2 for good.
    crashed     INTEGER NOT NULL DEFAULT 0,
    -- JSON of the answer to an order.
    reply       TEXT
) STRICT;
CREATE INDEX input_waiting ON input (desk_id, id) WHERE state = 'waiting';
CREATE INDEX input_crashed ON input (desk_id) WHERE state = 'parked' AND crashed = 1;
-- A mail waits once; it may be worked again.
CREATE UNIQUE INDEX input_of_mail ON input (mail_id) WHERE mail_id IS NOT NULL AND state <> 'done';

CREATE TABLE request (
    reference      TEXT PRIMARY KEY,
    desk_id        INTEGER NOT NULL REFERENCES desk (id),
    kind           TEXT NOT NULL,
    access_level   TEXT NOT NULL,
    received_at    INTEGER NOT NULL,
    opened_at      INTEGER NOT NULL,
    language       TEXT NOT NULL,
    sender         TEXT NOT NULL,
    sender_key     TEXT NOT NULL,
    sender_domain  TEXT NOT NULL,
    sender_name    TEXT,
    sender_verified INTEGER NOT NULL,
    mail_id        INTEGER NOT NULL REFERENCES mail (id),
    message_id     TEXT,
    subject        TEXT NOT NULL,
    requester_email TEXT, requester_key TEXT, requester_name TEXT, requester_company TEXT,
    approver_email  TEXT, approver_name  TEXT, approver_company  TEXT,
    reason         TEXT,
    last_letter    INTEGER NOT NULL,
    escalated      INTEGER NOT NULL DEFAULT 0,
    -- The one confirmation to the original address (rule V3).
    confirmation_sent INTEGER NOT NULL DEFAULT 0,
    -- Whether an item is not settled.
    is_open        INTEGER NOT NULL
) STRICT;
CREATE INDEX request_received ON request (desk_id, received_at);
CREATE INDEX request_of_sender ON request (desk_id, sender_key) WHERE is_open;
CREATE INDEX request_of_domain ON request (desk_id, sender_domain, opened_at);

CREATE TABLE item (
    reference       TEXT NOT NULL REFERENCES request (reference),
    no              INTEGER NOT NULL,
    contract_number TEXT,
    bill_to_id      TEXT,
    serial_number   TEXT,
    status          TEXT NOT NULL,
    reason          TEXT,
    awaiting        TEXT,
    -- Present exactly where the status is terminal.
    decided_by      TEXT,
    since           INTEGER NOT NULL,
    -- Counts the changes of the register that voided what was shown.
    revision        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (reference, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_open ON item (contract_number) WHERE decided_by IS NULL;

CREATE TABLE vote (
    reference  TEXT NOT NULL,
    item_no    INTEGER NOT NULL,
    -- In the order in which they were cast.
    position   INTEGER NOT NULL,
    person     TEXT NOT NULL,
    person_key TEXT NOT NULL,
    digest     TEXT NOT NULL,
    -- approve, deny, send_back
    says       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    mail_id    INTEGER NOT NULL REFERENCES mail (id),
    -- What is passed on with a send_back.
    comment    TEXT,
    PRIMARY KEY (reference, item_no, position),
    UNIQUE (reference, item_no, person_key, digest),
    FOREIGN KEY (reference, item_no) REFERENCES item (reference, no)
) STRICT, WITHOUT ROWID;

-- What reviewers have cleared.
CREATE TABLE clearing (
    reference  TEXT NOT NULL,
    item_no    INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    clearance  TEXT NOT NULL,
    reviewer   TEXT NOT NULL,
    at         INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    overrides  INTEGER NOT NULL,
    comment    TEXT,
    PRIMARY KEY (reference, item_no, position),
    FOREIGN KEY (reference, item_no) REFERENCES item (reference, no)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    reference   TEXT NOT NULL REFERENCES request (reference),
    no          INTEGER NOT NULL,
    person      TEXT NOT NULL,
    person_key  TEXT NOT NULL,
    name        TEXT,
    language    TEXT NOT NULL,
    state       TEXT NOT NULL,
    asked_at    INTEGER,
    asked_again INTEGER NOT NULL DEFAULT 0,
    confirmation_sent INTEGER NOT NULL DEFAULT 0,
    stranger_told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (reference, no),
    UNIQUE (reference, person_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ask (
    reference   TEXT NOT NULL,
    approval_no INTEGER NOT NULL,
    letter_no   INTEGER NOT NULL,
    purpose     TEXT NOT NULL,
    PRIMARY KEY (reference, letter_no),
    FOREIGN KEY (reference, approval_no) REFERENCES approval (reference, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX ask_of_approval ON ask (reference, approval_no);

-- The items as a letter showed them.
CREATE TABLE ask_shown (
    reference   TEXT NOT NULL,
    letter_no   INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    item_no     INTEGER NOT NULL,
    digest      TEXT NOT NULL,
    PRIMARY KEY (reference, letter_no, position),
    FOREIGN KEY (reference, letter_no) REFERENCES ask (reference, letter_no)
) STRICT, WITHOUT ROWID;

-- Tokens are kept as SHA-256 only. Those of a letter to the request's sender belong to no approval.
CREATE TABLE token (
    hash        TEXT PRIMARY KEY,
    reference   TEXT NOT NULL REFERENCES request (reference),
    approval_no INTEGER,
    letter_no   INTEGER NOT NULL,
    FOREIGN KEY (reference, approval_no) REFERENCES approval (reference, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_of_ask ON token (reference, letter_no);

CREATE TABLE grant_given (
    id              INTEGER PRIMARY KEY,
    desk_id         INTEGER NOT NULL REFERENCES desk (id),
    account         TEXT NOT NULL,
    account_key     TEXT NOT NULL,
    contract_number TEXT,
    bill_to_id      TEXT,
    access_level    TEXT NOT NULL,
    granted_at      INTEGER NOT NULL,
    granted_by      TEXT NOT NULL,
    reference       TEXT NOT NULL,
    item_no         INTEGER NOT NULL,
    revoked_at      INTEGER,
    FOREIGN KEY (reference, item_no) REFERENCES item (reference, no)
) STRICT;
-- At most one active grant of each.
CREATE UNIQUE INDEX grant_active ON grant_given
    (desk_id, account_key, coalesce(contract_number, ''), coalesce(bill_to_id, ''), access_level) WHERE revoked_at IS NULL;

CREATE TABLE letter (
    -- Never used twice: the order of the ids is the order of writing.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    desk_id     INTEGER NOT NULL REFERENCES desk (id),
    reference   TEXT REFERENCES request (reference),
    -- Number within the request; 0 for a desk's own letters.
    no          INTEGER NOT NULL,
    name        TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    language    TEXT NOT NULL,
    -- SHA-256 of the Message-ID, which holds a token (rule T8): enough to know it again.
    message_id_hash TEXT NOT NULL UNIQUE,
    subject     TEXT NOT NULL,
    -- The text part with its tokens masked: what may be shown.
    shown_text  TEXT NOT NULL,
    -- Byte for byte what leaves; NULL a day after acceptance (rule T10).
    bytes       BLOB,
    -- Of a letter that asks, whether the request's sender was verified (rule A3); NULL in a letter that tells.
    sender_verified INTEGER,
    -- Whether a sender for whom nobody vouches made the desk write it: such letters have a budget of their own.
    unverified  INTEGER NOT NULL,
    written_at  INTEGER NOT NULL,
    not_before  INTEGER NOT NULL,
    state       TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'accepted', 'rejected', 'withdrawn', 'held', 'dropped')),
    -- 'tripped' where a breaker holds it; 'passes' once an operator sent it all the same.
    breaker     TEXT NOT NULL DEFAULT 'obeys' CHECK (breaker IN ('obeys', 'tripped', 'passes')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- Who has it, and when the last attempt was begun: written before anybody dials.
    claimed_by  TEXT,
    attempted_at INTEGER,
    -- When it was accepted, rejected, withdrawn or dropped.
    ended_at    INTEGER,
    last_reply  TEXT
) STRICT;
CREATE INDEX letter_waiting ON letter (desk_id, not_before, id) WHERE state = 'waiting';
CREATE INDEX letter_sending ON letter (desk_id) WHERE state = 'sending';
CREATE INDEX letter_held ON letter (desk_id) WHERE state = 'held';
-- Letters to one person about one request leave in order (rule C1).
CREATE INDEX letter_unsent ON letter (reference, recipient_key, id) WHERE ended_at IS NULL;
CREATE INDEX letter_of_request ON letter (reference, no);
-- For the breakers.
CREATE INDEX letter_left ON letter (desk_id, attempted_at) WHERE state IN ('sending', 'accepted');
CREATE INDEX letter_left_to ON letter (desk_id, recipient_key, attempted_at) WHERE state IN ('sending', 'accepted');
-- For rule A3.
CREATE INDEX letter_asking ON letter (desk_id, recipient_key, sender_verified, written_at) WHERE sender_verified IS NOT NULL;
CREATE INDEX letter_unverified ON letter (desk_id, written_at) WHERE unverified = 1;
-- For rule T10.
CREATE INDEX letter_to_clear ON letter (ended_at) WHERE bytes IS NOT NULL AND ended_at IS NOT NULL;

CREATE TABLE task (
    id          INTEGER PRIMARY KEY,
    desk_id     INTEGER NOT NULL REFERENCES desk (id),
    cause       TEXT NOT NULL,
    urgent      INTEGER NOT NULL DEFAULT 0,
    reference   TEXT REFERENCES request (reference),
    item_no     INTEGER,
    approval_no INTEGER,
    mail_id     INTEGER REFERENCES mail (id),
    detail      TEXT NOT NULL,
    opened_at   INTEGER NOT NULL,
    told_at     INTEGER,
    closed_at   INTEGER,
    closed_by   TEXT,
    comment     TEXT
) STRICT;
CREATE INDEX task_of_request ON task (reference) WHERE closed_at IS NULL AND reference IS NOT NULL;
CREATE INDEX task_open ON task (desk_id, id) WHERE closed_at IS NULL;

CREATE TABLE timer (
    id          INTEGER PRIMARY KEY,
    desk_id     INTEGER NOT NULL REFERENCES desk (id),
    -- JSON of the clock: equal clocks are one row.
    clock       TEXT NOT NULL,
    reference   TEXT REFERENCES request (reference),
    approval_no INTEGER,
    due         INTEGER NOT NULL,
    UNIQUE (desk_id, clock)
) STRICT;
CREATE INDEX timer_due ON timer (desk_id, due, id);
CREATE INDEX timer_of_approval ON timer (reference, approval_no);

-- The audit chain: ids and a salted digest, each row hashed over the one before.
CREATE TABLE event (
    desk_id     INTEGER NOT NULL REFERENCES desk (id),
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    reference   TEXT,
    item_no     INTEGER,
    approval_no INTEGER,
    letter_no   INTEGER,
    mail_id     INTEGER,
    task_id     INTEGER,
    payload_digest TEXT NOT NULL,
    previous    TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (desk_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_of_request ON event (reference, seq);

-- Personal payload stands beside the chain, so that it can be erased while the chain still verifies.
CREATE TABLE event_payload (
    desk_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    salt    TEXT NOT NULL,
    person  TEXT,
    detail  TEXT NOT NULL,
    PRIMARY KEY (desk_id, seq),
    FOREIGN KEY (desk_id, seq) REFERENCES event (desk_id, seq)
) STRICT, WITHOUT ROWID;

-- The register. A row of a file replaces its entry whole, and is read whole: lists are JSON, in the file's order. What is
-- looked for by more than the entry's own number has a table beside it.
CREATE TABLE contract (
    number          TEXT NOT NULL UNIQUE,
    holder          TEXT NOT NULL,
    aliases         TEXT NOT NULL,
    -- Holder and aliases as they are searched for, one a line.
    names_key       TEXT NOT NULL,
    domains         TEXT NOT NULL,
    addresses       TEXT NOT NULL,
    bill_to_id      TEXT,
    service_level   TEXT,
    issued_at       INTEGER,
    -- ISO days in the desk's zone.
    starts_on       TEXT,
    ends_on         TEXT,
    serial_numbers  TEXT NOT NULL,
    administered_by TEXT NOT NULL,
    -- Objects of email, folded key and name.
    administrators  TEXT NOT NULL,
    -- any, all or a number; NULL is the policy.
    agreement       TEXT
) STRICT;
CREATE INDEX contract_bill_to ON contract (bill_to_id, number) WHERE bill_to_id IS NOT NULL;

CREATE TABLE contract_serial (
    serial TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (serial, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE bill_to (
    id             TEXT PRIMARY KEY,
    company        TEXT NOT NULL,
    administrators TEXT NOT NULL,
    agreement      TEXT
) STRICT, WITHOUT ROWID;

-- What each person administers.
CREATE TABLE administrator (
    email_key TEXT NOT NULL,
    -- 'contract' with a contract number, or 'bill_to' with a bill-to ID.
    scope     TEXT NOT NULL CHECK (scope IN ('contract', 'bill_to')),
    scope_id  TEXT NOT NULL,
    PRIMARY KEY (email_key, scope, scope_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    email_key   TEXT PRIMARY KEY,
    email       TEXT NOT NULL,
    name        TEXT,
    language    TEXT,
    -- Objects of email, folded key, name and the days.
    substitutes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    email_key TEXT PRIMARY KEY,
    email     TEXT NOT NULL,
    name      TEXT,
    company   TEXT,
    address   TEXT,
    language  TEXT
) STRICT, WITHOUT ROWID;
