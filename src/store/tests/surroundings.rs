//! Files, programs beside each other, odd texts.

use std::time::Duration;

use super::*;
use crate::domain::event::{Event, EventKind};

#[tokio::test]
async fn a_database_that_is_not_there_is_made_only_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ringi.db");
    assert!(matches!(Store::open(&path, Create::No).await, Err(StoreError::Missing { .. })));
    assert!(matches!(Store::open_read_only(&path).await, Err(StoreError::Missing { .. })));
    assert_eq!(Store::schema_is_current(&path).await.unwrap(), None);
    Store::open(&path, Create::Yes).await.unwrap().close().await;
    assert_eq!(Store::schema_is_current(&path).await.unwrap(), Some(true));
    let store = Store::open(&path, Create::No).await.unwrap();
    store.desk("support").await.unwrap();
    #[cfg(unix)]
    for file in ["ringi.db", "ringi.db-wal"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else reads {file}");
    }
    let nowhere = Store::open(&folder.path().join("no/such/folder/ringi.db"), Create::Yes).await;
    assert!(matches!(nowhere, Err(StoreError::Surroundings { kind: Surroundings::Io, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_find_one_schema() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ringi.db");
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(async move { Store::open(&path, Create::Yes).await?.desk("support").await })
            })
            .collect();
        for start in starts {
            assert_eq!(start.await.unwrap().unwrap(), DeskId(1));
        }
    }
}

#[tokio::test]
async fn a_schema_of_another_version_is_named_and_not_touched() {
    let bench = Bench::new().await;
    sqlx::query("UPDATE _sqlx_migrations SET version = 99").execute(bench.store.writer().unwrap()).await.unwrap();
    assert_eq!(Store::schema_is_current(&bench.path()).await.unwrap(), Some(false));
    assert!(matches!(Store::open_read_only(&bench.path()).await, Err(StoreError::OtherSchema)));
    assert!(matches!(Store::open(&bench.path(), Create::No).await, Err(StoreError::OtherSchema)));
}

#[tokio::test]
async fn the_database_keeps_what_a_power_cut_could_take() {
    let bench = Bench::new().await;
    let writer = bench.store.writer().unwrap();
    let read = async |pragma: &'static str| -> String { sqlx::query_scalar(pragma).fetch_one(writer).await.unwrap() };
    assert_eq!(read("PRAGMA journal_mode").await, "wal");
    let number = async |pragma: &'static str| -> i64 { sqlx::query_scalar(pragma).fetch_one(writer).await.unwrap() };
    assert_eq!(number("PRAGMA synchronous").await, 2, "FULL");
    assert_eq!(number("PRAGMA foreign_keys").await, 1);
    let loose: i64 = number(
        "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
        AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND strict = 0",
    )
    .await;
    assert_eq!(loose, 0, "every table is STRICT");
}

#[tokio::test]
async fn readers_see_the_last_commit_while_a_writer_is_open() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let new = request("RG-7K3M9Q", mail);
    let beside = Store::open_read_only(&bench.path()).await.unwrap();
    let outcome = opening(&new, 1);
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    deciding.write(input, &outcome, &words(&outcome), after(2)).await.unwrap();
    for store in [&bench.store, &beside] {
        assert_eq!(store.request(&new.reference).await.unwrap(), None);
        assert_eq!(store.waiting_inputs(bench.desk).await.unwrap(), 1);
    }
    deciding.commit().await.unwrap();
    for store in [&bench.store, &beside] {
        let open = store.requests(&RequestFilter { open: true, ..RequestFilter::default() }, 9).await.unwrap();
        assert_eq!(open.iter().map(|request| &request.reference).collect::<Vec<_>>(), [&new.reference]);
    }
    assert_eq!(beside.find_desk("support").await.unwrap(), Some(bench.desk));
    assert!(matches!(beside.fire_due(bench.desk, after(0), 1, false).await, Ok(0)));
    assert!(matches!(beside.begin_attempt(input).await, Err(StoreError::ReadOnlyStore)));
}

