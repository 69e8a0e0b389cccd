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

#define TEXT(text) (const uint8_t *)(text), strlen(text)

/* Shows an error as a person would see it, and frees it. */
static inline void tell(mgprint_error error) {
  mgprint_error_view view;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK);
  fprintf(stderr, "%s: %s %s\n", view.id.data, view.message.data, view.next_step.data);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
}

#define MUST(call)                                                                        \
  do {                                                                                    \
    mgprint_error error = 0;                                                              \
    mgprint_status status = (call);                                                       \
    if (status != MGPRINT_STATUS_OK) {                                                    \
      fprintf(stderr, "%s:%d: %s answered %s\n", __FILE__, __LINE__, #call, mgprint_status_name(status)); \
      if (error != 0) tell(error);                                                        \
      exit(1);                                                                            \
    }                                                                                     \
  } while (0)

/* Listens to an operation until it ends; answers how many progress events came. */
static inline int listen_to_end(mgprint_operation operation) {
  int progress = 0;
  for (;;) {
    mgprint_event event;
    CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
    if (event.kind == MGPRINT_EVENT_KIND_FINISHED) return progress;
    if (event.kind == MGPRINT_EVENT_KIND_PROGRESS) {
      CHECK(event.bytes_done <= event.bytes_total);
      progress++;
    }
    CHECK(strlen(event.text.data) == event.text.length);
  }
}

#endif
