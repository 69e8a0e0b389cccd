//! The whole tree below `/print`, by one handler: create, read, update, delete, pages, counts and references. What jobs
//! and documents do beside that has handlers of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{json, Map, Value};

use super::store::{self, Place, Store};
use super::{jobs, json_object, Caller};
use crate::reply::{Answer, Refusal, CONTEXT};
use crate::service::Service;

/// Items of one page, unless fewer were asked for.
const PAGE: usize = 100;

/// All that people who are no Printer Administrator see of a share.
const OF_A_SHARE: [&str; 5] = ["id", "displayName", "manufacturer", "model", "location"];

pub(super) async fn serve(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let unknown = || {
        let message = format!("Resource not found for the path '{}'.", uri.path());
        Refusal::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    };
    let not_allowed = || {
        let message = format!("The HTTP method '{method}' is not allowed for this resource.");
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message)
    };
    let path = uri.path().strip_prefix("/v1.0/").ok_or_else(unknown)?;
    let unreadable = || Refusal::bad_request("The path cannot be read: it is no UTF-8.");
    let mut segments: Vec<String> = path.split('/').map(decoded).collect::<Option<_>>().ok_or_else(unreadable)?;
    let query = Query::of(uri.query().unwrap_or_default());
    let registry = &mut *service.registry();
    let objects = &mut *service.store();
    if let (&Method::GET, Some(Place::Item(jobs, id))) = (&method, Place::of(&segments, registry)) {
        jobs::look(registry, &jobs, &id);
    }
    objects.follow(registry);
    let last = segments.last().cloned().unwrap_or_default();
    match last.as_str() {
        "$count" => {
            segments.pop();
            return match Place::of(&segments, registry) {
                Some(Place::Collection(path)) if method == Method::GET => {
                    Ok(([("content-type", "text/plain")], objects.items(&path).len().to_string()).into_response())
                }
                _ => Err(unknown()),
            };
        }
        "$ref" => {
            segments.pop();
            let place = Place::of(&segments, registry).ok_or_else(unknown)?;
            return reference(&service.origin, objects, &place, &method, &query, || json_object(&headers, &body));
        }
        _ => {}
    }
    let action = last.trim_start_matches("microsoft.graph.");
    if method == Method::POST && ["abort", "redirect", "restoreFactoryDefaults", "create"].contains(&action) {
        segments.pop();
        let place = Place::of(&segments, registry).ok_or_else(unknown)?;
        return jobs::act(registry, objects, &caller, action, &place, json_object(&headers, &body)?);
    }
    let place = Place::of(&segments, registry).ok_or_else(unknown)?;
    let not_found = || Refusal::not_found(format!("There is no object at '{}'.", uri.path()));
    let answer = match (&method, &place) {
        (&Method::GET, Place::Collection(path)) => {
            let is_administrator = service.settings().printer_administrator;
            list(&service.origin, uri.path(), objects.items(path), &place, &query, is_administrator)?
        }
        (&Method::GET, _) => {
            let object = objects.get(&place).ok_or_else(not_found)?;
            let mut shown = query.shown(object, place.kind(), false);
            shown.insert("@odata.context".into(), json!(format!("{CONTEXT}{}/$entity", store::names_of(&segments))));
            Answer::ok(shown.into())
        }
        (&Method::POST, Place::Collection(path)) => {
            Answer::new(StatusCode::CREATED, objects.create(path, json_object(&headers, &body)?).into())
        }
        (&Method::PATCH, Place::Item(..) | Place::Single(_)) => {
            let changes = json_object(&headers, &body)?;
            if place.kind() == "jobs" {
                jobs::check_update(&caller, &changes)?;
            }
            Answer::ok(objects.update(&place, changes).ok_or_else(not_found)?.into())
        }
        (&Method::DELETE, Place::Item(path, id)) => {
            if !objects.delete(path, id) {
                return Err(not_found());
            }
            if let Some(printer) = path.strip_prefix("print/printers/").and_then(|rest| rest.strip_suffix("/jobs")) {
                registry.printers.get_mut(printer).map(|printer| printer.jobs.remove(id));
            }
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        _ => return Err(not_allowed()),
    };
    Ok(answer.into_response())
}

