/*
 * mgprint: uploads documents to Microsoft Graph's Universal Print. MIT licence.
 *
 * Generated from src/ffi; change it there and run `build.ps1 header`.
 *
 * Conventions, which hold for every function:
 *
 *   Handles   64-bit ids, never pointers. 0 is no handle. Made by _new and _start, freed once by _free, which allows 0.
 *             A handle that is stale, doubled, of another type or made up is answered with INVALID_HANDLE, from any
 *             thread, at any time.
 *   Status    Every function that can fail returns an mgprint_status. Outputs are written on success alone. Where there
 *             is an `out_error`, it may be NULL; else it gets an error handle, which the host frees, or 0 on success and
 *             where the number says it all.
 *   Text in   `const uint8_t *` and a length in bytes: UTF-8, no NUL needed, NULL allowed with length 0; copied. At most
 *             16 MiB.
 *   Text out  mgprint_text: UTF-8 with a NUL behind it, owned by the handle it was read from.
 *   Memory    Memory that a pointer names must be there: that is the host's promise. NULL is checked.
 *   Threads   Any thread may call anything; where one object allows one thread at a time, the function says so.
 *   Waiting   Only mgprint_operation_next_event and mgprint_operation_wait_any wait. Nothing calls back into the host.
 *   Panics    Caught at the border, and answered with INTERNAL.
 *   Fork      A process that forks uses the library in one of the two only, or after exec.
 *
 * The way of an operation:
 *
 *   start -> next_event, until FINISHED -> result -> free          cancel at any time, from any thread
 */


#ifndef MGPRINT_H
#define MGPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of this ABI that the header describes.
 */
#define MGPRINT_ABI_VERSION 1

/**
 * What kind of event it is.
 */
enum mgprint_event_kind
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
  /**
   * The operation ended: mgprint_operation_result tells how. It is the last event, and answered again when asked again.
   */
  MGPRINT_EVENT_KIND_FINISHED = 1,
  /**
   * bytes_done, bytes_total and bytes_per_second of an upload; only the newest is kept.
   */
  MGPRINT_EVENT_KIND_PROGRESS = 2,
  /**
   * Something failed and will be tried again: attempt, max_attempts, delay_ms, and why in `text`.
   */
  MGPRINT_EVENT_KIND_RETRY = 3,
  /**
   * A line for a log: level and text.
   */
  MGPRINT_EVENT_KIND_LOG = 4,
  /**
   * Of mgprint_upload_stream_start: the operation needs `length` bytes of the document, at most 1 MiB, from `offset` on.
   * Answered with mgprint_operation_supply or mgprint_operation_supply_failed. Several may be open at once.
   */
  MGPRINT_EVENT_KIND_BYTES_WANTED = 5,
  /**
   * With RENEW_TOKEN: the service refused the token, and wants of another what is in `text`, in base64, or nothing more
   * than that it is another. Answered with mgprint_operation_renew; the operation waits.
   */
  MGPRINT_EVENT_KIND_TOKEN_WANTED = 6,
  /**
   * Of a print: a job was made, or stands otherwise than before. `text` is JSON: printJobId, printDocumentId, status.
   */
  MGPRINT_EVENT_KIND_JOB = 7,
};
#ifndef __cplusplus
typedef int32_t mgprint_event_kind;
#endif // __cplusplus

/**
 * What a print job belongs to.
 */
enum mgprint_job_parent
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
  /**
   * /print/printers/{id}
   */
  MGPRINT_JOB_PARENT_PRINTER = 1,
  /**
   * /print/shares/{id}
   */
  MGPRINT_JOB_PARENT_SHARE = 2,
};
#ifndef __cplusplus
typedef int32_t mgprint_job_parent;
#endif // __cplusplus

/**
 * What can be set. The numbers never change; new ones may be added.
 */
