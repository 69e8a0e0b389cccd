//! Every fault, and what has to come of it when it strikes a range once.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use mgprint::ErrorKind;
use mgprint_emulator::faults::*;
use mgprint_emulator::Cut;

use super::{LAST, PIECE, SIZE};

/// What has to come of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It goes on, and the document is delivered; where it struck the last range, perhaps unconfirmed.
    Delivered,
    /// One error, of one of these kinds.
    Fails(&'static [ErrorKind]),
    /// Either, as long as the promise holds.
    Promise,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub fault: Fault,
    pub expect: Expect,
    /// Silence is a part of it: the upload must not wait a minute for its end.
    pub silent: bool,
    /// Strikes at connections, not at requests.
    pub at_connections: bool,
    /// It says what is not so and cannot be found out once the session is gone: that it is gone, or that bytes were kept.
    pub misleads: bool,
    /// It says that the document is complete when the last range came, in every word as the service does.
    pub claims_the_document: bool,
}

fn case(name: impl Into<String>, fault: Fault, expect: Expect) -> Case {
    let (silent, at_connections) = (matches!(fault, Fault::Stall(_)), matches!(fault, Fault::CutConnection(_)));
    let misleads = match &fault {
        Fault::Status(answer) => answer.status.is_success() || matches!(answer.status.as_u16(), 404 | 410),
        Fault::Hostile(answer) => answer.status.is_success(),
        Fault::ForgetBytes(_) => true,
        _ => false,
    };
    let claims_the_document =
        matches!(&fault, Fault::Status(answer) if answer.body.as_ref().is_some_and(|body| body.contains("\"id\"")));
    Case { name: name.into(), fault, expect, silent, at_connections, misleads, claims_the_document }
}

/// All of them. They are aimed at a place in the document by whoever plans them.
pub fn all() -> Vec<Case> {
    [lines(), paces(), statuses(), retry_afters(), ranges(), rewritten(), redirects(), states(), hostile()].concat()
}

fn lines() -> Vec<Case> {
    let mut cases = Vec::new();
    for how in [Cut::Reset, Cut::Close] {
        for after_bytes in [0, 40] {
            let fault = Fault::CutConnection(CutConnection { after_bytes, how });
            cases.push(case(format!("connection cut after {after_bytes} bytes, {how:?}"), fault, Expect::Delivered));
        }
        for after_bytes in [0, 1, LAST / 2, LAST - 1, LAST, PIECE - 1] {
            let fault = Fault::CutBody(CutBody { after_bytes, how });
            cases.push(case(format!("body cut after {after_bytes} bytes, {how:?}"), fault, Expect::Delivered));
        }
        let fault = Fault::LoseRequest(LoseRequest { how });
        cases.push(case(format!("request lost, {how:?}"), fault, Expect::Delivered));
        let fault = Fault::LoseAnswer(LoseAnswer { how });
        cases.push(case(format!("answer lost, {how:?}"), fault, Expect::Delivered));
        // Of the last range it can complete the document behind the back of whoever sends that again.
        for after_ms in [0, 5, 40, 200, 700] {
            let fault = Fault::KeepLate(KeepLate { after_ms, how });
            cases.push(case(format!("kept {after_ms} ms late, {how:?}"), fault, Expect::Promise));
        }
        for part in [AnswerPart::Status, AnswerPart::Headers, AnswerPart::Body] {
            let fault = Fault::CutAnswer(CutAnswer { part, how });
            cases.push(case(format!("answer cut in its {part:?}, {how:?}"), fault, Expect::Delivered));
        }
    }
    cases
}

