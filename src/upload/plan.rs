//! What to send next: pure arithmetic, without a network, a file or a clock.
//!
//! The plan knows the document's size, what the service says is missing, what is in flight and what was sent without
//! a response. From these follows the next step. A plan can be printed, and driven by hand or by a property test.
//!
//! Two rules carry the protocol:
//! - A byte is in flight once at most, and is never sent again once the service has acknowledged it or has left it out
//!   of what it says is missing.
//! - After a range whose outcome is unknown the plan asks for the status, once nothing is in flight any more, before
//!   another byte is sent: only then does the service's list describe one moment.

use std::ops::Range;

use super::options::UploadOptions;
use super::pace::Pace;
use crate::range::RangeSet;

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes; they count as in flight from now on.
    Send(Range<u64>),
    /// Wait for the response to a range in flight.
    Wait,
    /// Ask the service what is missing, and [`Plan::set_status`] it.
    GetStatus,
}

/// The state of an upload.
#[derive(Clone, Debug)]
pub struct Plan {
    size: u64,
    /// Bytes to send: neither acknowledged nor in flight nor sent without a response.
    missing: RangeSet,
    in_flight: Vec<Range<u64>>,
    /// Bytes that were sent whole and whose response is unknown.
    unknown: RangeSet,
    /// How many ranges `unknown` was sent in.
    lost_ranges: usize,
    /// Bytes that an earlier upload sent, or was about to: what it had on the wire may arrive while this one goes on.
    sent_before: RangeSet,
    /// Bytes that can be at the service: there when it was first asked, or put in flight by this upload or an earlier one.
    offered: RangeSet,
    /// Bytes that were acknowledged at some time, whatever was said of them since.
    acknowledged: RangeSet,
    /// Whether the first state of the session is yet to be learned.
    is_first: bool,
    status_wanted: bool,
    fewest_missing: u64,
    pace: Pace,
}

impl Plan {
    /// The plan for a session of which nothing is known yet: its first step asks for the status.
    pub fn new(size: u64, options: &UploadOptions) -> Self {
        Plan {
            size,
            missing: RangeSet::of(0..size),
            in_flight: Vec::new(),
            unknown: RangeSet::new(),
            lost_ranges: 0,
            sent_before: RangeSet::new(),
            offered: RangeSet::new(),
            acknowledged: RangeSet::new(),
            is_first: true,
            status_wanted: true,
            fewest_missing: size,
            pace: Pace::new(options),
        }
    }

    /// The plan for a session that was created this moment, of which every byte is missing.
    pub fn fresh(size: u64, options: &UploadOptions) -> Self {
        Plan { status_wanted: false, is_first: false, ..Plan::new(size, options) }
    }

    /// The same plan, for a document of which an earlier upload sent these bytes, or was about to when it ended. They are
    /// sent all the same when the service lists them as missing.
    pub fn after(self, sent_before: RangeSet) -> Self {
        Plan { offered: self.offered.union(&sent_before), sent_before, ..self }
    }

    /// The next step. [`Step::Send`] puts its range in flight.
    pub fn step(&mut self) -> Step {
        if self.status_wanted {
            return if self.in_flight.is_empty() { Step::GetStatus } else { Step::Wait };
        }
        match self.missing.first() {
            Some(gap) if self.in_flight.len() < self.pace.in_flight() => {
                let piece = gap.start..gap.end.min(gap.start + self.pace.piece());
                self.missing = self.missing.difference(&RangeSet::of(piece.clone()));
                self.offered = self.offered.union(&RangeSet::of(piece.clone()));
                self.in_flight.push(piece.clone());
                Step::Send(piece)
            }
            _ if !self.in_flight.is_empty() => Step::Wait,
            // Everything is acknowledged, and no response said that the document is complete.
            _ => Step::GetStatus,
        }
    }

    /// The service acknowledged a range in flight. `reported` is what the response lists as missing, if it has a list.
    ///
    /// Answers of parallel ranges overtake one another, so a list is a view of some earlier moment: what it leaves out
    /// was there then and is there now; what it names may have arrived since, but for the acknowledged range itself,
    /// of which the service may have a part only.
    pub fn mark_acknowledged(&mut self, range: &Range<u64>, reported: Option<&RangeSet>) {
        self.remove_in_flight(range);
        self.acknowledged = self.acknowledged.union(&RangeSet::of(range.clone()));
        if let Some(reported) = reported {
            let dropped = reported.intersection(&RangeSet::of(range.clone()));
            self.missing = self.missing.intersection(reported).union(&dropped);
        }
        self.pace.on_success();
    }

