//! The createUploadSession action, the token, and what is in the path.

use mgprint_emulator::journal::Part;
use mgprint_emulator::NewDocument;
use serde_json::json;

use crate::client::{bearer, document_path, emulator, get, post, properties, Client};

#[tokio::test]
async fn creates_a_session_under_both_names_for_printers_and_shares() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let by_printer = document_path(&ids);
    let by_share =
        by_printer.replace(&format!("printers/{}", ids.printer_id), &format!("shares/{}", ids.printer_share_id));
    for document in [by_printer, by_share] {
        for action in ["createUploadSession", "microsoft.graph.createUploadSession"] {
            let answer = post(&emulator, &format!("{document}/{action}"), &properties(4_533_322)).await;
            assert_eq!(answer.status, 200);
            assert!(answer.header("content-type").unwrap().starts_with("application/json;odata.metadata=minimal;"));
            assert!(answer.header("date").is_some() && answer.header("request-id").is_some());

            let body = answer.json();
            assert_eq!(
                body["@odata.context"],
                "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession"
            );
            assert_eq!(body["nextExpectedRanges"], json!(["0-4533321"]));
            let expires = body["expirationDateTime"].as_str().unwrap();
            assert_eq!(expires.len(), "2020-10-25T02:19:38.1694207Z".len());
            let url = body["uploadUrl"].as_str().unwrap();
            let sessions = format!("{}/uploadSessions/", emulator.url());
            assert!(url.starts_with(&sessions) && url.contains("&tempauthtoken="));
        }
    }
    let document = emulator.document(&ids.print_document_id).unwrap();
    assert_eq!(document.sessions_created, 4);
    assert_eq!(document.document_name.as_deref(), Some("Test.pdf"));
}

