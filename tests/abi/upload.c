/* Sends a file: upload PRINTER JOB DOCUMENT FILE SIZE, with MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN in the
 * environment. Creates the session, asks its status, sends the file, and finds the session gone. */
#include "check.h"

int main(int argc, char **argv) {
  CHECK(argc == 6);
  CHECK(mgprint_abi_version() == MGPRINT_ABI_VERSION);
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", MGPRINT_VERSION_MAJOR, MGPRINT_VERSION_MINOR, MGPRINT_VERSION_PATCH);
  CHECK(strcmp(mgprint_version(), version) == 0);

  mgprint_client client = client_from_env();
  uint64_t size = strtoull(argv[5], NULL, 10);
  mgprint_document document = printer_document(argv + 1);
  mgprint_request request = {0};
  MUST(mgprint_request_new_session(client, &document, size, &request, &error));
  MUST(mgprint_request_add_header(request, TEXT("X-From"), TEXT("C"), &error));
  const mgprint_request_view *view = NULL;
  MUST(mgprint_request_read(request, &view));
  char body[256];
  snprintf(body, sizeof body, "{\"properties\":{\"documentName\":\"a.pdf\",\"contentType\":\"application/pdf\",\"size\":%s}}", argv[5]);
  CHECK(view->size == sizeof *view && strcmp(view->method.data, "POST") == 0 && strcmp(view->body.data, body) == 0);
  CHECK(strstr(view->headers.data, "\"x-from\":[\"C\"]") != NULL && strstr(view->headers.data, "uthorization") == NULL);

  mgprint_operation creating = {0};
  MUST(mgprint_request_start(client, (mgprint_options){0}, request, &creating, &error));
  CHECK(mgprint_request_free(request) == MGPRINT_STATUS_OK);
  const mgprint_result *session = NULL;
  MUST(mgprint_operation_wait(creating, UINT32_MAX, &session, &error));
  CHECK(session->http_status == 200 || session->http_status == 201);
  CHECK(strstr(session->headers.data, "\"request-id\":[\"") != NULL);
  /* Read without a parser of JSON. */
  CHECK(strstr(session->json.data, session->upload_url.data) != NULL && session->expires_at > 1700000000);
  CHECK(session->missing_is_known && session->missing_count == 1 && session->missing[0].start == 0);

  mgprint_operation asking = {0};
  MUST(mgprint_session_start(client, (mgprint_options){0}, MGPRINT_SESSION_ACTION_STATUS, session->upload_url, &asking, &error));
  listen_to_end(asking);
  const mgprint_result *result = result_of(asking);
  CHECK(strstr(result->json.data, "nextExpectedRanges") != NULL && result->missing_count == 1);
  CHECK(mgprint_operation_free(asking) == MGPRINT_STATUS_OK);

  mgprint_options options = {0};
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_CHUNK_SIZE, 1000000, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_LOG_LEVEL, MGPRINT_LOG_LEVEL_DEBUG, &error));
  mgprint_target target = {session->upload_url, NULL, {0}};
  mgprint_source source = file_source(argv[4]);
  mgprint_operation sending = {0};
  MUST(mgprint_upload_start(client, options, &target, &source, &sending, &error));
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  /* The operation keeps what it needs. */
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(listen_to_end(sending) > 0);
  result = result_of(sending);
  CHECK(result->bytes_total == size && result->bytes_done == size && strstr(result->json.data, "a.pdf") != NULL);
  CHECK(mgprint_operation_free(sending) == MGPRINT_STATUS_OK);

  client = client_from_env();
  mgprint_operation cancelling = {0};
  MUST(mgprint_session_start(client, (mgprint_options){0}, MGPRINT_SESSION_ACTION_CANCEL, session->upload_url, &cancelling, &error));
  mgprint_error error = {0};
  CHECK(mgprint_operation_wait(cancelling, UINT32_MAX, &result, &error) == MGPRINT_STATUS_SESSION_GONE);
  const mgprint_error_view *why = NULL;
  CHECK(mgprint_error_read(error, &why) == MGPRINT_STATUS_OK);
  CHECK(why->size == sizeof *why && why->status == MGPRINT_STATUS_SESSION_GONE);
  CHECK(why->http_status == 404 && strcmp(why->id.data, "SessionGone") == 0);
  CHECK(strstr(why->message.data, "tempauthtoken=") == NULL && strstr(why->body.data, "tempauthtoken=") == NULL);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);

  CHECK(mgprint_operation_free(cancelling) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(creating) == MGPRINT_STATUS_OK);
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  puts("delivered");
  return 0;
}
