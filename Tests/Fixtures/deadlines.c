/* A connector that logs what it is told of its deadline: in create, and before each of three batches and the end, for
 * which it takes 300 ms each. */
#define _GNU_SOURCE
#include "fixture.h"

#include <stdio.h>
#include <time.h>

static const sluice_host *services;

struct scan {
  sluice_handle context;
  int sent;
  struct ArrowSchema column, *columns[1];
  struct ArrowArray child, *children[1];
  const void *top[1], *numbers[2];
};

static void tell(sluice_handle context) {
  char line[32];
  int size = snprintf(line, sizeof line, "%lld", (long long)services->deadline(context));
  sluice_str message = {line, (uint64_t)size};
  services->log(context, SLUICE_LOG_INFO, message);
}

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }

static void make_schema(struct scan *scan, struct ArrowSchema *out) {
  memset(out, 0, sizeof *out);
  memset(&scan->column, 0, sizeof scan->column);
  scan->column.format = "l";
  scan->column.name = "n";
  scan->column.release = release_schema;
  scan->columns[0] = &scan->column;
  out->format = "+s";
  out->n_children = 1;
  out->children = scan->columns;
  out->release = release_schema;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  make_schema(stream->private_data, out);
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  static const int64_t numbers[1] = {7};
  struct scan *scan = stream->private_data;
  memset(out, 0, sizeof *out);
  tell(scan->context);
  if (scan->sent++ == 3)
    return 0;
  struct timespec moment = {0, 300000000};
  nanosleep(&moment, NULL);
  memset(&scan->child, 0, sizeof scan->child);
  scan->numbers[1] = numbers;
  scan->child.length = out->length = 1;
  scan->child.n_buffers = 2;
  scan->child.buffers = scan->numbers;
  scan->child.release = out->release = release_array;
  scan->children[0] = &scan->child;
  out->n_buffers = out->n_children = 1;
  out->buffers = scan->top;
  out->children = scan->children;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}

static void release_stream(struct ArrowArrayStream *stream) {
  free(stream->private_data);
  stream->release = NULL;
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"tells its deadlines\"}");
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  tell(context);
  return fixture_create(config, context, out, error);
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"tables\":[{\"name\":\"\"}]}");
}

static sluice_status schema(sluice_instance *instance, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  static struct scan columns;
  (void)instance, (void)name, (void)error;
  make_schema(&columns, out);
  return fixture_text(details, "{}");
}

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  (void)request;
  struct scan *scan = calloc(1, sizeof *scan);
  if (!scan)
    return fixture_fail(error, SLUICE_TRANSIENT_ERROR, "out of memory");
  scan->context = instance->context;
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = scan;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, NULL, scan};
static const sluice_plugin plugin = {
    sizeof plugin, SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, SLUICE_KIND_CONNECTOR, FIXTURE_NAME("fixture.deadlines"),
    FIXTURE_STR(FIXTURE_VERSION), describe, create, fixture_destroy, fixture_cancel, &ops, NULL,
};

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &plugin;
}
