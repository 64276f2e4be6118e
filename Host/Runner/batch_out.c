/* Arrow C Data → wire batch. The producer is foreign: everything that can be checked is, and what cannot (how long a
 * buffer really is) can only crash this process, which holds nothing but the plugin. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "wire.h"

static const struct {
  uint32_t type;
  const char *format;
  uint32_t width; /* bytes of a value; 0: bits or variable */
} types[] = {
    {WIRE_BOOL, "b", 0},    {WIRE_INT64, "l", 8},  {WIRE_FLOAT64, "g", 8},         {WIRE_UTF8, "u", 0},
    {WIRE_DATE32, "tdD", 4}, {WIRE_BINARY, "z", 0}, {WIRE_TIMESTAMP, "tsu:UTC", 8},
};

#define N_TYPES (sizeof types / sizeof *types)

const char *batch_format(uint32_t type) {
  for (size_t i = 0; i < N_TYPES; i++)
    if (types[i].type == type)
      return types[i].format;
  return NULL;
}

static uint32_t width_of(uint32_t type) {
  for (size_t i = 0; i < N_TYPES; i++)
    if (types[i].type == type)
      return types[i].width;
  return 0;
}

static int is_variable(uint32_t type) { return type == WIRE_UTF8 || type == WIRE_BINARY; }

void batch_schema_free(struct batch_schema *schema) {
  for (uint32_t i = 0; i < schema->count; i++)
    free(schema->columns[i].name);
  free(schema->columns);
  memset(schema, 0, sizeof *schema);
}

int batch_schema_same(const struct batch_schema *a, const struct batch_schema *b) {
  if (a->count != b->count)
    return 0;
  for (uint32_t i = 0; i < a->count; i++)
    if (a->columns[i].type != b->columns[i].type)
      return 0;
  return 1;
}

__attribute__((format(printf, 2, 3))) static int fail(struct batch_fault *fault, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fault->text, sizeof fault->text, format, arguments);
  va_end(arguments);
  return -1;
}

static int column_of(const struct ArrowSchema *child, uint32_t index, struct batch_column *out,
                     struct batch_fault *fault) {
  if (!child || !child->format)
    return fail(fault, "column %u of the schema has no format", index);
  if (child->dictionary)
    return fail(fault, "column %u is dictionary-encoded: emit its values instead", index);
  for (size_t i = 0; i < N_TYPES; i++)
    if (strcmp(types[i].format, child->format) == 0)
      out->type = types[i].type;
  if (!out->type)
    return fail(fault, "column %u has Arrow format \"%.32s\", which is not one of b l g u z tdD tsu:UTC", index,
                child->format);
  if (child->n_children != 0)
    return fail(fault, "column %u has children: nested columns are not supported", index);
  const char *name = child->name ? child->name : "";
  size_t size = strnlen(name, BATCH_MAX_NAME + 1);
  if (size > BATCH_MAX_NAME)
    return fail(fault, "the name of column %u is longer than %d bytes", index, BATCH_MAX_NAME);
  if (!utf8_valid(name, size))
    return fail(fault, "the name of column %u is not UTF-8", index);
  out->name = malloc(size + 1);
  if (!out->name)
    _exit(WIRE_EXIT_MEMORY);
  memcpy(out->name, name, size);
  out->name[size] = '\0';
  out->name_size = (uint32_t)size;
  out->flags = child->flags & ARROW_FLAG_NULLABLE ? WIRE_FLAG_NULLABLE : 0;
  return 0;
}

int batch_schema_of(const struct ArrowSchema *schema, struct batch_schema *out, struct batch_fault *fault) {
  memset(out, 0, sizeof *out);
  if (!schema->release)
    return fail(fault, "the plugin returned no schema (release is NULL)");
  if (!schema->format || strcmp(schema->format, "+s") != 0)
    return fail(fault, "a schema must be a struct, Arrow format \"+s\"");
  if (schema->n_children < 0 || schema->n_children > BATCH_MAX_COLUMNS)
    return fail(fault, "the schema has %lld columns; at most %d are supported", (long long)schema->n_children,
                BATCH_MAX_COLUMNS);
  if (schema->n_children > 0 && !schema->children)
    return fail(fault, "the schema's children are NULL");
  out->columns = calloc((size_t)schema->n_children + 1, sizeof *out->columns);
  if (!out->columns)
    _exit(WIRE_EXIT_MEMORY);
  for (int64_t i = 0; i < schema->n_children; i++) {
    out->count = (uint32_t)i + 1;
    if (column_of(schema->children[i], (uint32_t)i, &out->columns[i], fault) != 0) {
      batch_schema_free(out);
      return -1;
    }
  }
  return 0;
}

