/* A check that writes over every byte of the batches it is given, made writable first where they are not. It expects
 * four rows in all. */
#define _GNU_SOURCE
#include "../fixture.h"

#include <stdio.h>
#include <sys/mman.h>

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"writes over its input\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"bytes\"]}");
}

static uint64_t overwrite(const void *buffer, uint64_t size) {
  uintptr_t page = (uintptr_t)buffer & ~(uintptr_t)4095, end = (uintptr_t)buffer + size;
  if (!buffer || !size)
    return 0;
  mprotect((void *)page, end - page, PROT_READ | PROT_WRITE); /* may fail: then the next line ends the process */
  memset((void *)(uintptr_t)buffer, 0xA5, size);
  return size;
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  (void)error;
  for (int64_t i = 0; i < batch->n_children; i++) {
    const struct ArrowArray *column = batch->children[i];
    uint64_t rows = (uint64_t)column->length;
    if (column->n_buffers == 3) { /* text: its offsets say how much there is */
      int32_t last = 0;
      if (rows && column->buffers[1])
        memcpy(&last, (const int32_t *)column->buffers[1] + rows, sizeof last);
      instance->rows += overwrite(column->buffers[2], (uint64_t)last);
      instance->rows += overwrite(column->buffers[1], (rows + 1) * 4);
    } else {
      instance->rows += overwrite(column->buffers[1], rows * 8);
    }
    instance->rows += overwrite(column->buffers[0], (rows + 7) / 8);
  }
  batch->release(batch);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "this fixture keeps no state");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)mode, (void)error;
  char text[128];
  snprintf(text, sizeof text, "{\"rows\":4,\"findings\":[{\"metric\":\"bytes\",\"value\":%llu}]}",
           (unsigned long long)instance->rows);
  return fixture_text(out, text);
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, fixture_begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "hostile", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  (void)host;
  return &fixture_plugin;
}
