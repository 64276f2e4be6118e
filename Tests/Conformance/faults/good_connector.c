/* A connector without a fault over a plain format of its own. The first line names the columns, `name:type,…`; every
 * further line is a record of as many cells between commas. `\N` is a null. Types: b (t or f), l, g, u, z
 * (hexadecimal), d (days), t (microseconds). A source is read in pieces, and a record above 16 MiB is passed over.
 *
 * -DFAULT_…: ../faults.json says which check of the suite finds it. */
#define _GNU_SOURCE
#include "good.h"

#include <errno.h>
#include <time.h>

#define MOST_COLUMNS 64
#define MOST_RECORD (UINT64_C(16) << 20)
#define MOST_TEXT (UINT64_C(8) << 20)
#define RESERVED 3

struct field {
  char name[64];
  char type;
};

struct shape {
  struct field fields[MOST_COLUMNS];
  int n;
};

struct sluice_instance {
  sluice_handle context;
  struct shape announced;
  int has_announced;
};

static const sluice_host *services;

static const char *format_of(char type) {
  switch (type) {
  case 'b': return "b";
  case 'l': return "l";
  case 'g': return "g";
  case 'u': return "u";
  case 'z': return "z";
  case 'd': return "tdD";
  case 't': return "tsu:UTC";
  default: return NULL;
  }
}

/* ---- reading ---- */

struct source {
  sluice_handle context;
  char *buffer;
  uint64_t at, size, room;
  uint64_t offset; /* of buffer[0] in the source */
  int64_t line;
  int ended;
};

struct record {
  const char *data;
  uint64_t size, offset;
  int64_t line;
  int is_whole, is_too_large;
};

/* More bytes behind those that are there; 0 with a status in `error` when the host refuses. */
static int fill(struct source *source, sluice_error *error) {
  if (source->at > 0) {
    memmove(source->buffer, source->buffer + source->at, source->size - source->at);
    source->offset += source->at;
    source->size -= source->at;
    source->at = 0;
  }
  if (source->size + 65536 > source->room) {
    uint64_t room = source->room * 2 > source->size + 65536 ? source->room * 2 : source->size + 65536;
    char *buffer = realloc(source->buffer, room);
    if (!buffer) {
      (void)good_no_memory(error);
      return 0;
    }
    source->buffer = buffer;
    source->room = room;
  }
  uint64_t got = 0;
  sluice_status status = services->read_at(source->context, 0, source->offset + source->size,
                                           source->buffer + source->size, source->room - source->size, &got, error);
  if (status != SLUICE_OK) {
    error->code = status;
    return 0;
  }
  source->ended = got == 0;
  source->size += got;
  return 1;
}

/* 1: there is a record; 0: the source has ended; -1: `error` says why not. */
static int next_record(struct source *source, struct record *record, sluice_error *error) {
  uint64_t looked = 0;
  memset(record, 0, sizeof *record);
  record->offset = source->offset + source->at;
  record->line = ++source->line;
  for (;;) {
    char *start = source->buffer + source->at;
    char *end = source->size > source->at + looked
                    ? memchr(start + looked, '\n', source->size - source->at - looked)
                    : NULL;
    if (end || (source->ended && source->size > source->at)) {
      record->data = start;
      record->size = end ? (uint64_t)(end - start) : source->size - source->at;
      record->is_whole = end != NULL;
      source->at += record->size + (end ? 1 : 0);
      return 1;
    }
    if (source->ended)
      return record->is_too_large ? 1 : 0;
    looked = source->size - source->at;
    if (looked > MOST_RECORD) {
#ifndef FAULT_CONNECTOR_LARGE_CELL
      record->is_too_large = 1;
#endif
      source->at = source->size;
      looked = 0;
    }
    if (!fill(source, error))
      return -1;
  }
}

