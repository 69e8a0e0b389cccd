//! Files whose names are no UTF-8, named by a host whose texts are.
//!
//! On Unix a file's name is bytes. A host that shows one with replacement characters (U+FFFD) in place of what it cannot
//! decode, and passes that back, means the one file that is shown so.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

const REPLACEMENT: char = '\u{fffd}';

/// The path as it is on the disk; `None` when it is as it was given, or leads to nothing either way.
///
/// # Errors
/// A sentence when several files are shown by the same name.
pub(super) fn find(path: &Path) -> Result<Option<PathBuf>, &'static str> {
    if !path.to_str().is_some_and(|text| text.contains(REPLACEMENT)) {
        return Ok(None);
    }
    let mut found = PathBuf::new();
    for component in path.components() {
        let as_given = found.join(component);
        let is_elsewhere = match component {
            Component::Normal(name) => name.to_str().is_some_and(|name| name.contains(REPLACEMENT)),
            _ => false,
        };
        found = if is_elsewhere && is_missing(&as_given) {
            match shown_as(&found, &component.as_os_str().to_string_lossy()).as_slice() {
                [] => return Ok(None),
                [name] => found.join(name),
                _ => return Err("several files are shown by that name, since their names are no UTF-8"),
            }
        } else {
            as_given
        };
    }
    Ok(Some(found))
}

fn is_missing(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The names in a folder that are no UTF-8 and are shown so.
fn shown_as(folder: &Path, name: &str) -> Vec<OsString> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    names.filter(|entry| entry.to_str().is_none() && entry.to_string_lossy() == name).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn finds_the_one_file_that_is_shown_so() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join(OsStr::from_bytes(b"d\xe9pot"));
        std::fs::create_dir(&inner).unwrap();
        let file = inner.join(OsStr::from_bytes(b"caf\xe9.pdf"));
        std::fs::write(&file, "x").unwrap();
        let shown = folder.path().join("d\u{fffd}pot").join("caf\u{fffd}.pdf");
        assert_eq!(find(&shown), Ok(Some(file.clone())));
        assert_eq!(find(&file), Ok(None), "bytes are bytes already");
        assert_eq!(find(&folder.path().join("d\u{fffd}pot").join("none\u{fffd}.pdf")), Ok(None));
        assert_eq!(find(Path::new("/plain")), Ok(None));

        std::fs::write(inner.join(OsStr::from_bytes(b"caf\xe8.pdf")), "y").unwrap();
        assert!(find(&shown).is_err(), "nobody knows which");

        std::fs::write(inner.join("caf\u{fffd}.pdf"), "z").unwrap();
        assert_eq!(find(&shown), Ok(Some(inner.join("caf\u{fffd}.pdf"))), "that is its name");
    }
}
