/*
 * mgprint: uploads documents to Microsoft Graph's Universal Print. C99, C++11. MIT licence.
 *
 * Generated from src/ffi and the enums that it names; change it there and run `build.ps1 header`. Everyday use, on one
 * page: docs/c-api.md.
 *
 * Conventions, which hold for every function:
 *
 *   Handles   A struct of its own for each type, around an id that is looked up and never a pointer. {0} is none. Made by
 *             _new, _copy and _start; freed once, by _free, which takes {0} too. One that is stale, doubled, of another type
 *             or made up is answered with INVALID_HANDLE, from any thread, at any time.
 *   Status    Functions that can fail return an mgprint_status: INVALID_ARGUMENT for NULL where something is needed,
 *             INVALID_HANDLE, INVALID_TEXT, INTERNAL, and what stands at each. Outputs are written on success alone. An
 *             `out_error` may be NULL; else it gets an error, which the host frees, or {0} on success and where the status
 *             says it all. The numbers of an enum never change; new ones may be added.
 *   {0}       Here it stands for a value of zeros, which C++ writes as {}.
 *   Text in   mgprint_str: UTF-8, no NUL needed; {0} for none; copied; at most 16 MiB. mgprint_str_of makes one of a C string.
 *   Text out  mgprint_str, with a NUL behind it, owned by the handle it was read from.
 *   Structs   Those that are handed out belong to a handle, and begin with their size: later versions may add members at
 *             the end. Those that are given never change.
 *   Memory    Memory that a pointer names must be there, and not change during the call: that is the host's promise.
 *   Options   Those that a call does not take are refused. {0} stands for none: the client's, or the defaults.
 *   Threads   Any thread may call anything; several may wait for one operation. The library's own threads are made with the
 *             first client, and block all signals.
 *   Waiting   `timeout_ms` 0 looks without waiting, UINT32_MAX waits for ever. Only mgprint_operation_next_event, _wait and
 *             _wait_any wait. Nothing calls back into the host.
 *   Fork      A child of a process that has made a client gets INVALID_STATE from all that needs one; after exec it is a new
 *             process. Fork while no other thread is in a call.
 *
 * The way of an operation, which mgprint_operation_cancel ends at any time, from any thread:
 *
 *   start -> next_event, until FINISHED -> wait -> free          or          start -> wait -> free
 */


#ifndef MGPRINT_H
#define MGPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* The version of the library that the header came with: mgprint_version tells that of the one that runs. */
#define MGPRINT_VERSION_MAJOR 3
#define MGPRINT_VERSION_MINOR 0
#define MGPRINT_VERSION_PATCH 0

/** The version of this ABI that the header describes; the number in the library's SONAME. */
#define MGPRINT_ABI_VERSION 1

/**
 * What kind of event it is. FINISHED comes after all that was waiting. BYTES_WANTED and TOKEN_WANTED come before it: nothing
 * moves without their answers. PROGRESS that nobody asked for in time is replaced by newer, but before a RETRY; of the others
 * 4,096 wait, and how many more were dropped a LOG event of level WARNING says.
 */
typedef enum mgprint_event_kind {
  /** The operation ended: mgprint_operation_wait has its result. The last event, which is given again from then on. */
  MGPRINT_EVENT_KIND_FINISHED = 1,
  /** How far an upload or a download is. bytes_done may go back before a RETRY, when what was on its way is lost. */
  MGPRINT_EVENT_KIND_PROGRESS = 2,
  /** Something failed and will be tried again. */
  MGPRINT_EVENT_KIND_RETRY = 3,
  /** A line for a log. */
  MGPRINT_EVENT_KIND_LOG = 4,
  /**
   * Of a document that the host feeds: the operation needs `length` of its bytes, at most 1 MiB, from `offset` on. Answered
   * with mgprint_operation_supply. Several may be open at once.
   */
  MGPRINT_EVENT_KIND_BYTES_WANTED = 5,
  /**
   * With RENEW_TOKEN: the service refused the token, and wants of another what is in `text`, in base64, or nothing more
   * than that it is another. Answered with mgprint_operation_renew; the operation waits.
   */
  MGPRINT_EVENT_KIND_TOKEN_WANTED = 6,
  /** Of a print: a job was made, or stands otherwise than before. `text` is JSON: printJobId, printDocumentId, status. */
  MGPRINT_EVENT_KIND_JOB = 7,
  /**
   * Of a print: a job waits for a document that may never come. It may have been made by a request whose response was
   * lost, or could not be canceled; another program may be about to use it. `text` is JSON: parentId, printJobId.
   */
  MGPRINT_EVENT_KIND_JOB_LEFT = 8,
} mgprint_event_kind;

