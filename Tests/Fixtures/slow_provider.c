/* A provider whose create takes nine seconds, and does not listen meanwhile. */
#include "fixture.h"

#include <time.h>

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"takes its time\"}");
}

static sluice_status slow_create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  struct timespec left = {9, 0};
  while (nanosleep(&left, &left) != 0)
    ;
  return fixture_create(config, context, out, error);
}
#define fixture_create slow_create

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

static const sluice_provider_ops ops = {sizeof ops, 0, NULL, NULL, token_estimate, health, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.slow_provider", describe, ops);
FIXTURE_ENTRY
