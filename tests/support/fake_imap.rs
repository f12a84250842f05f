//! An IMAP server on a loopback port that keeps its mails in memory and misbehaves when told to.
//!
//! It speaks as much of RFC 3501 as Ringi does, one task a connection.
#![allow(dead_code)] // Not every test file uses all of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What to do instead of answering well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Delivers so many mails of a FETCH, then half of the next literal, then closes.
    CutInLiteral(usize),
    /// Delivers so many mails of a FETCH, then closes.
    CutBetween(usize),
    /// Delivers so many mails of a FETCH, then ends it with NO.
    NoAfter(usize),
    /// Answers nothing but NO.
    No,
    /// Says BYE and closes.
    Bye,
    /// Says nothing any more.
    Stall,
    /// Announces a literal of 400 MB in the answer to a FETCH.
    HugeLiteral,
    /// Answers with something that is not IMAP.
    Garbage,
}

/// A mail on the server.
#[derive(Debug, Clone, Default)]
pub struct Held {
    pub bytes: Vec<u8>,
    /// Listed, but left out of every FETCH of its body.
    pub withheld: bool,
    /// What RFC822.SIZE says, where that is not the truth.
    pub said_size: Option<usize>,
    /// Every FETCH of its body ends the connection.
    pub poison: bool,
}

#[derive(Debug, Default)]
pub struct State {
    pub uid_validity: u32,
    pub uid_next: u32,
    pub inbox: BTreeMap<u32, Held>,
    /// By the name that came over the line.
    pub folders: BTreeMap<String, Vec<Vec<u8>>>,
    pub capabilities: String,
    pub read_only: bool,
    pub greeting: String,
    /// Commands as they came, without their tags.
    pub log: Vec<String>,
    deleted: Vec<u32>,
    /// Each is used once, by the first command that holds its text.
    faults: Vec<(String, Fault)>,
}

/// A fake server; it ends with the test's runtime.
#[derive(Clone)]
pub struct FakeImap {
    pub port: u16,
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
}

impl FakeImap {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let state = State {
            uid_validity: 7,
            uid_next: 1,
            capabilities: "IMAP4rev1 IDLE MOVE UIDPLUS".to_owned(),
            greeting: "* OK ready".to_owned(),
            ..State::default()
        };
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new(state)),
            news: Arc::new(Notify::new()),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Connection::new(serving.clone(), stream).serve());
            }
        });
        server
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Delivers a mail and wakes those who IDLE.
    pub fn deliver(&self, bytes: Vec<u8>) -> u32 {
        self.hold(Held { bytes, ..Held::default() })
    }

    pub fn hold(&self, held: Held) -> u32 {
        let mut state = self.state();
        let uid = state.uid_next;
        state.uid_next += 1;
        state.inbox.insert(uid, held);
        self.news.notify_waiters();
        uid
    }

    /// The first command that contains `on` meets this fault.
    pub fn fault(&self, on: &str, fault: Fault) {
        self.state().faults.push((on.to_owned(), fault));
    }

    pub fn uids(&self) -> Vec<u32> {
        self.state().inbox.keys().copied().collect()
    }

    /// How many commands so far held this text.
    pub fn asked(&self, text: &str) -> usize {
        self.state().log.iter().filter(|line| line.contains(text)).count()
    }

    pub fn has_pending_faults(&self) -> bool {
        !self.state().faults.is_empty()
    }
}

struct Connection {
    server: FakeImap,
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    out: OwnedWriteHalf,
    /// The number of mails that the client was told of.
    told: usize,
}

/// The connection is over.
struct Closed;

impl From<std::io::Error> for Closed {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Connection {
    fn new(server: FakeImap, stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        let (read, out) = stream.into_split();
        Self { server, lines: BufReader::new(read).lines(), out, told: 0 }
    }

