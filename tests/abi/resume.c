/* Goes on with an upload that was cancelled: resume FILE RESUME_FILE, with MGPRINT_ENDPOINT and UPLOAD_URL, whose first
 * PUT is never answered, in the environment. */
#include "check.h"

#include <unistd.h>

static mgprint_status end_of_another(mgprint_client client, mgprint_options options, const mgprint_target *target, const mgprint_source *file) {
  mgprint_operation operation = {0};
  MUST(mgprint_upload_start(client, options, target, file, &operation, &error));
  return end_of(operation);
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  const char *url = getenv("UPLOAD_URL");
  CHECK(url != NULL);
  mgprint_options options = {0};
  mgprint_client client = client_from_env();
  const mgprint_target target = url_target(url);
  const mgprint_source file = file_source(argv[1]);
  MUST(mgprint_options_new(&options));
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, TEXT(argv[2]), &error));
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job j"), &error));
  mgprint_operation operation = {0};
  const mgprint_event *event = NULL;
  MUST(mgprint_upload_start(client, options, &target, &file, &operation, &error));
  do {
    CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
    CHECK(event->kind != MGPRINT_EVENT_KIND_FINISHED);
  } while (event->kind != MGPRINT_EVENT_KIND_PROGRESS || event->bytes_done == 0);
  CHECK(end_of_another(client, options, &target, &file) == MGPRINT_STATUS_RESUME_FILE_IN_USE);
  CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_OK);
  CHECK(end_of(operation) == MGPRINT_STATUS_CANCELLED);

  /* Another document's command finds that it is not its own. */
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job k"), &error));
  CHECK(end_of_another(client, options, &target, &file) == MGPRINT_STATUS_RESUME_FILE_REFUSED);
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job j"), &error));

  CHECK(access(argv[2], F_OK) == 0);
  CHECK(end_of_another(client, options, &target, &file) == MGPRINT_STATUS_OK);
  CHECK(access(argv[2], F_OK) != 0);

  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("resumed");
  return 0;
}