static int bit_at(const uint8_t *bits, int64_t index) { return bits[index >> 3] >> (index & 7) & 1; }

/* Copy `count` bits from bit `start` on to the beginning of `to`; the bits behind the last are 0. */
static void copy_bits(uint8_t *to, const uint8_t *bits, int64_t start, int64_t count) {
  if (count == 0)
    return;
  const uint8_t *from = bits + (start >> 3);
  unsigned shift = (unsigned)(start & 7);
  int64_t bytes = (count + 7) / 8;
  if (shift == 0) {
    memcpy(to, from, (size_t)bytes);
  } else {
    int64_t last = (shift + count - 1) / 8; /* index of the last source byte that holds a wanted bit */
    for (int64_t i = 0; i < bytes; i++) {
      unsigned pair = from[i] | (i + 1 <= last ? (unsigned)from[i + 1] << 8 : 0);
      to[i] = (uint8_t)(pair >> shift);
    }
  }
  if (count & 7)
    to[bytes - 1] &= (uint8_t)((1u << (count & 7)) - 1);
}

static int64_t count_nulls(const uint8_t *validity, int64_t start, int64_t count) {
  if (!validity)
    return 0;
  int64_t ones = 0, i = 0;
  for (; i < count && ((start + i) & 7); i++)
    ones += bit_at(validity, start + i);
  for (; i + 64 <= count; i += 64) {
    uint64_t word;
    memcpy(&word, validity + ((start + i) >> 3), 8);
    ones += __builtin_popcountll(word);
  }
  for (; i + 8 <= count; i += 8)
    ones += __builtin_popcount(validity[(start + i) >> 3]);
  for (; i < count; i++)
    ones += bit_at(validity, start + i);
  return count - ones;
}

static int32_t offset_at(const void *offsets, int64_t index) {
  int32_t value;
  memcpy(&value, (const uint8_t *)offsets + index * 4, sizeof value); /* may lie unaligned */
  return value;
}

static int check_offsets(const struct ArrowArray *child, uint32_t index, int64_t start, int64_t rows,
                         struct batch_fault *fault) {
  if (!child->buffers[1])
    return fail(fault, "column %u has no offsets", index);
  int32_t previous = offset_at(child->buffers[1], start);
  if (previous < 0)
    return fail(fault, "column %u: its first offset is negative", index);
  /* Without a branch in the loop, so that it is done in vectors; where they fall is looked for when they do. */
  int falls = 0;
  for (int64_t i = start; i < start + rows; i++)
    falls |= offset_at(child->buffers[1], i + 1) < offset_at(child->buffers[1], i);
  for (int64_t i = 0; falls && i < rows; i++)
    if (offset_at(child->buffers[1], start + i + 1) < offset_at(child->buffers[1], start + i))
      return fail(fault, "column %u: offsets fall at row %lld", index, (long long)i);
  if (offset_at(child->buffers[1], start + rows) > previous && !child->buffers[2])
    return fail(fault, "column %u has no values buffer", index);
  return 0;
}

static int check_column(const struct batch_column *column, const struct ArrowArray *child, uint32_t index,
                        int64_t top_offset, int64_t rows, struct batch_fault *fault) {
  if (!child || !child->release)
    return fail(fault, "column %u was released before it was handed over", index);
  if (child->dictionary || child->n_children != 0)
    return fail(fault, "column %u is nested or dictionary-encoded, unlike its schema", index);
  int64_t buffers = is_variable(column->type) ? 3 : 2;
  if (child->n_buffers != buffers || !child->buffers)
    return fail(fault, "column %u has %lld buffers; its type has %lld", index, (long long)child->n_buffers,
                (long long)buffers);
  if (child->length < 0 || child->offset < 0 || child->offset > INT32_MAX || child->length > INT32_MAX)
    return fail(fault, "column %u has an impossible length or offset", index);
  if (child->length < top_offset + rows)
    return fail(fault, "column %u has %lld rows where the batch has %lld", index, (long long)child->length,
                (long long)(top_offset + rows));
  if (child->null_count < -1 || child->null_count > child->length)
    return fail(fault, "column %u has an impossible null count", index);
  if (child->null_count > 0 && !child->buffers[0])
    return fail(fault, "column %u counts nulls but has no validity buffer", index);
  if (rows == 0)
    return 0;
  int64_t start = child->offset + top_offset;
  if (!(column->flags & WIRE_FLAG_NULLABLE) && count_nulls(child->buffers[0], start, rows) != 0)
    return fail(fault, "column %u holds nulls but its schema says that it is not nullable", index);
  if (is_variable(column->type))
    return check_offsets(child, index, start, rows, fault);
  if (!child->buffers[1])
    return fail(fault, "column %u has no values buffer", index);
  return 0;
}

