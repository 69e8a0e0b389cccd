/* Sends documents that are not in a file: stream FILE, with MGPRINT_ENDPOINT, and in STREAM_URL, BYTES_URL, FAILED_URL,
 * SILENT_URL and FREED_URL upload URLs of new sessions, in the environment. One thread pulls the events and answers them, and answers wrongly first. */
#include <inttypes.h>
#include <pthread.h>

#include "check.h"

static uint8_t *document;
static size_t size;

static void read_document(const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  size = (size_t)ftell(file);
  rewind(file);
  document = (uint8_t *)malloc(size);
  CHECK(document != NULL && fread(document, 1, size, file) == size);
  CHECK(fclose(file) == 0);
}

static const char *url_of(const char *name) {
  const char *url = getenv(name);
  CHECK(url != NULL);
  return url;
}

static mgprint_operation start(mgprint_client client, mgprint_options options, const char *url) {
  mgprint_operation operation = {0};
  mgprint_target target = url_target(url);
  mgprint_source source = host_source(size, "stream.pdf");
  MUST(mgprint_upload_start(client, options, &target, &source, &operation, &error));
  return operation;
}

/* The next BYTES_WANTED; 0 when the operation ended first. */
static int next_want(mgprint_operation operation, mgprint_event *want) {
  for (;;) {
    const mgprint_event *event = NULL;
    CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
    if (event->kind == MGPRINT_EVENT_KIND_FINISHED) return 0;
    if (event->kind == MGPRINT_EVENT_KIND_BYTES_WANTED) {
      *want = *event;
      CHECK(event->length >= 1 && event->length <= 1024 * 1024 && event->offset + event->length <= size);
      return 1;
    }
  }
}

static mgprint_status supply(mgprint_operation operation, const mgprint_event *want) {
  return mgprint_operation_supply(operation, want->offset, BYTES(document + want->offset, (size_t)want->length), NONE);
}

static void deliver(mgprint_client client, mgprint_options options) {
  mgprint_operation operation = start(client, options, url_of("STREAM_URL"));
  mgprint_event want;
  uint64_t asked = 0;
  while (next_want(operation, &want)) {
    size_t length = (size_t)want.length;
    CHECK(mgprint_operation_supply(operation, want.offset, BYTES(document, length - 1), NONE) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(mgprint_operation_supply(operation, want.offset, BYTES(NULL, length), NONE) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(mgprint_operation_supply(operation, want.offset, BYTES(document, SIZE_MAX), NONE) == MGPRINT_STATUS_INVALID_ARGUMENT);
    CHECK(mgprint_operation_supply(operation, want.offset + 1, BYTES(document, length), NONE) == MGPRINT_STATUS_INVALID_STATE);
    CHECK(mgprint_operation_supply(operation, size, NONE, TEXT("no")) == MGPRINT_STATUS_INVALID_STATE);
    CHECK(supply(operation, &want) == MGPRINT_STATUS_OK);
    CHECK(supply(operation, &want) == MGPRINT_STATUS_INVALID_STATE);
    asked += want.length;
  }
  CHECK(asked == size);
  CHECK(result_of(operation)->bytes_total == size && result_of(operation)->bytes_done == size);
  CHECK(mgprint_operation_supply(operation, 0, BYTES(document, 1), NONE) == MGPRINT_STATUS_INVALID_STATE);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_supply(operation, 0, BYTES(document, 1), NONE) == MGPRINT_STATUS_INVALID_HANDLE);
}

static void deliver_from_memory(mgprint_client client, mgprint_options options) {
  uint8_t *copy = (uint8_t *)malloc(size);
  memcpy(copy, document, size);
  mgprint_operation operation = {0};
  mgprint_target target = url_target(url_of("BYTES_URL"));
  mgprint_source source = bytes_source(copy, size), empty = bytes_source(NULL, 0);
  MUST(mgprint_upload_start(client, options, &target, &source, &operation, &error));
  free(copy); /* it was copied */
  CHECK(mgprint_operation_supply(operation, 0, BYTES(document, 1), NONE) == MGPRINT_STATUS_INVALID_STATE);
  listen_to_end(operation);
  CHECK(result_of(operation)->bytes_total == size);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);

  MUST(mgprint_upload_start(client, (mgprint_options){0}, &target, &empty, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_SOURCE_EMPTY);
}

static void fail(mgprint_client client, mgprint_options options) {
  mgprint_operation operation = start(client, options, url_of("FAILED_URL"));
  mgprint_event want;
  CHECK(next_want(operation, &want));
  CHECK(mgprint_operation_supply(operation, want.offset, NONE, BYTES(NULL, 3)) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_operation_supply(operation, want.offset, NONE, BYTES("\xff", 1)) == MGPRINT_STATUS_INVALID_TEXT);
  CHECK(mgprint_operation_supply(operation, want.offset, NONE, TEXT("The stream was closed.")) == MGPRINT_STATUS_OK);
  while (next_want(operation, &want)) {
  }
  const mgprint_result *result = NULL;
  mgprint_error error = {0};
  const mgprint_error_view *view = NULL;
  CHECK(mgprint_operation_wait(operation, 0, &result, &error) == MGPRINT_STATUS_SOURCE_UNREADABLE);
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK);
  /* The whole sentence: how far the upload is stands at its end. */
  uint64_t there = 0, all = 0;
  int end = 0;
  CHECK(sscanf(view->message.data,
               "'stream.pdf' cannot be read: The stream was closed. The service has %" SCNu64 " of %" SCNu64 " bytes.%n",
               &there, &all, &end) == 2);
  CHECK((size_t)end == view->message.len && there <= all && all == size && view->resumable);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
}

static void *cancel(void *operation) {
  CHECK(mgprint_operation_cancel(*(mgprint_operation *)operation) == MGPRINT_STATUS_OK);
  return NULL;
}

/* Ended while the host is waited for. */
static void end_while_waiting(mgprint_client client, mgprint_options options) {
  mgprint_operation operation = start(client, options, url_of("SILENT_URL"));
  mgprint_event want;
  const mgprint_event *event = NULL;
  const mgprint_result *result = NULL;
  CHECK(next_want(operation, &want));
  /* Nobody would answer while it waits. */
  CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, NULL) == MGPRINT_STATUS_INVALID_STATE);
  CHECK(mgprint_operation_wait(operation, 0, &result, NULL) == MGPRINT_STATUS_PENDING);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, cancel, &operation) == 0);
  do CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
  while (event->kind != MGPRINT_EVENT_KIND_FINISHED);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, NULL) == MGPRINT_STATUS_CANCELLED);
  /* Too late: taken by nobody, or by what is just being given up. */
  mgprint_status late = supply(operation, &want);
  CHECK(late == MGPRINT_STATUS_INVALID_STATE || late == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  CHECK(supply(operation, &want) == MGPRINT_STATUS_INVALID_HANDLE);

  operation = start(client, options, url_of("FREED_URL"));
  CHECK(next_want(operation, &want));
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  CHECK(supply(operation, &want) == MGPRINT_STATUS_INVALID_HANDLE);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  read_document(argv[1]);
  mgprint_options options = {0};
  mgprint_client client = client_from_env();
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_FRESH_SESSION, 1, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_CHUNK_SIZE, 1500000, &error));

  deliver(client, options);
  deliver_from_memory(client, options);
  fail(client, options);
  end_while_waiting(client, options);

  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  free(document);
  puts("streamed");
  return 0;
}
