/* A connector of lines: each line of the source is a row of "text" (null when it is empty) and "bytes", followed by the
 * reserved columns. It reads the source whole, at most 1 MiB. */
#include "common.h"

#include <errno.h>

#define MOST_BYTES (1 << 20)
#define COLUMNS 5

struct scan {
  sluice_instance *instance;
  uint64_t size, at; /* of the source, and where the next line begins */
  int64_t line, most_rows;
  char *source;
  char problem[64];
};

/* One batch with all that it points to. */
struct batch {
  struct ArrowArray columns[COLUMNS], *children[COLUMNS];
  const void *top[1], *buffers[COLUMNS][3];
  uint8_t *valid, *none;
  int32_t *offsets, *no_offsets;
  int64_t *bytes, *lines, *places;
  char *texts;
};

static const char *const names[COLUMNS] = {"text", "bytes", SLUICE_COLUMN_LINE, SLUICE_COLUMN_BYTE_OFFSET,
                                           SLUICE_COLUMN_REJECT};
static const char *const formats[COLUMNS] = {"u", "l", "l", "l", "u"};

/* --- schemas ------------------------------------------------------------------------------------------------------- */

static void release_column(struct ArrowSchema *schema) { schema->release = NULL; }

static void release_schema(struct ArrowSchema *schema) {
  struct ArrowSchema *columns = schema->private_data;
  for (int64_t i = 0; i < schema->n_children; i++)
    if (columns[i].release)
      columns[i].release(&columns[i]);
  free(schema->children);
  free(columns);
  schema->release = NULL;
}

static int make_schema(struct ArrowSchema *out, int64_t count) {
  struct ArrowSchema *columns = calloc((size_t)count, sizeof *columns);
  struct ArrowSchema **children = calloc((size_t)count, sizeof *children);
  if (!columns || !children) {
    free(columns);
    free(children);
    return 0;
  }
  memset(out, 0, sizeof *out);
  for (int64_t i = 0; i < count; i++) {
    columns[i].format = formats[i];
    columns[i].name = names[i];
    columns[i].flags = i == 0 || i == COLUMNS - 1 ? ARROW_FLAG_NULLABLE : 0;
    columns[i].release = release_column;
    children[i] = &columns[i];
  }
  out->format = "+s";
  out->n_children = count;
  out->children = children;
  out->private_data = columns;
  out->release = release_schema;
  return 1;
}

/* --- batches ------------------------------------------------------------------------------------------------------- */

static void free_batch(struct batch *batch) {
  free(batch->valid), free(batch->none), free(batch->offsets), free(batch->no_offsets);
  free(batch->bytes), free(batch->lines), free(batch->places), free(batch->texts);
  free(batch);
}

static void release_child(struct ArrowArray *array) { array->release = NULL; }

static void release_batch(struct ArrowArray *array) {
  free_batch(array->private_data);
  array->release = NULL;
}

static struct batch *make_batch(size_t rows, size_t bytes) {
  struct batch *batch = calloc(1, sizeof *batch);
  if (!batch)
    return NULL;
  batch->valid = calloc(rows / 8 + 1, 1);
  batch->none = calloc(rows / 8 + 1, 1);
  batch->offsets = calloc(rows + 1, sizeof *batch->offsets);
  batch->no_offsets = calloc(rows + 1, sizeof *batch->no_offsets);
  batch->bytes = calloc(rows + 1, sizeof *batch->bytes);
  batch->lines = calloc(rows + 1, sizeof *batch->lines);
  batch->places = calloc(rows + 1, sizeof *batch->places);
  batch->texts = malloc(bytes + 1);
  if (batch->valid && batch->none && batch->offsets && batch->no_offsets && batch->bytes && batch->lines &&
      batch->places && batch->texts)
    return batch;
  free_batch(batch);
  return NULL;
}

static void give_batch(struct batch *batch, int64_t rows, int64_t empty, struct ArrowArray *out) {
  const void *buffers[COLUMNS][3] = {{batch->valid, batch->offsets, batch->texts},
                                     {NULL, batch->bytes, NULL},
                                     {NULL, batch->lines, NULL},
                                     {NULL, batch->places, NULL},
                                     {batch->none, batch->no_offsets, batch->texts}};
  const int64_t nulls[COLUMNS] = {empty, 0, 0, 0, rows};
  memcpy(batch->buffers, buffers, sizeof buffers);
  for (int i = 0; i < COLUMNS; i++) {
    batch->columns[i].length = rows;
    batch->columns[i].null_count = nulls[i];
    batch->columns[i].n_buffers = formats[i][0] == 'u' ? 3 : 2;
    batch->columns[i].buffers = batch->buffers[i];
    batch->columns[i].release = release_child;
    batch->children[i] = &batch->columns[i];
  }
  memset(out, 0, sizeof *out);
  out->length = rows;
  out->n_buffers = 1;
  out->buffers = batch->top;
  out->n_children = COLUMNS;
  out->children = batch->children;
  out->private_data = batch;
  out->release = release_batch;
}

