/* Aborts in the middle of a call. */
#include "fixture.h"

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"aborts in update\"}");
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  (void)instance, (void)error;
  (void)batch;
  abort();
}

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, fixture_begin, update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.abort_in_call", describe, ops);

FIXTURE_ENTRY
