//! Which bytes of a document have arrived, as a set of half-open ranges.

use std::collections::BTreeMap;
use std::ops::Range;

/// A set of byte positions, kept as disjoint ranges that never touch each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RangeSet {
    /// Start to end (exclusive).
    ranges: BTreeMap<u64, u64>,
}

impl RangeSet {
    /// The set without any byte.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Every byte of `0..size` but those of `gaps`, which are in order.
    pub(crate) fn all_but(gaps: &[Range<u64>], size: u64) -> Self {
        let mut set = Self::new();
        let mut next = 0;
        for gap in gaps {
            set.insert(next..gap.start.max(next));
            next = next.max(gap.end);
        }
        set.insert(next..size.max(next));
        set
    }

    /// Adds every byte of `range`; those already there stay as they are.
    pub(crate) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let Range { mut start, mut end } = range;
        // A neighbour that only touches is joined too, so that gaps are always real gaps.
        let joined: Vec<u64> = self
            .ranges
            .range(..=end)
            .rev()
            .take_while(|(_, &known_end)| known_end >= start)
            .map(|(&known_start, _)| known_start)
            .collect();
        for known_start in joined {
            if let Some(known_end) = self.ranges.remove(&known_start) {
                start = start.min(known_start);
                end = end.max(known_end);
            }
        }
        self.ranges.insert(start, end);
    }

    /// Takes every byte of `range` out.
    pub(crate) fn remove(&mut self, range: &Range<u64>) {
        if range.is_empty() {
            return;
        }
        let meeting: Vec<Range<u64>> = self
            .ranges
            .range(..range.end)
            .rev()
            .take_while(|(_, &end)| end > range.start)
            .map(|(&start, &end)| start..end)
            .collect();
        for met in meeting {
            self.ranges.remove(&met.start);
            self.insert(met.start..range.start.max(met.start));
            self.insert(range.end.min(met.end)..met.end);
        }
    }

    /// The ranges in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.ranges.iter().map(|(&start, &end)| start..end)
    }

    /// How many bytes of `range` are in the set.
    pub(crate) fn count_within(&self, range: &Range<u64>) -> u64 {
        self.ranges
            .range(..range.end)
            .rev()
            .take_while(|(_, &end)| end > range.start)
            .map(|(&start, &end)| end.min(range.end) - start.max(range.start))
            .sum()
    }

    /// Whether any byte of `range` is in the set.
    pub(crate) fn overlaps(&self, range: &Range<u64>) -> bool {
        !range.is_empty() && self.count_within(range) > 0
    }

    /// The ranges of `0..size` that are not in the set, in order.
    pub(crate) fn gaps(&self, size: u64) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut next = 0;
        for (&start, &end) in self.ranges.range(..size) {
            if start > next {
                gaps.push(next..start);
            }
            next = end;
        }
        if next < size {
            gaps.push(next..size);
        }
        gaps
    }

    /// Whether every byte of `0..size` is in the set.
    pub(crate) fn covers(&self, size: u64) -> bool {
        self.count_within(&(0..size)) == size
    }
}

/// Gaps as the service writes them: `"72797-4533321"`, the end inclusive.
pub(crate) fn next_expected_ranges(gaps: &[Range<u64>]) -> Vec<String> {
    gaps.iter().map(|gap| format!("{}-{}", gap.start, gap.end - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let mut set = RangeSet::new();
        set.insert(0..5);
        set.insert(10..15);
        set.insert(5..10);
        assert_eq!(set.gaps(15), []);
        assert_eq!(set.ranges.len(), 1);
    }

    #[test]
    fn gaps_are_written_with_an_inclusive_end() {
        let mut set = RangeSet::new();
        set.insert(0..72_797);
        assert_eq!(next_expected_ranges(&set.gaps(4_533_322)), ["72797-4533321"]);
    }

    #[test]
    fn an_empty_range_adds_nothing() {
        let mut set = RangeSet::new();
        set.insert(7..7);
        assert_eq!(set, RangeSet::new());
        assert!(!set.overlaps(&(0..0)));
    }

    /// The same questions, answered byte by byte.
    #[derive(Clone)]
    struct Bytewise(Vec<bool>);

    impl Bytewise {
        fn gaps(&self) -> Vec<Range<u64>> {
            let mut gaps: Vec<Range<u64>> = Vec::new();
            for (at, _) in self.0.iter().enumerate().filter(|(_, there)| !**there) {
                let at = at as u64;
                match gaps.last_mut() {
                    Some(gap) if gap.end == at => gap.end += 1,
                    _ => gaps.push(at..at + 1),
                }
            }
            gaps
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_map_of_single_bytes(
            size in 1usize..120,
            changes in prop::collection::vec((0usize..120, 0usize..40, any::<bool>()), 0..24),
            asked in (0usize..120, 0usize..40),
        ) {
            let mut set = RangeSet::new();
            let mut model = Bytewise(vec![false; size]);
            for (start, length, comes) in changes {
                let range = start.min(size)..(start + length).min(size);
                let bytes = range.start as u64..range.end as u64;
                if comes { set.insert(bytes) } else { set.remove(&bytes) }
                model.0[range].fill(comes);
            }
            let asked = asked.0.min(size)..(asked.0 + asked.1).min(size);
            let there = model.0[asked.clone()].iter().filter(|there| **there).count() as u64;
            let asked = asked.start as u64..asked.end as u64;

            prop_assert_eq!(set.count_within(&asked), there);
            prop_assert_eq!(set.overlaps(&asked), there > 0);
            prop_assert_eq!(set.gaps(size as u64), model.gaps());
            prop_assert_eq!(&RangeSet::all_but(&model.gaps(), size as u64), &set);
            prop_assert_eq!(set.covers(size as u64), model.0.iter().all(|there| *there));
            let mut pairs = set.ranges.iter().zip(set.ranges.iter().skip(1));
            prop_assert!(pairs.all(|((_, end), (start, _))| end < start));
        }
    }
}
