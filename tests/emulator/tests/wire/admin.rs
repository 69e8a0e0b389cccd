//! The paths under /_emulator.

use mgprint_emulator::Emulator;
use serde_json::{json, Value};

use crate::client::{bytes, emulator, get, post, properties, Answer, Client, Upload};

async fn ask(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/_emulator{path}");
    let mut client = Client::connect(emulator).await;
    client.request(method, &path, &[], body.as_bytes()).await
}

#[tokio::test]
async fn documents_are_made_with_the_ids_asked_for() {
    let emulator = emulator(|_| {}).await;
    let wanted = json!({"printerId": "p 1/x", "printerShareId": "s", "printJobId": "7", "printDocumentId": "ä/b"});
    let made = ask(&emulator, "POST", "/documents", &wanted.to_string()).await;
    assert_eq!((made.status, made.json()), (201, wanted.clone()));

    let shown = ask(&emulator, "GET", "/documents/%C3%A4%2Fb", "").await.json();
    assert_eq!((&shown["printerId"], &shown["state"]), (&json!("p 1/x"), &json!("created")));
    let again = ask(&emulator, "POST", "/documents", &wanted.to_string()).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json()["error"], "There is already a document with the id 'ä/b'.");

    let more = ask(&emulator, "POST", "/documents", r#"{"printerId":"p 1/x"}"#).await.json();
    assert_eq!(more["printerShareId"], "s");
    let random = ask(&emulator, "POST", "/documents", "").await;
    assert_eq!((random.status, random.json()["printerId"].as_str().unwrap().len()), (201, 36));
    let printers = ask(&emulator, "GET", "/printers", "").await.json();
    assert_eq!(printers.as_array().unwrap().len(), 2);
    assert_eq!(ask(&emulator, "GET", "/documents", "").await.json().as_array().unwrap().len(), 3);
    assert_eq!(ask(&emulator, "GET", "/documents/none", "").await.status, 404);
    assert_eq!(ask(&emulator, "POST", "/documents", r#"{"printer":"x"}"#).await.status, 400);
}

#[tokio::test]
async fn a_printer_takes_the_content_types_it_was_made_with() {
    let emulator = emulator(|_| {}).await;
    let new = r#"{"printerId":"p","printJobId":"j","printDocumentId":"d","contentTypes":["text/x-one"]}"#;
    ask(&emulator, "POST", "/documents", new).await;
    let path = "/v1.0/print/printers/p/jobs/j/documents/d/createUploadSession";
    assert_eq!(post(&emulator, path, &properties(1)).await.status, 400);
    let body = br#"{"properties":{"documentName":"x","contentType":"TEXT/X-ONE","size":1}}"#;
    assert_eq!(post(&emulator, path, body).await.status, 200);
}

#[tokio::test]
async fn a_document_shows_its_digest_when_it_is_complete() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 3).await;
    let path = format!("/documents/{}", upload.id);
    let open = ask(&emulator, "GET", &path, "").await.json();
    assert_eq!((&open["state"], &open["sha256"]), (&json!("uploading"), &Value::Null));
    upload.put(&emulator, 0..3).await;
    let complete = ask(&emulator, "GET", &path, "").await.json();
    assert_eq!((&complete["state"], &complete["size"]), (&json!("uploaded"), &json!(3)));
    assert_eq!(complete["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(complete["sessionsCompleted"], 1);
}

#[tokio::test]
async fn faults_are_planned_one_or_many_at_a_time() {
    let emulator = emulator(|_| {}).await;
    let one = r#"{"match":{"method":"GET","nth":2},"fault":{"kind":"status","status":503,"retryAfter":7}}"#;
    assert_eq!(ask(&emulator, "POST", "/faults", one).await.status, 204);
    let many = r#"[{"fault":{"kind":"cutBody","afterBytes":5,"how":"close"},"match":{"part":"upload","rangeStart":9}},
                   {"fault":{"kind":"loseAnswer"},"match":{"part":"upload"}},
                   {"fault":{"kind":"html","status":200},"match":{"part":"upload","times":null}},
                   {"fault":{"kind":"stall","afterBytes":1},"match":{"pathContains":"x"}}]"#;
    assert_eq!(ask(&emulator, "POST", "/faults", many).await.status, 204);
    let pending = ask(&emulator, "GET", "/faults", "").await.json();
    assert_eq!(pending.as_array().unwrap().len(), 5);
    assert_eq!(pending[3]["match"]["times"], Value::Null);

    assert_eq!(get(&emulator, "/v1.0/print/printers").await.status, 200);
    let struck = get(&emulator, "/v1.0/print/printers").await;
    assert_eq!((struck.status, struck.header("retry-after")), (503, Some("7")));
    assert_eq!(ask(&emulator, "DELETE", "/faults", "").await.status, 204);
    assert_eq!(ask(&emulator, "GET", "/faults", "").await.json(), json!([]));
}

#[tokio::test]
async fn every_kind_of_fault_is_planned_as_the_readme_writes_it() {
    let emulator = emulator(|_| {}).await;
    let faults = json!([
        {"kind": "status", "status": 503, "retryAfter": 1},
        {"kind": "html"},
        {"kind": "redirect", "status": 307, "location": "{target}"},
        {"kind": "hostile", "what": "compressedBytes"},
        {"kind": "cutConnection", "afterBytes": 10},
        {"kind": "cutBody", "afterBytes": 1},
        {"kind": "loseRequest"},
        {"kind": "loseAnswer", "how": "close"},
        {"kind": "keepLate", "afterMs": 20},
        {"kind": "cutAnswer", "part": "headers"},
        {"kind": "stall"},
        {"kind": "drip", "bytes": 1, "everyMs": 5, "what": "answer"},
        {"kind": "closeIdle"},
        {"kind": "rewrite", "status": 201},
        {"kind": "ranges", "form": "outOfOrder"},
        {"kind": "outage", "forMs": 100},
        {"kind": "endSession", "why": "expired", "after": true},
        {"kind": "forgetBytes", "bytes": [0, 10]},
    ]);
    let readme = include_str!("../../README.md");
    let planned: Vec<Value> = faults
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            assert!(readme.contains(&format!("\n| `{}` |", fault["kind"].as_str().unwrap())), "{fault}");
            json!({"match": {"place": "middle"}, "fault": fault})
        })
        .collect();
    let answer = ask(&emulator, "POST", "/faults", &Value::from(planned).to_string()).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(emulator.pending_faults().len(), 18);
}

