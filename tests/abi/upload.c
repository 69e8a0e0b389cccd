/* Sends a file: upload PRINTER JOB DOCUMENT FILE SIZE, with MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN in the
 * environment. Creates the session, asks its status, sends the file, and finds the session gone. */
#include "check.h"

/* The value of "uploadUrl" in an answer of the emulator, which escapes nothing in it. */
static char *upload_url(mgprint_text json) {
  const char *start = strstr(json.data, "\"uploadUrl\":\"");
  CHECK(start != NULL);
  start += strlen("\"uploadUrl\":\"");
  size_t length = strcspn(start, "\"");
  char *url = malloc(length + 1);
  memcpy(url, start, length);
  url[length] = '\0';
  return url;
}

int main(int argc, char **argv) {
  CHECK(argc == 6);
  CHECK(mgprint_abi_version() == MGPRINT_ABI_VERSION);
  CHECK(strchr(mgprint_version(), '.') != NULL);

  mgprint_options options = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_from_env(options, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_CHUNK_SIZE, 1000000, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_LOG_LEVEL, 2, &error));
  mgprint_client client = 0;
  MUST(mgprint_client_new(options, &client, &error));

  char body[256];
  snprintf(body, sizeof body, "{\"properties\":{\"documentName\":\"a.pdf\",\"contentType\":\"application/pdf\",\"size\":%s}}", argv[5]);
  mgprint_request request = 0;
  MUST(mgprint_request_new_create_session(client, MGPRINT_JOB_PARENT_PRINTER, TEXT(argv[1]), TEXT(argv[2]), TEXT(argv[3]),
                                          TEXT(body), &request, &error));
  MUST(mgprint_request_add_header(request, TEXT("X-From"), TEXT("C"), &error));
  mgprint_request_view view;
  MUST(mgprint_request_read(request, &view, &error));
  CHECK(strcmp(view.method.data, "POST") == 0 && strcmp(view.body.data, body) == 0);
  CHECK(strstr(view.headers.data, "\"x-from\":[\"C\"]") != NULL && strstr(view.headers.data, "uthorization") == NULL);

  mgprint_operation creating = 0;
  MUST(mgprint_session_create_start(client, options, request, &creating, &error));
  CHECK(mgprint_request_free(request) == MGPRINT_STATUS_OK);
  listen_to_end(creating);
  mgprint_result result;
  MUST(mgprint_operation_result(creating, &result, &error));
  CHECK(result.http_status == 200 || result.http_status == 201);
  CHECK(strstr(result.headers.data, "\"request-id\":[\"") != NULL);
  char *url = upload_url(result.json);
  CHECK(mgprint_operation_free(creating) == MGPRINT_STATUS_OK);

  mgprint_operation asking = 0;
  MUST(mgprint_session_status_start(client, 0, TEXT(url), &asking, &error));
  listen_to_end(asking);
  MUST(mgprint_operation_result(asking, &result, &error));
  CHECK(strstr(result.json.data, "nextExpectedRanges") != NULL);
  CHECK(mgprint_operation_free(asking) == MGPRINT_STATUS_OK);

  mgprint_operation sending = 0;
  MUST(mgprint_upload_file_start(client, options, TEXT(url), TEXT(argv[4]), &sending, &error));
  /* The operation keeps what it needs. */
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(listen_to_end(sending) > 0);
  MUST(mgprint_operation_result(sending, &result, &error));
  CHECK(result.confirmed && result.bytes_total == strtoull(argv[5], NULL, 10) && result.bytes_sent == result.bytes_total);
  CHECK(strstr(result.json.data, "a.pdf") != NULL);
  CHECK(mgprint_operation_free(sending) == MGPRINT_STATUS_OK);

  MUST(mgprint_client_new(options, &client, &error));
  mgprint_operation cancelling = 0;
  MUST(mgprint_session_cancel_start(client, 0, TEXT(url), &cancelling, &error));
  listen_to_end(cancelling);
  mgprint_error error = 0;
  CHECK(mgprint_operation_result(cancelling, &result, &error) == MGPRINT_STATUS_SESSION_GONE);
  mgprint_error_view why;
  CHECK(mgprint_error_read(error, &why) == MGPRINT_STATUS_OK);
  CHECK(why.http_status == 404 && strcmp(why.id.data, "SessionGone") == 0);
  CHECK(strstr(why.message.data, "tempauthtoken=") == NULL && strstr(why.body.data, "tempauthtoken=") == NULL);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);

  CHECK(mgprint_operation_free(cancelling) == MGPRINT_STATUS_OK);
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  free(url);
  puts("delivered");
  return 0;
}