fn list(
    origin: &str,
    path: &str,
    items: &[Map<String, Value>],
    place: &Place,
    query: &Query,
    is_administrator: bool,
) -> Result<Answer, Refusal> {
    for unsupported in ["$count", "$search"] {
        if query.0.contains_key(unsupported) && ["shares", "jobs", "printers"].contains(&place.kind()) {
            return Err(Refusal::bad_request(format!("The query option '{unsupported}' is not supported.")));
        }
    }
    let from: usize = query.number("$skiptoken")?.or(query.number("$skip")?).unwrap_or(0);
    let page = query.number("$top")?.unwrap_or(PAGE).min(PAGE);
    let wanted = query.filter()?;
    let matching: Vec<&Map<String, Value>> = items
        .iter()
        .filter(|item| {
            wanted
                .as_deref()
                .is_none_or(|upn| item.get("createdBy").and_then(|by| by["userPrincipalName"].as_str()) == Some(upn))
        })
        .collect();
    let value: Vec<Value> = matching
        .iter()
        .skip(from)
        .take(page)
        .map(|item| {
            let mut shown = query.shown((*item).clone(), place.kind(), true);
            if place.kind() == "shares" && !is_administrator {
                shown.retain(|name, _| OF_A_SHARE.contains(&name.as_str()));
            }
            shown.into()
        })
        .collect();
    let mut body = json!({ "@odata.context": format!("{CONTEXT}{}", place.kind()), "value": value });
    if from + page < matching.len() {
        let rest = query.0.iter().filter(|(name, _)| !["$skip", "$skiptoken"].contains(&name.as_str()));
        let rest: String = rest.map(|(name, value)| format!("{name}={}&", encoded(value))).collect();
        body["@odata.nextLink"] = json!(format!("{origin}{path}?{rest}$skiptoken={}", from + page));
    }
    Ok(Answer::ok(body))
}

fn reference(
    origin: &str,
    store: &mut Store,
    place: &Place,
    method: &Method,
    query: &Query,
    body: impl FnOnce() -> Result<Map<String, Value>, Refusal>,
) -> Result<Response, Refusal> {
    let kind = if place.kind() == "allowedGroups" { "groups" } else { "users" };
    let no_content = || StatusCode::NO_CONTENT.into_response();
    let missing = || Refusal::not_found("There is no such reference.");
    match (method, place) {
        (&Method::GET, Place::Collection(path)) => {
            let all = store.items(path).iter();
            let value: Vec<Value> =
                all.map(|item| json!({ "@odata.id": format!("{origin}/v1.0/{kind}/{}", item["id"].as_str().unwrap_or_default()) })).collect();
            Ok(Answer::ok(json!({ "value": value })).into_response())
        }
        (&Method::POST, Place::Collection(path)) => {
            let body = body()?;
            let address = body.get("@odata.id").and_then(Value::as_str);
            let id = address.and_then(|address| address.rsplit_once(&format!("/{kind}/"))).map(|(_, id)| id);
            let id = id.ok_or_else(|| {
                Refusal::bad_request(format!("'@odata.id' must be the address of one of the {kind}."))
            })?;
            store.create(path, json!({ "id": id }).as_object().cloned().unwrap_or_default());
            Ok(no_content())
        }
        (&Method::DELETE, Place::Item(path, id)) => store.delete(path, id).then(no_content).ok_or_else(missing),
        (&Method::DELETE, Place::Collection(path)) => {
            let address = query.0.get("@id").ok_or_else(|| Refusal::bad_request("'@id' is missing."))?;
            let id = address.rsplit('/').next().unwrap_or_default().to_owned();
            store.delete(path, &id).then(no_content).ok_or_else(missing)
        }
        _ => Err(Refusal::bad_request("A reference can be listed, made and deleted.")),
    }
}

/// The options of OData, decoded.
struct Query(BTreeMap<String, String>);

impl Query {
    fn of(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Query(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decoded(name).unwrap_or_default(), decoded(value).unwrap_or_default()))
                .collect(),
        )
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let read =
            |text: &String| text.parse().map_err(|_| Refusal::bad_request(format!("'{name}' must be a whole number.")));
        self.0.get(name).map(read).transpose()
    }

    /// The one filter that is documented: whose job it is.
    fn filter(&self) -> Result<Option<String>, Refusal> {
        let Some(filter) = self.0.get("$filter") else { return Ok(None) };
        let name = filter.strip_prefix("createdBy/userPrincipalName eq '").and_then(|rest| rest.strip_suffix('\''));
        name.map(|name| Some(name.replace("''", "'")))
            .ok_or_else(|| Refusal::bad_request(format!("The filter '{filter}' is not supported.")))
    }

    /// What is shown of an object: what was selected, and capabilities and documents only when they were asked for.
    fn shown(&self, mut object: Map<String, Value>, kind: &str, is_list: bool) -> Map<String, Value> {
        let names = |option: &str| -> Vec<String> {
            self.0
                .get(option)
                .map(|names| names.split(',').map(|name| name.trim().to_owned()).collect())
                .unwrap_or_default()
        };
        let (selected, expanded) = (names("$select"), names("$expand"));
        object.retain(|name, _| match name.as_str() {
            "documents" | "tasks" if kind == "jobs" => expanded.iter().any(|wanted| wanted == name),
            "capabilities" => !is_list && selected.iter().any(|wanted| wanted == name),
            "defaults" if is_list => false,
            _ => selected.is_empty() || name == "id" || selected.iter().any(|wanted| wanted == name),
        });
        object
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        let hex = (first == b'%').then(|| std::str::from_utf8(more.get(..2)?).ok()).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
