//! The plan: what it sends next, whatever a service and a network do; a value that can be printed, and replayed from a
//! record of what happened.

use mgprint::range::RangeSet;
use mgprint::upload::pace::{Pace, SMALLEST_PIECE};
use mgprint::upload::plan::{Plan, Step};
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
            prop_assert!(printed.contains("missing: RangeSet {") && printed.contains("in_flight: ["), "{printed}");
            if let Step::Send(range) = step {
                prop_assert!(range.end <= size && range.end - range.start <= chunk_size);
            }
        }
    }
}

fn options(chunk_size: u64, max_concurrency: usize) -> UploadOptions {
    UploadOptions { chunk_size, max_concurrency, ..UploadOptions::default() }
}

#[test]
fn a_known_session_is_asked_before_anything_is_sent() {
    let mut plan = Plan::new(10, &options(4, 4));
    assert_eq!(plan.step(), Step::GetStatus);
    plan.set_status(&RangeSet::of(6..10));
    assert_eq!(plan.step(), Step::Send(6..10));
    assert_eq!(plan.bytes_there(), 6);
}

#[test]
fn the_last_piece_may_be_one_byte() {
    let mut plan = Plan::fresh(9, &options(4, 4));
    let sent: Vec<Step> = (0..4).map(|_| plan.step()).collect();
    assert_eq!(sent, [Step::Send(0..4), Step::Send(4..8), Step::Send(8..9), Step::Wait]);
}

#[test]
fn a_lost_response_waits_for_the_others_and_then_asks() {
    let mut plan = Plan::fresh(12, &options(4, 2));
    assert_eq!((plan.step(), plan.step()), (Step::Send(0..4), Step::Send(4..8)));
    plan.mark_unknown(&(0..4));
    assert_eq!(plan.step(), Step::Wait);
    plan.mark_acknowledged(&(4..8), None);
    assert_eq!(plan.step(), Step::GetStatus);
    plan.set_status(&RangeSet::of(8..12));
    assert_eq!(plan.step(), Step::Send(8..12));
}

#[test]
fn a_response_that_was_overtaken_says_nothing_of_a_lost_range() {
    let mut plan = Plan::fresh(8, &options(4, 2));
    assert_eq!((plan.step(), plan.step()), (Step::Send(0..4), Step::Send(4..8)));
    plan.mark_unknown(&(4..8));
    plan.mark_acknowledged(&(0..4), Some(&RangeSet::of(4..8)));
    assert_eq!(plan.step(), Step::GetStatus);
    assert!(plan.may_be_complete(), "it may have come after that was said");
}

#[test]
fn what_an_earlier_upload_sent_may_have_completed_the_document() {
    let mut plan = Plan::new(12, &options(4, 1)).after(RangeSet::of(0..8));
    assert!(!plan.may_be_complete());
    plan.set_status(&RangeSet::of(0..12));
    assert_eq!(plan.step(), Step::Send(0..4), "what is missing is sent, whoever sent it before");
    plan.mark_missing(&(0..4));
    assert!(!plan.may_be_complete());
    assert!(Plan::new(12, &options(4, 1)).after(RangeSet::of(0..12)).may_be_complete());
    assert!(!Plan::new(12, &options(4, 1)).may_be_complete());
}

#[test]
fn what_a_list_left_out_and_nobody_sent_is_not_there() {
    let mut plan = Plan::fresh(12, &options(4, 1));
    assert_eq!(plan.step(), Step::Send(0..4));
    plan.mark_acknowledged(&(0..4), Some(&RangeSet::new()));
    assert_eq!(plan.step(), Step::GetStatus);
    assert!(plan.everything_was_sent() && !plan.may_be_complete());
    // What was there when the session was first asked may be anybody's.
    let mut plan = Plan::new(12, &options(4, 1));
    plan.set_status(&RangeSet::of(8..12));
    assert_eq!(plan.step(), Step::Send(8..12));
    assert!(plan.is_last(&(8..12)));
    plan.mark_acknowledged(&(8..12), None);
    assert!(plan.may_be_complete());
}

