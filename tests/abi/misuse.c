/* Everything a host can do wrong, short of handing over memory that is not there: each is answered, none is fatal. */
#include "check.h"

static const mgprint_options no_options = {0};

static mgprint_options new_options(void) {
  mgprint_options options = {0};
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  return options;
}

static mgprint_client a_client(const char *endpoint) {
  mgprint_options options = new_options();
  mgprint_client client = {0};
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_ENDPOINT, TEXT(endpoint), &error));
  MUST(mgprint_client_new(options, &client, &error));
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  return client;
}

static void null_is_refused(mgprint_client client) {
  const mgprint_status refused = MGPRINT_STATUS_INVALID_ARGUMENT;
  mgprint_error error = {7};
  mgprint_operation operation = {7};
  mgprint_request request = {7};
  CHECK(mgprint_options_new(NULL) == refused);
  CHECK(mgprint_client_new(no_options, NULL, &error) == refused && error.id == 0);
  CHECK(mgprint_client_new(no_options, NULL, NULL) == refused);
  CHECK(mgprint_error_read((mgprint_error){1}, NULL) == refused);
  CHECK(mgprint_operation_next_event((mgprint_operation){1}, 0, NULL) == refused);
  CHECK(mgprint_operation_wait((mgprint_operation){1}, 0, NULL, NULL) == MGPRINT_STATUS_INVALID_HANDLE); /* NULL is allowed */
  CHECK(mgprint_request_read((mgprint_request){1}, NULL) == refused);
  CHECK(mgprint_request_new_session(client, NULL, 0, &request, &error) == refused);
  mgprint_document document = {BYTES(NULL, 5), TEXT("j"), TEXT("d"), NONE, NONE, MGPRINT_JOB_PARENT_SHARE};
  CHECK(mgprint_request_new_session(client, &document, 0, &request, &error) == refused);
  document.parent_id = TEXT("s");
  document.parent = (mgprint_job_parent)9;
  CHECK(mgprint_request_new_session(client, &document, 0, &request, &error) == refused);
  CHECK(request.id == 7); /* outputs are written on success alone */

  const mgprint_target url = url_target("https://h/u?t"), nowhere = {0}, twice = {TEXT("https://h/u?t"), &document, {0}};
  const mgprint_source file = file_source("a"), nothing = {0}, empty = file_source(""), broken = {BYTES("a\0b", 3), NONE, 0, MGPRINT_SOURCE_KIND_PATH};
  const mgprint_source bytes = bytes_source(NULL, 1);
  CHECK(mgprint_upload_start(client, no_options, NULL, &file, &operation, &error) == refused);
  CHECK(mgprint_upload_start(client, no_options, &url, NULL, &operation, &error) == refused);
  CHECK(mgprint_upload_start(client, no_options, &nowhere, &file, &operation, &error) == refused);
  CHECK(mgprint_upload_start(client, no_options, &twice, &file, &operation, &error) == refused);
  const mgprint_source *sources[] = {&nothing, &empty, &broken, &bytes};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
    CHECK(mgprint_upload_start(client, no_options, &url, sources[i], &operation, &error) == refused);
  }
  CHECK(mgprint_session_start(client, no_options, (mgprint_session_action)9, TEXT("https://h/u?t"), &operation, NULL) == refused);
  CHECK(operation.id == 7);
}

static void handles_that_are_none_are_refused(mgprint_client client) {
  mgprint_options options = new_options();
  const uint64_t others[] = {1, UINT64_MAX, client.id, options.id + 1, options.id ^ (UINT64_C(1) << 40)};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const mgprint_options other = {others[i]};
    const mgprint_operation operation = {others[i]};
    CHECK(mgprint_options_set_number(other, MGPRINT_OPTION_CHUNK_SIZE, 1, NULL) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_options_free(other) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_options_copy(other, &options) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_operation_renew(operation, client) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_error_free((mgprint_error){others[i]}) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_request_free((mgprint_request){others[i]}) == MGPRINT_STATUS_INVALID_HANDLE);
  }
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_options_free(no_options) == MGPRINT_STATUS_OK && mgprint_client_free((mgprint_client){0}) == MGPRINT_STATUS_OK);
  CHECK(mgprint_request_free((mgprint_request){0}) == MGPRINT_STATUS_OK && mgprint_operation_free((mgprint_operation){0}) == MGPRINT_STATUS_OK);
  CHECK(mgprint_error_free((mgprint_error){0}) == MGPRINT_STATUS_OK);
}

