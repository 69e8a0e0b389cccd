/* Sends documents without sessions of their own: send FILE, then PRINTER JOB DOCUMENT four times, with the endpoint and the
 * token in the environment. All of them run at once, one from each kind of source, and one thread listens to all. */

#include "check.h"

#define COUNT 4

static uint8_t bytes[300000];

/* Whatever the operation has to say, until it has no more. Whether it ended. */
static bool listen(mgprint_operation operation) {
  const mgprint_event *event = NULL;
  for (;;) {
    mgprint_status status = mgprint_operation_next_event(operation, 0, &event);
    if (status == MGPRINT_STATUS_PENDING) return false;
    CHECK(status == MGPRINT_STATUS_OK);
    CHECK(event->kind != MGPRINT_EVENT_KIND_PROGRESS);
    if (event->kind == MGPRINT_EVENT_KIND_FINISHED) return true;
    if (event->kind == MGPRINT_EVENT_KIND_BYTES_WANTED) {
      CHECK(event->offset + event->length <= sizeof bytes);
      MUST(mgprint_operation_supply(operation, event->offset, BYTES(bytes + event->offset, (size_t)event->length), NONE));
    }
  }
}

static void misuse(const mgprint_operation *running) {
  size_t index = 9;
  CHECK(mgprint_operation_wait_any(NULL, 1, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, 0, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, SIZE_MAX, 0, &index) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_wait_any(running, 1, 0, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  const mgprint_operation stale[2] = {running[0], {12345}};
  CHECK(mgprint_operation_wait_any(stale, 2, 0, &index) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(index == 9);
}

int main(int argc, char **argv) {
  CHECK(argc == 2 + 3 * COUNT);
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31 + i / 251);
  mgprint_options options = {0};
  mgprint_client client = client_from_env();
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_PROGRESS, 0, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_CHUNK_SIZE, 100000, &error));
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_UPLOAD_HEADER, TEXT("X-Host: C"), &error));

  mgprint_source sources[COUNT] = {file_source(argv[1]), bytes_source(bytes, sizeof bytes), host_source(sizeof bytes, "s"), file_source(argv[1])};
  mgprint_operation running[COUNT];
  for (int i = 0; i < COUNT; i++) {
    mgprint_document document = printer_document(argv + 2 + 3 * i);
    mgprint_target target = {NONE, &document, {0}};
    mgprint_request request = {0};
    if (i == 0) {
      /* The same by a request, which may have headers of the host's. */
      MUST(mgprint_request_new_session(client, &document, 0, &request, &error));
      MUST(mgprint_request_add_header(request, TEXT("X-Note"), TEXT("C"), &error));
      target.document = NULL;
      target.request = request;
    }
    MUST(mgprint_upload_start(client, options, &target, &sources[i], &running[i], &error));
    CHECK(mgprint_request_free(request) == MGPRINT_STATUS_OK);
  }
  misuse(running);

  for (size_t left = COUNT; left > 0;) {
    size_t index = COUNT;
    CHECK(mgprint_operation_wait_any(running, left, UINT32_MAX, &index) == MGPRINT_STATUS_OK);
    CHECK(index < left);
    if (!listen(running[index])) continue;
    CHECK(result_of(running[index])->bytes_total > 0);
    CHECK(mgprint_operation_free(running[index]) == MGPRINT_STATUS_OK);
    running[index] = running[--left];
  }
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("sent");
  return 0;
}
