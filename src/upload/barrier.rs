//! The end of a document: one range alone completes it.
//!
//! Ranges go in parallel, and the service completes the document with whichever it has last. So that this is one that
//! we know, the last bytes of the last range wait until every other range is answered. Then a lost answer to it leaves
//! no doubt about any other byte, and what has to be so before a document is complete can be made sure of once: see
//! [`super::body`].

use std::ops::Range;

use tokio::sync::watch;

use super::plan::Plan;

/// Where the ranges in flight wait for one another.
pub(super) struct Gate(watch::Sender<Flying>);

#[derive(Default)]
struct Flying {
    /// Whether every byte was acknowledged, or is in flight or was.
    is_end: bool,
    ranges: Vec<(Range<u64>, Way)>,
}

/// How far a range is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It has bytes to send before its last ones.
    Sending,
    /// Its last bytes left, or may leave.
    Passed,
    /// It waits for the others with its last bytes.
    Held,
}

impl Gate {
    pub(super) fn new() -> Self {
        Gate(watch::Sender::default())
    }

    /// Tells what the plan has in flight, after each change of it.
    pub(super) fn follow(&self, plan: &Plan) {
        self.0.send_modify(|flying| {
            flying.is_end = plan.everything_was_sent();
            flying.ranges.retain(|(range, _)| plan.in_flight().contains(range));
            for range in plan.in_flight() {
                if !flying.ranges.iter().any(|(known, _)| known == range) {
                    flying.ranges.push((range.clone(), Way::Sending));
                }
            }
        });
    }

    /// Awaited before the last bytes of a range leave; answers whether they may complete the document.
    ///
    /// The range that comes to its end last is held until the others are answered. One of them that is lost lets it go
    /// too: what became of that one the status tells, which waits for this one.
    pub(super) async fn pass(&self, range: &Range<u64>) -> bool {
        let mut completes = Some(false);
        self.0.send_modify(|flying| completes = flying.arrive(range));
        match completes {
            Some(completes) => completes,
            None => {
                let mut flying = self.0.subscribe();
                // The sender lives in `self`, so it cannot be gone.
                let flying = flying.wait_for(|flying| !flying.is_end || flying.is_alone(range)).await;
                flying.is_ok_and(|flying| flying.is_end)
            }
        }
    }
}

impl Flying {
    /// A range comes to its last bytes. Whether they complete the document, or `None` when it is to be held.
    fn arrive(&mut self, range: &Range<u64>) -> Option<bool> {
        let alone = self.is_alone(range);
        // Where another is held already, it is this one's answer that is waited for.
        let holds = self.is_end && !alone && self.others(range).all(|way| way == Way::Passed);
        let way = if holds { Way::Held } else { Way::Passed };
        self.ranges.iter_mut().filter(|(known, _)| known == range).for_each(|known| known.1 = way);
        (!holds).then_some(self.is_end && alone)
    }

    fn is_alone(&self, range: &Range<u64>) -> bool {
        self.others(range).next().is_none()
    }

    fn others<'a>(&'a self, range: &'a Range<u64>) -> impl Iterator<Item = Way> + 'a {
        self.ranges.iter().filter(move |(known, _)| known != range).map(|&(_, way)| way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::plan::Step;
    use crate::upload::UploadOptions;
    use futures_util::FutureExt;

    /// A document of three ranges of 4 bytes, all in flight.
    fn three_in_flight() -> (Plan, Gate) {
        let options = UploadOptions { chunk_size: 4, max_concurrency: 3, ..UploadOptions::default() };
        let (mut plan, gate) = (Plan::fresh(12, &options), Gate::new());
        for _ in 0..3 {
            assert!(matches!(plan.step(), Step::Send(_)));
            gate.follow(&plan);
        }
        (plan, gate)
    }

    #[test]
    fn the_last_to_come_waits_for_the_others() {
        let (mut plan, gate) = three_in_flight();
        assert_eq!(gate.pass(&(0..4)).now_or_never(), Some(false));
        assert_eq!(gate.pass(&(8..12)).now_or_never(), Some(false));
        let range = 4..8;
        let mut last = Box::pin(gate.pass(&range));
        assert_eq!((&mut last).now_or_never(), None);
        plan.acknowledged(&(8..12), None);
        gate.follow(&plan);
        assert_eq!((&mut last).now_or_never(), None);
        plan.acknowledged(&(0..4), None);
        gate.follow(&plan);
        assert_eq!(last.now_or_never(), Some(true));
    }

    #[test]
    fn a_range_that_goes_again_does_not_wait_for_the_one_that_waits_for_it() {
        let (_, gate) = three_in_flight();
        let (first, last) = (0..4, 8..12);
        assert_eq!(gate.pass(&first).now_or_never(), Some(false));
        assert_eq!(gate.pass(&(4..8)).now_or_never(), Some(false));
        assert_eq!(gate.pass(&last).now_or_never(), None);
        // Redirected, and so sent anew.
        assert_eq!(gate.pass(&first).now_or_never(), Some(false));
    }

    #[test]
    fn a_loss_lets_the_last_one_go() {
        for cut in [true, false] {
            let (mut plan, gate) = three_in_flight();
            plan.acknowledged(&(0..4), None);
            gate.follow(&plan);
            assert_eq!(gate.pass(&(4..8)).now_or_never(), Some(false));
            let last = 8..12;
            let mut pass = Box::pin(gate.pass(&last));
            assert_eq!((&mut pass).now_or_never(), None);
            if cut {
                plan.cut(&(4..8));
            } else {
                plan.lost(&(4..8));
            }
            gate.follow(&plan);
            // What was sent whole may be there, and then these bytes are the last.
            assert_eq!(pass.now_or_never(), Some(!cut));
        }
    }

    #[test]
    fn nobody_waits_while_bytes_are_left_to_send() {
        let options = UploadOptions { chunk_size: 4, max_concurrency: 1, ..UploadOptions::default() };
        let (mut plan, gate) = (Plan::fresh(8, &options), Gate::new());
        plan.step();
        gate.follow(&plan);
        assert_eq!(gate.pass(&(0..4)).now_or_never(), Some(false));
        plan.acknowledged(&(0..4), None);
        plan.step();
        gate.follow(&plan);
        assert_eq!(gate.pass(&(4..8)).now_or_never(), Some(true));
    }
}
