//! The createUploadSession action.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde_json::{json, Map, Value};

use super::access::TO_PRINT;
use super::{json_object, Caller, Target};
use crate::clock;
use crate::conduct::Conduct;
use crate::content::Handling;
use crate::ranges::next_expected_ranges;
use crate::reply::{Answer, Refusal, CONTEXT};
use crate::service::Service;
use crate::session::{Properties, Session};

pub(super) async fn create(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    target: Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Refusal> {
    caller.needs_one_of(&TO_PRINT)?;
    if target.on_share() {
        caller.needs_a_user()?;
    }
    let settings = service.settings();

    let mut registry = service.registry();
    let ids = target.document(&mut registry)?;
    let (job, _) = target.job(&mut registry)?;
    if caller.app_only && !job.print_task_processing {
        caller.needs_a_user()?;
    }
    if job.state != "paused" {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "Conflict",
            format!("The job takes no document any more: it is {}.", job.state),
        ));
    }
    let content_types = &registry.printers[&ids.printer_id].content_types;
    let properties = properties_of(json_object(&headers, &body)?, content_types)?;
    if properties.size > settings.document_bytes_limit {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            format!(
                "The document has {} bytes; the service takes at most {}.",
                properties.size, settings.document_bytes_limit
            ),
        ));
    }

    if let Some(document) = registry.documents.get_mut(&ids.print_document_id) {
        document.begin(&properties);
    }
    let session = Session::new(
        ids.print_document_id,
        properties,
        Handling { keep: settings.keep_documents, hash: settings.hash_documents },
        settings.session_lifetime,
        registry.shelf.clone(),
    );
    if registry.ledger.is_some() {
        // Nobody else has the session yet.
        let mut content = session.content.try_lock().map_err(Refusal::internal)?;
        let region = content.place().map_err(Refusal::internal)?;
        registry.log(|| session.event(region)).map_err(Refusal::internal)?;
    }
    let answer = Answer::ok(json!({
        "@odata.context": format!("{CONTEXT}microsoft.graph.uploadSession"),
        "uploadUrl": format!("{}{}", service.origin, session.path_and_query()),
        "expirationDateTime": clock::ticks(session.progress().expires),
        "nextExpectedRanges": next_expected_ranges(&session.progress().gaps(session.size())),
    }));
    let conduct = Conduct::new(session.size());
    registry.conducts.insert(session.id, Arc::new(conduct));
    registry.sessions.insert(session.id, Arc::new(session));
    Ok(answer)
}

/// Reads `properties`; whatever else the body holds is accepted, since Graph types are open.
fn properties_of(mut body: Map<String, Value>, content_types: &[String]) -> Result<Properties, Refusal> {
    let Some(Value::Object(mut properties)) = body.remove("properties") else {
        return Err(Refusal::bad_request(
            "'properties' must be a JSON object with documentName, contentType and size.",
        ));
    };
    let mut text = |name: &str| match properties.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => Err(Refusal::bad_request(format!("'properties/{name}' must be a string that is not empty."))),
    };
    let document_name = text("documentName")?;
    let content_type = text("contentType")?;
    let size = properties.remove("size");
    let size =
        size.as_ref().and_then(Value::as_u64).filter(|size| (1..=i64::MAX as u64).contains(size)).ok_or_else(|| {
            Refusal::bad_request("'properties/size' must be a positive integer: the document's size in bytes.")
        })?;
    if !content_types.iter().any(|known| known.eq_ignore_ascii_case(&content_type)) {
        return Err(Refusal::bad_request(format!(
            "The content type '{content_type}' is not supported by this printer. Supported: {}.",
            content_types.join(", ")
        )));
    }
    Ok(Properties { document_name, content_type, size })
}
