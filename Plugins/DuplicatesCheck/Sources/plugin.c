/* The check `duplicates`: rows whose key an earlier row already had. */
#include "siphash.h"
#include "sluice_kit.h"
#include "tally.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_BETWEEN_LOOKS 65536

/* Public, and the same everywhere: states of two instances must agree, and what is hashed is already pseudonymous. */
static const uint64_t fingerprint_key[2] = {UINT64_C(0x736c756963652e63), UINT64_C(0x6865636b2e647570)};

struct sluice_instance {
  sluice_handle context;
  atomic_uint cancelled;
  int begun;
  int broken; /* memory ran out in the middle of a batch: the counts are wrong until the next begin */
  struct ArrowSchema schema;
  int64_t ordinal;      /* where sluice.ordinal is */
  int64_t keys;         /* how many columns make the key */
  int64_t *key_columns; /* where their companions, or else they themselves, are */
  char **key_ids;       /* c0, c1, … in the order of the batch */
  tally tally;
};

static sluice_host check_host;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  static const char text[] = "{\"summary\":\"Finds rows whose key an earlier row already had.\"}";
  return sluice_kit_text_copy(out, text, sizeof text - 1, error);
}

static void forget(sluice_instance *self) {
  sluice_kit_schema_release(&self->schema);
  for (int64_t i = 0; self->key_ids && i < self->keys; i++) free(self->key_ids[i]);
  free(self->key_ids);
  free(self->key_columns);
  self->key_ids = NULL;
  self->key_columns = NULL;
  self->keys = 0;
  self->begun = 0;
  self->broken = 0;
  tally_clear(&self->tally);
}

static sluice_status create(sluice_str config_json, sluice_handle context, sluice_instance **out,
                            sluice_error *error) {
  *out = NULL;
  if (config_json.size > 0) {
    sluice_kit_json *json;
    sluice_status status = sluice_kit_json_parse(config_json, &json, error);
    if (status != SLUICE_OK) return status;
    const sluice_kit_value *root = sluice_kit_json_root(json);
    int empty = root->type == SLUICE_KIT_OBJECT && root->count == 0;
    sluice_kit_json_free(json);
    if (!empty) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The check duplicates has no configuration: give an empty object.");
    }
  }
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  atomic_init(&self->cancelled, 0);
  *out = self;
  return SLUICE_OK;
}

static void destroy(sluice_instance *self) {
  forget(self);
  free(self);
}

static void cancel(sluice_instance *self) { atomic_store_explicit(&self->cancelled, 1, memory_order_relaxed); }

static int stopped(sluice_instance *self) {
  if (atomic_load_explicit(&self->cancelled, memory_order_relaxed)) return 1;
  return sluice_kit_cancelled(&check_host, self->context);
}

static sluice_status declare(sluice_instance *self, sluice_text *out, sluice_error *error) {
  static const char text[] = "{\"companions\":[\"key\"],\"reads\":\"validity\",\"columns\":\"key\",\"reason_codes\":[\"DUPLICATE_KEY\",\"NULL_KEY\"],"
                             "\"metrics\":[\"dup_key_rate\",\"null_key_rate\"]}";
  (void)self;
  return sluice_kit_text_copy(out, text, sizeof text - 1, error);
}

/* Remember the key column `id`, at its companion if the host made one. */
static sluice_status add_key(sluice_instance *self, sluice_str id, sluice_error *error) {
  sluice_kit_writer companion = {0};
  sluice_kit_append(&companion, id.data, id.size);
  sluice_kit_append(&companion, ".key", 4);
  sluice_str name = {companion.data, companion.size};
  int64_t at = companion.failed ? -1 : sluice_kit_schema_find(&self->schema, name);
  if (at < 0) at = sluice_kit_schema_find(&self->schema, id);
  sluice_kit_writer_free(&companion);
  if (at < 0) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The key column %.*s is in no batch: name only columns that the schema has.",
                           SLUICE_KIT_ARG(id));
  }
  char *copy = malloc(id.size + 1);
  if (!copy) return sluice_kit_fail_memory(error);
  memcpy(copy, id.data, id.size);
  copy[id.size] = 0;
  self->key_columns[self->keys] = at;
  self->key_ids[self->keys++] = copy;
  return SLUICE_OK;
}

