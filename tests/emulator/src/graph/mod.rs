//! The part of the service that is Microsoft Graph: everything under `/v1.0`, with a bearer token.

mod access;
mod jobs;
mod store;
mod tree;
mod upload_session;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{header, HeaderMap, StatusCode};
use axum::middleware::{from_fn_with_state, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{async_trait, Router};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};

use crate::journal::Trace;
use crate::registry::{DocumentIds, Job, Registry};
use crate::reply::Refusal;
use crate::service::Service;

pub(crate) use access::Caller;
pub(crate) use store::Store;

/// The bodies here are a few hundred bytes.
const BODY_LIMIT: usize = 1 << 20;

pub(crate) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    let mut routes = Router::new();
    for owner in ["/v1.0/print/printers/:printer", "/v1.0/print/shares/:share"] {
        let at = |rest: &str| format!("{owner}{rest}");
        routes = routes
            .route(&at("/jobs"), post(jobs::create).get(tree::serve))
            .route(&at("/jobs/:job"), get(tree::serve).patch(tree::serve).delete(tree::serve))
            .route(&at("/jobs/:job/start"), post(jobs::start))
            .route(&at("/jobs/:job/microsoft.graph.start"), post(jobs::start))
            .route(&at("/jobs/:job/cancel"), post(jobs::cancel))
            .route(&at("/jobs/:job/microsoft.graph.cancel"), post(jobs::cancel))
            .route(&at("/jobs/:job/documents"), get(jobs::documents).post(tree::serve))
            .route(&at("/jobs/:job/documents/:document"), get(jobs::document).patch(tree::serve).delete(tree::serve))
            // Graph takes an action under its short and its qualified name.
            .route(&at("/jobs/:job/documents/:document/createUploadSession"), post(upload_session::create))
            .route(
                &at("/jobs/:job/documents/:document/microsoft.graph.createUploadSession"),
                post(upload_session::create),
            );
    }
    routes
        .route("/v1.0/*rest", axum::routing::any(tree::serve))
        .method_not_allowed_fallback(unknown_method)
        .route_layer(from_fn_with_state(service.clone(), admit))
}

async fn unknown_method(request: Request) -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Request_BadRequest",
        format!("The HTTP method '{}' is not allowed for this resource.", request.method()),
    )
}

/// Reads the body, notes it in the journal, and checks the token: in this order, so that the line stays usable.
async fn admit(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(e) => return unreadable_body(&*e).into_response(),
    };
    if let Some(trace) = parts.extensions.get::<Trace>() {
        trace.body(&body);
    }
    match service.caller(&parts.headers) {
        Ok(caller) => parts.extensions.insert(caller),
        Err(refusal) => return refusal.into_response(),
    };
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn unreadable_body(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Refusal {
    if error.is::<http_body_util::LengthLimitError>() {
        return Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            format!("The request body is larger than {BODY_LIMIT} bytes."),
        );
    }
    Refusal::broken_off()
}

/// The body of a POST as a JSON object; `{}` when an action's body is empty, as OData allows.
fn json_object(headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            format!("The Content-Type '{content_type}' is not supported; use application/json."),
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::bad_request("The request body must be a JSON object.")),
        Err(e) => Err(Refusal::bad_request(format!(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid \
             JSON format. {e}."
        ))),
    }
}

/// The ids in the path, percent-decoded.
#[derive(Debug)]
pub(crate) struct Target {
    owner: Owner,
    job: Option<String>,
    document: Option<String>,
}

#[derive(Debug)]
enum Owner {
    Printer(String),
    Share(String),
}

#[async_trait]
impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = |e: PathRejection| Refusal::bad_request(format!("The path cannot be read: {e}."));
        let Path(mut ids) =
            Path::<BTreeMap<String, String>>::from_request_parts(parts, state).await.map_err(unreadable)?;
        let owner = match (ids.remove("printer"), ids.remove("share")) {
            (Some(printer), _) => Owner::Printer(printer),
            (None, share) => Owner::Share(share.unwrap_or_default()),
        };
        Ok(Self { owner, job: ids.remove("job"), document: ids.remove("document") })
    }
}

impl Target {
    fn on_share(&self) -> bool {
        matches!(self.owner, Owner::Share(_))
    }

    /// The id of the printer, directly or behind the share.
    fn printer(&self, registry: &Registry) -> Result<String, Refusal> {
        let (found, kind, id) = match &self.owner {
            Owner::Printer(id) => {
                let known = registry.printers.contains_key(id);
                (known.then(|| id.clone()), "printer", id)
            }
            Owner::Share(id) => (registry.shares.get(id).cloned(), "printer share", id),
        };
        found.ok_or_else(|| Refusal::not_found(format!("The {kind} '{id}' was not found.")))
    }

    /// The job, and the id of its printer.
    fn job<'a>(&self, registry: &'a mut Registry) -> Result<(&'a mut Job, DocumentIds), Refusal> {
        let printer_id = self.printer(registry)?;
        let id = self.job.as_deref().unwrap_or_default();
        let printer = registry.printers.get_mut(&printer_id);
        let share = printer.as_ref().map(|p| p.share.clone());
        let job = printer.and_then(|printer| printer.jobs.get_mut(id));
        let job =
            job.ok_or_else(|| Refusal::not_found(format!("The print job '{id}' was not found on this printer.")))?;
        let ids = DocumentIds {
            printer_id,
            printer_share_id: share.unwrap_or_default(),
            print_job_id: id.to_owned(),
            print_document_id: job.document.clone(),
        };
        Ok((job, ids))
    }

    /// The ids of the document, which is the job's one document.
    fn document(&self, registry: &mut Registry) -> Result<DocumentIds, Refusal> {
        let (_, ids) = self.job(registry)?;
        match &self.document {
            Some(id) if *id != ids.print_document_id => {
                Err(Refusal::not_found(format!("The document '{id}' was not found in this print job.")))
            }
            _ => Ok(ids),
        }
    }
}