/* 0 with a message in `error`. */
static int read_shape(struct source *source, struct shape *shape, sluice_error *error) {
  struct record record;
  int there = next_record(source, &record, error);
  if (there < 0)
    return 0;
  shape->n = 0;
  const char *at = record.data, *end = record.data + record.size;
  while (there && at < end && shape->n < MOST_COLUMNS) {
    struct field *field = &shape->fields[shape->n];
    const char *comma = memchr(at, ',', (size_t)(end - at));
    const char *stop = comma ? comma : end;
    const char *colon = memchr(at, ':', (size_t)(stop - at));
    if (!colon || colon == at || colon - at >= (int)sizeof field->name || stop - colon != 2 || !format_of(colon[1]) ||
        strncmp(at, "sluice.", 7) == 0)
      break;
    memset(field, 0, sizeof *field);
    memcpy(field->name, at, (size_t)(colon - at));
    field->type = colon[1];
    shape->n++;
    at = comma ? comma + 1 : end;
  }
  if (there && record.is_whole && at == end && shape->n > 0)
    return 1;
  (void)good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the first line does not name columns");
  return 0;
}

static struct source open_source(sluice_handle context) {
  struct source source = {.context = context};
  return source;
}

/* ---- batches ---- */

struct column {
  char type;
  struct text validity, offsets, values;
  int64_t nulls;
};

struct batch {
  struct column columns[MOST_COLUMNS + RESERVED];
  int n;
  int64_t rows;
  uint64_t bytes;
};

static int set_bit(struct text *bits, int64_t row, int on) {
  uint8_t zero = 0;
  if (row % 8 == 0 && !text_bytes(bits, &zero, 1))
    return 0;
  if (on)
    bits->data[row / 8] = (char)((uint8_t)bits->data[row / 8] | 1u << row % 8);
  return 1;
}

static int add_offset(struct column *column) {
  int32_t offset = (int32_t)column->values.size;
  return text_bytes(&column->offsets, &offset, sizeof offset);
}

static int begin_column(struct column *column, char type) {
  memset(column, 0, sizeof *column);
  column->type = type;
  return (type != 'u' && type != 'z') || add_offset(column);
}

static int add_null(struct column *column, int64_t row) {
  int64_t zero = 0;
  column->nulls++;
  if (!set_bit(&column->validity, row, 0))
    return 0;
  switch (column->type) {
  case 'b': return set_bit(&column->values, row, 0);
  case 'd': return text_bytes(&column->values, &zero, 4);
  case 'u':
  case 'z': return add_offset(column);
  default: return text_bytes(&column->values, &zero, 8);
  }
}

static int add_bytes(struct column *column, int64_t row, const void *bytes, size_t size) {
  return set_bit(&column->validity, row, 1) && text_bytes(&column->values, bytes, size) &&
         ((column->type != 'u' && column->type != 'z') || add_offset(column));
}

GOOD_UNUSED static int is_utf8(const uint8_t *at, size_t size) {
  const uint8_t *end = at + size;
  while (at < end) {
    int more = *at < 0x80                  ? 0
               : *at >= 0xC2 && *at < 0xE0 ? 1
               : (*at & 0xF0) == 0xE0      ? 2
               : *at >= 0xF0 && *at < 0xF5 ? 3
                                           : -1;
    if (more < 0 || end - at <= more)
      return 0;
    if ((*at == 0xE0 && at[1] < 0xA0) || (*at == 0xED && at[1] > 0x9F) || (*at == 0xF0 && at[1] < 0x90) ||
        (*at == 0xF4 && at[1] > 0x8F))
      return 0;
    for (int i = 1; i <= more; i++)
      if ((at[i] & 0xC0) != 0x80)
        return 0;
    at += more + 1;
  }
  return 1;
}

