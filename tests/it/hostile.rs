//! Services that are not honest: every answer ends in bounded memory and time, in one clear error.
//!
//! The emulator is strict but honest, so these speak HTTP by hand.

use std::io::Write;
use std::time::Duration;

use crate::common::client;
use http::StatusCode;
use mgprint::session::create_session_request;
use mgprint::{cancel_upload_session, create_upload_session, CallOptions, Client, Error, ErrorKind, Parent, UploadUrl};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A service that reads one request a connection and answers what `answer` writes for its target.
async fn service<F, Fut>(answer: F) -> (String, tokio::task::JoinHandle<()>)
where
    F: Fn(TcpStream, String) -> Fut + Send + Sync + 'static,
    Fut: std::future::Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut request = vec![0; 65536];
            let read = line.read(&mut request).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
            answer(line, target).await;
        }
    });
    (endpoint, serving)
}

async fn create(client: &Client) -> Error {
    let request = create_session_request(client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
    let call = Default::default();
    let creating = create_upload_session(client, &request, &call);
    tokio::time::timeout(Duration::from_secs(60), creating).await.expect("an end").expect_err("no session")
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        let _ = line.write_all(head).await;
        let chunk = [format!("{:x}\r\n", 65536).into_bytes(), vec![b' '; 65536], b"\r\n".to_vec()].concat();
        // A gigabyte, or until the client has had enough.
        for _ in 0..16 * 1024 {
            if line.write_all(&chunk).await.is_err() {
                break;
            }
        }
    })
    .await;
    let error = create(&client(&endpoint, Some("token"))).await;
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge);
    serving.abort();
}

#[tokio::test]
async fn a_large_answer_is_refused_by_its_length_alone() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let _ = line.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n{").await;
        // Nothing more comes: who waits for it, waits for ever.
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(create(&client(&endpoint, Some("token"))).await.kind(), ErrorKind::ResponseTooLarge);
    serving.abort();
}

#[tokio::test]
async fn a_small_answer_that_unfolds_to_a_large_one_is_refused() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..512 {
        bomb.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < mgprint::http::response::LARGEST_RESPONSE, "as it comes it is within the bounds");
    let (endpoint, serving) = service(move |mut line, _| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            bomb.len()
        );
        let answer = [head.as_bytes(), &bomb, b"\r\n0\r\n\r\n"].concat();
        async move { drop(line.write_all(&answer).await) }
    })
    .await;
    assert_eq!(create(&client(&endpoint, Some("token"))).await.kind(), ErrorKind::ResponseTooLarge);
    serving.abort();
}

#[tokio::test]
async fn a_session_that_comes_in_gzip_is_read_and_one_that_breaks_off_is_told() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(br#"{"uploadUrl":"https://h/u?t=1"}"#).unwrap();
    let packed = packed.finish().unwrap();
    for (body, is_whole) in [(packed.clone(), true), (packed[..packed.len() - 9].to_vec(), false)] {
        let (endpoint, serving) = service(move |mut line, _| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
            let answer = [head.as_bytes(), &body].concat();
            async move { drop(line.write_all(&answer).await) }
        })
        .await;
        let client = client(&endpoint, Some("token"));
        let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
        match (create_upload_session(&client, &request, &Default::default()).await, is_whole) {
            (session, true) => {
                let answer = session.expect("a session").response;
                assert!(answer.body.starts_with(b"{") && !answer.headers.contains_key("content-encoding"));
            }
            (session, false) => {
                let error = session.expect_err("half of an answer");
                assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
                assert!(error.message().contains("could not be read"), "{error}");
            }
        }
        serving.abort();
    }
}

/// A service that gives these answers, one to each request, and the last of them to all further ones.
async fn answering(answers: Vec<Vec<u8>>) -> (String, tokio::task::JoinHandle<()>) {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    service(move |mut line, _| {
        let nth = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = answers[nth.min(answers.len() - 1)].clone();
        async move { drop(line.write_all(&answer).await) }
    })
    .await
}

