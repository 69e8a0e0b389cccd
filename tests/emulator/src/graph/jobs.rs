//! Print jobs: created paused, waiting for their document, then started or canceled.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{json, Map, Value};

use super::access::{TO_PRINT, TO_READ};
use super::store::{Place, Store};
use super::{json_object, Caller, Target};
use crate::clock;
use crate::registry::{Document, DocumentState, Job, NewDocument, Printer, Registry};
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
    only_configuration(&body)?;
    let configuration = match body.remove("configuration") {
        None | Some(Value::Null) => None,
        Some(object @ Value::Object(_)) => Some(object),
        Some(_) => return Err(Refusal::bad_request("'configuration' must be a JSON object.")),
    };

    let settings = service.settings().clone();
    if !settings.licensed {
        let message = "The tenant must have an active Universal Print subscription.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden", message));
    }
    let mut registry = service.registry();
    let printer_id = target.printer(&registry)?;
    check_room(&registry.printers[&printer_id], settings.jobs_limit, settings.jobs_window)?;
    let printer_id = Some(printer_id);
    let ids = registry.add(NewDocument { printer_id, ..NewDocument::default() }).map_err(Refusal::internal)?;
    let document = registry.documents[&ids.print_document_id].clone();
    let job = registry.job(&ids).ok_or_else(|| Refusal::internal("The new job is not there."))?;
    job.configuration = configuration;
    let mut body = job_body(&ids.print_job_id, job, &document);
    body.insert("@odata.context".into(), context(&target, "jobs/$entity"));
    Ok(Answer::new(StatusCode::CREATED, body.into()))
}

pub(super) async fn start(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_PRINT)?;
    caller.needs_a_user()?;
    let life = service.settings().job_life;
    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let uploaded = registry.documents[&ids.print_document_id].state == DocumentState::Uploaded;
    let (job, _) = target.job(&mut registry)?;
    match job.state {
        _ if job.starts > 0 => Err(conflict(&format!("The job cannot be started: it is {}.", job.state))),
        "paused" if !uploaded => Err(conflict("The job cannot be started: its document is not uploaded.")),
        "paused" => {
            job.ahead = life.stages();
            job.starts += 1;
            job.advance();
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
        "paused" | "processing" | "stopped" => {
            (job.state, job.details, job.ahead) = ("canceled", vec![], &[]);
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

/// What a job allows beside being started and canceled: an app may abort, redirect and change it, a person may not.
pub(super) fn act(
    registry: &mut Registry,
    store: &mut Store,
    caller: &Caller,
    action: &str,
    place: &Place,
    body: Map<String, Value>,
) -> Result<Response, Refusal> {
    match (action, place) {
        ("abort" | "redirect", Place::Item(jobs, id)) if place.kind() == "jobs" => {
            caller.needs_an_app()?;
            let printer = jobs.strip_prefix("print/printers/").and_then(|rest| rest.strip_suffix("/jobs"));
            let printer = printer.and_then(|printer| registry.printers.get_mut(printer));
            let job = printer.and_then(|printer| printer.jobs.get_mut(id));
            let job = job.ok_or_else(|| Refusal::not_found(format!("The print job '{id}' was not found.")))?;
            if action == "abort" {
                job.state = "aborted";
                job.details = vec![];
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
            if !job.print_task_processing {
                return Err(conflict("The job has no print task in state processing of this app's own trigger."));
            }
            let Some(to) = body.get("destinationPrinterId").and_then(Value::as_str).map(str::to_owned) else {
                return Err(Refusal::bad_request("'destinationPrinterId' is missing."));
            };
            let ids = registry
                .add(NewDocument { printer_id: Some(to), ..NewDocument::default() })
                .map_err(Refusal::internal)?;
            let document = registry.documents[&ids.print_document_id].clone();
            let job = registry.job(&ids).ok_or_else(|| Refusal::internal("The new job is not there."))?;
            job.configuration = body.get("configuration").cloned();
            Ok(Answer::ok(job_body(&ids.print_job_id, job, &document).into()).into_response())
        }
        ("restoreFactoryDefaults", Place::Item(..)) if place.kind() == "printers" => {
            let found = store.update(place, Map::new()).is_some();
            found
                .then(|| StatusCode::NO_CONTENT.into_response())
                .ok_or_else(|| Refusal::not_found("There is no such printer."))
        }
        ("create", Place::Collection(_)) if place.kind() == "printers" => {
            if body.get("displayName").and_then(Value::as_str).is_none() {
                return Err(Refusal::bad_request("'displayName' is missing."));
            }
            store.create("print/operations", Map::new());
            Ok(StatusCode::ACCEPTED.into_response())
        }
        _ => Err(Refusal::bad_request(format!("There is no action '{action}' here."))),
    }
}

/// Only an app changes a job, and only its configuration.
pub(super) fn check_update(caller: &Caller, changes: &Map<String, Value>) -> Result<(), Refusal> {
    caller.needs_an_app()?;
    only_configuration(changes)
}

fn only_configuration(body: &Map<String, Value>) -> Result<(), Refusal> {
    match body.keys().find(|name| *name != "configuration") {
        None => Ok(()),
        Some(name) => {
            Err(Refusal::bad_request(format!("'{name}' cannot be set on a print job; only 'configuration' can.")))
        }
    }
}

/// A printer takes so many jobs within a window of time.
fn check_room(printer: &Printer, limit: usize, window: Duration) -> Result<(), Refusal> {
    let ages = printer.jobs.values().filter(|job| job.starts > 0).filter_map(|job| job.created.elapsed().ok());
    let recent: Vec<Duration> = ages.filter(|age| *age < window).collect();
    if recent.len() < limit {
        return Ok(());
    }
    let wait = window - recent.iter().max().copied().unwrap_or_default();
    let message = "Too many print jobs for this printer.";
    let retry_after = u32::try_from(wait.as_secs() + 1).ok();
    Err(Refusal { retry_after, ..Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message) })
}

/// A look at a job shows the next of its states.
pub(super) fn look(registry: &mut Registry, jobs: &str, id: &str) {
    let printer = jobs.strip_prefix("print/printers/").and_then(|rest| rest.strip_suffix("/jobs"));
    let printer = printer.and_then(|printer| registry.printers.get_mut(printer));
    if let Some(job) = printer.and_then(|printer| printer.jobs.get_mut(id)) {
        job.advance();
    }
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
        "stopped" => "The job stopped: the printer needs attention.",
        "completed" => "The job has completed successfully and no further processing will take place.",
        "aborted" => "The job was aborted by the printer.",
        _ => "The job was canceled by its user.",
    };
    json!({
        "state": job.state,
        "description": description,
        "isAcquiredByPrinter": job.is_acquired,
        "details": job.details,
    })
}

pub(super) fn job_body(id: &str, job: &Job, document: &Document) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".into(), json!(id));
    body.insert("createdBy".into(), json!({ "displayName": "User", "userPrincipalName": "user@contoso.com" }));
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
