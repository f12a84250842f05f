//! The register: imported whole or not at all, the same twice changes nothing, and open requests are told.

use super::decisions::contract;
use super::*;
use crate::domain::contract::{AdministeredBy, Administrator, Quorum, Substitute};
use crate::domain::input::{ContractChange, ContractChanged};
use crate::domain::register::{Account, RegisteredPerson};

const PRUNE: ImportMode = ImportMode { prune: true, dry_run: false };
const DRY_RUN: ImportMode = ImportMode { prune: false, dry_run: true };

fn bill_to(person: &str) -> BillTo {
    let administrators = vec![Administrator::new(address(person))];
    BillTo { id: "B-1".into(), company: "商社".into(), administrators, quorum: Some(Quorum::All) }
}

fn person(email: &str, substitutes: &[&str]) -> RegisteredPerson {
    let substitute = |email: &&str| Substitute {
        email: address(email),
        name: None,
        language: None,
        from: "2026-11-01".parse().ok(),
        until: None,
    };
    let language = Some(Language::English);
    RegisteredPerson {
        email: address(email),
        name: Some("Ann".into()),
        language,
        substitutes: substitutes.iter().map(substitute).collect(),
    }
}

async fn people(bench: &Bench, people: Vec<RegisteredPerson>) -> ImportReport {
    let register = Register { people, ..Register::default() };
    bench.store.import_register(register, ImportMode::default(), nine()).await.unwrap()
}

#[tokio::test]
async fn a_contract_comes_back_as_it_was_imported_and_the_second_import_changes_nothing() {
    let bench = Bench::new().await;
    let contracts = [contract("92168801", "a@haruka.example"), contract("92168802", "a@haruka.example")];
    let bill_tos = [bill_to("p@shosha.example")];
    let dry = bench.import_as(&contracts, &bill_tos, DRY_RUN).await;
    assert_eq!(dry.contracts.added, ["92168801", "92168802"]);
    assert_eq!(bench.store.contracts(&ContractFilter::default(), 10).await.unwrap(), []);
    assert_eq!(bench.import(&contracts, &bill_tos).await, dry, "the dry run told the truth");
    let read = bench.store.contract("92168801").await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", contracts[0]));
    let again = bench.import_as(&contracts, &bill_tos, PRUNE).await;
    assert_eq!(again.contracts, Difference { unchanged: 2, ..Difference::default() });
    assert_eq!(again.bill_tos, Difference { unchanged: 1, ..Difference::default() });
    let changed = [contract("92168801", "A@haruka.example")];
    let report = bench.import(&changed, &[]).await.contracts;
    assert_eq!((report.changed.len(), report.removed.len()), (1, 0), "absent contracts stay");
    assert_eq!(report.changed[0].fields.iter().map(|field| field.field).collect::<Vec<_>>(), ["administrators"]);
    let report = bench.import_as(&changed, &[], PRUNE).await.contracts;
    assert_eq!((report.unchanged, report.removed), (1, vec!["92168802".to_owned()]));
    assert_eq!(bench.store.contract("92168802").await.unwrap(), None);
    assert!(bench.store.bill_to("B-1").await.unwrap().is_some(), "a kind that the import has not stays whole");
}

#[tokio::test]
async fn a_difference_names_each_field_with_what_it_was_and_what_it_is() {
    let bench = Bench::new().await;
    bench.import(&[contract("92168801", "a@haruka.example")], &[]).await;
    let mut other = contract("92168801", "a@haruka.example");
    other.holder = "株式会社ひかり".into();
    other.issued_at = Some(after(1));
    other.serial_numbers.clear();
    other.quorum = Some(Quorum::All);
    let report = bench.import_as(&[other], &[], DRY_RUN).await.contracts;
    let told: Vec<_> = report.changed[0].fields.iter().map(|c| format!("{}: {} → {}", c.field, c.old, c.new)).collect();
    assert_eq!(
        told,
        [
            r#"holder: "株式会社はるか" → "株式会社ひかり""#,
            r#"issued_at: "2026-11-20T09:00:00.500+00:00" → "2026-11-20T09:00:01.500+00:00""#,
            r#"serial_numbers: ["S-1"] → []"#,
            r#"agreement: null → "all""#,
        ]
    );
}