/** Who a line is for. Each level includes those before it. */
typedef enum mgprint_log_level {
  /** Whoever looks at the result. */
  MGPRINT_LOG_LEVEL_WARNING = 0,
  /** Whoever wants the steps in words. */
  MGPRINT_LOG_LEVEL_VERBOSE = 1,
  /** Whoever wants requests and responses, with headers and bodies, secrets masked. */
  MGPRINT_LOG_LEVEL_DEBUG = 2,
} mgprint_log_level;

/** What can be set. A call refuses what is not for it, so nothing is set in vain. */
typedef enum mgprint_option {
  /** Client, text: where Graph requests and the token go; "https://graph.microsoft.com" when it is not set. */
  MGPRINT_OPTION_ENDPOINT = 1,
  /**
   * Client, text: the bearer token, without the word Bearer. It is kept in memory that is wiped, and goes to the
   * endpoint alone. Not needed to send bytes to an upload URL.
   */
  MGPRINT_OPTION_ACCESS_TOKEN = 2,
  /** Client, text: the whole User-Agent. */
  MGPRINT_OPTION_USER_AGENT = 3,
  /**
   * Client, text: the proxy's address, such as "http://proxy:8080"; a user name and password may stand in it. Requests
   * to loopback never go through it.
   */
  MGPRINT_OPTION_PROXY = 4,
  /** Client, text: the value of the SdkVersion header of Graph requests. */
  MGPRINT_OPTION_SDK_VERSION = 5,
  /** Client, text: the user name for the proxy. */
  MGPRINT_OPTION_PROXY_USER = 6,
  /** Client, text: the password of the proxy's user, which goes to that proxy alone. */
  MGPRINT_OPTION_PROXY_PASSWORD = 7,
  /** Client, text: hosts that are reached without the proxy, as NO_PROXY lists them. */
  MGPRINT_OPTION_PROXY_BYPASS = 8,
  /** Client, text: the path of a file of PEM certificates that are trusted beside the system's. */
  MGPRINT_OPTION_CA_FILE = 9,
  /**
   * Upload of a path, text: the path of a resume file. It holds the upload URL and what is needed to know the document
   * again, so that the same call goes on with the same upload after whatever ended this one. It is made when there is none
   * and removed when the document is complete; while it is in use, another upload with it ends with RESUME_FILE_IN_USE.
   */
  MGPRINT_OPTION_RESUME_FILE = 10,
  /**
   * With RESUME_FILE, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
   * resume file of another identity is refused.
   */
  MGPRINT_OPTION_RESUME_IDENTITY = 11,
  /**
   * Upload, session, text: a header for the requests to an upload URL, "Name: value". Each one that is set is added; those
   * that hold a secret by their name, such as Authorization, are refused.
   */
  MGPRINT_OPTION_UPLOAD_HEADER = 12,
  /** Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000. */
  MGPRINT_OPTION_CONNECT_TIMEOUT_MS = 20,
  /**
   * Operations, number: how long nothing may move, either way, in milliseconds, 1 to 86400000; default 60000. What the host
   * takes to answer an event is not counted.
   */
  MGPRINT_OPTION_IDLE_TIMEOUT_MS = 40,
  /**
   * Operations, number: consecutive tries without progress after the first, 0 to 1000; default 3 for a request to Graph
   * and 8 for an upload.
   */
  MGPRINT_OPTION_MAX_RETRY = 41,
  /** Upload, number: bytes of one range, 1 to 9999999; default 8192000. */
  MGPRINT_OPTION_CHUNK_SIZE = 42,
  /** Upload, number: ranges at once, 1 to 4; default 4. */
  MGPRINT_OPTION_MAX_CONCURRENCY = 43,
  /** Operations, number: the LOG events that are wanted, an mgprint_log_level; default WARNING. */
  MGPRINT_OPTION_LOG_LEVEL = 44,
  /**
   * Upload to an upload URL, STATUS, number: bytes that the session was created for, where that is known; a document of
   * another size is refused.
   */
  MGPRINT_OPTION_EXPECTED_SIZE = 45,
  /**
   * Upload to an upload URL, number: 1 when the host created the session this moment and nobody else knows it, so that
   * the first range goes without asking what is there; default 0.
   */
  MGPRINT_OPTION_FRESH_SESSION = 46,
  /** Uploads and downloads, number: 0 when nobody wants PROGRESS events; default 1. */
  MGPRINT_OPTION_PROGRESS = 47,
  /**
   * Operations with a token, number: 1 to be asked by TOKEN_WANTED for another token when the service refuses the
   * client's, once a request; default 0: to end with what the service said.
   */
  MGPRINT_OPTION_RENEW_TOKEN = 48,
  /**
   * Operations with a token, number: how long to wait before the first retry of a request to Graph, in milliseconds, 1 to
   * 180000; each further wait is twice as long, up to half a minute. The default is up to a second.
   */
  MGPRINT_OPTION_RETRY_DELAY_MS = 49,
} mgprint_option;

