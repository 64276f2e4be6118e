/* Says so, loops for ever in update and pays no heed to cancel. */
#include "fixture.h"

static const sluice_host *services;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"hangs in update\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  static const char words[] = "hanging";
  sluice_str line = {words, sizeof words - 1};
  (void)error;
  services->log(instance->context, SLUICE_LOG_INFO, line);
  for (volatile int forever = 1; forever;) {
  }
  batch->release(batch);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "this fixture keeps no state");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)instance, (void)mode, (void)error;
  return fixture_text(out, "{\"rows\":0,\"findings\":[]}");
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, fixture_begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.hang", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return host->abi_major == SLUICE_ABI_MAJOR ? &fixture_plugin : NULL;
}
