/* The check @ID@: what the host calls. What it counts is in long_text.c.
 *
 * It never sees a text: it asks the host for the lengths (companion "length") and says that it reads validity alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "long_text.h"
#include "sluice_kit.h"

struct sluice_instance {
  sluice_handle context;
  int64_t limit;
  int begun;
  struct ArrowSchema schema;
  int64_t ordinal;   /* where sluice.ordinal is */
  int64_t *lengths;  /* where the length of each column is, and its id */
  char **ids;
  long_text found;
};

#define VERDICT_MAX (1 << 20) /* bytes: the host takes no more */

static sluice_host host;

static sluice_status answer(const char *json, sluice_text *out, sluice_error *error) {
  return sluice_kit_text_copy(out, json, strlen(json), error);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return answer("{\"summary\":\"Counts texts that are longer than a limit.\"}", out, error);
}

/* {"limit":N} or nothing. Runs give nothing yet; the conformance suite may. */
static sluice_status read_config(sluice_instance *self, sluice_str config, sluice_error *error) {
  sluice_kit_json *json = NULL;
  self->limit = LONG_TEXT_LIMIT;
  if (config.size == 0) return SLUICE_OK;
  sluice_status status = sluice_kit_json_parse(config, &json, error);
  if (status != SLUICE_OK) return status;
  const sluice_kit_value *limit = sluice_kit_json_get(sluice_kit_json_root(json), "limit");
  if (limit && limit->is_integer && limit->integer >= 0) {
    self->limit = limit->integer;
  } else if (limit) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "/limit must be a whole number that is not negative.");
  }
  sluice_kit_json_free(json);
  return status;
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  sluice_status status = read_config(self, config, error);
  if (status != SLUICE_OK) {
    free(self);
    return status;
  }
  *out = self;
  return SLUICE_OK;
}

static void forget(sluice_instance *self) {
  for (uint64_t i = 0; self->ids && i < self->found.n; i++) free(self->ids[i]);
  free(self->ids);
  free(self->lengths);
  self->ids = NULL;
  self->lengths = NULL;
  self->begun = 0;
  long_text_free(&self->found);
  sluice_kit_schema_release(&self->schema);
}

static void destroy(sluice_instance *self) {
  forget(self);
  free(self);
}

/* Nothing to do: counting asks the host's `cancelled` itself. */
static void cancel(sluice_instance *self) { (void)self; }

static sluice_status declare(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return answer("{\"companions\":[\"length\"],\"reads\":\"validity\",\"reason_codes\":[\"LONG_TEXT\"],\"metrics\":[\"long_text_rate\"]}",
                out, error);
}

/* The columns whose name ends with ".length", and the ids in front of it. */
static sluice_status find_lengths(sluice_instance *self, sluice_error *error) {
  static const char suffix[] = ".length";
  uint64_t n = 0;
  for (int64_t i = 0; i < self->schema.n_children; i++) {
    const struct ArrowSchema *column = self->schema.children[i];
    size_t size = strlen(column->name), tail = sizeof suffix - 1;
    if (strcmp(column->format, "l") != 0 || size <= tail || strcmp(column->name + size - tail, suffix) != 0) continue;
    self->ids[n] = calloc(size - tail + 1, 1);
    if (!self->ids[n]) return sluice_kit_fail_memory(error);
    memcpy(self->ids[n], column->name, size - tail);
    self->lengths[n++] = i;
    self->found.n = n; /* so that forget() frees what is there */
  }
  if (long_text_begin(&self->found, self->limit, n)) return sluice_kit_fail_memory(error);
  return SLUICE_OK;
}

static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params, sluice_error *error) {
  (void)params; /* ids and thresholds; the limit stands in the configuration */
  forget(self);
  if (sluice_kit_schema_copy(schema, &self->schema)) return sluice_kit_fail_memory(error);
  self->ordinal = sluice_kit_schema_find(&self->schema, sluice_kit_str("sluice.ordinal"));
  self->ids = calloc((size_t)self->schema.n_children + 1, sizeof *self->ids);
  self->lengths = calloc((size_t)self->schema.n_children + 1, sizeof *self->lengths);
  sluice_status status = self->ids && self->lengths ? find_lengths(self, error) : sluice_kit_fail_memory(error);
  if (status == SLUICE_OK && self->ordinal < 0) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The schema lacks sluice.ordinal: send it whole.");
  }
  if (status != SLUICE_OK) {
    forget(self);
    return status;
  }
  self->begun = 1;
  return SLUICE_OK;
}

