//! Writes the C header from the comments and signatures in src/ffi, and marks the library as one that is never
//! unloaded: its threads may still run when a host lets go of it.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/ffi");
    println!("cargo:rerun-if-changed=src/status.rs");
    println!("cargo:rerun-if-changed=src/session.rs");
    println!("cargo:rerun-if-changed=src/log_level.rs");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete,-soname,libmgprint.so.1"),
        Ok("macos") => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libmgprint.dylib"),
        _ => {}
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let header = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("mgprint.h");
    write_header(&root, &header);
}

fn write_header(root: &Path, header: &Path) {
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml can be read");
    config.after_includes = Some(versions());
    // In the order in which a reader needs them.
    let sources = [
        "../status",
        "status",
        "text",
        "option_key",
        "options",
        "client",
        "../session",
        "request",
        "upload",
        "print",
        "start",
        "../log_level",
        "event",
        "result",
        "operation",
        "error_view",
        "error",
    ];
    let builder = sources.iter().fold(cbindgen::Builder::new().with_config(config), |builder, name| {
        builder.with_src(root.join("src/ffi").join(format!("{name}.rs")))
    });
    let mut text = Vec::new();
    builder.generate().expect("src/ffi can be written as a C header").write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    std::fs::write(header, tidied(&text)).expect("OUT_DIR can be written to");
}

/// What cbindgen has no setting for: types by their names alone, comments of one line on one line, and a helper.
fn tidied(text: &str) -> String {
    let names = |keyword: &str, text: String| {
        text.replace(&format!("{keyword} mgprint_"), "mgprint_")
            .replace(&format!("typedef mgprint_{keyword}:"), &format!("typedef {keyword} mgprint_"))
    };
    let mut text = text.replace("typedef struct mgprint_", "typedef mgprint_struct:");
    text = names("struct", text.replace("typedef enum mgprint_", "typedef mgprint_enum:"));
    text = names("enum", text);
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let last = lines.len().saturating_sub(2);
        if line.trim() == "*/" && lines.get(last).is_some_and(|first| first.trim() == "/**") {
            let comment = lines.pop().expect("there are two");
            let first = lines.pop().expect("there are two");
            lines.push(format!("{first} {} */", comment.trim().trim_start_matches("* ")));
        } else {
            lines.push(line.to_owned());
        }
    }
    let text = lines.join("\n") + "\n";
    text.replacen("#ifdef __cplusplus\nextern", &format!("{HELPER}\n#ifdef __cplusplus\nextern"), 1)
}

const HELPER: &str = r#"/** A C string, which may be NULL, as an mgprint_str. */
static inline mgprint_str mgprint_str_of(const char *text) {
  mgprint_str str;
  str.data = text;
  str.len = text ? strlen(text) : 0;
  return str;
}
"#;

/// The library's version, as macros.
fn versions() -> String {
    let number = |name: &str| std::env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets it");
    let macros = ["MAJOR", "MINOR", "PATCH"].map(|name| format!("#define MGPRINT_VERSION_{name} {}", number(name)));
    format!("/* The version of the library that the header came with: mgprint_version tells that of the one that runs. */\n{}", macros.join("\n"))
}