enum mgprint_option
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
  /**
   * Client, text: where Graph requests and the token go; "https://graph.microsoft.com" when it is not set.
   */
  MGPRINT_OPTION_ENDPOINT = 1,
  /**
   * Client, text: the bearer token, without the word Bearer. It is kept in memory that is wiped, and goes to the
   * endpoint alone. Not needed to send bytes to an upload URL.
   */
  MGPRINT_OPTION_ACCESS_TOKEN = 2,
  /**
   * Client, text: the whole User-Agent.
   */
  MGPRINT_OPTION_USER_AGENT = 3,
  /**
   * Client, text: the proxy's address, such as "http://proxy:8080"; a user name and password may stand in it. Requests
   * to loopback never go through it.
   */
  MGPRINT_OPTION_PROXY = 4,
  /**
   * Client, text: the value of the SdkVersion header of Graph requests.
   */
  MGPRINT_OPTION_SDK_VERSION = 5,
  /**
   * Client, text: the user name for the proxy; after the proxy.
   */
  MGPRINT_OPTION_PROXY_USER = 6,
  /**
   * Client, text: the password for the proxy, which goes to that proxy alone; after the proxy's user name.
   */
  MGPRINT_OPTION_PROXY_PASSWORD = 7,
  /**
   * Client, text: hosts that are reached without the proxy, as NO_PROXY lists them; after the proxy.
   */
  MGPRINT_OPTION_PROXY_BYPASS = 8,
  /**
   * Client, text: the path of a file of PEM certificates that are trusted beside the system's.
   */
  MGPRINT_OPTION_CA_FILE = 9,
  /**
   * Upload of a file, text: the path of a resume file. It holds the upload URL and what is needed to know the document
   * again, so that the same call goes on with the same upload after whatever ended this one. It is made when there is
   * none and removed when the document is complete; while it is in use, another upload with it ends with
   * RESUME_FILE_IN_USE. See mgprint_resume_read_start.
   */
  MGPRINT_OPTION_RESUME_FILE = 10,
  /**
   * Upload of a file, text: what the host calls the document at the service, such as its ids, at most 4096 bytes; a
   * resume file of another identity is refused.
   */
  MGPRINT_OPTION_RESUME_IDENTITY = 11,
  /**
   * Client, number: how long a connection may take to stand, in milliseconds, 1 to 3600000; default 30000.
   */
  MGPRINT_OPTION_CONNECT_TIMEOUT_MS = 20,
  /**
   * Operation, number: the idle time-out: how long nothing may move, either way, in milliseconds, 1 to 86400000;
   * default 60000.
   */
  MGPRINT_OPTION_SILENCE_TIMEOUT_MS = 40,
  /**
   * Operation, number: consecutive tries without progress after the first, 0 to 1000; default 3 for a Graph request
   * and 8 for an upload.
   */
  MGPRINT_OPTION_MAX_RETRY = 41,
  /**
   * Upload, number: bytes of one range, 1 to 9999999; default 8192000.
   */
  MGPRINT_OPTION_CHUNK_SIZE = 42,
  /**
   * Upload, number: ranges at once, 1 to 4; default 4.
   */
  MGPRINT_OPTION_MAX_CONCURRENCY = 43,
  /**
   * Operation, number: log events wanted: 0 warnings, 1 steps in words too, 2 requests and answers too; default 0.
   */
  MGPRINT_OPTION_LOG_LEVEL = 44,
  /**
   * Upload, status, number: bytes that the session was created for, where that is known; a document of another size is
   * refused.
   */
  MGPRINT_OPTION_EXPECTED_SIZE = 45,
  /**
   * Upload, number: 1 when the host created the session this moment and nobody else knows it, so that the first range
   * goes without asking what is there; 0, the default, for every other session.
   */
  MGPRINT_OPTION_FRESH_SESSION = 46,
  /**
   * Operation, number: 0 when nobody wants PROGRESS events; default 1.
   */
  MGPRINT_OPTION_PROGRESS = 47,
  /**
   * Operation with a Graph request, number: 1 to be asked by TOKEN_WANTED for another token when the service refuses the
   * client's, once a request; 0, the default, to end with what the service said.
   */
  MGPRINT_OPTION_RENEW_TOKEN = 48,
  /**
   * Operation with a Graph request, number: how long to wait before the first retry, in milliseconds, 1 to 180000; each
   * further wait is twice as long. The default is up to a second.
   */
  MGPRINT_OPTION_RETRY_DELAY_MS = 49,
};
#ifndef __cplusplus
typedef int32_t mgprint_option;
#endif // __cplusplus

/**
 * How a call or an operation ended. The numbers never change; new ones may be added.
 */
