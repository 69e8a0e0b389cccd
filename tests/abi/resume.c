/* Goes on with an upload that was cancelled: resume FILE RESUME_FILE, with MGPRINT_ENDPOINT and UPLOAD_URL, whose first
 * PUT is never answered, in the environment. */
#include "check.h"

/* The json of a resume file; the operation is freed by the caller, to whom the text belongs. */
static mgprint_operation read_resume_file(mgprint_options options, mgprint_result *result) {
  mgprint_operation operation = 0;
  MUST(mgprint_resume_read_start(options, &operation, &error));
  listen_to_end(operation);
  MUST(mgprint_operation_result(operation, result, &error));
  return operation;
}

static mgprint_status end_of(mgprint_operation operation) {
  mgprint_result result;
  listen_to_end(operation);
  mgprint_status status = mgprint_operation_result(operation, &result, NULL);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  return status;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  const char *url = getenv("UPLOAD_URL");
  CHECK(url != NULL);
  mgprint_options options = 0;
  mgprint_client client = 0;
  mgprint_operation operation = 7;
  mgprint_result result;
  CHECK(mgprint_options_new(&options) == MGPRINT_STATUS_OK);
  MUST(mgprint_options_from_env(options, &error));
  MUST(mgprint_client_new(options, &client, &error));

  /* What cannot be a path; and no resume file is named yet. */
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, TEXT(""), NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, (const uint8_t *)"a\0b", 3, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_resume_read_start(options, &operation, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_resume_read_start(options, NULL, NULL) == MGPRINT_STATUS_INVALID_ARGUMENT);
  CHECK(mgprint_resume_read_start(7, &operation, NULL) == MGPRINT_STATUS_INVALID_HANDLE);
  CHECK(operation == 7);

  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_FILE, TEXT(argv[2]), &error));
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job j"), &error));
  operation = read_resume_file(options, &result);
  CHECK(result.json.length == 0 && result.json.data[0] == '\0');
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);

  mgprint_event event;
  MUST(mgprint_upload_file_start(client, options, TEXT(url), TEXT(argv[1]), &operation, &error));
  do CHECK(mgprint_operation_next_event(operation, UINT32_MAX, &event) == MGPRINT_STATUS_OK);
  while (event.kind != MGPRINT_EVENT_KIND_PROGRESS || event.bytes_done == 0);
  mgprint_operation reading = 0;
  MUST(mgprint_resume_read_start(options, &reading, &error));
  CHECK(end_of(reading) == MGPRINT_STATUS_RESUME_FILE_IN_USE);
  CHECK(mgprint_operation_cancel(operation) == MGPRINT_STATUS_OK);
  CHECK(end_of(operation) == MGPRINT_STATUS_CANCELLED);

  /* Another document's command finds that it is not its own. */
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job k"), &error));
  MUST(mgprint_resume_read_start(options, &reading, &error));
  CHECK(end_of(reading) == MGPRINT_STATUS_RESUME_FILE_REFUSED);
  MUST(mgprint_options_set_text(options, MGPRINT_OPTION_RESUME_IDENTITY, TEXT("job j"), &error));

  operation = read_resume_file(options, &result);
  CHECK(strstr(result.json.data, url) != NULL && strstr(result.json.data, "\"identity\":\"job j\"") != NULL);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);
  MUST(mgprint_upload_file_start(client, options, TEXT(url), TEXT(argv[1]), &operation, &error));
  CHECK(end_of(operation) == MGPRINT_STATUS_OK);
  operation = read_resume_file(options, &result);
  CHECK(result.json.length == 0);
  CHECK(mgprint_operation_free(operation) == MGPRINT_STATUS_OK);

  CHECK(mgprint_client_free(client) == MGPRINT_STATUS_OK);
  CHECK(mgprint_options_free(options) == MGPRINT_STATUS_OK);
  puts("resumed");
  return 0;
}
