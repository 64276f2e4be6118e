/* The connector @ID@: what the host calls. The format itself is in ltsv.c. */
#include <stdlib.h>
#include <string.h>

#include "ltsv.h"
#include "sluice_kit.h"

#define BATCH_BYTES (4 << 20) /* a batch is handed over when it is so large, if it has not enough rows before */

struct sluice_instance {
  sluice_handle context;
  int announced;        /* schema() was asked */
  ltsv_columns columns; /* what it said: a source that has others in a scan has changed */
};

static sluice_host host;

static sluice_status answer(const char *json, sluice_text *out, sluice_error *error) {
  return sluice_kit_text_copy(out, json, strlen(json), error);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return answer("{\"summary\":\"Reads LTSV, labeled tab-separated values.\",\"formats\":[\"ltsv\"]}", out, error);
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config; /* the host may tell the mode of the run in it; this connector reads the same in each */
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  *out = self;
  return SLUICE_OK;
}

static void destroy(sluice_instance *self) {
  ltsv_columns_free(&self->columns);
  free(self);
}

/* Nothing to do: a running scan asks the host's `cancelled` between its blocks. */
static void cancel(sluice_instance *self) { (void)self; }

/* ---------------------------------------------------------------- the source, in blocks */

typedef struct source {
  sluice_handle context;
  sluice_status status; /* why a read failed */
  sluice_error *error;  /* where to say so; set before each use of the reader */
} source;

static int read_block(void *context, uint64_t offset, void *buffer, uint64_t size, uint64_t *got) {
  source *self = context;
  if (sluice_kit_cancelled(&host, self->context)) {
    self->status = sluice_kit_fail(self->error, SLUICE_TIMEOUT, "The call was cancelled.");
  } else {
    self->status = sluice_kit_read_at(&host, self->context, 0, offset, buffer, size, got, self->error);
  }
  return self->status != SLUICE_OK;
}

static sluice_status failed(const source *source, int outcome, sluice_error *error) {
  return outcome == LTSV_FAILED ? source->status : sluice_kit_fail_memory(error);
}

/* The columns, from the first record; none for an empty source. */
static sluice_status find_columns(sluice_handle context, ltsv_columns *out, sluice_error *error) {
  source source = {context, SLUICE_OK, error};
  ltsv_reader reader = {.read = read_block, .context = &source};
  ltsv_line line;
  memset(out, 0, sizeof *out);
  sluice_status status = SLUICE_OK;
  int outcome = ltsv_next(&reader, &line);
  if (outcome == LTSV_LINE) {
    const char *why = ltsv_columns_of(&line, out);
    if (why) {
      status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                               "The source gives no columns: %s. Check that it is LTSV, fields label:value with tabs between.",
                               why);
    }
  } else if (outcome != LTSV_END) {
    status = failed(&source, outcome, error);
  }
  ltsv_close(&reader);
  if (status != SLUICE_OK) ltsv_columns_free(out);
  return status;
}

static sluice_status only_table(sluice_str table, sluice_error *error) {
  if (table.size == 0) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "An LTSV file has one table, named \"\": ask for that.");
}

static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return answer("{\"tables\":[{\"name\":\"\"}]}", out, error);
}

static sluice_status schema(sluice_instance *self, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  ltsv_columns columns = {0};
  struct ArrowSchema made = {0};
  sluice_status status = only_table(table, error);
  if (status == SLUICE_OK) status = find_columns(self->context, &columns, error);
  if (status == SLUICE_OK) {
    int problem = sluice_kit_schema_struct(&made, columns.n);
    for (int64_t i = 0; !problem && i < columns.n; i++) {
      problem = sluice_kit_schema_column(&made, i, columns.names[i], "u", 1);
    }
    if (problem) status = sluice_kit_fail_memory(error);
  }
  if (status == SLUICE_OK) status = answer("{\"format\":\"ltsv\",\"encoding\":\"utf-8\"}", details, error);
  if (status != SLUICE_OK) {
    sluice_kit_schema_release(&made);
    ltsv_columns_free(&columns);
    return status;
  }
  *out = made;
  ltsv_columns_free(&self->columns);
  self->columns = columns;
  self->announced = 1;
  return SLUICE_OK;
}

