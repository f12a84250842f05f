//! A name server in the process: TXT records out of a table, over UDP.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Answers,
    /// It takes questions and says nothing.
    Silent,
    /// It says that it failed.
    Fails,
}

/// The server; it ends with the process.
#[derive(Clone)]
pub struct Dns {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    mood: Mood,
    records: BTreeMap<String, String>,
    questions: usize,
}

impl Dns {
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { mood: Mood::Answers, records: BTreeMap::new(), questions: 0 }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let mut packet = [0u8; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let answer = shared.lock().unwrap().answer(&packet[..length]);
                if let Some(answer) = answer {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, state }
    }

    pub fn set(&self, name: &str, text: &str) {
        self.state.lock().unwrap().records.insert(name.to_owned(), text.to_owned());
    }

    pub fn forget(&self, name: &str) {
        self.state.lock().unwrap().records.remove(name);
    }

    pub fn mood(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// How many questions came so far.
    pub fn questions(&self) -> usize {
        self.state.lock().unwrap().questions
    }
}

impl State {
    fn answer(&mut self, question: &[u8]) -> Option<Vec<u8>> {
        self.questions += 1;
        let mut name = Vec::new();
        let mut at = 12;
        while question[at] != 0 {
            let length = usize::from(question[at]);
            name.push(String::from_utf8_lossy(&question[at + 1..at + 1 + length]).to_lowercase());
            at += 1 + length;
        }
        let asked = &question[12..at + 5];
        let text = self.records.get(&name.join("."));
        let code = match (self.mood, text) {
            (Mood::Silent, _) => return None,
            (Mood::Fails, _) => 2,
            (Mood::Answers, None) => 3,
            (Mood::Answers, Some(_)) => 0,
        };
        let text = text.filter(|_| code == 0);
        let mut out = question[..2].to_vec();
        out.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0]);
        out.extend(asked);
        if let Some(text) = text {
            // The name again, TXT, IN, an hour.
            out.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 14, 16]);
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
            let length = text.len() + pieces.len();
            out.extend(u16::try_from(length).unwrap().to_be_bytes());
            for piece in pieces {
                out.push(u8::try_from(piece.len()).unwrap());
                out.extend(piece);
            }
        }
        Some(out)
    }
}