#[test]
fn a_range_that_claims_the_end_too_early_is_doubted() {
    let mut plan = Plan::fresh(12, &options(4, 3));
    (0..3).for_each(|_| assert!(matches!(plan.step(), Step::Send(_))));
    assert!(!plan.is_last(&(0..4)), "others are on their way");
    plan.mark_completed_early(&(0..4));
    plan.mark_acknowledged(&(4..8), None);
    assert!(!plan.is_last(&(8..12)), "the first is in doubt");
    plan.mark_acknowledged(&(8..12), Some(&RangeSet::of(0..4)));
    assert_eq!(plan.step(), Step::GetStatus);
    plan.set_status(&RangeSet::of(0..4));
    assert!(!plan.may_be_complete() && !plan.was_acknowledged());
    assert_eq!(plan.step(), Step::Send(0..4));
}

#[test]
fn bytes_that_the_service_has_from_elsewhere_are_not_sent() {
    let mut plan = Plan::fresh(20, &options(5, 1));
    assert_eq!(plan.step(), Step::Send(0..5));
    plan.mark_acknowledged(&(0..5), Some(&RangeSet::of(15..20)));
    assert_eq!(plan.step(), Step::Send(15..20));
}

#[test]
fn a_part_that_the_service_dropped_is_sent_again() {
    let mut plan = Plan::fresh(10, &options(10, 1));
    assert_eq!(plan.step(), Step::Send(0..10));
    plan.mark_acknowledged(&(0..10), Some(&RangeSet::of(7..10)));
    assert_eq!(plan.step(), Step::Send(7..10));
}

#[test]
fn an_old_view_does_not_bring_acknowledged_bytes_back() {
    let mut plan = Plan::fresh(12, &options(4, 3));
    (0..3).for_each(|_| assert!(matches!(plan.step(), Step::Send(_))));
    plan.mark_acknowledged(&(4..8), Some(&RangeSet::of(8..12)));
    plan.mark_acknowledged(&(0..4), Some(&RangeSet::of(4..12)));
    assert_eq!(plan.step(), Step::Wait);
    assert_eq!(plan.bytes_there(), 8);
}

/// A service that keeps, loses and half-keeps ranges and loses responses at random, and a driver that follows the plan.
#[derive(Clone, Debug)]
enum Fate {
    Kept,
    KeptWithoutRanges,
    KeptThenLost,
    LostBefore,
    PartKept(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Kept),
        1 => Just(Fate::KeptWithoutRanges),
        1 => Just(Fate::KeptThenLost),
        1 => Just(Fate::LostBefore),
        1 => (0u64..50).prop_map(Fate::PartKept),
    ]
}

