use super::layout::Layout;
use super::{PdfError, LARGEST};
use proptest::prelude::*;

fn made(bytes: u64) -> Vec<u8> {
    let mut document = Vec::new();
    Layout::of_size(bytes).unwrap().write(&mut document).unwrap();
    document
}

fn least() -> u64 {
    match Layout::of_size(0) {
        Err(PdfError::TooSmall { least, .. }) => least,
        other => panic!("{other:?}"),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Follows the file as a reader does: from its end to the table, from the table to each object.
fn check(document: &[u8]) -> u64 {
    assert!(document.starts_with(b"%PDF-1.7\n") && document.ends_with(b"\n%%EOF\n"));
    let tail = text(&document[document.len() - 40..]);
    let (_, offset) = tail.split_once("startxref\n").unwrap();
    let table: usize = offset.trim_end_matches("\n%%EOF\n").parse().unwrap();
    let table = text(&document[table..]);
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"));
    let entries: u64 = lines.next().unwrap()[2..].parse().unwrap();
    assert_eq!(lines.next(), Some("0000000000 65535 f "));
    for number in 1..entries {
        let entry = lines.next().unwrap();
        assert_eq!((entry.len(), &entry[10..]), (19, " 00000 n "));
        let object = &document[entry[..10].parse::<usize>().unwrap()..];
        assert!(object.starts_with(format!("{number} 0 obj\n").as_bytes()));
        check_stream(object);
    }
    assert_eq!(lines.next(), Some("trailer"));
    assert!(lines.next().unwrap().starts_with(&format!("<< /Size {entries} /Root 1 0 R")));
    entries
}

fn check_stream(object: &[u8]) {
    let head = &object[..object.len().min(80)];
    let Some(at) = head.windows(8).position(|w| w == b"\nstream\n") else {
        return;
    };
    let length = text(&head[..at]).split_once("/Length ").unwrap().1;
    let length: usize = length.trim_end_matches(" >>").parse().unwrap();
    assert!(object[at + 8 + length..].starts_with(b"endstream\nendobj\n"));
}

#[test]
fn a_size_below_one_page_is_refused_with_a_sentence() {
    let refusal = Layout::of_size(100).unwrap_err().to_string();
    assert_eq!(refusal, format!("A PDF of 100 bytes cannot be made: a page of text takes at least {} bytes.", least()));
    assert!(matches!(Layout::of_size(LARGEST + 1), Err(PdfError::TooLarge { .. })));
}

#[test]
fn every_size_around_a_digit_more_is_met() {
    // Where the offset of the table grows from five digits to six, and where a second page begins to fit.
    for bytes in (least()..least() + 40).chain(100_000..101_200) {
        assert_eq!(made(bytes).len() as u64, bytes);
    }
}

#[test]
fn the_sizes_of_the_demo_are_met() {
    for bytes in [4_533_322, 67_108_864] {
        let document = made(bytes);
        assert_eq!(document.len() as u64, bytes);
        assert!(check(&document) > 100);
    }
}

#[test]
fn the_same_size_gives_the_same_bytes() {
    assert_eq!(made(123_456), made(123_456));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_size_is_met_by_a_sound_document(bytes in 8_000u64..3_000_000) {
        let document = made(bytes);
        prop_assert_eq!(document.len() as u64, bytes);
        check(&document);
    }
}
