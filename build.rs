//! Writes the C header from the comments and signatures in src/ffi, and marks the library as one that is never
//! unloaded: its threads may still run when a host lets go of it.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/ffi");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete"),
        Ok("macos") => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libmgprint.dylib"),
        _ => {}
    }
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let header = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("mgprint.h");
    write_header(&root, &header);
}

fn write_header(root: &Path, header: &Path) {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml can be read");
    // In the order in which a reader needs them.
    let sources = [
        "status",
        "text",
        "options",
        "client",
        "request",
        "session",
        "upload",
        "send",
        "resume",
        "event",
        "result",
        "operation",
        "wait",
        "supply",
        "renewal",
        "error",
    ];
    let builder = sources.iter().fold(cbindgen::Builder::new().with_config(config), |builder, name| {
        builder.with_src(root.join("src/ffi").join(format!("{name}.rs")))
    });
    let mut text = Vec::new();
    builder.generate().expect("src/ffi can be written as a C header").write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    // Rust's heading for what a caller must promise, in words that a C programmer uses.
    std::fs::write(header, text.replace(" * # Safety\n", " * Memory:\n")).expect("OUT_DIR can be written to");
}
