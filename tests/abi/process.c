/* What a whole process does to the library: process fork|signals|threads|memory|timeout|sigpipe, each in a process of its own. The
 * limits of the process are set by whoever starts it. With MGPRINT_ENDPOINT in the environment. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const mgprint_options no_options = {0};

static mgprint_status try_client(mgprint_client *client, mgprint_error *error) {
  mgprint_options options = {0};
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_from_env(options, NULL));
  mgprint_status status = mgprint_client_new(options, client, error);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  return status;
}

/* A child of a process that has the threads is told so, and one of a process that has none yet makes its own. */
static void forked(const char *file) {
  for (int early = 1; early >= 0; early--) {
    mgprint_client client = {0};
    mgprint_operation operation = {0};
    const mgprint_target target = url_target("http://127.0.0.1:9/u?t");
    const mgprint_source source = file_source(file);
    if (!early) {
      client = client_from_env();
      MUST(mgprint_upload_start(client, no_options, &target, &source, &operation, &error));
      (void)listen_to_end(operation);
    }
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      const mgprint_result *result = NULL;
      const mgprint_event *event = NULL;
      size_t index = 0;
      mgprint_error error = {0};
      alarm(60);
      if (early) {
        CHECK(try_client(&client, &error) == MGPRINT_STATUS_OK);
        MUST(mgprint_upload_start(client, no_options, &target, &source, &operation, &error));
        CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, NULL) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
      } else {
        CHECK(try_client(&client, &error) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_upload_start(client, no_options, &target, &source, &operation, NULL) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_operation_wait(operation, UINT32_MAX, &result, NULL) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_operation_wait_any(&operation, 1, UINT32_MAX, &index) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_INVALID_STATE);
        CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
      }
      _exit(0);
    }
    int status = 1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
  }
}

static pthread_t own_thread;
static volatile sig_atomic_t handled, elsewhere;

static void handle(int signal) {
  (void)signal;
  handled++;
  if (!pthread_equal(pthread_self(), own_thread)) elsewhere++;
}

/* The library's threads take no signal: a handler runs on the host's thread, and a blocked signal stays pending. */
static void signalled(const char *file) {
  own_thread = pthread_self();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  CHECK(sigaction(SIGUSR2, &action, NULL) == 0);
  mgprint_client client = client_from_env();
  sigset_t blocked, pending;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigaddset(&blocked, SIGUSR2);
  CHECK(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);
  CHECK(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR2) == 0);
  const mgprint_target target = url_target("http://127.0.0.1:9/u?t");
  const mgprint_source source = file_source(file);
  mgprint_operation operation = {0};
  MUST(mgprint_upload_start(client, no_options, &target, &source, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1 && sigismember(&pending, SIGUSR2) == 1);
  CHECK(handled == 0);
  sigdelset(&blocked, SIGUSR1);
  CHECK(pthread_sigmask(SIG_UNBLOCK, &blocked, NULL) == 0);
  CHECK(handled == 1 && elsewhere == 0);
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
}

static void *sleep_long(void *unused) {
  for (;;) pause();
  return unused;
}

/* Whether a thread more may be started. */
static bool another_thread(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, sleep_long, NULL) == 0;
}

/* Under a limit of so many threads more, a client is made or refused, and an upload of one that is made ends. */
static void limited(const char *file, unsigned spare) {
  /* No limit holds root; and somebody else's is not used up by other programs. */
  struct rlimit limit = {getuid() == 0 ? spare + 1 : 1, getuid() == 0 ? spare + 1 : 1};
  if (getuid() == 0) CHECK(setgid(54321) == 0 && setuid(54321) == 0);
  CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
  mgprint_client client = {0};
  mgprint_error error = {0};
  mgprint_operation operation = {0};
  mgprint_status status = try_client(&client, &error);
  if (status == MGPRINT_STATUS_OK) {
    while (another_thread()) {
    }
    const mgprint_target target = url_target("http://127.0.0.1:9/u?t");
    const mgprint_source source = file_source(file);
    MUST(mgprint_upload_start(client, no_options, &target, &source, &operation, &error));
    CHECK(end_of(operation) == MGPRINT_STATUS_SOURCE_NOT_FOUND);
    puts("made");
  } else {
    const mgprint_error_view *view = NULL;
    CHECK(status == MGPRINT_STATUS_SYSTEM_LIMIT);
    CHECK(mgprint_error_read(error, &view) == MGPRINT_STATUS_OK && strstr(view->message.data, "thread") != NULL);
    puts("refused");
  }
}

