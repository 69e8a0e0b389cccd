//! Answers that say something else than what is.

use axum::http::StatusCode;
use mgprint_emulator::faults::{Fault, FaultPlan, Match, Place, Ranges, RangesForm, Redirect, Rewrite};
use mgprint_emulator::Emulator;

use crate::client::{emulator, Upload};

fn plan(emulator: &Emulator, matching: Match, fault: Fault) {
    emulator.plan(FaultPlan { matching, fault });
}

fn puts() -> Match {
    Match { method: Some("PUT".into()), ..Match::default() }
}

#[tokio::test]
async fn a_list_of_ranges_takes_every_form() {
    use RangesForm::*;
    // What is missing: 20-39 and 60-99.
    for (form, listed) in [
        (Split, Some(vec!["20-25", "26-32", "33-39", "60-72", "73-85", "86-99"])),
        (OutOfOrder, Some(vec!["86-99", "73-85", "60-72", "33-39", "26-32", "20-25"])),
        (Overlapping, Some(vec!["20-39", "60-99", "20-29", "30-39", "60-79", "80-99"])),
        (Open, Some(vec!["20-39", "60-"])),
        (Bare, Some(vec!["20"])),
        (OnePastEnd, Some(vec!["20-39", "60-100"])),
        (FarPastEnd, Some(vec!["20-39", "60-1000100"])),
        (Backwards, Some(vec!["0-99"])),
        (Hole, Some(vec!["6-9", "20-39", "60-99"])),
        (Empty, Some(vec![])),
        (Malformed, None),
        (Missing, None),
        (Null, None),
    ] {
        let emulator = emulator(|_| {}).await;
        let upload = Upload::begin(&emulator, 100).await;
        upload.put(&emulator, 0..20).await;
        let second = Match { nth: 1, ..puts() };
        plan(&emulator, second, Fault::Ranges(Ranges { form }));
        let answer = upload.put(&emulator, 40..60).await;
        assert_eq!(answer.status, 202);
        let list = answer.json()["nextExpectedRanges"].clone();
        match listed {
            Some(listed) => assert_eq!(list, serde_json::json!(listed), "{form:?}"),
            None => assert!(!list.is_array() || list[3].is_null(), "{form:?}: {list}"),
        }
        assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["20-39", "60-99"], "{form:?} changes nothing");
    }
}

#[tokio::test]
async fn what_was_told_is_what_the_client_is_held_to() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    upload.put(&emulator, 0..20).await;
    let violations = || emulator.journal().snapshot().counts.violations;
    // Told by a status that nothing is missing, it may send nothing before it has asked again.
    plan(&emulator, Match::default(), Fault::Ranges(Ranges { form: RangesForm::Empty }));
    upload.ask(&emulator, "GET").await;
    upload.put(&emulator, 20..40).await;
    assert_eq!(violations(), 1);
    upload.ask(&emulator, "GET").await;
    upload.put(&emulator, 40..60).await;
    assert_eq!(violations(), 1);
    // Told that everything is missing, it may send everything.
    plan(&emulator, Match::default(), Fault::Ranges(Ranges { form: RangesForm::Backwards }));
    upload.ask(&emulator, "GET").await;
    assert_eq!(upload.put(&emulator, 0..20).await.status, 416);
    assert_eq!(violations(), 1);
    // The answer to a PUT frees no byte but those of its own range: it is a view of some earlier moment. Nor does it bind
    // for what is not there, which may be on its way already.
    upload.ask(&emulator, "GET").await;
    plan(&emulator, puts(), Fault::Ranges(Ranges { form: RangesForm::Backwards }));
    upload.put(&emulator, 60..80).await;
    assert_eq!(upload.put(&emulator, 60..80).await.status, 416);
    assert_eq!(violations(), 1);
    assert_eq!(upload.put(&emulator, 0..20).await.status, 416);
    assert_eq!(violations(), 2);
    upload.ask(&emulator, "GET").await;
    plan(&emulator, puts(), Fault::Ranges(Ranges { form: RangesForm::Empty }));
    upload.put(&emulator, 80..90).await;
    upload.put(&emulator, 90..100).await;
    assert_eq!(violations(), 2);
}

#[tokio::test]
async fn an_answer_is_rewritten_and_the_bytes_are_kept() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    let early = Rewrite { status: Some(StatusCode::CREATED), ..Rewrite::default() };
    plan(&emulator, puts(), Fault::Rewrite(early));
    let answer = upload.put(&emulator, 0..50).await;
    assert_eq!((answer.status, answer.gaps()), (201, vec!["50-99".to_owned()]));
    let blank = Rewrite { status: Some(StatusCode::OK), body: Some(String::new()), ..Rewrite::default() };
    plan(&emulator, puts(), Fault::Rewrite(blank.clone()));
    let answer = upload.put(&emulator, 50..60).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    // What refuses, refuses.
    plan(&emulator, puts(), Fault::Rewrite(blank));
    assert_eq!(upload.put(&emulator, 0..50).await.status, 416);
    assert_eq!(upload.put(&emulator, 60..100).await.status, 201);
}

#[tokio::test]
async fn a_redirect_leads_where_it_was_told_and_may_be_followed_at_once() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    for (status, location, leads_to) in [
        (StatusCode::TEMPORARY_REDIRECT, "{target}", upload.target.clone()),
        (StatusCode::FOUND, "http://127.0.0.2:1{target}", format!("http://127.0.0.2:1{}", upload.target)),
        (StatusCode::PERMANENT_REDIRECT, "/elsewhere", "/elsewhere".to_owned()),
    ] {
        plan(&emulator, puts(), Fault::Redirect(Redirect { status, location: location.to_owned() }));
        let answer = upload.put(&emulator, 0..100).await;
        assert_eq!((answer.status, answer.header("location")), (status.as_u16(), Some(leads_to.as_str())));
    }
    assert_eq!(upload.put(&emulator, 0..100).await.status, 201);
    assert_eq!(emulator.journal().snapshot().counts.violations, 0);
}

#[tokio::test]
async fn faults_are_aimed_at_the_first_a_middle_and_the_last_range() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    for (place, status) in [(Place::Last, 505), (Place::Middle, 503), (Place::First, 501)] {
        let status = mgprint_emulator::faults::StatusAnswer::new(StatusCode::from_u16(status).unwrap());
        plan(&emulator, Match { place: Some(place), ..puts() }, Fault::Status(status));
    }
    let mut statuses = Vec::new();
    for range in [0..20, 20..40, 80..100, 80..100, 40..80, 20..40, 0..20] {
        statuses.push(upload.put(&emulator, range).await.status);
        upload.ask(&emulator, "GET").await;
    }
    assert_eq!(statuses, [501, 503, 505, 202, 202, 202, 201]);
}
