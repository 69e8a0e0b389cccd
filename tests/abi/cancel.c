/* Ends operations from other threads, while they run and while somebody waits: cancel FILE, with MGPRINT_ENDPOINT and
 * UPLOAD_URL, which never answers, in the environment. */
#include <pthread.h>
#include <time.h>

#include "check.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *cancel(void *operation) {
  CHECK(mgprint_operation_cancel(*(mgprint_operation *)operation) == MGPRINT_STATUS_OK);
  return NULL;
}

static void *free_it(void *operation) {
  CHECK(mgprint_operation_free(*(mgprint_operation *)operation) == MGPRINT_STATUS_OK);
  return NULL;
}

static void *pound(void *operation) {
  for (int i = 0; i < 1000; i++) {
    mgprint_result result;
    mgprint_status status = mgprint_operation_result(*(mgprint_operation *)operation, &result, NULL);
    CHECK(status == MGPRINT_STATUS_INVALID_STATE || status == MGPRINT_STATUS_CANCELLED || status == MGPRINT_STATUS_INVALID_HANDLE);
    status = mgprint_operation_cancel(*(mgprint_operation *)operation);
    CHECK(status == MGPRINT_STATUS_OK || status == MGPRINT_STATUS_INVALID_HANDLE);
  }
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  const char *url = getenv("UPLOAD_URL");
  CHECK(url != NULL);
  mgprint_options options = 0;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_from_env(options, &error));
  mgprint_client client = 0;
  MUST(mgprint_client_new(options, &client, &error));

  /* It runs: nothing has ended it, and its result is not there yet. */
  mgprint_operation operation = 0;
  mgprint_event event;
  mgprint_result result;
  MUST(mgprint_upload_file_start(client, 0, TEXT(url), TEXT(argv[1]), &operation, &error));
  CHECK(mgprint_operation_next_event(operation, 50, &event) == MGPRINT_STATUS_PENDING);
  CHECK(mgprint_operation_result(operation, &result, NULL) == MGPRINT_STATUS_INVALID_STATE);

  pthread_t thread;
  double began = now();
  CHECK(pthread_create(&thread, NULL, cancel, &operation) == 0);
  listen_to_end(operation);
  double took = now() - began;
  CHECK(pthread_join(thread, NULL) == 0);
  fprintf(stderr, "cancelled within %.3f s\n", took);
  mgprint_error error = 0;
  CHECK(mgprint_operation_result(operation, &result, &error) == MGPRINT_STATUS_CANCELLED);
  mgprint_error_view view;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && view.resumable);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);

  /* Freed by one thread while another waits: the waiter wakes, and the handle is nobody's. */
  for (int i = 0; i < 20; i++) {
    MUST(mgprint_session_status_start(client, 0, TEXT(url), &operation, &error));
    mgprint_operation copy = operation;
    CHECK(pthread_create(&thread, NULL, free_it, &copy) == 0);
    mgprint_status status = mgprint_operation_next_event(operation, UINT32_MAX, &event);
    CHECK(status == MGPRINT_STATUS_INVALID_HANDLE || (status == MGPRINT_STATUS_OK && event.kind == MGPRINT_EVENT_KIND_FINISHED));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(mgprint_operation_next_event(operation, 0, &event) == MGPRINT_STATUS_INVALID_HANDLE);
  }

  /* Read, cancelled and freed by many at once. */
  MUST(mgprint_session_status_start(client, 0, TEXT(url), &operation, &error));
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, pound, &operation) == 0);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);

  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("cancelled");
  return 0;
}
