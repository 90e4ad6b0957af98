//! Chance from a printed seed: the same seed gives the same choices.

/// SplitMix64; good enough to choose by.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A new seed for every run, printed, unless `MUSTER_TEST_SEED` gives one.
    pub fn from_seed_of_the_run() -> Self {
        let given = std::env::var("MUSTER_TEST_SEED");
        let seed = match given.ok().and_then(|text| text.parse().ok()) {
            Some(seed) => seed,
            None => {
                let secret = muster::clock::random_secret().expect("the system gives random bytes");
                u64::from_le_bytes(secret[..8].try_into().expect("eight bytes"))
            }
        };
        println!("seed: MUSTER_TEST_SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Another source for somebody else.
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }
}
