/* Answers with what it is asked: infer echoes, embed hashes each byte of the request into four floats per text, a token
 * is four bytes; submit and poll echo, too; for the model "none" there is no estimate, and for "wait" none before the call is over. It keeps nothing
 * between calls. Compiled with WITHOUT_EMBED it has no vectors, with LOUD it repeats what it is asked in its log, with FAILS
 * it fails with it as its message. */
#define _GNU_SOURCE
#include "fixture.h"

#include <time.h>

static const sluice_host *services;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"echoes\"}");
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  char *copy = malloc(request.size + 1);
  if (!copy)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  memcpy(copy, request.data, request.size);
  out->data = copy;
  out->size = request.size;
  out->private_data = copy;
  out->release = fixture_release_text;
  return SLUICE_OK;
}

static void release_floats(sluice_floats *self) {
  free(self->private_data);
  self->release = NULL;
}

#define DIMENSIONS 4u

/* The strings between quotes behind the first '[': one vector each. */
FIXTURE_UNUSED static sluice_status embed(sluice_instance *instance, sluice_str request, sluice_floats *out, sluice_error *error) {
  (void)instance;
#ifdef LOUD
  services->log(instance->context, 1, request);
#endif
#ifdef FAILS
  error->code = SLUICE_DETERMINISTIC_FAILURE;
  error->message = request;
  return error->code;
#endif
  uint64_t at = 0, texts = 0, quotes = 0;
  while (at < request.size && request.data[at] != '[')
    at++;
  for (uint64_t i = at; i < request.size && request.data[i] != ']'; i++)
    quotes += request.data[i] == '"';
  texts = quotes / 2;
  float *values = calloc(texts * DIMENSIONS + 1, sizeof *values);
  if (!values)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  uint64_t row = 0;
  uint32_t hash = 2166136261u, inside = 0;
  for (; at < request.size && row < texts; at++) {
    if (request.data[at] != '"') {
      if (inside)
        hash = (hash ^ (uint8_t)request.data[at]) * 16777619u; /* FNV-1a */
      continue;
    }
    inside = !inside;
    if (inside)
      continue;
    for (uint32_t d = 0; d < DIMENSIONS; d++)
      values[row * DIMENSIONS + d] = (float)(hash >> (8 * d) & 0xff) / 256.0f;
    hash = 2166136261u;
    row++;
  }
  out->dimensions = DIMENSIONS;
  out->rows = texts;
  out->data = values;
  out->private_data = values;
  out->release = release_floats;
  return SLUICE_OK;
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  if (model.size == 4 && memcmp(model.data, "none", 4) == 0)
    return fixture_fail(error, SLUICE_PROVIDER_UNHEALTHY, "there is no such model");
  while (model.size == 4 && memcmp(model.data, "wait", 4) == 0 && !services->cancelled(instance->context))
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  *tokens = text.size / 4;
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"healthy\":true,\"models\":[{\"id\":\"echo\",\"dimensions\":4}]}");
}

#ifdef WITHOUT_EMBED
#define EMBED NULL
#else
#define EMBED embed
#endif
static const sluice_provider_ops ops = {sizeof ops, 0, infer, EMBED, token_estimate, health, infer, infer};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.echo_provider", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &fixture_plugin;
}