enum mgprint_status
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
  /**
   * It succeeded.
   */
  MGPRINT_STATUS_OK = 0,
  /**
   * mgprint_operation_next_event: no event within the timeout.
   */
  MGPRINT_STATUS_PENDING = 1,
  /**
   * The caller: an argument is NULL or out of its range.
   */
  MGPRINT_STATUS_INVALID_ARGUMENT = 10,
  /**
   * The caller: 0, freed, of another type, or never a handle.
   */
  MGPRINT_STATUS_INVALID_HANDLE = 11,
  /**
   * The caller: text that is not UTF-8, or longer than any such text can be.
   */
  MGPRINT_STATUS_INVALID_TEXT = 12,
  /**
   * The caller: not now, such as a result before the operation finished.
   */
  MGPRINT_STATUS_INVALID_STATE = 13,
  /**
   * A defect of this library, caught at the border.
   */
  MGPRINT_STATUS_INTERNAL = 14,
  /**
   * The endpoint is not https, nor http on this machine's loopback. Nothing was sent.
   */
  MGPRINT_STATUS_INVALID_ENDPOINT = 30,
  /**
   * The upload URL is not one that bytes may go to. Nothing was sent.
   */
  MGPRINT_STATUS_INVALID_UPLOAD_URL = 31,
  /**
   * A header cannot be sent. Nothing was sent.
   */
  MGPRINT_STATUS_INVALID_HEADER = 32,
  /**
   * The proxy's address cannot be used. Nothing was sent.
   */
  MGPRINT_STATUS_INVALID_PROXY = 33,
  /**
   * The body is not a JSON object of at most 64 levels. Nothing was sent.
   */
  MGPRINT_STATUS_INVALID_BODY = 34,
  /**
   * A Graph request needs a token, and there is none. Nothing was sent.
   */
  MGPRINT_STATUS_AUTHENTICATION_NEEDED = 35,
  /**
   * There is no such file.
   */
  MGPRINT_STATUS_SOURCE_NOT_FOUND = 40,
  /**
   * The file cannot be read.
   */
  MGPRINT_STATUS_SOURCE_UNREADABLE = 41,
  /**
   * The path names a directory, a pipe, a socket or a device.
   */
  MGPRINT_STATUS_SOURCE_NOT_A_FILE = 42,
  /**
   * The document has no bytes.
   */
  MGPRINT_STATUS_SOURCE_EMPTY = 43,
  /**
   * The document changed while it was being sent; it was not completed.
   */
  MGPRINT_STATUS_SOURCE_CHANGED = 44,
  /**
   * The session was created for another size. Nothing was sent.
   */
  MGPRINT_STATUS_SIZE_MISMATCH = 45,
  /**
   * The resume file belongs to or can be written by another user, is a link, is no resume file, or is of another
   * upload. Nothing was sent.
   */
  MGPRINT_STATUS_RESUME_FILE_REFUSED = 50,
  /**
   * Another upload uses the resume file. Nothing was sent.
   */
  MGPRINT_STATUS_RESUME_FILE_IN_USE = 51,
  /**
   * The resume file cannot be made, read or written.
   */
  MGPRINT_STATUS_RESUME_FILE_FAILED = 52,
  /**
   * No connection, or it broke.
   */
  MGPRINT_STATUS_CONNECTION_FAILED = 60,
  /**
   * No trusted encrypted connection.
   */
  MGPRINT_STATUS_TLS_FAILED = 61,
  /**
   * No byte moved for too long.
   */
  MGPRINT_STATUS_TIMEOUT = 62,
  /**
   * The proxy refused or could not be reached.
   */
  MGPRINT_STATUS_PROXY_FAILED = 63,
  /**
   * mgprint_operation_cancel ended it.
   */
  MGPRINT_STATUS_CANCELLED = 64,
  /**
   * The service answered with an HTTP status of 400 or more, with or without a Graph error code.
   */
  MGPRINT_STATUS_REQUEST_FAILED = 80,
  /**
   * The answer is not one that the service gives.
   */
  MGPRINT_STATUS_UNEXPECTED_RESPONSE = 81,
  /**
   * The answer is larger, deeper or longer than any honest one.
   */
  MGPRINT_STATUS_RESPONSE_TOO_LARGE = 82,
  /**
   * A redirect that is not followed.
   */
  MGPRINT_STATUS_REDIRECT_REFUSED = 83,
  /**
   * The upload session expired, was deleted, or is complete.
   */
  MGPRINT_STATUS_SESSION_GONE = 84,
  /**
   * No printer share, or more than one, has the name. Nothing was sent.
   */
  MGPRINT_STATUS_SHARE_NOT_FOUND = 90,
  /**
   * The printer cannot do what is asked of it. Nothing was sent.
   */
  MGPRINT_STATUS_NOT_SUPPORTED = 91,
  /**
   * The print job was aborted or canceled before it was printed.
   */
  MGPRINT_STATUS_PRINT_JOB_ENDED = 92,
};
#ifndef __cplusplus
typedef int32_t mgprint_status;
#endif // __cplusplus

/**
 * Handle of options; freed with mgprint_options_free.
 */
typedef uint64_t mgprint_options;

/**
 * Handle of an error; freed with mgprint_error_free.
 */
typedef uint64_t mgprint_error;

/**
 * Handle of a client; freed with mgprint_client_free.
 */
typedef uint64_t mgprint_client;

/**
 * Handle of a request; freed with mgprint_request_free.
 */
typedef uint64_t mgprint_request;

/**
 * UTF-8 text that a handle owns. `data` is never NULL and ends with a NUL that `length`, in bytes, does not count; a
 * server's text may hold further NULs inside.
 */
typedef struct mgprint_text {
  /**
   * The first byte.
   */
  const char *data;
  /**
   * Bytes without the NUL at the end.
   */
  size_t length;
} mgprint_text;

/**
 * A request as it will go out, before the headers of sign-in and of the connection. Its texts belong to the request's
 * handle, until the next read of the same request.
 */
typedef struct mgprint_request_view {
  /**
   * Such as "POST".
   */
  struct mgprint_text method;
  /**
   * The whole address.
   */
  struct mgprint_text url;
  /**
   * JSON, {"name":["value"]}.
   */
  struct mgprint_text headers;
  /**
   * The body, byte for byte.
   */
  struct mgprint_text body;
} mgprint_request_view;

/**
 * Handle of an operation; freed with mgprint_operation_free.
 */
typedef uint64_t mgprint_operation;

/**
 * An event. Members that its kind does not name are 0 or empty.
 */
typedef struct mgprint_event {
  /**
   * What happened.
   */
  mgprint_event_kind kind;
  /**
   * LOG: 0 a warning, 1 a step in words, 2 a request or an answer.
   */
  uint32_t level;
  /**
   * PROGRESS: bytes that the service has, and those on the wire.
   */
  uint64_t bytes_done;
  /**
   * PROGRESS: bytes of the document.
   */
  uint64_t bytes_total;
  /**
   * PROGRESS: over the last seconds; 0 while unknown.
   */
  uint64_t bytes_per_second;
  /**
   * RETRY: 1 for the first retry since there was progress.
   */
  uint32_t attempt;
  /**
   * RETRY: how many there may be.
   */
  uint32_t max_attempts;
  /**
   * RETRY: the wait before it.
   */
  uint64_t delay_ms;
  /**
   * BYTES_WANTED: where in the document.
   */
  uint64_t offset;
  /**
   * BYTES_WANTED: how many bytes.
   */
  uint64_t length;
  /**
   * RETRY: why. LOG: the line or lines. TOKEN_WANTED: the claims. Free of secrets and of control characters but line
   * breaks and tabs. Valid until the next event of the same operation is asked for, or the operation is freed.
   */
  struct mgprint_text text;
} mgprint_event;

