//! Only one range completes the document.
//!
//! Ranges go in parallel, and the service completes the document with whichever range it gets last. The last bytes of the
//! last range therefore wait until every other range has its response. A lost response to that range then leaves no doubt
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

    /// Of a document that goes as one part.
    pub(super) fn of_one(size: u64) -> Self {
        let state = PartsInFlight { is_end: true, parts: vec![(0..size, PartState::Sending)] };
        CompletionBarrier(watch::Sender::new(state))
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
    /// The part that gets here last waits for the responses to the others. One of them that is lost lets it go on as well:
    /// the status shows what became of that one, once this one has its response.
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
    use crate::upload::options::UploadOptions;
    use crate::upload::plan::Step;
    use futures_util::FutureExt;

    /// A document in ranges of 4 bytes, so many of them in flight.
    fn in_flight(ranges: u64, max_concurrency: usize) -> (Plan, CompletionBarrier) {
        let options = UploadOptions { chunk_size: 4, max_concurrency, ..UploadOptions::default() };
        let (mut plan, barrier) = (Plan::fresh(4 * ranges, &options), CompletionBarrier::new());
        for _ in 0..max_concurrency {
            assert!(matches!(plan.step(), Step::Send(_)));
            barrier.update(&plan);
        }
        (plan, barrier)
    }

    #[test]
    fn the_last_to_come_waits_for_the_responses_to_the_others() {
        // The other is acknowledged, or cut off, or its response is lost: then it may be there, and these bytes are the last.
        for (fate, completes) in [("acknowledged", true), ("cut off", false), ("lost", true)] {
            let (mut plan, barrier) = in_flight(3, 3);
            assert_eq!(barrier.wait(&(0..4)).now_or_never(), Some(false));
            assert_eq!(barrier.wait(&(8..12)).now_or_never(), Some(false));
            let range = 4..8;
            let mut last = Box::pin(barrier.wait(&range));
            assert_eq!((&mut last).now_or_never(), None);
            // Sent once more after a redirect, a range does not wait for the one that waits for it.
            assert_eq!(barrier.wait(&(0..4)).now_or_never(), Some(false));
            plan.mark_acknowledged(&(8..12), None);
            barrier.update(&plan);
            assert_eq!((&mut last).now_or_never(), None);
            match fate {
                "acknowledged" => plan.mark_acknowledged(&(0..4), None),
                "cut off" => plan.mark_missing(&(0..4)),
                _ => plan.mark_unknown(&(0..4)),
            }
            barrier.update(&plan);
            assert_eq!(last.now_or_never(), Some(completes), "{fate}");
        }
    }

    #[test]
    fn no_range_waits_while_bytes_are_left_to_send() {
        let (mut plan, barrier) = in_flight(2, 1);
        assert_eq!(barrier.wait(&(0..4)).now_or_never(), Some(false));
        plan.mark_acknowledged(&(0..4), None);
        plan.step();
        barrier.update(&plan);
        assert_eq!(barrier.wait(&(4..8)).now_or_never(), Some(true));
    }
}
