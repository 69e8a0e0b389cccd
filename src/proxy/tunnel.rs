//! Asking a proxy for a tunnel (CONNECT, RFC 9110, section 9.3.6) until it opens one, or says why not.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, PROXY_AUTHORIZATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

use super::sign_in::{self, Conversation, Scheme};
use super::Credentials;
use crate::error::took_too_long;
use crate::line::{Latest, Line, Wire};
use crate::redact;
use crate::tls::Distrust;

/// What a proxy says with a refusal, in bytes; more is not waited for.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// Requests that one tunnel may take. NTLM takes three, and a connection that is closed after the first one more.
const MOST_REQUESTS: usize = 8;

const CHECK_PROXY: &str =
    "Check the proxy's address, that it lets this machine through, and the user name and password where it wants them. \
    Nothing was sent around it.";
const GIVE_ANOTHER: &str = "Give a user name and a password that the proxy takes. Nothing was sent around it.";
const SIGN_IN_AS_USER: &str =
    "On Windows, sign in with the default credentials, those of this process's user; elsewhere, use a proxy that takes a \
    user name and a password. Nothing was sent around it.";
const GIVE_A_PASSWORD: &str = "Give a user name and a password for the proxy. Nothing was sent around it.";

/// Why a proxy opened no way, when it says nothing.
pub(crate) const NO_ANSWER: &str = "it did not answer in time";

/// Why a proxy opened no tunnel.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{why}")]
pub(crate) struct Refusal {
    pub(crate) why: String,
    pub(crate) next_step: &'static str,
    /// Whether the proxy itself had trouble, which may pass.
    pub(crate) retryable: bool,
}

/// A proxy, and what is needed to be let through.
pub(crate) struct Tunnels {
    proxy: Url,
    credentials: Option<Credentials>,
    tls: TlsConnector,
    user_agent: HeaderValue,
    /// How long a tunnel may take to stand.
    patience: Duration,
    /// The hosts that the proxy is being asked for.
    asking: Mutex<Vec<String>>,
}

impl Tunnels {
    pub(super) fn new(
        proxy: Url,
        credentials: Option<Credentials>,
        tls: Arc<ClientConfig>,
        user_agent: HeaderValue,
        patience: Duration,
    ) -> Self {
        Tunnels { proxy, credentials, tls: TlsConnector::from(tls), user_agent, patience, asking: Mutex::default() }
    }

    /// Whether the proxy is being asked for a tunnel to a host, and has not answered.
    pub(crate) fn are_asked_for(&self, host: &str) -> bool {
        self.asking().iter().any(|asked| asked == host)
    }

    fn asking(&self) -> MutexGuard<'_, Vec<String>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a tunnel to `host`, which is a name and a port; `making` hears what comes in meanwhile.
    pub(crate) async fn open(&self, host: &str, making: &Arc<Latest>) -> Result<Line, Refusal> {
        let _asking = Asking::new(self, host);
        let tunnel = tokio::time::timeout(self.patience, self.tunnel(host, making)).await;
        tunnel.unwrap_or_else(|_| Err(broken(NO_ANSWER)))
    }

