/* A connector whose nulls hide values: each line of its source is `V TAB ID TAB TEXT TAB NUMBER`. With V 0, text and number
 * are null in the batch, and their bytes lie in the buffers all the same, as Arrow allows. ABORTS makes it abort in the
 * middle of a scan, with the source in its memory. */
#include "fixture.h"

enum { COLUMNS = 3, MOST = 1 << 16 };

static const sluice_host *services;
static const char *const names[COLUMNS] = {"id", "full_name", "member_no"};
static const char *const formats[COLUMNS] = {"l", "u", "l"};
static int64_t rows, ids[MOST], numbers[MOST];
static int32_t offsets[MOST + 1];
static uint8_t validity[MOST / 8 + 1];
static char *texts;
static int sent;
static struct ArrowSchema columns[COLUMNS], *column_list[COLUMNS];
static struct ArrowArray children[COLUMNS], *child_list[COLUMNS];
static const void *top[1], *id_buffers[2] = {NULL, ids}, *number_buffers[2] = {validity, numbers};
static const void *text_buffers[3] = {validity, offsets, NULL};

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }
static void release_stream(struct ArrowArrayStream *stream) { stream->release = NULL; }

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"hides values under nulls\"}");
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  sluice_status status = fixture_create(config, context, out, error);
  uint64_t size = 0, got = 0;
  if (status == SLUICE_OK)
    status = services->stream_size(context, 0, &size, error);
  char *bytes = malloc(size + 1);
  texts = malloc(size + 1);
  if (status != SLUICE_OK || !bytes || !texts)
    return status;
  for (uint64_t at = 0; at < size; at += got) {
    status = services->read_at(context, 0, at, bytes + at, size - at, &got, error);
    if (status != SLUICE_OK || got == 0)
      return status;
  }
  bytes[size] = 0;
  char *rest = NULL;
  for (char *line = strtok_r(bytes, "\n", &rest); line && rows < MOST; line = strtok_r(NULL, "\n", &rest), rows++) {
    char *cells[4] = {line};
    for (int i = 1; i < 4; i++) {
      char *tab = strchr(cells[i - 1], '\t');
      if (!tab)
        return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "a line has fewer than four cells");
      *tab = 0;
      cells[i] = tab + 1;
    }
    if (*cells[0] != '0')
      validity[rows / 8] |= (uint8_t)(1u << rows % 8);
    ids[rows] = strtoll(cells[1], NULL, 10);
    numbers[rows] = strtoll(cells[3], NULL, 10);
    size_t length = strlen(cells[2]);
    memcpy(texts + offsets[rows], cells[2], length);
    offsets[rows + 1] = offsets[rows] + (int32_t)length;
  }
  text_buffers[2] = texts;
  return SLUICE_OK;
}

static sluice_status inventory(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"tables\":[{\"name\":\"\"}]}");
}

static void make_schema(struct ArrowSchema *out) {
  for (int i = 0; i < COLUMNS; i++) {
    columns[i] = (struct ArrowSchema){.format = formats[i], .name = names[i], .flags = ARROW_FLAG_NULLABLE};
    columns[i].release = release_schema;
    column_list[i] = &columns[i];
  }
  *out = (struct ArrowSchema){.format = "+s", .n_children = COLUMNS, .children = column_list};
  out->release = release_schema;
}

static sluice_status schema(sluice_instance *instance, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                            sluice_error *error) {
  (void)instance, (void)table, (void)error;
  make_schema(out);
  return fixture_text(details, "{\"format\":\"nulls\",\"encoding\":\"utf-8\"}");
}

static sluice_status split(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,
                           sluice_error *error) {
  (void)instance, (void)table, (void)parts, (void)error;
  return fixture_text(out, "{\"splits\":[{\"id\":\"0\",\"hint_bytes\":0}]}");
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  (void)stream;
  make_schema(out);
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  (void)stream;
  memset(out, 0, sizeof *out);
#ifdef ABORTS
  abort();
#endif
  if (sent || rows == 0)
    return 0;
  sent = 1;
  const void **buffers[COLUMNS] = {id_buffers, text_buffers, number_buffers};
  for (int i = 0; i < COLUMNS; i++) {
    children[i] = (struct ArrowArray){.length = rows, .null_count = i ? -1 : 0, .n_buffers = i == 1 ? 3 : 2};
    children[i].buffers = buffers[i];
    children[i].release = release_array;
    child_list[i] = &children[i];
  }
  *out = (struct ArrowArray){.length = rows, .n_buffers = 1, .buffers = top, .n_children = COLUMNS};
  out->children = child_list;
  out->release = release_array;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}

static sluice_status scan(sluice_instance *instance, sluice_str request, struct ArrowArrayStream *out,
                          sluice_error *error) {
  (void)instance, (void)request, (void)error;
  memset(out, 0, sizeof *out);
  sent = 0;
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  return SLUICE_OK;
}

static const sluice_connector_ops ops = {sizeof ops, 0, inventory, schema, split, scan};
static const sluice_plugin plugin = {
    sizeof plugin, SLUICE_ABI_MAJOR, FIXTURE_ABI_MINOR, SLUICE_KIND_CONNECTOR, FIXTURE_NAME("fixture.under_nulls"),
    FIXTURE_STR(FIXTURE_VERSION), describe, create, fixture_destroy, fixture_cancel, &ops, NULL,
};

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  services = host->host;
  return &plugin;
}
