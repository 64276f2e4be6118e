/* A connector that tells, in the names of its columns, how many bytes of its source it can get hold of by any way:
 *   offered_N      what stream_size says
 *   service_N      bytes that read_at gives, far behind the end too, over every stream
 *   descriptors_N  the most bytes that any open descriptor gives by pread
 *   canary_N       how often "row-canary" was found in any of them
 * The plugin's own library, which may be open as well, is not counted. Its table has one row, of nulls. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const sluice_host *services;

enum { COLUMNS = 4, STREAMS = 8, DESCRIPTORS = 256, BLOCK = 1 << 16, BEYOND = 1 << 22 };

struct counts {
  uint64_t offered, service, descriptors, canaries;
};

static uint64_t canaries(const char *bytes, size_t size) {
  static const char canary[] = "row-canary";
  uint64_t found = 0;
  for (size_t at = 0; at + sizeof canary - 1 <= size; at++)
    found += memcmp(bytes + at, canary, sizeof canary - 1) == 0;
  return found;
}

static struct counts count(sluice_handle context) {
  static char block[BLOCK];
  struct counts counts = {0, 0, 0, 0};
  sluice_error error = {0};
  services->stream_size(context, 0, &counts.offered, &error);
  for (uint32_t stream = 0; stream < STREAMS; stream++)
    for (uint64_t offset = 0; offset < BEYOND;) {
      uint64_t got = 0;
      if (services->read_at(context, stream, offset, block, sizeof block, &got, &error) != SLUICE_OK)
        break;
      counts.service += got;
      counts.canaries += canaries(block, got);
      offset += got ? got : BLOCK;
    }
  for (int descriptor = 0; descriptor < DESCRIPTORS; descriptor++) {
    uint64_t readable = 0;
    for (off_t offset = 0;;) {
      ssize_t got = pread(descriptor, block, sizeof block, offset);
      if (got <= 0 || (offset == 0 && got >= 4 && memcmp(block, "\177ELF", 4) == 0))
        break;
      readable += (uint64_t)got;
      offset += got;
      counts.canaries += canaries(block, (size_t)got);
    }
    if (readable > counts.descriptors)
      counts.descriptors = readable;
  }
  return counts;
}

static void release_column(struct ArrowSchema *schema) {
  free((char *)schema->name);
  schema->release = NULL;
}

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release)
      schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  schema->release = NULL;
}

static int make_schema(sluice_handle context, struct ArrowSchema *out) {
  const struct counts counts = count(context);
  const uint64_t values[COLUMNS] = {counts.offered, counts.service, counts.descriptors, counts.canaries};
  static const char *const names[COLUMNS] = {"offered", "service", "descriptors", "canary"};
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->children = calloc(COLUMNS, sizeof *out->children);
  out->release = release_schema;
  for (int i = 0; out->children && i < COLUMNS; i++) {
    char *name = malloc(64);
    struct ArrowSchema *column = calloc(1, sizeof *column);
    if (!name || !column)
      return ENOMEM;
    snprintf(name, 64, "%s_%llu", names[i], (unsigned long long)values[i]);
    column->format = "u";
    column->name = name;
    column->flags = ARROW_FLAG_NULLABLE;
    column->release = release_column;
    out->children[i] = column;
    out->n_children = i + 1;
  }
  return out->children ? 0 : ENOMEM;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"counts the bytes it can reach\"}");
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  if (strstr(FIXTURE_ID, "csv"))
    return fixture_text(out, "{\"tables\":[{\"name\":\"\"}]}");
  return fixture_text(out, "{\"tables\":[{\"name\":\"people\"}]}");
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)name;
  if (make_schema(instance->context, out) != 0)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  return fixture_text(details, "{\"format\":\"fixture\"}");
}

static sluice_status split(sluice_instance *instance, sluice_str name, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)instance, (void)name, (void)parts, (void)error;
  return fixture_text(out, "{\"splits\":[{\"id\":\"0\",\"hint_bytes\":0}]}");
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  sluice_instance *instance = stream->private_data;
  return make_schema(instance->context, out);
}

static void release_array(struct ArrowArray *array) { array->release = NULL; }

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  static struct ArrowArray columns[COLUMNS], *list[COLUMNS];
  static const uint8_t validity[1] = {0};
  static const int32_t offsets[2] = {0, 0};
  static const void *top[1] = {NULL}, *buffers[3] = {validity, offsets, ""};
  sluice_instance *instance = stream->private_data;
  memset(out, 0, sizeof *out);
  if (instance->rows++)
    return 0; /* released: the end */
  for (int i = 0; i < COLUMNS; i++) {
    columns[i] = (struct ArrowArray){.length = 1, .null_count = 1, .n_buffers = 3, .buffers = buffers};
    columns[i].release = release_array;
    list[i] = &columns[i];
  }
  *out = (struct ArrowArray){.length = 1, .n_buffers = 1, .buffers = top, .n_children = COLUMNS, .children = list};
  out->release = release_array;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}

static void release_stream(struct ArrowArrayStream *stream) { stream->release = NULL; }

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  (void)request, (void)error;
  instance->rows = 0;
  memset(out, 0, sizeof *out);
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = instance;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, split, scan};
FIXTURE_PLUGIN(SLUICE_KIND_CONNECTOR, "fixture.byte_counter", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &fixture_plugin;
}
