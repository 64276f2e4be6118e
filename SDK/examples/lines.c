/* A connector of lines: what the host calls. Its arrays are made by the file beside it (lines.h). */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "sluice_kit.h"

#define SOURCE_MAX (64 << 20)
#define BATCH_ROWS_MAX (1 << 20)

struct sluice_instance {
  sluice_handle context;
};

static sluice_host host;

static sluice_status answer(const char *json, sluice_text *out, sluice_error *error) {
  return sluice_kit_text_copy(out, json, strlen(json), error);
}
static sluice_status describe(sluice_text *out, sluice_error *error) {
  return answer("{\"summary\":\"Reads a text file as a table of lines.\"}", out, error);
}
static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config;
  sluice_instance *self = calloc(1, sizeof *self);
  if (!self) return sluice_kit_fail_memory(error);
  self->context = context;
  *out = self;
  return SLUICE_OK;
}
static void destroy(sluice_instance *self) { free(self); }
static void cancel(sluice_instance *self) { (void)self; }
static sluice_status inventory(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return answer("{\"tables\":[{\"name\":\"\"}]}", out, error);
}
static sluice_status only_table(sluice_str table, sluice_error *error) {
  if (table.size == 0) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "A text file has one table, named \"\": ask for that.");
}
static sluice_status schema(sluice_instance *self, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)self;
  sluice_status status = only_table(table, error);
  if (status != SLUICE_OK) return status;
  if (lines_schema(1, 0, out)) return sluice_kit_fail_memory(error);
  status = answer("{\"format\":\"lines\",\"encoding\":\"utf-8\"}", details, error);
  if (status != SLUICE_OK) sluice_kit_schema_release(out); /* both results, or none */
  return status;
}
static sluice_status split(sluice_instance *self, sluice_str table, uint32_t parts, sluice_text *out, sluice_error *error) {
  (void)self, (void)parts;
  sluice_status status = only_table(table, error);
  return status != SLUICE_OK ? status : answer("{\"splits\":[{\"id\":\"0\"}]}", out, error);
}

/* The whole source in memory that the caller frees. */
static sluice_status load(sluice_handle context, char **text, uint64_t *size, sluice_error *error) {
  sluice_status status = sluice_kit_stream_size(&host, context, 0, size, error);
  if (status != SLUICE_OK) return status;
  if (*size > SOURCE_MAX) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The source is larger than 64 MiB: this example reads less.");
  }
  *text = malloc(*size + 1);
  if (!*text) return sluice_kit_fail_memory(error);
  return sluice_kit_read_at(&host, context, 0, 0, *text, *size, size, error);
}

/* The rows from `skip` on, in memory that the caller frees. */
static lines_row *cut(const char *text, uint64_t size, int64_t skip, int64_t *n) {
  int64_t number = 0, room = 1;
  for (uint64_t i = 0; i < size; i++) room += text[i] == '\n';
  lines_row *rows = calloc((size_t)room, sizeof *rows);
  *n = 0;
  for (uint64_t at = 0; rows && at < size;) {
    const char *feed = memchr(text + at, '\n', size - at);
    uint64_t length = feed ? (uint64_t)(feed - text) - at : size - at;
    if (++number > skip) {
      lines_row *row = &rows[(*n)++];
      *row = (lines_row){number, (int64_t)at, text + at, (int64_t)length, NULL};
      if (sluice_kit_utf8_prefix(row->text, length) < length) row->reject = "INVALID_ENCODING";
    }
    at += length + 1;
  }
  return rows;
}

static sluice_status scan(sluice_instance *self, sluice_str request, struct ArrowArrayStream *out, sluice_error *error) {
  sluice_kit_json *json = NULL;
  char *text = NULL;
  uint64_t size = 0;
  sluice_status status = sluice_kit_json_parse(request, &json, error);
  if (status != SLUICE_OK) return status;
  const sluice_kit_value *root = sluice_kit_json_root(json);
  const sluice_kit_value *columns = sluice_kit_json_get(root, "columns"), *rows = sluice_kit_json_get(root, "batch_rows");
  const sluice_kit_value *skip = sluice_kit_json_get(root, "skip_rows"), *table = sluice_kit_json_get(root, "table");
  const sluice_kit_value *part = sluice_kit_json_get(root, "split");
  lines_scan scan = {.batch_rows = rows && rows->integer > 0 ? rows->integer : 16384};
  /* Fewer rows a batch than were asked for are always right, and no sum of two such numbers overflows. */
  if (scan.batch_rows > BATCH_ROWS_MAX) scan.batch_rows = BATCH_ROWS_MAX;
  scan.with_line = !columns || columns->type == SLUICE_KIT_NULL || columns->count > 0;
  if (table) status = only_table(table->text, error);
  if (status == SLUICE_OK && part && part->type != SLUICE_KIT_NULL && !sluice_kit_str_equal(part->text, sluice_kit_str("0"))) {
    status = sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The source has one part, \"0\": ask for that or none.");
  }
  if (status == SLUICE_OK) status = load(self->context, &text, &size, error);
  if (status == SLUICE_OK) {
    lines_row *cut_rows = cut(text, size, skip ? skip->integer : 0, &scan.n);
    scan.rows = cut_rows;
    if (!cut_rows || lines_stream(&scan, out)) status = sluice_kit_fail_memory(error);
    free(cut_rows);
  }
  free(text);
  sluice_kit_json_free(json);
  return status;
}

SLUICE_KIT_CONNECTOR(plugin, LINES_ID, "0.1.0", describe, create, destroy, cancel, inventory, schema, split, scan);
SLUICE_KIT_ENTRY(plugin, host)
