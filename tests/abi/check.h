/* What the C programs of the tests share: a check that names its line, and the wait for an operation's end. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgprint.h"

#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);       \
      exit(1);                                                                            \
    }                                                                                     \
  } while (0)

#define TEXT(text) mgprint_str_of(text)
#define NONE ((mgprint_str){NULL, 0})
#define BYTES(bytes, length) ((mgprint_str){(const char *)(bytes), length})

/* Shows an error as a person would see it, and frees it. */
static inline void tell(mgprint_error error) {
  const mgprint_error_view *view = NULL;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK);
  fprintf(stderr, "%s: %s %s\n", view->id.data, view->message.data, view->next_step.data);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
}

#define MUST(call)                                                                        \
  do {                                                                                    \
    mgprint_error error = {0};                                                              \
    mgprint_status status = (call); (void)error;                                                     \
    if (status != MGPRINT_STATUS_OK) {                                                    \
      fprintf(stderr, "%s:%d: %s answered %s\n", __FILE__, __LINE__, #call, mgprint_status_name(status)); \
      if (error.id != 0) tell(error);                                                        \
      exit(1);                                                                            \
    }                                                                                     \
  } while (0)

/* Listens to an operation until it ends; answers how many progress events came. */
static inline int listen_to_end(mgprint_operation operation) {
  int progress = 0;
  for (;;) {
    const mgprint_event *event = NULL;
    CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
    CHECK(event->size == sizeof *event);
    if (event->kind == MGPRINT_EVENT_KIND_FINISHED) return progress;
    if (event->kind == MGPRINT_EVENT_KIND_PROGRESS) {
      CHECK(event->bytes_done <= event->bytes_total);
      progress++;
    }
    CHECK(strlen(event->text.data) == event->text.len);
  }
}

/* The result of an operation that succeeds. */
static inline const mgprint_result *result_of(mgprint_operation operation) {
  const mgprint_result *result = NULL;
  MUST(mgprint_operation_wait(operation, 0, &result, &error));
  CHECK(result->size == sizeof *result);
  return result;
}

/* How an operation ends, which is freed. */
static inline mgprint_status end_of(mgprint_operation operation) {
  const mgprint_result *result = NULL;
  listen_to_end(operation);
  mgprint_status status = mgprint_operation_wait(operation, 0, &result, NULL);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  return status;
}

/* A client of the environment's endpoint and token. */
static inline mgprint_client client_from_env(void) {
  mgprint_options options = {0};
  mgprint_client client = {0};
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_from_env(options, &error));
  MUST(mgprint_client_new(options, &client, &error));
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  return client;
}

static inline mgprint_source file_source(const char *path) {
  mgprint_source source = {0};
  source.kind = MGPRINT_SOURCE_KIND_PATH;
  source.data = TEXT(path);
  return source;
}

static inline mgprint_source bytes_source(const void *bytes, size_t length) {
  mgprint_source source = {0};
  source.kind = MGPRINT_SOURCE_KIND_BYTES;
  source.data = BYTES(bytes, length);
  return source;
}

static inline mgprint_source host_source(uint64_t size, const char *name) {
  mgprint_source source = {0};
  source.kind = MGPRINT_SOURCE_KIND_HOST;
  source.size = size;
  source.name = TEXT(name);
  return source;
}

static inline mgprint_target url_target(const char *url) {
  mgprint_target target = {0};
  target.upload_url = TEXT(url);
  return target;
}

static inline mgprint_document printer_document(char **ids) {
  mgprint_document document = {TEXT(ids[0]), TEXT(ids[1]), TEXT(ids[2]), TEXT("a.pdf"), TEXT("application/pdf"), MGPRINT_JOB_PARENT_PRINTER};
  return document;
}

#endif
