/*
 * Prints a file with the C library: a job, the bytes, the start, and the wait for the printer.
 *
 *     MGPRINT_ACCESS_TOKEN=... print SHARE FILE [RECORD]
 *
 * SHARE is the name of a printer share, or its id. With a RECORD, a file of this program's own, the same command goes on
 * after whatever ended it, and prints nothing twice. The endpoint, proxies and the like are taken from the environment
 * too: see mgprint_options_from_env.
 *
 * Built after `build.ps1 install -Prefix DIR`:
 *
 *     export PKG_CONFIG_PATH=DIR/lib/pkgconfig
 *     cc print.c -o print $(pkg-config --cflags --libs mgprint) -Wl,-rpath,DIR/lib
 *
 * On Windows the arguments of main() are no UTF-8; upload.c shows a way around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgprint.h"

/* The last part of a path. On Windows a backslash parts it too. */
static const char *name_of(const char *path) {
#ifdef _WIN32
  const char *parts = "/\\";
#else
  const char *parts = "/";
#endif
  const char *name = path;
  for (const char *at = path; *at; at++) {
    if (strchr(parts, *at)) name = at + 1;
  }
  return name;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 4 || mgprint_abi_version() != MGPRINT_ABI_VERSION) {
    fputs("Usage: MGPRINT_ACCESS_TOKEN=... print SHARE FILE [RECORD]\n", stderr);
    return EXIT_FAILURE;
  }

  mgprint_options options = {0}, none = {0};
  mgprint_client client = {0};
  mgprint_operation printing = {0};
  mgprint_error error = {0};
  const mgprint_event *event = NULL;
  const mgprint_result *result = NULL;
  mgprint_print print = {0};
  mgprint_source source = {0};
  print.share_name = mgprint_str_of(argv[1]);
  print.document_name = mgprint_str_of(name_of(argv[2]));
  print.content_type = mgprint_str_of("application/pdf");
  print.record = mgprint_str_of(argc == 4 ? argv[3] : NULL);
  print.wait_ms = 600000;
  source.kind = MGPRINT_SOURCE_KIND_PATH;
  source.data = mgprint_str_of(argv[2]);

  mgprint_status status = mgprint_options_new(&options);
  if (status == MGPRINT_STATUS_OK) status = mgprint_options_from_env(options, &error);
  if (status == MGPRINT_STATUS_OK) status = mgprint_client_new(options, &client, &error);
  if (status == MGPRINT_STATUS_OK) status = mgprint_print_start(client, none, &print, &source, &printing, &error);
  while (status == MGPRINT_STATUS_OK &&
         mgprint_operation_next_event(printing, UINT32_MAX, &event) == MGPRINT_STATUS_OK &&
         event->kind != MGPRINT_EVENT_KIND_FINISHED) {
    /* A job's state as JSON, a retry, or a line for a log. */
    if (event->text.len > 0) printf("%s\n", event->text.data);
  }
  if (status == MGPRINT_STATUS_OK) status = mgprint_operation_wait(printing, UINT32_MAX, &result, &error);
  if (status == MGPRINT_STATUS_OK) {
    printf("%s\n", result->json.data);
  } else {
    const mgprint_error_view *why = NULL;
    if (mgprint_error_read(error, &why) == MGPRINT_STATUS_OK) {
      fprintf(stderr, "%s %s\n", why->message.data, why->next_step.data);
    } else {
      fprintf(stderr, "%s\n", mgprint_status_name(status));
    }
  }

  /* None of them may be freed too. */
  mgprint_error_free(error);
  mgprint_operation_free(printing);
  mgprint_client_free(client);
  mgprint_options_free(options);
  return status == MGPRINT_STATUS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
