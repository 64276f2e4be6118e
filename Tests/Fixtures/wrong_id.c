/* Calls itself something else than its manifest does (fixture.wrong_id). */
#define FIXTURE_KEEPS_ITS_ID
#include "fixture.h"

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"has another id than its manifest\"}");
}

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, fixture_begin, fixture_update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.another_id", describe, ops);

FIXTURE_ENTRY
