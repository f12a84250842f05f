//! A desk in a folder: a mail arrives, all settles, the letters are looked at. The clock is the test's; nothing sleeps.
//!
//! It runs the daemon's own path (Maildir, ledger, engine, outbox) and fails at its end on letters that nobody looked at and
//! on warnings that nobody expected.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use ringi::app::{App, Surroundings};
use ringi::config::Config;
use ringi::domain::entropy::Seeded;
use ringi::domain::ids::Reference;
use ringi::domain::input::{OperatorAct, Order, ReviewAct};
use ringi::domain::outcome::Reply;
use ringi::domain::request::Request;
use ringi::domain::task::TaskCause;
use ringi::register;
use ringi::rules::Rules;
use ringi::store::{ImportMode, InputState, MailFilter, RequestFilter, Store};
use tempfile::TempDir;

use crate::letter::Letter;
use crate::warnings::Warnings;

/// Tuesday, in business hours in Tokyo.
pub const START: &str = "2026-11-24T10:00:00+09:00";

const CONFIG: &str = r#"[store]
path = "ringi.db"

[[desk]]
name = "support"
address = "desk@vendor.example"
own_domains = ["vendor.example"]
signature = { ja = "サポート窓口", en = "Support Desk" }
reviewers = [{ name = "ito", address = "ito@vendor.example" }]
language = "en"
backlog = "process"
hours = { zone = "Asia/Tokyo" }
trust = { authserv_id = "mx.vendor.example" }

[[desk.mailbox]]
name = "inbox"
kind = "maildir"
path = "mailbox"

[desk.sending]
kind = "maildir"
path = "letters"
"#;

const CONTRACTS: &str = "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,serial_numbers,administered_by,administrators
90001001,株式会社ひばり工業,Hibari Industries K.K.,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,安藤 直子 <ando@hibari.example>
90001002,株式会社ひばり工業,Hibari Industries K.K.,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,安藤 直子 <ando@hibari.example>;Lee Park <lee@partner.example>
90002001,Redwood Foods Ltd.,,redwood.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,administrators,Ann Lake <ann@redwood.example>
90003001,株式会社ひばり工業,,hibari.example,,,standard,2018-04-01,2018-04-01,2023-03-31,,administrators,安藤 直子 <ando@hibari.example>
90004001,株式会社ひばり工業,,hibari.example,,,standard,2024-04-01,2024-04-01,2036-03-31,,desk,
90005001,株式会社ひばり工業,,hibari.example,,,standard,2026-11-24 09:00,2026-11-24,2036-03-31,,administrators,安藤 直子 <ando@hibari.example>
";

/// A desk under test.
pub struct World {
    pub app: App,
    dir: TempDir,
    now: Arc<Mutex<DateTime<Utc>>>,
    mails: u32,
    unread: Vec<Letter>,
    seen: Vec<PathBuf>,
    warnings: Warnings,
}

/// Builds a [`World`].
pub struct Builder {
    config: String,
    contracts: String,
}

impl Builder {
    /// The same, with a piece of the config put differently.
    #[must_use]
    pub fn with(mut self, what: &str, otherwise: &str) -> Self {
        assert!(self.config.contains(what), "the config has no {what:?}");
        self.config = self.config.replace(what, otherwise);
        self
    }

    /// The same, with a further contract.
    #[must_use]
    pub fn contract(mut self, row: &str) -> Self {
        self.contracts.push_str(row);
        self.contracts.push('\n');
        self
    }

