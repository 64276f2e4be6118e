/* Aborts in its constructor: before its entry point is ever called. */
#include "fixture.h"

__attribute__((constructor)) static void die(void) { abort(); }

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"aborts when it is loaded\"}");
}

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, fixture_begin, fixture_update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.abort_on_load", describe, ops);

FIXTURE_ENTRY
