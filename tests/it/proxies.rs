//! Proxies as they are: that want a password, refuse, stall, or answer in the service's place.

use std::sync::Arc;
use std::time::Duration;

use crate::common::authority::{encrypted, now_and_a_day, Authority};
use crate::common::forward_proxy::{client, client_of, create, failures, failures_in_time, ForwardProxy, Manner, HOST};
use crate::common::Stage;
use mgprint::{upload, ErrorKind, MemorySource, Proxy, UploadOptions, UploadUrl};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_service_whose_name_is_an_address_is_reached_through_the_proxy() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let host = "192.0.2.1";
    let (tls, serving) = encrypted(authority.acceptor(host, now_and_a_day()), stage.emulator.url()).await;
    let proxy = ForwardProxy::new(Manner::Open, tls).await;
    let given = Proxy::parse(&proxy.address).unwrap();
    let client = client_of(host, &stage, Some(given), Some(authority.file.path().to_owned()));
    create(&stage, &client).await.expect(host);
    assert!(proxy.asked()[0].starts_with("CONNECT 192.0.2.1:443 "), "{}", proxy.asked()[0]);
    serving.abort();
}

#[tokio::test]
async fn a_request_goes_through_the_proxy_and_its_corporate_authority() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let proxy = ForwardProxy::new(Manner::Password, tls).await;
    let given = Proxy::parse(&proxy.address).unwrap().with_credentials("user", "password".to_owned().into());
    let client = client(&stage, Some(given), Some(authority.file.path().to_owned()));
    create(&stage, &client).await.expect("a session, through the proxy");

    let asked = proxy.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("CONNECT graph.test:443 "), "{}", asked[0]);
    assert!(!asked[0].contains(stage.emulator.token()), "the proxy saw the token");
    let seen = stage.journal().entries.last().unwrap().headers.clone();
    assert!(seen.iter().all(|(name, _)| !name.starts_with("proxy-")), "the service saw the proxy's password");
    serving.abort();
}

#[tokio::test]
async fn a_proxy_that_opens_no_way_is_named_and_never_gone_around() {
    let stage = Stage::new().await;
    for (manner, user, why) in [
        (Manner::Refuse, Some("user"), "it refuses to open a tunnel"),
        (Manner::Html, Some("user"), "it refuses to open a tunnel"),
        (Manner::Tokens, Some("user"), "it does not accept the user name and password with Basic (407"),
        (Manner::Tokens, None, "it asks for a user name and a password (407"),
        (Manner::Password, Some("user"), "it does not accept the user name and password with Basic (407"),
        (Manner::Password, None, "it asks for a user name and a password (407"),
        (Manner::Portal, Some("user"), "it closed the connection instead of opening a tunnel"),
        (Manner::ClosingPortal, Some("user"), "it closed the connection instead of opening a tunnel"),
        (Manner::HangUp, Some("user"), "it closed the connection instead of opening a tunnel"),
    ] {
        let proxy = ForwardProxy::new(manner, "127.0.0.1:1".parse().unwrap()).await;
        let mut given = Proxy::parse(&proxy.address).unwrap();
        if let Some(user) = user {
            given = given.with_credentials(user, "CANARY".to_owned().into());
        }
        for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
            assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
            assert!(error.message().contains(&proxy.address) && error.message().contains(why), "{error}");
            assert!(error.next_step().contains("Nothing was sent around it"), "{}", error.next_step());
            assert!(!format!("{error:?}").contains("CANARY"));
        }
    }
    assert_eq!(stage.journal().counts.requests, 0);
}

