//! The objects of the tree, whatever they are: JSON under the path of the collection or singleton that holds them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{json, Map, Value};
use uuid::Uuid;

use super::jobs;
use crate::clock;
use crate::registry::Registry;

/// What may stand below what: a collection or, after the mark, a single object.
const TREE: [(&str, &[&str]); 11] = [
    ("print", &["connectors", "operations", "printers", "services", "shares", "taskDefinitions"]),
    ("printers", &["connectors", "jobs", "shares", "taskTriggers"]),
    ("shares", &["allowedGroups", "allowedUsers", "jobs", "!printer"]),
    ("jobs", &["documents", "tasks"]),
    ("tasks", &["!definition", "!trigger"]),
    ("taskTriggers", &["!definition"]),
    ("taskDefinitions", &["tasks"]),
    ("services", &["endpoints"]),
    ("allowedGroups", &["serviceProvisioningErrors"]),
    ("allowedUsers", &["serviceProvisioningErrors", "!mailboxSettings"]),
    ("documents", &[]),
];

/// The names of a path, without the ids: print/shares/jobs.
pub(super) fn names_of(segments: &[String]) -> String {
    let is_name = |segment: &&String| {
        let known = |name: &str| name.trim_start_matches('!') == segment.as_str();
        TREE.iter().any(|(name, below)| known(name) || below.iter().any(|name| known(name)))
    };
    segments.iter().filter(is_name).cloned().collect::<Vec<_>>().join("/")
}

/// A place in the tree, as a path names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A collection, by its path.
    Collection(String),
    /// An item of a collection.
    Item(String, String),
    /// An object that there is one of.
    Single(String),
}

impl Place {
    /// Reads the decoded segments below the version; what a share has of its printer's is the printer's.
    pub(super) fn of(segments: &[String], registry: &Registry) -> Option<Self> {
        let (first, mut rest) = segments.split_first()?;
        if first != "print" {
            return None;
        }
        let (mut path, mut kind, mut place) =
            ("print".to_owned(), "print".to_owned(), Place::Single("print".to_owned()));
        while let Some((segment, more)) = rest.split_first() {
            let below = TREE.iter().find(|(name, _)| *name == kind)?.1;
            rest = more;
            if below.contains(&format!("!{segment}").as_str()) {
                if let ("shares", "printer", Place::Item(_, share)) = (kind.as_str(), segment.as_str(), &place) {
                    let printer = registry.shares.get(share)?.clone();
                    (path, kind) = (format!("print/printers/{printer}"), "printers".to_owned());
                    place = Place::Item("print/printers".to_owned(), printer);
                } else {
                    path = format!("{path}/{segment}");
                    (kind, place) = (segment.clone(), Place::Single(path.clone()));
                }
                continue;
            }
            if !below.contains(&segment.as_str()) {
                return None;
            }
            if let ("shares", "jobs", Place::Item(_, share)) = (kind.as_str(), segment.as_str(), &place) {
                path = format!("print/printers/{}", registry.shares.get(share)?);
            }
            let collection = format!("{path}/{segment}");
            kind.clone_from(segment);
            match rest.split_first() {
                Some((id, more)) if kind != "serviceProvisioningErrors" => {
                    rest = more;
                    path = format!("{collection}/{id}");
                    place = Place::Item(collection, id.clone());
                }
                Some(_) => return None,
                None => place = Place::Collection(collection),
            }
        }
        Some(place)
    }

    /// Of what kind the objects are: the last name of the path.
    pub(super) fn kind(&self) -> &str {
        let (Place::Collection(path) | Place::Item(path, _) | Place::Single(path)) = self;
        path.rsplit('/').next().unwrap_or_default()
    }
}

type Object = Map<String, Value>;

/// Every object, in the order in which it was made.
#[derive(Debug, Default)]
pub(crate) struct Store {
    items: BTreeMap<String, Vec<Object>>,
    singles: BTreeMap<String, Object>,
    /// Of the registry's objects: what is not to come back.
    deleted: BTreeSet<String>,
    made: u64,
}

impl Store {
    pub(super) fn items(&self, collection: &str) -> &[Object] {
        self.items.get(collection).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, place: &Place) -> Option<Object> {
        match place {
            Place::Item(collection, id) => {
                self.items(collection).iter().find(|item| item["id"] == id.as_str()).cloned()
            }
            Place::Single(path) => self.singles.get(path).cloned(),
            Place::Collection(_) => None,
        }
    }

