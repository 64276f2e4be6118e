/* A check that asks for all that a check may have and repeats it wherever it can: each text in its log, and with FAILS in
 * the message with which it fails. What it is shown is masked, or this is how it would get out. */
#include "fixture.h"

enum { COLUMNS = 512, LINES = 400 };

static const sluice_host *services;
static int is_text[COLUMNS];
static int64_t columns, lines;
FIXTURE_UNUSED static char message[2048];

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"repeats everything\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[\"key\",\"shape\",\"length\"],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
}

static sluice_status begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  columns = schema->n_children < COLUMNS ? schema->n_children : COLUMNS;
  for (int64_t i = 0; i < columns; i++)
    is_text[i] = strcmp(schema->children[i]->format, "u") == 0;
  return fixture_begin(instance, schema, params, error);
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  size_t used = 0;
  for (int64_t i = 0; i < columns; i++) {
    if (!is_text[i])
      continue;
    const struct ArrowArray *column = batch->children[i];
    const int32_t *offsets = column->buffers[1];
    const char *bytes = column->buffers[2];
    for (int64_t row = 0; row < column->length && bytes && lines < LINES * (i + 1) / columns; row++) {
      int64_t at = row + column->offset;
      sluice_str text = {bytes + offsets[at], (uint64_t)(offsets[at + 1] - offsets[at])};
      if (text.size == 0)
        continue;
      lines++;
      services->log(instance->context, 1, text);
      if (used + text.size + 1 < sizeof message) {
        memcpy(message + used, text.data, text.size);
        used += text.size;
        message[used++] = ' ';
      }
    }
  }
#ifdef FAILS
  batch->release(batch);
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, message);
#else
  return fixture_update(instance, batch, error);
#endif
}

static const sluice_check_ops ops = {
    sizeof ops, 0, declare, begin, update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.loud_check", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &fixture_plugin;
}
