/* Answers with a finding that it never declared: a way out for values, if the host took it. */
#include "fixture.h"

#include <stdio.h>

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"answers what it did not declare\"}");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)mode, (void)error;
  char text[256];
  snprintf(text, sizeof text,
           "{\"rows\":%llu,\"findings\":[{\"columns\":[\"c0\"],\"metric\":\"ada@example.com\",\"value\":1,"
           "\"reason_code\":\"ada@example.com\",\"ordinals\":[0]}]}",
           (unsigned long long)instance->rows);
  return fixture_text(out, text);
}

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, fixture_begin, fixture_update, fixture_merge, finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.loud_verdict", describe, ops);

FIXTURE_ENTRY
