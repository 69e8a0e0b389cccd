//! Every fault at every place, alone and in pairs.
//!
//! A seed is printed; `MGPRINT_TEST_SEED` repeats it, and `MGPRINT_TEST_MINUTES` goes on with pairs for so long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Stage, TestFile};
use crate::fire::faults::{self, Case, Expect};
use crate::fire::{Trial, SIZE};
use futures_util::stream::{self, StreamExt};
use mgprint::session::upload_session_status;
use mgprint::{cancel_upload_session, ErrorKind};
use mgprint_emulator::faults::{Fault, FaultPlan, LoseAnswer, Match, Place, RangesForm};
use mgprint_emulator::Settings;

/// Uploads at once: most of the time they wait between two tries.
const AT_ONCE: usize = 64;

fn aimed(case: &Case, matching: Match) -> FaultPlan {
    FaultPlan { matching, fault: case.fault.clone() }
}

fn puts(place: Place) -> Match {
    Match { method: Some("PUT".to_owned()), place: Some(place), ..Match::default() }
}

/// Where connections are struck: those of the first, a middle and the last range, when each request has its own and the
/// first two are those that create the session and ask for its status.
fn connection(place: Place) -> u64 {
    match place {
        Place::First => 2,
        Place::Middle => 4,
        Place::Last => 7,
    }
}