proptest! {
    #[test]
    fn covers_everything_and_never_sends_a_known_byte_again(
        size in 1u64..400,
        chunk in 1u64..90,
        concurrency in 1usize..=4,
        there_before in proptest::collection::vec((0u64..400, 0u64..400), 0..4),
        fates in proptest::collection::vec((fate(), 0usize..4), 1..400),
    ) {
        let mut missing_there = RangeSet::of(0..size)
            .difference(&there_before.iter().map(|&(start, end)| start..end).collect());
        // What the service says it has: never to be sent again.
        let mut told = RangeSet::new();
        let mut plan = Plan::new(size, &options(chunk, concurrency));
        let mut fates = fates.into_iter().chain(std::iter::repeat((Fate::Kept, 0)));
        let mut complete = false;
        for _ in 0..10_000 {
            match plan.step() {
                Step::Send(range) => {
                    prop_assert!(range.start < range.end && range.end <= size, "out of the document: {range:?}");
                    prop_assert!(range.end - range.start <= chunk);
                    prop_assert!(told.intersection(&RangeSet::of(range.clone())).is_empty(), "sent again: {range:?} {plan:?}");
                    let flying: u64 = plan.in_flight().iter().map(|r| r.end - r.start).sum();
                    let distinct: RangeSet = plan.in_flight().iter().cloned().collect();
                    prop_assert_eq!(flying, distinct.bytes(), "a byte twice in flight");
                    prop_assert!(plan.in_flight().len() <= concurrency);
                }
                Step::Wait => {
                    let (fate, which) = fates.next().unwrap();
                    let range = plan.in_flight()[which % plan.in_flight().len()].clone();
                    let bytes = RangeSet::of(range.clone());
                    match fate {
                        Fate::Kept => {
                            missing_there = missing_there.difference(&bytes);
                            if missing_there.is_empty() { complete = true; break; }
                            told = RangeSet::of(0..size).difference(&missing_there);
                            plan.mark_acknowledged(&range, Some(&missing_there));
                        }
                        Fate::KeptWithoutRanges => {
                            missing_there = missing_there.difference(&bytes);
                            told = told.union(&bytes);
                            plan.mark_acknowledged(&range, None);
                        }
                        Fate::KeptThenLost => {
                            missing_there = missing_there.difference(&bytes);
                            plan.mark_unknown(&range);
                        }
                        Fate::LostBefore => plan.mark_missing(&range),
                        Fate::PartKept(part) => {
                            let kept = range.start..range.end.min(range.start + part);
                            missing_there = missing_there.difference(&RangeSet::of(kept));
                            if missing_there.is_empty() { complete = true; break; }
                            told = RangeSet::of(0..size).difference(&missing_there);
                            plan.mark_acknowledged(&range, Some(&missing_there));
                        }
                    }
                    prop_assert!(plan.bytes_there() <= size - missing_there.bytes(), "believes more than is there");
                }
                Step::GetStatus => {
                    if missing_there.is_empty() { complete = true; break; }
                    told = RangeSet::of(0..size).difference(&missing_there);
                    plan.set_status(&missing_there);
                }
            }
        }
        prop_assert!(complete, "never complete: {plan:?}");
    }

    #[test]
    fn any_list_of_the_service_is_survived(
        size in 1u64..1000,
        lists in proptest::collection::vec(proptest::collection::vec((0u64..3000, 0u64..3000), 0..6), 1..40),
    ) {
        let mut plan = Plan::new(size, &options(64, 4));
        for list in lists {
            let list: RangeSet = list.into_iter().map(|(start, end)| start..end).collect();
            match plan.step() {
                Step::Send(range) => prop_assert!(range.end <= size),
                Step::Wait => {
                    let range = plan.in_flight()[0].clone();
                    plan.mark_acknowledged(&range, Some(&list));
                }
                Step::GetStatus => plan.set_status(&list),
            }
            prop_assert!(plan.bytes_there() <= size);
            plan.progressed();
        }
    }
}

/// The size of a piece and the number in flight, after so many failures and then so many successes in a row.
fn paced(chunk_size: u64, failures: usize, successes: usize) -> (u64, usize) {
    let mut pace = Pace::new(&UploadOptions { chunk_size, ..UploadOptions::default() });
    (0..failures).for_each(|_| pace.on_failure());
    (0..successes).for_each(|_| pace.on_success());
    (pace.piece(), pace.in_flight())
}

#[test]
fn failures_in_a_row_halve_the_pieces_and_successes_lead_back() {
    for (chunk_size, failures, successes, paced_so) in [
        (8_192_000, 1, 0, (8_192_000, 4)),
        (8_192_000, 2, 0, (4_096_000, 1)),
        (8_192_000, 20, 0, (SMALLEST_PIECE, 1)),
        (8_192_000, 10, 20, (8_192_000, 4)),
        // Who asked for smaller pieces keeps them.
        (1000, 3, 0, (1000, 1)),
    ] {
        assert_eq!(paced(chunk_size, failures, successes), paced_so, "{chunk_size}, {failures}, {successes}");
    }
}
