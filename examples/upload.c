/*
 * Sends a file to an upload session with the C library.
 *
 *     UPLOAD_URL=... upload FILE
 *
 * The upload URL is what createUploadSession answered. It is its own secret, so it stands in the environment and not on
 * the command line; no token goes with it. Run again after a failure, it sends only what the session still misses.
 * Proxies and the like are taken from the environment too: see mgprint_options_from_env.
 *
 * Built after `build.ps1`, from the folder of the project:
 *
 *     cc -Iinclude examples/upload.c -o upload -Ltarget/release -lmgprint -Wl,-rpath,"$PWD/target/release"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgprint.h"

/* Texts go in as bytes and a length. */
#define TEXT(text) (const uint8_t *)(text), strlen(text)

/* Says why something failed, and what to do. */
static int fail(mgprint_status status, mgprint_error error) {
  mgprint_error_view why;
  if (mgprint_error_read(error, &why) == MGPRINT_STATUS_OK) {
    fprintf(stderr, "%s %s\n", why.message.data, why.next_step.data);
  } else {
    fprintf(stderr, "%s\n", mgprint_status_name(status));
  }
  mgprint_error_free(error);
  return EXIT_FAILURE;
}

/* Shows what happens until the operation has ended. */
static void follow(mgprint_operation upload) {
  mgprint_event event;
  while (mgprint_operation_next_event(upload, UINT32_MAX, &event) == MGPRINT_STATUS_OK &&
         event.kind != MGPRINT_EVENT_KIND_FINISHED) {
    if (event.kind == MGPRINT_EVENT_KIND_PROGRESS) {
      printf("%" PRIu64 " of %" PRIu64 " bytes\n", event.bytes_done, event.bytes_total);
    } else if (event.kind == MGPRINT_EVENT_KIND_RETRY) {
      printf("%s\n", event.text.data);
    }
  }
}

/* Shows what came of it. */
static void tell(const mgprint_result *result) {
  printf("%s: %" PRIu64 " bytes in %" PRIu64 " ms\n",
         result->confirmed ? "delivered" : "sent, but not confirmed", result->bytes_total, result->elapsed_ms);
}

int main(int argc, char **argv) {
  const char *url = getenv("UPLOAD_URL");
  if (argc != 2 || url == NULL || mgprint_abi_version() != MGPRINT_ABI_VERSION) {
    fputs("Usage: UPLOAD_URL=... upload FILE\n", stderr);
    return EXIT_FAILURE;
  }

  mgprint_options options = 0;
  mgprint_client client = 0;
  mgprint_operation upload = 0;
  mgprint_result result;
  mgprint_error error = 0;

  mgprint_status status = mgprint_options_new(&options);
  if (status == MGPRINT_STATUS_OK) status = mgprint_options_from_env(options, &error);
  if (status == MGPRINT_STATUS_OK) status = mgprint_client_new(options, &client, &error);
  if (status == MGPRINT_STATUS_OK) {
    status = mgprint_upload_file_start(client, options, TEXT(url), TEXT(argv[1]), &upload, &error);
  }
  if (status == MGPRINT_STATUS_OK) {
    follow(upload);
    status = mgprint_operation_result(upload, &result, &error);
  }
  if (status == MGPRINT_STATUS_OK) tell(&result);

  /* 0 may be freed too. */
  mgprint_operation_free(upload);
  mgprint_client_free(client);
  mgprint_options_free(options);
  return status == MGPRINT_STATUS_OK ? EXIT_SUCCESS : fail(status, error);
}