/** What a print job belongs to. */
typedef enum mgprint_job_parent {
  /** /print/printers/{id} */
  MGPRINT_JOB_PARENT_PRINTER = 1,
  /** /print/shares/{id} */
  MGPRINT_JOB_PARENT_SHARE = 2,
} mgprint_job_parent;

/** How a request may be sent. */
typedef enum mgprint_request_mode {
  /** Again after its response was lost: reading, changing, deleting, and whatever does no harm twice. */
  MGPRINT_REQUEST_MODE_REPEATABLE = 1,
  /** Not again after it may have arrived: a POST that creates something. */
  MGPRINT_REQUEST_MODE_ONCE = 2,
  /**
   * As the steps of a host's own pipeline left it: to any https address, with any body; and whatever is responded is
   * the result, also a refusal. `what` stays empty, and `client` may be {0} here, though not where it is sent.
   */
  MGPRINT_REQUEST_MODE_AS_IS = 3,
} mgprint_request_mode;

/** What is done with an upload session. */
typedef enum mgprint_session_action {
  /** Asks the service what it still misses (GET uploadUrl). */
  MGPRINT_SESSION_ACTION_STATUS = 1,
  /** Has the service forget it, and the bytes that it has (DELETE uploadUrl). */
  MGPRINT_SESSION_ACTION_CANCEL = 2,
} mgprint_session_action;

/** Where the bytes come from. */
typedef enum mgprint_source_kind {
  /**
   * A file: `data` is its path, relative to the process's directory. It is checked by the operation, before anything is sent.
   * A process sends 64 files at once, and others wait for their turn.
   */
  MGPRINT_SOURCE_KIND_PATH = 1,
  /** Bytes: `data`, of any length, copied during the call. */
  MGPRINT_SOURCE_KIND_BYTES = 3,
  /**
   * The host, with each BYTES_WANTED: `size` bytes. They are wanted in any order and, after a failure, again: what the host
   * reads from must be able to seek.
   */
  MGPRINT_SOURCE_KIND_HOST = 4,
} mgprint_source_kind;

/** How a call or an operation ended. The numbers never change; new ones may be added. */
typedef enum mgprint_status {
  /** It succeeded. */
  MGPRINT_STATUS_OK = 0,
  /** Nothing within the time to wait: no event, or no end. */
  MGPRINT_STATUS_PENDING = 1,
  /**
   * mgprint_operation_wait: every byte was acknowledged, but for at most one range that was sent whole, and the service's word
   * that it has the document is missing: its last response was lost, say, and the session is gone as that of a complete
   * document is. It is no failure: the result is there, and a LOG event of level WARNING says what is not known. Look at the
   * print job before sending the document again.
   */
  MGPRINT_STATUS_UNCONFIRMED = 2,
  /** The caller: an argument is NULL or out of its range. */
  MGPRINT_STATUS_INVALID_ARGUMENT = 10,
  /** The caller: 0, freed, of another type, or never a handle. */
  MGPRINT_STATUS_INVALID_HANDLE = 11,
  /** The caller: text that is not UTF-8, or longer than any such text can be. */
  MGPRINT_STATUS_INVALID_TEXT = 12,
  /** The caller: not now, or not of this object; or the process was forked since the library began to work. */
  MGPRINT_STATUS_INVALID_STATE = 13,
  /** A defect of this library, caught at the border. */
  MGPRINT_STATUS_INTERNAL = 14,
  /** The system gives this process no further thread, descriptor or handle. */
  MGPRINT_STATUS_SYSTEM_LIMIT = 15,
  /** There is no memory for what was given. */
  MGPRINT_STATUS_OUT_OF_MEMORY = 16,
  /** The endpoint is not https, nor http on this machine's loopback. Nothing was sent. */
  MGPRINT_STATUS_INVALID_ENDPOINT = 30,
  /** The upload URL is not one that bytes may go to. Nothing was sent. */
  MGPRINT_STATUS_INVALID_UPLOAD_URL = 31,
  /** A header cannot be sent. Nothing was sent. */
  MGPRINT_STATUS_INVALID_HEADER = 32,
  /** The proxy's address cannot be used. Nothing was sent. */
  MGPRINT_STATUS_INVALID_PROXY = 33,
  /** The body is not a JSON object of at most 64 levels. Nothing was sent. */
  MGPRINT_STATUS_INVALID_BODY = 34,
  /** A Graph request needs a token, and there is none. Nothing was sent. */
  MGPRINT_STATUS_AUTHENTICATION_NEEDED = 35,
  /** There is no such file. */
  MGPRINT_STATUS_SOURCE_NOT_FOUND = 40,
  /** The file cannot be read. */
  MGPRINT_STATUS_SOURCE_UNREADABLE = 41,
  /** The path names a directory, a pipe, a socket or a device. */
  MGPRINT_STATUS_SOURCE_NOT_A_FILE = 42,
  /** The document has no bytes. */
  MGPRINT_STATUS_SOURCE_EMPTY = 43,
  /** The document changed while it was being sent; it was not completed. */
  MGPRINT_STATUS_SOURCE_CHANGED = 44,
  /** The session was created for another size. Nothing was sent. */
  MGPRINT_STATUS_SIZE_MISMATCH = 45,
  /**
   * The resume file belongs to or can be written by another user, is a link, is no resume file, or is of another
   * upload. Nothing was sent.
   */
  MGPRINT_STATUS_RESUME_FILE_REFUSED = 50,
  /** Another upload uses the resume file. Nothing was sent. */
  MGPRINT_STATUS_RESUME_FILE_IN_USE = 51,
  /** The resume file cannot be made, read or written. */
  MGPRINT_STATUS_RESUME_FILE_FAILED = 52,
  /** The file that a download goes to cannot be made or written. */
  MGPRINT_STATUS_TARGET_FAILED = 53,
  /** No connection, or it broke. */
  MGPRINT_STATUS_CONNECTION_FAILED = 60,
  /** No trusted encrypted connection. */
  MGPRINT_STATUS_TLS_FAILED = 61,
  /** No byte moved for too long. */
  MGPRINT_STATUS_TIMEOUT = 62,
  /** The proxy refused or could not be reached. */
  MGPRINT_STATUS_PROXY_FAILED = 63,
  /** mgprint_operation_cancel ended it. */
  MGPRINT_STATUS_CANCELLED = 64,
  /** The service responded with an HTTP status of 400 or more, with or without a Graph error code. */
  MGPRINT_STATUS_REQUEST_FAILED = 80,
  /** The response is not one that the service gives. */
  MGPRINT_STATUS_UNEXPECTED_RESPONSE = 81,
  /** The response is larger, deeper or longer than any honest one. */
  MGPRINT_STATUS_RESPONSE_TOO_LARGE = 82,
  /** A redirect that is not followed. */
  MGPRINT_STATUS_REDIRECT_REFUSED = 83,
  /** The upload session expired, was deleted, or is complete. */
  MGPRINT_STATUS_SESSION_GONE = 84,
  /** No printer share, or more than one, has the name. Nothing was sent. */
  MGPRINT_STATUS_SHARE_NOT_FOUND = 90,
  /** The printer cannot do what is asked of it. Nothing was sent. */
  MGPRINT_STATUS_NOT_SUPPORTED = 91,
  /** The print job was aborted or canceled before it was printed. */
  MGPRINT_STATUS_PRINT_JOB_ENDED = 92,
  /**
   * The service was asked to start a print job and nothing says whether it did, or nothing says any more what became of a job
   * that is waited for. The job may be printed: look at it before the document is printed again.
   */
  MGPRINT_STATUS_START_UNCONFIRMED = 93,
} mgprint_status;