    /// A range in flight was sent whole, and its outcome is unknown: the service may have its bytes, a part, or none.
    pub fn mark_unknown(&mut self, range: &Range<u64>) {
        self.mark_completed_early(range);
        self.pace.on_failure();
    }

    /// The response to a range in flight says that the document is complete, while other ranges are not. The status
    /// shows what became of it.
    pub fn mark_completed_early(&mut self, range: &Range<u64>) {
        self.remove_in_flight(range);
        self.unknown = self.unknown.union(&RangeSet::of(range.clone()));
        self.lost_ranges += 1;
        self.status_wanted = true;
    }

    /// A range in flight was not sent whole, or was refused: at least a part of it is missing at the service.
    pub fn mark_missing(&mut self, range: &Range<u64>) {
        self.remove_in_flight(range);
        self.missing = self.missing.union(&RangeSet::of(range.clone()));
        self.status_wanted = true;
        self.pace.on_failure();
    }

    /// The service said what is missing, with nothing in flight: this replaces whatever the plan assumed before.
    pub fn set_status(&mut self, missing: &RangeSet) {
        debug_assert!(self.in_flight.is_empty(), "a status describes one moment only when nothing is in flight");
        self.missing = missing.intersection(&self.all());
        if std::mem::take(&mut self.is_first) {
            self.offered = self.offered.union(&self.all().difference(&self.missing));
        }
        let there = self.offered.difference(&self.missing);
        self.acknowledged = self.acknowledged.union(&there);
        self.unknown = RangeSet::new();
        self.lost_ranges = 0;
        self.status_wanted = false;
    }

    /// The state of the session may have changed behind the plan's back: ask for it before sending more.
    pub fn request_status(&mut self) {
        self.status_wanted = true;
    }

    /// Whether fewer bytes are missing than ever before; to be called once after each response. Everything else spends the retry budget.
    pub fn progressed(&mut self) -> bool {
        let missing = self.size - self.bytes_there();
        let fewer = missing < self.fewest_missing;
        self.fewest_missing = self.fewest_missing.min(missing);
        fewer
    }

    /// The bytes that are yet to be sent.
    pub fn missing(&self) -> &RangeSet {
        &self.missing
    }

    /// Whether the service has said what it has, or the session is new.
    pub fn is_known(&self) -> bool {
        !self.is_first
    }

    /// How many bytes the service is known to have.
    pub fn bytes_there(&self) -> u64 {
        let in_flight: u64 = self.in_flight.iter().map(|range| range.end - range.start).sum();
        self.size - self.missing.bytes() - in_flight - self.unknown.bytes()
    }

    /// Whether every byte was acknowledged, is in flight, or was sent without a response.
    pub fn everything_was_sent(&self) -> bool {
        self.missing.is_empty()
    }

    /// Whether a session that is gone may be one that is complete: every byte was acknowledged, sent by an earlier
    /// upload, or sent whole in the one range whose response was lost. Where several were lost, this cannot be known; and
    /// bytes that were never sent are not there, whatever a list left out.
    pub fn may_be_complete(&self) -> bool {
        let by_nobody = self.missing.difference(&self.sent_before);
        by_nobody.is_empty() && self.everything_was_offered() && self.in_flight.is_empty() && self.lost_ranges <= 1
    }

    /// Whether this range is all that is left, and no outcome is unknown: then a response that says that the document is
    /// complete is no surprise.
    pub fn is_last(&self, range: &Range<u64>) -> bool {
        let others = self.in_flight.iter().any(|flying| flying != range);
        self.missing.is_empty() && self.unknown.is_empty() && !others && self.everything_was_offered()
    }

    /// Whether every byte was acknowledged at some time, or sent whole without a response: enough to trust a service
    /// that says that the document is complete, though it had said otherwise of some byte.
    pub fn was_acknowledged(&self) -> bool {
        self.all().difference(&self.acknowledged.union(&self.unknown)).is_empty()
    }

    /// Bytes that can be at the service.
    pub fn bytes_offered(&self) -> u64 {
        self.offered.bytes()
    }

    /// Whether every byte can be at the service.
    fn everything_was_offered(&self) -> bool {
        self.all().difference(&self.offered).is_empty()
    }

    /// Whether a range of an upload like this one, from the start of the document on, may have ended here.
    pub fn may_end_a_range(&self, end: u64) -> bool {
        end.is_multiple_of(self.pace.granule())
    }

    /// The ranges in flight.
    pub fn in_flight(&self) -> &[Range<u64>] {
        &self.in_flight
    }

    fn all(&self) -> RangeSet {
        RangeSet::of(0..self.size)
    }

    fn remove_in_flight(&mut self, range: &Range<u64>) {
        self.in_flight.retain(|flying| flying != range);
    }
}
