/* Refuses what it is asked to embed: for good when a text is "teapot", for now when one is "busy". */
#include "fixture.h"

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"refuses\"}");
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance, (void)request, (void)out;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "it infers nothing");
}

static int holds(sluice_str request, const char *word) {
  size_t size = strlen(word);
  for (uint64_t at = 0; at + size <= request.size; at++)
    if (memcmp(request.data + at, word, size) == 0)
      return 1;
  return 0;
}

static sluice_status embed(sluice_instance *instance, sluice_str request, sluice_floats *out, sluice_error *error) {
  (void)instance, (void)out;
  if (holds(request, "\"busy\""))
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "come back later");
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "I am a teapot");
}

static sluice_status token_estimate(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                    sluice_error *error) {
  (void)instance, (void)model, (void)error;
  *tokens = text.size / 4;
  return SLUICE_OK;
}

static sluice_status health(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"healthy\":true}");
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, embed, token_estimate, health, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.refusing_provider", describe, ops);

FIXTURE_ENTRY