/**
 * How an operation succeeded. Its texts belong to the operation's handle.
 */
typedef struct mgprint_result {
  /**
   * The service's answer, byte for byte: the uploadSession, its status, or the printDocument; empty when there is none.
   * Of a printDocument that repeats what is secret of the upload URL, that is masked.
   */
  struct mgprint_text json;
  /**
   * Response headers as JSON, {"name":["value"]}, names in lower case; empty when there was no answer.
   */
  struct mgprint_text headers;
  /**
   * The HTTP status of the last answer; 0 when there was none.
   */
  uint32_t http_status;
  /**
   * Upload: tries after failures.
   */
  uint32_t retries;
  /**
   * Upload, status: bytes of the document.
   */
  uint64_t bytes_total;
  /**
   * Upload: bytes sent by this operation, repeats included. Status: bytes of the document that are at the service.
   */
  uint64_t bytes_sent;
  /**
   * From the start to the end.
   */
  uint64_t elapsed_ms;
  /**
   * Upload: false when every byte was acknowledged or sent, and the service's word that it has the document is missing:
   * its last answer was lost, say, and the session is gone as that of a complete document is. A LOG event of level 0
   * tells what is not known. Look at the print job before sending the document again.
   */
  bool confirmed;
} mgprint_result;

/**
 * What an error says. Its texts belong to the error's handle.
 */
typedef struct mgprint_error_view {
  /**
   * What kind of thing failed.
   */
  mgprint_status status;
  /**
   * The HTTP status of the answer; 0 when none came.
   */
  uint32_t http_status;
  /**
   * Trying again later can help.
   */
  bool retryable;
  /**
   * Of an upload: as far as is known the session still exists, and the same upload can go on.
   */
  bool resumable;
  /**
   * The stable name of the kind, such as "ConnectionFailed".
   */
  struct mgprint_text id;
  /**
   * What was being done, to what, and what happened. Free of secrets and of control characters.
   */
  struct mgprint_text message;
  /**
   * What a person can do about it; may be empty.
   */
  struct mgprint_text next_step;
  /**
   * error.code of a Graph error, as the service sent it; empty when it did not.
   */
  struct mgprint_text graph_code;
  /**
   * error.message of a Graph error, as the service sent it, secrets masked; may hold control characters.
   */
  struct mgprint_text graph_message;
  /**
   * The service's id of the request; empty when it gave none.
   */
  struct mgprint_text request_id;
  /**
   * The id under which the request went out; empty for requests to an upload URL.
   */
  struct mgprint_text client_request_id;
  /**
   * When the service answered.
   */
  struct mgprint_text date;
  /**
   * Response headers as JSON, {"name":["value"]}, secret values masked; empty when no answer came.
   */
  struct mgprint_text headers;
  /**
   * The response body, secrets masked, at most 64 KiB of it; may hold control characters.
   */
  struct mgprint_text body;
} mgprint_error_view;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of this ABI. It is raised only when something that existed changes its meaning; a host compares it with
 * MGPRINT_ABI_VERSION of the header that it was compiled with. Any thread.
 */
uint32_t mgprint_abi_version(void);

/**
 * The version of the library, such as "3.0.0". Static: never freed. Any thread.
 */
const char *mgprint_version(void);

/**
 * Makes options, all at their defaults. Any thread.
 *
 * @return INVALID_ARGUMENT when out_options is NULL.
 *
 * Memory:
 * `out_options` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_options_new(mgprint_options *out_options);

/**
 * Makes options with the same settings as others, which can be changed and freed by themselves. So a host that keeps a
 * token keeps it here, in memory that is wiped when the options are freed, and makes each client's options of it. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_copy is NULL.
 *
 * Memory:
 * `out_copy` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_options_copy(mgprint_options options,
                                    mgprint_options *out_copy);

/**
 * Sets a text: UTF-8, `length` bytes, no NUL needed; it is copied. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT for a number that is no text option; INVALID_ENDPOINT;
 * INVALID_PROXY. `out_error` may be NULL.
 *
 * Memory:
 * `text` is NULL or points to `length` readable bytes; `out_error` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_options_set_text(mgprint_options options,
                                        int32_t option,
                                        const uint8_t *text,
                                        size_t length,
                                        mgprint_error *out_error);

/**
 * Sets a number. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT for a number that is no number option, or a value out of its range.
 * `out_error` may be NULL.
 *
 * Memory:
 * `out_error` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_options_set_number(mgprint_options options,
                                          int32_t option,
                                          uint64_t value,
                                          mgprint_error *out_error);

/**
 * Adds a header of the host's to the requests that an operation sends to an upload URL; a name may come again for a
 * further value. Those of requests to Graph are added with mgprint_request_add_header. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_HEADER as mgprint_request_add_header, and for Authorization, Cookie and
 * others that hold a secret by their name: an upload URL carries its own. `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_error` is NULL or points to memory
 * for a handle.
 */
