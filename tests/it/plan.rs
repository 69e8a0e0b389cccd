//! The plan from outside: a value that can be printed, and replayed from a record of what happened.

use mgprint::upload::plan::{Plan, Step};
use mgprint::upload::range::RangeSet;
use mgprint::UploadOptions;
use proptest::prelude::*;

/// What can happen to a plan.
#[derive(Clone, Debug)]
enum Happening {
    /// The oldest range in flight is answered; the answer names what is missing from a byte on, or nothing.
    Acknowledged(Option<u64>),
    Lost,
    Cut,
    /// The status, where it is asked for: from this byte on everything is missing.
    Status(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => proptest::option::of(0u64..400).prop_map(Happening::Acknowledged),
        1 => Just(Happening::Lost),
        1 => Just(Happening::Cut),
        2 => (0u64..400).prop_map(Happening::Status),
    ]
}

/// Takes the plan one step on, and lets it happen; what it did, and how it is printed then.
fn advance(plan: &mut Plan, size: u64, what: &Happening) -> (Step, String) {
    let step = plan.step();
    let oldest = plan.in_flight().first().cloned();
    match (what, oldest) {
        (Happening::Status(from), None) if step == Step::GetStatus => plan.set_status(&RangeSet::of(*from..size)),
        (Happening::Acknowledged(missing), Some(range)) => {
            plan.mark_acknowledged(&range, missing.map(|from| RangeSet::of(from..size)).as_ref());
        }
        (Happening::Lost, Some(range)) => plan.mark_unknown(&range),
        (Happening::Cut, Some(range)) => plan.mark_missing(&range),
        _ => {}
    }
    (step, format!("{plan:?}"))
}

proptest! {
    #[test]
    fn a_replayed_plan_is_the_same_at_every_step(
        size in 1u64..400,
        chunk_size in 1u64..90,
        max_concurrency in 1usize..=4,
        record in proptest::collection::vec(happening(), 1..60),
    ) {
        let options = UploadOptions { chunk_size, max_concurrency, ..UploadOptions::default() };
        let run = || {
            let mut plan = Plan::new(size, &options);
            record.iter().map(|what| advance(&mut plan, size, what)).collect::<Vec<_>>()
        };
        let first = run();
        prop_assert_eq!(&first, &run());
        // What is printed is the whole of it: ranges in flight and missing among it.
        for (step, printed) in &first {
            prop_assert!(printed.contains("missing: {") && printed.contains("in_flight: ["), "{printed}");
            if let Step::Send(range) = step {
                prop_assert!(range.end <= size && range.end - range.start <= chunk_size);
            }
        }
    }
}
