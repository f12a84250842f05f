//! A mailbox that is a Maildir, worked by the same worker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/notebook.rs"]
mod notebook;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notebook::{Hands, Notebook, identify, mail};
use ringi::domain::outcome::Folder;
use ringi::mailbox::{Folders, MaildirOptions, MaildirSource, MoveResult, Next, Worker};

struct Bench {
    notebook: Arc<Notebook>,
    worker: Worker<MaildirSource, Notebook>,
    dir: tempfile::TempDir,
}

fn source(path: &Path) -> MaildirSource {
    let folders =
        Folders { done: Some("Done".into()), human: Some("人/要対応".into()), parked: Some("Parked".into()) };
    MaildirSource::new(MaildirOptions { path: path.to_path_buf(), folders })
}

fn worker(path: &Path, notebook: &Arc<Notebook>) -> Worker<MaildirSource, Notebook> {
    Worker::new("INBOX", source(path), Arc::clone(notebook), Hands::new().clock(), identify())
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for sub in ["new", "cur", "tmp"] {
            fs::create_dir(dir.path().join(sub)).unwrap();
        }
        let notebook = Arc::new(Notebook::default());
        Self { worker: worker(dir.path(), &notebook), notebook, dir }
    }

    fn put(&self, place: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(place);
        fs::write(&path, bytes).unwrap();
        path
    }

    async fn settle(&mut self) {
        assert_eq!(self.worker.step().await, Next::Wait, "{:?}", self.worker.status().borrow());
    }
}

#[tokio::test]
async fn mails_in_new_and_cur_are_recorded_once_and_flags_do_not_make_a_new_mail() {
    let mut bench = Bench::new();
    let first = bench.put("new/1", &mail("a"));
    bench.put("cur/2:2,S", &mail("b"));
    bench.put("new/.hidden", b"no mail");
    bench.settle().await;
    assert_eq!(bench.notebook.uids(), [1, 2]);
    let mtime = fs::metadata(&first).unwrap().modified().unwrap();
    let recorded = bench.notebook.mails().into_iter().find(|its| its.raw == mail("a")).unwrap();
    assert_eq!(recorded.received_at, chrono::DateTime::<chrono::Utc>::from(mtime));

    fs::rename(&first, bench.dir.path().join("cur/1:2,RS")).unwrap();
    bench.put("new/3", &mail("c"));
    bench.settle().await;
    assert_eq!(bench.notebook.uids(), [1, 2, 3]);
    assert_eq!(bench.worker.status().borrow().drained, Some(3));
}

#[tokio::test]
async fn the_numbering_outlives_the_program_and_a_lost_one_is_not_taken_for_the_old() {
    let mut bench = Bench::new();
    bench.put("new/1", &mail("a"));
    bench.settle().await;
    bench.put("new/0", &mail("b"));
    bench.worker = worker(bench.dir.path(), &bench.notebook);
    bench.settle().await;
    let validity = bench.notebook.keys()[0].0;
    assert_eq!(bench.notebook.keys(), [(validity, 1), (validity, 2)]);

    fs::write(bench.dir.path().join("ringi-uids"), format!("ringi-uids-1 {} 1\n", validity + 1)).unwrap();
    bench.worker = worker(bench.dir.path(), &bench.notebook);
    bench.settle().await;
    assert_eq!(bench.notebook.keys().len(), 4);
}

#[tokio::test]
async fn a_worked_mail_goes_into_its_folder_with_its_flags() {
    let mut bench = Bench::new();
    bench.put("cur/1:2,FS", &mail("a"));
    bench.settle().await;
    bench.put("new/2", &mail("b"));
    bench.settle().await;
    bench.notebook.wants_moved(1, Folder::Done);
    bench.notebook.wants_moved(2, Folder::Human);
    bench.settle().await;
    assert_eq!(bench.notebook.moved(), [(1, MoveResult::Moved), (2, MoveResult::Moved)]);
    assert_eq!(fs::read(bench.dir.path().join(".Done/cur/1:2,FS")).unwrap(), mail("a"));
    assert_eq!(fs::read(bench.dir.path().join(".&Tro-.&iYFb,l,c-/new/2")).unwrap(), mail("b"));
    assert_eq!(fs::read_dir(bench.dir.path().join("new")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_mail_is_not_moved_where_it_is_another_or_gone_or_its_place_is_taken() {
    let mut bench = Bench::new();
    for name in ["1", "2", "3"] {
        bench.put(&format!("new/{name}"), &mail(name));
        bench.settle().await;
    }
    for uid in 1..=3 {
        bench.notebook.wants_moved(uid, Folder::Done);
    }
    bench.put("new/1", &mail("another"));
    fs::remove_file(bench.dir.path().join("new/2")).unwrap();
    bench.put(".Done/new/3", b"not ours");
    bench.settle().await;
    let results: Vec<MoveResult> = bench.notebook.moved().into_iter().map(|(_, result)| result).collect();
    assert!(matches!(results[..], [MoveResult::NotTheSame, MoveResult::Gone, MoveResult::Refused(_)]), "{results:?}");
    assert_eq!(fs::read(bench.dir.path().join(".Done/new/3")).unwrap(), b"not ours");
}

#[tokio::test]
async fn a_mail_above_the_limit_comes_as_its_header_and_many_in_several_batches() {
    let mut bench = Bench::new();
    let mut huge = mail("huge");
    huge.resize(4 * 1024 * 1024 + 1, b'x');
    bench.put("new/huge", &huge);
    let mut large = mail("large");
    large.resize(3 * 1024 * 1024, b'x');
    for n in 0..4 {
        bench.put(&format!("new/large-{n}"), &large);
    }
    bench.settle().await;
    let mails = bench.notebook.mails();
    assert_eq!(mails.len(), 5);
    let header = mails.iter().find(|its| its.headers_only).unwrap();
    assert_eq!(header.size, huge.len() as u64);
    assert!(header.raw.ends_with(b"\r\n\r\n") && huge.starts_with(&header.raw));
}

#[tokio::test]
async fn a_waiting_worker_is_woken_by_a_dropped_file_and_by_a_nudge() {
    let mut bench = Bench::new();
    bench.settle().await;
    let nudge = bench.worker.nudge();
    nudge.notify_one();
    assert_eq!(bench.worker.wait(std::future::pending()).await, Next::Again);
    assert!(bench.notebook.uids().is_empty());

    let dir = bench.dir.path().join("new/1");
    let delivery = async { fs::write(dir, mail("a")).unwrap() };
    let (next, ()) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(5), bench.worker.wait(std::future::pending())), delivery);
    assert_eq!(next, Ok(Next::Again));
    bench.settle().await;
    assert_eq!(bench.notebook.uids(), [1]);
}

#[tokio::test]
async fn a_damaged_numbering_is_told_and_nothing_is_numbered_anew() {
    let mut bench = Bench::new();
    bench.put("ringi-uids", b"something else");
    bench.put("new/1", &mail("a"));
    assert!(matches!(bench.worker.step().await, Next::Retry(_)));
    assert!(bench.worker.status().borrow().last_error.as_ref().unwrap().contains("ringi-uids"));
    assert!(bench.notebook.uids().is_empty());
}