async fn run_all(trials: impl IntoIterator<Item = Trial>) {
    let file = Arc::new(TestFile::new(SIZE));
    let mut running = stream::iter(trials)
        .map(|trial| {
            let file = Arc::clone(&file);
            tokio::spawn(async move { trial.run(&file).await })
        })
        .buffer_unordered(AT_ONCE);
    let (mut count, mut failures) = (0, Vec::new());
    while let Some(ended) = running.next().await {
        count += 1;
        failures.extend(ended.unwrap_or_else(|panic| Err(format!("it panicked: {panic}"))).err());
    }
    assert!(failures.is_empty(), "{} of {count} broke the promise:\n{}", failures.len(), failures.join("\n"));
    println!("{count} uploads kept the promise");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_at_each_range_keeps_the_promise() {
    let mut trials = Vec::new();
    for case in faults::all() {
        for place in [Place::First, Place::Middle, Place::Last] {
            for concurrency in [1, 4] {
                let matching = match case.at_connections {
                    true => Match { nth: connection(place), ..Match::default() },
                    false => puts(place),
                };
                trials.push(Trial::of(&case, &format!("{place:?} range"), vec![aimed(&case, matching)], concurrency));
            }
        }
    }
    run_all(trials).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_status_keeps_the_promise() {
    let mut trials = Vec::new();
    let get = |nth| Match { method: Some("GET".to_owned()), nth, ..Match::default() };
    for case in faults::all().into_iter().filter(|case| !case.at_connections) {
        let promised = Case { expect: Expect::Promise, ..case };
        trials.push(Trial::of(&promised, "first status", vec![aimed(&promised, get(1))], 4));
        // The answer to a range is lost, and the status that is to tell what became of it meets the fault.
        for place in [Place::Middle, Place::Last] {
            let lost = FaultPlan { matching: puts(place), fault: Fault::LoseAnswer(LoseAnswer::default()) };
            let what = format!("status after a lost answer to the {place:?} range");
            trials.push(Trial { fresh: true, ..Trial::of(&promised, &what, vec![lost, aimed(&promised, get(1))], 4) });
        }
    }
    run_all(trials).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_for_ever_ends_and_keeps_the_promise() {
    let mut trials = Vec::new();
    for case in faults::all() {
        // A second outage in each try is no other than one long outage.
        let promised = Case { expect: Expect::Promise, ..case };
        for (concurrency, place) in [(1, Place::Middle), (4, Place::Last)] {
            let matching = Match { times: None, ..puts(place) };
            let plans = vec![aimed(&promised, matching)];
            let trial = Trial::of(&promised, &format!("each time, {place:?} range"), plans, concurrency);
            trials.push(Trial { max_retry: Some(2), ..trial });
        }
    }
    run_all(trials).await;
}

/// A request that carries no document, under a fault: it succeeds, or ends in one clear error; and without the fault it
/// succeeds.
async fn ask(case: &Case, method: &str) -> Result<(), String> {
    let stage = Stage::with(Settings { keep_alive: !case.at_connections, ..Settings::default() }).await;
    let url = stage.session(SIZE).await;
    let mut call = stage.call();
    call.max_retry = Some(2);
    if case.silent {
        call.idle_timeout = Duration::from_millis(700);
    }
    stage.plan(aimed(case, Match { method: Some(method.to_owned()), ..Match::default() }));
    for is_struck in [true, false] {
        let ended = match method {
            "DELETE" => cancel_upload_session(&stage.client, &url, &call).await.map(drop),
            "GET" => upload_session_status(&stage.client, &url, &call).await.map(drop),
            _ => stage.try_session(SIZE).await.map(drop),
        };
        match ended {
            Err(error) if is_struck => {
                let told = format!("{error} {}", error.next_step());
                let secrets = ["tempauthtoken=", stage.emulator.token()];
                if secrets.iter().any(|secret| told.contains(secret)) || told.chars().any(char::is_control) {
                    return Err(format!("{}, {method}: {told:?}", case.name));
                }
                if error.message().is_empty() || !error.message().ends_with('.') {
                    return Err(format!("{}, {method}: no sentence: {told}", case.name));
                }
            }
            // The session was cancelled, or ended.
            Err(error) if error.kind() == ErrorKind::SessionGone => {}
            Err(error) => return Err(format!("{}, {method}, without the fault: {error:?}", case.name)),
            Ok(()) => {}
        }
        stage.emulator.clear_faults();
    }
    let journal = stage.journal();
    let rules = journal.violations.is_empty();
    rules.then_some(()).ok_or_else(|| format!("{}, {method}: {:?}", case.name, journal.violations))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_question_ends_in_an_answer_or_a_clear_error() {
    let cases =
        faults::all().into_iter().flat_map(|case| ["POST", "GET", "DELETE"].map(|method| (case.clone(), method)));
    let ended: Vec<_> = stream::iter(cases)
        .map(|(case, method)| {
            let asked = async move { tokio::time::timeout(Duration::from_secs(60), ask(&case, method)).await };
            tokio::spawn(asked)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let failures: Vec<String> = ended
        .into_iter()
        .filter_map(|ended| match ended {
            Ok(Ok(kept)) => kept.err(),
            other => Some(format!("{other:?}")),
        })
        .collect();
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_of_faults_keep_the_promise() {
    let seed = number("MGPRINT_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("MGPRINT_TEST_SEED={seed}");
    let until = number("MGPRINT_TEST_MINUTES").map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (cases, mut random) = (faults::all(), fastrand::Rng::with_seed(seed));
    let pairs = std::iter::from_fn(move || Some(pair(&cases, &mut random))).enumerate();
    match until {
        None => run_all(pairs.take(300).map(|(_, pair)| pair)).await,
        Some(until) => run_all(pairs.take_while(move |_| Instant::now() < until).map(|(_, pair)| pair)).await,
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Two faults, each of them somewhere, in any way of uploading.
fn pair(cases: &[Case], random: &mut fastrand::Rng) -> Trial {
    let picked = [(); 2].map(|()| &cases[random.usize(..cases.len())]);
    let (mut names, mut misleads) = (Vec::new(), false);
    let plans = picked.map(|case| {
        let method = if random.u8(..4) == 0 { "GET" } else { "PUT" };
        let mut matching = Match { method: Some(method.to_owned()), nth: random.u64(1..5), ..Match::default() };
        if method == "PUT" && random.bool() {
            matching.place = Some([Place::First, Place::Middle, Place::Last][random.usize(..3)]);
            matching.nth = 1;
        }
        matching.times = Some(random.u64(1..3));
        misleads |= method == "GET" && lists_nothing(&case.fault);
        // After the answer to the last range was lost, a session that was ended looks like one that is complete.
        misleads |= matches!(case.fault, Fault::EndSession(_));
        names.push(format!(
            "{} ({method} {:?} nth {} times {:?})",
            case.name, matching.place, matching.nth, matching.times
        ));
        aimed(case, matching)
    });
    let merged = Case {
        name: names.join(" and "),
        fault: picked[0].fault.clone(),
        expect: Expect::Promise,
        silent: picked.iter().any(|case| case.silent),
        at_connections: picked.iter().any(|case| case.at_connections),
        misleads: misleads || picked.iter().any(|case| case.misleads),
        // Two that lie can agree: that the document is complete, and that its session is gone.
        claims_the_document: picked.iter().any(|case| case.claims_the_document)
            || picked.iter().all(|case| case.misleads || matches!(case.fault, Fault::EndSession(_))),
    };
    let trial = Trial::of(&merged, "a pair", plans.into(), random.usize(1..5));
    Trial { fresh: random.bool(), resume: random.bool(), ..trial }
}

/// As a status it says that everything is there, though it is not.
fn lists_nothing(fault: &Fault) -> bool {
    match fault {
        Fault::Ranges(ranges) => ranges.form == RangesForm::Empty,
        Fault::Rewrite(rewrite) => rewrite.body.as_ref().is_some_and(|body| body.contains("[]")),
        _ => false,
    }
}
