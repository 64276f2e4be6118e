/* Building Arrow batches: growing buffers per column, handed over whole. */
#include "sluice_kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define START_ROWS 1024

typedef struct column {
  const char *format;  /* one of the literals below */
  size_t width;        /* bytes a value; 0 for text and bits */
  int64_t rows;
  int64_t nulls;
  int64_t room;        /* rows that validity, offsets and fixed values hold */
  uint8_t *validity;
  int32_t *offsets;    /* text alone */
  uint8_t *values;
  uint64_t used;       /* text alone: bytes in values */
  uint64_t capacity;
} column;

struct sluice_kit_batch {
  int64_t n;
  column *columns;
};

static int is_text(const column *c) { return c->format[0] == 'u' || c->format[0] == 'z'; }

static const char *known(const char *format, size_t *width) {
  static const struct {
    const char *format;
    size_t width;
  } formats[] = {{"b", 0}, {"l", 8}, {"g", 8}, {"u", 0}, {"z", 0}, {"tdD", 4}, {"tsu:UTC", 8}};
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    if (strcmp(formats[i].format, format) != 0) continue;
    *width = formats[i].width;
    return formats[i].format;
  }
  return NULL;
}

static void forget(column *c) {
  free(c->validity);
  free(c->offsets);
  free(c->values);
  c->validity = NULL;
  c->offsets = NULL;
  c->values = NULL;
  c->rows = 0;
  c->nulls = 0;
  c->room = 0;
  c->used = 0;
  c->capacity = 0;
}

sluice_kit_batch *sluice_kit_batch_new(const struct ArrowSchema *schema) {
  if (!schema || schema->n_children < 0 || (schema->n_children > 0 && !schema->children)) return NULL;
  sluice_kit_batch *batch = calloc(1, sizeof *batch);
  if (!batch) return NULL;
  batch->n = schema->n_children;
  batch->columns = calloc((size_t)batch->n + 1, sizeof *batch->columns);
  int good = batch->columns != NULL;
  for (int64_t i = 0; good && i < batch->n; i++) {
    column *c = &batch->columns[i];
    const struct ArrowSchema *child = schema->children[i];
    c->format = child && child->format ? known(child->format, &c->width) : NULL;
    good = c->format != NULL;
  }
  if (!good) {
    sluice_kit_batch_free(batch);
    return NULL;
  }
  return batch;
}

void sluice_kit_batch_free(sluice_kit_batch *batch) {
  if (!batch) return;
  for (int64_t i = 0; batch->columns && i < batch->n; i++) forget(&batch->columns[i]);
  free(batch->columns);
  free(batch);
}

static int resize(void **buffer, size_t size, size_t old) {
  void *grown = realloc(*buffer, size);
  if (!grown) return ENOMEM;
  memset((char *)grown + old, 0, size - old);
  *buffer = grown;
  return 0;
}

static int make_room(column *c) {
  if (c->rows < c->room) return 0;
  int64_t room = c->room ? c->room * 2 : START_ROWS;
  if (room > INT32_MAX) return EOVERFLOW;
  size_t bits = (size_t)room / 8;
  size_t old_bits = (size_t)c->room / 8;
  if (resize((void **)&c->validity, bits, old_bits)) return ENOMEM;
  if (is_text(c)) {
    size_t old = c->offsets ? ((size_t)c->room + 1) * sizeof *c->offsets : 0;
    if (resize((void **)&c->offsets, ((size_t)room + 1) * sizeof *c->offsets, old)) return ENOMEM;
  } else if (c->width) {
    if (resize((void **)&c->values, (size_t)room * c->width, (size_t)c->room * c->width)) return ENOMEM;
  } else if (resize((void **)&c->values, bits, old_bits)) {
    return ENOMEM;
  }
  c->room = room;
  return 0;
}

/* `format` and `other` are the formats that fit; NULL as `format` stands for any. */
static int column_of(sluice_kit_batch *batch, int64_t index, const char *format, const char *other, column **out) {
  if (!batch || index < 0 || index >= batch->n) return EINVAL;
  column *c = &batch->columns[index];
  if (format && strcmp(format, c->format) != 0 && strcmp(other, c->format) != 0) return EINVAL;
  *out = c;
  return make_room(c);
}

static void valid(column *c) {
  c->validity[c->rows >> 3] |= (uint8_t)(1u << (c->rows & 7));
  c->rows++;
}

int sluice_kit_batch_null(sluice_kit_batch *batch, int64_t index) {
  column *c;
  int problem = column_of(batch, index, NULL, NULL, &c);
  if (problem) return problem;
  if (is_text(c)) c->offsets[c->rows + 1] = (int32_t)c->used;
  c->nulls++;
  c->rows++;
  return 0;
}

int sluice_kit_batch_bool(sluice_kit_batch *batch, int64_t index, int value) {
  column *c;
  int problem = column_of(batch, index, "b", "b", &c);
  if (problem) return problem;
  if (value) c->values[c->rows >> 3] |= (uint8_t)(1u << (c->rows & 7));
  valid(c);
  return 0;
}