static int hex(char digit) {
  return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* 1: added; 0: not of its type, nothing added; -1: no memory. */
static int add_cell(struct column *column, int64_t row, const char *data, size_t size) {
  char copy[64] = "";
  char *end;
  int good = 1;
  if (size == 2 && memcmp(data, "\\N", 2) == 0) {
#ifdef FAULT_CONNECTOR_NULLS
    int64_t zero = 0;
    if (column->type == 'u' || column->type == 'l')
      return add_bytes(column, row, &zero, column->type == 'l' ? 8 : 0) ? 1 : -1;
#endif
    return add_null(column, row) ? 1 : -1;
  }
  if (column->type != 'u' && column->type != 'z') {
    if (size == 0 || size >= sizeof copy)
      return 0;
    memcpy(copy, data, size);
  }
  if (column->type == 'u') {
    good = add_bytes(column, row, data, size);
  } else if (column->type == 'z') {
    for (size_t i = 0; i < size; i++)
      if (hex(data[i]) < 0)
        return 0;
    if (size % 2)
      return 0;
    for (size_t i = 0; good && i < size; i += 2) {
      uint8_t byte = (uint8_t)(hex(data[i]) << 4 | hex(data[i + 1]));
      good = text_bytes(&column->values, &byte, 1);
    }
    good = good && set_bit(&column->validity, row, 1) && add_offset(column);
  } else if (column->type == 'b') {
    if (size != 1 || (*data != 't' && *data != 'f'))
      return 0;
#ifdef FAULT_CONNECTOR_TYPES
    good = set_bit(&column->validity, row, 1) && set_bit(&column->values, row, *data == 'f');
#else
    good = set_bit(&column->validity, row, 1) && set_bit(&column->values, row, *data == 't');
#endif
  } else if (column->type == 'g') {
    double value = strtod(copy, &end);
    if (*end)
      return 0;
    good = add_bytes(column, row, &value, 8);
  } else {
    errno = 0;
    int64_t value = strtoll(copy, &end, 10);
    int32_t day = (int32_t)value;
    if (*end || errno || (column->type == 'd' && day != value))
      return 0;
    good = column->type == 'd' ? add_bytes(column, row, &day, 4) : add_bytes(column, row, &value, 8);
  }
  return good ? 1 : -1;
}

/* ---- Arrow ---- */

static void release_child(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_buffers; i++)
    free((void *)(uintptr_t)array->buffers[i]);
  free(array->buffers);
  array->release = NULL;
}

static void release_batch(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    if (array->children[i]->release)
      array->children[i]->release(array->children[i]);
    free(array->children[i]);
  }
  free(array->children);
  free(array->buffers);
  array->release = NULL;
}

static void drop_batch(struct batch *batch) {
  for (int i = 0; i < batch->n; i++) {
    free(batch->columns[i].validity.data);
    free(batch->columns[i].offsets.data);
    free(batch->columns[i].values.data);
  }
  batch->n = 0;
}

/* Moves a batch's columns at `places` into an array; those that are not chosen are freed. */
static int export_batch(struct batch *batch, const int *places, int n, struct ArrowArray *out) {
  memset(out, 0, sizeof *out);
  out->length = batch->rows;
  out->n_buffers = 1;
  out->buffers = calloc(1, sizeof *out->buffers);
  out->children = calloc((size_t)n, sizeof *out->children);
  out->release = release_batch;
  if (!out->buffers || !out->children)
    return 0;
  for (int i = 0; i < n; i++) {
    struct column *column = &batch->columns[places[i]];
    struct ArrowArray *child = calloc(1, sizeof *child);
    const void **buffers = calloc(3, sizeof *buffers);
    if (!child || !buffers) {
      free(child);
      free(buffers);
      return 0;
    }
    int n_buffers = 0;
    if (column->nulls) {
      buffers[n_buffers++] = column->validity.data;
    } else {
      free(column->validity.data);
      buffers[n_buffers++] = NULL;
    }
    if (column->type == 'u' || column->type == 'z')
      buffers[n_buffers++] = column->offsets.data;
    if (!column->values.data && !text_room(&column->values, 8))
      return 0;
    buffers[n_buffers++] = column->values.data;
    *child = (struct ArrowArray){.length = batch->rows, .null_count = column->nulls, .n_buffers = n_buffers};
    child->buffers = buffers;
    child->release = release_child;
    out->children[out->n_children++] = child;
    memset(&column->validity, 0, sizeof column->validity);
    memset(&column->offsets, 0, sizeof column->offsets);
    memset(&column->values, 0, sizeof column->values);
  }
  return 1;
}

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release)
      schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  free(schema->private_data);
  schema->release = NULL;
}