mgprint_status mgprint_options_add_upload_header(mgprint_options options,
                                                 const uint8_t *name,
                                                 size_t name_length,
                                                 const uint8_t *value,
                                                 size_t value_length,
                                                 mgprint_error *out_error);

/**
 * Takes from the environment what is set there: MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN, MGPRINT_TIMEOUT_SEC,
 * HTTPS_PROXY or else ALL_PROXY with NO_PROXY (each in upper or lower case), and SSL_CERT_FILE. For C programs; a
 * runtime that keeps an environment of its own, as .NET does, passes options instead. Not while another thread changes
 * the environment.
 *
 * @return INVALID_HANDLE; INVALID_ENDPOINT; INVALID_PROXY; INVALID_ARGUMENT for a time-out that is no number of seconds.
 * `out_error` may be NULL.
 *
 * Memory:
 * `out_error` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_options_from_env(mgprint_options options,
                                        mgprint_error *out_error);

/**
 * Frees options. 0 is allowed. What was made from them keeps what it needs. Any thread.
 *
 * @return INVALID_HANDLE when they are freed already or never were options.
 */
mgprint_status mgprint_options_free(mgprint_options options);

/**
 * Makes a client: an endpoint, a token, and one pool of connections. Share one between calls and threads. Nothing is
 * sent. `options` may be 0 for the defaults, and may be freed afterwards. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_client is NULL, or a text cannot stand in a header; TLS_FAILED when
 * the system has no certificates. `out_error` may be NULL.
 *
 * Memory:
 * `out_client` and `out_error` are NULL or point to memory for a handle.
 */
mgprint_status mgprint_client_new(mgprint_options options, mgprint_client *out_client, mgprint_error *out_error);

/**
 * Frees a client. 0 is allowed. Operations that run keep what they need. Any thread.
 *
 * @return INVALID_HANDLE when it is freed already or never was a client.
 */
mgprint_status mgprint_client_free(mgprint_client client);

/**
 * Builds the request that creates an upload session for a document:
 * POST {endpoint}/v1.0/print/{printers|shares}/{id}/jobs/{id}/documents/{id}/microsoft.graph.createUploadSession.
 * `parent` is an mgprint_job_parent. Each id becomes one segment of the path, whatever is in it. `body` is JSON, sent
 * byte for byte; no bytes stand for {}. Texts are copied; nothing is sent. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT for a parent that is none, an id that is empty or a dot segment, or
 * out_request NULL; INVALID_TEXT; INVALID_BODY. `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_request_new_create_session(mgprint_client client,
                                                  int32_t parent,
                                                  const uint8_t *parent_id,
                                                  size_t parent_id_length,
                                                  const uint8_t *job_id,
                                                  size_t job_id_length,
                                                  const uint8_t *document_id,
                                                  size_t document_id_length,
                                                  const uint8_t *body,
                                                  size_t body_length,
                                                  mgprint_request *out_request,
                                                  mgprint_error *out_error);

/**
 * Builds a request to Graph. `address` is a path below the endpoint's version, percent-encoded, with its query
 * (/print/shares?$top=5), or a whole address of the endpoint's own scheme, host and port, such as a next link. `body` is a
 * JSON object, sent byte for byte; no bytes stand for no body. `what` says in English what is being done, such as "list
 * the printer shares": errors say so. `repeatable` tells whether it may be sent again after its response was lost, which
 * a POST that creates something may not. Texts are copied; nothing is sent. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT for a method or an address that cannot be used, or out_request NULL;
 * INVALID_TEXT; INVALID_BODY. `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_request_new_graph(mgprint_client client,
                                         const uint8_t *method,
                                         size_t method_length,
                                         const uint8_t *address,
                                         size_t address_length,
                                         const uint8_t *body,
                                         size_t body_length,
                                         const uint8_t *what,
                                         size_t what_length,
                                         bool repeatable,
                                         mgprint_request *out_request,
                                         mgprint_error *out_error);

/**
 * Makes any request, as the steps of a host's own pipeline left it: https, or http to loopback. Headers are added with
 * mgprint_request_add_header. Texts are copied; nothing is sent. Any thread.
 *
 * @return INVALID_ARGUMENT for a method or an address that cannot be used, or out_request NULL; INVALID_TEXT.
 * `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_request` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_request_new(const uint8_t *method,
                                   size_t method_length,
                                   const uint8_t *url,
                                   size_t url_length,
                                   const uint8_t *body,
                                   size_t body_length,
                                   mgprint_request *out_request,
                                   mgprint_error *out_error);

/**
 * Adds a header of the host's. The first value for a name replaces the engine's own (Content-Type, Authorization,
 * User-Agent); later ones join it. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_HEADER, with an error that names the header, for a name or value that
 * cannot be sent, and for headers of the connection and of framing (Host, Content-Length, Transfer-Encoding and so
 * on). `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_error` is NULL or points to memory
 * for a handle.
 */
mgprint_status mgprint_request_add_header(mgprint_request request,
                                          const uint8_t *name,
                                          size_t name_length,
                                          const uint8_t *value,
                                          size_t value_length,
                                          mgprint_error *out_error);

