/* A connector of a format that the host does not know: LTSV (http://ltsv.org). A record is a line of fields parted by
 * tabs, a field is `label:value`. The labels of the first record are the columns, all of them text; a label that a later
 * record lacks is null there. Compiled with FIXTURE_ID, FIXTURE_VERSION, and perhaps
 *   LABELS=\"id\tname\"   the columns, which are then known without a byte of the source */
#include "fixture_kit.h"

#include <stdio.h>

enum { MOST = 32 };

struct sluice_instance {
  sluice_handle context;
  char *bytes;
  uint64_t size;
  char *names[MOST];
  int64_t columns;
};
static sluice_host host;

struct reader {
  const sluice_instance *source;
  sluice_kit_batch *batch;
  uint64_t at;
  int64_t batch_rows, skip, begun;
};

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return kit_answer(out, "{\"summary\":\"reads LTSV\"}", error);
}

static int add_name(sluice_instance *self, const char *name, uint64_t size) {
  if (self->columns == MOST)
    return 0;
  char *copy = malloc(size + 1);
  if (!copy)
    return 0;
  memcpy(copy, name, size);
  copy[size] = 0;
  self->names[self->columns++] = copy;
  return 1;
}

/* The end of the line or of the field that begins at `at`. */
static uint64_t end_of(const sluice_instance *self, uint64_t at, char other) {
  while (at < self->size && self->bytes[at] != '\n' && self->bytes[at] != other)
    at++;
  return at;
}

static sluice_status read_all(sluice_instance *self, sluice_error *error) {
  if (host.stream_size(self->context, 0, &self->size, error) != SLUICE_OK)
    return error->code;
  self->bytes = malloc(self->size + 1);
  if (!self->bytes)
    return sluice_kit_fail_memory(error);
  for (uint64_t at = 0, got; at < self->size; at += got) {
    sluice_status status = host.read_at(self->context, 0, at, self->bytes + at, self->size - at, &got, error);
    if (status != SLUICE_OK)
      return status;
    if (got == 0)
      return sluice_kit_fail(error, SLUICE_TRANSIENT_ERROR, "The source is shorter than it was.");
  }
  return SLUICE_OK;
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config;
  sluice_instance *self = *out = calloc(1, sizeof *self);
  if (!self)
    return sluice_kit_fail_memory(error);
  self->context = context;
  sluice_status status = read_all(self, error);
  if (status != SLUICE_OK)
    return status;
#ifdef LABELS
  for (const char *label = LABELS; label; label = strchr(label, '\t') ? strchr(label, '\t') + 1 : NULL)
    if (!add_name(self, label, strcspn(label, "\t")))
      return sluice_kit_fail_memory(error);
#else
  for (uint64_t at = 0; at < self->size && self->bytes[at] != '\n'; at++) {
    uint64_t end = end_of(self, at, '\t');
    const char *colon = memchr(self->bytes + at, ':', end - at);
    if (!colon || !add_name(self, self->bytes + at, (uint64_t)(colon - self->bytes) - at))
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "header: a field of the first record has no label");
    at = end;
    if (at < self->size && self->bytes[at] == '\n')
      break;
  }
#endif
  return SLUICE_OK;
}

static void destroy(sluice_instance *self) {
  for (int64_t i = 0; i < self->columns; i++)
    free(self->names[i]);
  free(self->bytes);
  free(self);
}

static void cancel(sluice_instance *self) { (void)self; }

static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return kit_answer(out, "{\"tables\":[{\"name\":\"\"}]}", error);
}

static int make_schema(const sluice_instance *self, struct ArrowSchema *out) {
  int failed = sluice_kit_schema_struct(out, self->columns);
  for (int64_t i = 0; i < self->columns && !failed; i++)
    failed = sluice_kit_schema_column(out, i, self->names[i], "u", 1);
  return failed;
}

static sluice_status schema(sluice_instance *self, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)table;
  if (make_schema(self, out))
    return sluice_kit_fail_memory(error);
  return kit_answer(details, "{\"format\":\"ltsv\",\"encoding\":\"utf-8\"}", error);
}

static sluice_status split(sluice_instance *self, sluice_str table, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)self, (void)table, (void)parts;
  return kit_answer(out, "{\"splits\":[{\"id\":\"0\",\"hint_bytes\":0}]}", error);
}

/* One record into the batch; a label that is not a column is left out. */
static int append(struct reader *self, uint64_t line, uint64_t end) {
  const sluice_instance *source = self->source;
  for (int64_t column = 0; column < source->columns; column++) {
    uint64_t name = strlen(source->names[column]), found = 0;
    for (uint64_t at = line; at < end && !found; at++) {
      uint64_t stop = end_of(source, at, '\t');
      if (stop - at > name && source->bytes[at + name] == ':' && !memcmp(source->bytes + at, source->names[column], name)) {
        if (sluice_kit_batch_bytes(self->batch, column, source->bytes + at + name + 1, stop - at - name - 1))
          return 0;
        found = 1;
      }
      at = stop;
    }
    if (!found && sluice_kit_batch_null(self->batch, column))
      return 0;
  }
  return 1;
}

static sluice_status next(void *state, struct ArrowArray *out, sluice_error *error) {
  struct reader *self = state;
  const sluice_instance *source = self->source;
  int64_t rows = 0;
  while (self->at < source->size && rows < self->batch_rows) {
    uint64_t line = self->at, end = end_of(source, line, '\n');
    self->at = end + 1;
    if (self->skip > 0) {
      self->skip--;
      continue;
    }
    if (!append(self, line, end))
      return sluice_kit_fail_memory(error);
    rows++;
  }
  if (rows == 0 && self->begun)
    return SLUICE_OK;
  self->begun = 1;
  return sluice_kit_batch_finish(self->batch, out) ? sluice_kit_fail_memory(error) : SLUICE_OK;
}

static void close_reader(void *state) {
  struct reader *self = state;
  sluice_kit_batch_free(self->batch);
  free(self);
}

static const sluice_kit_stream_ops stream_ops = {next, close_reader};

static sluice_status scan(sluice_instance *self, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  sluice_kit_json *json;
  sluice_status status = sluice_kit_json_parse(request, &json, error);
  if (status != SLUICE_OK)
    return status;
  const sluice_kit_value *root = sluice_kit_json_root(json);
  struct reader *reader = calloc(1, sizeof *reader);
  if (reader) {
    reader->source = self;
    reader->batch_rows = sluice_kit_json_get(root, "batch_rows")->integer;
    reader->skip = sluice_kit_json_get(root, "skip_rows")->integer;
  }
  sluice_kit_json_free(json);
  struct ArrowSchema made;
  if (!reader || make_schema(self, &made) || !(reader->batch = sluice_kit_batch_new(&made)) ||
      sluice_kit_stream(out, &made, &stream_ops, reader)) {
    free(reader);
    return sluice_kit_fail_memory(error);
  }
  return SLUICE_OK;
}

SLUICE_KIT_CONNECTOR(plugin, FIXTURE_ID, FIXTURE_VERSION, describe, create, destroy, cancel, inventory, schema, split,
                     scan);
SLUICE_KIT_ENTRY(plugin, host)
