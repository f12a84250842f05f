//! The audit chain: it holds, and whoever changes, drops or adds a row is found.

use super::*;
use crate::domain::event::{Event, EventKind};

async fn with_events(count: u32) -> Bench {
    let bench = Bench::new().await;
    for uid in 1..=count {
        let (input, mail) = bench.receive(uid).await;
        let event = Event::new(EventKind::MailIgnored, "自分のメール").mail(mail).person(&address("a@haruka.example"));
        bench.decide(input, &Outcome { events: vec![event], ..Outcome::default() }, after(9)).await.unwrap();
    }
    bench
}

async fn tamper(bench: &Bench, statement: &'static str) -> Result<u64, ChainFault> {
    sqlx::query("PRAGMA foreign_keys = off").execute(bench.store.writer().unwrap()).await.unwrap();
    sqlx::query(statement).execute(bench.store.writer().unwrap()).await.unwrap();
    bench.store.verify_chain(bench.desk).await.unwrap().map(|verified| verified.events)
}

type Result<T, E> = std::result::Result<T, E>;

#[tokio::test]
async fn an_untouched_chain_holds() {
    let bench = with_events(3).await;
    assert_eq!(bench.store.verify_chain(bench.desk).await.unwrap(), Ok(Verified { events: 3, erased: 0 }));
    let other = bench.store.desk("sales").await.unwrap();
    assert_eq!(bench.store.verify_chain(other).await.unwrap(), Ok(Verified { events: 0, erased: 0 }));
}

#[tokio::test]
async fn whatever_is_changed_is_found_where_it_was_changed() {
    for (statement, seq) in [
        ("UPDATE event SET mail_id = 3 WHERE seq = 2", 2),
        ("UPDATE event SET item_no = 1 WHERE seq = 1", 1),
        ("UPDATE event_payload SET detail = 'x' WHERE seq = 2", 2),
        ("UPDATE event_payload SET person = NULL WHERE seq = 3", 3),
        ("DELETE FROM event WHERE seq = 2", 2),
        ("DELETE FROM event WHERE seq = 3", 3),
        ("UPDATE desk SET audit_seq = 4", 4),
    ] {
        let bench = with_events(3).await;
        let fault = tamper(&bench, statement).await.unwrap_err();
        assert_eq!(fault.seq, seq, "{statement}: {fault}");
    }
}

#[tokio::test]
async fn an_erased_payload_leaves_the_chain_whole() {
    let bench = with_events(3).await;
    assert_eq!(tamper(&bench, "DELETE FROM event_payload WHERE seq = 2").await, Ok(3));
    assert_eq!(bench.store.verify_chain(bench.desk).await.unwrap(), Ok(Verified { events: 3, erased: 1 }));
}

#[tokio::test]
async fn equal_events_with_equal_salts_make_equal_chains_and_the_system_s_salts_never_do() {
    let head = async |bench: &Bench| -> String {
        sqlx::query_scalar("SELECT audit_hash FROM desk").fetch_one(bench.store.reader()).await.unwrap()
    };
    assert_eq!(head(&with_events(2).await).await, head(&with_events(2).await).await);
    let salted = crate::store::open::Salts::default();
    assert_ne!(salted.draw().unwrap(), salted.draw().unwrap());
}
