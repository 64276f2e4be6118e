/* Says so, loops for ever in update and pays no heed to cancel. */
#include "fixture.h"

static const sluice_host *services;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"hangs in update\"}");
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

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, fixture_begin, update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.hang", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return host->abi_major == SLUICE_ABI_MAJOR ? &fixture_plugin : NULL;
}