static int export_schema(const struct field *const *fields, int n, struct ArrowSchema *out) {
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->name = "";
  out->children = calloc((size_t)n, sizeof *out->children);
  out->release = release_schema;
  if (!out->children)
    return 0;
  for (int i = 0; i < n; i++) {
    struct ArrowSchema *child = calloc(1, sizeof *child);
    char *name = strdup(fields[i]->name);
    if (!child || !name) {
      free(child);
      free(name);
      return 0;
    }
    child->format = format_of(fields[i]->type);
    child->name = name;
    child->private_data = name;
    child->flags = ARROW_FLAG_NULLABLE;
    child->release = release_schema;
    out->children[out->n_children++] = child;
  }
  return 1;
}

/* ---- a scan ---- */

static const struct field reserved[RESERVED] = {
    {SLUICE_COLUMN_LINE, 'l'}, {SLUICE_COLUMN_BYTE_OFFSET, 'l'}, {SLUICE_COLUMN_REJECT, 'u'}};

struct scan {
  struct source source;
  struct shape shape;
  int places[MOST_COLUMNS + RESERVED], n_places;
  int64_t batch_rows, skip_rows;
  int was_empty;
  char message[128];
};

static const struct field *field_at(const struct scan *scan, int place) {
  return place < scan->shape.n ? &scan->shape.fields[place] : &reserved[place - scan->shape.n];
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  struct scan *scan = stream->private_data;
  const struct field *fields[MOST_COLUMNS + RESERVED];
  for (int i = 0; i < scan->n_places; i++)
    fields[i] = field_at(scan, scan->places[i]);
  if (export_schema(fields, scan->n_places, out))
    return 0;
  out->release(out);
  return ENOMEM;
}

/* Why a record is rejected; NULL when its cells were added. `*good` is 0 when there is no memory. */
static const char *add_record(struct batch *batch, const struct shape *shape, const struct record *record, int *good) {
  const char *at = record->data, *end = record->data + record->size;
  int cells = 1;
  if (record->is_too_large)
    return "CELL_TOO_LARGE";
#ifndef FAULT_CONNECTOR_INVALID_UTF8
  if (!is_utf8((const uint8_t *)record->data, record->size))
    return "INVALID_ENCODING";
#endif
  for (const char *comma = at; (comma = memchr(comma, ',', (size_t)(end - comma))) != NULL; comma++)
    cells++;
  if (cells != shape->n)
    return "RAGGED_ROW";
  for (int i = 0; i < shape->n; i++) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    size_t size = (size_t)((comma ? comma : end) - at);
    int added = add_cell(&batch->columns[i], batch->rows, at, size);
    if (added < 0)
      *good = 0;
    if (added == 0) { /* what its type cannot hold */
      *good = *good && add_null(&batch->columns[i], batch->rows);
    }
    at = comma ? comma + 1 : end;
  }
  return NULL;
}

static int add_row(struct batch *batch, const struct shape *shape, const struct record *record) {
  int good = 1;
  const char *reason = add_record(batch, shape, record, &good);
  for (int i = 0; reason && good && i < shape->n; i++)
    good = add_null(&batch->columns[i], batch->rows);
  struct column *line = &batch->columns[shape->n];
  int64_t offset = (int64_t)record->offset;
  good = good && add_bytes(line, batch->rows, &record->line, 8) && add_bytes(line + 1, batch->rows, &offset, 8) &&
         (reason ? add_bytes(line + 2, batch->rows, reason, strlen(reason)) : add_null(line + 2, batch->rows));
  batch->rows++;
  batch->bytes += record->size;
  return good;
}

#ifdef FAULT_CONNECTOR_BACKPRESSURE
static char *hoard;

