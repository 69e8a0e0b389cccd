//! Connections that are closed a moment after each answer.

use crate::common::{Stage, TestFile};
use mgprint_emulator::faults::{CloseIdle, Fault, FaultPlan};
use mgprint_emulator::journal::Part;
use mgprint_emulator::Cut;

/// Every connection is broken so many milliseconds after its first answer, whatever is on it then.
fn short_lived(after_ms: u64) -> FaultPlan {
    let mut plan =
        FaultPlan { matching: Default::default(), fault: Fault::CloseIdle(CloseIdle { after_ms, how: Cut::Reset }) };
    (plan.matching.part, plan.matching.times) = (Some(Part::Upload), None);
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_do_not_outlive_an_answer_for_long_do_not_hold_up_a_document() {
    for (after_ms, concurrency) in [(1, 1), (3, 1), (3, 4), (10, 1), (10, 4)] {
        let (stage, file) = (Stage::new().await, TestFile::new(40_000_000));
        let session = stage.session(file.size).await;
        stage.plan(short_lived(after_ms));
        let uploaded = stage.upload(&session, file.path(), &stage.options(8_000_000, concurrency)).await;
        let uploaded = uploaded.unwrap_or_else(|error| panic!("{after_ms} ms, {concurrency} at once: {error}"));
        stage.assert_arrived(&file);
        assert!(uploaded.retries <= 3, "{after_ms} ms, {concurrency} at once: {} retries", uploaded.retries);
    }
}