static void values_out_of_range_are_refused(void) {
  mgprint_options options = new_options();
  mgprint_error error = {0};
  CHECK(mgprint_options_set_number(options, (mgprint_option)9999, 1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_number(options, MGPRINT_OPTION_ENDPOINT, 1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_CHUNK_SIZE, TEXT("1"), NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  const struct { mgprint_option option; uint64_t value; } wrong[] = {
    {MGPRINT_OPTION_CHUNK_SIZE, 0}, {MGPRINT_OPTION_CHUNK_SIZE, 10000000}, {MGPRINT_OPTION_MAX_CONCURRENCY, 0},
    {MGPRINT_OPTION_MAX_CONCURRENCY, 5}, {MGPRINT_OPTION_MAX_RETRY, UINT64_MAX}, {MGPRINT_OPTION_LOG_LEVEL, 3},
    {MGPRINT_OPTION_IDLE_TIMEOUT_MS, 0}, {MGPRINT_OPTION_CONNECT_TIMEOUT_MS, UINT64_MAX}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    CHECK(mgprint_options_set_number(options, wrong[i].option, wrong[i].value, &error) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(error.id != 0 && mgprint_error_free(error) == MGPRINT_STATUS_OK);
  }
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, TEXT("\xff\xfe"), NULL) == MGPRINT_STATUS_INVALID_TEXT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, BYTES("x", (size_t)1 << 40), NULL) == MGPRINT_STATUS_INVALID_TEXT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_ENDPOINT, TEXT("http://graph.microsoft.com"), NULL) == MGPRINT_STATUS_INVALID_ENDPOINT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, NONE, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, BYTES("a\0b", 3), NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_UPLOAD_HEADER, TEXT("Authorization: x"), NULL) == MGPRINT_STATUS_INVALID_HEADER);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_UPLOAD_HEADER, TEXT(": x"), NULL) == MGPRINT_STATUS_INVALID_HEADER);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_UPLOAD_HEADER, TEXT("x"), NULL) == MGPRINT_STATUS_INVALID_HEADER);

  /* A token that cannot be one is refused, and not repeated. */
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, TEXT("x"), &error));
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_ACCESS_TOKEN, TEXT("CANARY 1"), &error));
  mgprint_client client = {0};
  CHECK(mgprint_client_new(options, &client, &error) == MGPRINT_STATUS_INVALID_ARGUMENT && client.id == 0);
  const mgprint_error_view *view = NULL;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && strstr(view->message.data, "CANARY") == NULL);
  CHECK(view->secret_headers.len == 0 && view->headers.len == 0);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
}

