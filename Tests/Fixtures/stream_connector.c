/* A connector whose table is made up: its name is `KIND ROWS BYTES BATCHES NULLS SKIP` in decimal digits.
 *   KIND    a: ASCII, m: text of one to four bytes a scalar, n: as a, but "n" is the batch's own number in each row
 *   ROWS    of each batch; row i has "n" int64 3 * i, and "t" utf8 of BYTES bytes that begin with nine digits of i and ':'
 *           where there is room
 *   BATCHES how many; all are the same memory
 *   NULLS   every so many rows one is null in both columns, with bytes under it; 0: none
 *   SKIP    rows in front of the first one: the arrays are slices */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>

struct shape {
  char kind;
  int64_t rows, bytes, batches, nulls, skip;
};

struct table {
  struct shape shape;
  int64_t sent;
  uint8_t *validity;
  int64_t *numbers;
  int32_t *offsets;
  char *texts;
  struct ArrowSchema columns[2], *column_list[2];
  struct ArrowArray children[2], *child_list[2];
  const void *top[1], *number_buffers[2], *text_buffers[3];
};

static int read_shape(const char *name, size_t size, struct shape *shape) {
  char text[128] = "";
  long long numbers[5];
  memcpy(text, name, size < sizeof text - 1 ? size : sizeof text - 1);
  if (sscanf(text, "%c %lld %lld %lld %lld %lld", &shape->kind, &numbers[0], &numbers[1], &numbers[2], &numbers[3],
             &numbers[4]) != 6)
    return 0;
  shape->rows = numbers[0], shape->bytes = numbers[1], shape->batches = numbers[2];
  shape->nulls = numbers[3], shape->skip = numbers[4];
  return 1;
}

static void fill(char *to, int64_t size, char kind, int64_t row) {
  static const char *const scalars[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "b"};
  char head[16];
  int64_t at = 0;
  if (size >= 10) {
    snprintf(head, sizeof head, "%09lld:", (long long)row % 1000000000);
    memcpy(to, head, 10);
    at = 10;
  }
  for (int64_t n = row; at < size; n++) {
    const char *scalar = kind == 'm' ? scalars[n % 5] : "x";
    int64_t length = (int64_t)strlen(scalar);
    if (length > size - at)
      scalar = "y", length = 1;
    memcpy(to + at, scalar, (size_t)length);
    at += length;
  }
}

static int make(struct table *table) {
  const struct shape *shape = &table->shape;
  int64_t rows = shape->rows + shape->skip;
  table->validity = calloc((size_t)rows / 8 + 1, 1);
  table->numbers = calloc((size_t)rows + 1, sizeof *table->numbers);
  table->offsets = calloc((size_t)rows + 1, sizeof *table->offsets);
  table->texts = malloc((size_t)(rows * shape->bytes) + 1);
  if (!table->validity || !table->numbers || !table->offsets || !table->texts)
    return 0;
  for (int64_t i = 0; i < rows; i++) {
    if (!shape->nulls || i % shape->nulls != shape->nulls - 1)
      table->validity[i / 8] |= (uint8_t)(1u << i % 8);
    table->numbers[i] = 3 * i;
    fill(table->texts + i * shape->bytes, shape->bytes, shape->kind, i);
    table->offsets[i + 1] = (int32_t)((i + 1) * shape->bytes);
  }
  return 1;
}

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }

static void make_schema(struct table *table, struct ArrowSchema *out) {
  memset(out, 0, sizeof *out);
  for (int i = 0; i < 2; i++) {
    table->columns[i] = (struct ArrowSchema){.format = i ? "u" : "l", .name = i ? "t" : "n"};
    table->columns[i].flags = ARROW_FLAG_NULLABLE;
    table->columns[i].release = release_schema;
    table->column_list[i] = &table->columns[i];
  }
  *out = (struct ArrowSchema){.format = "+s", .n_children = 2, .children = table->column_list};
  out->release = release_schema;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  make_schema(stream->private_data, out);
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  struct table *table = stream->private_data;
  const struct shape *shape = &table->shape;
  memset(out, 0, sizeof *out);
  if (table->sent++ == shape->batches)
    return 0;
  for (int64_t i = 0; shape->kind == 'n' && i < shape->rows + shape->skip; i++)
    table->numbers[i] = table->sent - 1;
  const void *validity = shape->nulls ? table->validity : NULL;
  table->number_buffers[0] = table->text_buffers[0] = validity;
  table->number_buffers[1] = table->numbers;
  table->text_buffers[1] = table->offsets;
  table->text_buffers[2] = table->texts;
  for (int i = 0; i < 2; i++) {
    table->children[i] = (struct ArrowArray){.length = shape->rows + shape->skip, .null_count = -1};
    table->children[i].n_buffers = i ? 3 : 2;
    table->children[i].buffers = i ? table->text_buffers : table->number_buffers;
    table->children[i].release = release_array;
    table->child_list[i] = &table->children[i];
  }
  *out = (struct ArrowArray){.length = shape->rows, .offset = shape->skip, .n_buffers = 1, .buffers = table->top};
  out->n_children = 2;
  out->children = table->child_list;
  out->release = release_array;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  struct table *table = stream->private_data;
  free(table->validity);
  free(table->numbers);
  free(table->offsets);
  free(table->texts);
  free(table);
  stream->release = NULL;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"makes tables up\"}");
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"tables\":[]}");
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)instance, (void)name, (void)error;
  static struct table table;
  make_schema(&table, out);
  return fixture_text(details, "{}");
}

static sluice_status split(sluice_instance *instance, sluice_str name, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)instance, (void)name, (void)parts, (void)error;
  return fixture_text(out, "{\"splits\":[]}");
}

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  (void)instance;
  static const char key[] = "\"table\":\"";
  const size_t size = sizeof key - 1;
  struct table *table = calloc(1, sizeof *table);
  uint64_t at = 0;
  while (at + size < request.size && memcmp(request.data + at, key, size) != 0)
    at++;
  if (!table || at + size >= request.size ||
      !read_shape(request.data + at + size, request.size - at - size, &table->shape) || !make(table))
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the table's name is not a shape");
  memset(out, 0, sizeof *out);
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = table;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, split, scan};
FIXTURE_PLUGIN(SLUICE_KIND_CONNECTOR, "fixture.stream_connector", describe, ops);

FIXTURE_ENTRY
