#include "remote.h"

static sluice_status read_answer(sluice_text *response, sluice_text *body, sluice_text *out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse((sluice_str){response->data, response->size}, &json, error);
  if (status != SLUICE_OK) return status;
  const sluice_kit_value *root = sluice_kit_json_root(json);
  const sluice_kit_value *code = sluice_kit_json_get(root, "status"), *wait = sluice_kit_json_get(root, "retry_after_ms");
  int64_t number = code && code->is_integer ? code->integer : 0;
  if (number >= 200 && number < 300) {
    status = sluice_kit_text_copy(out, body->data, body->size, error);
  } else {
    /* A status of 400 and above is an answer: the plugin says what it means. The body may hold a prompt: leave it out. */
    sluice_status kind = number == 429   ? SLUICE_RATE_LIMIT
                         : number >= 500 ? SLUICE_TRANSIENT_ERROR
                                         : SLUICE_DETERMINISTIC_FAILURE;
    status = sluice_kit_fail(error, kind, "The service answered with status %d.", (int)number);
    if (wait && wait->is_integer && wait->integer > 0) error->retry_after_ms = (uint64_t)wait->integer;
  }
  sluice_kit_json_free(json);
  return status;
}

sluice_status remote_ask(const sluice_host *host, sluice_handle context, sluice_str body, sluice_text *out,
                         sluice_error *error) {
  static const char request[] =
      "{\"endpoint\":\"main\",\"method\":\"POST\",\"path\":\"/v1/infer\",\"headers\":{\"content-type\":\"application/json\"}}";
  sluice_bytes sent = {(const uint8_t *)body.data, body.size};
  sluice_text response, answer;
  /* The host adds the credential, pins the address and refuses what the manifest does not name. */
  sluice_status status = sluice_kit_http(host, context, sluice_kit_str(request), sent, &response, &answer, error);
  if (status != SLUICE_OK) return status;
  status = read_answer(&response, &answer, out, error);
  response.release(&response);
  answer.release(&answer);
  return status;
}
