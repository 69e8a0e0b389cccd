//! What an upload URL refuses: secrets, headers, ranges, and too many at once.

use mgprint_emulator::Emulator;

use crate::client::{bearer, bytes, emulator, head, Answer, Client, Upload};

#[tokio::test]
async fn refuses_every_authorization_header() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let right = bearer(&emulator);
    let mut client = Client::connect(&emulator).await;
    for value in [right.as_str(), "Bearer other", "Basic eDp5", ""] {
        for (method, body) in [("GET", &b""[..]), ("DELETE", b""), ("PUT", b"0123456789")] {
            let headers = [("Authorization", value), ("Content-Range", "bytes 0-9/10")];
            let answer = client.request(method, &upload.target, &headers, body).await;
            assert_eq!((answer.status, answer.error().0.as_str()), (401, "Unauthorized"));
        }
    }
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-9"]);
    assert_eq!(emulator.journal().snapshot().counts.violations, 12);
}

#[tokio::test]
async fn refuses_an_upload_url_that_was_changed() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 10).await;
    let (path, secret) = upload.target.split_once('?').unwrap();
    let other = Upload::begin(&emulator, 10).await;
    let (other_path, _) = other.target.split_once('?').unwrap();
    let mut client = Client::connect(&emulator).await;
    for (target, status) in [
        (path.to_owned(), 401),
        (format!("{path}?"), 401),
        (format!("{path}?v='1'&tempauthtoken=wrong"), 401),
        (format!("{path}?{}", secret.replace('\'', "%27")), 401),
        (format!("{path}?{secret}&x=1"), 401),
        (format!("{path}?x=1&{secret}"), 401),
        (format!("{other_path}?{secret}"), 401),
        (format!("{}?{secret}", path.to_uppercase().replace("/UPLOADSESSIONS", "/uploadSessions")), 404),
        (format!("/uploadSessions/not-a-session?{secret}"), 404),
        (format!("{path}/?{secret}"), 404),
    ] {
        let answer = client.request("GET", &target, &[], b"").await;
        answer.error();
        assert_eq!(answer.status, status, "{}", target.replace(secret, "SECRET"));
        assert!(!answer.body.contains(secret));
    }
}

async fn put_with(emulator: &Emulator, upload: &Upload, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut client = Client::connect(emulator).await;
    client.request("PUT", &upload.target, headers, body).await
}

#[tokio::test]
async fn refuses_a_put_that_is_not_framed_by_the_letter() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 20).await;
    let body = bytes(0..10);
    for (content_range, words) in [
        (None, "Content-Range header is missing"),
        (Some("bytes 0-9"), "not of the form"),
        (Some("bytes=0-9/20"), "not of the form"),
        (Some("bytes 0-9/*"), "not of the form"),
        (Some("bytes 10-20/20"), "not of the form"),
        (Some("bytes 0-9/21"), "names a total of 21 bytes; the session's document has 20"),
        (Some("bytes 0-8/20"), "names 9 bytes; the Content-Length is 10"),
        (Some("bytes 0-10/20"), "names 11 bytes; the Content-Length is 10"),
    ] {
        let headers: Vec<_> = content_range.map(|value| ("Content-Range", value)).into_iter().collect();
        let answer = put_with(&emulator, &upload, &headers, &body).await;
        assert_eq!(answer.status, 400, "{content_range:?}");
        let (_, message) = answer.error();
        assert!(message.contains(words), "{content_range:?}: {message}");
    }
    let twice = [("Content-Range", "bytes 0-9/20"), ("Content-Range", "bytes 10-19/20")];
    assert_eq!(put_with(&emulator, &upload, &twice, &body).await.status, 400);
    let empty = put_with(&emulator, &upload, &[("Content-Range", "bytes 0-0/20")], b"").await;
    assert_eq!((empty.status, empty.error().1.as_str()), (400, "A range cannot be empty."));
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-19"]);
    assert_eq!(emulator.journal().snapshot().counts.violations, 10);
}

#[tokio::test]
async fn refuses_a_put_without_a_length() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 5).await;
    let mut client = Client::connect(&emulator).await;
    client
        .send(format!(
            "PUT {} HTTP/1.1\r\nHost: emulator\r\nContent-Range: bytes 0-4/5\r\nTransfer-Encoding: chunked\r\n\r\n\
             5\r\nhello\r\n0\r\n\r\n",
            upload.target
        ))
        .await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error().0.as_str()), (411, "LengthRequired"));
    assert_eq!(upload.put_on(&mut client, 0..5).await.status, 201);
}

