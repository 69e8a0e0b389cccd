//! Content of a document: down to a file, and up as a body.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::common::{client, Observed, TestFile};
use futures_util::future::BoxFuture;

use mgprint::graph::{download, graph_request, send_graph_request, Downloaded, GraphCall};
use mgprint::upload::{upload_content, SuppliedSource};
use mgprint::{CallOptions, Error, ErrorKind, Event, FileSource, MemorySource, Request, TokenRenewal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that gives the same response to every request, and keeps what it was asked.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers one after the other, and the last for ever.
    pub(crate) async fn new(responses: Vec<Vec<u8>>) -> Self {
        Self::with_own_url(|_| responses).await
    }

    /// The same, with the server's own address in what it answers.
    pub(crate) async fn with_own_url(responses: impl FnOnce(&str) -> Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let responses = responses(&url);
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&asked);
        tokio::spawn(async move {
            for turn in 0.. {
                let Ok((line, _)) = listener.accept().await else { return };
                let response = responses[turn.min(responses.len() - 1)].clone();
                serve(line, &kept, &response).await;
            }
        });
        Server { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The head of a request, and its body by its length.
async fn serve(mut line: TcpStream, asked: &Mutex<Vec<String>>, response: &[u8]) {
    let (mut request, mut piece) = (Vec::new(), vec![0; 65536]);
    loop {
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if request.len() - end - 4 >= length.unwrap_or(0) {
                break;
            }
        }
        let read = line.read(&mut piece).await.unwrap_or(0);
        if read == 0 {
            break;
        }
        request.extend_from_slice(&piece[..read]);
    }
    asked.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let _ = line.write_all(response).await;
}

pub(crate) fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn redirect_to(url: &str) -> Vec<u8> {
    response(&format!("302 Found\r\nLocation: {url}/content?name='a'&tempauth=CANARY0"), b"")
}

fn request(endpoint: &str, method: &str) -> (mgprint::Client, Request) {
    let client = client(endpoint, Some("TOKEN"));
    let call =
        GraphCall { method, address: "/print/printers/p/jobs/j/documents/d/$value", what: "read it", repeatable: true };
    let mut request = graph_request(&client, call, Default::default()).unwrap();
    request.add_header("X-Mine", "SECRET").unwrap();
    (client, request)
}

async fn fetch(endpoint: &str, path: &Path, observed: Arc<Observed>) -> Result<Downloaded, Error> {
    let (client, request) = request(endpoint, "GET");
    let call = CallOptions { observer: observed, max_retry: Some(1), ..CallOptions::default() };
    download(&client, &request, path, &call).await
}

fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_comes_by_one_redirect_without_the_token() {
    let bytes: Vec<u8> = (0..2_000_000u32).map(|n| (n * 7 % 251) as u8).collect();
    let content = Server::new(vec![response("200 OK", &bytes)]).await;
    let graph = Server::new(vec![redirect_to(&content.url)]).await;
    let (dir, observed) = (tempfile::tempdir().unwrap(), Arc::new(Observed::default()));
    let path = dir.path().join("out.pdf");
    std::fs::write(&path, "what was there").unwrap();
    let downloaded = fetch(&graph.url, &path, Arc::clone(&observed)).await.unwrap();
    assert_eq!(downloaded.bytes, bytes.len() as u64);
    assert!(std::fs::read(&path).unwrap() == bytes, "the bytes differ");
    assert_eq!(files(dir.path()), ["out.pdf"]);
    assert!(graph.asked()[0].contains("Bearer TOKEN"));
    let asked = &content.asked()[0];
    assert!(asked.starts_with("GET /content?name='a'&tempauth=CANARY0 "), "{asked}");
    for secret in ["TOKEN", "SECRET", "client-request-id"] {
        assert!(!asked.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()), "{asked}");
    }
    let last = observed.events().into_iter().rfind(|event| matches!(event, Event::Progress { .. }));
    assert!(matches!(last, Some(Event::Progress { bytes_done: 2_000_000, bytes_total: 2_000_000, .. })), "{last:?}");
    assert!(!observed.texts().contains("CANARY"));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_download_has_the_permissions_of_what_it_replaces_and_stands_where_a_link_leads() {
    use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
    use std::os::unix::net::UnixListener;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let mode = |name: &str| std::fs::symlink_metadata(at(name)).unwrap().mode() & 0o777;
    std::fs::write(at("plain"), "a").unwrap();
    std::fs::write(at("shared"), "b").unwrap();
    std::fs::write(at("read-only"), "c").unwrap();
    std::fs::set_permissions(at("shared"), PermissionsExt::from_mode(0o664)).unwrap();
    std::fs::set_permissions(at("read-only"), PermissionsExt::from_mode(0o444)).unwrap();
    symlink("shared", at("link")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    for name in ["new", "shared", "link"] {
        let server = Server::new(vec![response("200 OK", b"content")]).await;
        fetch(&server.url, &at(name), Arc::default()).await.unwrap();
        assert_eq!(std::fs::read(at(name)).unwrap(), b"content");
    }
    assert_eq!((mode("new"), mode("shared")), (mode("plain"), 0o664), "as any program makes it, and as it was");
    assert!(at("link").is_symlink());
    for (name, why) in
        [("read-only", "ermission denied"), ("socket", "a device, a pipe or a socket"), (".", "irectory")]
    {
        let server = Server::new(vec![response("200 OK", b"content")]).await;
        let error = fetch(&server.url, &at(name), Arc::default()).await.expect_err(name);
        assert_eq!((error.kind(), server.asked().len()), (ErrorKind::TargetFailed, 0), "{error}");
        assert!(error.message().contains(why), "{error}");
    }
    assert_eq!(std::fs::read(at("read-only")).unwrap(), b"c");
    let mut left = files(dir.path());
    left.sort();
    assert_eq!(left, ["link", "new", "plain", "read-only", "shared", "socket"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_fails_leaves_what_was_there() {
    let cut = response("200 OK", &[b'x'; 500_000]);
    let content = Server::new(vec![cut[..400_000].to_vec()]).await;
    let graph = Server::new(vec![redirect_to(&content.url)]).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.pdf");
    std::fs::write(&path, "what was there").unwrap();
    let error = fetch(&graph.url, &path, Arc::default()).await.expect_err("half of it");
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{error}");
    assert_eq!(content.asked().len(), 2, "it was tried again");
    assert_eq!(
        (files(dir.path()), std::fs::read(&path).unwrap()),
        (vec!["out.pdf".to_owned()], b"what was there".to_vec())
    );
    assert!(!format!("{error:?}").contains("CANARY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_content_takes_no_file_s_place() {
    let page = ("200 OK\r\nContent-Type: text/html; charset=utf-8", "<html>Sign in</html>");
    let refusal = ("200 OK\r\nContent-Type: application/json", r#"{"error":{"code":"x"}}"#);
    for (head, body) in [("204 No Content", ""), ("202 Accepted", "%PDF"), ("200 OK", ""), page, refusal] {
        // The first try leaves a part of the content behind.
        let cut = response("200 OK", &[b'x'; 500_000]);
        let content = Server::new(vec![cut[..400_000].to_vec(), response(head, body.as_bytes())]).await;
        let graph = Server::new(vec![redirect_to(&content.url)]).await;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.pdf");
        std::fs::write(&path, "what was there").unwrap();
        let error = fetch(&graph.url, &path, Arc::default()).await.expect_err(head);
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert!(error.message().contains(&format!("status {}", &head[..3])), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"what was there", "{head}");
        assert_eq!(files(dir.path()), ["out.pdf"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_after_a_lost_response_was_deleted() {
    let gone = response("404 Not Found", br#"{"error":{"code":"ResourceNotFound","message":"There is none."}}"#);
    let server = Server::new(vec![Vec::new(), gone.clone()]).await;
    let (client, request) = request(&server.url, "DELETE");
    let deleted = send_graph_request(&client, &request, &CallOptions::default()).await.unwrap();
    assert_eq!((deleted.status.as_u16(), server.asked().len()), (204, 2));
    // Nothing was lost; and a page that something on the way answers with says nothing of the object.
    let page = response("404 Not Found\r\nContent-Type: text/html", b"<html>No such page</html>");
    for answers in [vec![gone], vec![Vec::new(), page]] {
        let server = Server::new(answers).await;
        let (client, request) = self::request(&server.url, "DELETE");
        let error = send_graph_request(&client, &request, &CallOptions::default()).await.expect_err("it may be there");
        assert_eq!(error.http_status(), Some(404));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_done_is_not_to_be_done_again_unseen() {
    for (answer, kind) in
        [(Vec::new(), ErrorKind::ConnectionFailed), (response("504 Gateway Timeout", b""), ErrorKind::RequestFailed)]
    {
        let server = Server::new(vec![answer]).await;
        let client = client(&server.url, Some("TOKEN"));
        let call = GraphCall { method: "POST", address: "/print/shares/s/jobs", what: "create it", repeatable: false };
        let request = graph_request(&client, call, Default::default()).unwrap();
        let error = send_graph_request(&client, &request, &CallOptions::default()).await.expect_err("no answer");
        assert_eq!((error.kind(), server.asked().len()), (kind, 1));
        assert!(error.next_step().starts_with("It may have been done all the same"), "{}", error.next_step());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_thousand_jobs_is_read_and_one_without_measure_is_not() {
    let job = format!(r#"{{"id":"1","configuration":{{"x":"{}"}}}}"#, "y".repeat(4000));
    for (jobs, is_read) in [(999, true), (5000, false)] {
        let page = format!(r#"{{"value":[{}]}}"#, vec![job.as_str(); jobs].join(","));
        let server = Server::new(vec![response("200 OK", page.as_bytes())]).await;
        let (client, request) = request(&server.url, "GET");
        let answer = send_graph_request(&client, &request, &CallOptions::default()).await;
        match answer {
            Ok(answer) => assert!(is_read && answer.body == page),
            Err(error) => assert_eq!((is_read, error.kind()), (false, ErrorKind::ResponseTooLarge), "{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_none_of_the_objects_that_were_asked_for() {
    for body in [r#"{"error":{"code":"x","message":"It is not."}}"#, r#"{"error":"It is not."}"#] {
        let server = Server::new(vec![response("200 OK", body.as_bytes())]).await;
        let (client, request) = request(&server.url, "GET");
        let error = send_graph_request(&client, &request, &CallOptions::default()).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert!(error.message().contains("It is not."), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_begins_anew() {
    let whole = response("200 OK", b"the whole of it");
    let content = Server::new(vec![whole[..whole.len() - 4].to_vec(), whole]).await;
    let graph = Server::new(vec![redirect_to(&content.url)]).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.pdf");
    fetch(&graph.url, &path, Arc::default()).await.unwrap();
    assert_eq!(
        (files(dir.path()), std::fs::read(&path).unwrap()),
        (vec!["out.pdf".to_owned()], b"the whole of it".to_vec())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_is_given_up_leaves_nothing() {
    let content = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let graph = Server::new(vec![redirect_to(&format!("http://{}", content.local_addr().unwrap()))]).await;
    let dir = tempfile::tempdir().unwrap();
    let (path, url) = (dir.path().join("out.pdf"), graph.url.clone());
    let fetching = tokio::spawn(async move { fetch(&url, &path, Arc::default()).await });
    let (mut line, _) = content.accept().await.unwrap();
    let _ = line.read(&mut [0; 4096]).await;
    line.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await.unwrap();
    line.write_all(&[0; 400_000]).await.unwrap();
    while files(dir.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    fetching.abort();
    let _ = fetching.await;
    while !files(dir.path()).is_empty() {
        // A write that was under way ends first.
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_is_fetched_from_nowhere_else() {
    for location in
        ["http://example.com/x", "ftp://127.0.0.1/x", "https://user:password@example.com/x", "file:///etc/passwd"]
    {
        let graph = Server::new(vec![response(&format!("302 Found\r\nLocation: {location}"), b"")]).await;
        let dir = tempfile::tempdir().unwrap();
        let error = fetch(&graph.url, &dir.path().join("out"), Arc::default()).await.expect_err(location);
        assert_eq!(error.kind(), ErrorKind::RedirectRefused, "{location}");
        assert_eq!(files(dir.path()), Vec::<String>::new());
    }
    // From the service to itself is no step to another host.
    let graph = Server::with_own_url(|url| vec![redirect_to(url); 50]).await;
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&graph.url, &dir.path().join("out"), Arc::default()).await.expect_err("itself");
    assert_eq!((error.kind(), graph.asked().len()), (ErrorKind::RedirectRefused, 1));
    // Two of them in a row lead nowhere either.
    let content = Server::new(vec![response("200 OK", b"x")]).await;
    let second = Server::new(vec![redirect_to(&content.url)]).await;
    let graph = Server::new(vec![redirect_to(&second.url)]).await;
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&graph.url, &dir.path().join("out"), Arc::default()).await.expect_err("two redirects");
    assert_eq!((error.kind(), content.asked().len()), (ErrorKind::RedirectRefused, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_error_and_no_file() {
    let body = br#"{"error":{"code":"AccessDenied","message":"No."}}"#;
    let graph = Server::new(vec![response("403 Forbidden\r\nContent-Type: application/json", body)]).await;
    let dir = tempfile::tempdir().unwrap();
    let error = fetch(&graph.url, &dir.path().join("out"), Arc::default()).await.expect_err("a refusal");
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::RequestFailed, Some(403)));
    assert_eq!(files(dir.path()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_made_is_named() {
    let graph = Server::new(vec![response("200 OK", b"x")]).await;
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("none").join("out")] {
        let error = fetch(&graph.url, &path, Arc::default()).await.expect_err("no file");
        assert_eq!(error.kind(), ErrorKind::TargetFailed, "{error}");
        assert!(error.message().contains(path.to_str().unwrap()), "{error}");
    }
    assert!(graph.asked().is_empty(), "before anything is sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_goes_up_as_one_body_and_again_after_a_failure() {
    let file = TestFile::new(700_001);
    let busy = response("503 Service Unavailable\r\nRetry-After: 0", b"");
    let graph = Server::new(vec![busy, response("204 No Content", b"")]).await;
    let (client, request) = request(&graph.url, "PUT");
    let observed = Arc::new(Observed::default());
    let call = CallOptions { observer: observed.clone(), ..CallOptions::default() };
    let source = Arc::new(FileSource::open(file.path()).unwrap());
    let sent = upload_content(&client, &request, source, &call).await.unwrap();
    assert_eq!((sent.bytes_total, sent.retries, observed.retries()), (700_001, 1, 1));
    let asked = graph.asked();
    assert_eq!(asked.len(), 2);
    let bytes = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
    for asked in asked {
        assert!(asked.starts_with("PUT /v1.0/print/printers/p/jobs/j/documents/d/$value "));
        assert!(asked.to_ascii_lowercase().contains("content-length: 700001\r\n"));
        assert!(asked.to_ascii_lowercase().contains("content-type: application/octet-stream\r\n"));
        assert!(asked.split_once("\r\n\r\n").unwrap().1 == bytes, "the bytes differ");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_goes_with_what_has_a_body() {
    let (client, request) = request("http://127.0.0.1:9", "GET");
    let source = Arc::new(MemorySource::new(&b"x"[..]));
    let error = upload_content(&client, &request, source, &CallOptions::default()).await.expect_err("a GET");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_body_is_a_whole_json_object() {
    let client = client("http://127.0.0.1:9", Some("TOKEN"));
    let made = |body: &[u8]| {
        let call = GraphCall { method: "POST", address: "/print/shares", what: "test", repeatable: false };
        graph_request(&client, call, body.to_vec().into())
    };
    made(format!("{{\"a\":[{}1]}}", "1e400,".repeat(1000)).as_bytes()).unwrap();
    for wrong in [&b"[1]"[..], b"1", b"{\"a\":}", b"{\"a\":1}x", b"{\"a\":\"\xff\"}"] {
        assert_eq!(made(wrong).expect_err("no object").kind(), ErrorKind::InvalidBody);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_host_that_repeats_its_secret_shows_it_to_nobody() {
    let says = br#"{"error":{"code":"AuthenticationFailed","message":"The value CANARY0 is no signature."}}"#;
    let content = Server::new(vec![response("403 Forbidden\r\nContent-Type: application/json", says)]).await;
    let graph = Server::new(vec![redirect_to(&content.url)]).await;
    let (dir, observed) = (tempfile::tempdir().unwrap(), Arc::new(Observed::default()));
    let error = fetch(&graph.url, &dir.path().join("out.pdf"), Arc::clone(&observed)).await.expect_err("refused");
    assert!(error.message().contains("is no signature"), "{error}");
    assert!(!format!("{error:?}{}", observed.texts()).contains("CANARY0"), "{error:?} {}", observed.texts());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_query_asks_is_no_secret() {
    let says = br#"{"error":{"code":"BadRequest","message":"displayName eq 'Lobby-North' is not supported."}}"#;
    let graph = Server::new(vec![response("400 Bad Request\r\nContent-Type: application/json", says)]).await;
    let client = client(&graph.url, Some("TOKEN"));
    let address = "/print/shares?$filter=displayName%20eq%20'Lobby-North'";
    let call = GraphCall { method: "GET", address, what: "list shares", repeatable: true };
    let request = graph_request(&client, call, Default::default()).unwrap();
    let error = send_graph_request(&client, &request, &CallOptions::default()).await.expect_err("refused");
    assert!(error.message().contains("displayName eq 'Lobby-North' is not supported"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_plain_http_is_named_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, request) = request(&format!("https://{}", listener.local_addr().unwrap()), "GET");
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        line.write_all(&response("400 Bad Request", b"")).await.unwrap();
        let _ = line.read(&mut [0; 4096]).await;
    });
    let call = CallOptions { max_retry: Some(0), ..CallOptions::default() };
    let error = send_graph_request(&client, &request, &call).await.expect_err("no TLS");
    assert_eq!(error.kind(), ErrorKind::TlsFailed);
    assert!(error.message().ends_with("the server does not speak TLS."), "{error}");
    assert!(error.next_step().contains("plain http"), "{}", error.next_step());
}

struct Renewed(String);

impl TokenRenewal for Renewed {
    fn renewed(&self, _: &mgprint::Endpoint, _: Option<String>) -> BoxFuture<'static, Option<mgprint::Client>> {
        let client = client(&self.0, Some("RENEWEDTOKEN"));
        Box::pin(async { Some(client) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_renewed_is_shown_to_nobody() {
    let says = br#"{"error":{"code":"Forbidden","message":"RENEWEDTOKEN is not enough."}}"#;
    let graph = Server::new(vec![
        response("401 Unauthorized", b""),
        response("403 Forbidden\r\nContent-Type: application/json", says),
    ])
    .await;
    let (client, request) = request(&graph.url, "GET");
    let observed = Arc::new(Observed::default());
    let renewal = Arc::new(Renewed(graph.url.clone()));
    let call = CallOptions { observer: observed.clone(), renewal: Some(renewal), ..CallOptions::default() };
    let error = send_graph_request(&client, &request, &call).await.expect_err("refused");
    assert!(graph.asked()[1].contains("Bearer RENEWEDTOKEN") && error.message().contains("is not enough"), "{error}");
    assert!(!format!("{error:?}{}", observed.texts()).contains("RENEWEDTOKEN"), "{error:?}");
}

async fn assert_a_short_request_has_its_turn() {
    let graph = Server::new(vec![response("200 OK", b"{}")]).await;
    let (client, request) = request(&graph.url, "GET");
    let call = CallOptions::default();
    let short = send_graph_request(&client, &request, &call);
    tokio::time::timeout(std::time::Duration::from_secs(30), short).await.expect("it has its turn").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_that_hang_hold_nothing_else_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut downloads = tokio::task::JoinSet::new();
    let mut lines = Vec::new();
    for number in 0..64 {
        let (url, path) = (url.clone(), dir.path().join(number.to_string()));
        downloads.spawn(async move { fetch(&url, &path, Arc::default()).await.map(drop) });
        lines.push(listener.accept().await.unwrap());
    }
    assert_a_short_request_has_its_turn().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_wait_for_their_host_hold_nothing_else_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut uploads = tokio::task::JoinSet::new();
    let mut lines = Vec::new();
    for _ in 0..64 {
        let (client, request) = request(&url, "POST");
        let source = Arc::new(SuppliedSource::new(10, "x.pdf", || {}));
        uploads
            .spawn(async move { upload_content(&client, &request, source, &CallOptions::default()).await.map(drop) });
        lines.push(listener.accept().await.unwrap());
    }
    assert_a_short_request_has_its_turn().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_is_answered_before_it_was_sent_is_not_delivered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let _ = line.read(&mut [0; 1024]).await;
        let _ = line.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        std::future::pending::<()>().await;
    });
    let (client, request) = request(&url, "PUT");
    let source = Arc::new(MemorySource::new(vec![7; 20_000_000]));
    let error = upload_content(&client, &request, source, &CallOptions::default()).await.expect_err("a part of it");
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
}
