//! A ledger in memory that checks at every write what a ledger relies on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use ringi::domain::ids::MailId;
use ringi::domain::outcome::Folder;
use ringi::mailbox::{
    Batch, Clock, Gap, Identify, Identity, Incoming, Ledger, LedgerError, MoveDue, MoveResult, Opening,
};

/// Which UIDs the server holds now.
type Truth = Arc<dyn Fn() -> Vec<u32> + Send + Sync>;

#[derive(Default)]
pub struct Notebook {
    pages: Mutex<Pages>,
    truth: Option<Truth>,
}

#[derive(Default)]
struct Pages {
    uid_validity: Option<u32>,
    first_opened_at: Option<DateTime<Utc>>,
    cursor: u32,
    mails: BTreeMap<(u32, u32), Incoming>,
    gaps: BTreeMap<u32, Gap>,
    /// With their UIDVALIDITY.
    due: Vec<(u32, MoveDue)>,
    moved: Vec<(MailId, MoveResult)>,
    /// Writes to refuse, as a full disk would.
    refuse: u32,
}

#[allow(dead_code)] // Not every test file uses all of it.
impl Notebook {
    /// A notebook that knows what the server holds: the cursor must never pass a mail that is neither recorded nor a gap.
    pub fn checked_against(truth: impl Fn() -> Vec<u32> + Send + Sync + 'static) -> Self {
        Self { truth: Some(Arc::new(truth)), ..Self::default() }
    }

    pub fn uids(&self) -> Vec<u32> {
        self.pages.lock().unwrap().mails.keys().map(|(_, uid)| *uid).collect()
    }

    pub fn keys(&self) -> Vec<(u32, u32)> {
        self.pages.lock().unwrap().mails.keys().copied().collect()
    }

    pub fn mails(&self) -> Vec<Incoming> {
        self.pages.lock().unwrap().mails.values().cloned().collect()
    }

    pub fn cursor(&self) -> u32 {
        self.pages.lock().unwrap().cursor
    }

    pub fn gap_uids(&self) -> Vec<u32> {
        self.pages.lock().unwrap().gaps.keys().copied().collect()
    }

    pub fn refuse_writes(&self, times: u32) {
        self.pages.lock().unwrap().refuse = times;
    }

    /// Makes a move due for a recorded mail; its number is its UID.
    pub fn wants_moved(&self, uid: u32, folder: Folder) {
        let mut pages = self.pages.lock().unwrap();
        let ((uid_validity, _), mail) =
            pages.mails.iter().find(|((_, its), _)| *its == uid).expect("only a recorded mail can be moved");
        let due = MoveDue { mail: MailId(i64::from(uid)), uid, message_id: mail.identity.message_id.clone(), folder };
        let uid_validity = *uid_validity;
        pages.due.push((uid_validity, due));
    }

    pub fn moved(&self) -> Vec<(i64, MoveResult)> {
        self.pages.lock().unwrap().moved.iter().map(|(mail, result)| (mail.0, result.clone())).collect()
    }
}

impl Ledger for Notebook {
    async fn open_mailbox(&self, _name: &str, uid_validity: u32, now: DateTime<Utc>) -> Result<Opening, LedgerError> {
        let mut pages = self.pages.lock().unwrap();
        if pages.uid_validity != Some(uid_validity) {
            pages.uid_validity = Some(uid_validity);
            pages.cursor = 0;
            pages.gaps.clear();
        }
        let first_opened_at = *pages.first_opened_at.get_or_insert(now);
        Ok(Opening { mailbox: 1, cursor: pages.cursor, first_opened_at })
    }

    async fn record(&self, _mailbox: i64, batch: Batch, now: DateTime<Utc>) -> Result<u32, LedgerError> {
        let mut pages = self.pages.lock().unwrap();
        if pages.refuse > 0 {
            pages.refuse -= 1;
            return Err("disk full".into());
        }
        assert_eq!(Some(batch.uid_validity), pages.uid_validity);
        for mail in batch.mails {
            pages.gaps.remove(&mail.uid);
            let twice = pages.mails.insert((batch.uid_validity, mail.uid), mail);
            assert!(twice.is_none(), "recorded twice: {twice:?}");
        }
        for uid in batch.withheld {
            pages.gaps.entry(uid).or_insert(Gap { uid, since: now, tries: 0 });
        }
        let absent = |uid: u32| batch.absent.iter().any(|range| range.contains(&uid));
        pages.gaps.retain(|uid, _| !absent(*uid));
        for uid in pages.cursor + 1..=batch.up_to {
            let settled = pages.mails.contains_key(&(batch.uid_validity, uid)) || pages.gaps.contains_key(&uid);
            assert!(settled || absent(uid), "the account up to {} leaves out {uid}", batch.up_to);
            assert!(!(settled && absent(uid)), "{uid} is called absent");
            pages.cursor = uid;
        }
        if let Some(truth) = &self.truth {
            for uid in truth().into_iter().filter(|uid| *uid <= pages.cursor) {
                let settled = pages.mails.contains_key(&(batch.uid_validity, uid)) || pages.gaps.contains_key(&uid);
                assert!(settled, "the cursor passed {uid}, which is neither recorded nor a gap");
            }
        }
        Ok(pages.cursor)
    }

    async fn gap_tried(&self, _mailbox: i64, _uid_validity: u32, uid: u32) -> Result<(), LedgerError> {
        self.pages.lock().unwrap().gaps.get_mut(&uid).unwrap().tries += 1;
        Ok(())
    }

    async fn gaps(&self, _mailbox: i64, _uid_validity: u32) -> Result<Vec<Gap>, LedgerError> {
        Ok(self.pages.lock().unwrap().gaps.values().copied().collect())
    }

    async fn moves_due(&self, _mailbox: i64, uid_validity: u32, limit: u32) -> Result<Vec<MoveDue>, LedgerError> {
        let pages = self.pages.lock().unwrap();
        let due = pages.due.iter().filter(|(validity, _)| *validity == uid_validity);
        Ok(due.take(limit as usize).map(|(_, due)| due.clone()).collect())
    }

    async fn moved(&self, mail: MailId, result: &MoveResult, _now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut pages = self.pages.lock().unwrap();
        pages.due.retain(|(_, due)| due.mail != mail);
        pages.moved.push((mail, result.clone()));
        Ok(())
    }
}

/// A clock that stands until the test moves it.
#[derive(Clone)]
pub struct Hands(Arc<Mutex<DateTime<Utc>>>);

#[allow(dead_code)]
impl Hands {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Utc.with_ymd_and_hms(2026, 11, 20, 1, 15, 0).unwrap())))
    }

    pub fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || *hands.0.lock().unwrap())
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Tells mails apart by their Message-ID field alone.
pub fn identify() -> Identify {
    Arc::new(|raw| {
        let text = String::from_utf8_lossy(raw);
        let message_id = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("message-id").then(|| value.trim().trim_matches(['<', '>']).to_owned())
        });
        Identity { digest: message_id.clone().unwrap_or_default(), message_id }
    })
}

/// A small mail, its Message-ID made of `name`.
#[allow(dead_code)]
pub fn mail(name: &str) -> Vec<u8> {
    format!(
        "From: <sato@partner.example>\r\nTo: <desk@vendor.example>\r\nSubject: {name}\r\n\
         Message-ID: <{name}@partner.example>\r\n\r\nHello, this is {name}.\r\n"
    )
    .into_bytes()
}
