/* Parts of a table, and reading one in its own order: by rowid, or by primary key for WITHOUT ROWID tables. */
#include "connector.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 16384
#define BATCH_ROWS_MAX (1 << 20)
#define BATCH_BYTES (32u * 1024u * 1024u)
#define PARTS_MAX 4096u
#define ROWS_BETWEEN_LOOKS 1024

/* ------------------------------------------------------------ parts */

static void write_split(sluice_kit_writer *writer, const char *id, uint64_t bytes) {
  sluice_kit_begin_object(writer);
  sluice_kit_key(writer, "id");
  sluice_kit_cstring(writer, id);
  sluice_kit_key(writer, "hint_bytes");
  sluice_kit_integer(writer, (int64_t)bytes);
  sluice_kit_end_object(writer);
}

/* The first and the last rowid; each is one look-up in the table's tree. `*found` is 0 for an empty table. */
static sluice_status rowid_bounds(sluice_instance *self, const source_table *table, int64_t bounds[2], int *found,
                                  sluice_error *error) {
  static const char doing[] = "looking for the table's bounds";
  *found = 1;
  for (int last = 0; last < 2; last++) {
    char *name = database_quote(table->name);
    char *sql = name ? sqlite3_mprintf("SELECT %s FROM main.%s NOT INDEXED ORDER BY %s %s LIMIT 1", table->rowid, name,
                                       table->rowid, last ? "DESC" : "ASC")
                     : NULL;
    sqlite3_free(name);
    sqlite3_stmt *statement;
    sluice_status status = database_prepare(self, sql, &statement, doing, error);
    sqlite3_free(sql);
    if (status != SLUICE_OK) return status;
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) bounds[last] = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (result == SQLITE_DONE) *found = 0;
    if (result != SQLITE_DONE && result != SQLITE_ROW) return database_fail(self, result, doing, error);
  }
  return SLUICE_OK;
}

sluice_status scan_split(sluice_instance *self, source_table *table, uint32_t parts, sluice_text *out,
                         sluice_error *error) {
  int64_t bounds[2] = {0, 0};
  int ranges = parts > 1 && table->rowid;
  if (ranges) {
    sluice_status status = rowid_bounds(self, table, bounds, &ranges, error);
    if (status != SLUICE_OK) return status;
  }
  if (parts > PARTS_MAX) parts = PARTS_MAX;
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "splits");
  sluice_kit_begin_array(&writer);
  if (!ranges) {
    write_split(&writer, "all", self->size);
  } else {
    /* Unsigned, because the distance between two rowids may pass INT64_MAX. */
    uint64_t span = (uint64_t)bounds[1] - (uint64_t)bounds[0];
    uint64_t step = span / parts + 1;
    for (uint64_t start = 0;;) {
      uint64_t end = span - start < step - 1 ? span : start + step - 1;
      char id[64];
      snprintf(id, sizeof id, "rowid:%lld:%lld", (long long)((uint64_t)bounds[0] + start),
               (long long)((uint64_t)bounds[0] + end));
      write_split(&writer, id, self->size / parts);
      if (end == span) break;
      start = end + 1;
    }
  }
  sluice_kit_end_array(&writer);
  sluice_kit_end_object(&writer);
  return sluice_kit_writer_finish(&writer, out, error);
}

/* ------------------------------------------------------------ requests */

typedef struct request {
  source_table *table;
  int ranged;
  int64_t low;
  int64_t high;
  int64_t batch_rows;
  int64_t skip_rows;
  int64_t *picked; /* indices of the table's columns */
  int64_t n;
} request;

static int read_range(sluice_str id, request *out) {
  char text[64];
  if (sluice_kit_str_equal(id, sluice_kit_str("all"))) return 1;
  if (id.size >= sizeof text || id.size < 6 || memcmp(id.data, "rowid:", 6) != 0) return 0;
  memcpy(text, id.data, id.size);
  text[id.size] = 0;
  char *end;
  errno = 0;
  out->low = strtoll(text + 6, &end, 10);
  if (errno || end == text + 6 || *end != ':') return 0;
  char *second = end + 1;
  out->high = strtoll(second, &end, 10);
  if (errno || end == second || end != text + id.size) return 0;
  out->ranged = 1;
  return out->table->rowid != NULL;
}