/** Options; freed with mgprint_options_free. */
typedef struct mgprint_options {
  /** 0 for none: the defaults. */
  uint64_t id;
} mgprint_options;

/**
 * Text or bytes. Given by the host: `len` bytes, no NUL needed, NULL allowed with 0. Given by the library: never NULL, with
 * a NUL behind it that `len` does not count, owned by the handle that it was read from.
 */
typedef struct mgprint_str {
  /** The first byte. */
  const char *data;
  /** How many bytes. */
  size_t len;
} mgprint_str;

/** An error; freed with mgprint_error_free. */
typedef struct mgprint_error {
  /** 0 for none. */
  uint64_t id;
} mgprint_error;

/** A client; freed with mgprint_client_free. */
typedef struct mgprint_client {
  /** 0 for none. */
  uint64_t id;
} mgprint_client;

/** A request; freed with mgprint_request_free. */
typedef struct mgprint_request {
  /** 0 for none. */
  uint64_t id;
} mgprint_request;

/** A document of a print job. Each id becomes one segment of an address, whatever is in it. */
typedef struct mgprint_document {
  /** The printer's or share's id. */
  mgprint_str parent_id;
  /** The print job's id. */
  mgprint_str job_id;
  /** The document's id. */
  mgprint_str document_id;
  /** What the document is to be called there, such as "report.pdf"; may be empty. */
  mgprint_str name;
  /** Its media type, such as "application/pdf"; may be empty. */
  mgprint_str content_type;
  /** What the job belongs to. */
  mgprint_job_parent parent;
} mgprint_document;

/** A request as it will go out, before the headers of sign-in and of the connection. */
typedef struct mgprint_request_view {
  /** Bytes of this struct. */
  size_t size;
  /** Such as "POST". */
  mgprint_str method;
  /** The whole address. */
  mgprint_str url;
  /** JSON, {"name":["value"]}. */
  mgprint_str headers;
  /** The body, byte for byte. */
  mgprint_str body;
} mgprint_request_view;