/* The line at `at`; 0 at the end. A line break at the end of the source begins no further line. */
static int next_line(struct scan *scan, uint64_t *begin, uint64_t *end) {
  if (scan->at >= scan->size)
    return 0;
  const char *stop = memchr(scan->source + scan->at, '\n', scan->size - scan->at);
  *begin = scan->at;
  *end = stop ? (uint64_t)(stop - scan->source) : scan->size;
  scan->at = *end + (stop ? 1 : 0);
  scan->line++;
  return 1;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  struct scan *scan = stream->private_data;
  memset(out, 0, sizeof *out);
  if (atomic_load(&scan->instance->cancelled) ||
      (services.cancelled && services.cancelled(scan->instance->context))) {
    snprintf(scan->problem, sizeof scan->problem, "cancelled at line %lld", (long long)scan->line + 1);
    return ECANCELED;
  }
  if (scan->at >= scan->size)
    return 0;
  uint64_t left = scan->size - scan->at;
  size_t most = (uint64_t)scan->most_rows < left ? (size_t)scan->most_rows : (size_t)left;
  struct batch *batch = make_batch(most, (size_t)left);
  if (!batch) {
    snprintf(scan->problem, sizeof scan->problem, "there is no memory for a batch");
    return ENOMEM;
  }
  uint64_t begin, end;
  int64_t rows = 0, empty = 0;
  int32_t used = 0;
  while (rows < (int64_t)most && next_line(scan, &begin, &end)) {
    size_t size = (size_t)(end - begin);
    memcpy(batch->texts + used, scan->source + begin, size);
    used += (int32_t)size;
    if (size)
      batch->valid[rows / 8] |= (uint8_t)(1u << rows % 8);
    else
      empty++;
    batch->bytes[rows] = (int64_t)size;
    batch->lines[rows] = scan->line;
    batch->places[rows] = (int64_t)begin;
    batch->offsets[++rows] = used;
  }
  give_batch(batch, rows, empty, out);
  return 0;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  (void)stream;
  return make_schema(out, COLUMNS) ? 0 : ENOMEM;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  struct scan *scan = stream->private_data;
  return scan->problem[0] ? scan->problem : NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  struct scan *scan = stream->private_data;
  free(scan->source);
  free(scan);
  stream->release = NULL;
}

/* --- the table ----------------------------------------------------------------------------------------------------- */

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  static const char text[] = "{\"tables\":[{\"name\":\"\"}]}";
  return !instance || bad_text(out) ? wrong(error) : give(out, text, sizeof text - 1, error);
}

static sluice_status schema(sluice_instance *instance, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  static const char text[] = "{\"format\":\"lines\",\"encoding\":\"utf-8\"}";
  if (!instance || bad_str(table) || !out || bad_text(details))
    return wrong(error);
  if (table.size)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "a file of lines has one table, which is named \"\"");
  if (!make_schema(out, 2))
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the schema");
  sluice_status status = give(details, text, sizeof text - 1, error);
  if (status != SLUICE_OK)
    out->release(out);
  return status;
}

static sluice_status split(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  char text[96];
  uint64_t size = 0;
  (void)parts; /* one is never too many */
  if (!instance || bad_str(table) || bad_text(out))
    return wrong(error);
  if (!services.stream_size)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "this host hands over no source");
  sluice_status status = services.stream_size(instance->context, 0, &size, error);
  if (status != SLUICE_OK)
    return status;
  int length = snprintf(text, sizeof text, "{\"splits\":[{\"id\":\"0\",\"hint_bytes\":%llu}]}", (unsigned long long)size);
  return give(out, text, (size_t)length, error);
}

static sluice_status read_source(struct scan *scan, sluice_error *error) {
  sluice_handle context = scan->instance->context;
  sluice_status status = services.stream_size(context, 0, &scan->size, error);
  if (status != SLUICE_OK)
    return status;
  if (scan->size > MOST_BYTES)
    return fail(error, SLUICE_QUOTA_EXHAUSTED, "the source has more than 1 MiB");
  scan->source = malloc((size_t)scan->size + 1);
  if (!scan->source)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the source");
  for (uint64_t done = 0, got = 0; done < scan->size; done += got) {
    status = services.read_at(context, 0, done, scan->source + done, scan->size - done, &got, error);
    if (status != SLUICE_OK)
      return status;
    if (got == 0)
      scan->size = done; /* it became shorter */
  }
  return SLUICE_OK;
}

static sluice_status scan(sluice_instance *instance, sluice_str request_json, struct ArrowArrayStream *out,
                          sluice_error *error) {
  const char *end, *columns;
  uint64_t begin, stop;
  if (!instance || bad_str(request_json) || !out)
    return wrong(error);
  columns = value_of(request_json, "\"columns\":", &end);
  if (columns && columns < end && *columns != 'n')
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "this connector gives all its columns; ask for \"columns\":null");
  if (!services.read_at || !services.stream_size)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "this host hands over no source");
  struct scan *state = calloc(1, sizeof *state);
  if (!state)
    return fail(error, SLUICE_TRANSIENT_ERROR, "there is no memory for the scan");
  state->instance = instance;
  atomic_store(&instance->cancelled, 0);
  state->most_rows = number_of(request_json, "\"batch_rows\":", 16384);
  if (state->most_rows < 1)
    state->most_rows = 1;
  sluice_status status = read_source(state, error);
  if (status != SLUICE_OK) {
    free(state->source);
    free(state);
    return status;
  }
  for (int64_t skip = number_of(request_json, "\"skip_rows\":", 0); skip > 0 && next_line(state, &begin, &stop); skip--)
    ;
  say(instance, "scan began");
  memset(out, 0, sizeof *out);
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = state;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, split, scan};
GOLDEN_PLUGIN(SLUICE_KIND_CONNECTOR, "golden.connector", "reads lines", ops)