static sluice_status read_columns(const sluice_kit_value *list, request *out, sluice_error *error) {
  int every = !list || list->type == SLUICE_KIT_NULL;
  if (!every && (list->type != SLUICE_KIT_ARRAY || list->count == 0)) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The request's /columns must name at least one column; null stands for all.");
  }
  out->n = every ? out->table->n : (int64_t)list->count;
  if (out->n > out->table->n) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The request's /columns has more columns than the table: name each once.");
  }
  out->picked = calloc((size_t)out->n, sizeof *out->picked);
  if (!out->picked) return sluice_kit_fail_memory(error);
  const sluice_kit_value *wanted = every ? NULL : list->first;
  for (int64_t i = 0; i < out->n; i++) {
    out->picked[i] = i;
    if (every) continue;
    int64_t found = -1;
    for (int64_t c = 0; wanted->type == SLUICE_KIT_STRING && c < out->table->n; c++) {
      if (sluice_kit_str_equal(sluice_kit_str(out->table->columns[c].name), wanted->text)) found = c;
    }
    for (int64_t before = 0; before < i; before++) {
      if (out->picked[before] == found) found = -1;
    }
    if (found < 0) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                             "The request's /columns/%lld names no column of the table, or one that it named before: use "
                             "the names that the schema gives.",
                             (long long)i);
    }
    out->picked[i] = found;
    wanted = wanted->next;
  }
  return SLUICE_OK;
}

static int read_count(const sluice_kit_value *object, const char *key, int64_t low, int64_t high, int64_t *out) {
  const sluice_kit_value *value = sluice_kit_json_get(object, key);
  if (!value || value->type == SLUICE_KIT_NULL) return 1;
  if (value->type != SLUICE_KIT_NUMBER || !value->is_integer || value->integer < low || value->integer > high) return 0;
  *out = value->integer;
  return 1;
}

static sluice_status read_request(sluice_instance *self, const sluice_kit_value *root, request *out,
                                  sluice_error *error) {
  static const char *const keys[] = {"table", "split", "columns", "batch_rows", "skip_rows"};
  if (root->type != SLUICE_KIT_OBJECT) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The request must be a JSON object.");
  }
  for (const sluice_kit_value *member = root->first; member; member = member->next) {
    int known = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
      known |= sluice_kit_str_equal(member->key, sluice_kit_str(keys[i]));
    }
    if (!known) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The request has an unknown key at /%.*s: leave it out.",
                             SLUICE_KIT_ARG(member->key));
    }
  }
  const sluice_kit_value *name = sluice_kit_json_get(root, "table");
  if (name && name->type != SLUICE_KIT_STRING) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The request's /table must be a string.");
  }
  sluice_status status = catalog_table(self, name ? name->text : sluice_kit_str(""), &out->table, error);
  if (status == SLUICE_OK) status = types_decide(self, out->table, error);
  if (status != SLUICE_OK) return status;
  const sluice_kit_value *split = sluice_kit_json_get(root, "split");
  if (split && split->type != SLUICE_KIT_NULL && (split->type != SLUICE_KIT_STRING || !read_range(split->text, out))) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                           "The request's /split is none that this table has: use an id that split returned, or null.");
  }
  out->batch_rows = BATCH_ROWS;
  if (!read_count(root, "batch_rows", 1, BATCH_ROWS_MAX, &out->batch_rows)) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The request's /batch_rows must lie between 1 and %d.",
                           BATCH_ROWS_MAX);
  }
  if (!read_count(root, "skip_rows", 0, INT64_MAX, &out->skip_rows)) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The request's /skip_rows must be 0 or more.");
  }
  return read_columns(sluice_kit_json_get(root, "columns"), out, error);
}