/** Where an upload goes: one of its members is set, the others are {0}. */
typedef struct mgprint_target {
  /**
   * An upload session: what it still misses is sent, asked for first, so that the same call also resumes. One on this machine
   * by plain http is taken where the client's ENDPOINT is on this machine too.
   */
  mgprint_str upload_url;
  /** A print document: its upload session is created first, for the size that the source turns out to have. */
  const mgprint_document *document;
  /**
   * The same by a request of the host's own, with its headers, for an upload session; the size is added to its body. Any
   * other request that has no body: the bytes are its body (PUT, PATCH, POST), as one stream.
   */
  mgprint_request request;
} mgprint_target;

/** What is uploaded. Members that are not of its kind are {0}. */
typedef struct mgprint_source {
  /** PATH: the path. BYTES: the bytes. */
  mgprint_str data;
  /** HOST: what messages call the document; may be empty. */
  mgprint_str name;
  /** HOST: how many bytes there are. */
  uint64_t size;
  /** Where the bytes come from. */
  mgprint_source_kind kind;
} mgprint_source;

/** An operation; freed with mgprint_operation_free. */
typedef struct mgprint_operation {
  /** 0 for none. */
  uint64_t id;
} mgprint_operation;

/** What is printed where. One of the first three is set, the others are {0}. */
typedef struct mgprint_print {
  /** The share of this name, in any case of letters, or of this id. */
  mgprint_str share_name;
  /** The share of this id. */
  mgprint_str share_id;
  /** The printer of this id; only a Printer Administrator may print to it. */
  mgprint_str printer_id;
  /** A printJobConfiguration as JSON, such as {"copies":2}; {0} for what the printer does by default. */
  mgprint_str configuration;
  /** The name that the document gets at the service. */
  mgprint_str document_name;
  /** Its media type, such as "application/pdf". */
  mgprint_str content_type;
  /** Headers of the requests to Graph as JSON, {"name":["value"]}; {0} for none. */
  mgprint_str headers;
  /**
   * Of a PATH: a file that makes the same call go on after whatever ended this one, and skip a document that was handed
   * over; {0} for none. It stays, is readable for its owner alone, and holds no secret.
   */
  mgprint_str record;
  /** How long to wait for the printer to be done, in milliseconds; 0 to be content when the job is started. */
  uint64_t wait_ms;
  /** Leaves the job paused, with its document. */
  bool no_start;
  /** Prints again what the record says was printed. */
  bool force;
} mgprint_print;

/** An event. Members that its kind does not name are 0 or empty. */
typedef struct mgprint_event {
  /** Bytes of this struct. */
  size_t size;
  /** What happened. */
  mgprint_event_kind kind;
  /** LOG: who wants to read it. */
  mgprint_log_level level;
  /** PROGRESS: bytes that the service has, and those on the wire; of a download, bytes that were written. */
  uint64_t bytes_done;
  /** PROGRESS: bytes of the document; 0 while unknown. */
  uint64_t bytes_total;
  /** PROGRESS: over the last seconds; 0 while unknown. */
  uint64_t bytes_per_second;
  /** RETRY: 1 for the first retry since there was progress. */
  uint32_t attempt;
  /** RETRY: how many there may be. */
  uint32_t max_attempts;
  /** RETRY: the wait before it. */
  uint64_t delay_ms;
  /** BYTES_WANTED: where in the document. */
  uint64_t offset;
  /** BYTES_WANTED: how many bytes. */
  uint64_t length;
  /**
   * RETRY: why. LOG: the line or lines. TOKEN_WANTED: the claims. JOB: JSON. Free of secrets and of control characters but line
   * breaks and tabs.
   */
  mgprint_str text;
} mgprint_event;

/** Bytes of a document. */
typedef struct mgprint_range {
  /** The first. */
  uint64_t start;
  /** The one behind the last; UINT64_MAX for a range that is open to the end. */
  uint64_t end;
} mgprint_range;

/** How an operation succeeded. Members that are not of its kind are 0 or empty. */
typedef struct mgprint_result {
  /** Bytes of this struct. */
  size_t size;
  /** The HTTP status of the last response; 0 when there was none. */
  uint32_t http_status;
  /** Upload: tries after failures. */
  uint32_t retries;
  /**
   * The service's response, byte for byte: what was asked of Graph, the uploadSession, its status, or the printDocument;
   * empty when there is none. Of a printDocument that repeats what is secret of the upload URL, that is masked.
   */
  mgprint_str json;
  /** Response headers as JSON, {"name":["value"]}, names in lower case; empty when there was no response. */
  mgprint_str headers;
  /** Session: where the bytes go, a secret. */
  mgprint_str upload_url;
  /** Session: when the service forgets it, in seconds since 1970 (UTC); 0 when it does not say. */
  int64_t expires_at;
  /** Session: what it still misses, in order. */
  const mgprint_range *missing;
  /** Session: how many ranges these are. */
  size_t missing_count;
  /** Session: whether the service said what it misses; else no ranges do not mean that nothing is missing. */
  bool missing_is_known;
  /**
   * Upload, session: bytes of the document. Where EXPECTED_SIZE is not set, they count up to the end of the last
   * missing range, and are 0 where nothing can be counted.
   */
  uint64_t bytes_total;
  /**
   * Upload: bytes sent by this operation, repeats included. Session: bytes of the document that are at the service.
   * Download: bytes of the file.
   */
  uint64_t bytes_done;
  /** From the start to the end. */
  uint64_t elapsed_ms;
} mgprint_result;

