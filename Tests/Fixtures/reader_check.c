/* A check that asks for all that a check may have: the text of every column and every companion. */
#include "fixture.h"

#include <stdio.h>

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"reads everything\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[\"key\",\"shape\",\"length\"],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  (void)error;
  instance->rows += (uint64_t)batch->length;
  batch->release(batch);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "this fixture keeps no state");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)mode, (void)error;
  char text[256];
  snprintf(text, sizeof text,
           "{\"rows\":%llu,\"findings\":[]}",
           (unsigned long long)instance->rows);
  return fixture_text(out, text);
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, fixture_begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.reader_check", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  return host->abi_major == SLUICE_ABI_MAJOR ? &fixture_plugin : NULL;
}