static sluice_status read_columns(sluice_instance *self, const sluice_kit_value *root, sluice_error *error) {
  const sluice_kit_value *columns = sluice_kit_json_get(root, "columns");
  if (!columns || columns->type != SLUICE_KIT_ARRAY) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The parameters need /columns, an array.");
  }
  self->key_columns = calloc((size_t)columns->count + 1, sizeof *self->key_columns);
  self->key_ids = calloc((size_t)columns->count + 1, sizeof *self->key_ids);
  if (!self->key_columns || !self->key_ids) return sluice_kit_fail_memory(error);
  siphash layout;
  siphash_begin(&layout, fingerprint_key);
  for (const sluice_kit_value *column = columns->first; column; column = column->next) {
    const sluice_kit_value *id = sluice_kit_json_get(column, "id");
    const sluice_kit_value *key = sluice_kit_json_get(column, "key");
    if (!id || id->type != SLUICE_KIT_STRING || (key && key->type != SLUICE_KIT_BOOL)) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "Each of /columns needs an id, a string, and may have key, true or false.");
    }
    if (!key || !key->integer) continue;
    sluice_status status = add_key(self, id->text, error);
    if (status != SLUICE_OK) return status;
    const struct ArrowSchema *type = self->schema.children[self->key_columns[self->keys - 1]];
    siphash_add(&layout, type->name, strlen(type->name) + 1);
    siphash_add(&layout, type->format, strlen(type->format) + 1);
  }
  siphash_end(&layout, self->tally.layout);
  return SLUICE_OK;
}

static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params_json,
                           sluice_error *error) {
  forget(self);
  atomic_store_explicit(&self->cancelled, 0, memory_order_relaxed);
  int problem = sluice_kit_schema_copy(schema, &self->schema);
  if (problem == ENOMEM) return sluice_kit_fail_memory(error);
  if (problem) return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The schema is incomplete: send it whole.");
  self->ordinal = sluice_kit_schema_find(&self->schema, sluice_kit_str("sluice.ordinal"));
  if (self->ordinal < 0 || strcmp(self->schema.children[self->ordinal]->format, "l") != 0) {
    forget(self);
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The schema lacks sluice.ordinal as int64.");
  }
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse(params_json, &json, error);
  if (status == SLUICE_OK) status = read_columns(self, sluice_kit_json_root(json), error);
  sluice_kit_json_free(json);
  if (status != SLUICE_OK) {
    forget(self);
    return status;
  }
  self->begun = 1;
  return SLUICE_OK;
}

static sluice_status ready(sluice_instance *self, sluice_error *error) {
  atomic_store_explicit(&self->cancelled, 0, memory_order_relaxed);
  if (self->begun && !self->broken) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                         self->broken ? "An earlier call failed half-way: call begin and start anew."
                                      : "begin has not been called: call it first.");
}

static void add_word(siphash *hash, uint64_t word) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(word >> (8 * i));
  siphash_add(hash, bytes, sizeof bytes);
}

/* Each part goes in with its length in front, so that ("ab", "c") and ("a", "bc") differ. 0.0 and -0.0 are one value,
 * and so are all NaNs. */
static void add_part(siphash *hash, const sluice_kit_view *view, int64_t row) {
  switch (view->format[0]) {
    case 'u':
    case 'z': {
      sluice_str text = sluice_kit_view_text(view, row);
      add_word(hash, text.size);
      siphash_add(hash, text.data, text.size);
      break;
    }
    case 'g': {
      double value = sluice_kit_view_float64(view, row);
      if (value == 0) value = 0;
      uint64_t bits;
      memcpy(&bits, &value, sizeof bits);
      if (value != value) bits = UINT64_C(0x7FF8000000000000);
      add_word(hash, bits);
      break;
    }
    case 'b':
      add_word(hash, (uint64_t)sluice_kit_view_bool(view, row));
      break;
    default:
      add_word(hash, (uint64_t)sluice_kit_view_int64(view, row));
  }
}

