//! Print jobs: created paused, waiting for their document, then started or canceled.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde_json::{json, Map, Value};

use super::access::{TO_PRINT, TO_READ};
use super::{json_object, Caller, Target};
use crate::clock;
use crate::registry::{Document, DocumentState, Job, NewDocument};
use crate::reply::{Answer, Refusal, CONTEXT};
use crate::service::Service;

pub(super) async fn create(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_PRINT)?;
    caller.needs_a_user()?;
    let mut body = json_object(&headers, &body)?;
    let configuration = match body.remove("configuration") {
        None | Some(Value::Null) => None,
        Some(object @ Value::Object(_)) => Some(object),
        Some(_) => return Err(Refusal::bad_request("'configuration' must be a JSON object.")),
    };

    let mut registry = service.registry();
    let printer_id = Some(target.printer(&registry)?);
    let ids = registry.add(NewDocument { printer_id, ..NewDocument::default() }).map_err(Refusal::internal)?;
    let document = registry.documents[&ids.print_document_id].clone();
    let job = registry.job(&ids).ok_or_else(|| Refusal::internal("The new job is not there."))?;
    job.configuration = configuration;
    let mut body = job_body(&ids.print_job_id, job, &document);
    body.insert("@odata.context".into(), context(&target, "jobs/$entity"));
    Ok(Answer::new(StatusCode::CREATED, body.into()))
}

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_READ)?;
    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let document = registry.documents[&ids.print_document_id].clone();
    let (job, _) = target.job(&mut registry)?;
    let mut body = job_body(&ids.print_job_id, job, &document);
    body.insert("@odata.context".into(), context(&target, "jobs/$entity"));
    Ok(Answer::ok(body.into()))
}

pub(super) async fn start(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_PRINT)?;
    caller.needs_a_user()?;
    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let uploaded = registry.documents[&ids.print_document_id].state == DocumentState::Uploaded;
    let (job, _) = target.job(&mut registry)?;
    match job.state {
        "paused" if !uploaded => Err(conflict("The job cannot be started: its document is not uploaded.")),
        "paused" => {
            job.state = "processing";
            job.details = vec!["interpreting"];
            let mut status = job_status(job);
            status["@odata.context"] = json!(format!("{CONTEXT}microsoft.graph.printJobStatus"));
            Ok(Answer::ok(status))
        }
        state => Err(conflict(&format!("The job cannot be started: it is {state}."))),
    }
}

pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<StatusCode, Refusal> {
    caller.needs_one_of(&TO_PRINT)?;
    caller.needs_a_user()?;
    let mut registry = service.registry();
    let (job, _) = target.job(&mut registry)?;
    match job.state {
        "paused" | "processing" => {
            job.state = "canceled";
            job.details = vec!["jobCanceledByUser"];
            Ok(StatusCode::NO_CONTENT)
        }
        state => Err(conflict(&format!("The job cannot be canceled: it is {state}."))),
    }
}

pub(super) async fn documents(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_READ)?;
    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let document = document_body(&registry.documents[&ids.print_document_id]);
    Ok(Answer::ok(json!({
        "@odata.context": context(&target, "jobs/documents"),
        "value": [document],
    })))
}

pub(super) async fn document(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_READ)?;
    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let mut body = document_body(&registry.documents[&ids.print_document_id]);
    body["@odata.context"] = context(&target, "jobs/documents/$entity");
    Ok(Answer::ok(body))
}

fn conflict(message: &str) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, "Conflict", message)
}

fn context(target: &Target, rest: &str) -> Value {
    let owner = if target.on_share() { "shares" } else { "printers" };
    json!(format!("{CONTEXT}print/{owner}/{rest}"))
}

fn job_status(job: &Job) -> Value {
    let description = match job.state {
        "paused" => "The job is not a candidate for processing yet.",
        "processing" => "The job is currently being processed.",
        _ => "The job was canceled by its user.",
    };
    json!({
        "state": job.state,
        "description": description,
        "isAcquiredByPrinter": false,
        "details": job.details,
    })
}

fn job_body(id: &str, job: &Job, document: &Document) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".into(), json!(id));
    body.insert("createdDateTime".into(), json!(clock::ticks(job.created)));
    body.insert("isFetchable".into(), json!(false));
    body.insert("redirectedFrom".into(), Value::Null);
    body.insert("redirectedTo".into(), Value::Null);
    body.insert("status".into(), job_status(job));
    body.insert("configuration".into(), json!(job.configuration));
    body.insert("documents".into(), json!([document_body(document)]));
    body
}

fn document_body(document: &Document) -> Value {
    json!({
        "id": document.ids.print_document_id,
        "displayName": document.document_name.as_deref().unwrap_or_default(),
        "contentType": document.content_type.as_deref().unwrap_or_default(),
        "size": document.size.unwrap_or_default(),
    })
}
