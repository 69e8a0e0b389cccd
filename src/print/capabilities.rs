//! What a share can do, compared with what is asked of it, before a job is made.

use serde_json::{Map, Value};

use super::cache::Cache;
use super::job::Jobs;
use super::PrintRequest;
use crate::error::{Error, ErrorKind, Result};
use crate::http::redact;
use crate::http::response::member;

static KNOWN: Cache<Map<String, Value>> = Cache::new();

/// A property of a job's configuration, and the capability that lists its values.
const LISTED: [(&str, &str); 14] = [
    ("colorMode", "colorModes"),
    ("dpi", "dpis"),
    ("duplexMode", "duplexModes"),
    ("feedOrientation", "feedOrientations"),
    ("finishings", "finishings"),
    ("inputBin", "inputBins"),
    ("mediaSize", "mediaSizes"),
    ("mediaType", "mediaTypes"),
    ("multipageLayout", "multipageLayouts"),
    ("orientation", "orientations"),
    ("outputBin", "outputBins"),
    ("pagesPerSheet", "pagesPerSheet"),
    ("quality", "qualities"),
    ("scaling", "scalings"),
];

/// A property that a share takes or does not take at all, and the capability that says so.
const SWITCHED: [(&str, &str); 2] = [("pageRanges", "isPageRangeSupported"), ("fitPdfToPage", "supportsFitPdfToPage")];

/// The service converts these for a printer that takes PDF, where the tenant lets it.
const CONVERTED: [&str; 2] = ["application/oxps", "application/vnd.ms-xpsdocument"];

/// Asks a share, once for many documents, what it can do, and gives the configuration in the share's own spelling. A share
/// that does not say what it can do is tried.
///
/// # Errors
/// [`ErrorKind::NotSupported`] for what it cannot do, and what the network and the service can do.
pub(super) async fn check(jobs: &Jobs, request: &PrintRequest) -> Result<Map<String, Value>> {
    let mut configuration = request.configuration.clone();
    let address = format!("{}?$select=id,displayName,capabilities", jobs.parent_address());
    let parent = KNOWN.get(jobs.client(), &address, || jobs.get(&address, "get the printer's capabilities")).await;
    let parent = match parent {
        // Printing needs no permission to look.
        Err(error) if error.http_status() == Some(403) => return Ok(configuration),
        parent => parent?,
    };
    let name = member(&parent, "displayName").and_then(Value::as_str).unwrap_or(jobs.parent_id());
    if let Some(capabilities) = member(&parent, "capabilities").and_then(Value::as_object) {
        compare(&redact::clean(name), capabilities, &request.content_type, &mut configuration)?;
    }
    Ok(configuration)
}

fn compare(
    name: &str,
    capabilities: &Map<String, Value>,
    content_type: &str,
    configuration: &mut Map<String, Value>,
) -> Result<()> {
    let list = |name| member(capabilities, name).and_then(Value::as_array).filter(|list| !list.is_empty());
    let is_in = |list: &[Value], value: &Value| list.iter().any(|known| is_same(known, value));
    if let Some(types) = list("contentTypes") {
        let is_converted = CONVERTED.contains(&content_type) && is_in(types, &"application/pdf".into());
        if !is_converted && !is_in(types, &content_type.into()) {
            return Err(refuse(name, "contentType", &content_type.into(), &in_words(types)));
        }
    }
    for (property, capability) in LISTED {
        let (Some(value), Some(list)) = (configuration.get_mut(property), list(capability)) else { continue };
        let values = match value {
            Value::Null => continue,
            Value::Array(values) => values,
            one => std::slice::from_mut(one),
        };
        for value in values {
            let known = list.iter().find(|known| is_same(known, value));
            *value = known.ok_or_else(|| refuse(name, property, value, &in_words(list)))?.clone();
        }
    }
    for (property, capability) in SWITCHED {
        let wanted = configuration.get(property).filter(|value| !value.is_null() && **value != Value::Bool(false));
        if wanted.is_some() && member(capabilities, capability) == Some(&Value::Bool(false)) {
            return Err(unsupported(format!("'{name}' does not support {property}. Nothing was sent.")));
        }
    }
    let bounds = member(capabilities, "copiesPerJob");
    let bound = |name| bounds.and_then(|bounds| bounds.get(name)).and_then(Value::as_i64);
    if let (Some(value), Some(start), Some(end)) = (configuration.get("copies"), bound("start"), bound("end")) {
        if value.as_i64().is_some_and(|copies| !(start..=end).contains(&copies)) {
            return Err(refuse(name, "copies", value, &format!("{start} to {end}")));
        }
    }
    Ok(())
}