/**
 * Reads a request as it will go out. One thread at a time for one request.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_view is NULL. `out_error` may be NULL.
 *
 * Memory:
 * `out_view` is NULL or points to memory for a view; `out_error` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_request_read(mgprint_request request,
                                    struct mgprint_request_view *out_view,
                                    mgprint_error *out_error);

/**
 * Frees a request. 0 is allowed. An operation that sends it keeps what it needs. Any thread.
 *
 * @return INVALID_HANDLE when it is freed already or never was a request.
 */
mgprint_status mgprint_request_free(mgprint_request request);

/**
 * Starts sending a request of mgprint_request_new_create_session. The result's json is the uploadSession. `options`
 * may be 0. Nothing that is passed needs to live on after the call. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
 *
 * Memory:
 * `out_operation` and `out_error` are NULL or point to memory for a handle.
 */
mgprint_status mgprint_session_create_start(mgprint_client client,
                                            mgprint_options options,
                                            mgprint_request request,
                                            mgprint_operation *out_operation,
                                            mgprint_error *out_error);

/**
 * Starts sending a request of mgprint_request_new_graph. The result's json is the response's body: a JSON object, the
 * digits of a count, or nothing. `options` may be 0. Nothing that is passed needs to live on after the call. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
 *
 * Memory:
 * `out_operation` and `out_error` are NULL or point to memory for a handle.
 */
mgprint_status mgprint_graph_start(mgprint_client client,
                                   mgprint_options options,
                                   mgprint_request request,
                                   mgprint_operation *out_operation,
                                   mgprint_error *out_error);

/**
 * Starts reading a response that a host's own steps gave to a request of mgprint_request_new_graph, as
 * mgprint_session_read_start reads a session. Any thread.
 *
 * @return As mgprint_session_read_start.
 *
 * Memory:
 * As mgprint_session_read_start.
 */
mgprint_status mgprint_graph_read_start(mgprint_client client,
                                        mgprint_request request,
                                        uint32_t http_status,
                                        const uint8_t *headers,
                                        size_t headers_length,
                                        const uint8_t *body,
                                        size_t body_length,
                                        mgprint_operation *out_operation,
                                        mgprint_error *out_error);

/**
 * Starts sending a request as mgprint_session_create_start does, retries included, but answers whatever came: the
 * result's http_status, headers and json are those of the answer, a refusal's too. For hosts that put steps of their
 * own around the sending; mgprint_session_read_start then reads what they made of the answer. Any thread.
 *
 * @return As mgprint_session_create_start.
 *
 * Memory:
 * As mgprint_session_create_start.
 */