    /// Asks the proxy until it is content.
    async fn tunnel(&self, host: &str, making: &Arc<Latest>) -> Result<Line, Refusal> {
        let (mut line, mut wire) = self.connect(making).await?;
        let mut sign_in: Option<SignIn> = None;
        let (mut was_closed, mut answers) = (false, 0);
        for _ in 0..MOST_REQUESTS {
            if std::mem::take(&mut was_closed) || line.ready().await.is_err() {
                // Whoever closes the connection after an answer may still be asked anew, but not in the middle of what
                // holds for one connection alone.
                if sign_in.as_ref().is_some_and(|sign_in| sign_in.tokens > 1) {
                    return Err(check_proxy("it closed the connection in the middle of the sign-in"));
                }
                (line, wire) = self.connect(making).await?;
            }
            let mut answer = match line.send_request(self.request(host, sign_in.as_ref())?).await {
                Ok(answer) => answer,
                // Nothing is lost by asking again, where it closed the connection after its first answer.
                Err(_) if sign_in.as_ref().is_some_and(|sign_in| sign_in.tokens == 1) && answers > 0 => {
                    (was_closed, answers) = (true, 0);
                    continue;
                }
                Err(error) => {
                    let why = format!("its answer is not that of a proxy ({error})");
                    return Err(if error.is_parse() { check_proxy(&why) } else { broken(&why) });
                }
            };
            answers += 1;
            if answer.status().is_success() {
                if is_page(answer.headers()) {
                    return Err(check_proxy("its answer is not that of a proxy (a page in place of the tunnel)"));
                }
                let upgraded = hyper::upgrade::on(&mut answer).await;
                let upgraded = upgraded.map_err(|error| check_proxy(&format!("its tunnel is none ({error})")))?;
                return Ok(Line::within(TokioIo::new(upgraded), wire));
            }
            if answer.status() != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
                return Err(refused(answer.status()));
            }
            sign_in = Some(self.go_on(sign_in, answer.headers()).await?);
            read_to_end(answer.body_mut()).await;
        }
        Err(check_proxy("it never came to the end of the sign-in"))
    }

    /// The next token, after an answer that wants one.
    async fn go_on(&self, begun: Option<SignIn>, answer: &HeaderMap) -> Result<SignIn, Refusal> {
        let Some(Credentials::Tokens(security)) = &self.credentials else {
            return Err(self.wants_another_password(answer));
        };
        let (scheme, challenge) = match &begun {
            None => (sign_in::best(answer).ok_or_else(|| takes_no_tokens(answer))?, Vec::new()),
            Some(sign_in) => {
                (sign_in.scheme, sign_in::challenge(answer, sign_in.scheme).ok_or_else(|| not_let_in(sign_in.scheme))?)
            }
        };
        let (security, proxy) = (Arc::clone(security), self.proxy.host_str().unwrap_or_default().to_owned());
        // A domain controller may have to be asked, and it may be slow.
        let next = tokio::task::spawn_blocking(move || {
            let (mut conversation, tokens) = match begun {
                None => (security.begin(scheme, &proxy)?, 0),
                Some(sign_in) => (sign_in.conversation, sign_in.tokens),
            };
            let token = sign_in::credentials(scheme, &conversation.next_token(&challenge)?);
            Ok(SignIn { scheme, conversation, token, tokens: tokens + 1 })
        });
        let next = next.await.unwrap_or_else(|_| Err("the security interface broke down".to_owned()));
        next.map_err(|why: String| Refusal {
            why: format!("it asks who we are ({}), and that cannot be proved: {}", scheme.name(), redact::clean(&why)),
            next_step: GIVE_A_PASSWORD,
            retryable: false,
        })
    }

    /// The proxy wants to know who we are, and tokens are not what we have.
    fn wants_another_password(&self, answer: &HeaderMap) -> Refusal {
        let offered = sign_in::offered(answer);
        let takes_passwords = offered.is_empty() || offered.iter().any(|name| name.eq_ignore_ascii_case("Basic"));
        let (why, next_step) = match (takes_passwords, &self.credentials) {
            (true, None) => ("it asks for a user name and a password".to_owned(), GIVE_A_PASSWORD),
            (true, Some(_)) => ("it did not accept the user name and password".to_owned(), GIVE_ANOTHER),
            (false, _) => (
                format!("it takes no user name and password; it takes: {}", redact::clean(&offered.join(", "))),
                if sign_in::best(answer).is_some() { SIGN_IN_AS_USER } else { CHECK_PROXY },
            ),
        };
        Refusal { why: format!("{why} (407, Proxy Authentication Required)"), next_step, retryable: false }
    }

    fn request(&self, host: &str, sign_in: Option<&SignIn>) -> Result<Request<String>, Refusal> {
        let mut request = Request::builder().method(Method::CONNECT).uri(host).header(HOST, host);
        request = request.header(USER_AGENT, self.user_agent.clone());
        let password = match &self.credentials {
            Some(Credentials::Basic(value)) => Some(value),
            _ => None,
        };
        if let Some(value) = sign_in.map(|sign_in| &sign_in.token).or(password) {
            request = request.header(PROXY_AUTHORIZATION, value.clone());
        }
        request.body(String::new()).map_err(|error| check_proxy(&format!("it cannot be asked for '{host}' ({error})")))
    }

    /// A connection to the proxy, and what carries it.
    async fn connect(&self, making: &Arc<Latest>) -> Result<(SendRequest<String>, Wire), Refusal> {
        let address = Uri::try_from(self.proxy.as_str()).map_err(|error| check_proxy(&error.to_string()))?;
        // It tries the next address of a name when one does not answer soon.
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        // Parted among the addresses of a name.
        connector.set_connect_timeout(Some(self.patience));
        connector.set_nodelay(true);
        let line = Line::over(connector.call(address).await.map_err(|error| unreached(&error))?.into_inner(), making);
        let wire = line.wire();
        if self.proxy.scheme() != "https" {
            return Ok((speak(line).await?, wire));
        }
        let host = self.proxy.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|error| check_proxy(&error.to_string()))?;
        let line = self.tls.connect(name, line).await.map_err(|error| distrusted(&error))?;
        Ok((speak(line).await?, wire))
    }
}