static sluice_status count_rows(sluice_instance *self, const struct ArrowArray *batch, sluice_kit_view *views,
                                sluice_error *error) {
  sluice_kit_view ordinals;
  int bad = sluice_kit_view_column(&ordinals, &self->schema, batch, self->ordinal);
  for (int64_t k = 0; !bad && k < self->keys; k++) {
    bad = sluice_kit_view_column(&views[k], &self->schema, batch, self->key_columns[k]);
  }
  for (int64_t row = 0; !bad && row < batch->length; row++) {
    bad = sluice_kit_view_is_null(&ordinals, row) || sluice_kit_view_int64(&ordinals, row) < 0;
  }
  if (bad) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The batch is not of the schema that begin was given, or has rows without an ordinal.");
  }
  for (int64_t row = 0; row < batch->length; row++) {
    if (row % ROWS_BETWEEN_LOOKS == 0 && stopped(self)) {
      self->broken = 1;
      return sluice_kit_fail(error, SLUICE_TIMEOUT, "Cancelled or out of time: allow more time, or start again.");
    }
    int64_t ordinal = sluice_kit_view_int64(&ordinals, row);
    siphash hash;
    siphash_begin(&hash, fingerprint_key);
    int null = self->keys == 0;
    for (int64_t k = 0; !null && k < self->keys; k++) {
      null = sluice_kit_view_is_null(&views[k], row);
      if (!null) add_part(&hash, &views[k], row);
    }
    if (null) {
      tally_add_null(&self->tally, ordinal);
      continue;
    }
    uint64_t fingerprint[2];
    siphash_end(&hash, fingerprint);
    if (tally_add(&self->tally, fingerprint, ordinal)) {
      self->broken = 1;
      return sluice_kit_fail_memory(error);
    }
  }
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  struct ArrowArray taken = *batch;
  batch->release = NULL;
  sluice_status status = ready(self, error);
  if (status == SLUICE_OK) {
    sluice_kit_view *views = calloc((size_t)self->keys + 1, sizeof *views);
    status = views ? count_rows(self, &taken, views, error) : sluice_kit_fail_memory(error);
    free(views);
  }
  sluice_kit_array_release(&taken);
  return status;
}

static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  sluice_status status = ready(self, error);
  if (status != SLUICE_OK) return status;
  int problem = tally_merge(&self->tally, state);
  if (problem == ENOMEM) {
    self->broken = 1;
    return sluice_kit_fail_memory(error);
  }
  if (problem) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The state is damaged, or of another key or version: merge only what finish of the same "
                           "version and the same columns returned.");
  }
  return SLUICE_OK;
}

static void write_finding(const sluice_instance *self, sluice_kit_writer *writer, const char *metric,
                          const char *reason, uint64_t count, const tally_ordinals *ordinals) {
  uint64_t rows = self->tally.rows;
  sluice_kit_begin_object(writer);
  sluice_kit_key(writer, "column");
  sluice_kit_null(writer);
  sluice_kit_key(writer, "columns");
  sluice_kit_begin_array(writer);
  for (int64_t i = 0; i < self->keys; i++) sluice_kit_cstring(writer, self->key_ids[i]);
  sluice_kit_end_array(writer);
  sluice_kit_key(writer, "metric");
  sluice_kit_cstring(writer, metric);
  sluice_kit_key(writer, "value");
  sluice_kit_number(writer, rows ? (double)count / (double)rows : 0);
  sluice_kit_key(writer, "count");
  sluice_kit_integer(writer, (int64_t)count);
  sluice_kit_key(writer, "reason_code");
  sluice_kit_cstring(writer, reason);
  sluice_kit_key(writer, "ordinals");
  sluice_kit_begin_array(writer);
  for (uint32_t i = 0; i < ordinals->n; i++) sluice_kit_integer(writer, ordinals->values[i]);
  sluice_kit_end_array(writer);
  sluice_kit_end_object(writer);
}

static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  sluice_status status = ready(self, error);
  if (status != SLUICE_OK) return status;
  sluice_kit_writer writer = {0};
  if (mode == SLUICE_FINISH_STATE) {
    if (tally_write(&self->tally, &writer)) {
      sluice_kit_writer_free(&writer);
      return sluice_kit_fail_memory(error);
    }
    return sluice_kit_writer_finish(&writer, out, error);
  }
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "rows");
  sluice_kit_integer(&writer, (int64_t)self->tally.rows);
  sluice_kit_key(&writer, "findings");
  sluice_kit_begin_array(&writer);
  if (self->keys > 0) {
    write_finding(self, &writer, "dup_key_rate", "DUPLICATE_KEY", tally_duplicates(&self->tally),
                  &self->tally.duplicates);
    if (self->tally.null_rows > 0) {
      write_finding(self, &writer, "null_key_rate", "NULL_KEY", self->tally.null_rows, &self->tally.nulls);
    }
  }
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  return sluice_kit_writer_finish(&writer, out, error);
}

SLUICE_KIT_CHECK(plugin, "sluice.check.duplicates", "0.1.0", describe, create, destroy, cancel, declare, begin, update, merge,
                 finish);
SLUICE_KIT_ENTRY(plugin, check_host)
