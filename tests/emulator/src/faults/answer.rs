//! Faults that answer in place of the service.

use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};

use super::Exchange;
use crate::conduct::Told;
use crate::reply::Refusal;
use crate::upload::read_out;

/// A status in place of the service's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StatusAnswer {
    /// The status, 200 to 999.
    #[serde(with = "status_code")]
    pub status: StatusCode,
    /// The value of a `Retry-After` header, sent as it is: seconds, an HTTP date, or nonsense.
    #[serde(default, deserialize_with = "text_or_number")]
    pub retry_after: Option<String>,
    /// The body, sent as it is; without one, an error in Graph's shape.
    #[serde(default)]
    pub body: Option<String>,
    /// The `Content-Type` of `body`; `application/json` without one.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Whether the answer comes before the request's body is read. The connection cannot be used again then.
    #[serde(default)]
    pub early: bool,
}

impl StatusAnswer {
    /// This status with an error in Graph's shape, after the request was read.
    pub fn new(status: StatusCode) -> Self {
        Self { status, retry_after: None, body: None, content_type: None, early: false }
    }

    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        if !self.early {
            read_out(exchange.request).await;
        }
        let content_type = self.content_type.as_deref().unwrap_or("application/json");
        let mut response = match self.body {
            Some(body) => with_type(self.status, content_type, body),
            None => {
                Refusal::new(self.status, code_of(self.status), "A fault was planned for this request.").into_response()
            }
        };
        if let Some(value) = self.retry_after.and_then(|text| HeaderValue::try_from(text).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

/// A page of HTML, as proxies and sign-in portals answer it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct HtmlPage {
    /// The status: 200 and 502 are the usual ones.
    #[serde(with = "status_code")]
    pub status: StatusCode,
    /// The page.
    pub body: String,
}

impl Default for HtmlPage {
    fn default() -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            body: "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\
                   <body><h1>Bad Gateway</h1></body></html>\n"
                .to_owned(),
        }
    }
}

impl HtmlPage {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        read_out(exchange.request).await;
        with_type(self.status, "text/html; charset=utf-8", self.body)
    }
}

/// A redirect in place of the service's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Redirect {
    /// The status: 301, 302, 303, 307, 308.
    #[serde(with = "status_code")]
    pub status: StatusCode,
    /// The `Location`, in which `{target}` stands for the path and query that the request went to: `{target}` alone
    /// leads to the same place.
    pub location: String,
}

impl Redirect {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let target = exchange.request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        read_out(exchange.request).await;
        let mut response = self.status.into_response();
        if let Ok(location) = HeaderValue::try_from(self.location.replace("{target}", &target)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

pub(super) fn with_type(status: StatusCode, content_type: &str, body: String) -> Response {
    let told = Told::by(body.as_bytes());
    let mut response = (status, body).into_response();
    if let Some(told) = told {
        response.extensions_mut().insert(told);
    }
    if let Ok(value) = HeaderValue::try_from(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// The code that Graph gives with a status.
fn code_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "Forbidden",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "RequestEntityTooLarge",
        416 => "InvalidRange",
        429 => "TooManyRequests",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "UnknownError",
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    use serde::de::Error;
    match Option::<serde_json::Value>::deserialize(from)? {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text)),
        Some(serde_json::Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(D::Error::custom("retryAfter must be a string or a number")),
    }
}

pub(super) mod status_code {
    use axum::http::StatusCode;
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    pub(in crate::faults) fn serialize<S: Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u16(status.as_u16())
    }

    pub(in crate::faults) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<StatusCode, D::Error> {
        let code = u16::deserialize(from)?;
        // A 1xx is not an answer: HTTP would wait for the real one.
        StatusCode::from_u16(code)
            .ok()
            .filter(|status| !status.is_informational())
            .ok_or_else(|| D::Error::custom(format!("{code} is not a status of an answer")))
    }
}

pub(super) mod optional_status_code {
    use axum::http::StatusCode;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Code(#[serde(with = "super::status_code")] StatusCode);

    pub(in crate::faults) fn serialize<S: Serializer>(status: &Option<StatusCode>, to: S) -> Result<S::Ok, S::Error> {
        match status {
            Some(status) => to.serialize_some(&status.as_u16()),
            None => to.serialize_none(),
        }
    }

    pub(in crate::faults) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<StatusCode>, D::Error> {
        Ok(Option::<Code>::deserialize(from)?.map(|Code(status)| status))
    }
}