    async fn serve(mut self) {
        let greeting = self.server.state().greeting.clone();
        if self.say(&greeting).await.is_ok() {
            while self.command().await.is_ok() {}
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), Closed> {
        Ok(self.out.write_all(format!("{line}\r\n").as_bytes()).await?)
    }

    async fn command(&mut self) -> Result<(), Closed> {
        let line = self.lines.next_line().await?.ok_or(Closed)?;
        let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let (tag, rest) = (tag.to_owned(), rest.to_owned());
        let fault = {
            let mut state = self.server.state();
            state.log.push(rest.clone());
            let at = state.faults.iter().position(|(on, _)| rest.contains(on.as_str()));
            at.map(|at| state.faults.remove(at).1)
        };
        match fault {
            Some(Fault::No) => return self.say(&format!("{tag} NO not now")).await,
            Some(Fault::Bye) => {
                self.say("* BYE going down").await?;
                return Err(Closed);
            }
            Some(Fault::Stall) => std::future::pending().await,
            Some(Fault::Garbage) => return self.say("\u{1}\u{2} this is not IMAP (((").await,
            Some(Fault::HugeLiteral) => {
                self.say("* 1 FETCH (UID 1 BODY[] {400000000}").await?;
                std::future::pending().await
            }
            Some(Fault::CutInLiteral(_) | Fault::CutBetween(_) | Fault::NoAfter(_)) | None => {}
        }
        let words: Vec<&str> = rest.split(' ').collect();
        match words.as_slice() {
            ["LOGIN", ..] | ["SUBSCRIBE", ..] => {}
            ["LOGOUT"] => {
                self.say("* BYE bye").await?;
                self.say(&format!("{tag} OK")).await?;
                return Err(Closed);
            }
            ["CAPABILITY"] => {
                let capabilities = self.server.state().capabilities.clone();
                self.say(&format!("* CAPABILITY {capabilities}")).await?;
            }
            ["LIST", _, name] => {
                let there = *name == "\"\"" || self.server.state().folders.contains_key(*name);
                if there {
                    self.say(&format!("* LIST (\\HasNoChildren) \"/\" {name}")).await?;
                }
            }
            ["CREATE", name] => {
                self.server.state().folders.entry((*name).to_owned()).or_default();
            }
            ["SELECT", _] => {
                let (validity, next, count, read_only) = {
                    let state = self.server.state();
                    (state.uid_validity, state.uid_next, state.inbox.len(), state.read_only)
                };
                self.told = count;
                self.say(&format!("* {count} EXISTS\r\n* OK [UIDVALIDITY {validity}] ok\r\n* OK [UIDNEXT {next}] ok"))
                    .await?;
                let access = if read_only { "READ-ONLY" } else { "READ-WRITE" };
                return self.say(&format!("{tag} OK [{access}] selected")).await;
            }
            ["NOOP"] => self.tell().await?,
            ["UID", "SEARCH", "UID", set] => {
                let found: Vec<String> = {
                    let state = self.server.state();
                    let highest = state.inbox.keys().last().copied().unwrap_or(0);
                    state.inbox.keys().filter(|uid| in_set(**uid, set, highest)).map(u32::to_string).collect()
                };
                self.say(&format!("* SEARCH {}", found.join(" "))).await?;
            }
            ["UID", "FETCH", set, items @ ..] => {
                let items = items.join(" ");
                match self.fetch(set, &items, fault).await? {
                    true => {}
                    false => return self.say(&format!("{tag} NO some could not be fetched")).await,
                }
            }
            ["UID", "MOVE", uid, folder] => {
                if !self.copy(uid, folder) {
                    return self.say(&format!("{tag} NO [TRYCREATE] no such folder")).await;
                }
                self.remove(uid).await?;
            }
            ["UID", "COPY", uid, folder] => {
                if !self.copy(uid, folder) {
                    return self.say(&format!("{tag} NO [TRYCREATE] no such folder")).await;
                }
            }
            ["UID", "STORE", uid, ..] => {
                let uid = uid.parse().unwrap();
                self.server.state().deleted.push(uid);
            }
            ["UID", "EXPUNGE", uid] => {
                assert!(self.server.state().deleted.contains(&uid.parse().unwrap()), "expunge without \\Deleted");
                self.remove(uid).await?;
            }
            ["IDLE"] => return self.idle(&tag).await,
            _ => return self.say(&format!("{tag} BAD what is {rest}?")).await,
        }
        self.say(&format!("{tag} OK done")).await
    }

    /// Tells the client of new mails since it was last told.
    async fn tell(&mut self) -> Result<(), Closed> {
        let count = self.server.state().inbox.len();
        if count != self.told {
            self.told = count;
            self.say(&format!("* {count} EXISTS")).await?;
        }
        Ok(())
    }

    async fn idle(&mut self, tag: &str) -> Result<(), Closed> {
        self.say("+ idling").await?;
        let news = Arc::clone(&self.server.news);
        loop {
            let notified = news.notified();
            self.tell().await?;
            tokio::select! {
                () = notified => {}
                line = self.lines.next_line() => {
                    let line = line?.ok_or(Closed)?;
                    self.server.state().log.push(line);
                    return self.say(&format!("{tag} OK idle ended")).await;
                }
            }
        }
    }

    /// `false`: it is to end with NO.
    async fn fetch(&mut self, set: &str, items: &str, fault: Option<Fault>) -> Result<bool, Closed> {
        let wanted: Vec<(usize, u32, Held)> = {
            let state = self.server.state();
            let highest = state.inbox.keys().last().copied().unwrap_or(0);
            let numbered = state.inbox.iter().enumerate().map(|(at, (uid, held))| (at + 1, *uid, held.clone()));
            numbered.filter(|(_, uid, _)| in_set(*uid, set, highest)).collect()
        };
        let bodies = items.contains("BODY.PEEK[]");
        for (count, (number, uid, held)) in wanted.into_iter().enumerate() {
            if items.contains("RFC822.SIZE") {
                let size = held.said_size.unwrap_or(held.bytes.len());
                self.say(&format!(
                    "* {number} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"20-Nov-2026 10:15:00 +0900\")"
                ))
                .await?;
                continue;
            }
            let whole = if bodies { &held.bytes[..] } else { header(&held.bytes) };
            let message_id;
            let (section, whole) = if items.contains("HEADER.FIELDS") {
                message_id = only_message_id(whole);
                ("HEADER.FIELDS (MESSAGE-ID)", &message_id[..])
            } else if bodies {
                ("", whole)
            } else {
                ("HEADER", whole)
            };
            let (offset, piece) = piece(items, whole);
            match fault {
                Some(Fault::CutBetween(after)) if after == count => return Err(Closed),
                Some(Fault::NoAfter(after)) if after == count => return Ok(false),
                Some(Fault::CutInLiteral(after)) if after == count => {
                    self.say(&format!("* {number} FETCH (UID {uid} BODY[{section}]{offset} {{{}}}", piece.len()))
                        .await?;
                    self.out.write_all(&piece[..piece.len() / 2]).await?;
                    return Err(Closed);
                }
                _ => {}
            }
            if bodies && held.poison {
                return Err(Closed);
            }
            if bodies && held.withheld {
                continue;
            }
            self.say(&format!("* {number} FETCH (UID {uid} BODY[{section}]{offset} {{{}}}", piece.len())).await?;
            self.out.write_all(piece).await?;
            self.say(")").await?;
        }
        Ok(true)
    }

    fn copy(&self, uid: &str, folder: &str) -> bool {
        let mut state = self.server.state();
        let bytes = state.inbox.get(&uid.parse().unwrap()).map(|held| held.bytes.clone());
        match (state.folders.get_mut(folder), bytes) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(folder), Some(bytes)) => {
                folder.push(bytes);
                true
            }
        }
    }