int batch_check(const struct batch_schema *schema, const struct ArrowArray *array, struct batch_fault *fault) {
  if (array->length < 0 || array->offset < 0 || array->offset > INT32_MAX || array->length > INT32_MAX)
    return fail(fault, "the batch has an impossible length or offset (at most 2147483647 rows)");
  if (array->dictionary || array->n_buffers != 1 || !array->buffers)
    return fail(fault, "the batch is not a struct array with one buffer");
  if (array->n_children != (int64_t)schema->count || (schema->count && !array->children))
    return fail(fault, "the batch has %lld columns; its schema has %u", (long long)array->n_children, schema->count);
  if (array->null_count > 0 || count_nulls(array->buffers[0], array->offset, array->length) != 0)
    return fail(fault, "the batch has nulls at its top: put them into the columns");
  for (uint32_t i = 0; i < schema->count; i++)
    if (check_column(&schema->columns[i], array->children[i], i, array->offset, array->length, fault) != 0)
      return -1;
  return 0;
}

/* One column of a row range, measured. */
struct measure {
  int64_t nulls;
  uint64_t size[3]; /* validity, offsets, values */
};

static struct measure measure(const struct batch_column *column, const struct ArrowArray *child, int64_t start,
                              int64_t rows) {
  struct measure m = {0, {0, 0, 0}};
  if (rows == 0)
    return m;
  uint64_t bits = ((uint64_t)rows + 7) / 8;
  const uint8_t *validity = child->buffers[0];
  m.nulls = count_nulls(validity, start, rows);
  m.size[0] = m.nulls ? bits : 0;
  if (!is_variable(column->type)) {
    m.size[2] = column->type == WIRE_BOOL ? bits : (uint64_t)rows * width_of(column->type);
    return m;
  }
  m.size[1] = ((uint64_t)rows + 1) * 4;
  const void *offsets = child->buffers[1];
  m.size[2] = (uint64_t)(offset_at(offsets, start + rows) - offset_at(offsets, start));
  if (m.nulls)
    for (int64_t i = start; i < start + rows; i++)
      if (!bit_at(validity, i))
        m.size[2] -= (uint64_t)(offset_at(offsets, i + 1) - offset_at(offsets, i));
  return m;
}

static uint64_t align8(uint64_t size) { return (size + 7) & ~UINT64_C(7); }

static uint64_t head_size(const struct batch_schema *schema) {
  uint64_t size = 16;
  for (uint32_t i = 0; i < schema->count; i++)
    size += 4 + 4 + 4 + schema->columns[i].name_size + 8 + 3 * 16;
  return align8(size);
}

static uint64_t whole_size(const struct batch_schema *schema, const struct ArrowArray *array, int64_t start,
                           int64_t rows) {
  uint64_t size = head_size(schema);
  for (uint32_t i = 0; i < schema->count; i++) {
    const struct ArrowArray *child = array->children[i];
    struct measure m = measure(&schema->columns[i], child, child->offset + array->offset + start, rows);
    size += align8(m.size[0]) + align8(m.size[1]) + align8(m.size[2]);
  }
  return size;
}

int64_t batch_fitting_rows(const struct batch_schema *schema, const struct ArrowArray *array, int64_t start,
                           uint64_t limit, uint64_t *size) {
  int64_t rows = array->length - start;
  while (rows > 0 && (*size = whole_size(schema, array, start, rows)) > limit)
    rows /= 2;
  return rows;
}

static void put_head(struct writer *writer, uint32_t columns, uint64_t rows) {
  writer_u32(writer, WIRE_BATCH_MAGIC);
  writer_u32(writer, columns);
  writer_u64(writer, rows);
}

static void put_column(struct writer *writer, const struct batch_column *column, const struct measure *m,
                       uint64_t *body) {
  writer_u32(writer, column->type);
  writer_u32(writer, column->flags);
  writer_str(writer, column->name, column->name_size);
  writer_u64(writer, (uint64_t)m->nulls);
  for (int i = 0; i < 3; i++) {
    writer_u64(writer, *body);
    writer_u64(writer, m->size[i]);
    *body += align8(m->size[i]);
  }
}

/* Padding is counted from the first byte of the batch, which may lie anywhere in the frame. */
static void pad(struct writer *writer, size_t begin) {
  size_t gap = (size_t)(align8(writer->size - begin) - (writer->size - begin));
  memset(writer_extend(writer, gap), 0, gap);
}

