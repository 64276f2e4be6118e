/* Counts rows, in batches and in merged states. Keeps each batch until the next one, as a check may; waits in update
 * for cancel when its params said so, and logs what is no UTF-8 when they said that. */
#define _GNU_SOURCE
#include "fixture.h"

#include <stdio.h>
#include <time.h>

static const sluice_host *services;
static struct ArrowArray kept;
static int waits;

static int mentions(sluice_str text, const char *word) {
  size_t size = strlen(word);
  for (uint64_t i = 0; i + size <= text.size; i++)
    if (memcmp(text.data + i, word, size) == 0)
      return 1;
  return 0;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"counts rows\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"rows\",\"nulls\",\"bytes\"]}");
}

static uint64_t nulls, text_bytes;

static sluice_status begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  (void)error;
  if (strcmp(schema->format, "+s") != 0)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "not a struct");
  instance->rows = nulls = text_bytes = 0;
  waits = mentions(params, "wait");
  if (mentions(params, "log")) {
    static const char line[] = "bad \xff byte";
    sluice_str message = {line, sizeof line - 1};
    services->log(instance->context, SLUICE_LOG_INFO, message);
    services->progress(instance->context, 1, 2);
  }
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  if (kept.release)
    kept.release(&kept);
  kept = *batch;
  batch->release = NULL; /* moved */
  instance->rows += (uint64_t)kept.length;
  for (int64_t i = 0; i < kept.n_children; i++) {
    const struct ArrowArray *column = kept.children[i];
    nulls += (uint64_t)column->null_count;
    if (column->n_buffers == 3)
      text_bytes += (uint64_t)((const int32_t *)column->buffers[1])[column->length];
  }
  if (waits) {
    static const char line[] = "waiting";
    sluice_str message = {line, sizeof line - 1};
    services->log(instance->context, SLUICE_LOG_INFO, message);
  }
  while (waits) {
    struct timespec pause = {0, 1000000};
    if (services->cancelled(instance->context))
      return fixture_fail(error, SLUICE_TIMEOUT, "cancelled");
    if (services->deadline(instance->context) == 0)
      return fixture_fail(error, SLUICE_TIMEOUT, "past the deadline");
    nanosleep(&pause, NULL);
  }
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  uint64_t rows;
  if (state.size != sizeof rows)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "not a state of this check");
  memcpy(&rows, state.data, sizeof rows);
  instance->rows += rows;
  return SLUICE_OK;
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)error;
  if (mode == SLUICE_FINISH_STATE) {
    sluice_status status = fixture_text(out, "12345678");
    if (status == SLUICE_OK) {
      memcpy(out->private_data, &instance->rows, sizeof instance->rows);
      out->size = sizeof instance->rows;
    }
    return status;
  }
  char text[160];
  snprintf(text, sizeof text,
           "{\"rows\":%llu,\"findings\":[{\"column\":null,\"metric\":\"nulls\",\"value\":%llu},"
           "{\"column\":null,\"metric\":\"bytes\",\"value\":%llu}]}",
           (unsigned long long)instance->rows, (unsigned long long)nulls, (unsigned long long)text_bytes);
  return fixture_text(out, text);
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.good_check", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &fixture_plugin;
}