/* What a call does not take is refused, and never lost. */
static void options_of_another_call_are_refused(mgprint_client client) {
  mgprint_operation operation = {0};
  mgprint_error error = {0};
  const mgprint_target url = url_target("https://h/u?t");
  const mgprint_source file = file_source("a"), bytes = bytes_source("x", 1);
  mgprint_options token = new_options(), resume = new_options(), copy = {0};
  MUST(mgprint_options_set_text(token, MGPRINT_OPTION_ACCESS_TOKEN, TEXT("t"), &error));
  CHECK(mgprint_upload_start(client, token, &url, &file, &operation, &error) == MGPRINT_STATUS_INVALID_ARGUMENT);
  const mgprint_error_view *view = NULL;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && strstr(view->message.data, "AccessToken") != NULL);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);

  MUST(mgprint_options_set_text(resume, MGPRINT_OPTION_RESUME_FILE, TEXT("r"), &error));
  CHECK(mgprint_client_new(resume, &client, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_upload_start(client, resume, &url, &bytes, &operation, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_session_start(client, resume, MGPRINT_SESSION_ACTION_STATUS, url.upload_url, &operation, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);

  /* Copies have a life of their own. */
  MUST(mgprint_options_copy(token, &copy));
  MUST(mgprint_options_set_text(copy, MGPRINT_OPTION_RESUME_FILE, TEXT("r"), &error));
  CHECK(mgprint_client_new(copy, &client, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  mgprint_client made = {0};
  MUST(mgprint_client_new(token, &made, &error));
  CHECK(mgprint_client_free(made) == MGPRINT_STATUS_OK && mgprint_options_free(token) == MGPRINT_STATUS_OK);
  CHECK(mgprint_client_new(copy, &client, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_free(resume) == MGPRINT_STATUS_OK && mgprint_options_free(copy) == MGPRINT_STATUS_OK);

  /* What belongs together may come in any order, and not alone. */
  mgprint_options proxy = new_options();
  MUST(mgprint_options_set_text(proxy, MGPRINT_OPTION_PROXY_USER, TEXT("u"), &error));
  CHECK(mgprint_client_new(proxy, &made, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  MUST(mgprint_options_set_text(proxy, MGPRINT_OPTION_PROXY, TEXT("http://proxy:8080"), &error));
  MUST(mgprint_client_new(proxy, &made, &error));
  CHECK(mgprint_client_free(made) == MGPRINT_STATUS_OK && mgprint_options_free(proxy) == MGPRINT_STATUS_OK);
}

static void results_come_after_the_end(mgprint_client client) {
  mgprint_operation operation = {0};
  const mgprint_result *result = NULL;
  const mgprint_event *event = NULL;
  const mgprint_target url = url_target("http://127.0.0.1:9/u?t");
  const mgprint_source file = file_source("/no/such/file");
  MUST(mgprint_upload_start(client, no_options, &url, &file, &operation, &error));
  mgprint_error first = {0}, second = {0};
  CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, &first) == MGPRINT_STATUS_SOURCE_NOT_FOUND && first.id != 0);
  CHECK(mgprint_operation_wait(operation, 0, &result, &second) == MGPRINT_STATUS_SOURCE_NOT_FOUND && second.id != first.id);
  CHECK(mgprint_operation_wait(operation, 5, &result, NULL) == MGPRINT_STATUS_SOURCE_NOT_FOUND && result == NULL);
  CHECK(mgprint_error_free(first) == MGPRINT_STATUS_OK && mgprint_error_free(second) == MGPRINT_STATUS_OK);
  listen_to_end(operation);
  CHECK(mgprint_operation_next_event(operation, 0, &event) == MGPRINT_STATUS_OK && event->kind == MGPRINT_EVENT_KIND_FINISHED);
  CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_OK); /* too late, and no harm */
  CHECK(mgprint_operation_wait(operation, 0, &result, NULL) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
  CHECK(mgprint_operation_renew(operation, client) == MGPRINT_STATUS_INVALID_STATE);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_INVALID_HANDLE);
}

static void names_are_known(void) {
  CHECK(strcmp(mgprint_status_name(MGPRINT_STATUS_CONNECTION_FAILED), "ConnectionFailed") == 0);
  CHECK(mgprint_status_name(12345) == NULL && mgprint_status_name(-1) == NULL);
}

int main(void) {
  mgprint_client client = a_client("http://127.0.0.1:9");
  null_is_refused(client);
  handles_that_are_none_are_refused(client);
  values_out_of_range_are_refused();
  options_of_another_call_are_refused(client);
  results_come_after_the_end(client);
  names_are_known();
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  puts("refused");
  return 0;
}
