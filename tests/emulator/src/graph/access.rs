//! Who may do what: the bearer token, the permissions it grants, and what an app-only token may not.

use axum::http::{header, HeaderMap, StatusCode};

use crate::reply::Refusal;
use crate::service::Service;

/// Permissions of which one is enough to create a job or upload its document.
pub(super) const TO_PRINT: [&str; 3] = ["PrintJob.Create", "PrintJob.ReadWrite", "PrintJob.ReadWrite.All"];

/// Permissions of which one is enough to look at a job.
pub(super) const TO_READ: [&str; 7] = [
    "PrintJob.ReadBasic",
    "PrintJob.Read",
    "PrintJob.ReadBasic.All",
    "PrintJob.Read.All",
    "PrintJob.Create",
    "PrintJob.ReadWrite",
    "PrintJob.ReadWrite.All",
];

/// Whose token came with a request, and what it grants.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    scopes: Vec<String>,
    pub app_only: bool,
}

impl Caller {
    pub(super) fn needs_one_of(&self, wanted: &[&str]) -> Result<(), Refusal> {
        if self.scopes.iter().any(|scope| wanted.contains(&scope.as_str())) {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "UnknownError",
            "The token does not have one or more required security scopes.",
        ))
    }

    /// What changes the jobs of others is for an app with a trigger of its own.
    pub(super) fn needs_an_app(&self) -> Result<(), Refusal> {
        if self.app_only {
            return Ok(());
        }
        Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden", "The operation takes application permissions alone."))
    }

    /// Most of printing is for signed-in users alone.
    pub(super) fn needs_a_user(&self) -> Result<(), Refusal> {
        if !self.app_only {
            return Ok(());
        }
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "Printing from service principals and managed identities is not supported.",
        ))
    }
}

impl Service {
    /// Checks the `Authorization` header of a Graph request.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let refused = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message);
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let (given, more) = (given.next(), given.next());
        let token = match (given.and_then(|value| value.to_str().ok()), more) {
            (None, _) => return Err(refused("Access token is empty.")),
            (Some(_), Some(_)) => return Err(refused("More than one Authorization header.")),
            (Some(value), None) => match value.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
                _ => return Err(refused("The Authorization header is not a bearer token.")),
            },
        };
        if token != self.token.0 {
            return Err(refused("Access token validation failure. Invalid token."));
        }
        let settings = self.settings();
        Ok(Caller { scopes: settings.scopes.clone(), app_only: settings.app_only })
    }
}
