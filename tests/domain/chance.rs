//! Reproducible chance: one seed, one run. A failing run names its seed.

use ringi::domain::entropy::{Entropy, Seeded};

/// Draws for one run.
pub struct Chance(Seeded);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let mut bytes = [0u8; 4];
        self.0.fill(&mut bytes);
        u32::from_be_bytes(bytes) as usize % end
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// One of them; `None` where there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }

    /// The same things in another order.
    pub fn shuffled<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let mut rest = of.to_vec();
        let mut out = Vec::new();
        while !rest.is_empty() {
            let at = self.below(rest.len());
            out.push(rest.remove(at));
        }
        out
    }
}