/* Without a further descriptor neither a file is opened nor a connection made, and both say so. */
static void out_of_descriptors(const char *file) {
  mgprint_options options = {0};
  mgprint_client client = {0};
  mgprint_operation operation = {0};
  const mgprint_target target = url_target("http://127.0.0.1:9/u?t");
  const mgprint_source path = file_source(file), bytes = bytes_source("x", 1);
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_from_env(options, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_MAX_RETRY, 0, &error));
  MUST(mgprint_client_new(options, &client, &error));
  MUST(mgprint_upload_start(client, no_options, &target, &bytes, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_CONNECTION_FAILED);
  const struct rlimit none = {0, 0};
  CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
  MUST(mgprint_upload_start(client, no_options, &target, &bytes, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_SYSTEM_LIMIT);
  MUST(mgprint_upload_start(client, no_options, &target, &path, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_SYSTEM_LIMIT);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
}

/* A document that is larger than what memory is left is refused, and nothing ends. */
static void out_of_memory(void) {
  mgprint_client client = client_from_env();
  const size_t length = (size_t)256 << 20;
  char *bytes = (char *)malloc(length);
  CHECK(bytes != NULL);
  memset(bytes, 1, length);
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
  /* What is mapped now, and little more. */
  unsigned long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  CHECK(statm != NULL && fscanf(statm, "%lu", &pages) == 1 && fclose(statm) == 0);
  limit.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)64 << 20);
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  const mgprint_target target = url_target("http://127.0.0.1:9/u?t");
  const mgprint_source source = bytes_source(bytes, length);
  mgprint_operation operation = {7};
  mgprint_error error = {0};
  CHECK(mgprint_upload_start(client, no_options, &target, &source, &operation, &error) == MGPRINT_STATUS_OUT_OF_MEMORY);
  CHECK(operation.id == 7 && error.id != 0 && mgprint_error_free(error) == MGPRINT_STATUS_OK);
  free(bytes);
  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
}

/* SIGPIPE ends a process that keeps its default action; a connection that breaks raises none. */
static void broken_pipe(const char *file) {
  signal(SIGPIPE, SIG_DFL);
  mgprint_client client = client_from_env();
  const mgprint_target target = url_target(getenv("UPLOAD_URL"));
  const mgprint_source source = file_source(file);
  mgprint_options options = {0};
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_MAX_RETRY, 2, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_FRESH_SESSION, 1, &error));
  mgprint_operation operation = {0};
  MUST(mgprint_upload_start(client, options, &target, &source, &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_CONNECTION_FAILED);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
}

/* What the environment says of time holds for a client's operations, which have no options of their own. */
static void timed_out(void) {
  mgprint_options options = {0};
  mgprint_client client = {0};
  mgprint_operation operation = {0};
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_from_env(options, &error));
  MUST(mgprint_options_set_number(options, MGPRINT_OPTION_MAX_RETRY, 0, &error));
  MUST(mgprint_client_new(options, &client, &error));
  MUST(mgprint_session_start(client, no_options, MGPRINT_SESSION_ACTION_STATUS, TEXT(getenv("UPLOAD_URL")), &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_TIMEOUT);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK && mgprint_client_free(client) == MGPRINT_STATUS_OK);
}

int main(int argc, char **argv) {
  CHECK(argc >= 3);
  if (strcmp(argv[1], "fork") == 0) forked(argv[2]);
  else if (strcmp(argv[1], "signals") == 0) signalled(argv[2]);
  else if (strcmp(argv[1], "threads") == 0) { limited(argv[2], (unsigned)atoi(argv[3])); return 0; }
  else if (strcmp(argv[1], "files") == 0) out_of_descriptors(argv[2]);
  else if (strcmp(argv[1], "memory") == 0) out_of_memory();
  else if (strcmp(argv[1], "timeout") == 0) timed_out();
  else if (strcmp(argv[1], "sigpipe") == 0) broken_pipe(argv[2]);
  else CHECK(!"known");
  puts("done");
  return 0;
}
