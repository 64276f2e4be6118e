/* A check that keeps what it is handed: the second column of every batch, moved out of it, until `finish`. It adds up
 * every byte when it gets it and again when it gives it back. The metrics of its verdict:
 *   bytes    of all values   changed  batches whose sums differ */
#include "fixture.h"

#include <stdio.h>

enum { MOST = 64 };
static struct ArrowArray kept[MOST];
static uint64_t sums[MOST], count, bytes;

static uint64_t sum(const struct ArrowArray *column) {
  const int32_t *offsets = column->buffers[1];
  const uint8_t *values = column->buffers[2];
  uint64_t total = 1;
  for (int32_t i = offsets[0]; i < offsets[column->length]; i++)
    total = total * 31 + values[i];
  return total;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"keeps batches\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"bytes\",\"changed\"]}");
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  if (count == MOST)
    return fixture_fail(error, SLUICE_QUOTA_EXHAUSTED, "it keeps no more");
  struct ArrowArray *column = &kept[count];
  instance->rows += (uint64_t)batch->length;
  *column = *batch->children[1];
  batch->children[1]->release = NULL; /* moved */
  batch->release(batch);
  bytes += (uint64_t)((const int32_t *)column->buffers[1])[column->length];
  sums[count++] = sum(column);
  return SLUICE_OK;
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)mode, (void)error;
  char text[160];
  uint64_t changed = 0;
  for (uint64_t i = 0; i < count; i++) {
    changed += sum(&kept[i]) != sums[i];
    kept[i].release(&kept[i]);
  }
  count = 0;
  snprintf(text, sizeof text,
           "{\"rows\":%llu,\"findings\":[{\"metric\":\"bytes\",\"value\":%llu},{\"metric\":\"changed\",\"value\":%llu}]}",
           (unsigned long long)instance->rows, (unsigned long long)bytes, (unsigned long long)changed);
  bytes = 0;
  return fixture_text(out, text);
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, fixture_begin, update, fixture_merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.keeper_check", describe, ops);

FIXTURE_ENTRY
