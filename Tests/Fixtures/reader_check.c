/* A check that asks for all that a check may have: the text of every column and every companion. */
#include "fixture.h"

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"reads everything\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[\"key\",\"shape\",\"length\",\"valid\",\"bloom\"],\"reason_codes\":[],"
                           "\"metrics\":[\"rows\"]}");
}

static const sluice_check_ops ops = {
    sizeof ops, 0, declare, fixture_begin, fixture_update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.reader_check", describe, ops);

FIXTURE_ENTRY
