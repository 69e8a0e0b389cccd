//! What a request can be made of, and where it may go; nothing is sent here.

use mgprint::http::headers::UploadHeaders;
use mgprint::session::create_session_request;
use mgprint::{Client, Endpoint, ErrorKind, Parent, Request, Result};

fn request_of(id: &str, body: &str) -> Result<Request> {
    let client = Client::new(Default::default())?;
    create_session_request(&client, Parent::Share, "s 1", id, "ü?#", body.to_owned().into())
}

#[test]
fn endpoints_are_https_or_loopback() {
    let good = "https://graph.microsoft.com https://graph.microsoft.us/ https://graph.microsoft.com/v1.0/ \
                http://127.0.0.1:8080 http://[::1]:1 http://localhost:9 HTTPS://GRAPH.microsoft.com";
    for good in good.split(' ') {
        assert!(Endpoint::parse(good).is_ok(), "{good}");
    }
    let bad = "|graph.microsoft.com|http://graph.microsoft.com|ftp://127.0.0.1|https://u:p@host|https://host?x|\
               https://host/beta|http://127.0.0.1.example.com|http://localhost.example.com|http://10.0.0.1|https:host|\
               https://ho st";
    for bad in bad.split('|') {
        let error = Endpoint::parse(bad).expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::InvalidEndpoint);
        assert!(!error.message().contains("u:p"));
    }
}

#[test]
fn each_id_is_one_segment_of_the_address() {
    let request = request_of("j/k", "").unwrap();
    assert_eq!(request.url(), "https://graph.microsoft.com/v1.0/print/shares/s%201/jobs/j%2Fk/documents/%C3%BC%3F%23/microsoft.graph.createUploadSession");
    assert_eq!(request.body(), b"{}");
    for id in ["", ".", ".."] {
        let error = request_of(id, "").expect_err(id);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("An identifier in the address"), "{error}");
    }
}

#[test]
fn bodies_are_json_objects_of_bounded_depth() {
    for body in ["[]", "1", "{", "{}x", &format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64))] {
        assert_eq!(request_of("j", body).expect_err(body).kind(), ErrorKind::InvalidBody);
    }
}

#[test]
fn a_caller_s_header_replaces_the_engine_s_and_joins_its_own() {
    let mut request = request_of("j", "").unwrap();
    for (name, value) in [("content-type", "text/x"), ("X-A", "1"), ("x-a", "2")] {
        request.add_header(name, value).unwrap();
    }
    let values = |name: &str| request.headers().get_all(name).iter().cloned().collect::<Vec<_>>();
    assert_eq!(
        (values("content-type"), values("x-a")),
        (vec!["text/x".parse().unwrap()], vec!["1".parse().unwrap(), "2".parse().unwrap()])
    );
}

#[test]
fn framing_headers_and_broken_ones_are_refused_by_name() {
    for (name, value) in [
        ("Host", "x"),
        ("Content-Length", "1"),
        ("TRANSFER-ENCODING", "chunked"),
        ("connection", "close"),
        ("", "x"),
        ("a b", "x"),
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "a\u{0}b"),
        ("Ünicode", "x"),
    ] {
        let error = request_of("j", "").unwrap().add_header(name, value).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidHeader);
        assert!(error.message().contains(&format!("'{name}'")), "{error}");
    }
}

#[test]
fn no_other_secret_goes_to_an_upload_url() {
    for name in ["Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "X-Secret", "Ocp-Apim-Subscription-Key"] {
        let error = UploadHeaders::default().add(name, "CANARY").expect_err(name);
        assert_eq!(error.kind(), ErrorKind::InvalidHeader);
        assert!(!error.message().contains("CANARY"), "{error}");
    }
    UploadHeaders::default().add("X-Note", "mine").unwrap();
}