#[tokio::test]
async fn two_programs_write_beside_each_other() {
    let bench = Bench::new().await;
    let command_line = Store::open(&bench.path(), Create::No).await.unwrap();
    let daemon = bench.store.clone();
    let mailbox = bench.mailbox;
    let recording = tokio::spawn(async move {
        for uid in 1..=40 {
            let batch = Batch { mails: vec![incoming(uid, &format!("d{uid}"))], up_to: uid, ..Batch::default() };
            daemon.record(mailbox, VALIDITY, &batch, Backlog::Human, after(60)).await.unwrap();
        }
    });
    for n in 0..40u32 {
        let contract = super::decisions::contract(&format!("{n}"), "a@haruka.example");
        let register = Register { contracts: vec![contract], ..Register::default() };
        command_line.import_register(register, ImportMode::default(), nine()).await.unwrap();
    }
    recording.await.unwrap();
    assert_eq!(bench.store.waiting_inputs(bench.desk).await.unwrap(), 40);
    assert_eq!(bench.store.contracts(&ContractFilter::default(), 99).await.unwrap().len(), 40);
}

#[tokio::test]
async fn a_database_that_another_program_keeps_locked_is_a_fault_that_passes() {
    let bench = Bench::new().await;
    let _held = bench.store.begin(bench.desk).await.unwrap();
    let impatient =
        sqlx::sqlite::SqliteConnectOptions::new().filename(bench.path()).busy_timeout(Duration::from_millis(1));
    let pool = sqlx::SqlitePool::connect_with(impatient).await.unwrap();
    let error = StoreError::from(pool.begin_with("BEGIN IMMEDIATE").await.err().unwrap());
    assert!(error.is_transient(), "{error}");
    assert!(matches!(error, StoreError::Surroundings { kind: Surroundings::Busy, .. }));
}

#[tokio::test]
async fn odd_and_long_texts_come_back_without_their_nul() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    let long = "稟議🖋𠮷".repeat(1_000_000 / 14);
    let mut new = request("RG-7K3M9Q", mail);
    new.subject = format!("a\0b{long}");
    new.reason = Some(long.clone());
    new.requester.name = Some("\0".into());
    let event = Event::new(EventKind::Opened, format!("\0{long}"));
    bench.decide(input, &Outcome { events: vec![event], ..opening(&new, 1) }, after(2)).await.unwrap();
    let read = bench.store.request(&new.reference).await.unwrap().unwrap();
    assert_eq!(read.subject, format!("ab{long}"));
    assert_eq!((read.reason.as_deref(), read.requester.name.as_deref()), (Some(long.as_str()), Some("")));
    assert!(bench.store.verify_chain(bench.desk).await.unwrap().is_ok(), "what is hashed is what is kept");
    let raw: Vec<u8> = (0..=255u8).cycle().take(2_000_000).collect();
    let batch = Batch { mails: vec![Incoming { raw: raw.clone(), ..incoming(2, "d2") }], up_to: 2, ..Batch::default() };
    let seen = bench.store.record(bench.mailbox, VALIDITY, &batch, Backlog::Human, after(60)).await.unwrap();
    assert!(bench.store.mail(seen.new[0]).await.unwrap().unwrap().raw == raw);
}

#[tokio::test]
async fn a_row_that_no_decision_writes_is_named_when_it_is_read() {
    let bench = Bench::new().await;
    let (input, mail) = bench.receive(1).await;
    bench.decide(input, &opening(&request("RG-7K3M9Q", mail), 1), after(2)).await.unwrap();
    sqlx::query("UPDATE item SET status = 'approved'").execute(bench.store.writer().unwrap()).await.unwrap();
    let error = bench.store.request(&reference("RG-7K3M9Q")).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(
        error.to_string(),
        "row RG-7K3M9Q/1 of item is broken: status, reason, clearance and decider do not belong together"
    );
}