#[tokio::test]
async fn a_body_that_cannot_be_unpacked_leaves_the_status_and_the_ids() {
    let broken = |status: &str, headers: &str| {
        format!("HTTP/1.1 {status}\r\nrequest-id: of-the-service\r\nContent-Encoding: gzip\r\n{headers}Content-Length: 2\r\n\r\n{{}}")
            .into_bytes()
    };
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"uploadUrl\":\"https://h/u?t=1\"}".to_vec();
    for (answers, outcome) in [
        (vec![broken("503 Service Unavailable", "Retry-After: 0\r\n"), whole.clone()], None),
        (vec![broken("307 Temporary Redirect", "Location: /elsewhere\r\n"), whole], None),
        (vec![broken("403 Forbidden", "")], Some((ErrorKind::RequestFailed, 403))),
        (vec![broken("200 OK", "")], Some((ErrorKind::UnexpectedResponse, 200))),
    ] {
        let (endpoint, serving) = answering(answers).await;
        let client = client(&endpoint, Some("token"));
        let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
        match (create_upload_session(&client, &request, &Default::default()).await, outcome) {
            (session, None) => drop(session.expect("a session in the end")),
            (session, Some((kind, status))) => {
                let error = session.expect_err("no session");
                assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{error}");
                assert_eq!(error.error_response().unwrap().request_id.as_deref(), Some("of-the-service"));
            }
        }
        serving.abort();
    }
}

#[tokio::test]
async fn what_is_no_http_is_no_broken_line() {
    for answer in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"] {
        let (endpoint, serving) = answering(vec![answer.into()]).await;
        let client = client(&endpoint, Some("token"));
        let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
        let call = CallOptions { max_retry: Some(0), ..CallOptions::default() };
        let error = create_upload_session(&client, &request, &call).await.expect_err("no session");
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert!(error.message().contains("could not be read"), "{error}");
        serving.abort();
    }
}

#[tokio::test]
async fn a_large_request_that_is_taken_slowly_is_not_silent() {
    // What the system holds for a reader is little, so that each of its reads is seen on the other side.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (pieces, piece) = (24, 512 * 1024);
    let serving = tokio::spawn(async move {
        let mut line = listener.accept().await.unwrap().0;
        let mut taken = vec![0; piece];
        for _ in 0..pieces {
            // Over twice the silence that is allowed, in all.
            tokio::time::sleep(Duration::from_millis(100)).await;
            line.read_exact(&mut taken).await.unwrap();
        }
        let _ = line.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        // Until the client has the answer.
        let _ = line.read_to_end(&mut taken).await;
    });
    let client = client(&endpoint, Some("token"));
    let body = format!(r#"{{"x":"{}"}}"#, "y".repeat(pieces * piece));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", body.into()).unwrap();
    let call = CallOptions { max_retry: Some(0), idle_timeout: Duration::from_secs(1), ..CallOptions::default() };
    let error = create_upload_session(&client, &request, &call).await.expect_err("403");
    assert_eq!(error.http_status(), Some(403), "{error}");
    serving.await.unwrap();
}

#[tokio::test]
async fn headers_without_end_are_not_collected() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let _ = line.write_all(b"HTTP/1.1 200 OK\r\n").await;
        for n in 0..1_000_000 {
            if line.write_all(format!("X-{n}: {}\r\n", "y".repeat(500)).as_bytes()).await.is_err() {
                break;
            }
        }
    })
    .await;
    let client = client(&endpoint, Some("token"));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
    let error = create_upload_session(&client, &request, &Default::default()).await.expect_err("no session");
    assert_eq!(error.kind(), ErrorKind::ResponseTooLarge, "{error:?}");
    assert!(!error.message().contains("retr"), "asked again: {error}");
    serving.abort();
}

