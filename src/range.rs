//! Ranges of bytes, and sets of them.
//!
//! Ranges are half-open, `start..end` in bytes, as Rust has them; the wire's inclusive ends exist only where a header
//! or a response is written or read.

use std::ops::Range;

/// A set of bytes of a document, kept as sorted, disjoint, non-adjacent and non-empty ranges.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct RangeSet {
    ranges: Vec<Range<u64>>,
}

impl RangeSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of one range; the empty set for an empty one.
    pub fn of(range: Range<u64>) -> Self {
        std::iter::once(range).collect()
    }

    /// The ranges in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.ranges.iter().cloned()
    }

    /// Whether the set holds no byte.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many bytes the set holds.
    pub fn bytes(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// The first range, if any.
    pub fn first(&self) -> Option<Range<u64>> {
        self.ranges.first().cloned()
    }

    /// The last range, if any.
    pub fn last(&self) -> Option<Range<u64>> {
        self.ranges.last().cloned()
    }

    /// The bytes that are in both sets.
    pub fn intersection(&self, other: &RangeSet) -> RangeSet {
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        let mut common = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (start, end) = (a.start.max(b.start), a.end.min(b.end));
            if start < end {
                common.push(start..end);
            }
            if a.end <= b.end {
                left.next();
            } else {
                right.next();
            }
        }
        RangeSet { ranges: common }
    }

    /// The bytes of this set that are not in `other`.
    pub fn difference(&self, other: &RangeSet) -> RangeSet {
        let starts = std::iter::once(0).chain(other.ranges.iter().map(|range| range.end));
        let ends = other.ranges.iter().map(|range| range.start).chain([u64::MAX]);
        self.intersection(&starts.zip(ends).map(|(start, end)| start..end).collect())
    }

    /// The bytes that are in either set.
    pub fn union(&self, other: &RangeSet) -> RangeSet {
        self.iter().chain(other.iter()).collect()
    }
}

impl FromIterator<Range<u64>> for RangeSet {
    fn from_iter<I: IntoIterator<Item = Range<u64>>>(ranges: I) -> Self {
        let mut sorted: Vec<Range<u64>> = ranges.into_iter().filter(|range| range.start < range.end).collect();
        sorted.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        RangeSet { ranges: merged }
    }
}
