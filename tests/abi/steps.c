/* A host with pipeline steps of its own: steps PRINTER JOB DOCUMENT, with MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN in
 * the environment. The engine builds the request, the host makes another of it, the engine sends that and answers what
 * came, the host hands an answer back, and the engine reads it. */
#include "check.h"

/* Sends a request and answers the operation, which owns the result's texts. */
static mgprint_operation answer_to(mgprint_client client, mgprint_request request, mgprint_result *result) {
  mgprint_operation sending = 0;
  MUST(mgprint_request_send_start(client, 0, request, &sending, &error));
  listen_to_end(sending);
  MUST(mgprint_operation_result(sending, result, &error));
  return sending;
}

/* Reads a session from an answer; answers what the reading came to. */
static mgprint_status reading(mgprint_client client, mgprint_request request, uint32_t http_status, const char *headers, const char *body,
                              char *id, size_t size) {
  mgprint_operation operation = 0;
  MUST(mgprint_session_read_start(client, request, http_status, TEXT(headers), TEXT(body), &operation, &error));
  listen_to_end(operation);
  mgprint_result result;
  mgprint_error error = 0;
  mgprint_status status = mgprint_operation_result(operation, &result, &error);
  if (status == MGPRINT_STATUS_OK) {
    CHECK(strcmp(result.json.data, body) == 0);
  } else {
    mgprint_error_view view;
    CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK);
    CHECK(view.http_status == 0 || view.http_status == http_status);
    CHECK(view.client_request_id.length > 0);
    snprintf(id, size, "%s", view.graph_code.data);
    CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  }
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  return status;
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  mgprint_options options = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_from_env(options, &error));
  mgprint_client client = 0;
  MUST(mgprint_client_new(options, &client, &error));

  /* As the engine builds it, and as the host changes it. */
  const char *body = "{\"properties\":{\"documentName\":\"a.pdf\",\"contentType\":\"application/pdf\",\"size\":5}}";
  mgprint_request built = 0, changed = 0;
  MUST(mgprint_request_new_create_session(client, MGPRINT_JOB_PARENT_PRINTER, TEXT(argv[1]), TEXT(argv[2]), TEXT(argv[3]), NULL, 0, &built, &error));
  mgprint_request_view view;
  MUST(mgprint_request_read(built, &view, &error));
  CHECK(strcmp(view.body.data, "{}") == 0);
  MUST(mgprint_request_new(TEXT(view.method.data), TEXT(view.url.data), TEXT(body), &changed, &error));
  MUST(mgprint_request_add_header(changed, TEXT("Content-Type"), TEXT("application/json"), &error));
  MUST(mgprint_request_add_header(changed, TEXT("X-Step"), TEXT("changed"), &error));

  mgprint_result result;
  mgprint_operation sent = answer_to(client, changed, &result);
  CHECK(result.http_status == 200);
  CHECK(reading(client, changed, result.http_status, result.headers.data, result.json.data, NULL, 0) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(sent) == MGPRINT_STATUS_OK);

  /* A refusal is an answer to the steps, and an error to who reads it. */
  char code[128] = "";
  sent = answer_to(client, built, &result);
  CHECK(result.http_status == 400);
  CHECK(reading(client, built, result.http_status, result.headers.data, result.json.data, code, sizeof code) == MGPRINT_STATUS_REQUEST_FAILED);
  CHECK(strlen(code) > 0);
  CHECK(mgprint_operation_free(sent) == MGPRINT_STATUS_OK);

  /* An answer of the host's own, without the service. */
  CHECK(reading(client, changed, 200, "{}", "{\"uploadUrl\":\"https://h/u?t\"}", NULL, 0) == MGPRINT_STATUS_OK);
  CHECK(reading(client, changed, 200, "{}", "", code, sizeof code) == MGPRINT_STATUS_UNEXPECTED_RESPONSE);
  CHECK(reading(client, changed, 200, "{}", "<html>", code, sizeof code) == MGPRINT_STATUS_UNEXPECTED_RESPONSE);
  mgprint_operation none = 0;
  CHECK(mgprint_session_read_start(client, changed, 1000, TEXT("{}"), TEXT("{}"), &none, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_session_read_start(client, changed, 200, TEXT("[]"), TEXT("{}"), &none, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT && none == 0);

  /* Where a request may not go. */
  mgprint_request nowhere = 0;
  const char *addresses[] = {"http://graph.microsoft.com/", "ftp://127.0.0.1/", "", "https://u:p@h/"};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    CHECK(mgprint_request_new(TEXT("POST"), TEXT(addresses[i]), NULL, 0, &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  }
  CHECK(mgprint_request_new(TEXT("PO ST"), TEXT("https://h/"), NULL, 0, &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT && nowhere == 0);

  CHECK(mgprint_request_free(built) == MGPRINT_STATUS_OK && mgprint_request_free(changed) == MGPRINT_STATUS_OK);
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK && mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("stepped");
  return 0;
}