/* One part: records have no fixed length, so where another part begins is known only behind a line feed. */
static sluice_status split(sluice_instance *self, sluice_str table, uint32_t parts, sluice_text *out, sluice_error *error) {
  (void)parts;
  uint64_t size = 0;
  sluice_status status = only_table(table, error);
  if (status == SLUICE_OK) status = sluice_kit_stream_size(&host, self->context, 0, &size, error);
  if (status != SLUICE_OK) return status;
  sluice_kit_writer json = {0};
  sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "splits"), sluice_kit_begin_array(&json), sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "id"), sluice_kit_cstring(&json, "0");
  sluice_kit_key(&json, "hint_bytes"), sluice_kit_integer(&json, (int64_t)size);
  sluice_kit_end_object(&json), sluice_kit_end_array(&json), sluice_kit_end_object(&json);
  return sluice_kit_writer_finish(&json, out, error);
}

/* ---------------------------------------------------------------- a scan */

typedef struct scan {
  source source;
  ltsv_reader reader;
  ltsv_columns columns;
  sluice_str *values;    /* of one record, one a column of the source */
  int64_t *wanted;       /* which of them are emitted, in this order */
  int64_t n_wanted;
  int64_t batch_rows;
  int64_t skip_rows;
  sluice_kit_batch *batch;
} scan;

static void close_scan(void *state) {
  scan *self = state;
  ltsv_close(&self->reader);
  ltsv_columns_free(&self->columns);
  sluice_kit_batch_free(self->batch);
  free(self->values);
  free(self->wanted);
  free(self);
}

static int add_row(scan *self, const ltsv_line *line) {
  const char *reject = ltsv_parse(line, &self->columns, self->values);
  int problem = 0;
  for (int64_t i = 0; !problem && i < self->n_wanted; i++) {
    sluice_str value = self->values[self->wanted[i]];
    problem = reject || !value.data ? sluice_kit_batch_null(self->batch, i)
                                    : sluice_kit_batch_bytes(self->batch, i, value.data, value.size);
  }
  if (!problem) problem = sluice_kit_batch_int64(self->batch, self->n_wanted, line->number);
  if (!problem) problem = sluice_kit_batch_int64(self->batch, self->n_wanted + 1, (int64_t)line->offset);
  if (problem) return problem;
  return reject ? sluice_kit_batch_bytes(self->batch, self->n_wanted + 2, reject, strlen(reject))
                : sluice_kit_batch_null(self->batch, self->n_wanted + 2);
}

static sluice_status next_batch(void *state, struct ArrowArray *out, sluice_error *error) {
  scan *self = state;
  self->source.error = error;
  int64_t rows = 0;
  while (rows < self->batch_rows && sluice_kit_batch_size(self->batch) < BATCH_BYTES) {
    ltsv_line line;
    int outcome = ltsv_next(&self->reader, &line);
    if (outcome == LTSV_END) break;
    if (outcome != LTSV_LINE) return failed(&self->source, outcome, error);
    if (self->skip_rows > 0) {
      self->skip_rows--;
      continue;
    }
    if (add_row(self, &line)) return sluice_kit_fail_memory(error);
    rows++;
  }
  if (rows == 0) return SLUICE_OK; /* a released array is the end */
  return sluice_kit_batch_finish(self->batch, out) ? sluice_kit_fail_memory(error) : SLUICE_OK;
}

/* Which columns are wanted: `names` is a JSON array, or NULL or null for all. */
static sluice_status choose(scan *self, const sluice_kit_value *names, sluice_error *error) {
  int all = !names || names->type == SLUICE_KIT_NULL;
  self->wanted = calloc((size_t)(all ? self->columns.n : (int64_t)names->count) + 1, sizeof *self->wanted);
  self->values = calloc((size_t)self->columns.n + 1, sizeof *self->values);
  if (!self->wanted || !self->values) return sluice_kit_fail_memory(error);
  if (all) {
    while (self->n_wanted < self->columns.n) {
      self->wanted[self->n_wanted] = self->n_wanted;
      self->n_wanted++;
    }
    return SLUICE_OK;
  }
  for (const sluice_kit_value *name = names->first; name; name = name->next) {
    int64_t at = 0;
    while (at < self->columns.n && !sluice_kit_str_equal(name->text, sluice_kit_str(self->columns.names[at]))) at++;
    if (at == self->columns.n) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "/columns names a column that the source does not have: take those of its schema.");
    }
    self->wanted[self->n_wanted++] = at;
  }
  return SLUICE_OK;
}

