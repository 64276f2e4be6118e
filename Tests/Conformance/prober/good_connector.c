/* A connector whose source's bytes are rows of one int64 column, in batches as they are asked for. */
#include "good.h"

#define MOST_ROWS 256

static int is_table(sluice_str table) {
#ifdef FAULT_GARBAGE_ID
  (void)table;
  return 1;
#else
  return table.size == 0;
#endif
}

static sluice_status no_table(sluice_error *error) {
  return fail(error, SLUICE_DETERMINISTIC_FAILURE, "there is one table, whose name is empty");
}

/* --- Arrow ---------------------------------------------------------------------------------------------------------- */

static void release_schema(struct ArrowSchema *self) {
  for (int64_t i = 0; i < self->n_children; i++) {
    if (self->children[i]->release)
      self->children[i]->release(self->children[i]);
    free(self->children[i]);
  }
  free(self->children);
  self->release = NULL;
}

static int make_schema(struct ArrowSchema *out) {
  struct ArrowSchema *child = calloc(1, sizeof *child), **children = calloc(1, sizeof *children);
  if (!child || !children) {
    free(child);
    free(children);
    return ENOMEM;
  }
  child->format = "l";
  child->name = "byte";
  child->release = release_schema;
  children[0] = child;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->name = "";
  out->n_children = 1;
  out->children = children;
  out->release = release_schema;
  return 0;
}

static void release_array(struct ArrowArray *self) {
  for (int64_t i = 0; i < self->n_children; i++) {
    if (self->children[i]->release)
      self->children[i]->release(self->children[i]);
    free(self->children[i]);
  }
  free(self->children);
  if (self->n_buffers == 2)
    free((void *)self->buffers[1]);
  free(self->buffers);
  self->release = NULL;
}

static int make_array(struct ArrowArray *out, const uint8_t *bytes, int64_t rows) {
  int64_t *values = malloc((size_t)(rows ? rows : 1) * sizeof *values);
  struct ArrowArray *child = calloc(1, sizeof *child), **children = calloc(1, sizeof *children);
  const void **own = calloc(2, sizeof *own), **top = calloc(1, sizeof *top);
  if (!values || !child || !children || !own || !top) {
    free(values);
    free(child);
    free(children);
    free(own);
    free(top);
    return ENOMEM;
  }
  for (int64_t i = 0; i < rows; i++)
    values[i] = bytes[i];
  own[1] = values;
  *child = (struct ArrowArray){.length = rows, .n_buffers = 2, .buffers = own, .release = release_array};
  children[0] = child;
  *out = (struct ArrowArray){.length = rows, .n_buffers = 1, .n_children = 1, .buffers = top, .children = children,
                             .release = release_array};
  return 0;
}

/* --- the stream ----------------------------------------------------------------------------------------------------- */

struct scan {
  sluice_instance *instance;
  uint64_t at;
  const char *why;
};

static int stream_schema(struct ArrowArrayStream *self, struct ArrowSchema *out) {
  (void)self;
  return make_schema(out);
}

static int stream_next(struct ArrowArrayStream *self, struct ArrowArray *out) {
  struct scan *scan = self->private_data;
  uint8_t bytes[64];
  uint64_t got = 0;
  memset(out, 0, sizeof *out);
  scan->why = "cancelled";
  if (stopped(scan->instance))
    return ECANCELED;
  scan->why = "the source cannot be read";
  sluice_error error = {.struct_size = sizeof error};
  if (!host.read_at || host.read_at(scan->instance->context, 0, scan->at, bytes, sizeof bytes, &got, &error) != SLUICE_OK)
    return EINVAL;
  if (got == 0 || scan->at >= MOST_ROWS)
    return 0;
  scan->at += got;
  scan->why = "out of memory";
  return make_array(out, bytes, (int64_t)got);
}

static const char *stream_error(struct ArrowArrayStream *self) { return ((struct scan *)self->private_data)->why; }

static void stream_release(struct ArrowArrayStream *self) {
  free(self->private_data);
  self->private_data = NULL;
  self->release = NULL;
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  if (!self || bad_out(out))
    return refuse(error);
  first_call(self);
  return give(out, "{\"tables\":[{\"name\":\"\"}]}", error);
}

static sluice_status schema(sluice_instance *self, sluice_str name, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  if (!self || bad_text(name) || !out || bad_out(details))
    return refuse(error);
  if (!is_table(name))
    return no_table(error);
  sluice_status status = give(details, "{\"format\":\"bytes\"}", error);
  if (status != SLUICE_OK || make_schema(out) == 0)
    return status;
  details->release(details);
  return fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
}

static sluice_status split(sluice_instance *self, sluice_str name, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)parts;
  if (!self || bad_text(name) || bad_out(out))
    return refuse(error);
  return is_table(name) ? give(out, "{\"splits\":[{\"id\":\"0\"}]}", error) : no_table(error);
}

/* Enough of JSON for the host's own requests: the split is "0" or absent. */
static sluice_status scan(sluice_instance *self, sluice_str request_json, struct ArrowArrayStream *out,
                          sluice_error *error) {
  if (!self || bad_text(request_json) || !out)
    return refuse(error);
  const char *at = request_json.size ? memmem(request_json.data, request_json.size, "\"split\":", 8) : NULL;
  size_t left = at ? request_json.size - (size_t)(at - request_json.data) : 0;
  if (request_json.size == 0 || request_json.data[0] != '{' ||
      (at && !(left > 12 && (memcmp(at + 8, "null", 4) == 0 || memcmp(at + 8, "\"0\"", 3) == 0))))
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the request names a split that there is not");
  struct scan *state = calloc(1, sizeof *state);
  if (!state)
    return fail(error, SLUICE_QUOTA_EXHAUSTED, "out of memory");
  state->instance = self;
  *out = (struct ArrowArrayStream){stream_schema, stream_next, stream_error, stream_release, state};
  return SLUICE_OK;
}

static const sluice_connector_ops operations = {
    .struct_size = sizeof operations,
    .inventory = inventory,
    .schema = schema,
    .split = split,
    .scan = scan,
};

PLUGIN(SLUICE_KIND_CONNECTOR, "good.connector", &operations)