#[tokio::test]
async fn a_strange_member_or_character_set_costs_no_session() {
    let url = r#"{"uploadUrl":"https://h/u?t=1","x":"#;
    for (content_type, body) in [
        ("application/json", format!("{url}1e400}}").into_bytes()),
        ("application/json", format!(r#"{url}"\ud800"}}"#).into_bytes()),
        ("application/json", format!("\u{feff}{url}1}}").into_bytes()),
        ("application/json; charset=iso-8859-1", [url.as_bytes(), b"\"\xe9\"}"].concat()),
    ] {
        let (endpoint, serving) = service(move |mut line, _| {
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
            let answer = [head.as_bytes(), &body].concat();
            async move { drop(line.write_all(&answer).await) }
        })
        .await;
        let client = client(&endpoint, Some("token"));
        let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
        let session = create_upload_session(&client, &request, &Default::default()).await.expect(content_type);
        assert_eq!(format!("{:?}", session.upload_url(&client).expect("an address")), "UploadUrl(https://h/u?…)");
        serving.abort();
    }
}

#[tokio::test]
async fn a_secret_of_an_upload_url_is_in_no_log_and_in_no_error() {
    for (status, body) in [
        (200, r#"{"uploadUrl":"https://h/a|b?sig=x|CANARY"}"#),
        (200, r#"{"uploadUrl":"https://h/u?a b=CANARY","x":"it was CANARY"}"#),
        (200, r#"{"uploadUrl":"https://h/u?v={\"t\":\"CANARY\"}"}"#),
        (
            400,
            r#"{"error":{"code":"C","message":"see https://h/<b>\n?t=CANARY"},"uploadUrl":"https://h/<b>\n?t=CANARY"}"#,
        ),
        (
            400,
            r#"{"error":{"code":"C","message":"see https://h/u?t\u003dCANARY"},"uploadUrl":"https://h/u?t\u003dCANARY"}"#,
        ),
        (200, r#"{"uploadUrl":"https://h/u?tempauthtoken\u003dCANARY","x":"#),
        (502, r#"{"uploadUrl":"https://h/a\u001b\tb?t=CANARY","x":"#),
    ] {
        let (endpoint, serving) = service(move |mut line, _| async move {
            let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = line.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await;
        })
        .await;
        let client = client(&endpoint, Some("token"));
        let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
        let observed = std::sync::Arc::new(crate::common::Observed::default());
        let call = mgprint::CallOptions { observer: observed.clone(), ..Default::default() };
        let mut told = observed.texts();
        if let Err(error) = create_upload_session(&client, &request, &call).await {
            let refusal = error.error_response().unwrap();
            told += &format!("{error} {error:?} {:?} {:?} {}", refusal.graph_code, refusal.graph_message, refusal.body);
        }
        told += &observed.texts();
        assert!(told.contains("https://h") || told.contains("***"), "{told}");
        assert!(!told.contains("CANARY"), "{body}: {told}");
        serving.abort();
    }
}

#[tokio::test]
async fn the_headers_of_a_refusal_are_there_as_they_came_and_shown_nowhere() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let head = "HTTP/1.1 403 No\r\nLocation: https://h/x?CANARY\r\nSet-Cookie: CANARY\r\nContent-Length: 0\r\n\r\n";
        let _ = line.write_all(head.as_bytes()).await;
    })
    .await;
    let error = create(&client(&endpoint, Some("token"))).await;
    assert_eq!(error.response_headers()["location"], "https://h/x?CANARY");
    assert_eq!(error.response_headers()["set-cookie"], "CANARY");
    assert!(!format!("{error} {error:?} {:?}", error.error_response().unwrap().headers).contains("CANARY"));
    serving.abort();
}

#[tokio::test]
async fn the_headers_of_an_answer_that_is_cut_are_known() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let _ = line.write_all(b"HTTP/1.1 200 OK\r\nX-Note: n\r\nContent-Length: 500\r\n\r\n{").await;
    })
    .await;
    let client = client(&endpoint, Some("token"));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", Default::default()).unwrap();
    let call = mgprint::CallOptions { max_retry: Some(0), ..Default::default() };
    let error = create_upload_session(&client, &request, &call).await.expect_err("no session");
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert_eq!(error.response_headers()["x-note"], "n");
    assert_eq!(error.http_status(), None, "no answer came");
    serving.abort();
}

#[tokio::test]
async fn a_request_without_a_body_tells_its_length() {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 65536];
        let read = line.read(&mut request).await.unwrap();
        heard.send(String::from_utf8_lossy(&request[..read]).to_lowercase()).unwrap();
        let _ = line.write_all(b"HTTP/1.1 204 x\r\n\r\n").await;
    });
    let request = mgprint::Request::new("POST", &endpoint, Default::default()).unwrap();
    request.send(&client(&endpoint, Some("token")), &Default::default()).await.expect("an answer");
    let heard = hears.recv().await.unwrap();
    assert_eq!(heard.matches("\r\ncontent-length: 0\r\n").count(), 1, "{heard}");
    serving.abort();
}