    async fn remove(&mut self, uid: &str) -> Result<(), Closed> {
        let uid: u32 = uid.parse().unwrap();
        let number = self.server.state().inbox.keys().position(|its| *its == uid);
        self.server.state().inbox.remove(&uid);
        self.told = self.told.saturating_sub(1);
        match number {
            Some(at) => self.say(&format!("* {} EXPUNGE", at + 1)).await,
            None => Ok(()),
        }
    }
}

/// Is the UID in a set such as `1:3,7,9:*`? A `*` below its other end turns the range round (RFC 3501, section 9).
fn in_set(uid: u32, set: &str, highest: u32) -> bool {
    let number = |text: &str| if text == "*" { highest } else { text.parse().unwrap() };
    set.split(',').any(|part| match part.split_once(':') {
        None => number(part) == uid,
        Some((from, to)) => {
            let (from, to) = (number(from), number(to));
            (from.min(to)..=from.max(to)).contains(&uid)
        }
    })
}

fn header(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    &bytes[..end]
}

fn only_message_id(header: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(header);
    let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
    format!("{}\r\n\r\n", line.unwrap_or_default()).into_bytes()
}

/// The part that `<offset.length>` asks for, with what the answer says of it.
fn piece<'a>(items: &str, whole: &'a [u8]) -> (String, &'a [u8]) {
    let Some((_, partial)) = items.split_once('<') else { return (String::new(), whole) };
    let (offset, length) = partial.split_once('>').unwrap().0.split_once('.').unwrap();
    let (offset, length): (usize, usize) = (offset.parse().unwrap(), length.parse().unwrap());
    let from = offset.min(whole.len());
    (format!("<{offset}>"), &whole[from..(from + length).min(whole.len())])
}
