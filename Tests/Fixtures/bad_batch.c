/* A connector that streams one batch of two columns ("n" int64, "t" utf8), good or wrong in one way, as the table's name
 * says: good, sliced, offsets, negative, length, short, buffers, released, top_null, no_validity, not_nullable,
 * dictionary, format, endless, big, empty_first, empty_later (a batch without rows), errnoN (that error number), error
 * (EIO). Its split answers with what the services gave it. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>

static const sluice_host *services;

enum { ROWS = 6 };
#define BIG_ROWS 40000000

struct table {
  sluice_handle context;
  char mode[32];
  int sent;
  int releases;
  struct ArrowSchema columns[2], *column_list[2];
  struct ArrowArray children[2], *child_list[2];
  struct ArrowSchema dictionary;
  const void *top[1], *numbers[2], *texts[3];
  int32_t *offsets;
  int64_t *values;
};

static const uint8_t validity[1] = {0x2d}; /* rows 0, 2, 3, 5 */
static const int64_t numbers[ROWS] = {10, 999, 30, 40, 999, 60};
static const char texts[] = "aaSECRETbccSECRETd";
static const int32_t offsets[ROWS + 1] = {0, 2, 8, 9, 11, 17, 18};
static const int32_t falling[ROWS + 1] = {0, 2, 8, 5, 11, 17, 18};
static const int32_t below[ROWS + 1] = {-4, 2, 8, 9, 11, 17, 18};

static int is(const struct table *table, const char *mode) { return strcmp(table->mode, mode) == 0; }

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) {
  if (array->private_data) {
    struct table *table = array->private_data;
    table->releases++;
    free(table->offsets);
    free(table->values);
    table->offsets = NULL;
    table->values = NULL;
  }
  array->release = NULL;
}

static void make_schema(struct table *table, struct ArrowSchema *out) {
  static const char *const names[2] = {"n", "t"};
  memset(out, 0, sizeof *out);
  for (int i = 0; i < 2; i++) {
    struct ArrowSchema *column = &table->columns[i];
    memset(column, 0, sizeof *column);
    column->format = i ? "u" : "l";
    column->name = names[i];
    column->flags = is(table, "not_nullable") ? 0 : ARROW_FLAG_NULLABLE;
    column->release = release_schema;
    table->column_list[i] = column;
  }
  if (is(table, "format"))
    table->columns[1].format = "U";
  table->dictionary.format = "u";
  if (is(table, "dictionary"))
    table->columns[1].dictionary = &table->dictionary;
  out->format = "+s";
  out->n_children = 2;
  out->children = table->column_list;
  out->release = release_schema;
}

static void make_array(struct table *table, struct ArrowArray *out) {
  memset(out, 0, sizeof *out);
  memset(table->children, 0, sizeof table->children);
  table->numbers[0] = validity, table->numbers[1] = numbers;
  table->texts[0] = validity, table->texts[1] = offsets, table->texts[2] = texts;
  for (int i = 0; i < 2; i++) {
    struct ArrowArray *child = &table->children[i];
    child->length = ROWS;
    child->null_count = -1;
    child->n_buffers = i ? 3 : 2;
    child->buffers = i ? table->texts : table->numbers;
    child->release = release_array;
    table->child_list[i] = child;
  }
  out->length = ROWS;
  out->n_buffers = 1;
  out->buffers = table->top;
  out->n_children = 2;
  out->children = table->child_list;
  out->private_data = table;
  out->release = release_array;
}

