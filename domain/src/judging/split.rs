//! Which rows are scored in public, and which decide at the end.

use std::collections::HashSet;

/// A reproducible split of rows: a seed, and how many of a hundred rows are public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Drawn once for a competition, and never shown.
    pub seed: i64,
    /// The public share in percent; at 100 the public rows decide.
    pub public_share: u8,
}

impl Split {
    /// The public ids, then the private ones; one part only where every row is public.
    ///
    /// The ids are ordered by a hash of seed and id, and the first ones are public: the order of the file
    /// tells nothing, and the same ids split the same everywhere.
    pub fn parts<'a>(self, ids: impl Iterator<Item = &'a str>) -> Vec<HashSet<&'a str>> {
        let mut ranked: Vec<(u64, &str)> = ids.map(|id| (mixed(self.seed, id), id)).collect();
        ranked.sort_unstable();
        let share = usize::from(self.public_share.min(100));
        let mut public = (ranked.len() * share + 50) / 100;
        if share < 100 && ranked.len() > 1 {
            public = public.clamp(1, ranked.len() - 1);
        }
        let rest = ranked.split_off(public.min(ranked.len()));
        let set = |part: Vec<(u64, &'a str)>| part.into_iter().map(|(_, id)| id).collect::<HashSet<_>>();
        if share >= 100 { vec![set(ranked)] } else { vec![set(ranked), set(rest)] }
    }
}

/// FNV-1a over seed and id, then the finaliser of SplitMix64, which spreads neighbouring ids apart.
fn mixed(seed: i64, id: &str) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(id.bytes());
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forty_of_a_hundred_are_public() {
        let ids: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let split = Split { seed: 7, public_share: 40 };
        let parts = split.parts(ids.iter().map(String::as_str));
        assert_eq!(parts.iter().map(HashSet::len).collect::<Vec<_>>(), [40, 60]);
        let other = Split { seed: 8, public_share: 40 }.parts(ids.iter().map(String::as_str));
        assert_ne!(parts, other);
        let whole = Split { seed: 7, public_share: 100 }.parts(ids.iter().map(String::as_str));
        assert_eq!(whole.len(), 1);
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_part_whatever_the_order(
            ids in prop::collection::hash_set("[a-z0-9]{1,6}", 2..80), seed in any::<i64>(), share in 1_u8..100
        ) {
            let split = Split { seed, public_share: share };
            let mut list: Vec<&str> = ids.iter().map(String::as_str).collect();
            let parts = split.parts(list.iter().copied());
            list.reverse();
            prop_assert_eq!(&parts, &split.parts(list.iter().copied()));
            prop_assert!(parts[0].is_disjoint(&parts[1]));
            prop_assert!(!parts[0].is_empty() && !parts[1].is_empty());
            prop_assert_eq!(parts[0].len() + parts[1].len(), ids.len());
        }
    }
}