/* The whole source, over and over, before the first row. */
static void hold_everything(struct source *source) {
  uint64_t size = 0, got;
  sluice_error error = {.struct_size = sizeof error};
  if (hoard || services->stream_size(source->context, 0, &size, &error) != SLUICE_OK || size < (1 << 20))
    return;
  hoard = malloc(2 * size);
  for (int i = 0; hoard && i < 2; i++)
    for (uint64_t at = 0; at < size; at += got)
      if (services->read_at(source->context, 0, at, hoard + (uint64_t)i * size + at, size - at, &got, &error) !=
              SLUICE_OK ||
          got == 0)
        return;
}
#endif

static int status_errno(sluice_status status) {
  switch (status) {
  case SLUICE_TIMEOUT: return ETIMEDOUT;
  case SLUICE_POLICY_BLOCK: return EACCES;
  case SLUICE_TRANSIENT_ERROR: return EIO;
  case SLUICE_QUOTA_EXHAUSTED: return ENOMEM;
  default: return EINVAL;
  }
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  struct scan *scan = stream->private_data;
  struct batch batch = {.n = scan->shape.n + RESERVED};
  int good = 1;
  memset(out, 0, sizeof *out);
#ifdef FAULT_CONNECTOR_BACKPRESSURE
  hold_everything(&scan->source);
#endif
  for (int i = 0; i < batch.n; i++)
    good = begin_column(&batch.columns[i], field_at(scan, i)->type) && good;
  while (good && batch.rows < scan->batch_rows && batch.bytes < MOST_TEXT) {
    struct record record;
    sluice_error error = {.struct_size = sizeof error};
    if (services->cancelled(scan->source.context)) {
      drop_batch(&batch);
      return ECANCELED;
    }
    int there = next_record(&scan->source, &record, &error);
    if (there < 0) {
      drop_batch(&batch);
      snprintf(scan->message, sizeof scan->message, "%.*s", (int)(error.message.size < 100 ? error.message.size : 100),
               error.message.data ? error.message.data : "");
      if (error.release)
        error.release(&error);
      return status_errno(error.code);
    }
    if (!there)
      break;
    if (scan->skip_rows > 0) {
      scan->skip_rows--;
      continue;
    }
    good = add_row(&batch, &scan->shape, &record);
#ifdef FAULT_CONNECTOR_TRUNCATED
    if (!record.is_whole) /* makes up for what is missing */
      good = good && add_row(&batch, &scan->shape, &record);
#endif
  }
  if (good && batch.rows == 0) {
    drop_batch(&batch);
#ifdef FAULT_CONNECTOR_ZERO_ROWS
    if (scan->was_empty++ == 0 && scan->source.line <= 2) {
      snprintf(scan->message, sizeof scan->message, "there is no row");
      return EINVAL;
    }
#endif
    return 0; /* a released array ends the stream */
  }
  good = good && export_batch(&batch, scan->places, scan->n_places, out);
  drop_batch(&batch);
  if (!good && out->release)
    out->release(out);
  return good ? 0 : ENOMEM;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  struct scan *scan = stream->private_data;
  return scan->message[0] ? scan->message : NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  struct scan *scan = stream->private_data;
  free(scan->source.buffer);
  free(scan);
  stream->private_data = NULL;
  stream->release = NULL;
}

/* The columns that a request names, or all of them; the reserved ones behind. 0 for one that there is not. */
static int choose(struct scan *scan, sluice_str request) {
  const char *at = json_value(request, "columns");
  if (!at || *at != '[') {
    for (int i = 0; i < scan->shape.n; i++)
      scan->places[scan->n_places++] = i;
  } else {
    for (at++; *at != ']'; at++) {
      if (*at != '"')
        continue;
      const char *end = strchr(at + 1, '"');
      int place = 0;
      while (place < scan->shape.n && (strlen(scan->shape.fields[place].name) != (size_t)(end - at - 1) ||
                                       memcmp(scan->shape.fields[place].name, at + 1, (size_t)(end - at - 1)) != 0))
        place++;
      if (place == scan->shape.n || scan->n_places == MOST_COLUMNS)
        return 0;
      scan->places[scan->n_places++] = place;
      at = end;
    }
  }
  for (int i = 0; i < RESERVED; i++)
    scan->places[scan->n_places++] = scan->shape.n + i;
  return 1;
}

