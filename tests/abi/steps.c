/* A host with pipeline steps of its own: steps PRINTER JOB DOCUMENT, with MGPRINT_ENDPOINT and MGPRINT_ACCESS_TOKEN in
 * the environment. The engine builds the request, the host makes another of it, the engine sends that and answers what
 * came, the host hands a response back, and the engine reads it. */
#include "check.h"

static const mgprint_options no_options = {0};

/* Sends a request and answers the operation, which owns the result's texts. */
static mgprint_operation response_to(mgprint_client client, mgprint_request request, const mgprint_result **result) {
  mgprint_operation sending = {0};
  MUST(mgprint_request_start(client, no_options, request, &sending, &error));
  MUST(mgprint_operation_wait(sending, UINT32_MAX, result, &error));
  return sending;
}

/* Reads a session from a response; answers what the reading came to. */
static mgprint_status reading(mgprint_client client, mgprint_request request, uint32_t http_status, const char *headers, const char *body,
                              char *id, size_t size) {
  mgprint_operation operation = {0};
  mgprint_error error = {0};
  mgprint_status status = mgprint_response_read(client, request, http_status, TEXT(headers), TEXT(body), &operation, &error);
  if (status == MGPRINT_STATUS_OK) {
    CHECK(strcmp(result_of(operation)->json.data, body) == 0 && result_of(operation)->upload_url.len > 0);
    CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  } else if (error.id != 0) {
    const mgprint_error_view *view = NULL;
    CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK);
    CHECK(view->http_status == 0 || view->http_status == http_status);
    CHECK(view->client_request_id.len > 0 || status == MGPRINT_STATUS_INVALID_ARGUMENT);
    snprintf(id, size, "%s", view->graph_code.data);
    CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  }
  return status;
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  mgprint_client client = client_from_env();

  /* As the engine builds it, and as the host changes it. */
  const char *body = "{\"properties\":{\"documentName\":\"a.pdf\",\"contentType\":\"application/pdf\",\"size\":5}}";
  mgprint_request built = {0}, changed = {0}, refused = {0};
  mgprint_document document = {TEXT(argv[1]), TEXT(argv[2]), TEXT(argv[3]), NONE, NONE, MGPRINT_JOB_PARENT_PRINTER};
  MUST(mgprint_request_new_session(client, &document, 0, &built, &error));
  const mgprint_request_view *view = NULL;
  MUST(mgprint_request_read(built, &view));
  CHECK(strcmp(view->body.data, "{\"properties\":{}}") == 0);
  MUST(mgprint_request_new((mgprint_client){0}, MGPRINT_REQUEST_MODE_AS_IS, view->method, view->url, TEXT(body), NONE, &changed, &error));
  MUST(mgprint_request_new((mgprint_client){0}, MGPRINT_REQUEST_MODE_AS_IS, view->method, view->url, TEXT("{}"), NONE, &refused, &error));
  MUST(mgprint_request_add_header(refused, TEXT("Content-Type"), TEXT("application/json"), &error));
  MUST(mgprint_request_add_header(changed, TEXT("Content-Type"), TEXT("application/json"), &error));
  MUST(mgprint_request_add_header(changed, TEXT("X-Step"), TEXT("changed"), &error));

  const mgprint_result *result = NULL;
  mgprint_operation sent = response_to(client, changed, &result);
  CHECK(result->http_status == 200);
  CHECK(reading(client, changed, result->http_status, result->headers.data, result->json.data, NULL, 0) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(sent) == MGPRINT_STATUS_OK);

  /* A refusal is a response to the steps, and an error to who reads it. */
  char code[128] = "";
  sent = response_to(client, refused, &result);
  CHECK(result->http_status == 400);
  CHECK(reading(client, built, result->http_status, result->headers.data, result->json.data, code, sizeof code) == MGPRINT_STATUS_REQUEST_FAILED);
  CHECK(strlen(code) > 0);
  CHECK(mgprint_operation_free(sent) == MGPRINT_STATUS_OK);

  /* A response of the host's own, without the service. */
  CHECK(reading(client, changed, 200, "{}", "{\"uploadUrl\":\"https://h/u?t\"}", NULL, 0) == MGPRINT_STATUS_OK);
  CHECK(reading(client, changed, 200, "{}", "", code, sizeof code) == MGPRINT_STATUS_UNEXPECTED_RESPONSE);
  CHECK(reading(client, changed, 200, "{}", "<html>", code, sizeof code) == MGPRINT_STATUS_UNEXPECTED_RESPONSE);
  CHECK(reading(client, changed, 1000, "{}", "{}", code, sizeof code) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(reading(client, changed, 200, "[]", "{}", code, sizeof code) == MGPRINT_STATUS_INVALID_ARGUMENT);

  /* Where a request may not go. */
  mgprint_request nowhere = {0};
  const char *addresses[] = {"http://graph.microsoft.com/", "ftp://127.0.0.1/", "", "https://u:p@h/"};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    CHECK(mgprint_request_new(client, MGPRINT_REQUEST_MODE_AS_IS, TEXT("POST"), TEXT(addresses[i]), NONE, NONE, &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(mgprint_request_new(client, MGPRINT_REQUEST_MODE_ONCE, TEXT("POST"), TEXT(addresses[i]), NONE, TEXT("x"), &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  }
  CHECK(mgprint_request_new(client, MGPRINT_REQUEST_MODE_AS_IS, TEXT("PO ST"), TEXT("https://h/"), NONE, NONE, &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_request_new(client, (mgprint_request_mode)9, TEXT("GET"), TEXT("/print"), NONE, NONE, &nowhere, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(nowhere.id == 0);

  CHECK(mgprint_request_free(built) == MGPRINT_STATUS_OK && mgprint_request_free(changed) == MGPRINT_STATUS_OK);
  CHECK(mgprint_request_free(refused) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
  puts("stepped");
  return 0;
}
