/* Sends documents without sessions of their own: send FILE, then PRINTER JOB DOCUMENT three times, with the endpoint
 * and the token in the environment. All of them run at once, and one thread listens to all. */
#include "check.h"

#define COUNT 3

static uint8_t bytes[300000];

static mgprint_request request_for(mgprint_client client, char **ids) {
  static const char body[] = "{\"properties\":{\"contentType\":\"application/pdf\",\"documentName\":\"a.pdf\"}}";
  mgprint_request request = 0;
  MUST(mgprint_request_new_create_session(client, MGPRINT_JOB_PARENT_PRINTER, TEXT(ids[0]), TEXT(ids[1]), TEXT(ids[2]),
                                          TEXT(body), &request, &error));
  return request;
}

/* Whatever the operation has to say, until it has no more. Whether it ended. */
static bool listen(mgprint_operation operation) {
  mgprint_event event;
  for (;;) {
    mgprint_status status = mgprint_operation_next_event(operation, 0, &event);
    if (status == MGPRINT_STATUS_PENDING) return false;
    CHECK(status == MGPRINT_STATUS_OK);
    CHECK(event.kind != MGPRINT_EVENT_KIND_PROGRESS);
    if (event.kind == MGPRINT_EVENT_KIND_FINISHED) return true;
    if (event.kind == MGPRINT_EVENT_KIND_BYTES_WANTED) {
      CHECK(event.offset + event.length <= sizeof bytes);
      CHECK(mgprint_operation_supply(operation, event.offset, bytes + event.offset, (size_t)event.length) == MGPRINT_STATUS_OK);
    }
  }
}

static void misuse(mgprint_options options, const mgprint_operation *running) {
  size_t index = 9;
  CHECK(mgprint_operation_wait_any(NULL, 1, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, 0, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, SIZE_MAX, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, 1, 0, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  mgprint_operation stale[2] = {running[0], 12345};
  CHECK(mgprint_operation_wait_any(stale, 2, 0, &index) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(index == 9);
  CHECK(mgprint_options_add_upload_header(options, TEXT("Authorization"), TEXT("x"), NULL) == MGPRINT_STATUS_INVALID_HEADER);
  CHECK(mgprint_options_add_upload_header(options, NULL, 0, TEXT("x"), NULL) == MGPRINT_STATUS_INVALID_HEADER);
  CHECK(mgprint_options_add_upload_header(options + 1, TEXT("X-A"), TEXT("x"), NULL) == MGPRINT_STATUS_INVALID_HANDLE);
  mgprint_operation none = 5;
  CHECK(mgprint_send_file_start(0, options, 0, TEXT("x"), &none, NULL) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(mgprint_send_stream_start(0, options, 0, 1, NULL, 0, NULL, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_send_bytes_start(0, options, 0, NULL, 1, &none, NULL) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(none == 5);
}

int main(int argc, char **argv) {
  CHECK(argc == 2 + 3 * COUNT);
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31 + i / 251);
  mgprint_options options = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_from_env(options, &error));
  mgprint_client client = 0;
  MUST(mgprint_client_new(options, &client, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_PROGRESS, 0, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_CHUNK_SIZE, 100000, &error));
  MUST(mgprint_options_add_upload_header(options, TEXT("X-Host"), TEXT("C"), &error));

  mgprint_operation running[COUNT];
  for (int i = 0; i < COUNT; i++) {
    mgprint_request request = request_for(client, argv + 2 + 3 * i);
    if (i == 0) MUST(mgprint_send_file_start(client, options, request, TEXT(argv[1]), &running[i], &error));
    if (i == 1) MUST(mgprint_send_bytes_start(client, options, request, bytes, sizeof bytes, &running[i], &error));
    if (i == 2) MUST(mgprint_send_stream_start(client, options, request, sizeof bytes, TEXT("s"), &running[i], &error));
    CHECK(mgprint_request_free(request) == MGPRINT_STATUS_OK);
  }
  misuse(options, running);

  for (size_t left = COUNT; left > 0;) {
    size_t index = COUNT;
    CHECK(mgprint_operation_wait_any(running, left, UINT32_MAX, &index) == MGPRINT_STATUS_OK);
    CHECK(index < left);
    if (!listen(running[index])) continue;
    mgprint_result result;
    MUST(mgprint_operation_result(running[index], &result, &error));
    CHECK(result.confirmed);
    CHECK(mgprint_operation_free(running[index]) == MGPRINT_STATUS_OK);
    running[index] = running[--left];
  }
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("sent");
  return 0;
}
