//! The register: imported whole or not at all, the same twice changes nothing.

use super::decisions::contract;
use super::*;
use crate::domain::contract::{AdministeredBy, Administrator, BillTo};

fn bill_to(person: &str) -> BillTo {
    let administrator = Administrator { email: address(person), name: None, language: None };
    BillTo { id: "B-1".into(), company: "商社".into(), administrators: vec![administrator] }
}

#[tokio::test]
async fn a_contract_comes_back_as_it_was_imported_and_the_second_import_changes_nothing() {
    let bench = Bench::new().await;
    let contracts = [contract("92168801", "a@haruka.example"), contract("92168802", "a@haruka.example")];
    let import = async |contracts: &[_], prune, dry_run| {
        bench.store.import(contracts, &[bill_to("p@shosha.example")], prune, dry_run).await.unwrap()
    };
    let dry = import(&contracts, false, true).await;
    assert_eq!(dry.added, ["92168801", "92168802"]);
    assert_eq!(bench.store.contracts(&ContractFilter::default(), 10).await.unwrap(), []);
    assert_eq!(import(&contracts, false, false).await, dry, "the dry run told the truth");
    let read = bench.store.contract("92168801").await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", contracts[0]));
    let again = import(&contracts, true, false).await;
    assert_eq!(again, ImportReport { unchanged: 2, ..ImportReport::default() });
    let changed = [contract("92168801", "A@haruka.example")];
    let report = import(&changed, false, false).await;
    assert_eq!((report.changed.len(), report.pruned.len()), (1, 0), "absent contracts stay");
    let report = import(&changed, true, false).await;
    assert_eq!((report.unchanged, report.pruned), (1, vec!["92168802".to_owned()]));
    assert_eq!(bench.store.contract("92168802").await.unwrap(), None);
}

#[tokio::test]
async fn a_contract_under_a_bill_to_id_is_administered_by_that_id_s_administrators_alone() {
    let bench = Bench::new().await;
    let mut under = contract("92168801", "own@haruka.example");
    under.administered_by = AdministeredBy::BillTo;
    bench.store.import(&[under], &[bill_to("p@shosha.example")], false, false).await.unwrap();
    let people = async || {
        let contract = bench.store.contract("92168801").await.unwrap().unwrap();
        contract.administrators.into_iter().map(|person| person.email.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(people().await, ["p@shosha.example"]);
    let report = bench.store.import(&[], &[bill_to("q@shosha.example")], false, false).await.unwrap();
    assert_eq!(report.bill_tos_changed, ["B-1"]);
    assert_eq!(people().await, ["q@shosha.example"]);
    let of = |person: &str| ContractFilter { administrator: Some(address(person)), ..ContractFilter::default() };
    assert_eq!(bench.store.contracts(&of("Q@shosha.example"), 10).await.unwrap().len(), 1);
    assert_eq!(bench.store.contracts(&of("own@haruka.example"), 10).await.unwrap().len(), 0);
}
