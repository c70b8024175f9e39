//! A random stream is a pure function of what it is for.
//!
//! Law: the stream depends on (seed, spec, check, sizes, purpose) and on nothing else: not on the
//! order in which checks run, on threads, or on which other claims a spec makes. Test
//! `streams_are_fixed` holds the first words of one, so a change of the mixing is seen.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// What a random stream is for.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    /// The seed of the run.
    pub seed: u64,
    /// The name of the spec.
    pub spec: &'a str,
    /// The name of the check.
    pub check: &'a str,
    /// The sizes at which it runs.
    pub sizes: &'a BTreeMap<String, usize>,
    /// What the check uses it for: "noise", "parameters", …
    pub purpose: &'a str,
}

impl Stream<'_> {
    /// The generator, at its beginning.
    pub fn rng(&self) -> ChaCha8Rng {
        self.block(0)
    }

    /// One of 2⁶⁴ generators that do not overlap, for work split into numbered blocks.
    pub fn block(&self, number: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.key());
        rng.set_stream(number);
        rng
    }

    /// The key: FNV-1a of 128 bits over the parts, each preceded by its length (so that no two
    /// lists of parts run together), spread over 256 bits by the finalizer of SplitMix64 (Steele,
    /// Lea & Flood 2014).
    fn key(&self) -> [u8; 32] {
        let mut hash = Fnv::default();
        hash.number(self.seed);
        hash.text(self.spec);
        hash.text(self.check);
        hash.number(self.sizes.len() as u64);
        for (name, &size) in self.sizes {
            hash.text(name);
            hash.number(size as u64);
        }
        hash.text(self.purpose);
        let mut key = [0; 32];
        for (lane, bytes) in key.chunks_exact_mut(8).enumerate() {
            let half = (hash.0 >> (64 * (lane % 2))) as u64;
            let word = mix(half.wrapping_add((lane as u64 + 1).wrapping_mul(GOLDEN)));
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        key
    }
}

struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }
}

/// 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::BTreeSet;

    #[test]
    fn fnv_matches_the_published_vectors() {
        let mut hash = Fnv::default();
        hash.bytes(b"a");
        assert_eq!(hash.0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }

    #[test]
    fn every_part_of_the_key_matters() {
        let (none, one) = (BTreeMap::new(), BTreeMap::from([("d".to_owned(), 1)]));
        let two = BTreeMap::from([("d".to_owned(), 2)]);
        let stream = |seed, spec, check, sizes, purpose| Stream {
            seed,
            spec,
            check,
            sizes,
            purpose,
        };
        let streams = [
            stream(0, "a", "law", &none, "noise"),
            stream(1, "a", "law", &none, "noise"),
            stream(0, "b", "law", &none, "noise"),
            stream(0, "al", "aw", &none, "noise"),
            stream(0, "a", "path", &none, "noise"),
            stream(0, "a", "law", &one, "noise"),
            stream(0, "a", "law", &two, "noise"),
            stream(0, "a", "law", &none, "points"),
        ];
        let mut firsts: BTreeSet<u64> = streams.iter().map(|s| s.rng().next_u64()).collect();
        firsts.insert(streams[0].block(1).next_u64());
        assert_eq!(firsts.len(), 9);
    }

    #[test]
    fn streams_are_fixed() {
        let sizes = BTreeMap::from([("d".to_owned(), 3)]);
        let stream = Stream {
            seed: 0,
            spec: "normal",
            check: "law",
            sizes: &sizes,
            purpose: "noise",
        };
        let mut rng = stream.rng();
        assert_eq!(
            [rng.next_u64(), rng.next_u64()],
            [9_203_836_098_195_637_066, 4_507_183_311_124_062_062]
        );
    }
}