#[tokio::test]
async fn silence_on_the_way_through_a_proxy_names_both_of_its_ends() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = ForwardProxy::new(Manner::Stall, "127.0.0.1:1".parse().unwrap()).await;
    let open = ForwardProxy::new(Manner::Open, mute.local_addr().unwrap()).await;
    for address in [&proxy.address, &open.address] {
        for silence in [Duration::from_millis(300), Duration::from_secs(60)] {
            let client = client(&stage, Some(Proxy::parse(address).unwrap()), Some(authority.file.path().to_owned()));
            for error in failures(&stage, &client, silence).await {
                assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
                assert!(error.message().contains(HOST) && error.message().contains(address.as_str()), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn an_upload_that_reaches_nobody_says_nothing_of_what_the_service_has() {
    let stage = Stage::new().await;
    let proxy = ForwardProxy::new(Manner::Refuse, "127.0.0.1:1".parse().unwrap()).await;
    let there = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [proxy.address.clone(), format!("http://{there}")] {
        let client = client(&stage, Some(Proxy::parse(&address).unwrap()), None);
        let url = UploadUrl::parse("https://graph.test/u?t=1", client.endpoint()).unwrap();
        let mut options = UploadOptions::default();
        options.call.max_retry = Some(0);
        let source = Arc::new(MemorySource::new("a document"));
        let error = upload(&client, &url, source, &options).await.expect_err("no way");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ProxyFailed, true), "{error}");
        assert!(!error.message().contains("The service has"), "{error}");
        assert!(error.next_step().contains("Nothing was sent around it"), "{}", error.next_step());
    }
}

#[tokio::test]
async fn a_line_that_breaks_behind_an_open_tunnel_is_no_refusal() {
    let stage = Stage::new().await;
    for manner in [Manner::OpenAndShut, Manner::ChunkedPortal] {
        let proxy = ForwardProxy::new(manner, "127.0.0.1:1".parse().unwrap()).await;
        let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), None);
        for error in failures_in_time(&stage, &client).await {
            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ConnectionFailed, true), "{error}");
            assert!(error.message().contains(HOST) && error.message().contains(&proxy.address), "{error}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let stage = Stage::new().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let given = Proxy::parse(&format!("127.0.0.1:{port}")).unwrap();
    for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
        assert_eq!(error.kind(), ErrorKind::ProxyFailed);
        assert!(error.message().contains(&format!("http://127.0.0.1:{port}")), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_spoken_to_in_tls_is_trusted_or_named() {
    let stage = Stage::new().await;
    let (authority, stranger) = (Authority::new("Example Corp Root"), Authority::new("Somebody In Between"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let ca = || Some(authority.file.path().to_owned());

    let known = ForwardProxy::with(Manner::Open, tls, Some(authority.acceptor("127.0.0.1", now_and_a_day()))).await;
    let through = client(&stage, Some(Proxy::parse(&known.address).unwrap()), ca());
    create(&stage, &through).await.expect("a session, through TLS in TLS");
    assert_eq!(known.asked().len(), 1);

    let unknown = ForwardProxy::with(Manner::Open, tls, Some(stranger.acceptor("127.0.0.1", now_and_a_day()))).await;
    let plain = ForwardProxy::new(Manner::Open, tls).await;
    for (proxy, why) in [
        (unknown.address.clone(), "its certificate was issued by 'Somebody In Between'"),
        (plain.address.replace("http", "https"), "itself could be made"),
    ] {
        let given = Proxy::parse(&proxy).unwrap().with_credentials("user", "CANARY".to_owned().into());
        for error in failures_in_time(&stage, &client(&stage, Some(given), ca())).await {
            assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
            assert!(error.message().contains(&proxy) && error.message().contains(why), "{error}");
            assert!(!format!("{error:?}").contains("CANARY"));
        }
    }
    assert!(unknown.asked().is_empty() && plain.asked().is_empty(), "a password went to a stranger");
    serving.abort();
}

#[tokio::test]
async fn what_is_left_out_goes_around_the_proxy() {
    let stage = Stage::new().await;
    let proxy = ForwardProxy::new(Manner::Refuse, "127.0.0.1:1".parse().unwrap()).await;
    let given = Proxy::parse(&proxy.address).unwrap().bypassing("test");
    for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{error}");
    }
    assert!(proxy.asked().is_empty());
}

#[tokio::test]
async fn a_slow_line_behind_a_proxy_is_no_dead_one() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let proxy = ForwardProxy::new(Manner::Slow, tls).await;
    let given = Proxy::parse(&proxy.address).unwrap();
    let client = client(&stage, Some(given), Some(authority.file.path().to_owned()));
    let size = 9_900_000;
    let url = stage.url_for(&stage.ids, size).await;
    let url =
        UploadUrl::parse(&url.replace(stage.emulator.url(), &format!("https://{HOST}")), client.endpoint()).unwrap();
    let mut options = UploadOptions { max_concurrency: 1, ..UploadOptions::default() };
    options.call.idle_timeout = Duration::from_secs(2);
    options.call.max_retry = Some(0);
    let source = Arc::new(MemorySource::new(vec![7; size as usize]));
    let uploaded = upload(&client, &url, source, &options).await.expect("slow, and moving");
    assert!(uploaded.elapsed > 2 * options.call.idle_timeout, "{:?}", uploaded.elapsed);
    serving.abort();
}
