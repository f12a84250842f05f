//! Randomness as an argument, and the secrets drawn from it (rule T8).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where random bytes come from: the operating system in the daemon, a seed in tests.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Reproducible bytes: SHA-256 over a seed and a counter. For tests and for nothing else.
#[derive(Debug, Clone)]
pub struct Seeded {
    seed: u64,
    drawn: u64,
}

impl Seeded {
    /// Equal seeds give equal bytes.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.to_be_bytes());
            self.drawn += 1;
            for (into, from) in chunk.iter_mut().zip(hash.finalize()) {
                *into = from;
            }
        }
    }
}

/// 128 random bits as 26 characters of lower-case base32. Shown nowhere but in the letter that carries it (rule T10).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Draws a fresh token.
    pub fn draw(entropy: &mut dyn Entropy) -> Self {
        let mut bits = [0u8; 16];
        entropy.fill(&mut bits);
        Self(data_encoding::BASE32_NOPAD.encode(&bits).to_ascii_lowercase())
    }

    /// The secret itself: only for the letter that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the store keeps.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenHash(pub String);

impl TokenHash {
    /// The hash of a candidate that a mail carries.
    pub fn of(secret: &str) -> Self {
        Self(data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes())))
    }
}

/// The three different tokens of one letter that asks (rule T8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    pub reply_address: Token,
    pub message_id: Token,
    pub reference_line: Token,
}

impl Secrets {
    /// Three fresh tokens.
    pub fn draw(entropy: &mut dyn Entropy) -> Self {
        Self {
            reply_address: Token::draw(entropy),
            message_id: Token::draw(entropy),
            reference_line: Token::draw(entropy),
        }
    }

    /// The hashes of all three.
    pub fn hashes(&self) -> [TokenHash; 3] {
        [self.reply_address.hash(), self.message_id.hash(), self.reference_line.hash()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t8_a_token_is_26_characters_of_lower_case_base32_and_each_letter_has_three_different_ones() {
        let secrets = Secrets::draw(&mut Seeded::new(1));
        let all = [&secrets.reply_address, &secrets.message_id, &secrets.reference_line];
        for token in all {
            assert_eq!(token.expose().len(), 26);
            assert!(token.expose().bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
        }
        assert_ne!(all[0], all[1]);
        assert_ne!(all[1], all[2]);
        assert_ne!(all[0], all[2]);
    }

    #[test]
    fn t10_a_token_shows_nothing_of_itself_when_printed() {
        let token = Token::draw(&mut Seeded::new(2));
        assert!(!format!("{token:?}").contains(token.expose()));
    }
}
