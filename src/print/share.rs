//! Printer shares by their names.

use serde_json::{Map, Value};

use super::cache::Cache;
use super::call;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::redact;
use crate::http::response::{member, Response};

/// How many names an error lists.
const LISTED: usize = 5;

static FOUND: Cache<Share> = Cache::new();

/// A printer share, as far as every user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its id.
    pub id: String,
    /// Its name; several shares may have the same.
    pub name: String,
}

/// The share that has a name, in upper or lower case, or an id.
///
/// # Errors
/// [`ErrorKind::ShareNotFound`] with the names that are nearest, or with the ids of the shares that have the same name; and
/// what the network and the service can do.
pub async fn find_share(
    client: &Client,
    name: &str,
    headers: &[(String, String)],
    options: &CallOptions,
) -> Result<Share> {
    if name.trim().is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "The name of the printer share is empty."));
    }
    FOUND.get(client, name, || async { choose(name, list(client, headers, options).await?) }).await
}

/// Forgets where a name led, as when the share was made anew since.
pub(super) fn forget(client: &Client, name: &str) {
    FOUND.forget(client, name);
}

async fn list(client: &Client, headers: &[(String, String)], options: &CallOptions) -> Result<Vec<Share>> {
    let first = "/print/shares?$select=id,displayName".to_owned();
    let read = |share: &Map<String, Value>, _: &Response| {
        let text = |name| Some(member(share, name)?.as_str()?.to_owned());
        Some(Share { id: text("id")?, name: text("displayName").unwrap_or_default() })
    };
    call::list(client, headers, options, first, "list printer shares", read).await
}

fn choose(name: &str, shares: Vec<Share>) -> Result<Share> {
    let shown = redact::clean(name);
    if let Some(share) = shares.iter().find(|share| share.id.eq_ignore_ascii_case(name)) {
        return Ok(share.clone());
    }
    let wanted = name.to_lowercase();
    let same: Vec<&Share> = shares.iter().filter(|share| share.name.to_lowercase() == wanted).collect();
    let error = |message: String| Error::new(ErrorKind::ShareNotFound, message);
    match same.as_slice() {
        [share] => Ok((*share).clone()),
        [] if shares.is_empty() => {
            let message =
                format!("There is no printer share named '{shown}': the service shows this account none at all.");
            Err(error(message).with_next_step("Check the account, and the Universal Print licence of its tenant."))
        }
        [] => {
            let mut nearest: Vec<(usize, &str)> = shares
                .iter()
                .map(|share| (distance(&wanted, &share.name.to_lowercase()), share.name.as_str()))
                .collect();
            nearest.sort_unstable();
            let is_near = nearest[0].0 * 2 <= wanted.chars().count();
            let nearest: Vec<String> =
                nearest.iter().take(LISTED).map(|(_, name)| format!("'{}'", redact::clean(name))).collect();
            let others = if shares.len() > nearest.len() {
                format!(" There are {} shares.", shares.len())
            } else {
                String::new()
            };
            let instead = match is_near {
                true => format!("Did you mean {}?", nearest.join(" or ")),
                false => format!("The service shows this account {}.", nearest.join(", ")),
            };
            let message = format!("There is no printer share named '{shown}'. {instead}{others}");
            Err(error(message).with_next_step("Give the name of a share as the service has it, or its id."))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|share| share.id.as_str()).collect();
            let ids = redact::clean(&ids.join(", "));
            let message = format!("{} printer shares are named '{shown}', with the ids {ids}.", several.len());
            Err(error(message).with_next_step("Give the id of one."))
        }
    }
}

/// How many letters differ (Levenshtein); none where one name is a part of the other.
fn distance(a: &str, b: &str) -> usize {
    if a.contains(b) || b.contains(a) {
        return 0;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(names: &[&str]) -> Vec<Share> {
        names.iter().enumerate().map(|(id, name)| Share { id: format!("id-{id}"), name: (*name).to_owned() }).collect()
    }

    #[test]
    fn a_share_is_found_by_name_or_id() {
        let all = shares(&["HP 2nd floor", "Büro 'Süd'", "x"]);
        for (given, id) in [("hp 2ND floor", "id-0"), ("BÜRO 'SÜD'", "id-1"), ("ID-2", "id-2")] {
            assert_eq!(choose(given, all.clone()).unwrap().id, id);
        }
    }

    #[test]
    fn what_is_unknown_or_ambiguous_is_told_with_what_there_is() {
        let unknown = choose("HP 3rd flor", shares(&["Lobby", "HP 2nd floor", "HP 3rd floor"])).unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::ShareNotFound);
        assert!(unknown.message().ends_with("Did you mean 'HP 3rd floor' or 'HP 2nd floor' or 'Lobby'?"), "{unknown}");
        let far = choose("Nope", shares(&["Lobby", "HP"])).unwrap_err();
        assert!(far.message().ends_with("The service shows this account 'HP', 'Lobby'."), "{far}");
        let twice = choose("lobby", shares(&["Lobby", "LOBBY"])).unwrap_err();
        assert!(twice.message().ends_with("the ids id-0, id-1."), "{twice}");
        assert!(choose("x", Vec::new()).unwrap_err().message().contains("none at all"));
    }
}