fn paces() -> Vec<Case> {
    let mut cases = vec![
        case("stall after the body", Fault::Stall(Stall::default()), Expect::Delivered),
        case("stall in the body", Fault::Stall(Stall { after_bytes: Some(10) }), Expect::Delivered),
    ];
    for (what, bytes) in [(Dripping::Request, 10_000), (Dripping::Answer, 20)] {
        let fault = Fault::Drip(Drip { bytes, every_ms: 20, what });
        cases.push(case(format!("{what:?} drips"), fault, Expect::Delivered));
    }
    for (after_ms, how) in [(0, Cut::Close), (3, Cut::Close), (3, Cut::Reset), (20, Cut::Close)] {
        let fault = Fault::CloseIdle(CloseIdle { after_ms, how });
        cases.push(case(format!("idle connection ended after {after_ms} ms, {how:?}"), fault, Expect::Delivered));
    }
    cases
}

fn status(code: u16) -> StatusAnswer {
    StatusAnswer::new(StatusCode::from_u16(code).unwrap())
}

fn statuses() -> Vec<Case> {
    let mut cases = Vec::new();
    for code in [400, 401, 403, 409, 413] {
        cases.push(case(format!("{code}"), Fault::Status(status(code)), Expect::Fails(&[ErrorKind::RequestFailed])));
    }
    for code in [404, 410] {
        cases.push(case(format!("{code}"), Fault::Status(status(code)), Expect::Fails(&[ErrorKind::SessionGone])));
    }
    for code in [408, 416, 423, 429, 500, 502, 503, 504] {
        cases.push(case(format!("{code}"), Fault::Status(status(code)), Expect::Delivered));
    }
    for code in [413, 503] {
        let early = StatusAnswer { early: true, ..status(code) };
        cases.push(case(format!("{code} before the body"), Fault::Status(early), Expect::Promise));
    }
    for (code, expect) in
        [(200, Expect::Delivered), (403, Expect::Fails(&[ErrorKind::UnexpectedResponse])), (502, Expect::Delivered)]
    {
        let page = HtmlPage { status: StatusCode::from_u16(code).unwrap(), ..HtmlPage::default() };
        cases.push(case(format!("HTML with {code}"), Fault::Html(page), expect));
    }
    // Success in place of the service, which keeps nothing: what was told is found out by asking.
    for (code, body) in [(200, ""), (201, ""), (202, ""), (204, ""), (202, "{}"), (202, r#"{"nextExpectedRanges":[]}"#)]
    {
        let answer = StatusAnswer { body: Some(body.to_owned()), ..status(code) };
        cases.push(case(format!("{code} '{body}', and nothing kept"), Fault::Status(answer), Expect::Delivered));
    }
    let whole = format!(r#"{{"id":"d","documentName":"TestFile.pdf","contentType":"application/pdf","size":{SIZE}}}"#);
    let answer = StatusAnswer { body: Some(whole), ..status(201) };
    cases.push(case("201 with the document, and nothing kept", Fault::Status(answer), Expect::Delivered));
    cases
}

fn retry_afters() -> Vec<Case> {
    let date = |offset: i64| {
        let offset = Duration::from_secs(offset.unsigned_abs());
        httpdate::fmt_http_date(SystemTime::now() + offset)
    };
    let past = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(3600));
    let late: &[ErrorKind] = &[ErrorKind::RequestFailed];
    let mut cases = Vec::new();
    for code in [429, 503] {
        for (value, expect) in [
            ("0".to_owned(), Expect::Delivered),
            ("1".to_owned(), Expect::Delivered),
            (date(1), Expect::Delivered),
            (past.clone(), Expect::Delivered),
            ("soon".to_owned(), Expect::Delivered),
            ("-1".to_owned(), Expect::Delivered),
            ("86400".to_owned(), Expect::Fails(late)),
            ("99999999999999999999999999".to_owned(), Expect::Fails(late)),
            (date(7 * 86_400), Expect::Fails(late)),
        ] {
            let answer = StatusAnswer { retry_after: Some(value.clone()), ..status(code) };
            cases.push(case(format!("{code}, Retry-After: {value}"), Fault::Status(answer), expect));
        }
    }
    cases
}

fn ranges() -> Vec<Case> {
    use RangesForm::*;
    let forms = [
        Split,
        OutOfOrder,
        Overlapping,
        Open,
        Bare,
        OnePastEnd,
        FarPastEnd,
        Backwards,
        Hole,
        Empty,
        Malformed,
        Missing,
        Null,
    ];
    forms.map(|form| case(format!("ranges: {form:?}"), Fault::Ranges(Ranges { form }), Expect::Delivered)).into()
}

fn rewritten() -> Vec<Case> {
    let rewrite = |code: u16, body: Option<&str>| {
        let status = Some(StatusCode::from_u16(code).unwrap());
        Fault::Rewrite(Rewrite { status, body: body.map(str::to_owned), content_type: None })
    };
    let mut cases = Vec::new();
    for code in [200, 201, 202, 203, 204] {
        cases.push(case(format!("{code}, otherwise right"), rewrite(code, None), Expect::Delivered));
        cases.push(case(format!("{code} without a body"), rewrite(code, Some("")), Expect::Delivered));
        cases.push(case(format!("{code} with an empty object"), rewrite(code, Some("{}")), Expect::Delivered));
    }
    for code in [200, 201, 202] {
        for body in ["[]", "not JSON", "{\"size\":", "\"text\"", "null"] {
            cases.push(case(format!("{code} with {body}"), rewrite(code, Some(body)), Expect::Delivered));
        }
        cases.push(case(format!("{code} with another size"), rewrite(code, Some("{\"size\":1}")), Expect::Promise));
        let nothing = r#"{"nextExpectedRanges":[]}"#;
        cases.push(case(format!("{code} that expects nothing"), rewrite(code, Some(nothing)), Expect::Delivered));
    }
    cases
}

fn redirects() -> Vec<Case> {
    let refused = Expect::Fails(&[ErrorKind::RedirectRefused]);
    let redirect = |code: u16, location: &str, expect| {
        let fault = Redirect { status: StatusCode::from_u16(code).unwrap(), location: location.to_owned() };
        case(format!("{code} to {location}"), Fault::Redirect(fault), expect)
    };
    let mut cases = Vec::new();
    for code in [300, 301, 302, 303, 304] {
        cases.push(redirect(code, "{target}", refused));
    }
    for code in [307, 308] {
        cases.push(redirect(code, "{target}", Expect::Delivered));
        cases.push(redirect(code, "http://127.0.0.2:9{target}", refused));
        cases.push(redirect(code, "https://example.com/", refused));
        cases.push(redirect(code, "file:///etc/passwd", refused));
        cases.push(redirect(code, "http://[", refused));
    }
    cases
}

fn states() -> Vec<Case> {
    let mut cases = vec![
        case("outage", Fault::Outage(Outage { for_ms: 150 }), Expect::Delivered),
        case("bytes forgotten", Fault::ForgetBytes(ForgetBytes::default()), Expect::Delivered),
        case(
            "some bytes forgotten",
            Fault::ForgetBytes(ForgetBytes { bytes: Some([100, PIECE + 7]) }),
            Expect::Delivered,
        ),
    ];
    for why in [End::Expired, End::Deleted] {
        let before = Fault::EndSession(EndSession { why, after: false });
        cases.push(case(format!("session {why:?}"), before, Expect::Fails(&[ErrorKind::SessionGone])));
        // After the last range it is complete, and cannot end any more.
        let after = Fault::EndSession(EndSession { why, after: true });
        cases.push(case(format!("session {why:?} after the answer"), after, Expect::Promise));
    }
    cases
}

fn hostile() -> Vec<Case> {
    use Measureless::*;
    let mut cases = Vec::new();
    for (what, amount) in [
        (Bytes, 0),
        (AnnouncedBytes, 0),
        (CompressedBytes, 3 << 20),
        (Levels, 100_000),
        (Ranges, 50_000),
        (Controls, 0),
    ] {
        for code in [200, 202, 400, 503] {
            let fault = Fault::Hostile(Hostile { what, amount, status: StatusCode::from_u16(code).unwrap() });
            let expect = if code < 300 { Expect::Delivered } else { Expect::Promise };
            cases.push(case(format!("{what:?} without measure, {code}"), fault, expect));
        }
    }
    cases
}
