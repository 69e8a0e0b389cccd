//! Connections as they are: closed a moment after each answer, and slow.

use std::time::Duration;

use crate::common::{fault, Stage, TestFile};
use mgprint::UploadOptions;
use mgprint_emulator::faults::{CloseIdle, Drip, Dripping, Fault, FaultPlan};
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

/// What a service has not read yet waits in the system's buffers, which take in a whole range at once: nothing of it is
/// seen to move, but what they hold becomes less.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_moves_slowly_is_not_taken_for_dead() {
    for concurrency in [1, 4] {
        let (stage, file) = (Stage::new().await, TestFile::new(4_000_000 * concurrency as u64));
        let session = stage.session(file.size).await;
        let mut slow = fault("PUT", Fault::Drip(Drip { bytes: 40_000, every_ms: 60, what: Dripping::Request }));
        slow.matching.times = None;
        stage.plan(slow);
        let options = stage.options(4_000_000, concurrency);
        let call = mgprint::CallOptions { silence_timeout: Duration::from_secs(2), ..options.call.clone() };
        let uploaded =
            stage.upload(&session, file.path(), &UploadOptions { call, ..options }).await.expect("delivered");
        assert_eq!(uploaded.retries, 0, "a slow range was given up and sent again");
        assert!(uploaded.elapsed > Duration::from_secs(4), "it was not slow: {:?}", uploaded.elapsed);
        stage.assert_arrived(&file);
    }
}
