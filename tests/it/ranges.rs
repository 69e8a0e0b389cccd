//! Sets of bytes, against a model of them.

use mgprint::range::RangeSet;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;

const UNIVERSE: u64 = 64;

fn ranges() -> impl Strategy<Value = Vec<Range<u64>>> {
    proptest::collection::vec((0..UNIVERSE, 0..UNIVERSE).prop_map(|(start, end)| start..end), 0..12)
}

fn bytes_of(set: &RangeSet) -> BTreeSet<u64> {
    set.iter().flatten().collect()
}

fn model(ranges: &[Range<u64>]) -> BTreeSet<u64> {
    ranges.iter().cloned().flatten().collect()
}

fn is_canonical(set: &RangeSet) -> bool {
    let ranges: Vec<_> = set.iter().collect();
    ranges.iter().all(|range| range.start < range.end) && ranges.windows(2).all(|pair| pair[0].end < pair[1].start)
}

proptest! {
    #[test]
    fn behaves_as_a_set_of_bytes(left in ranges(), right in ranges()) {
        let (a, b): (RangeSet, RangeSet) = (left.iter().cloned().collect(), right.iter().cloned().collect());
        let (model_a, model_b) = (model(&left), model(&right));

        prop_assert_eq!(bytes_of(&a), model_a.clone());
        prop_assert_eq!(a.bytes(), model_a.len() as u64);
        let (union, common, rest) = (a.union(&b), a.intersection(&b), a.difference(&b));
        prop_assert_eq!(bytes_of(&union), &model_a | &model_b);
        prop_assert_eq!(bytes_of(&common), &model_a & &model_b);
        prop_assert_eq!(bytes_of(&rest), &model_a - &model_b);
        for set in [&a, &union, &common, &rest] {
            prop_assert!(is_canonical(set), "{:?}", set);
        }
    }
}

#[test]
fn holds_ranges_up_to_the_last_u64() {
    let all = RangeSet::of(0..u64::MAX);
    assert_eq!(all.bytes(), u64::MAX);
    assert_eq!(all.difference(&RangeSet::of(5..u64::MAX)), RangeSet::of(0..5));
}
