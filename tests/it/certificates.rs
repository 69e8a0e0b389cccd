//! Certificates: of an organisation's own authority, of nobody, for another host, of another year.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::common::authority::{encrypted, now_and_a_day, Authority};
use crate::common::forward_proxy::{client, create, failures_in_time, ForwardProxy, Manner, HOST};
use crate::common::Stage;
use mgprint::session::create_session_request;
use mgprint::{Client, ClientOptions, ErrorKind, Parent, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_explained() {
    let year = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    let authority = Authority::new("Example Corp Root");
    let stranger = Authority::new("Somebody In Between");
    for (signer, host, valid, why) in [
        (&stranger, HOST, now_and_a_day(), "issued by 'Somebody In Between', which this machine does not trust"),
        (
            &authority,
            "other.test",
            now_and_a_day(),
            "issued by 'Example Corp Root', is for another host than graph.test",
        ),
        (&authority, HOST, now - 2 * year..now - year, "issued by 'Example Corp Root', has expired"),
        (&authority, HOST, now + year..now + 2 * year, "issued by 'Example Corp Root', is not valid yet"),
    ] {
        let stage = Stage::new().await;
        let (tls, serving) = encrypted(signer.acceptor(host, valid), stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let given = Proxy::parse(&proxy.address).unwrap();
        let client = client(&stage, Some(given), Some(authority.file.path().to_owned()));
        for error in failures_in_time(&stage, &client).await {
            assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
            assert!(error.message().contains(why) && error.message().contains(&proxy.address), "{error}");
            assert!(!error.next_step().is_empty());
        }
        assert_eq!(stage.journal().counts.requests, 0);
        serving.abort();
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_trusted_for_its_own_names_and_dates() {
    let year = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    let valid = || Some(now_and_a_day());
    let trusted = |host: &str, valid| Authority::of_host("Self", vec![host.to_owned()], valid);
    let stranger = trusted(HOST, valid());
    // One that somebody issued, whom nobody knows.
    for (host, valid, why) in [
        (HOST, now_and_a_day(), ""),
        ("other.test", now_and_a_day(), "which this machine does not trust"),
        (HOST, now - 2 * year..now - year, "has expired"),
    ] {
        let stage = Stage::new().await;
        let (acceptor, file) = Authority::new("Nobody").acceptor_and_certificate(host, valid);
        let (tls, serving) = encrypted(acceptor, stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), Some(file.path().to_owned()));
        match create(&stage, &client).await {
            created if why.is_empty() => created.expect("the certificate itself is trusted"),
            created => {
                let error = created.expect_err(why);
                assert!(error.kind() == ErrorKind::TlsFailed && error.message().contains(why), "{error}");
            }
        }
        serving.abort();
    }
    for (server, file, why) in [
        (trusted(HOST, valid()), None, ""),
        (trusted("other.test", valid()), None, "'Self', is one of an authority (CA:TRUE), as"),
        (trusted(HOST, Some(now - 2 * year..now - year)), None, "issued by 'Self', has expired"),
        (trusted(HOST, valid()), Some(&stranger), "'Self', is one of an authority (CA:TRUE), as"),
    ] {
        let stage = Stage::new().await;
        let (tls, serving) = encrypted(server.own_acceptor(), stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let file = file.unwrap_or(&server).file.path().to_owned();
        let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), Some(file));
        match (create(&stage, &client).await, why) {
            (created, "") => created.expect("the certificate itself is trusted"),
            (created, why) => {
                let error = created.expect_err(why);
                assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
                assert!(error.message().contains(why), "{error}");
                assert_eq!(stage.journal().counts.requests, 0);
            }
        }
        serving.abort();
    }
}

#[tokio::test]
async fn an_upload_host_that_is_not_trusted_is_told_with_what_to_do_about_it_first() {
    let stage = Stage::new().await;
    let stranger = Authority::new("Somebody In Between");
    let (tls, encrypting) = encrypted(stranger.acceptor("127.0.0.1", now_and_a_day()), stage.emulator.url()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let _ = line.read(&mut [0; 65536]).await;
        let body = format!(r#"{{"uploadUrl":"https://{tls}/u?t=CANARY","nextExpectedRanges":["0-2"]}}"#);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = line.write_all((head + &body).as_bytes()).await;
    });
    let client = crate::common::client(&endpoint, Some("token"));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", "{}".into()).unwrap();
    let source = Arc::new(mgprint::MemorySource::new(vec![1, 2, 3]));
    let error = mgprint::document::send(&client, &request, source, &Default::default()).await.expect_err("a stranger");
    assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
    let advice = error.next_step();
    assert!(advice.contains("somebody is in between: do not go on"), "{advice}");
    assert!(advice.ends_with("in SSL_CERT_FILE. Run the command again; it sends the whole document."), "{advice}");
    serving.abort();
    encrypting.abort();
}

#[tokio::test]
async fn an_endpoint_that_speaks_no_tls_is_said_to() {
    let stage = Stage::new().await;
    let plain = stage.emulator.url().trim_start_matches("http://").parse().unwrap();
    let proxy = ForwardProxy::new(Manner::Open, plain).await;
    let error =
        create(&stage, &client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), None)).await.expect_err("no TLS");
    assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
}

#[test]
fn a_file_of_certificates_may_begin_with_the_mark_of_its_encoding() {
    let authority = Authority::new("Example Corp Root");
    let text = std::fs::read_to_string(authority.file.path()).unwrap();
    std::fs::write(authority.file.path(), format!("\u{feff}{text}")).unwrap();
    let ca_file = Some(authority.file.path().to_owned());
    Client::new(ClientOptions { ca_file, ..ClientOptions::default() }).expect("a file that can be used");
}

#[test]
fn a_file_of_certificates_that_is_none_is_refused() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for (path, why) in
        [(empty.path().to_owned(), "holds no certificate"), (PathBuf::from("/no/such.pem"), "such.pem' cannot be used")]
    {
        let error = Client::new(ClientOptions { ca_file: Some(path), ..ClientOptions::default() }).expect_err(why);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(why), "{error}");
    }
}
