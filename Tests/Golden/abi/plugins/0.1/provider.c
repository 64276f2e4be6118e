/* A provider without a model: infer repeats the request and the note of its configuration, a vector holds a text's bytes
 * and quotes passed, a token is four bytes. */
#include "common.h"

static sluice_status infer(sluice_instance *instance, sluice_str request_json, sluice_text *out, sluice_error *error) {
  if (!instance || bad_str(request_json) || bad_text(out))
    return wrong(error);
  if (services.cancelled && services.cancelled(instance->context))
    return fail(error, SLUICE_TIMEOUT, "cancelled");
  say(instance, "infer was asked");
  size_t note = strlen(instance->note);
  char *text = malloc(request_json.size + note + 1);
  if (!text)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the answer");
  if (request_json.size)
    memcpy(text, request_json.data, request_json.size);
  memcpy(text + request_json.size, instance->note, note);
  sluice_status status = give(out, text, request_json.size + note, error);
  free(text);
  return status;
}

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->release = NULL;
}

/* Every text between quotes behind the first '[': its bytes, and its place. */
static sluice_status embed(sluice_instance *instance, sluice_str request_json, sluice_floats *out, sluice_error *error) {
  if (!instance || bad_str(request_json) || !out || out->struct_size < SLUICE_FLOATS_SIZE_V1)
    return wrong(error);
  uint64_t at = 0, quotes = 0;
  while (at < request_json.size && request_json.data[at] != '[')
    at++;
  for (uint64_t i = at; i < request_json.size && request_json.data[i] != ']'; i++)
    quotes += request_json.data[i] == '"';
  uint64_t texts = quotes / 2, row = 0, began = 0;
  float *values = calloc(texts * 2 + 1, sizeof *values);
  if (!values)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the vectors");
  for (int inside = 0; at < request_json.size && row < texts; at++) {
    if (request_json.data[at] != '"')
      continue;
    inside = !inside;
    if (inside) {
      began = at + 1;
      continue;
    }
    values[row * 2] = (float)(at - began);
    values[row * 2 + 1] = (float)row;
    row++;
  }
  out->dimensions = 2;
  out->rows = texts;
  out->data = values;
  out->private_data = values;
  out->release = release_floats;
  return SLUICE_OK;
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  if (!instance || bad_str(model) || bad_str(text) || !tokens)
    return wrong(error);
  if (model.size == 4 && memcmp(model.data, "none", 4) == 0)
    return fail(error, SLUICE_PROVIDER_UNHEALTHY, "there is no such model");
  *tokens = (text.size + 3) / 4;
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  static const char text[] = "{\"healthy\":true,\"models\":[{\"id\":\"golden\",\"dimensions\":2}]}";
  return !instance || bad_text(out) ? wrong(error) : give(out, text, sizeof text - 1, error);
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, embed, token_estimate, health, NULL, NULL};
GOLDEN_PLUGIN(SLUICE_KIND_PROVIDER, "golden.provider", "repeats what it is asked", ops)
