//! References and numbers by which things are named.

use serde::{Deserialize, Serialize};

use super::entropy::Entropy;

/// The name of a request as everybody sees it: `RG-` and six characters that cannot be mistaken for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// Without 0, 1, I, L, O and U: read out over the phone, none is taken for another.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Reference {
    /// How long the part after `RG-` is.
    const LENGTH: usize = 6;

    /// Draws a new reference. Two may be equal (30^6 exist): the store refuses the second and the engine draws again.
    pub fn draw(entropy: &mut dyn Entropy) -> Self {
        let mut text = String::from("RG-");
        while text.len() < 3 + Self::LENGTH {
            let mut byte = [0u8];
            entropy.fill(&mut byte);
            // 240 = 8 * 30: what lies above would favour the first characters.
            let [value] = byte;
            if value < 240
                && let Some(character) = ALPHABET.get(usize::from(value) % ALPHABET.len())
            {
                text.push(char::from(*character));
            }
        }
        Self(text)
    }

    /// Reads a reference as a person types it: any case, surrounding blanks and brackets tolerated.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_uppercase();
        let rest = text.strip_prefix("RG-")?;
        (rest.len() == Self::LENGTH && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()))
            .then_some(Self(text))
    }

    /// `RG-7K3M9Q`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Reference {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no reference; one looks like RG-7K3M9Q"))
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

/// Declares a number that counts from 1 inside its owner.
macro_rules! ordinal {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
    };
}

ordinal! {
    /// An item's place in its request.
    ItemNo
}
ordinal! {
    /// An approval's place in its request: one for each person asked.
    ApprovalNo
}
ordinal! {
    /// A letter's place among the letters of its request.
    LetterNo
}

/// A recorded mail's row in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailId(pub i64);

/// A letter's row in the outbox: unlike [`LetterNo`], it also names letters that belong to no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LetterId(pub i64);

impl std::fmt::Display for LetterId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;

    #[test]
    fn a_reference_is_read_back_in_any_case_and_with_its_brackets() {
        let drawn = Reference::draw(&mut Seeded::new(7));
        assert_eq!(drawn.as_str().len(), 9);
        assert_eq!(Reference::parse(&format!(" [{}] ", drawn.as_str().to_lowercase())), Some(drawn));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["", "RG-", "RG-7K3M9", "RG-7K3M9QX", "RX-7K3M9Q", "RG-7K3M9あ"] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