#[tokio::test]
async fn faults_that_cannot_be_understood_are_refused_together() {
    let emulator = emulator(|_| {}).await;
    let good = r#"{"fault":{"kind":"loseAnswer"}}"#;
    for (bad, words) in [
        (r#"{"fault":{"kind":"earthquake"}}"#, "unknown variant `earthquake`"),
        (r#"{"fault":{"kind":"status","status":99}}"#, "99 is not a status of an answer"),
        (r#"{"fault":{"kind":"status","status":100}}"#, "100 is not a status of an answer"),
        (r#"{"fault":{"kind":"cutBody","bytes":5}}"#, "unknown field `bytes`"),
        (r#"{"fault":{"kind":"stall"},"match":{"verb":"PUT"}}"#, "unknown field `verb`"),
        (r#"{"match":{}}"#, "missing field `fault`"),
        ("nonsense", "cannot be used"),
    ] {
        let answer = ask(&emulator, "POST", "/faults", &format!("[{good},{bad}]")).await;
        assert_eq!(answer.status, 400, "{bad}");
        let sentence = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(sentence.contains(words), "{bad}: {sentence}");
    }
    assert_eq!(emulator.pending_faults().len(), 0);
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let emulator = emulator(|_| {}).await;
    let changed = ask(&emulator, "PATCH", "/settings", r#"{"sessionLifetimeMs":0,"goneSession":"gone"}"#).await;
    assert_eq!(changed.status, 200);
    let settings = ask(&emulator, "GET", "/settings", "").await.json();
    assert_eq!((&settings["sessionLifetimeMs"], &settings["concurrentPuts"]), (&json!(0), &json!(4)));
    assert_eq!(Upload::begin(&emulator, 1).await.ask(&emulator, "GET").await.status, 410);
    for wrong in [r#"{"nope":1}"#, r#"{"concurrentPuts":"x"}"#, r#"{"token":"x"}"#, "[]"] {
        assert_eq!(ask(&emulator, "PATCH", "/settings", wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn sessions_expire_on_demand() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 3).await;
    let path = format!("/documents/{}/expire", upload.id);
    assert_eq!(ask(&emulator, "POST", &path, "").await.json(), json!({"expired": 1}));
    assert_eq!(upload.put(&emulator, 0..3).await.status, 404);
    assert_eq!(ask(&emulator, "POST", "/documents/none/expire", "").await.status, 404);
}

#[tokio::test]
async fn the_journal_holds_no_secret() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 3).await;
    let secret = upload.target.split_once('=').unwrap().1;
    let headers = [
        ("Proxy-Authorization", "Basic canary"),
        ("Cookie", "canary"),
        ("Referer", &format!("{}{}", emulator.url(), upload.target)),
        ("Content-Range", "bytes 0-2/3"),
    ];
    let mut client = Client::connect(&emulator).await;
    let answer = client.request("PUT", &upload.target, &headers, &bytes(0..3)).await;
    assert_eq!(answer.status, 201);

    let journal = ask(&emulator, "GET", "/journal", "").await;
    for hidden in [secret, emulator.token(), "canary"] {
        assert!(!journal.body.contains(hidden));
        assert!(!format!("{emulator:?}").contains(hidden));
    }
    let entries = &journal.json()["entries"];
    assert_eq!(entries[0]["body"], String::from_utf8(properties(3)).unwrap());
    assert_eq!((&entries[1]["bodyBytes"], &entries[1]["body"]), (&json!(3), &Value::Null));
    assert_eq!((&entries[1]["status"], &entries[1]["outcome"]), (&json!(201), &json!("answered")));
    assert_eq!(journal.json()["counts"]["requests"], 2);
}

#[tokio::test]
async fn a_reset_forgets_everything_but_the_token_and_the_settings() {
    let emulator = emulator(|settings| settings.concurrent_puts = 2).await;
    let upload = Upload::begin(&emulator, 3).await;
    ask(&emulator, "POST", "/faults", r#"{"fault":{"kind":"stall"}}"#).await;
    assert_eq!(ask(&emulator, "POST", "/reset", "").await.status, 204);
    assert_eq!(ask(&emulator, "GET", "/documents", "").await.json(), json!([]));
    assert_eq!(ask(&emulator, "GET", "/journal", "").await.json()["counts"]["requests"], 0);
    assert_eq!(upload.ask(&emulator, "GET").await.status, 404);
    assert_eq!(emulator.settings().concurrent_puts, 2);
}
