/* In a build that panics in every entry where MGPRINT_PANIC is set: each answers INTERNAL, and writes nothing. */
#include "check.h"

#define CAUGHT(call) CHECK((call) == MGPRINT_STATUS_INTERNAL)

int main(void) {
  mgprint_options options = {7};
  mgprint_client client = {7};
  mgprint_request request = {7};
  mgprint_operation operation = {7};
  mgprint_error error = {7};
  const mgprint_request_view *view = NULL;
  const mgprint_event *event = NULL;
  const mgprint_result *result = NULL;
  const mgprint_error_view *why = NULL;
  const mgprint_target target = {NONE, NULL, {0}};
  const mgprint_source source = file_source("a");
  size_t index = 7;
  CAUGHT(mgprint_options_new(&options));
  CAUGHT(mgprint_options_copy(options, &options));
  CAUGHT(mgprint_options_set_text(options, MGPRINT_OPTION_PROXY, NONE, &error));
  CAUGHT(mgprint_options_set_number(options, MGPRINT_OPTION_MAX_RETRY, 1, &error));
  CAUGHT(mgprint_options_from_env(options, &error));
  CAUGHT(mgprint_options_free(options));
  CAUGHT(mgprint_client_new(options, &client, &error));
  CAUGHT(mgprint_client_free(client));
  CAUGHT(mgprint_request_new(client, MGPRINT_REQUEST_MODE_ONCE, NONE, NONE, NONE, NONE, &request, &error));
  CAUGHT(mgprint_request_new_session(client, NULL, 0, &request, &error));
  CAUGHT(mgprint_request_add_header(request, NONE, NONE, &error));
  CAUGHT(mgprint_request_read(request, &view));
  CAUGHT(mgprint_request_free(request));
  CAUGHT(mgprint_request_start(client, options, request, &operation, &error));
  CAUGHT(mgprint_upload_start(client, options, &target, &source, &operation, &error));
  CAUGHT(mgprint_download_start(client, options, request, NONE, &operation, &error));
  CAUGHT(mgprint_session_start(client, options, MGPRINT_SESSION_ACTION_STATUS, NONE, &operation, &error));
  CAUGHT(mgprint_response_read(client, request, 200, NONE, NONE, &operation, &error));
  CAUGHT(mgprint_operation_next_event(operation, 0, &event));
  CAUGHT(mgprint_operation_wait(operation, 0, &result, &error));
  CAUGHT(mgprint_operation_wait_any(&operation, 1, 0, &index));
  CAUGHT(mgprint_operation_cancel(operation));
  CAUGHT(mgprint_operation_supply(operation, 0, NONE, NONE));
  CAUGHT(mgprint_operation_renew(operation, client));
  CAUGHT(mgprint_operation_free(operation));
  CAUGHT(mgprint_error_read(error, &why));
  CAUGHT(mgprint_error_free(error));
  CHECK(options.id == 7 && client.id == 7 && request.id == 7 && operation.id == 7 && error.id == 0 && index == 7);
  CHECK(view == NULL && event == NULL && result == NULL && why == NULL);
  puts("caught");
  return 0;
}