static void spoil(struct table *table, struct ArrowArray *out) {
  static const uint8_t one_null[1] = {0x3e};
  if (is(table, "sliced")) {
    out->offset = 1;
    out->length = 3;
    table->children[0].offset = 1;
    table->children[0].length = ROWS - 1;
  } else if (is(table, "offsets")) {
    table->texts[1] = falling;
  } else if (is(table, "negative")) {
    table->texts[1] = below;
  } else if (is(table, "length")) {
    out->length = INT64_C(1) << 60;
  } else if (is(table, "short")) {
    table->children[1].length = ROWS - 1;
  } else if (is(table, "buffers")) {
    table->children[1].n_buffers = 2;
  } else if (is(table, "released")) {
    table->children[0].release = NULL;
  } else if (is(table, "top_null")) {
    table->top[0] = one_null;
  } else if (is(table, "no_validity")) {
    table->children[0].null_count = 2;
    table->numbers[0] = NULL;
  } else if (is(table, "big")) {
    table->offsets = calloc(BIG_ROWS + 1, sizeof *table->offsets);
    table->values = calloc(BIG_ROWS, sizeof *table->values);
    table->numbers[0] = table->texts[0] = NULL;
    table->numbers[1] = table->values;
    table->texts[1] = table->offsets;
    out->length = table->children[0].length = table->children[1].length = BIG_ROWS;
  }
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  make_schema(stream->private_data, out);
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  struct table *table = stream->private_data;
  memset(out, 0, sizeof *out);
  if (is(table, "error"))
    return EIO;
  if (strncmp(table->mode, "errno", 5) == 0)
    return atoi(table->mode + 5);
  int empty_first = is(table, "empty_first"), empty_later = is(table, "empty_later");
  if (table->sent > (empty_first || empty_later) && !is(table, "endless"))
    return 0;
  make_array(table, out);
  spoil(table, out);
  if ((empty_first && table->sent == 0) || (empty_later && table->sent == 1))
    out->length = table->children[0].length = table->children[1].length = 0;
  table->sent++;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "the disk \xff is on fire";
}

static void release_stream(struct ArrowArrayStream *stream) {
  struct table *table = stream->private_data;
  if (table->sent && table->releases == 0)
    abort(); /* a batch was not given back */
  free(table);
  stream->release = NULL;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"emits bad batches\"}");
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"tables\":[{\"name\":\"good\"}]}");
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)instance, (void)error;
  static struct table table;
  memset(&table, 0, sizeof table);
  memcpy(table.mode, name.data, name.size < 31 ? name.size : 31);
  make_schema(&table, out);
  return fixture_text(details, "{\"format\":\"fixture\"}");
}

/* What the services of a file connector say: the source and the resource "words" as text. */
static sluice_status split(sluice_instance *instance, sluice_str name, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  char text[256] = "", read[64];
  (void)name;
  uint64_t size = 0, got = 0;
  sluice_str words = FIXTURE_STR("words");
  sluice_bytes resource = {NULL, 0};
  if (!services->read_at || !services->resource || services->query || services->http)
    return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "the services are not those that LOAD named");
  sluice_status status = services->stream_size(instance->context, 0, &size, error);
  if (status == SLUICE_OK)
    status = services->read_at(instance->context, parts, 2, read, sizeof read - 1, &got, error);
  if (status == SLUICE_OK)
    status = services->resource(instance->context, words, &resource, error);
  if (status != SLUICE_OK)
    return status;
  read[got] = '\0';
  snprintf(text, sizeof text, "%llu|%s|%.*s", (unsigned long long)size, read, (int)resource.size,
           (const char *)resource.data);
  return fixture_text(out, text);
}

/* The value of "table" in the request, which has no escapes in a test. */
static void read_table(sluice_str request, char mode[32]) {
  static const char key[] = "\"table\":\"";
  const size_t size = sizeof key - 1;
  for (uint64_t i = 0; i + size <= request.size; i++) {
    if (memcmp(request.data + i, key, size) != 0)
      continue;
    for (uint64_t at = i + size, n = 0; at < request.size && request.data[at] != '"' && n < 31; at++, n++)
      mode[n] = request.data[at];
    return;
  }
}

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  struct table *table = calloc(1, sizeof *table);
  if (!table)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  table->context = instance->context;
  read_table(request, table->mode);
  memset(out, 0, sizeof *out);
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = table;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, split, scan};
FIXTURE_PLUGIN(SLUICE_KIND_CONNECTOR, "fixture.bad_batch", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &fixture_plugin;
}
