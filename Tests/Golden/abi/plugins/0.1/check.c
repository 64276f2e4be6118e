/* A check that counts the rows and the nulls of c0, and names the first hundred rows that have one. Its state is both
 * numbers, little-endian as in memory. */
#include "common.h"

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  static const char text[] =
      "{\"companions\":[],\"reason_codes\":[\"NULL_VALUE\"],\"metrics\":[\"null_count\"],\"reads\":\"text\"}";
  return !instance || bad_text(out) ? wrong(error) : give(out, text, sizeof text - 1, error);
}

static sluice_status begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params_json,
                           sluice_error *error) {
  if (!instance || !schema || !schema->release || bad_str(params_json))
    return wrong(error);
  if (strcmp(schema->format, "+s") != 0 || schema->n_children < 2 || strcmp(schema->children[1]->format, "u") != 0)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the schema is not sluice.ordinal and a column of texts");
  instance->rows = instance->nulls = instance->n_ordinals = 0;
  instance->begun = 1;
  return SLUICE_OK;
}

static int is_null(const struct ArrowArray *column, int64_t row) {
  const uint8_t *bits = column->buffers[0];
  int64_t at = row + column->offset;
  return bits && !(bits[at / 8] >> at % 8 & 1);
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  if (!instance || !batch || !batch->release)
    return wrong(error);
  if (!instance->begun || batch->n_children < 2)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "a batch came before begin, or has no column c0");
  struct ArrowArray moved = *batch;
  batch->release = NULL;
  const struct ArrowArray *ordinal = moved.children[0], *column = moved.children[1];
  for (int64_t row = 0; row < moved.length; row++) {
    if (!is_null(column, row + moved.offset))
      continue;
    instance->nulls++;
    if (instance->n_ordinals < MOST_ORDINALS)
      instance->ordinals[instance->n_ordinals++] =
          ((const int64_t *)ordinal->buffers[1])[row + moved.offset + ordinal->offset];
  }
  instance->rows += (uint64_t)moved.length;
  if (services.progress)
    services.progress(instance->context, instance->rows, 0);
  moved.release(&moved);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  uint64_t numbers[2];
  if (!instance || state.size > SLUICE_TEXT_MAX || (!state.data && state.size))
    return wrong(error);
  if (state.size != sizeof numbers)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "not a state of this check");
  memcpy(numbers, state.data, sizeof numbers);
  instance->rows += numbers[0];
  instance->nulls += numbers[1];
  return SLUICE_OK;
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  if (!instance || bad_text(out) || (mode != SLUICE_FINISH_VERDICT && mode != SLUICE_FINISH_STATE))
    return wrong(error);
  if (!instance->begun)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "finish came before begin");
  instance->begun = 0;
  if (mode == SLUICE_FINISH_STATE) {
    uint64_t numbers[2] = {instance->rows, instance->nulls};
    return give(out, (const char *)numbers, sizeof numbers, error);
  }
  char text[256 + MOST_ORDINALS * 24];
  int size = snprintf(text, sizeof text,
                      "{\"rows\":%llu,\"findings\":[{\"column\":\"c0\",\"metric\":\"null_count\",\"value\":%llu,"
                      "\"count\":%llu,\"reason_code\":\"NULL_VALUE\",\"ordinals\":[",
                      (unsigned long long)instance->rows, (unsigned long long)instance->nulls,
                      (unsigned long long)instance->nulls);
  for (uint64_t i = 0; i < instance->n_ordinals; i++)
    size += snprintf(text + size, sizeof text - (size_t)size, "%s%lld", i ? "," : "", (long long)instance->ordinals[i]);
  size += snprintf(text + size, sizeof text - (size_t)size, "]}]}");
  return give(out, text, (size_t)size, error);
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, begin, update, merge, finish};
GOLDEN_PLUGIN(SLUICE_KIND_CHECK, "golden.check", "counts nulls", ops)