GOOD_UNUSED static int same_shape(const struct shape *a, const struct shape *b) {
  if (a->n != b->n)
    return 0;
  for (int i = 0; i < a->n; i++)
    if (strcmp(a->fields[i].name, b->fields[i].name) != 0 || a->fields[i].type != b->fields[i].type)
      return 0;
  return 1;
}

static int is_table(sluice_str json, const char *key) {
  const char *at = json_value(json, key);
  return at && at[0] == '"' && at[1] == '"';
}

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  if (!is_table(request, "table"))
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is one table, and it has no name");
  const char *split_id = json_value(request, "split");
  if (split_id && strncmp(split_id, "null", 4) != 0 && strncmp(split_id, "\"0\"", 3) != 0)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is no such split");
  struct scan *scan = calloc(1, sizeof *scan);
  if (!scan)
    return good_no_memory(error);
  scan->source = open_source(instance->context);
  /* The request ends with a brace, so that the numbers in it end. */
  const char *rows = json_value(request, "batch_rows"), *skip = json_value(request, "skip_rows");
  scan->batch_rows = rows ? strtoll(rows, NULL, 10) : 16384;
  scan->skip_rows = skip ? strtoll(skip, NULL, 10) : 0;
#ifdef FAULT_CONNECTOR_SLICES
  scan->skip_rows += scan->skip_rows > 0 && scan->batch_rows == 5;
#endif
  sluice_status status = SLUICE_OK;
  if (!read_shape(&scan->source, &scan->shape, error))
    status = error->code;
#ifndef FAULT_CONNECTOR_DRIFT
  else if (instance->has_announced && !same_shape(&scan->shape, &instance->announced))
    status = good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the source changed behind its schema");
#endif
  else if (!choose(scan, request))
    status = good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is no such column");
  if (status != SLUICE_OK) {
    free(scan->source.buffer);
    free(scan);
    return status;
  }
  *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, scan};
  return SLUICE_OK;
}

/* ---- the rest of the table ---- */

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return good_text(out, "{\"summary\":\"reads lines of cells\"}");
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config;
  sluice_instance *instance = calloc(1, sizeof *instance);
  if (!instance)
    return good_no_memory(error);
  instance->context = context;
  *out = instance;
  return SLUICE_OK;
}

static void destroy(sluice_instance *instance) { free(instance); }
static void cancel(sluice_instance *instance) { (void)instance; }

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return good_text(out, "{\"tables\":[{\"name\":\"\"}]}");
}

static sluice_status schema(sluice_instance *instance, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  if (table.size)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is one table, and it has no name");
  struct source source = open_source(instance->context);
  int good = read_shape(&source, &instance->announced, error);
  free(source.buffer);
  if (!good)
    return error->code;
  const struct field *fields[MOST_COLUMNS];
  for (int i = 0; i < instance->announced.n; i++)
    fields[i] = &instance->announced.fields[i];
  char said[96] = "{\"format\":\"lines\"}";
#ifdef FAULT_CONNECTOR_DETERMINISTIC
  static struct timespec first; /* another one in each process */
  if (!first.tv_nsec)
    clock_gettime(CLOCK_MONOTONIC, &first);
  snprintf(said, sizeof said, "{\"format\":\"lines\",\"read_at\":%ld}", first.tv_nsec);
#endif
  if (!export_schema(fields, instance->announced.n, out) || good_text(details, said) != SLUICE_OK) {
    out->release(out);
    return good_no_memory(error);
  }
  instance->has_announced = 1;
  return SLUICE_OK;
}

static sluice_status split(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)instance, (void)parts;
  if (table.size)
    return good_fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is one table, and it has no name");
  return good_text(out, "{\"splits\":[{\"id\":\"0\"}]}");
}

#define GOOD_KIND 2
#define GOOD_ID "good.connector"
#include "good_guard.h"