mgprint_status mgprint_request_send_start(mgprint_client client,
                                          mgprint_options options,
                                          mgprint_request request,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Starts reading an uploadSession from an answer that a host's own steps gave to a request: the same checks, bounds and
 * errors as in mgprint_session_create_start. Nothing is sent. `headers` is JSON, {"name":["value"]}. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT for a status that HTTP does not have, headers in another form,
 * or out_operation NULL. `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_session_read_start(mgprint_client client,
                                          mgprint_request request,
                                          uint32_t http_status,
                                          const uint8_t *headers,
                                          size_t headers_length,
                                          const uint8_t *body,
                                          size_t body_length,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Starts asking what an upload session still misses (GET uploadUrl). The result's json is the session's state, its
 * bytes_total the size of the document, and its bytes_sent how many bytes of it are at the service. Where EXPECTED_SIZE
 * does not tell the size, they count up to the end of the last missing range; both are 0 where nothing can be counted.
 * The upload URL is its own secret; no token is sent. `options` may be 0. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL. `out_error`
 * may be NULL.
 *
 * Memory:
 * `upload_url` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are
 * NULL or point to memory for a handle.
 */
mgprint_status mgprint_session_status_start(mgprint_client client,
                                            mgprint_options options,
                                            const uint8_t *upload_url,
                                            size_t upload_url_length,
                                            mgprint_operation *out_operation,
                                            mgprint_error *out_error);

/**
 * Starts cancelling an upload session (DELETE uploadUrl): the service forgets its bytes. `options` may be 0. Any
 * thread.
 *
 * @return As mgprint_session_status_start.
 *
 * Memory:
 * As mgprint_session_status_start.
 */
mgprint_status mgprint_session_cancel_start(mgprint_client client,
                                            mgprint_options options,
                                            const uint8_t *upload_url,
                                            size_t upload_url_length,
                                            mgprint_operation *out_operation,
                                            mgprint_error *out_error);

/**
 * Starts sending a file to an upload session: what the session still misses of it, asked for first, so that the same
 * call also resumes. `path` is UTF-8; a relative one is relative to the process's directory. The file is checked by
 * the operation, before anything is sent. A process sends 64 files at once, and others wait for their turn. The result's
 * json is the printDocument. `options` may be 0. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL or the path is
 * empty or holds a NUL. `out_error` may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_upload_file_start(mgprint_client client,
                                         mgprint_options options,
                                         const uint8_t *upload_url,
                                         size_t upload_url_length,
                                         const uint8_t *path,
                                         size_t path_length,
                                         mgprint_operation *out_operation,
                                         mgprint_error *out_error);

/**
 * Starts sending a document that is in memory: as mgprint_upload_file_start, but for where the bytes come from. They
 * are copied during the call. Any thread.
 *
 * @return As mgprint_upload_file_start; INVALID_ARGUMENT when bytes is NULL and length is not 0.
 *
 * Memory:
 * `upload_url` and `bytes` are NULL or point to as many readable bytes as their lengths say; `out_operation` and
 * `out_error` are NULL or point to memory for a handle.
 */
mgprint_status mgprint_upload_bytes_start(mgprint_client client,
                                          mgprint_options options,
                                          const uint8_t *upload_url,
                                          size_t upload_url_length,
                                          const uint8_t *bytes,
                                          size_t length,
                                          mgprint_operation *out_operation,
                                          mgprint_error *out_error);

/**
 * Starts sending a document whose bytes the host supplies, `size` of them: as mgprint_upload_file_start, but that each
 * piece is asked for with a BYTES_WANTED event and answered with mgprint_operation_supply. Pieces come in any order
 * and, after a failure, again: what the host reads from must be able to seek. `name` is what messages call the
 * document; it may be empty. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_UPLOAD_URL; INVALID_ARGUMENT when out_operation is NULL. `out_error`
 * may be NULL.
 *
 * Memory:
 * Each text is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_upload_stream_start(mgprint_client client,
                                           mgprint_options options,
                                           const uint8_t *upload_url,
                                           size_t upload_url_length,
                                           uint64_t size,
                                           const uint8_t *name,
                                           size_t name_length,
                                           mgprint_operation *out_operation,
                                           mgprint_error *out_error);

/**
 * Starts sending a file to a print document: creates its upload session by a request of
 * mgprint_request_new_create_session, to whose body the size of the file is added, and then sends the bytes as
 * mgprint_upload_file_start does. With RESUME_FILE the same call goes on with the session that the resume file knows;
 * give RESUME_IDENTITY the document's ids, so that no other document does. Without, the upload URL goes with the
 * operation: one that fails begins anew, and its session is cancelled where the service can be reached. The result's
 * json is the printDocument. `options` may be 0. Nothing that is passed needs to live on after the call. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT when out_operation is NULL or the path is empty or holds a
 * NUL. `out_error` may be NULL.
 *
 * Memory:
 * `path` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_send_file_start(mgprint_client client,
                                       mgprint_options options,
                                       mgprint_request request,
                                       const uint8_t *path,
                                       size_t path_length,
                                       mgprint_operation *out_operation,
                                       mgprint_error *out_error);

/**
 * Starts sending a document that is in memory to a print document: as mgprint_send_file_start without a resume file. The
 * bytes are copied during the call. Any thread.
 *
 * @return As mgprint_send_file_start; INVALID_ARGUMENT when bytes is NULL and length is not 0.
 *
 * Memory:
 * `bytes` is NULL or points to as many readable bytes as `length` says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_send_bytes_start(mgprint_client client,
                                        mgprint_options options,
                                        mgprint_request request,
                                        const uint8_t *bytes,
                                        size_t length,
                                        mgprint_operation *out_operation,
                                        mgprint_error *out_error);

/**
 * Starts sending a document whose bytes the host supplies to a print document: as mgprint_send_file_start without a
 * resume file, with the bytes as in mgprint_upload_stream_start. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_TEXT; INVALID_ARGUMENT when out_operation is NULL. `out_error` may be NULL.
 *
 * Memory:
 * `name` is NULL or points to as many readable bytes as its length says; `out_operation` and `out_error` are NULL or
 * point to memory for a handle.
 */
mgprint_status mgprint_send_stream_start(mgprint_client client,
                                         mgprint_options options,
                                         mgprint_request request,
                                         uint64_t size,
                                         const uint8_t *name,
                                         size_t name_length,
                                         mgprint_operation *out_operation,
                                         mgprint_error *out_error);

/**
 * Starts reading the resume file that the options name (RESUME_FILE, RESUME_IDENTITY), for a host that wants to go on
 * with an upload and does not know its upload URL. The result's json is {"uploadUrl":"","identity":"","size":0}, and the
 * upload URL in it is a secret; it is empty when there is nothing to go on with, and a session is to be created. A file
 * that mgprint_upload_file_start would refuse, or that is in use, is refused here already. Nothing is sent. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_ARGUMENT when out_operation is NULL, or the options name no resume file. `out_error`
 * may be NULL.
 *
 * Memory:
 * `out_operation` and `out_error` are NULL or point to memory for a handle.
 */
mgprint_status mgprint_resume_read_start(mgprint_options options,
                                         mgprint_operation *out_operation,
                                         mgprint_error *out_error);

/**
 * Waits for the next event, at most `timeout_ms` milliseconds: 0 looks without waiting, UINT32_MAX waits for ever. One
 * thread at a time for one operation.
 *
 * @return OK with an event; PENDING without; INVALID_HANDLE; INVALID_ARGUMENT when out_event is NULL.
 *
 * Memory:
 * `out_event` is NULL or points to memory for an event.
 */
mgprint_status mgprint_operation_next_event(mgprint_operation operation,
                                            uint32_t timeout_ms,
                                            struct mgprint_event *out_event);

/**
 * Ends an operation: FINISHED follows at once, with CANCELLED as its result unless it had ended before. Bytes that the
 * service acknowledged stay there, and an upload can go on later; the session of a mgprint_send_* operation without a
 * resume file, which nobody else knows, is cancelled. Any thread, at any time, as often as wanted.
 *
 * @return INVALID_HANDLE.
 */
mgprint_status mgprint_operation_cancel(mgprint_operation operation);

/**
 * Reads how an operation ended: OK with `out_result`, or its failure with `out_error`, which the host frees. The
 * texts in `out_result` are valid until the operation is freed. Any thread.
 *
 * @return What the operation came to; INVALID_STATE before FINISHED; INVALID_HANDLE; INVALID_ARGUMENT when out_result
 * is NULL. `out_error` may be NULL.
 *
 * Memory:
 * `out_result` is NULL or points to memory for a result; `out_error` is NULL or points to memory for a handle.
 */
mgprint_status mgprint_operation_result(mgprint_operation operation,
                                        struct mgprint_result *out_result,
                                        mgprint_error *out_error);

/**
 * Frees an operation, its texts and what waits to be told; ends it first where it still runs. 0 is allowed. Any
 * thread; a thread that waits for an event of it is woken.
 *
 * @return INVALID_HANDLE when it is freed already or never was an operation.
 */
mgprint_status mgprint_operation_free(mgprint_operation operation);

/**
 * Waits until one of several operations has an event, at most `timeout_ms` milliseconds: 0 looks without waiting,
 * UINT32_MAX waits for ever. Answers where in `operations` the first of them stands; mgprint_operation_next_event then
 * gives the event without waiting. One thread at a time for one operation.
 *
 * @return OK with an index; PENDING without; INVALID_HANDLE when one of them is none; INVALID_ARGUMENT when count is 0
 * or above 65536, or operations or out_index is NULL.
 *
 * Memory:
 * `operations` is NULL or points to `count` handles; `out_index` is NULL or points to memory for a size.
 */
mgprint_status mgprint_operation_wait_any(const mgprint_operation *operations,
                                          size_t count,
                                          uint32_t timeout_ms,
                                          size_t *out_index);

/**
 * Answers a BYTES_WANTED event with the bytes, exactly as many as it asked for. They are copied during the call. The
 * answers to several events may come in any order. Any thread.
 *
 * An answer that is refused harms nothing: the operation goes on waiting for the right one, or has no use for it.
 *
 * @return INVALID_STATE when nobody waits for bytes at that offset, or not any more: after a broken connection bytes
 * are asked for anew, and after the end not at all; also for an operation that is none of mgprint_upload_stream_start.
 * INVALID_ARGUMENT when bytes is NULL, or length is not what was asked for. INVALID_HANDLE.
 *
 * Memory:
 * `bytes` is NULL or points to `length` readable bytes.
 */
mgprint_status mgprint_operation_supply(mgprint_operation operation,
                                        uint64_t offset,
                                        const uint8_t *bytes,
                                        size_t length);

/**
 * Answers a BYTES_WANTED event with the reason why there are no bytes, a sentence: the operation ends with
 * SOURCE_UNREADABLE and says so. Any thread.
 *
 * @return INVALID_STATE as mgprint_operation_supply; INVALID_TEXT; INVALID_ARGUMENT when message is NULL and its length
 * is not 0; INVALID_HANDLE.
 *
 * Memory:
 * `message` is NULL or points to as many readable bytes as its length says.
 */
mgprint_status mgprint_operation_supply_failed(mgprint_operation operation,
                                               uint64_t offset,
                                               const uint8_t *message,
                                               size_t message_length);

/**
 * Answers TOKEN_WANTED: the request goes once more, by a client of the same endpoint with another token. With 0 there is
 * none, and the operation ends with what the service said. Any thread.
 *
 * @return INVALID_HANDLE; INVALID_STATE for an operation without RENEW_TOKEN.
 */
mgprint_status mgprint_operation_renew(mgprint_operation operation,
                                       mgprint_client client);

/**
 * Reads an error. The texts in `out_view` are valid until the error is freed. Any thread.
 *
 * @return INVALID_ARGUMENT when out_view is NULL; INVALID_HANDLE.
 *
 * Memory:
 * `out_view` is NULL or points to memory for a view.
 */
mgprint_status mgprint_error_read(mgprint_error error, struct mgprint_error_view *out_view);

/**
 * Reads the headers of the answer that an error is about, as they came: JSON, {"name":["value"]}, secrets not masked, to
 * be shown nowhere. Empty when no answer came; there too where an answer began and did not come to its end. The text is
 * valid until the error is freed. Any thread.
 *
 * @return INVALID_ARGUMENT when out_headers is NULL; INVALID_HANDLE.
 *
 * Memory:
 * `out_headers` is NULL or points to memory for a text.
 */
mgprint_status mgprint_error_answer_headers(mgprint_error error,
                                            struct mgprint_text *out_headers);

/**
 * Frees an error and its texts. 0 is allowed. Any thread.
 *
 * @return INVALID_HANDLE when it is freed already or never was an error.
 */
mgprint_status mgprint_error_free(mgprint_error error);

/**
 * The stable name of a status, such as "ConnectionFailed"; NULL for a number that is none. Static: never freed. Any
 * thread.
 */
const char *mgprint_status_name(int32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MGPRINT_H */