#[tokio::test]
async fn refuses_ten_million_bytes_in_one_put() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 20_000_000).await;
    let answer = upload.put(&emulator, 0..10_000_000).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (413, "RequestEntityTooLarge"));
    let answer = upload.put(&emulator, 0..9_999_999).await;
    assert_eq!((answer.status, answer.gaps()), (202, vec!["9999999-19999999".into()]));
}

#[tokio::test]
async fn refuses_bytes_that_were_received_before() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 100).await;
    assert_eq!(upload.put(&emulator, 20..40).await.status, 202);
    for (range, again) in [(20..40, 20), (0..21, 1), (39..100, 1), (0..100, 20)] {
        let answer = upload.put(&emulator, range.clone()).await;
        let (code, message) = answer.error();
        assert_eq!((answer.status, code.as_str()), (416, "InvalidRange"));
        assert!(message.starts_with(&format!("{again} of the bytes")), "{message}");
    }
    assert_eq!(upload.ask(&emulator, "GET").await.gaps(), ["0-19", "40-99"]);
    assert_eq!(emulator.journal().snapshot().counts.put_bytes_again, 42);
}

#[tokio::test]
async fn takes_four_puts_at_once_and_no_fifth() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 50).await;
    let mut open = Vec::new();
    for start in [0, 10, 20, 30] {
        let mut client = Client::connect(&emulator).await;
        client.send(upload.head(&(start..start + 10))).await;
        client.send(bytes(start..start + 5)).await;
        open.push((client, start));
    }
    emulator.journal().until(|journal| journal.counts.most_puts_open == 4).await;
    let fifth = upload.put(&emulator, 40..50).await;
    assert_eq!((fifth.status, fifth.error().0.as_str()), (429, "TooManyRequests"));
    assert_eq!(fifth.header("retry-after"), Some("1"));

    for (client, start) in &mut open {
        client.send(bytes(*start + 5..*start + 10)).await;
        assert_eq!(client.answer().await.status, 202);
    }
    assert_eq!(upload.put(&emulator, 40..50).await.status, 201);
    let journal = emulator.journal().snapshot();
    assert_eq!((journal.counts.most_puts_open, journal.counts.violations), (5, 1));
    assert!(journal.violations[0].contains("At most 4 ranges"), "{:?}", journal.violations);
}

#[tokio::test]
async fn the_quicker_of_two_puts_of_the_same_bytes_wins() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 20).await;
    let mut slow = Client::connect(&emulator).await;
    slow.send(upload.head(&(0..10))).await;
    slow.send(bytes(0..9)).await;
    emulator.journal().until(|journal| journal.counts.put_bytes == 9).await;
    assert_eq!(upload.put(&emulator, 0..10).await.status, 202);
    slow.send(bytes(9..10)).await;
    assert_eq!(slow.answer().await.status, 416);
    assert_eq!(upload.put(&emulator, 10..20).await.status, 201);
    assert_eq!(emulator.document_bytes(&upload.id).unwrap(), Some(bytes(0..20)));
}

#[tokio::test]
async fn refuses_before_the_body_when_the_client_waits_to_be_told_to_continue() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 20).await;
    let mut client = Client::connect(&emulator).await;
    let headers = [("Expect", "100-continue"), ("Content-Range", "bytes 0-9/21")];
    client.send(head("PUT", &upload.target, &headers, 10)).await;
    assert_eq!(client.answer().await.status, 400);

    let mut client = Client::connect(&emulator).await;
    let headers = [("Expect", "100-continue"), ("Content-Range", "bytes 0-9/20")];
    client.send(head("PUT", &upload.target, &headers, 10)).await;
    assert_eq!(client.answer().await.status, 100);
    client.send(bytes(0..10)).await;
    assert_eq!(client.answer().await.status, 202);
}

#[tokio::test]
async fn refuses_other_methods() {
    let emulator = emulator(|_| {}).await;
    let upload = Upload::begin(&emulator, 20).await;
    let mut client = Client::connect(&emulator).await;
    for method in ["POST", "PATCH", "OPTIONS"] {
        let answer = client.request(method, &upload.target, &[], b"x").await;
        assert_eq!(answer.status, 405, "{method}");
        answer.error();
    }
}