/** What an error says. */
typedef struct mgprint_error_view {
  /** Bytes of this struct. */
  size_t size;
  /** What kind of thing failed. */
  mgprint_status status;
  /** The HTTP status of the response; 0 when none came. */
  uint32_t http_status;
  /** Trying again later can help. */
  bool retryable;
  /** Of an upload: as far as is known the session still exists, and the same upload can go on. */
  bool resumable;
  /** The stable name of the kind, such as "ConnectionFailed". */
  mgprint_str id;
  /** What was being done, to what, and what happened. Free of secrets and of control characters. */
  mgprint_str message;
  /** What a person can do about it; may be empty. */
  mgprint_str next_step;
  /** error.code of a Graph error, as the service sent it; empty when it did not. */
  mgprint_str graph_code;
  /** error.message of a Graph error, as the service sent it, secrets masked; may hold control characters. */
  mgprint_str graph_message;
  /** The service's id of the request; empty when it gave none. */
  mgprint_str request_id;
  /** The id under which the request went out; empty for requests to an upload URL. */
  mgprint_str client_request_id;
  /** When the service responded. */
  mgprint_str date;
  /** Response headers as JSON, {"name":["value"]}, secret values masked; empty when no response came. */
  mgprint_str headers;
  /** The same as they came, secrets and all, to be shown nowhere; also of a response that began and broke off. */
  mgprint_str secret_headers;
  /** The response body, secrets masked, at most 64 KiB of it; may hold control characters. */
  mgprint_str body;
} mgprint_error_view;

/** A C string, which may be NULL, as an mgprint_str. */
static inline mgprint_str mgprint_str_of(const char *text) {
  mgprint_str str;
  str.data = text;
  str.len = text ? strlen(text) : 0;
  return str;
}

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/** The stable name of a status, such as "ConnectionFailed"; NULL for a number that is none. Static. */
const char *mgprint_status_name(int32_t status);

/**
 * The version of this ABI. It is raised only when something that existed changes its meaning; a host compares it with
 * MGPRINT_ABI_VERSION of the header that it was compiled with.
 */
uint32_t mgprint_abi_version(void);

/** The version of the library, such as "3.0.0". Static. */
const char *mgprint_version(void);

/** Makes options, all at their defaults. */
mgprint_status mgprint_options_new(mgprint_options *out_options);

/**
 * Makes options with the same settings as others, which can be changed and freed by themselves. So a host that keeps a
 * token keeps it here, in memory that is wiped when the options are freed, and makes each client's options of it.
 */
mgprint_status mgprint_options_copy(mgprint_options options, mgprint_options *out_copy);

/**
 * Sets a text.
 *
 * @return INVALID_ARGUMENT for what is no option, or one of a number; INVALID_ENDPOINT; INVALID_PROXY; INVALID_HEADER.
 */
mgprint_status mgprint_options_set_text(mgprint_options options,
                                             mgprint_option option,
                                             mgprint_str text,
                                             mgprint_error *out_error);

/**
 * Sets a number.
 *
 * @return INVALID_ARGUMENT for what is no option, or one of a text, and for a number that is out of its range.
 */
mgprint_status mgprint_options_set_number(mgprint_options options,
                                               mgprint_option option,
                                               uint64_t value,
                                               mgprint_error *out_error);

/**
 * Takes from the environment what is set there: MGPRINT_ENDPOINT, MGPRINT_ACCESS_TOKEN, MGPRINT_TIMEOUT_SEC,
 * HTTPS_PROXY or else ALL_PROXY with NO_PROXY (each in upper or lower case), and SSL_CERT_FILE. They are for
 * mgprint_client_new. Not while another thread changes the environment.
 *
 * @return INVALID_ENDPOINT; INVALID_PROXY; INVALID_ARGUMENT for a time-out that is no number of seconds.
 */
mgprint_status mgprint_options_from_env(mgprint_options options, mgprint_error *out_error);

/** Frees options. What was made from them keeps what it needs. */
mgprint_status mgprint_options_free(mgprint_options options);

/**
 * Makes a client: an endpoint, a token, one pool of connections, and the threads that operations run on. Share one
 * between calls and threads. Nothing is sent. What `options` say of operations, such as time-outs, its operations keep to
 * where their own options say nothing else; options of one operation alone are refused. {0} stands for the defaults.
 *
 * @return INVALID_ARGUMENT for an option that cannot stand here, or a text that cannot stand in a header; INVALID_PROXY;
 * TLS_FAILED when the system has no certificates; SYSTEM_LIMIT when it has no thread; INVALID_STATE after a fork.
 */