fn is_same(known: &Value, value: &Value) -> bool {
    match (known.as_str(), value.as_str()) {
        (Some(known), Some(value)) => known.eq_ignore_ascii_case(value),
        _ => known == value,
    }
}

fn in_words(list: &[Value]) -> String {
    let texts: Vec<String> =
        list.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), redact::clean)).collect();
    texts.join(", ")
}

fn refuse(name: &str, property: &str, value: &Value, takes: &str) -> Error {
    let value = in_words(std::slice::from_ref(value));
    unsupported(format!("'{name}' cannot print with {property} {value}; it takes {takes}. Nothing was sent."))
}

fn unsupported(message: String) -> Error {
    Error::new(ErrorKind::NotSupported, message).with_next_step("Ask for what it takes, or choose another share.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(configuration: Value) -> Result<Value> {
        let capabilities = json!({
            "contentTypes": ["application/pdf"], "copiesPerJob": {"start": 1, "end": 99}, "duplexModes": ["oneSided"],
            "dpis": [600], "mediaSizes": ["A4", "North America Letter"], "finishings": ["none", "staple"],
            "isPageRangeSupported": false, "colorModes": [],
        });
        let capabilities = capabilities.as_object().unwrap();
        let mut configuration = configuration.as_object().unwrap().clone();
        compare("HP", capabilities, "application/pdf", &mut configuration).map(|()| configuration.into())
    }

    #[test]
    fn what_a_share_lists_is_taken_and_what_it_does_not_speak_of_too() {
        for fine in [
            json!({"copies": 2, "duplexMode": "OneSided", "dpi": 600, "mediaSize": "a4", "finishings": ["staple"]}),
            json!({"colorMode": "color", "quality": "high", "collate": true, "copies": null, "pageRanges": null}),
        ] {
            with(fine).unwrap();
        }
        // In the share's own spelling, which is all that the service may know.
        let spelled = with(json!({"duplexMode": "ONESIDED", "mediaSize": "a4", "finishings": ["STAPLE"]})).unwrap();
        assert_eq!(spelled, json!({"duplexMode": "oneSided", "mediaSize": "A4", "finishings": ["staple"]}));
    }

    #[test]
    fn what_it_cannot_do_is_told_with_what_it_can() {
        for (asked, expected) in [
            (json!({"copies": 100}), "1 to 99"),
            (json!({"duplexMode": "flipOnLongEdge"}), "oneSided"),
            (json!({"dpi": 1200}), "600"),
            (json!({"finishings": ["staple", "punch"]}), "none, staple"),
            (json!({"pageRanges": [{"start": 1, "end": 3}]}), "does not support pageRanges"),
        ] {
            let error = with(asked).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotSupported);
            assert!(error.message().contains(expected), "{error}");
        }
    }

    #[test]
    fn xps_goes_to_a_printer_of_pdf_and_word_does_not() {
        let pdf = json!({"contentTypes": ["application/pdf"]});
        let send = |kind| compare("HP", pdf.as_object().unwrap(), kind, &mut Map::new());
        send("application/oxps").unwrap();
        let refused = send("application/msword").unwrap_err();
        assert!(refused.message().starts_with("'HP' cannot print with contentType application/msword;"), "{refused}");
    }
}