static int fixed(sluice_kit_batch *batch, int64_t index, const char *format, const char *other,
                 const void *value) {
  column *c;
  int problem = column_of(batch, index, format, other, &c);
  if (problem) return problem;
  memcpy(c->values + (size_t)c->rows * c->width, value, c->width);
  valid(c);
  return 0;
}

int sluice_kit_batch_int64(sluice_kit_batch *batch, int64_t index, int64_t value) {
  return fixed(batch, index, "l", "tsu:UTC", &value);
}

int sluice_kit_batch_float64(sluice_kit_batch *batch, int64_t index, double value) {
  return fixed(batch, index, "g", "g", &value);
}

int sluice_kit_batch_date32(sluice_kit_batch *batch, int64_t index, int32_t days) {
  return fixed(batch, index, "tdD", "tdD", &days);
}

int sluice_kit_batch_bytes(sluice_kit_batch *batch, int64_t index, const void *data, uint64_t size) {
  column *c;
  int problem = column_of(batch, index, "u", "z", &c);
  if (problem) return problem;
  if (size > INT32_MAX || c->used + size > INT32_MAX) return EOVERFLOW;
  if (c->used + size > c->capacity) {
    uint64_t capacity = c->capacity ? c->capacity : 4096;
    while (capacity < c->used + size) capacity *= 2;
    uint8_t *grown = realloc(c->values, capacity);
    if (!grown) return ENOMEM;
    c->values = grown;
    c->capacity = capacity;
  }
  if (size) memcpy(c->values + c->used, data, size);
  c->used += size;
  c->offsets[c->rows + 1] = (int32_t)c->used;
  valid(c);
  return 0;
}

int64_t sluice_kit_batch_rows(const sluice_kit_batch *batch, int64_t index) {
  return batch && index >= 0 && index < batch->n ? batch->columns[index].rows : 0;
}

uint64_t sluice_kit_batch_size(const sluice_kit_batch *batch) {
  uint64_t size = 0;
  for (int64_t i = 0; i < batch->n; i++) {
    const column *c = &batch->columns[i];
    size += is_text(c) ? c->used + 4 * (uint64_t)c->rows : (uint64_t)c->rows * c->width;
    size += (uint64_t)c->rows / 8;
  }
  return size;
}

/* What an array owns: its buffers lie behind `buffers`, its children were allocated one by one. */
typedef struct owner {
  const void *buffers[3];
} owner;

static void release_array(struct ArrowArray *self) {
  owner *own = self->private_data;
  for (int64_t i = 0; i < self->n_children; i++) {
    if (!self->children[i]) continue;
    if (self->children[i]->release) self->children[i]->release(self->children[i]);
    free(self->children[i]);
  }
  free(self->children);
  for (int i = 0; own && i < 3; i++) free((void *)own->buffers[i]);
  free(own);
  memset(self, 0, sizeof *self);
}

static int finish_column(column *c, struct ArrowArray *out) {
  /* A consumer may rely on an offsets buffer of rows + 1 entries, and on a values buffer, even for no rows. */
  int problem = c->room ? 0 : make_room(c);
  if (!problem && !c->values) {
    c->values = calloc(1, 1);
    c->capacity = c->values ? 1 : 0;
    problem = c->values ? 0 : ENOMEM;
  }
  owner *own = problem ? NULL : calloc(1, sizeof *own);
  if (!own) return ENOMEM;
  int buffers = 0;
  if (c->nulls == 0) {
    free(c->validity);
    c->validity = NULL;
  }
  own->buffers[buffers++] = c->validity;
  if (is_text(c)) own->buffers[buffers++] = c->offsets;
  own->buffers[buffers++] = c->values;
  out->length = c->rows;
  out->null_count = c->nulls;
  out->n_buffers = buffers;
  out->buffers = own->buffers;
  out->private_data = own;
  out->release = release_array;
  c->validity = NULL;
  c->offsets = NULL;
  c->values = NULL;
  forget(c);
  return 0;
}

int sluice_kit_batch_finish(sluice_kit_batch *batch, struct ArrowArray *out) {
  memset(out, 0, sizeof *out);
  int64_t rows = batch->n ? batch->columns[0].rows : 0;
  for (int64_t i = 1; i < batch->n; i++) {
    if (batch->columns[i].rows != rows) return EINVAL;
  }
  owner *own = calloc(1, sizeof *own);
  struct ArrowArray **children = calloc((size_t)batch->n + 1, sizeof *children);
  if (!own || !children) {
    free(own);
    free(children);
    return ENOMEM;
  }
  out->length = rows;
  out->n_buffers = 1;
  out->buffers = own->buffers;
  out->children = children;
  out->private_data = own;
  out->release = release_array;
  for (int64_t i = 0; i < batch->n; i++) {
    children[i] = calloc(1, sizeof **children);
    out->n_children = i + 1;
    if (!children[i] || finish_column(&batch->columns[i], children[i])) {
      release_array(out);
      return ENOMEM;
    }
  }
  return 0;
}
