/* Everything a host can do wrong, short of handing over memory that is not there: each is answered, none is fatal. */
#include "check.h"

static mgprint_client a_client(const char *endpoint) {
  mgprint_options options = 0;
  mgprint_client client = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_ENDPOINT, TEXT(endpoint), &error));
  MUST(mgprint_client_new(options, &client, &error));
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  return client;
}

static void null_is_refused(mgprint_client client) {
  mgprint_error error = 0;
  CHECK(mgprint_options_new(NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_client_new(0, NULL, &error) == MGPRINT_STATUS_INVALID_ARGUMENT && error == 0);
  CHECK(mgprint_client_new(0, NULL, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_error_read(1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_error_answer_headers(1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_next_event(1, 0, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_result(1, NULL, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_request_read(1, NULL, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  mgprint_request request = 7;
  CHECK(mgprint_request_new_create_session(client, MGPRINT_JOB_PARENT_PRINTER, NULL, 5, TEXT("j"), TEXT("d"), NULL, 0, &request, &error) ==
        MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(request == 7); /* outputs are written on success alone */
  mgprint_operation operation = 7;
  CHECK(mgprint_upload_file_start(client, 0, TEXT("https://h/u?t"), NULL, 0, &operation, &error) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_upload_file_start(client, 0, TEXT("https://h/u?t"), (const uint8_t *)"a\0b", 3, &operation, &error) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(operation == 7);
}

static void handles_that_are_none_are_refused(mgprint_client client) {
  mgprint_options options = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK && options != 0);
  const uint64_t others[] = {1, UINT64_MAX, client, options + 1, options ^ (UINT64_C(1) << 40)};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    CHECK(mgprint_options_set_number(others[i], MGPRINT_OPTION_CHUNK_SIZE, 1, NULL) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_options_free(others[i]) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_operation_cancel(others[i]) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_operation_free(others[i]) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_error_free(others[i]) == MGPRINT_STATUS_INVALID_HANDLE);
    CHECK(mgprint_request_free(others[i]) == MGPRINT_STATUS_INVALID_HANDLE);
  }
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_options_free(0) == MGPRINT_STATUS_OK && mgprint_client_free(0) == MGPRINT_STATUS_OK);
  CHECK(mgprint_request_free(0) == MGPRINT_STATUS_OK && mgprint_operation_free(0) == MGPRINT_STATUS_OK);
  CHECK(mgprint_error_free(0) == MGPRINT_STATUS_OK);
}

static void values_out_of_range_are_refused(void) {
  mgprint_options options = 0;
  mgprint_error error = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_set_number(options, 9999, 1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_number(options, MGPRINT_OPTION_ENDPOINT, 1, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_CHUNK_SIZE, TEXT("1"), NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  const struct { int32_t option; uint64_t value; } wrong[] = {
    {MGPRINT_OPTION_CHUNK_SIZE, 0}, {MGPRINT_OPTION_CHUNK_SIZE, 10000000}, {MGPRINT_OPTION_MAX_CONCURRENCY, 0},
    {MGPRINT_OPTION_MAX_CONCURRENCY, 5}, {MGPRINT_OPTION_MAX_RETRY, UINT64_MAX}, {MGPRINT_OPTION_LOG_LEVEL, 3},
    {MGPRINT_OPTION_SILENCE_TIMEOUT_MS, 0}, {MGPRINT_OPTION_CONNECT_TIMEOUT_MS, UINT64_MAX}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    CHECK(mgprint_options_set_number(options, wrong[i].option, wrong[i].value, &error) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(error != 0 && mgprint_error_free(error) == MGPRINT_STATUS_OK);
  }
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, (const uint8_t *)"\xff\xfe", 2, NULL) == MGPRINT_STATUS_INVALID_TEXT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, TEXT("x"), NULL) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_USER_AGENT, (const uint8_t *)"x", (size_t)1 << 40, NULL) == MGPRINT_STATUS_INVALID_TEXT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_ENDPOINT, TEXT("http://graph.microsoft.com"), NULL) == MGPRINT_STATUS_INVALID_ENDPOINT);

#ifndef _WIN32
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_PROXY, TEXT("http://proxy:8080"), &error));
#endif

  /* A token that cannot be one is refused, and not repeated. */
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_ACCESS_TOKEN, TEXT("CANARY 1"), &error));
  mgprint_client client = 0;
  CHECK(mgprint_client_new(options, &client, &error) == MGPRINT_STATUS_INVALID_ARGUMENT && client == 0);
  mgprint_error_view view;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && strstr(view.message.data, "CANARY") == NULL);
  mgprint_text headers;
  CHECK(mgprint_error_answer_headers(error, &headers) == MGPRINT_STATUS_OK && headers.length == 0);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_error_answer_headers(error, &headers) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
}

static void results_come_after_the_end(mgprint_client client) {
  mgprint_operation operation = 0;
  mgprint_result result;
  mgprint_event event;
  MUST(mgprint_upload_file_start(client, 0, TEXT("http://127.0.0.1:9/u?t"), TEXT("/no/such/file"), &operation, &error));
  listen_to_end(operation);
  mgprint_error first = 0, second = 0;
  CHECK(mgprint_operation_result(operation, &result, &first) == MGPRINT_STATUS_SOURCE_NOT_FOUND && first != 0);
  CHECK(mgprint_operation_result(operation, &result, &second) == MGPRINT_STATUS_SOURCE_NOT_FOUND && second != first);
  CHECK(mgprint_operation_result(operation, &result, NULL) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
  CHECK(mgprint_error_free(first) == MGPRINT_STATUS_OK && mgprint_error_free(second) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_next_event(operation, 0, &event) == MGPRINT_STATUS_OK && event.kind == MGPRINT_EVENT_KIND_FINISHED);
  CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_OK); /* too late, and no harm */
  CHECK(mgprint_operation_result(operation, &result, NULL) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
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
  results_come_after_the_end(client);
  names_are_known();
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  puts("refused");
  return 0;
}