void batch_put_schema(struct writer *writer, const struct batch_schema *schema) {
  static const struct measure nothing = {0, {0, 0, 0}};
  size_t begin = writer->size;
  uint64_t body = head_size(schema);
  put_head(writer, schema->count, 0);
  for (uint32_t i = 0; i < schema->count; i++)
    put_column(writer, &schema->columns[i], &nothing, &body);
  pad(writer, begin);
}

static void put_variable(struct writer *writer, const struct ArrowArray *child, int64_t start, int64_t rows,
                         const struct measure *m, size_t begin) {
  const uint8_t *validity = m->nulls ? child->buffers[0] : NULL;
  const void *offsets = child->buffers[1];
  const uint8_t *values = child->buffers[2];
  uint8_t *to = writer_extend(writer, m->size[1]);
  int32_t position = 0, first = offset_at(offsets, start);
  if (!validity && first == 0) {
    memcpy(to, (const uint8_t *)offsets + start * 4, ((size_t)rows + 1) * 4);
  } else if (!validity) {
    for (int64_t i = 0; i <= rows; i++) {
      int32_t moved = offset_at(offsets, start + i) - first;
      memcpy(to + i * 4, &moved, 4);
    }
  } else {
    for (int64_t i = 0; i < rows; i++) {
      memcpy(to + i * 4, &position, 4);
      if (bit_at(validity, start + i))
        position += offset_at(offsets, start + i + 1) - offset_at(offsets, start + i);
    }
    memcpy(to + rows * 4, &position, 4);
  }
  pad(writer, begin);
  if (!validity) {
    if (m->size[2])
      writer_raw(writer, values + offset_at(offsets, start), m->size[2]);
  } else {
    to = writer_extend(writer, m->size[2]);
    for (int64_t i = start; i < start + rows; i++) {
      size_t size = (size_t)(offset_at(offsets, i + 1) - offset_at(offsets, i));
      if (size == 0 || !bit_at(validity, i))
        continue;
      memcpy(to, values + offset_at(offsets, i), size);
      to += size;
    }
  }
  pad(writer, begin);
}

static void put_fixed(struct writer *writer, uint32_t type, const struct ArrowArray *child, int64_t start,
                      int64_t rows, const struct measure *m, size_t begin) {
  const uint8_t *validity = m->nulls ? child->buffers[0] : NULL;
  const uint8_t *values = child->buffers[1];
  uint8_t *to = writer_extend(writer, m->size[2]);
  if (type == WIRE_BOOL) {
    copy_bits(to, values, start, rows);
    for (int64_t i = 0; validity && i < rows; i++)
      if (!bit_at(validity, start + i))
        to[i >> 3] &= (uint8_t)~(1u << (i & 7));
  } else {
    size_t width = width_of(type);
    memcpy(to, values + (size_t)start * width, (size_t)rows * width);
    for (int64_t i = 0; validity && i < rows; i++)
      if (!bit_at(validity, start + i))
        memset(to + (size_t)i * width, 0, width);
  }
  pad(writer, begin);
}

void batch_put_rows(struct writer *writer, const struct batch_schema *schema, const struct ArrowArray *array,
                    int64_t start, int64_t rows) {
  if (rows == 0) {
    batch_put_schema(writer, schema);
    return;
  }
  struct measure *measures = calloc((size_t)schema->count + 1, sizeof *measures);
  if (!measures)
    _exit(WIRE_EXIT_MEMORY);
  size_t begin = writer->size;
  uint64_t body = head_size(schema), whole = body;
  for (uint32_t i = 0; i < schema->count; i++) {
    const struct ArrowArray *child = array->children[i];
    measures[i] = measure(&schema->columns[i], child, child->offset + array->offset + start, rows);
    whole += align8(measures[i].size[0]) + align8(measures[i].size[1]) + align8(measures[i].size[2]);
  }
  writer_reserve(writer, whole);
  put_head(writer, schema->count, (uint64_t)rows);
  for (uint32_t i = 0; i < schema->count; i++)
    put_column(writer, &schema->columns[i], &measures[i], &body);
  pad(writer, begin);
  for (uint32_t i = 0; i < schema->count; i++) {
    const struct ArrowArray *child = array->children[i];
    int64_t from = child->offset + array->offset + start;
    if (measures[i].nulls)
      copy_bits(writer_extend(writer, measures[i].size[0]), child->buffers[0], from, rows);
    pad(writer, begin);
    if (is_variable(schema->columns[i].type))
      put_variable(writer, child, from, rows, &measures[i], begin);
    else
      put_fixed(writer, schema->columns[i].type, child, from, rows, &measures[i], begin);
  }
  free(measures);
}