#[tokio::test]
async fn control_characters_reach_no_message() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let body = "{\"error\":{\"code\":\"a\\u001b[2Jb\",\"message\":\"x\\u202ey\\r\\nz\\u0007\"}}";
        let head =
            format!("HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = line.write_all((head + body).as_bytes()).await;
    })
    .await;
    let error = create(&client(&endpoint, Some("token"))).await;
    assert!(error.message().contains(": ab: xy  z."), "{:?}", error.message());
    assert_eq!(error.error_response().unwrap().graph_code.as_deref(), Some("a\u{1b}[2Jb"), "objects keep the original");
    serving.abort();
}

#[tokio::test]
async fn an_echoed_secret_is_masked() {
    let (endpoint, serving) = service(|mut line, _| async move {
        let body =
            r#"{"error":{"code":"Bad","message":"CANARY-token, Bearer CANARY-token and https://h/u?tempauthtoken=CANARY-url"}}"#;
        let head = format!("HTTP/1.1 400 Bad\r\nX-Echo-Token: CANARY-header\r\nX-Other: it was CANARY-token\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = line.write_all((head + body).as_bytes()).await;
    })
    .await;
    let error = create(&client(&endpoint, Some("CANARY-token"))).await;
    let refusal = error.error_response().unwrap();
    let everything = format!("{error} {error:?} {:?} {} {:?}", refusal.graph_message, refusal.body, refusal.headers);
    assert!(!everything.contains("CANARY"), "{everything}");
    serving.abort();
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_origin_alone() {
    let (endpoint, serving) = service(|mut line, target| async move {
        let answer = match target.as_str() {
            "/same?1" => "HTTP/1.1 308 x\r\nLocation: /target?2\r\n",
            "/loop?1" => "HTTP/1.1 307 x\r\nLocation: /loop?1\r\n",
            "/away?1" => "HTTP/1.1 307 x\r\nLocation: https://elsewhere.example/?CANARY\r\n",
            "/get?1" => "HTTP/1.1 302 x\r\nLocation: /target?2\r\n",
            _ => "HTTP/1.1 204 x\r\n",
        };
        let _ = line.write_all(format!("{answer}Content-Length: 0\r\nConnection: close\r\n\r\n").as_bytes()).await;
    })
    .await;
    let client = client(&endpoint, None);
    let cancel = |path: &str| {
        let url = UploadUrl::parse(&format!("{endpoint}{path}"), client.endpoint()).unwrap();
        let client = client.clone();
        async move { cancel_upload_session(&client, &url, &Default::default()).await }
    };
    assert_eq!(cancel("/same?1").await.unwrap().status, StatusCode::NO_CONTENT);
    for (path, why) in
        [("/loop?1", "more than 5"), ("/away?1", "another origin, https://elsewhere.example"), ("/get?1", "status 302")]
    {
        let error = cancel(path).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::RedirectRefused);
        assert!(error.message().contains(why) && !error.message().contains("CANARY"), "{error}");
    }
    serving.abort();
}
