/* Calls everything with whatever comes to hand: random SECONDS SEED. Handles that are good, stale, of another type and made
 * up; texts that are good, long, broken and none; from three threads at once. Nothing of it may end the process. Its
 * operations go to a port that nobody listens at. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define POOL 64

/* Ids of every type, shared by all threads; what is freed stays in it. */
static _Atomic uint64_t pool[POOL];
static _Atomic unsigned long calls;
static _Atomic int over;

static uint64_t next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static uint64_t id(uint64_t *state) {
  switch (next(state) % 16) {
    case 0: return 0;
    case 1: return next(state);
    case 2: return pool[next(state) % POOL] ^ (UINT64_C(1) << next(state) % 64);
    default: return pool[next(state) % POOL];
  }
}

static char long_text[70000];

static mgprint_str text(uint64_t *state) {
  static const char *const texts[] = {
    "https://127.0.0.1:9/u?t", "http://127.0.0.1:9/u?tempauth=1", "http://127.0.0.1:9", "/print/shares?$top=5", "GET", "POST", "PUT", "{}",
    "{\"a\":[1,{\"b\":null}]}", "{\"uploadUrl\":\"https://h/u?t\",\"nextExpectedRanges\":[\"0-\"]}", "[]", "X-A: 1", "X-A", "tests/abi/random.c",
    "/no/such/file", "/tmp", "a\xff\xfe", "https://graph.microsoft.com", "http://proxy:8080", "user", "text/plain", "..", "/x/createUploadSession"};
  mgprint_str none = {NULL, 0};
  uint64_t pick = next(state) % 32;
  if (pick == 30) return none;
  if (pick == 31) return BYTES(long_text, next(state) % sizeof long_text);
  return TEXT(texts[pick % (sizeof texts / sizeof *texts)]);
}

static void keep(uint64_t *state, uint64_t made) {
  pool[next(state) % POOL] = made;
}

static void call(uint64_t *state) {
  const mgprint_options options = {next(state) % 4 == 0 ? id(state) : 0};
  const mgprint_client client = {id(state)};
  const mgprint_request request = {id(state)};
  const mgprint_operation operation = {id(state)};
  mgprint_options new_options = {0};
  mgprint_client new_client = {0};
  mgprint_request new_request = {0};
  mgprint_operation started = {0};
  mgprint_error error = {0}, *out_error = next(state) % 4 == 0 ? NULL : &error;
  const mgprint_document document = {text(state), text(state), text(state), text(state), text(state), (mgprint_job_parent)(next(state) % 4)};
  const mgprint_document *documents[] = {NULL, &document};
  mgprint_target target = {NONE, NULL, {0}};
  mgprint_source source = {text(state), text(state), next(state) % 3000000, (mgprint_source_kind)(next(state) % 6)};
  switch (next(state) % 27) {
    case 0: mgprint_options_new(&new_options); break;
    case 1: mgprint_options_copy((mgprint_options){id(state)}, &new_options); break;
    case 2: mgprint_options_set_text((mgprint_options){id(state)}, (mgprint_option)(next(state) % 52), text(state), out_error); break;
    case 3: mgprint_options_set_number((mgprint_options){id(state)}, (mgprint_option)(next(state) % 52), next(state) % 5, out_error); break;
    case 4: if (next(state) % 16 == 0) mgprint_options_free((mgprint_options){id(state)}); break;
    case 5: mgprint_client_new(options, &new_client, out_error); break;
    case 6: if (next(state) % 16 == 0) mgprint_client_free(client); break;
    case 7: mgprint_request_new(client, (mgprint_request_mode)(next(state) % 5), text(state), text(state), text(state), text(state), &new_request, out_error); break;
    case 8: mgprint_request_new_session(client, documents[next(state) % 2], next(state) % 3, &new_request, out_error); break;
    case 9: mgprint_request_add_header(request, text(state), text(state), out_error); break;
    case 10: {
      /* One thread at a time may use what a read hands out: here nobody looks at it. */
      const mgprint_request_view *view = NULL;
      mgprint_request_read(request, &view);
      break;
    }
    case 11: mgprint_request_free(request); break;
    case 12: mgprint_request_start(client, options, request, &started, out_error); break;
    case 13: case 14: case 15: {
      uint64_t pick = next(state) % 4;
      if (pick == 0) target.document = documents[1];
      else if (pick == 1) target.request = request;
      else target.upload_url = text(state);
      mgprint_upload_start(client, options, next(state) % 32 == 0 ? NULL : &target, next(state) % 32 == 0 ? NULL : &source, &started, out_error);
      break;
    }
    case 16: mgprint_session_start(client, options, (mgprint_session_action)(next(state) % 5), text(state), &started, out_error); break;
    case 17: mgprint_download_start(client, options, request, TEXT("/no/such/folder/file"), &started, out_error); break;
    case 18: mgprint_response_read(client, request, (uint32_t)(next(state) % 1200), TEXT(next(state) % 2 ? "{}" : "{\"a\":[\"b\"]}"), text(state), &started, out_error); break;
    case 19: case 20: {
      const mgprint_event *event = NULL;
      mgprint_operation_next_event(operation, (uint32_t)(next(state) % 3), &event);
      break;
    }
    case 21: {
      const mgprint_result *result = NULL;
      mgprint_operation_wait(operation, (uint32_t)(next(state) % 3), &result, out_error);
      break;
    }
    case 22: {
      const mgprint_operation several[3] = {operation, {id(state)}, {id(state)}};
      size_t index = 0;
      mgprint_operation_wait_any(next(state) % 32 ? several : NULL, next(state) % 4, (uint32_t)(next(state) % 3), &index);
      break;
    }
    case 23: mgprint_operation_cancel(operation); break;
    case 24: mgprint_operation_supply(operation, next(state) % 4 * 1048576, BYTES(long_text, next(state) % sizeof long_text), next(state) % 8 ? NONE : text(state)); break;
    case 25: mgprint_operation_renew(operation, client); break;
    default: mgprint_operation_free(operation); break;
  }
  if (new_options.id) keep(state, new_options.id);
  if (new_client.id) keep(state, new_client.id);
  if (new_request.id) keep(state, new_request.id);
  if (started.id) keep(state, started.id);
  if (error.id) {
    const mgprint_error_view *view = NULL;
    CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && view->message.len > 0 && strlen(view->id.data) > 0);
    CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  }
  calls++;
}

static void *run(void *seed) {
  uint64_t state = *(uint64_t *)seed;
  while (!over) call(&state);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  memset(long_text, 'a', sizeof long_text);
  mgprint_client client = {0};
  MUST(mgprint_client_new((mgprint_options){0}, &client, &error));
  for (int i = 0; i < POOL; i += 4) pool[i] = client.id;
  uint64_t seeds[3];
  pthread_t threads[3];
  for (uint64_t i = 0; i < 3; i++) {
    seeds[i] = strtoull(argv[2], NULL, 10) * 2654435761u + i + 1;
    CHECK(pthread_create(&threads[i], NULL, run, &seeds[i]) == 0);
  }
  sleep((unsigned)atoi(argv[1]));
  over = 1;
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  fprintf(stderr, "%lu calls\n", (unsigned long)calls);
  puts("whole");
  return 0;
}
