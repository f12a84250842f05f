//! Every statement that runs for each input, letter or look finds its rows by an index.

use super::*;

#[tokio::test]
async fn hot_statements_use_an_index() {
    let bench = Bench::new().await;
    let hot = [
        crate::store::inputs::NEXT,
        crate::store::inputs::WAITING,
        crate::store::timers::DUE,
        crate::store::timers::NEXT_DUE,
        crate::store::mails::MOVES,
        crate::store::load::REQUEST,
        crate::store::load::ITEMS,
        crate::store::load::VOTES,
        crate::store::load::CLEARINGS,
        crate::store::load::APPROVALS,
        crate::store::load::ASKS,
        crate::store::load::SHOWN,
        crate::store::deciding::TOKEN,
        crate::store::deciding::BY_MESSAGE_ID,
        crate::store::deciding::OPEN_ELSEWHERE,
        crate::store::deciding::UNANSWERED,
        crate::store::deciding::UNMATCHED,
        crate::store::deciding::ASKED,
        crate::store::deciding::UNVERIFIED,
        crate::store::grants::ACTIVE,
        crate::store::letters::LEFT,
        crate::store::letters::LEFT_TO,
        crate::store::letters::LEFT_ABOUT,
        crate::store::letters::UNSENT,
        crate::store::outbox::CLAIM,
        crate::store::outbox::RELEASE,
        crate::store::outbox::NEXT_DUE,
        crate::store::outbox::CLEAR,
        crate::store::register::CONTRACT,
        crate::store::register::BILL_TO,
        crate::store::register::PERSON,
        crate::store::register::ACCOUNT,
        crate::store::affected::OPEN_REQUESTS,
        crate::store::tasks::UNTOLD,
        crate::store::tasks::OF_REQUEST,
        crate::store::chain::WALK,
        crate::store::chain::TIMELINE,
    ];
    for statement in hot {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(bench.store.writer().unwrap()).await.unwrap();
        for (_, _, _, step) in plan {
            // The one subquery that is walked is one that was found by an index.
            let walks = step.starts_with("SCAN") && step != "SCAN waiting";
            assert!(!walks, "{step} in {statement}");
            // Those that take the first of many must not sort the many for it.
            let sorts = step.contains("TEMP B-TREE") && statement.contains("LIMIT");
            assert!(!sorts, "{step} in {statement}");
        }
    }
}