/* NOT INDEXED keeps SQLite on the table's own tree: an index would bring another order, or a sort. */
static char *build_select(const request *asked) {
  const source_table *table = asked->table;
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "SELECT ");
  char *name;
  for (int64_t i = 0; i < asked->n; i++) {
    name = database_quote(table->columns[asked->picked[i]].name);
    sqlite3_str_appendf(sql, "%s%s", i ? ", " : "", name ? name : "");
    sqlite3_free(name);
  }
  name = database_quote(table->name);
  sqlite3_str_appendf(sql, " FROM main.%s%s", name ? name : "", table->without_rowid ? "" : " NOT INDEXED");
  sqlite3_free(name);
  if (asked->ranged) sqlite3_str_appendf(sql, " WHERE %s BETWEEN ?2 AND ?3", table->rowid);
  if (table->rowid) sqlite3_str_appendf(sql, " ORDER BY %s", table->rowid);
  int keys = 0;
  for (int32_t place = 1; table->without_rowid && place <= table->n; place++) {
    for (int64_t i = 0; i < table->n; i++) {
      if (table->columns[i].primary_key != place) continue;
      name = database_quote(table->columns[i].name);
      sqlite3_str_appendf(sql, "%s%s", keys++ ? ", " : " ORDER BY ", name ? name : "");
      sqlite3_free(name);
    }
  }
  sqlite3_str_appendall(sql, " LIMIT -1 OFFSET ?1");
  return sqlite3_str_finish(sql);
}

/* ------------------------------------------------------------ rows */

typedef struct scan {
  sluice_instance *instance;
  sqlite3_stmt *statement;
  sluice_kit_batch *batch;
  int64_t batch_rows;
  uint64_t rows;
  uint64_t bytes; /* of text and blobs in the batch so far */
  int done;
  int n;
  char kinds[]; /* one a column */
} scan;

/* A real as text: the fewest digits that read back as the same number, always told apart from an integer. */
static int real_text(double value, char *out) {
  if (isinf(value)) return snprintf(out, 40, value < 0 ? "-Inf" : "Inf");
  int length = sluice_kit_format_double(value, out);
  if (!strpbrk(out, ".e")) length += snprintf(out + length, 4, ".0");
  return length;
}

/* EBADMSG when the value does not fit the format that the look at all rows chose: the source has changed since. */
static int append(scan *self, int column) {
  char kind = self->kinds[column];
  int type = sqlite3_column_type(self->statement, column);
  if (type == SQLITE_NULL) return sluice_kit_batch_null(self->batch, column);
  if (kind == KIND_INTEGER || kind == KIND_BOOL) {
    if (type != SQLITE_INTEGER) return EBADMSG;
    int64_t value = sqlite3_column_int64(self->statement, column);
    if (kind == KIND_INTEGER) return sluice_kit_batch_int64(self->batch, column, value);
    return value == 0 || value == 1 ? sluice_kit_batch_bool(self->batch, column, value != 0) : EBADMSG;
  }
  if (kind == KIND_REAL) {
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return EBADMSG;
    return sluice_kit_batch_float64(self->batch, column, sqlite3_column_double(self->statement, column));
  }
  char digits[48];
  if (type == SQLITE_INTEGER) {
    int size = snprintf(digits, sizeof digits, "%lld", (long long)sqlite3_column_int64(self->statement, column));
    return sluice_kit_batch_bytes(self->batch, column, digits, (uint64_t)size);
  }
  if (type == SQLITE_FLOAT) {
    int size = real_text(sqlite3_column_double(self->statement, column), digits);
    return sluice_kit_batch_bytes(self->batch, column, digits, (uint64_t)size);
  }
  if (type == SQLITE_BLOB && kind == KIND_TEXT) return EBADMSG;
  const void *data = type == SQLITE_BLOB ? sqlite3_column_blob(self->statement, column)
                                         : (const void *)sqlite3_column_text(self->statement, column);
  uint64_t size = (uint64_t)sqlite3_column_bytes(self->statement, column);
  if (!data && (size > 0 || type == SQLITE_TEXT)) return ENOMEM;
  self->bytes += size;
  return sluice_kit_batch_bytes(self->batch, column, data, size);
}