#[tokio::test]
async fn refuses_a_request_without_the_right_token() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let path = format!("{}/createUploadSession", document_path(&ids));
    let right = bearer(&emulator);
    let (basic, twice) = (right.replace("Bearer", "Basic"), [right.as_str(), "Bearer other"]);
    let wrong: [&[(&str, &str)]; 5] = [
        &[],
        &[("Authorization", "Bearer wrong")],
        &[("Authorization", &basic)],
        &[("Authorization", emulator.token())],
        &[("Authorization", twice[0]), ("Authorization", twice[1])],
    ];
    let mut client = Client::connect(&emulator).await;
    for headers in wrong {
        let answer = client.request("POST", &path, headers, &properties(1)).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (401, "InvalidAuthenticationToken"));
    }
    let headers = [("authorization", right.as_str()), ("Content-Type", "application/json; charset=utf-8")];
    let answer = client.request("POST", &path, &headers, &properties(1)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn refuses_a_token_without_a_permission_to_print() {
    let emulator = emulator(|settings| settings.scopes = vec!["PrintJob.Read".into(), "Printer.Read.All".into()]).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let path = format!("{}/createUploadSession", document_path(&ids));
    let answer = post(&emulator, &path, &properties(1)).await;
    let (code, message) = answer.error();
    assert_eq!((answer.status, code.as_str()), (403, "UnknownError"));
    assert_eq!(message, "The token does not have one or more required security scopes.");

    for scope in ["PrintJob.Create", "PrintJob.ReadWrite", "PrintJob.ReadWrite.All"] {
        emulator.change_settings(|settings| settings.scopes = vec![scope.to_owned()]);
        assert_eq!(post(&emulator, &path, &properties(1)).await.status, 200, "{scope}");
    }
}

#[tokio::test]
async fn lets_an_app_only_token_upload_only_for_a_print_task_being_processed() {
    let emulator = emulator(|settings| settings.app_only = true).await;
    let plain = emulator.add_document(NewDocument::default()).unwrap();
    let task = NewDocument { print_task_processing: true, ..NewDocument::default() };
    let task = emulator.add_document(task).unwrap();
    let on_share = document_path(&task)
        .replace(&format!("printers/{}", task.printer_id), &format!("shares/{}", task.printer_share_id));
    for (document, status) in [(document_path(&plain), 403), (document_path(&task), 200), (on_share, 403)] {
        let path = format!("{document}/createUploadSession");
        assert_eq!(post(&emulator, &path, &properties(1)).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn refuses_bodies_that_do_not_describe_a_document() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let path = format!("{}/createUploadSession", document_path(&ids));
    let with = |name: &str, value: serde_json::Value| {
        let mut body: serde_json::Value = serde_json::from_slice(&properties(5)).unwrap();
        body["properties"][name] = value;
        body.to_string()
    };
    for (body, status, words) in [
        ("".to_owned(), 400, "'properties' must be"),
        ("{}".to_owned(), 400, "'properties' must be"),
        ("{".to_owned(), 400, "Unable to read JSON"),
        ("[]".to_owned(), 400, "must be a JSON object"),
        ("null".to_owned(), 400, "must be a JSON object"),
        (json!({"properties": "text"}).to_string(), 400, "'properties' must be"),
        (json!({"properties": {}}).to_string(), 400, "'properties/documentName'"),
        (with("documentName", json!(null)), 400, "'properties/documentName'"),
        (with("documentName", json!("")), 400, "'properties/documentName'"),
        (with("contentType", json!(7)), 400, "'properties/contentType'"),
        (with("contentType", json!("text/plain")), 400, "'text/plain' is not supported by this printer"),
        (with("size", json!(null)), 400, "'properties/size'"),
        (with("size", json!(0)), 400, "'properties/size'"),
        (with("size", json!(-1)), 400, "'properties/size'"),
        (with("size", json!(1.5)), 400, "'properties/size'"),
        (with("size", json!("5")), 400, "'properties/size'"),
        (with("size", json!(u64::MAX)), 400, "'properties/size'"),
        (with("size", json!((1_u64 << 30) + 1)), 413, "takes at most 1073741824"),
    ] {
        let answer = post(&emulator, &path, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{body}");
        let (_, message) = answer.error();
        assert!(message.contains(words), "{body}: {message}");
    }
    assert_eq!(emulator.document(&ids.print_document_id).unwrap().sessions_created, 0);
}

#[tokio::test]
async fn refuses_a_body_that_is_not_declared_as_json() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let path = format!("{}/createUploadSession", document_path(&ids));
    let authorization = bearer(&emulator);
    let mut client = Client::connect(&emulator).await;
    for content_type in [None, Some("text/plain"), Some("application/jsonx")] {
        let mut headers = vec![("Authorization", authorization.as_str())];
        headers.extend(content_type.map(|value| ("Content-Type", value)));
        let answer = client.request("POST", &path, &headers, &properties(1)).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (415, "UnsupportedMediaType"));
    }
}

#[tokio::test]
async fn keeps_path_and_body_exactly_as_they_were_sent() {
    let emulator = emulator(|_| {}).await;
    let ids = NewDocument {
        printer_id: Some("p 1/x".into()),
        print_job_id: Some("7%".into()),
        print_document_id: Some("Ünïcode+?#".into()),
        ..NewDocument::default()
    };
    emulator.add_document(ids).unwrap();
    let path = "/v1.0/print/printers/p%201%2Fx/jobs/7%25/documents/%C3%9Cn%C3%AFcode+%3f%23/\
                microsoft.graph.createUploadSession";
    let body = r#"{ "extra":[1,{"x":"\u0027/"}] , "properties":{"size":9,"contentType":"application\/pdf","documentName":"null","x":null}}"#;
    let answer = post(&emulator, path, body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");

    let journal = emulator.journal().snapshot();
    let entry = &journal.entries[0];
    assert_eq!((entry.part, entry.path.as_str()), (Part::Graph, path));
    assert_eq!(entry.body.as_deref(), Some(body.as_bytes()));
    assert_eq!(entry.header("authorization"), Some("(present)"));
    assert_eq!(entry.header("content-type"), Some("application/json"));
    let document = emulator.document("Ünïcode+?#").unwrap();
    assert_eq!(document.document_name.as_deref(), Some("null"));
}

#[tokio::test]
async fn names_what_was_not_found() {
    let emulator = emulator(|_| {}).await;
    let ids = emulator.add_document(NewDocument::default()).unwrap();
    let other = emulator.add_document(NewDocument::default()).unwrap();
    let path = document_path(&ids);
    for (path, words) in [
        (path.replace(&ids.printer_id, "nowhere"), "The printer 'nowhere' was not found."),
        (path.replace("printers", "shares"), "The printer share"),
        (path.replace(&ids.print_job_id, &other.print_job_id), "The print job"),
        (path.replace(&ids.print_document_id, &other.print_document_id), "The document"),
    ] {
        let answer = post(&emulator, &format!("{path}/createUploadSession"), &properties(1)).await;
        let (code, message) = answer.error();
        assert_eq!((answer.status, code.as_str()), (404, "NotFound"));
        assert!(message.starts_with(words), "{message}");
    }
    assert_eq!(get(&emulator, "/v1.0/print/nothing").await.status, 400);
    assert_eq!(get(&emulator, &format!("{path}/createUploadSession")).await.status, 405);
    assert_eq!(get(&emulator, "/v1.0/print/printers/%FF/jobs/1").await.status, 400);
}

#[tokio::test]
async fn echoes_the_clients_own_request_id() {
    let emulator = emulator(|_| {}).await;
    let headers = [("client-request-id", "5f4c2e6a-mine")];
    let mut client = Client::connect(&emulator).await;
    let answer = client.request("GET", "/v1.0/print/printers", &headers, b"").await;
    assert_eq!(answer.header("client-request-id"), Some("5f4c2e6a-mine"));
    assert_ne!(answer.header("request-id"), answer.header("client-request-id"));
    answer.error();
}