    /// The desk, with its register imported.
    pub async fn build(self) -> World {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["mailbox/new", "mailbox/cur", "mailbox/tmp", "letters/new", "letters/cur", "letters/tmp"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let file = dir.path().join("ringi.toml");
        fs::write(&file, &self.config).unwrap();
        let config = Config::parse(&file, &self.config, &[]).unwrap();
        let now = Arc::new(Mutex::new(START.parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc()));
        let clock = Arc::clone(&now);
        let surroundings = Surroundings {
            clock: Arc::new(move || *clock.lock().unwrap()),
            entropy: Arc::new(|| Box::new(Seeded::new(20_261_124))),
        };
        let warnings = Warnings::collect();
        let world = World {
            app: App::build_in(&config, &surroundings).await.unwrap(),
            dir,
            now,
            mails: 0,
            unread: Vec::new(),
            seen: Vec::new(),
            warnings,
        };
        world.import(&self.contracts).await;
        world
    }
}

impl World {
    /// The desk of most tests.
    pub fn builder() -> Builder {
        Builder { config: CONFIG.to_owned(), contracts: CONTRACTS.to_owned() }
    }

    /// The desk of most tests, built.
    pub async fn new() -> Self {
        Self::builder().build().await
    }

    /// The store, to look at.
    pub fn store(&self) -> &Store {
        self.app.store()
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    /// Moves the clock on to a moment of the desk's zone, as `2026-11-25T10:00`.
    pub fn at(&mut self, local: &str) {
        let moment = format!("{local}:00+09:00").parse::<DateTime<chrono::FixedOffset>>().unwrap().to_utc();
        assert!(moment >= self.now(), "time runs forward");
        *self.now.lock().unwrap() = moment;
    }

    /// Takes a register over.
    pub async fn import(&self, contracts: &str) {
        let rules = Rules::embedded().unwrap();
        let how = register::Reading { zone: chrono_tz::Asia::Tokyo, free_mail: rules.companies.free_mail_domains() };
        let register = register::read(std::path::Path::new("contracts.csv"), contracts.as_bytes(), how).unwrap();
        let mode = ImportMode { prune: true, dry_run: false };
        self.store().import_register(register, mode, self.now()).await.unwrap();
    }

    /// A mail arrives, now.
    pub fn receive(&mut self, mail: impl AsRef<[u8]>) {
        self.receive_into("mailbox", mail);
    }

    /// A mail arrives in this Maildir, now.
    pub fn receive_into(&mut self, mailbox: &str, mail: impl AsRef<[u8]>) {
        for folder in ["new", "cur", "tmp"] {
            fs::create_dir_all(self.dir.path().join(mailbox).join(folder)).unwrap();
        }
        self.mails += 1;
        let name = format!("{:06}", self.mails);
        let written = self.dir.path().join(mailbox).join("tmp").join(&name);
        fs::write(&written, mail).unwrap();
        let file = fs::File::options().write(true).open(&written).unwrap();
        file.set_modified(SystemTime::from(self.now())).unwrap();
        drop(file);
        fs::rename(written, self.dir.path().join(mailbox).join("new").join(name)).unwrap();
    }

    /// Works everything that is due. Time stands still; letters that left are then to be looked at.
    pub async fn settle(&mut self) {
        self.app.until_idle().await.unwrap();
        self.collect();
    }

    /// The folder that all lies in.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Letters of a desk that sends into another Maildir, oldest first.
    pub fn letters_in(&self, sent: &str) -> Vec<Letter> {
        let Ok(files) = fs::read_dir(self.dir.path().join(sent).join("new")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| Letter::read(&fs::read(file).unwrap())).collect()
    }

    /// Takes up what was sent since.
    pub fn collect(&mut self) {
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.dir.path().join("letters/new")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort_by_key(|file| (fs::metadata(file).unwrap().modified().unwrap(), file.clone()));
        for file in files {
            if self.seen.contains(&file) {
                continue;
            }
            self.unread.push(Letter::read(&fs::read(&file).unwrap()));
            self.seen.push(file);
        }
    }

    /// A mail arrives and is worked.
    pub async fn works(&mut self, mail: impl AsRef<[u8]>) {
        self.receive(mail);
        self.settle().await;
    }

    /// The one unread letter to this address; it is read then.
    pub fn letter_to(&mut self, address: &str) -> Letter {
        let mut to: Vec<usize> =
            self.unread.iter().enumerate().filter(|(_, l)| l.to == address).map(|(n, _)| n).collect();
        let seen: Vec<String> = self.unread.iter().map(|letter| format!("{} to {}", letter.name, letter.to)).collect();
        assert_eq!(to.len(), 1, "letters to {address}; unread: {seen:?}");
        self.unread.remove(to.remove(0))
    }

    /// Reads and forgets all letters so far.
    pub fn read_all(&mut self) -> Vec<Letter> {
        std::mem::take(&mut self.unread)
    }

    /// Nothing was sent that is not read yet.
    pub fn no_letters(&self) {
        let unread: Vec<String> =
            self.unread.iter().map(|letter| format!("{} to {}", letter.name, letter.to)).collect();
        assert!(unread.is_empty(), "unread: {unread:?}");
    }

    /// The only request.
    pub async fn request(&self) -> Request {
        let mut all = self.requests().await;
        assert_eq!(all.len(), 1, "requests");
        all.remove(0)
    }

    /// All requests, the oldest first.
    pub async fn requests(&self) -> Vec<Request> {
        let mut all = self.store().requests(&RequestFilter::default(), 1000).await.unwrap();
        all.sort_by_key(|request| request.mail);
        all
    }

    /// `approved`, `denied / declined`, … for each item of the only request.
    pub async fn standings(&self) -> Vec<String> {
        self.request().await.items.iter().map(standing).collect()
    }

    /// Causes of the open tasks.
    pub async fn tasks(&self) -> Vec<TaskCause> {
        self.store().tasks(None, true, 1000).await.unwrap().into_iter().map(|task| task.cause).collect()
    }

    /// The timeline's sentences of a request.
    pub async fn timeline(&self, reference: &Reference) -> Vec<String> {
        let entries = self.store().timeline(reference).await.unwrap();
        entries.into_iter().filter_map(|entry| entry.detail).collect()
    }

    /// What the latest mail was taken for.
    pub async fn taken_as(&self) -> String {
        let mails = self.store().mails(&MailFilter::default(), 1).await.unwrap();
        mails.first().and_then(|mail| mail.taken_as.clone()).unwrap_or_else(|| "(waits)".to_owned())
    }

    /// A reviewer acts from the command line, and all settles; gives the answer.
    pub async fn reviews(&mut self, act: ReviewAct) -> Vec<String> {
        self.gives(Order::Review(act)).await.lines
    }

    /// An order at the keyboard; gives its answer. Letters that left meanwhile are to be looked at.
    pub async fn order(&mut self, act: OperatorAct) -> Reply {
        self.gives(Order::Operator(act)).await
    }

    async fn gives(&mut self, order: Order) -> Reply {
        let desk = self.store().desk("support").await.unwrap();
        let input = self.store().add_order(desk, &order, self.now()).await.unwrap();
        self.settle().await;
        match self.store().input_state(input).await.unwrap() {
            Some(InputState::Done(Some(reply))) => reply,
            other => panic!("the order has no answer: {other:?}"),
        }
    }

    /// A warning with these words is expected.
    pub fn expect_warning(&mut self, words: &str) {
        self.warnings.expect(words);
    }

    /// Whole days pass.
    pub fn days_pass(&mut self, days: i64) {
        let later = self.now() + TimeDelta::days(days);
        *self.now.lock().unwrap() = later;
    }
}

/// `denied / declined (awaiting …)`
pub fn standing(item: &ringi::domain::request::Item) -> String {
    let mut text = item.standing.status().to_string();
    if let Some(reason) = item.standing.reason() {
        text.push_str(&format!(" / {reason}"));
    }
    if let Some(clearance) = item.standing.awaiting() {
        text.push_str(&format!(" (awaiting {clearance})"));
    }
    text
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.no_letters();
            self.warnings.none_left();
        }
    }
}
