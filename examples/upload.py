"""Sends a file to a print document with the C library, by ctypes alone.

    MGPRINT_ACCESS_TOKEN=... python3 upload.py PRINTER JOB DOCUMENT FILE

The library is found as the system finds it, or is the file that MGPRINT_LIBRARY names: after
`build.ps1 install -Prefix DIR` that is DIR/lib/libmgprint.so.1. The endpoint, the token, proxies and the like are taken
from the environment: see mgprint_options_from_env in mgprint.h.
"""

import ctypes
import os
import sys
from ctypes import POINTER, Structure, byref, c_bool, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

OK, UNCONFIRMED = 0, 2
FINISHED, PROGRESS, RETRY, LOG = 1, 2, 3, 4
FOREVER = 0xFFFFFFFF


class Str(Structure):
    _fields_ = [("data", c_void_p), ("len", c_size_t)]

    @classmethod
    def of(cls, text):
        """A text on its way in: the bytes live as long as the struct does."""
        text = text.encode()
        made = cls(ctypes.cast(c_char_p(text), c_void_p), len(text))
        made.kept = text
        return made

    def __str__(self):
        return ctypes.string_at(self.data, self.len).decode(errors="replace") if self.len else ""


def handle(name):
    return type(name, (Structure,), {"_fields_": [("id", c_uint64)]})


Options, Client, Request, Operation, Error = map(handle, ("Options", "Client", "Request", "Operation", "Error"))


class Document(Structure):
    _fields_ = [("parent_id", Str), ("job_id", Str), ("document_id", Str), ("name", Str), ("content_type", Str), ("parent", c_int)]


class Target(Structure):
    _fields_ = [("upload_url", Str), ("document", POINTER(Document)), ("request", Request)]


class Source(Structure):
    _fields_ = [("data", Str), ("name", Str), ("size", c_uint64), ("kind", c_int)]


class Event(Structure):
    _fields_ = [
        ("size", c_size_t), ("kind", c_int), ("level", c_int), ("bytes_done", c_uint64), ("bytes_total", c_uint64),
        ("bytes_per_second", c_uint64), ("attempt", c_uint32), ("max_attempts", c_uint32), ("delay_ms", c_uint64),
        ("offset", c_uint64), ("length", c_uint64), ("text", Str)]


class Range(Structure):
    _fields_ = [("start", c_uint64), ("end", c_uint64)]


class Result(Structure):
    _fields_ = [
        ("size", c_size_t), ("http_status", c_uint32), ("retries", c_uint32), ("json", Str), ("headers", Str),
        ("upload_url", Str), ("expires_at", c_int64), ("missing", POINTER(Range)),
        ("missing_count", c_size_t), ("missing_is_known", c_bool), ("bytes_total", c_uint64), ("bytes_done", c_uint64),
        ("elapsed_ms", c_uint64)]


class ErrorView(Structure):
    _fields_ = [
        ("size", c_size_t), ("status", c_int), ("http_status", c_uint32), ("retryable", c_bool), ("resumable", c_bool),
        ("id", Str), ("message", Str), ("next_step", Str), ("graph_code", Str), ("graph_message", Str),
        ("request_id", Str), ("client_request_id", Str), ("date", Str), ("headers", Str), ("secret_headers", Str), ("body", Str)]


class Failure(Exception):
    """What the library says of a failure."""


def load():
    library = ctypes.CDLL(os.environ.get("MGPRINT_LIBRARY", "libmgprint.so.1"))
    signatures = {
        "options_new": [POINTER(Options)],
        "options_from_env": [Options, POINTER(Error)],
        "options_free": [Options],
        "client_new": [Options, POINTER(Client), POINTER(Error)],
        "client_free": [Client],
        "upload_start": [Client, Options, POINTER(Target), POINTER(Source), POINTER(Operation), POINTER(Error)],
        "operation_next_event": [Operation, c_uint32, POINTER(POINTER(Event))],
        "operation_wait": [Operation, c_uint32, POINTER(POINTER(Result)), POINTER(Error)],
        "operation_free": [Operation],
        "error_read": [Error, POINTER(POINTER(ErrorView))],
        "error_free": [Error],
    }
    for name, arguments in signatures.items():
        function = getattr(library, "mgprint_" + name)
        function.argtypes, function.restype = arguments, c_int
    library.mgprint_abi_version.restype = c_uint32
    library.mgprint_status_name.argtypes, library.mgprint_status_name.restype = [c_int32], c_char_p
    if library.mgprint_abi_version() != 1:
        raise Failure("The library is of another version.")
    return library


def check(library, status, error=None):
    """Raises what went wrong."""
    if status in (OK, UNCONFIRMED):
        return status
    view = POINTER(ErrorView)()
    if error is None or library.mgprint_error_read(error, byref(view)) != OK:
        raise Failure(library.mgprint_status_name(status).decode())
    text = f"{view.contents.message} {view.contents.next_step}"
    library.mgprint_error_free(error)
    raise Failure(text)


def upload(library, printer, job, document_id, path):
    options, client, operation, error = Options(), Client(), Operation(), Error()
    try:
        check(library, library.mgprint_options_new(byref(options)))
        check(library, library.mgprint_options_from_env(options, byref(error)), error)
        check(library, library.mgprint_client_new(options, byref(client), byref(error)), error)
        texts = [Str.of(text) for text in (printer, job, document_id, os.path.basename(path), "application/pdf", path)]
        document = Document(*texts[:5], 1)  # of a printer; 2 is of a share
        target = Target(Str(), ctypes.pointer(document), Request())
        source = Source(texts[5], Str(), 0, 1)  # a path
        started = library.mgprint_upload_start(client, Options(), byref(target), byref(source), byref(operation), byref(error))
        check(library, started, error)
        event = POINTER(Event)()
        while True:
            check(library, library.mgprint_operation_next_event(operation, FOREVER, byref(event)))
            if event.contents.kind == FINISHED:
                break
            if event.contents.kind == PROGRESS:
                print(f"{event.contents.bytes_done} of {event.contents.bytes_total} bytes")
            elif event.contents.text.len:
                print(event.contents.text)
        result = POINTER(Result)()
        status = check(library, library.mgprint_operation_wait(operation, 0, byref(result), byref(error)), error)
        word = "delivered" if status == OK else "sent, and not confirmed; look at the print job"
        print(f"{word}: {result.contents.bytes_total} bytes in {result.contents.elapsed_ms} ms")
    finally:
        library.mgprint_operation_free(operation)
        library.mgprint_client_free(client)
        library.mgprint_options_free(options)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("Usage: upload.py PRINTER JOB DOCUMENT FILE")
    try:
        upload(load(), *sys.argv[1:])
    except Failure as failure:
        sys.exit(str(failure))