mgprint_status mgprint_client_new(mgprint_options options,
                                       mgprint_client *out_client,
                                       mgprint_error *out_error);

/** Frees a client. Operations that run keep what they need. */
mgprint_status mgprint_client_free(mgprint_client client);

/**
 * Makes a request. `address` is a path below the endpoint's version, percent-encoded, with its query
 * (/print/shares?$top=5), or a whole address of the endpoint's own scheme, host and port, such as a next link. `body` is a
 * JSON object, sent byte for byte; no bytes for no body. `what` says in English what is being done, such as "list the
 * printer shares": errors say so. Nothing is sent.
 *
 * @return INVALID_ARGUMENT for a method or an address that cannot be used; INVALID_BODY.
 */
mgprint_status mgprint_request_new(mgprint_client client,
                                        mgprint_request_mode mode,
                                        mgprint_str method,
                                        mgprint_str address,
                                        mgprint_str body,
                                        mgprint_str what,
                                        mgprint_request *out_request,
                                        mgprint_error *out_error);

/**
 * Makes the request that creates an upload session for a document of `size` bytes; 0 where mgprint_upload_start is to
 * say it: POST {endpoint}/v1.0/print/…/documents/{id}/microsoft.graph.createUploadSession. Nothing is sent.
 *
 * @return INVALID_ARGUMENT for a parent that is none, and an id that is empty or a dot segment.
 */
mgprint_status mgprint_request_new_session(mgprint_client client,
                                                const mgprint_document *document,
                                                uint64_t size,
                                                mgprint_request *out_request,
                                                mgprint_error *out_error);

/**
 * Adds a header of the host's. The first value for a name replaces the engine's own (Content-Type, Authorization,
 * User-Agent); later ones join it.
 *
 * @return INVALID_HEADER, with an error that names the header, for a name or value that cannot be sent, and for headers of
 * the connection and of framing (Host, Content-Length, Transfer-Encoding and so on).
 */
mgprint_status mgprint_request_add_header(mgprint_request request,
                                               mgprint_str name,
                                               mgprint_str value,
                                               mgprint_error *out_error);

/** Reads a request as it will go out. `*out_view` is valid until the same request is read again or freed. */
mgprint_status mgprint_request_read(mgprint_request request, const mgprint_request_view **out_view);

/** Frees a request. An operation that sends it keeps what it needs. */
mgprint_status mgprint_request_free(mgprint_request request);

/**
 * Starts an upload. To a print document with RESUME_FILE, the same call goes on with the session that the resume file
 * knows; give RESUME_IDENTITY the document's ids, so that no other document does. Without, the upload URL goes with the
 * operation: one that fails begins anew, and its session is cancelled where the service can be reached. The result's json is
 * the printDocument, or the response to the request. Nothing that is passed needs to live on after the call.
 *
 * @return INVALID_UPLOAD_URL; INVALID_ARGUMENT for a target or a source that is none, or a path that is empty or
 * holds a NUL; OUT_OF_MEMORY. With a request that takes no content the operation ends with INVALID_ARGUMENT.
 */
mgprint_status mgprint_upload_start(mgprint_client client,
                                         mgprint_options options,
                                         const mgprint_target *target,
                                         const mgprint_source *source,
                                         mgprint_operation *out_operation,
                                         mgprint_error *out_error);

/**
 * Starts printing: makes a job, sends the document, starts the job, and follows it when wait_ms is set. Where the response
 * to the creation of the job is lost, another is made, and a LOG event of level WARNING names what may be left over. A job
 * that cannot be printed is canceled, also by mgprint_operation_cancel; with a record it is kept. The result's json has
 * parentId, printJobId, printDocumentId, status, skipped and waitEnded.
 *
 * @return INVALID_ARGUMENT for a print or a source that is none, a path that is empty or holds a NUL, or headers in another
 * form; INVALID_HEADER; INVALID_BODY for a configuration that is no JSON object; OUT_OF_MEMORY.
 */
mgprint_status mgprint_print_start(mgprint_client client,
                                        mgprint_options options,
                                        const mgprint_print *print,
                                        const mgprint_source *source,
                                        mgprint_operation *out_operation,
                                        mgprint_error *out_error);

/**
 * Starts sending a request. The result's json is the body of the response: a JSON object, the digits of a count, or
 * nothing; that of a request for an upload session is the uploadSession, and is read.
 */
