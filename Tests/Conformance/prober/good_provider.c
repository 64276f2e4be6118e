/* A provider that answers with lengths. */
#include "good.h"

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->data = NULL;
  self->rows = 0;
  self->release = NULL;
}

static sluice_status health(sluice_instance *self, sluice_text *out, sluice_error *error) {
  if (!self || bad_out(out))
    return refuse(error);
  first_call(self);
  return give(out, "{\"healthy\":true,\"models\":[{\"dimensions\":2,\"id\":\"good\"}]}", error);
}

static sluice_status token_estimate(sluice_instance *self, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  if (!self || bad_text(model) || bad_text(text) || !tokens)
    return refuse(error);
  *tokens = text.size / 4 + 1;
  return SLUICE_OK;
}

static sluice_status embed(sluice_instance *self, sluice_str request_json, sluice_floats *out, sluice_error *error) {
  if (!self || bad_text(request_json) || !out || out->struct_size < SLUICE_FLOATS_SIZE_V1)
    return refuse(error);
  if (stopped(self))
    return fail(error, SLUICE_TIMEOUT, "cancelled");
#ifdef FAULT_HTTP_FAILS
  sluice_text head = {.struct_size = sizeof head}, body = {.struct_size = sizeof body};
  static const char get[] = "{\"endpoint\":\"main\",\"method\":\"GET\",\"path\":\"/v1/embed\"}";
  if (host.http && host.http(self->context, (sluice_str){get, sizeof get - 1}, (sluice_bytes){NULL, 0}, &head, &body,
                             NULL) == SLUICE_OK) {
    head.release(&head);
    body.release(&body);
  }
  return fail(error, SLUICE_TRANSIENT_ERROR, "the server's answer is none");
#endif
  float *values = malloc(2 * sizeof *values);
  if (!values)
    return fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
  values[0] = (float)request_json.size;
  values[1] = 1;
  out->dimensions = 2;
  out->rows = 1;
  out->data = values;
  out->private_data = values;
  out->release = release_floats;
  return SLUICE_OK;
}

static sluice_status infer(sluice_instance *self, sluice_str request_json, sluice_text *out, sluice_error *error) {
  char text[64];
  if (!self || bad_text(request_json) || bad_out(out))
    return refuse(error);
  if (stopped(self))
    return fail(error, SLUICE_TIMEOUT, "cancelled");
  snprintf(text, sizeof text, "{\"text\":\"%llu bytes\"}", (unsigned long long)request_json.size);
  return give(out, text, error);
}

static const sluice_provider_ops operations = {
    .struct_size = sizeof operations,
    .infer = infer,
    .embed = embed,
    .token_estimate = token_estimate,
    .health = health,
};

PLUGIN(SLUICE_KIND_PROVIDER, "good.provider", &operations)
