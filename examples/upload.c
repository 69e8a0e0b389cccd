/*
 * Sends a file to an upload session with the C library.
 *
 *     UPLOAD_URL=... upload FILE
 *
 * The upload URL is what createUploadSession answered. It is its own secret, so it stands in the environment and not on
 * the command line; no token goes with it. Run again after a failure, it sends only what the session still misses.
 * Proxies and the like are taken from the environment too: see mgprint_options_from_env.
 *
 * Built after `build.ps1 install -Prefix DIR`:
 *
 *     export PKG_CONFIG_PATH=DIR/lib/pkgconfig
 *     cc upload.c -o upload $(pkg-config --cflags --libs mgprint) -Wl,-rpath,DIR/lib
 *
 * On Windows: cl /utf-8 /I DIR\include upload.c DIR\lib\mgprint.lib shell32.lib
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mgprint.h"

#ifdef _WIN32
#include <windows.h>
#include <shellapi.h>
#endif

/* The file's name in UTF-8. On Windows main() has it in a code page that lacks most letters. */
static const char *file_name(char **argv) {
#ifdef _WIN32
  static char utf8[32768];
  int count = 0;
  wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
  (void)argv;
  WideCharToMultiByte(CP_UTF8, 0, wide[1], -1, utf8, (int)sizeof utf8, NULL, NULL);
  LocalFree(wide);
  return utf8;
#else
  return argv[1];
#endif
}

/* Says why something failed, and what to do. */
static int fail(mgprint_status status, mgprint_error error) {
  const mgprint_error_view *why = NULL;
  if (mgprint_error_read(error, &why) == MGPRINT_STATUS_OK) {
    fprintf(stderr, "%s %s\n", why->message.data, why->next_step.data);
  } else {
    fprintf(stderr, "%s\n", mgprint_status_name(status));
  }
  mgprint_error_free(error);
  return EXIT_FAILURE;
}

/* Shows what happens until the operation has ended. */
static void follow(mgprint_operation upload) {
  const mgprint_event *event = NULL;
  while (mgprint_operation_next_event(upload, UINT32_MAX, &event) == MGPRINT_STATUS_OK &&
         event->kind != MGPRINT_EVENT_KIND_FINISHED) {
    if (event->kind == MGPRINT_EVENT_KIND_PROGRESS) {
      printf("%" PRIu64 " of %" PRIu64 " bytes\n", event->bytes_done, event->bytes_total);
    } else if (event->text.len > 0) {
      printf("%s\n", event->text.data);
    }
  }
}

int main(int argc, char **argv) {
#ifdef _WIN32
  SetConsoleOutputCP(CP_UTF8);
#endif
  const char *url = getenv("UPLOAD_URL");
  if (argc != 2 || url == NULL || mgprint_abi_version() != MGPRINT_ABI_VERSION) {
    fputs("Usage: UPLOAD_URL=... upload FILE\n", stderr);
    return EXIT_FAILURE;
  }

  mgprint_options options = {0}, none = {0};
  mgprint_client client = {0};
  mgprint_operation upload = {0};
  mgprint_error error = {0};
  const mgprint_result *result = NULL;
  mgprint_target target = {0};
  mgprint_source source = {0};
  target.upload_url = mgprint_str_of(url);
  source.kind = MGPRINT_SOURCE_KIND_PATH;
  source.data = mgprint_str_of(file_name(argv));

  mgprint_status status = mgprint_options_new(&options);
  if (status == MGPRINT_STATUS_OK) status = mgprint_options_from_env(options, &error);
  if (status == MGPRINT_STATUS_OK) status = mgprint_client_new(options, &client, &error);
  if (status == MGPRINT_STATUS_OK) status = mgprint_upload_start(client, none, &target, &source, &upload, &error);
  if (status == MGPRINT_STATUS_OK) {
    follow(upload);
    status = mgprint_operation_wait(upload, UINT32_MAX, &result, &error);
  }
  if (status == MGPRINT_STATUS_OK) {
    printf("delivered: %" PRIu64 " bytes in %" PRIu64 " ms\n", result->bytes_total, result->elapsed_ms);
  }

  /* None of them may be freed too. */
  mgprint_operation_free(upload);
  mgprint_client_free(client);
  mgprint_options_free(options);
  return status == MGPRINT_STATUS_OK ? EXIT_SUCCESS : fail(status, error);
}