static sluice_status ready(const sluice_instance *self, sluice_error *error) {
  if (self->begun) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "begin has not been called: call it first.");
}

static sluice_status count(sluice_instance *self, const struct ArrowArray *batch, sluice_error *error) {
  sluice_kit_view ordinals, lengths;
  if (sluice_kit_cancelled(&host, self->context)) return sluice_kit_fail(error, SLUICE_TIMEOUT, "The call was cancelled.");
  int bad = sluice_kit_view_column(&ordinals, &self->schema, batch, self->ordinal);
  /* All columns are looked at before one is counted: a batch that is refused has changed nothing. */
  for (uint64_t i = 0; !bad && i < self->found.n; i++) {
    bad = sluice_kit_view_column(&lengths, &self->schema, batch, self->lengths[i]);
  }
  if (bad) return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The batch is not of the schema that begin was given.");
  for (uint64_t i = 0; i < self->found.n; i++) {
    sluice_kit_view_column(&lengths, &self->schema, batch, self->lengths[i]);
    for (int64_t row = 0; row < lengths.length; row++) {
      /* A null has no length, and reads as 0. */
      long_text_add(&self->found, i, sluice_kit_view_int64(&ordinals, row), sluice_kit_view_int64(&lengths, row));
    }
  }
  self->found.rows += (uint64_t)batch->length;
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  sluice_status status = ready(self, error);
  if (status == SLUICE_OK) status = count(self, batch, error);
  sluice_kit_array_release(batch); /* a batch that was handed over is ours */
  return status;
}

static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  sluice_status status = ready(self, error);
  if (status == SLUICE_OK && long_text_merge(&self->found, state.data, state.size)) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The state is damaged, or of other columns or another limit: merge what finish of the same returned.");
  }
  return status;
}

static void write_finding(const sluice_instance *self, uint64_t i, sluice_kit_writer *json) {
  const long_text_column *column = &self->found.columns[i];
  sluice_kit_begin_object(json);
  sluice_kit_key(json, "column"), sluice_kit_cstring(json, self->ids[i]);
  sluice_kit_key(json, "metric"), sluice_kit_cstring(json, "long_text_rate");
  sluice_kit_key(json, "value"), sluice_kit_number(json, (double)column->count / (double)self->found.rows);
  sluice_kit_key(json, "count"), sluice_kit_integer(json, (int64_t)column->count);
  sluice_kit_key(json, "reason_code"), sluice_kit_cstring(json, "LONG_TEXT");
  sluice_kit_key(json, "ordinals"), sluice_kit_begin_array(json);
  for (uint64_t k = 0; k < column->n; k++) sluice_kit_integer(json, column->ordinals[k]);
  sluice_kit_end_array(json), sluice_kit_end_object(json);
}

static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  sluice_status status = ready(self, error);
  if (status != SLUICE_OK) return status;
  sluice_kit_writer json = {0};
  if (mode == SLUICE_FINISH_STATE) {
    long_text_write(&self->found, &json);
    return sluice_kit_writer_finish(&json, out, error);
  }
  sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "rows"), sluice_kit_integer(&json, (int64_t)self->found.rows);
  sluice_kit_key(&json, "findings"), sluice_kit_begin_array(&json);
  for (uint64_t i = 0; i < self->found.n; i++) {
    if (self->found.columns[i].count > 0) write_finding(self, i, &json);
  }
  sluice_kit_end_array(&json), sluice_kit_end_object(&json);
  if (json.size > VERDICT_MAX) {
    sluice_kit_writer_free(&json);
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The verdict on so many columns is larger than 1 MiB: split the table.");
  }
  return sluice_kit_writer_finish(&json, out, error);
}

SLUICE_KIT_CHECK(plugin, "@ID@", "0.1.0", describe, create, destroy, cancel, declare, begin, update, merge, finish);
SLUICE_KIT_ENTRY(plugin, host)
