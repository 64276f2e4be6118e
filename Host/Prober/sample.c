/* Masked batches as the host makes them, in small. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prober.h"

#define COLUMNS 5

static const struct {
  const char *format;
  int key, nullable;
} columns[COLUMNS] = {{"u", 1, 0}, {"u", 0, 1}, {"l", 0, 1}, {"g", 0, 1}, {"tdD", 0, 1}};

uint64_t random_next(uint64_t *state) { /* SplitMix64 */
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static int is_text(const sluice_kit_value *value, const char *text) {
  return value && value->type == SLUICE_KIT_STRING && sluice_kit_str_equal(value->text, sluice_kit_str(text));
}

int sample_wants(sluice_str declared, struct wants *wants) {
  sluice_kit_json *json = NULL;
  memset(wants, 0, sizeof *wants);
  if (sluice_kit_json_parse(declared, &json, NULL) != SLUICE_OK)
    return 0;
  const sluice_kit_value *root = sluice_kit_json_root(json);
  int is_object = root->type == SLUICE_KIT_OBJECT;
  wants->reads_text = !is_text(sluice_kit_json_get(root, "reads"), "validity");
  wants->key_alone = is_text(sluice_kit_json_get(root, "columns"), "key");
  const sluice_kit_value *list = sluice_kit_json_get(root, "companions");
  for (const sluice_kit_value *one = list ? list->first : NULL; one; one = one->next) {
    wants->key |= is_text(one, "key");
    wants->shape |= is_text(one, "shape");
    wants->length |= is_text(one, "length");
    wants->valid |= is_text(one, "valid");
    wants->bloom |= is_text(one, "bloom");
  }
  sluice_kit_json_free(json);
  return is_object;
}

static void add_column(struct ArrowSchema *schema, int64_t *at, const char *name, const char *format, int nullable) {
  if (sluice_kit_schema_column(schema, (*at)++, name, format, nullable))
    out_of_memory();
}

void sample_schema(const struct wants *wants, struct ArrowSchema *out) {
  int used = wants->key_alone ? 1 : COLUMNS;
  int64_t at = 0;
  char name[16];
  int each = 1 + wants->key + wants->shape + wants->length + wants->valid + wants->bloom;
  if (sluice_kit_schema_struct(out, 1 + used * each))
    out_of_memory();
  add_column(out, &at, "sluice.ordinal", "l", 0);
  for (int i = 0; i < used; i++) {
    snprintf(name, sizeof name, "c%d", i);
    add_column(out, &at, name, wants->reads_text ? columns[i].format : "u", columns[i].nullable);
    const struct {
      int wanted;
      const char *suffix, *format;
    } companions[] = {{wants->key, "key", "u"},
                      {wants->shape, "shape", "u"},
                      {wants->length, "length", "l"},
                      {wants->valid, "valid", "b"},
                      {wants->bloom, "bloom", "z"}};
    for (size_t j = 0; j < sizeof companions / sizeof *companions; j++) {
      if (!companions[j].wanted)
        continue;
      snprintf(name, sizeof name, "c%d.%s", i, companions[j].suffix);
      add_column(out, &at, name, companions[j].format, 1);
    }
  }
}

char *sample_params(const struct wants *wants) {
  sluice_kit_writer writer = {0};
  sluice_kit_begin_object(&writer);
  sluice_kit_key(&writer, "columns");
  sluice_kit_begin_array(&writer);
  for (int i = 0; i < (wants->key_alone ? 1 : COLUMNS); i++) {
    char name[16];
    snprintf(name, sizeof name, "c%d", i);
    sluice_kit_begin_object(&writer);
    sluice_kit_key(&writer, "id");
    sluice_kit_cstring(&writer, name);
    sluice_kit_key(&writer, "key");
    sluice_kit_bool(&writer, columns[i].key);
    sluice_kit_key(&writer, "nullable");
    sluice_kit_bool(&writer, columns[i].nullable);
    sluice_kit_end_object(&writer);
  }
  sluice_kit_end_array(&writer);
  sluice_kit_key(&writer, "thresholds");
  sluice_kit_begin_object(&writer);
  sluice_kit_end_object(&writer);
  sluice_kit_end_object(&writer);
  sluice_kit_append(&writer, "", 1);
  if (writer.failed)
    out_of_memory();
  return writer.data;
}

/* Keys repeat now and then, and of what may be null one in five is. */
static int put(sluice_kit_batch *batch, int64_t column, const struct ArrowSchema *type, uint64_t chance) {
  char text[32];
  unsigned char filter[128];
  if ((type->flags & ARROW_FLAG_NULLABLE) && chance % 5 == 0)
    return sluice_kit_batch_null(batch, column);
  switch (type->format[0]) {
  case 'b':
    return sluice_kit_batch_bool(batch, column, (int)(chance & 1));
  case 'z': /* a filter, of the size and about as full as the host's */
    for (size_t i = 0; i < sizeof filter; i++)
      filter[i] = (unsigned char)(random_next(&chance) & random_next(&chance));
    return sluice_kit_batch_bytes(batch, column, filter, sizeof filter);
  case 'l':
    return sluice_kit_batch_int64(batch, column, (int64_t)(chance % 1000));
  case 'g':
    return sluice_kit_batch_float64(batch, column, (double)(chance % 1000) / 8);
  case 't':
    return sluice_kit_batch_date32(batch, column, (int32_t)(chance % 20000));
  default:
    snprintf(text, sizeof text, "aaa-%u", (unsigned)(chance % 6));
    return sluice_kit_batch_bytes(batch, column, text, strlen(text));
  }
}

void sample_batch(const struct ArrowSchema *schema, int64_t first, int64_t rows, uint64_t seed, struct ArrowArray *out) {
  sluice_kit_batch *batch = sluice_kit_batch_new(schema);
  int problem = batch ? 0 : 1;
  for (int64_t row = 0; !problem && row < rows; row++) {
    problem = sluice_kit_batch_int64(batch, 0, first + row);
    for (int64_t i = 1; !problem && i < schema->n_children; i++)
      problem = put(batch, i, schema->children[i], random_next(&seed));
  }
  if (problem || sluice_kit_batch_finish(batch, out))
    out_of_memory();
  sluice_kit_batch_free(batch);
}
