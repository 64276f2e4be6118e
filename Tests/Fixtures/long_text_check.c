/* A check as a third party would write it, on the C kit: texts of more than LONGEST characters, by the host's companion
 * `length`. Compiled with FIXTURE_ID, FIXTURE_VERSION, and perhaps
 *   LONGEST=n            10 unless told
 *   COMPANIONS=\"a\"…    what it asks for in place of \"length\" */
#include "fixture_kit.h"

#ifndef LONGEST
#define LONGEST 10
#endif
#ifndef COMPANIONS
#define COMPANIONS "\"length\""
#endif

struct sluice_instance {
  struct ArrowSchema schema;
  int64_t rows, found, first;
};
static sluice_host host;

static sluice_status describe(sluice_text *out, sluice_error *error) {
  return kit_answer(out, "{\"summary\":\"counts long texts\"}", error);
}

static sluice_status create(sluice_str config, sluice_handle context, sluice_instance **out, sluice_error *error) {
  (void)config, (void)context;
  *out = calloc(1, sizeof **out);
  return *out ? SLUICE_OK : sluice_kit_fail_memory(error);
}

static void destroy(sluice_instance *self) {
  sluice_kit_schema_release(&self->schema);
  free(self);
}

static void cancel(sluice_instance *self) { (void)self; }

static sluice_status declare(sluice_instance *self, sluice_text *out, sluice_error *error) {
  (void)self;
  return kit_answer(out,
                    "{\"companions\":[" COMPANIONS "],\"reads\":\"validity\",\"reason_codes\":[\"LONG_TEXT\"],"
                    "\"metrics\":[\"long_text_rate\"]}",
                    error);
}

static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  (void)params;
  sluice_kit_schema_release(&self->schema);
  self->rows = self->found = 0;
  self->first = -1;
  return sluice_kit_schema_copy(schema, &self->schema) ? sluice_kit_fail_memory(error) : SLUICE_OK;
}

static int is_length(const char *name) {
  size_t size = strlen(name);
  return size > 7 && strcmp(name + size - 7, ".length") == 0;
}

static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  sluice_kit_view ordinals;
  if (sluice_kit_view_column(&ordinals, &self->schema, batch, 0))
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "There are no ordinals.");
  for (int64_t i = 1; i < self->schema.n_children; i++) {
    sluice_kit_view view;
    if (!is_length(self->schema.children[i]->name) || sluice_kit_view_column(&view, &self->schema, batch, i))
      continue;
    for (int64_t row = 0; row < view.length; row++) {
      if (sluice_kit_view_int64(&view, row) <= LONGEST)
        continue;
      if (self->first < 0)
        self->first = sluice_kit_view_int64(&ordinals, row);
      self->found++;
    }
  }
  self->rows += batch->length;
  sluice_kit_array_release(batch);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  (void)self, (void)state;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "This check keeps no state.");
}

static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  sluice_kit_writer json = {0};
  if (mode != SLUICE_FINISH_VERDICT)
    return merge(self, (sluice_bytes){0}, error);
  sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "rows"), sluice_kit_integer(&json, self->rows);
  sluice_kit_key(&json, "findings"), sluice_kit_begin_array(&json), sluice_kit_begin_object(&json);
  sluice_kit_key(&json, "metric"), sluice_kit_cstring(&json, "long_text_rate");
  sluice_kit_key(&json, "value"), sluice_kit_number(&json, self->rows ? (double)self->found / (double)self->rows : 0);
  sluice_kit_key(&json, "count"), sluice_kit_integer(&json, self->found);
  sluice_kit_key(&json, "reason_code"), sluice_kit_cstring(&json, "LONG_TEXT");
  sluice_kit_key(&json, "ordinals"), sluice_kit_begin_array(&json);
  if (self->first >= 0)
    sluice_kit_integer(&json, self->first);
  sluice_kit_end_array(&json), sluice_kit_end_object(&json), sluice_kit_end_array(&json);
  sluice_kit_end_object(&json);
  return sluice_kit_writer_finish(&json, out, error);
}

SLUICE_KIT_CHECK(plugin, FIXTURE_ID, FIXTURE_VERSION, describe, create, destroy, cancel, declare, begin, update, merge,
                 finish);
SLUICE_KIT_ENTRY(plugin, host)
