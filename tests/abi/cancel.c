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
    const mgprint_result *result = NULL;
    mgprint_status status = mgprint_operation_wait(*(mgprint_operation *)operation, 0, &result, NULL);
    CHECK(status == MGPRINT_STATUS_PENDING || status == MGPRINT_STATUS_CANCELLED || status == MGPRINT_STATUS_INVALID_HANDLE);
    status = mgprint_operation_cancel(*(mgprint_operation *)operation);
    CHECK(status == MGPRINT_STATUS_OK || status == MGPRINT_STATUS_INVALID_HANDLE);
  }
  return NULL;
}

static void *wait_any(void *operation) {
  size_t index = 9;
  mgprint_status status = mgprint_operation_wait_any((const mgprint_operation *)operation, 1, UINT32_MAX, &index);
  CHECK((status == MGPRINT_STATUS_OK && index == 0) || status == MGPRINT_STATUS_INVALID_HANDLE);
  return NULL;
}

static void *wait_for_event(void *operation) {
  const mgprint_event *event = NULL;
  mgprint_status status = mgprint_operation_next_event(*(mgprint_operation *)operation, UINT32_MAX, &event);
  CHECK((status == MGPRINT_STATUS_OK && event->kind == MGPRINT_EVENT_KIND_FINISHED) || status == MGPRINT_STATUS_INVALID_HANDLE);
  return NULL;
}

static void *wait_for_end(void *operation) {
  const mgprint_result *result = NULL;
  mgprint_status status = mgprint_operation_wait(*(mgprint_operation *)operation, UINT32_MAX, &result, NULL);
  CHECK(status == MGPRINT_STATUS_CANCELLED || status == MGPRINT_STATUS_INVALID_HANDLE);
  return NULL;
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  const char *url = getenv("UPLOAD_URL");
  CHECK(url != NULL);
  const mgprint_options no_options = {0};
  mgprint_client client = client_from_env();
  mgprint_target target = url_target(url);
  mgprint_source file = file_source(argv[1]);

  /* It runs: nothing has ended it, and its result is not there yet. */
  mgprint_operation operation = {0};
  const mgprint_event *event = NULL;
  const mgprint_result *result = NULL;
  MUST(mgprint_upload_start(client, no_options, &target, &file, &operation, &error));
  CHECK(mgprint_operation_next_event(operation, 50, &event) == MGPRINT_STATUS_PENDING);
  CHECK(mgprint_operation_wait(operation, 0, &result, NULL) == MGPRINT_STATUS_PENDING);

  pthread_t thread;
  double began = now();
  CHECK(pthread_create(&thread, NULL, cancel, &operation) == 0);
  listen_to_end(operation);
  double took = now() - began;
  CHECK(pthread_join(thread, NULL) == 0);
  fprintf(stderr, "cancelled within %.3f s\n", took);
  mgprint_error error = {0};
  CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, &error) == MGPRINT_STATUS_CANCELLED);
  const mgprint_error_view *view = NULL;
  CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && view->resumable);
  CHECK(mgprint_error_free(error) == MGPRINT_STATUS_OK);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);

  /* Freed by one thread while another waits: the waiter wakes, and the handle is nobody's. */
  for (int i = 0; i < 20; i++) {
    MUST(mgprint_session_start(client, no_options, MGPRINT_SESSION_ACTION_STATUS, TEXT(url), &operation, &error));
    mgprint_operation copy = operation;
    CHECK(pthread_create(&thread, NULL, free_it, &copy) == 0);
    mgprint_status status = mgprint_operation_next_event(operation, UINT32_MAX, &event);
    CHECK(status == MGPRINT_STATUS_INVALID_HANDLE || (status == MGPRINT_STATUS_OK && event->kind == MGPRINT_EVENT_KIND_FINISHED));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(mgprint_operation_next_event(operation, 0, &event) == MGPRINT_STATUS_INVALID_HANDLE);
  }

  /* Several wait, for an event, for one of several, and for the end: all are woken, by the end and when it is freed. */
  for (int i = 0; i < 10; i++) {
    MUST(mgprint_session_start(client, no_options, MGPRINT_SESSION_ACTION_STATUS, TEXT(url), &operation, &error));
    pthread_t waiters[4];
    CHECK(pthread_create(&waiters[0], NULL, wait_any, &operation) == 0);
    CHECK(pthread_create(&waiters[1], NULL, wait_any, &operation) == 0);
    CHECK(pthread_create(&waiters[2], NULL, wait_for_event, &operation) == 0);
    CHECK(pthread_create(&waiters[3], NULL, wait_for_end, &operation) == 0);
    const struct timespec moment = {0, 20000000};
    nanosleep(&moment, NULL); /* so that most of them wait; each has to be right whenever it comes */
    CHECK((i % 2 == 0 ? mgprint_operation_cancel(operation) : mgprint_operation_free(operation)) == MGPRINT_STATUS_OK);
    for (int waiter = 0; waiter < 4; waiter++) CHECK(pthread_join(waiters[waiter], NULL) == 0);
    if (i % 2 == 0) CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  }

  /* Read, cancelled and freed by many at once. */
  MUST(mgprint_session_start(client, no_options, MGPRINT_SESSION_ACTION_STATUS, TEXT(url), &operation, &error));
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, pound, &operation) == 0);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);

  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  puts("cancelled");
  return 0;
}