#[tokio::test]
async fn a_contract_under_a_bill_to_id_is_administered_by_that_id_s_administrators_alone() {
    let bench = Bench::new().await;
    let mut under = contract("92168801", "own@haruka.example");
    under.administered_by = AdministeredBy::BillTo;
    under.quorum = Some(Quorum::Any);
    bench.import(&[under], &[bill_to("p@shosha.example")]).await;
    let administrators = async || {
        let contract = bench.store.contract("92168801").await.unwrap().unwrap();
        assert_eq!(contract.quorum, Some(Quorum::All), "the bill-to ID says how many must agree");
        contract.administrators.into_iter().map(|person| person.email.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(administrators().await, ["p@shosha.example"]);
    let report = bench.import(&[], &[bill_to("q@shosha.example")]).await;
    assert_eq!(report.bill_tos.changed[0].key, "B-1");
    assert_eq!(administrators().await, ["q@shosha.example"]);
    let of = |person: &str| ContractFilter { administrator: Some(address(person)), ..ContractFilter::default() };
    for (person, count) in [("Q@shosha.example", 1), ("p@shosha.example", 0), ("own@haruka.example", 0)] {
        assert_eq!(bench.store.contracts(&of(person), 10).await.unwrap().len(), count, "{person}");
    }
}

#[tokio::test]
async fn what_the_register_says_of_a_person_holds_wherever_that_person_administers() {
    let bench = Bench::new().await;
    let mut own = contract("92168801", "A@haruka.example");
    own.administrators[0].name = None;
    let mut under = contract("92168802", "a@haruka.example");
    under.administered_by = AdministeredBy::BillTo;
    bench.import(&[own, under], &[bill_to("a@haruka.example")]).await;
    let entries = vec![person("a@haruka.example", &["s@haruka.example"]), person("s@haruka.example", &[])];
    assert_eq!(people(&bench, entries.clone()).await.people.added.len(), 2);
    assert_eq!(people(&bench, entries).await.people.unchanged, 2);
    for number in ["92168801", "92168802"] {
        let contract = bench.store.contract(number).await.unwrap().unwrap();
        let [one] = contract.administrators.as_slice() else { panic!("{contract:?}") };
        assert_eq!((one.name.as_deref(), one.language), (Some("Ann"), Some(Language::English)));
        let [substitute] = one.substitutes.as_slice() else { panic!("{one:?}") };
        assert_eq!(substitute.email, address("s@haruka.example"));
        assert_eq!(substitute.language, Some(Language::English), "that of the substitute's own entry");
        assert_eq!(substitute.from, "2026-11-01".parse().ok());
    }
}

#[tokio::test]
async fn contracts_are_found_by_holder_end_and_bill_to_id() {
    let bench = Bench::new().await;
    let mut other = contract("92168802", "a@haruka.example");
    other.holder = "アオバ商会".into();
    other.aliases.clear();
    other.ends_on = "2026-12-31".parse().ok();
    other.bill_to_id = None;
    bench.import(&[contract("92168801", "a@haruka.example"), other], &[]).await;
    let find = async |filter: ContractFilter| {
        let found = bench.store.contracts(&filter, 10).await.unwrap();
        found.into_iter().map(|contract| contract.number).collect::<Vec<_>>()
    };
    let holder = |text: &str| ContractFilter { holder: Some(text.into()), ..ContractFilter::default() };
    assert_eq!(find(holder("あおば")).await, ["92168802"]);
    assert_eq!(find(holder("ＨＡＲＵＫＡ k.k")).await, ["92168801"]);
    let ends = |day: &str| ContractFilter { ends_before: day.parse().ok(), ..ContractFilter::default() };
    assert_eq!(find(ends("2026-12-31")).await, Vec::<String>::new());
    assert_eq!(find(ends("2027-01-01")).await, ["92168802"]);
    let under = ContractFilter { bill_to_id: Some("B-1".into()), ..holder("haruka") };
    assert_eq!(find(under).await, ["92168801"]);
}

#[tokio::test]
async fn accounts_are_kept_once_there_is_one() {
    let bench = Bench::new().await;
    let kept = async || bench.store.begin(bench.desk).await.unwrap().keeps_accounts().await.unwrap();
    assert!(!kept().await);
    let account = Account {
        email: address("Op+x@Ops.example"),
        name: None,
        company: Some("㈱運用".into()),
        address: None,
        language: Some(Language::Japanese),
    };
    let register = Register { accounts: vec![account.clone()], ..Register::default() };
    bench.store.import_register(register, ImportMode::default(), nine()).await.unwrap();
    assert!(kept().await);
    let mut deciding = bench.store.begin(bench.desk).await.unwrap();
    assert_eq!(deciding.account(&address("op@ops.example")).await.unwrap(), Some(account));
    assert_eq!(deciding.account(&address("other@ops.example")).await.unwrap(), None);
}

#[tokio::test]
async fn v2_an_import_that_changes_what_an_open_item_rests_on_writes_an_input_for_its_request() {
    let bench = Bench::new().await;
    let mut under = contract("92168802", "x@haruka.example");
    under.administered_by = AdministeredBy::BillTo;
    let both = [contract("92168801", "admin@haruka.example"), under];
    bench.import(&both, &[bill_to("p@shosha.example")]).await;
    let (input, mail) = bench.receive(1).await;
    let mut open = request("RG-7K3M9Q", mail);
    open.items.push(item(2, Standing::AdministratorReview));
    bench.decide(input, &opening(&open, 1), after(2)).await.unwrap();
    let told = async || {
        let Some(input) = bench.store.next_input(bench.desk).await.unwrap() else { return Vec::new() };
        let Cause::Register(changed) = input.cause else { panic!("{input:?}") };
        assert_eq!(changed.reference, open.reference);
        bench.decide(input.id, &Outcome::default(), after(3)).await.unwrap();
        changed.contracts.into_iter().map(|ContractChange { number, what }| (number, what)).collect::<Vec<_>>()
    };
    let change = |number: &str, what| (number.to_owned(), what);

    bench.import(&both, &[bill_to("p@shosha.example")]).await;
    bench.import(&[contract("92168899", "a@haruka.example")], &[]).await;
    let mut renamed = contract("92168801", "admin@haruka.example");
    renamed.administrators[0].name = Some("新しい名".into());
    bench.import(std::slice::from_ref(&renamed), &[]).await;
    assert_eq!(told().await, [], "the same again, another contract, another name: nothing rests on these");

    renamed.domains.push("haruka.co.jp".into());
    let report = bench.import_as(&[renamed.clone()], &[], DRY_RUN).await;
    assert_eq!((report.told.len(), told().await), (0, Vec::new()), "a dry run tells nobody");
    let report = bench.import(&[renamed.clone()], &[]).await;
    assert_eq!(report.told, [open.reference.clone()]);
    assert_eq!(told().await, [change("92168801", ContractChanged::FactsChanged)]);

    people(&bench, vec![person("admin@haruka.example", &["s@haruka.example"])]).await;
    assert_eq!(told().await, [change("92168801", ContractChanged::PeopleChanged)], "a substitute more");
    bench.import(&[], &[bill_to("q@shosha.example")]).await;
    assert_eq!(told().await, [change("92168802", ContractChanged::PeopleChanged)], "by the bill-to ID");
    bench.import_as(&[contract("1", "a@haruka.example")], &[], PRUNE).await;
    assert_eq!(
        told().await,
        [change("92168801", ContractChanged::Removed), change("92168802", ContractChanged::Removed)]
    );
}