/// A sign-in that has begun.
struct SignIn {
    scheme: Scheme,
    conversation: Box<dyn Conversation>,
    /// For the next request.
    token: HeaderValue,
    /// How many there were, with this one.
    tokens: usize,
}

async fn speak(line: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<SendRequest<String>, Refusal> {
    // Names as HTTP/1.1 has always had them: not every proxy is young.
    let spoken = Builder::new().title_case_headers(true).handshake(TokioIo::new(line)).await;
    let (sender, connection) = spoken.map_err(|error| check_proxy(&error.to_string()))?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// A page in place of the tunnel, as a network that wants a sign-in first shows it. A length alone means nothing (RFC
/// 9110, section 9.3.6), nor does a type; together with one, whatever says where a body ends means one.
fn is_page(answer: &HeaderMap) -> bool {
    let is_html = answer.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let closes = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    is_html
        && (answer.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
            || answer.contains_key(TRANSFER_ENCODING)
            || answer.get(CONNECTION).is_some_and(closes))
}

/// So that the connection can be asked again; what goes on too long ends it.
async fn read_to_end(body: &mut Incoming) {
    let mut length = 0;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        length += frame.data_ref().map_or(0, |data| data.len());
        if length > LONGEST_REFUSAL {
            return;
        }
    }
}

/// Notes a tunnel for as long as it is asked for.
struct Asking<'a>(&'a Tunnels, &'a str);

impl<'a> Asking<'a> {
    fn new(tunnels: &'a Tunnels, host: &'a str) -> Self {
        tunnels.asking().push(host.to_owned());
        Asking(tunnels, host)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut asking = self.0.asking();
        if let Some(at) = asking.iter().position(|asked| asked == self.1) {
            asking.swap_remove(at);
        }
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| redact::clean(&error.to_string()), innermost)
}

fn unreached(error: &(dyn std::error::Error + 'static)) -> Refusal {
    broken(&if took_too_long(error) { NO_ANSWER.to_owned() } else { innermost(error) })
}

fn check_proxy(why: &str) -> Refusal {
    Refusal { why: why.to_owned(), next_step: CHECK_PROXY, retryable: false }
}

/// What may be otherwise the next time.
fn broken(why: &str) -> Refusal {
    Refusal { retryable: true, ..check_proxy(why) }
}

fn refused(status: StatusCode) -> Refusal {
    // The way behind it is broken, or it has too much to do.
    let passing = [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    let why = format!("it refused to ({})", in_words(status));
    Refusal { why, next_step: CHECK_PROXY, retryable: passing.contains(&status) }
}

/// Why no encrypted connection to the proxy itself came to stand.
fn distrusted(error: &std::io::Error) -> Refusal {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(distrust) = tls.and_then(Distrust::of) {
        let why = format!("the proxy itself is not trusted, since {distrust}");
        return Refusal { why, next_step: distrust.next_step(), retryable: false };
    }
    check_proxy(&no_tls(&tls.map_or_else(|| error.to_string(), ToString::to_string)))
}

fn no_tls(why: &str) -> String {
    format!(
        "no encrypted connection to the proxy itself could be made ({}); where it speaks plain http, its address begins \
         with http://",
        redact::clean(why)
    )
}

fn takes_no_tokens(answer: &HeaderMap) -> Refusal {
    let offered = redact::clean(&sign_in::offered(answer).join(", "));
    Refusal {
        why: format!(
            "it wants to know who we are (407, Proxy Authentication Required), but takes neither Negotiate nor NTLM; it takes: {}",
            if offered.is_empty() { "nothing that it names" } else { &offered }
        ),
        next_step: GIVE_A_PASSWORD,
        retryable: false,
    }
}

fn not_let_in(scheme: Scheme) -> Refusal {
    Refusal {
        why: format!(
            "it did not let in the user of this process ({}; 407, Proxy Authentication Required)",
            scheme.name()
        ),
        next_step: "Ask for this user to be let through, or give another's user name and password. \
                    Nothing was sent around it.",
        retryable: false,
    }
}

fn in_words(status: StatusCode) -> String {
    format!("{}, {}", status.as_u16(), status.canonical_reason().unwrap_or("a status without a name"))
}