    /// Makes an item; the service gives it an id.
    pub(super) fn create(&mut self, collection: &str, mut object: Object) -> Object {
        self.made += 1;
        object.entry("id").or_insert_with(|| json!(Uuid::new_v4().to_string()));
        if ["tasks", "operations"].iter().any(|kind| collection.ends_with(kind)) {
            object.entry("createdDateTime").or_insert_with(|| json!(clock::ticks(std::time::SystemTime::now())));
        }
        self.items.entry(collection.to_owned()).or_default().push(object.clone());
        object
    }

    /// Sets what is given and leaves the rest.
    pub(super) fn update(&mut self, place: &Place, changes: Object) -> Option<Object> {
        let object = match place {
            Place::Item(collection, id) => {
                self.items.get_mut(collection)?.iter_mut().find(|item| item["id"] == id.as_str())?
            }
            Place::Single(path) => self.singles.entry(path.clone()).or_default(),
            Place::Collection(_) => return None,
        };
        object.extend(changes);
        Some(object.clone())
    }

    pub(super) fn delete(&mut self, collection: &str, id: &str) -> bool {
        let Some(items) = self.items.get_mut(collection) else { return false };
        let before = items.len();
        items.retain(|item| item["id"] != id);
        self.deleted.insert(format!("{collection}/{id}"));
        items.len() < before
    }

    /// Takes over what the registry knows: printers and shares once, and jobs as they are now.
    pub(super) fn follow(&mut self, registry: &Registry) {
        self.singles.entry("print".to_owned()).or_insert_with(|| {
            json!({ "settings": { "documentConversionEnabled": true } }).as_object().cloned().unwrap_or_default()
        });
        for (id, printer) in &registry.printers {
            let share = printer.share.as_str();
            self.adopt("print/printers", id, || printer_body(id, &printer.content_types, false));
            self.adopt("print/shares", share, || printer_body(share, &printer.content_types, true));
            self.adopt(&format!("print/printers/{id}/shares"), share, || {
                printer_body(share, &printer.content_types, true)
            });
            let jobs = format!("print/printers/{id}/jobs");
            for (job_id, job) in &printer.jobs {
                let Some(document) = registry.documents.get(&job.document) else { continue };
                let body = jobs::job_body(job_id, job, document);
                self.adopt(&jobs, job_id, || body.clone());
                // The configuration may have been changed here.
                let now = body.into_iter().filter(|(name, _)| name != "configuration").collect();
                self.update(&Place::Item(jobs.clone(), job_id.clone()), now);
            }
        }
    }

    fn adopt(&mut self, collection: &str, id: &str, body: impl FnOnce() -> Object) {
        let is_known = self.deleted.contains(&format!("{collection}/{id}"))
            || self.items(collection).iter().any(|item| item["id"] == id);
        if !is_known {
            self.items.entry(collection.to_owned()).or_default().push(body());
        }
    }
}

fn printer_body(id: &str, content_types: &[String], is_share: bool) -> Object {
    let mut body = json!({
        "id": id,
        "displayName": format!("Printer {id}"),
        "manufacturer": "Contoso",
        "model": "C3000",
        "isAcceptingJobs": true,
        "location": { "building": "1", "city": "Berlin" },
        "status": { "state": "idle", "details": [], "description": "" },
        "defaults": { "copiesPerJob": 1, "contentType": content_types.first() },
        "capabilities": {
            "contentTypes": content_types,
            "mediaSizes": ["A4", "North America Letter"],
            "colorModes": ["blackAndWhite", "color"],
            "duplexModes": ["oneSided", "flipOnLongEdge"],
            "copiesPerJob": { "start": 1, "end": 99 },
        },
    });
    let own = if is_share {
        json!({ "allowAllUsers": true, "createdDateTime": "2030-01-01T00:00:00.0000000Z" })
    } else {
        json!({ "isShared": true, "hasPhysicalDevice": true, "registeredDateTime": "2030-01-01T00:00:00.0000000Z" })
    };
    if let Some((body, own)) = body.as_object_mut().zip(own.as_object()) {
        body.extend(own.clone());
    }
    body.as_object().cloned().unwrap_or_default()
}