static sluice_status scan_next(void *state, struct ArrowArray *out, sluice_error *error) {
  static const char doing[] = "reading the table";
  scan *self = state;
  int64_t rows = 0;
  self->bytes = 0;
  while (!self->done && rows < self->batch_rows) {
    int result = sqlite3_step(self->statement);
    if (result == SQLITE_DONE) {
      self->done = 1;
      break;
    }
    if (result == SQLITE_ROW && rows % ROWS_BETWEEN_LOOKS == 0 && database_stopped(self->instance)) {
      result = SQLITE_INTERRUPT;
    }
    if (result != SQLITE_ROW) return database_fail(self->instance, result, doing, error);
    for (int i = 0; i < self->n; i++) {
      int problem = append(self, i);
      if (problem == ENOMEM) return sluice_kit_fail_memory(error);
      if (problem == EBADMSG) {
        return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                               "Column %d holds a value of another type than before: the source changed while it was "
                               "read. Start again on a copy that nothing writes to.",
                               i + 1);
      }
      if (problem) return database_fail(self->instance, SQLITE_TOOBIG, doing, error);
    }
    rows++;
    if (self->bytes >= BATCH_BYTES) break;
  }
  if (rows == 0) return SLUICE_OK;
  if (sluice_kit_batch_finish(self->batch, out)) return sluice_kit_fail_memory(error);
  self->rows += (uint64_t)rows;
  if (connector_host.progress) connector_host.progress(self->instance->context, self->rows, 0);
  return SLUICE_OK;
}

static void scan_close(void *state) {
  scan *self = state;
  sqlite3_finalize(self->statement);
  sluice_kit_batch_free(self->batch);
  instance_release(self->instance);
  free(self);
}

static const sluice_kit_stream_ops stream_operations = {scan_next, scan_close};

static sluice_status start(sluice_instance *self, const request *asked, struct ArrowArrayStream *out,
                           sluice_error *error) {
  struct ArrowSchema schema;
  if (types_schema(asked->table, asked->picked, asked->n, &schema)) return sluice_kit_fail_memory(error);
  scan *state = calloc(1, sizeof *state + (size_t)asked->n);
  sluice_kit_batch *batch = state ? sluice_kit_batch_new(&schema) : NULL;
  if (!batch) {
    free(state);
    sluice_kit_schema_release(&schema);
    return sluice_kit_fail_memory(error);
  }
  state->instance = self;
  state->batch = batch;
  state->batch_rows = asked->batch_rows;
  state->n = (int)asked->n;
  for (int64_t i = 0; i < asked->n; i++) state->kinds[i] = asked->table->columns[asked->picked[i]].kind;
  instance_retain(self);
  char *sql = build_select(asked);
  sluice_status status = database_prepare(self, sql, &state->statement, "preparing to read the table", error);
  sqlite3_free(sql);
  if (status == SLUICE_OK) {
    sqlite3_bind_int64(state->statement, 1, asked->skip_rows);
    if (asked->ranged) {
      sqlite3_bind_int64(state->statement, 2, asked->low);
      sqlite3_bind_int64(state->statement, 3, asked->high);
    }
    if (sluice_kit_stream(out, &schema, &stream_operations, state) == 0) return SLUICE_OK;
    status = sluice_kit_fail_memory(error);
  }
  sluice_kit_schema_release(&schema);
  scan_close(state);
  return status;
}

sluice_status scan_open(sluice_instance *self, sluice_str text, struct ArrowArrayStream *out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  sluice_status status = sluice_kit_json_parse(text, &json, error);
  if (status != SLUICE_OK) return status;
  request asked = {0};
  status = read_request(self, sluice_kit_json_root(json), &asked, error);
  if (status == SLUICE_OK) status = start(self, &asked, out, error);
  free(asked.picked);
  sluice_kit_json_free(json);
  return status;
}
