/* A check that finds near-duplicates without seeing a value: it compares the host's keyed Bloom filters (companion
 * `bloom`), and counts wrong values by the companion `valid`.
 *
 * Compiled with FIXTURE_ID, FIXTURE_VERSION, COLUMN (the column compared, "c1" unless told), the C kit and libm. */
#include <math.h>

#include "fixture_kit.h"

/* docs/masking.md: bits of a filter, and how many of them each pair of letters sets. */
#define BITS 1024
#define HASHES 12
#define LIKE 0.8
#ifndef COLUMN
#define COLUMN "c1"
#endif
/* Every row is compared with every other: a check of real tables would block first. */
#define MOST 4000
#define NAMED 100

typedef struct {
  unsigned char bits[BITS / 8];
  int64_t ordinal;
} filter;

struct sluice_instance {
  struct ArrowSchema schema;
  int64_t rows, wrong;
  /* Of COLUMN. */
  filter *filters;
  int64_t count;
};
static sluice_host host;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return kit_answer(out, "{\"summary\":\"finds near-duplicates\"}", error);
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config, (void)context;
  *out = calloc(1, sizeof **out);
  return *out ? SLUICE_OK : sluice_kit_fail_memory(error);
}

static void destroy(sluice_instance *self) {
  sluice_kit_schema_release(&self->schema);
  free(self->filters);
  free(self);
}

static void cancel(sluice_instance *self) { (void)self; }

static sluice_status declare(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return kit_answer(out,
                    "{\"companions\":[\"valid\",\"bloom\"],\"reads\":\"validity\","
                    "\"reason_codes\":[\"NEAR_DUPLICATE\",\"WRONG_VALUE\"],"
                    "\"metrics\":[\"near_dup_rate\",\"wrong_rate\"]}",
                    error);
}

static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  (void)params;
  sluice_kit_schema_release(&self->schema);
  self->rows = self->wrong = self->count = 0;
  return sluice_kit_schema_copy(schema, &self->schema) ? sluice_kit_fail_memory(error) : SLUICE_OK;
}

static int ends_with(const char *name, const char *end) {
  size_t size = strlen(name), tail = strlen(end);
  return size > tail && strcmp(name + size - tail, end) == 0;
}

static sluice_status keep(sluice_instance *self, sluice_str bits, int64_t ordinal, sluice_error *error) {
  if (bits.size != BITS / 8)
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "A filter has another size.");
  if (!self->filters && !(self->filters = malloc(MOST * sizeof *self->filters)))
    return sluice_kit_fail_memory(error);
  if (self->count < MOST) {
    memcpy(self->filters[self->count].bits, bits.data, BITS / 8);
    self->filters[self->count++].ordinal = ordinal;
  }
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  sluice_kit_view ordinals, view;
  sluice_status status = SLUICE_OK;
  if (sluice_kit_view_column(&ordinals, &self->schema, batch, 0))
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "There are no ordinals.");
  for (int64_t i = 1; i < self->schema.n_children && status == SLUICE_OK; i++) {
    const char *name = self->schema.children[i]->name;
    int is_filter = strcmp(name, COLUMN ".bloom") == 0;
    if ((!is_filter && !ends_with(name, ".valid")) || sluice_kit_view_column(&view, &self->schema, batch, i))
      continue;
    for (int64_t row = 0; row < view.length && status == SLUICE_OK; row++) {
      if (sluice_kit_view_is_null(&view, row))
        continue;
      if (is_filter)
        status = keep(self, sluice_kit_view_text(&view, row), sluice_kit_view_int64(&ordinals, row), error);
      else
        self->wrong += !sluice_kit_view_bool(&view, row);
    }
  }
  self->rows += batch->length;
  sluice_kit_array_release(batch);
  return status;
}

static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  (void)self, (void)state;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "This check keeps no state.");
}

/* How many pairs of letters set so many bits (Swamidass and Baldi 2007). */
static double pairs(int bits) { return -(double)BITS / HASHES * log1p(-(double)(bits < BITS ? bits : BITS - 1) / BITS); }

/* Dice's coefficient of the pairs behind two filters. */
static double dice(const filter *a, const filter *b) {
  int one = 0, other = 0, either = 0;
  for (int i = 0; i < BITS / 8; i++) {
    one += __builtin_popcount(a->bits[i]);
    other += __builtin_popcount(b->bits[i]);
    either += __builtin_popcount(a->bits[i] | b->bits[i]);
  }
  double all = pairs(one) + pairs(other);
  return all > 0 ? 2 * (all - pairs(either)) / all : 1;
}

static void finding(sluice_kit_writer *json, const char *metric, int64_t rows, int64_t count, const char *code) {
  sluice_kit_begin_object(json);
  sluice_kit_key(json, "metric"), sluice_kit_cstring(json, metric);
  sluice_kit_key(json, "value"), sluice_kit_number(json, rows ? (double)count / (double)rows : 0);
  sluice_kit_key(json, "count"), sluice_kit_integer(json, count);
  sluice_kit_key(json, "reason_code"), sluice_kit_cstring(json, code);
}

static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  sluice_kit_writer json = {0};
  int64_t found = 0, named[NAMED];
  if (mode != SLUICE_FINISH_VERDICT)
    return merge(self, (sluice_bytes){0}, error);
  /* A row counts when an earlier one is like it. */
  for (int64_t row = 1; row < self->count; row++)
    for (int64_t earlier = 0; earlier < row; earlier++)
      if (dice(&self->filters[row], &self->filters[earlier]) >= LIKE) {
        if (found < NAMED)
          named[found] = self->filters[row].ordinal;
        found++;
        break;
      }
  sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "rows"), sluice_kit_integer(&json, self->rows);
  sluice_kit_key(&json, "findings"), sluice_kit_begin_array(&json);
  finding(&json, "near_dup_rate", self->rows, found, "NEAR_DUPLICATE");
  sluice_kit_key(&json, "column"), sluice_kit_cstring(&json, COLUMN);
  sluice_kit_key(&json, "ordinals"), sluice_kit_begin_array(&json);
  for (int64_t i = 0; i < found && i < NAMED; i++)
    sluice_kit_integer(&json, named[i]);
  sluice_kit_end_array(&json), sluice_kit_end_object(&json);
  finding(&json, "wrong_rate", self->rows, self->wrong, "WRONG_VALUE");
  sluice_kit_end_object(&json), sluice_kit_end_array(&json), sluice_kit_end_object(&json);
  return sluice_kit_writer_finish(&json, out, error);
}

SLUICE_KIT_CHECK(plugin, FIXTURE_ID, FIXTURE_VERSION, describe, create, destroy, cancel, declare, begin, update, merge,
                 finish);
SLUICE_KIT_ENTRY(plugin, host)