mgprint_status mgprint_request_start(mgprint_client client,
                                          mgprint_options options,
                                          mgprint_request request,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Starts downloading: sends a request (GET …/$value), and writes what comes to the file of `path`, in place of one that is
 * there, on Unix with its permissions. It goes to a file beside that, which is renamed when it is whole: nothing is left of a
 * download that fails or is cancelled. One redirect to the host that has the content is followed, without the
 * token and the request's headers. The result's bytes_done is the size of the file.
 *
 * @return INVALID_ARGUMENT for a path that is empty or holds a NUL. With a request that is no GET the operation ends so.
 */
mgprint_status mgprint_download_start(mgprint_client client,
                                           mgprint_options options,
                                           mgprint_request request,
                                           mgprint_str path,
                                           mgprint_operation *out_operation,
                                           mgprint_error *out_error);

/**
 * Reads a response that a host's own steps gave to a request, with the checks, bounds and errors of mgprint_request_start.
 * `headers` is JSON, {"name":["value"]}. Nothing is sent: the operation has ended, and its result is there.
 *
 * @return INVALID_ARGUMENT for a status that HTTP does not have, or headers in another form; what is wrong with the response.
 */
mgprint_status mgprint_response_read(mgprint_client client,
                                          mgprint_request request,
                                          uint32_t http_status,
                                          mgprint_str headers,
                                          mgprint_str body,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Starts an operation on an upload session. An upload URL is its own secret; no token goes with it.
 *
 * @return INVALID_UPLOAD_URL.
 */
mgprint_status mgprint_session_start(mgprint_client client,
                                          mgprint_options options,
                                          mgprint_session_action action,
                                          mgprint_str upload_url,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Waits for the next event, at most `timeout_ms`. `*out_event` is valid until the next event of the same operation is
 * asked for, or the operation is freed; so one thread at a time asks.
 *
 * @return PENDING when there was none in time.
 */
mgprint_status mgprint_operation_next_event(mgprint_operation operation,
                                                 uint32_t timeout_ms,
                                                 const mgprint_event **out_event);

/**
 * Ends an operation: FINISHED follows at once, with CANCELLED as its result unless it had ended before. As often as wanted.
 * Bytes that the service acknowledged stay there, and an upload can go on later. A session that the operation itself was
 * creating, or had created without a resume file, and so nobody else knows, is cancelled at the service, where that responds
 * within half a minute and the process lasts that long.
 */
mgprint_status mgprint_operation_cancel(mgprint_operation operation);

/**
 * Answers BYTES_WANTED: with the bytes, exactly as many as it asked for, which are copied; or, where `failure` is not empty,
 * with the reason why there are none, a sentence, and the operation ends with SOURCE_UNREADABLE and says so. The answers to
 * several events may come in any order. One that is refused harms nothing: the operation goes on waiting for the right
 * one, or has no use for it.
 *
 * @return INVALID_STATE when nobody waits for bytes at that offset, or not any more: after a broken connection bytes are
 * asked for anew, and after the end not at all. INVALID_ARGUMENT for another number of bytes than was asked for.
 */
mgprint_status mgprint_operation_supply(mgprint_operation operation,
                                             uint64_t offset,
                                             mgprint_str bytes,
                                             mgprint_str failure);

/**
 * Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token, and so do all
 * that follow. With {0} there is none, and the operation ends with what the service said.
 *
 * @return INVALID_STATE where no token is wanted, or not any more; INVALID_ARGUMENT for a client of another endpoint.
 */
mgprint_status mgprint_operation_renew(mgprint_operation operation, mgprint_client client);

/**
 * Frees an operation, what was read from it and its events; ends it first where it still runs. A thread that
 * waits for it is woken, with FINISHED.
 */
mgprint_status mgprint_operation_free(mgprint_operation operation);

/**
 * Waits for the end of an operation, at most `timeout_ms`, and gives its result: OK or UNCONFIRMED with `*out_result`,
 * or its failure with `out_error`. Events stay where they are, for whoever asks. `*out_result` is valid until the operation
 * is freed; `out_result` may be NULL.
 *
 * @return PENDING when it did not end in time; INVALID_STATE where it needs answers to events before its end (a document
 * that the host feeds, RENEW_TOKEN) and timeout_ms is not 0; else what the operation came to.
 */
mgprint_status mgprint_operation_wait(mgprint_operation operation,
                                           uint32_t timeout_ms,
                                           const mgprint_result **out_result,
                                           mgprint_error *out_error);

/**
 * Waits until one of several operations has an event, at most `timeout_ms`. Answers where in `operations` the first of them
 * stands; mgprint_operation_next_event then gives the event without waiting.
 *
 * @return PENDING when none had one in time; INVALID_HANDLE when one of them is none; INVALID_ARGUMENT when count is 0 or
 * above 65536.
 */
mgprint_status mgprint_operation_wait_any(const mgprint_operation *operations,
                                               size_t count,
                                               uint32_t timeout_ms,
                                               size_t *out_index);

/** Reads an error. `*out_view` is valid until the error is freed. */
mgprint_status mgprint_error_read(mgprint_error error, const mgprint_error_view **out_view);

/** Frees an error. */
mgprint_status mgprint_error_free(mgprint_error error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MGPRINT_H */
