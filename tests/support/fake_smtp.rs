//! An SMTP server on loopback that answers as a test tells it to: the faults that no real server can be made to show.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does at one point of the session.
#[derive(Debug, Clone)]
pub enum Act {
    /// This reply, without its CRLF.
    Say(&'static str),
    /// The same in bytes that are no UTF-8.
    Mumble(&'static [u8]),
    /// Nothing, for ever.
    Stall,
    /// Hangs up without a word.
    HangUp,
}

/// How the server answers; a test may change it between two letters.
#[derive(Debug, Clone)]
pub struct Script {
    pub greeting: Act,
    pub ehlo: Act,
    pub auth: Act,
    pub mail: Act,
    pub rcpt: Act,
    pub data: Act,
    /// After the last dot.
    pub letter: Act,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: Act::Say("220 fake.example ESMTP"),
            ehlo: Act::Say("250-fake.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"),
            auth: Act::Say("235 2.7.0 welcome"),
            mail: Act::Say("250 2.1.0 ok"),
            rcpt: Act::Say("250 2.1.5 ok"),
            data: Act::Say("354 go ahead"),
            letter: Act::Say("250 2.0.0 taken as 7"),
        }
    }
}

/// What the server saw.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    pub connections: usize,
    /// The commands, each with its arguments, in order.
    pub commands: Vec<String>,
    /// The letters' bytes as they came over the line, without dot-stuffing and without the last dot's line.
    pub letters: Vec<Vec<u8>>,
}

struct Shared {
    script: Script,
    seen: Seen,
}

/// The server; it ends with the test's runtime.
pub struct FakeSmtp {
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl FakeSmtp {
    /// Listens on a free port of loopback.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared { script, seen: Seen::default() }));
        let served = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                served.lock().unwrap().seen.connections += 1;
                tokio::spawn(serve(tcp, Arc::clone(&served)));
            }
        });
        Self { port, shared }
    }

    /// Changes how the server answers from now on.
    pub fn answers(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.lock().script);
    }

    /// Waits until it saw something.
    pub async fn saw(&self, what: impl Fn(&Seen) -> bool) {
        while !what(&self.lock().seen) {
            tokio::task::yield_now().await;
        }
    }

    /// What it saw until now.
    pub fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }
}

async fn serve(tcp: TcpStream, shared: Arc<Mutex<Shared>>) -> Option<()> {
    let mut stream = BufReader::new(tcp);
    let script = |choose: fn(&Script) -> &Act| choose(&shared.lock().unwrap().script).clone();
    act(&mut stream, script(|s| &s.greeting)).await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let command = line.trim_end().to_owned();
        shared.lock().unwrap().seen.commands.push(command.clone());
        match command.split_whitespace().next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => act(&mut stream, script(|s| &s.ehlo)).await?,
            "AUTH" => act(&mut stream, script(|s| &s.auth)).await?,
            "MAIL" => act(&mut stream, script(|s| &s.mail)).await?,
            "RCPT" => act(&mut stream, script(|s| &s.rcpt)).await?,
            "DATA" => {
                act(&mut stream, script(|s| &s.data)).await?;
                if matches!(script(|s| &s.data), Act::Say(reply) if reply.starts_with('3')) {
                    let letter = letter(&mut stream).await?;
                    shared.lock().unwrap().seen.letters.push(letter);
                    act(&mut stream, script(|s| &s.letter)).await?;
                }
            }
            "QUIT" => {
                act(&mut stream, Act::Say("221 bye")).await?;
                return None;
            }
            "RSET" | "NOOP" => act(&mut stream, Act::Say("250 ok")).await?,
            _ => act(&mut stream, Act::Say("500 unknown")).await?,
        }
    }
}

/// `None` ends the session.
async fn act(stream: &mut BufReader<TcpStream>, act: Act) -> Option<()> {
    match act {
        Act::Say(reply) => stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await.ok(),
        Act::Mumble(reply) => stream.get_mut().write_all(&[reply, b"\r\n"].concat()).await.ok(),
        Act::Stall => std::future::pending().await,
        Act::HangUp => None,
    }
}

async fn letter(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut letter = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(letter);
        }
        letter.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
