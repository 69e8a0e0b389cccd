//! Only one range completes the document.
//!
//! Ranges go in parallel, and the service completes the document with whichever range it gets last. The last bytes of the
//! last range therefore wait until every other range is answered. A lost response to that range then leaves no doubt
//! about any other byte, and what has to be true before a document is complete is checked once: see [`super::body`].

use std::ops::Range;

use tokio::sync::watch;

use super::plan::Plan;

/// Where the parts in flight wait for one another.
pub(super) struct CompletionBarrier(watch::Sender<PartsInFlight>);

#[derive(Default)]
struct PartsInFlight {
    /// Whether every byte was acknowledged, or was put in flight.
    is_end: bool,
    parts: Vec<(Range<u64>, PartState)>,
}

/// How far a part is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PartState {
    /// It has bytes to send before its last ones.
    Sending,
    /// Its last bytes were sent, or may be.
    Concluding,
    /// Its last bytes wait for the other parts.
    Waiting,
}

impl CompletionBarrier {
    pub(super) fn new() -> Self {
        CompletionBarrier(watch::Sender::default())
    }

    /// Takes over what the plan has in flight, after each change of it.
    pub(super) fn update(&self, plan: &Plan) {
        self.0.send_modify(|state| {
            state.is_end = plan.everything_was_sent();
            state.parts.retain(|(range, _)| plan.in_flight().contains(range));
            for range in plan.in_flight() {
                if !state.parts.iter().any(|(known, _)| known == range) {
                    state.parts.push((range.clone(), PartState::Sending));
                }
            }
        });
    }

    /// Waits before the last bytes of a part are sent; returns whether they may complete the document.
    ///
    /// The part that gets here last waits until the others are answered. One of them that is lost lets it go on as well:
    /// the status tells what became of that one, and is asked for once this one is answered.
    pub(super) async fn wait(&self, range: &Range<u64>) -> bool {
        let mut completes = Some(false);
        self.0.send_modify(|state| completes = state.arrive(range));
        match completes {
            Some(completes) => completes,
            None => {
                let mut state = self.0.subscribe();
                // The sender lives in `self`, so it cannot be gone.
                let state = state.wait_for(|state| !state.is_end || state.is_alone(range)).await;
                state.is_ok_and(|state| state.is_end)
            }
        }
    }
}

impl PartsInFlight {
    /// A part gets to its last bytes. Whether they complete the document, or `None` when they have to wait.
    fn arrive(&mut self, range: &Range<u64>) -> Option<bool> {
        let alone = self.is_alone(range);
        // Where another part waits already, it waits for the response to this one.
        let waits = self.is_end && !alone && self.others(range).all(|state| state == PartState::Concluding);
        let state = if waits { PartState::Waiting } else { PartState::Concluding };
        self.parts.iter_mut().filter(|(known, _)| known == range).for_each(|known| known.1 = state);
        (!waits).then_some(self.is_end && alone)
    }

    fn is_alone(&self, range: &Range<u64>) -> bool {
        self.others(range).next().is_none()
    }

    fn others<'a>(&'a self, range: &'a Range<u64>) -> impl Iterator<Item = PartState> + 'a {
        self.parts.iter().filter(move |(known, _)| known != range).map(|&(_, state)| state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::plan::Step;
    use crate::upload::UploadOptions;
    use futures_util::FutureExt;

    /// A document of three ranges of 4 bytes, all in flight.
    fn three_in_flight() -> (Plan, CompletionBarrier) {
        let options = UploadOptions { chunk_size: 4, max_concurrency: 3, ..UploadOptions::default() };
        let (mut plan, barrier) = (Plan::fresh(12, &options), CompletionBarrier::new());
        for _ in 0..3 {
            assert!(matches!(plan.step(), Step::Send(_)));
            barrier.update(&plan);
        }
        (plan, barrier)
    }

    #[test]
    fn the_last_to_come_waits_for_the_others() {
        let (mut plan, barrier) = three_in_flight();
        assert_eq!(barrier.wait(&(0..4)).now_or_never(), Some(false));
        assert_eq!(barrier.wait(&(8..12)).now_or_never(), Some(false));
        let range = 4..8;
        let mut last = Box::pin(barrier.wait(&range));
        assert_eq!((&mut last).now_or_never(), None);
        plan.mark_acknowledged(&(8..12), None);
        barrier.update(&plan);
        assert_eq!((&mut last).now_or_never(), None);
        plan.mark_acknowledged(&(0..4), None);
        barrier.update(&plan);
        assert_eq!(last.now_or_never(), Some(true));
    }

    #[test]
    fn a_range_that_goes_again_does_not_wait_for_the_one_that_waits_for_it() {
        let (_, barrier) = three_in_flight();
        let (first, last) = (0..4, 8..12);
        assert_eq!(barrier.wait(&first).now_or_never(), Some(false));
        assert_eq!(barrier.wait(&(4..8)).now_or_never(), Some(false));
        assert_eq!(barrier.wait(&last).now_or_never(), None);
        // Redirected, and so sent anew.
        assert_eq!(barrier.wait(&first).now_or_never(), Some(false));
    }

    #[test]
    fn a_loss_lets_the_last_one_go() {
        for cut in [true, false] {
            let (mut plan, barrier) = three_in_flight();
            plan.mark_acknowledged(&(0..4), None);
            barrier.update(&plan);
            assert_eq!(barrier.wait(&(4..8)).now_or_never(), Some(false));
            let last = 8..12;
            let mut pass = Box::pin(barrier.wait(&last));
            assert_eq!((&mut pass).now_or_never(), None);
            if cut {
                plan.mark_missing(&(4..8));
            } else {
                plan.mark_unknown(&(4..8));
            }
            barrier.update(&plan);
            // What was sent whole may be there, and then these bytes are the last.
            assert_eq!(pass.now_or_never(), Some(!cut));
        }
    }

    #[test]
    fn nobody_waits_while_bytes_are_left_to_send() {
        let options = UploadOptions { chunk_size: 4, max_concurrency: 1, ..UploadOptions::default() };
        let (mut plan, barrier) = (Plan::fresh(8, &options), CompletionBarrier::new());
        plan.step();
        barrier.update(&plan);
        assert_eq!(barrier.wait(&(0..4)).now_or_never(), Some(false));
        plan.mark_acknowledged(&(0..4), None);
        plan.step();
        barrier.update(&plan);
        assert_eq!(barrier.wait(&(4..8)).now_or_never(), Some(true));
    }
}
