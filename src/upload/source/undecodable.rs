//! Files whose names are no UTF-8, named by a host whose texts are.
//!
//! On Unix a file's name is bytes. A host that shows one with replacement characters (U+FFFD) in place of what it cannot
//! decode, and passes that back, means the one file that is shown so.

use std::path::{Path, PathBuf};

/// The path as it is on the disk; `None` when it is as it was given, or leads to nothing either way.
///
/// # Errors
/// A sentence when several files are shown by the same name.
pub(super) fn find(path: &Path) -> Result<Option<PathBuf>, &'static str> {
    if !path.to_str().is_some_and(|text| text.contains('\u{fffd}')) {
        return Ok(None);
    }
    let mut found = PathBuf::new();
    for component in path.components() {
        let as_given = found.join(component);
        if std::fs::symlink_metadata(&as_given).is_ok() {
            found = as_given;
            continue;
        }
        let folder = if found.as_os_str().is_empty() { Path::new(".") } else { &found };
        let name = component.as_os_str().to_string_lossy();
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let mut shown_so = names.filter(|entry| entry.to_str().is_none() && entry.to_string_lossy() == name);
        match (shown_so.next(), shown_so.next()) {
            (Some(only), None) => found.push(only),
            (None, _) => return Ok(None),
            _ => return Err("several files are shown by that name, since their names are no UTF-8"),
        }
    }
    Ok(Some(found))
}