static sluice_status as_announced(const sluice_instance *instance, const ltsv_columns *columns, sluice_error *error) {
  int same = !instance->announced || instance->columns.n == columns->n;
  for (int64_t i = 0; same && instance->announced && i < columns->n; i++) {
    same = strcmp(instance->columns.names[i], columns->names[i]) == 0;
  }
  if (same) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                         "The source has other columns than before: it changed while it was read. Start again.");
}

static sluice_status read_request(scan *self, const sluice_instance *instance, const sluice_kit_value *request,
                                  sluice_error *error) {
  const sluice_kit_value *table = sluice_kit_json_get(request, "table");
  const sluice_kit_value *part = sluice_kit_json_get(request, "split");
  const sluice_kit_value *rows = sluice_kit_json_get(request, "batch_rows");
  const sluice_kit_value *skip = sluice_kit_json_get(request, "skip_rows");
  sluice_status status = table ? only_table(table->text, error) : SLUICE_OK;
  if (status == SLUICE_OK && part && part->type != SLUICE_KIT_NULL &&
      !sluice_kit_str_equal(part->text, sluice_kit_str("0"))) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The source has one part, \"0\": ask for that or none.");
  }
  self->batch_rows = rows && rows->is_integer ? rows->integer : 16384;
  self->skip_rows = skip && skip->is_integer ? skip->integer : 0;
  if (status == SLUICE_OK && (self->batch_rows < 1 || self->skip_rows < 0)) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "/batch_rows must be at least 1, and /skip_rows not negative.");
  }
  if (status == SLUICE_OK) status = find_columns(self->source.context, &self->columns, error);
  if (status == SLUICE_OK) status = as_announced(instance, &self->columns, error);
  return status == SLUICE_OK ? choose(self, sluice_kit_json_get(request, "columns"), error) : status;
}

/* The wanted columns, and behind them the three that every record has. */
static int make_schema(const scan *self, struct ArrowSchema *out) {
  int64_t n = self->n_wanted;
  int problem = sluice_kit_schema_struct(out, n + 3);
  for (int64_t i = 0; !problem && i < n; i++) {
    problem = sluice_kit_schema_column(out, i, self->columns.names[self->wanted[i]], "u", 1);
  }
  if (!problem) problem = sluice_kit_schema_column(out, n, SLUICE_COLUMN_LINE, "l", 0);
  if (!problem) problem = sluice_kit_schema_column(out, n + 1, SLUICE_COLUMN_BYTE_OFFSET, "l", 0);
  if (!problem) problem = sluice_kit_schema_column(out, n + 2, SLUICE_COLUMN_REJECT, "u", 1);
  return problem;
}

static sluice_status scan_table(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                                sluice_error *error) {
  static const sluice_kit_stream_ops ops = {next_batch, close_scan};
  sluice_kit_json *json = NULL;
  struct ArrowSchema schema = {0};
  /* The scan keeps no pointer to the instance, so that it does not matter which of the two goes first. */
  scan *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->source.context = instance->context;
  self->reader.read = read_block;
  self->reader.context = &self->source;
  sluice_status status = sluice_kit_json_parse(request, &json, error);
  if (status == SLUICE_OK) status = read_request(self, instance, sluice_kit_json_root(json), error);
  sluice_kit_json_free(json);
  if (status == SLUICE_OK) {
    int problem = make_schema(self, &schema);
    if (!problem && !(self->batch = sluice_kit_batch_new(&schema))) problem = 1;
    if (!problem) problem = sluice_kit_stream(out, &schema, &ops, self); /* takes both over */
    if (!problem) return SLUICE_OK;
    status = sluice_kit_fail_memory(error);
  }
  sluice_kit_schema_release(&schema);
  close_scan(self);
  return status;
}

SLUICE_KIT_CONNECTOR(plugin, "@ID@", "0.1.0", describe, create, destroy, cancel, inventory, schema, split, scan_table);
SLUICE_KIT_ENTRY(plugin, host)
