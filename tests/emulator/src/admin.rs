//! What a test or a person asks of the emulator itself, under `/_emulator`: no token, and not in the journal.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

use crate::faults::FaultPlan;
use crate::journal::Snapshot;
use crate::registry::{Document, DocumentIds, NewDocument};
use crate::service::Service;
use crate::settings::Settings;

pub(crate) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/_emulator/documents", get(documents).post(add_document))
        .route("/_emulator/documents/:document", get(document))
        .route("/_emulator/documents/:document/expire", post(expire))
        .route("/_emulator/jobs", get(jobs))
        .route("/_emulator/printers", get(printers))
        .route("/_emulator/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/_emulator/journal", get(journal))
        .route("/_emulator/settings", get(settings).patch(change_settings))
        .route("/_emulator/reset", post(reset))
}

/// A request to the emulator that cannot be followed: a plain sentence.
struct Unusable(StatusCode, String);

impl IntoResponse for Unusable {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

async fn documents(State(service): State<Arc<Service>>) -> Json<Vec<Document>> {
    let mut documents: Vec<Document> = service.registry().documents.values().cloned().collect();
    documents.sort_by(|a, b| a.ids.print_document_id.cmp(&b.ids.print_document_id));
    Json(documents)
}

async fn add_document(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<(StatusCode, Json<DocumentIds>), Unusable> {
    let new: NewDocument = read(request).await?;
    let ids = service.registry().add(new);
    let ids = ids.map_err(|why| Unusable(StatusCode::CONFLICT, why))?;
    Ok((StatusCode::CREATED, Json(ids)))
}

async fn document(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Json<Document>, Unusable> {
    let known = service.registry().documents.get(&id).cloned();
    known.map(Json).ok_or_else(|| no_document(&id))
}

async fn expire(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Result<Json<Value>, Unusable> {
    if !service.registry().documents.contains_key(&id) {
        return Err(no_document(&id));
    }
    Ok(Json(json!({ "expired": service.expire_sessions(&id) })))
}

fn no_document(id: &str) -> Unusable {
    let why = format!("There is no document with the id '{id}'.");
    Unusable(StatusCode::NOT_FOUND, why)
}

async fn jobs(State(service): State<Arc<Service>>) -> Json<Vec<Value>> {
    Json(service.registry().jobs())
}

async fn printers(State(service): State<Arc<Service>>) -> Json<Value> {
    let registry = service.registry();
    let printers = registry.printers.iter().map(|(id, printer)| {
        json!({
            "printerId": id,
            "printerShareId": printer.share,
            "contentTypes": printer.content_types,
            "jobs": printer.jobs.keys().collect::<Vec<_>>(),
        })
    });
    Json(printers.collect())
}

async fn faults(State(service): State<Arc<Service>>) -> Json<Vec<FaultPlan>> {
    Json(service.faults.pending())
}

async fn add_faults(State(service): State<Arc<Service>>, request: Request) -> Result<StatusCode, Unusable> {
    let plans: Value = read(request).await?;
    let plans = match plans {
        Value::Array(plans) => plans,
        plan => vec![plan],
    };
    // All or none: half a plan would test something else.
    let plans: Result<Vec<FaultPlan>, _> = plans.into_iter().map(serde_json::from_value).collect();
    for plan in plans.map_err(|e| unreadable(&e))? {
        service.faults.add(plan);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(service): State<Arc<Service>>) -> StatusCode {
    service.clear_faults();
    StatusCode::NO_CONTENT
}

async fn journal(State(service): State<Arc<Service>>) -> Json<Snapshot> {
    Json(service.journal.snapshot())
}

async fn settings(State(service): State<Arc<Service>>) -> Json<Settings> {
    Json(Settings::clone(&service.settings()))
}

/// Changes what the body names and leaves the rest.
async fn change_settings(State(service): State<Arc<Service>>, request: Request) -> Result<Json<Settings>, Unusable> {
    let changes: serde_json::Map<String, Value> = read(request).await?;
    let mut merged = serde_json::to_value(&*service.settings()).map_err(|e| unreadable(&e))?;
    if let Value::Object(merged) = &mut merged {
        merged.extend(changes);
    }
    let settings: Settings = serde_json::from_value(merged).map_err(|e| unreadable(&e))?;
    service.change_settings(settings.clone());
    Ok(Json(settings))
}

async fn reset(State(service): State<Arc<Service>>) -> StatusCode {
    service.reset();
    StatusCode::NO_CONTENT
}

/// Reads a JSON body; an empty one is `{}`. The `Content-Type` is not looked at, so that any tool will do.
async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Unusable> {
    let body = request.into_body().collect().await;
    let body = body.map_err(|e| Unusable(StatusCode::BAD_REQUEST, e.to_string()))?;
    let body = body.to_bytes();
    let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
    serde_json::from_slice(text).map_err(|e| unreadable(&e))
}

fn unreadable(error: &serde_json::Error) -> Unusable {
    let why = format!("The request body cannot be used: {error}.");
    Unusable(StatusCode::BAD_REQUEST, why)
}
