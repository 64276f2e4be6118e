/* Wire batch → Arrow C Data. The plugin may keep the array, and may move its children away one by one, so the bytes
 * are counted by every array that points into them. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "wire.h"

struct view_column {
  uint64_t nulls;
  const uint8_t *buffer[3]; /* validity, offsets, values; NULL when the size is 0 */
};

struct batch_view {
  struct batch_schema schema;
  struct view_column *columns;
  uint64_t rows;
};

static void *need(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory)
    _exit(WIRE_EXIT_MEMORY);
  return memory;
}

void batch_view_free(struct batch_view *view) {
  if (!view)
    return;
  batch_schema_free(&view->schema);
  free(view->columns);
  free(view);
}

const struct batch_schema *batch_view_schema(const struct batch_view *view) { return &view->schema; }

struct batch_schema batch_view_take_schema(struct batch_view *view) {
  struct batch_schema schema = view->schema;
  memset(&view->schema, 0, sizeof view->schema);
  return schema;
}

uint64_t batch_view_rows(const struct batch_view *view) { return view->rows; }

static uint64_t zero_bits(const uint8_t *bits, uint64_t count) {
  uint64_t ones = 0, i = 0;
  for (; i + 8 <= count / 8; i += 8) {
    uint64_t word;
    memcpy(&word, bits + i, 8);
    ones += (uint64_t)__builtin_popcountll(word);
  }
  for (; i < count / 8; i++)
    ones += (uint64_t)__builtin_popcount(bits[i]);
  if (count & 7)
    ones += (uint64_t)__builtin_popcount(bits[count / 8] & ((1u << (count & 7)) - 1));
  return count - ones;
}

/* Without a branch in the loop, so that it is done in vectors. */
static int offsets_good(const uint8_t *offsets, uint64_t rows, uint64_t values) {
  int32_t first, last, bad = 0;
  memcpy(&first, offsets, 4);
  for (uint64_t i = 0; i < rows; i++) {
    int32_t previous, next;
    memcpy(&previous, offsets + i * 4, 4);
    memcpy(&next, offsets + i * 4 + 4, 4);
    bad |= next < previous;
  }
  memcpy(&last, offsets + rows * 4, 4);
  return !bad && first == 0 && (uint64_t)last == values;
}

static int sizes_good(uint32_t type, uint64_t rows, uint64_t nulls, const uint64_t size[3]) {
  uint64_t bits = (rows + 7) / 8;
  if (rows == 0)
    return nulls == 0 && size[0] == 0 && size[1] == 0 && size[2] == 0;
  if (size[0] != (nulls ? bits : 0))
    return 0;
  switch (type) {
  case WIRE_BOOL:
    return size[1] == 0 && size[2] == bits;
  case WIRE_INT64:
  case WIRE_FLOAT64:
  case WIRE_TIMESTAMP:
    return size[1] == 0 && size[2] == rows * 8;
  case WIRE_DATE32:
    return size[1] == 0 && size[2] == rows * 4;
  default:
    return size[1] == (rows + 1) * 4;
  }
}

/* `end` grows to the end of the last buffer. */
static int read_column(struct reader *reader, const uint8_t *data, size_t size, uint64_t rows,
                       struct batch_column *column, struct view_column *view, uint64_t *end) {
  uint64_t offset[3], length[3];
  column->type = reader_u32(reader);
  column->flags = reader_u32(reader);
  sluice_str name = reader_str(reader);
  view->nulls = reader_u64(reader);
  for (int i = 0; i < 3; i++) {
    offset[i] = reader_u64(reader);
    length[i] = reader_u64(reader);
  }
  if (reader->bad || !batch_format(column->type) || column->flags > WIRE_FLAG_NULLABLE ||
      memchr(name.data, 0, name.size) || name.size > BATCH_MAX_NAME)
    return 0;
  column->name = need(name.size + 1, 1);
  memcpy(column->name, name.data, name.size);
  column->name_size = (uint32_t)name.size;
  if (view->nulls > rows || (view->nulls && !(column->flags & WIRE_FLAG_NULLABLE)))
    return 0;
  for (int i = 0; i < 3; i++) {
    if (offset[i] % 8 != 0 || length[i] > size || offset[i] > size - length[i])
      return 0;
    view->buffer[i] = length[i] ? data + offset[i] : NULL;
    if (length[i] && offset[i] + length[i] > *end)
      *end = offset[i] + length[i];
  }
  if (!sizes_good(column->type, rows, view->nulls, length))
    return 0;
  if (view->nulls && zero_bits(view->buffer[0], rows) != view->nulls)
    return 0;
  if (rows && (column->type == WIRE_UTF8 || column->type == WIRE_BINARY))
    return offsets_good(view->buffer[1], rows, length[2]);
  return 1;
}

struct batch_view *batch_view_make(const uint8_t *data, size_t size) {
  struct reader reader = reader_make(data, size);
  uint32_t magic = reader_u32(&reader);
  uint32_t columns = reader_u32(&reader);
  uint64_t rows = reader_u64(&reader);
  if (reader.bad || magic != WIRE_BATCH_MAGIC || columns > BATCH_MAX_COLUMNS || rows > INT32_MAX)
    return NULL;
  struct batch_view *view = need(1, sizeof *view);
  view->rows = rows;
  view->schema.columns = need(columns, sizeof *view->schema.columns);
  view->columns = need(columns, sizeof *view->columns);
  uint64_t end = 0;
  for (uint32_t i = 0; i < columns; i++) {
    view->schema.count = i + 1;
    if (!read_column(&reader, data, size, rows, &view->schema.columns[i], &view->columns[i], &end)) {
      batch_view_free(view);
      return NULL;
    }
  }
  uint64_t head = size - reader.left;
  if (head > end)
    end = head;
  if (size > (end + 7) / 8 * 8) { /* nothing follows the last buffer but its padding */
    batch_view_free(view);
    return NULL;
  }
  return view;
}

/* Schemas */

static void release_child_schema(struct ArrowSchema *schema) {
  free((char *)(uintptr_t)schema->name);
  schema->release = NULL;
}

static void release_schema(struct ArrowSchema *schema) {
  struct ArrowSchema *children = schema->private_data;
  for (int64_t i = 0; i < schema->n_children; i++)
    if (schema->children[i]->release)
      schema->children[i]->release(schema->children[i]);
  free(children);
  free(schema->children);
  schema->release = NULL;
}

void batch_export_schema(const struct batch_schema *schema, struct ArrowSchema *out) {
  struct ArrowSchema *children = need(schema->count, sizeof *children);
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->name = "";
  out->n_children = schema->count;
  out->children = need(schema->count, sizeof *out->children);
  out->private_data = children;
  out->release = release_schema;
  for (uint32_t i = 0; i < schema->count; i++) {
    const struct batch_column *column = &schema->columns[i];
    char *name = need((size_t)column->name_size + 1, 1);
    memcpy(name, column->name, column->name_size);
    children[i].format = batch_format(column->type);
    children[i].name = name;
    children[i].flags = column->flags & WIRE_FLAG_NULLABLE ? ARROW_FLAG_NULLABLE : 0;
    children[i].release = release_child_schema;
    out->children[i] = &children[i];
  }
}

/* Arrays */

struct bytes_owner {
  atomic_uint_fast32_t holders;
  void *block;
  void (*let_go)(void *block);
};

struct child_owner {
  struct bytes_owner *bytes;
  const void *buffers[3];
};

struct top_owner {
  struct bytes_owner *bytes;
  const void *buffers[1];
  struct ArrowArray *children;
};

/* What a size-0 buffer points to: Arrow wants an offsets buffer to hold one 0, and readers dislike NULL. */
static const _Alignas(64) uint8_t zeros[64];

static void drop(struct bytes_owner *bytes) {
  if (atomic_fetch_sub(&bytes->holders, 1) != 1)
    return;
  bytes->let_go(bytes->block);
  free(bytes);
}

static void release_child(struct ArrowArray *array) {
  struct child_owner *owner = array->private_data;
  drop(owner->bytes);
  free(owner);
  array->release = NULL;
}

static void release_top(struct ArrowArray *array) {
  struct top_owner *owner = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++)
    if (array->children[i]->release)
      array->children[i]->release(array->children[i]);
  drop(owner->bytes);
  free(owner->children);
  free(array->children);
  free(owner);
  array->release = NULL;
}

static void export_child(const struct batch_view *view, uint32_t index, struct bytes_owner *bytes,
                         struct ArrowArray *out) {
  const struct view_column *column = &view->columns[index];
  uint32_t type = view->schema.columns[index].type;
  int variable = type == WIRE_UTF8 || type == WIRE_BINARY;
  struct child_owner *owner = need(1, sizeof *owner);
  owner->bytes = bytes;
  owner->buffers[0] = column->buffer[0];
  const void *values = column->buffer[2] ? column->buffer[2] : zeros;
  if (variable) {
    owner->buffers[1] = column->buffer[1] ? column->buffer[1] : zeros;
    owner->buffers[2] = values;
  } else {
    owner->buffers[1] = values;
  }
  out->length = (int64_t)view->rows;
  out->null_count = (int64_t)column->nulls;
  out->n_buffers = variable ? 3 : 2;
  out->buffers = owner->buffers;
  out->private_data = owner;
  out->release = release_child;
}

void batch_export_array(const struct batch_view *view, void *block, void (*let_go)(void *block),
                        struct ArrowArray *out) {
  uint32_t columns = view->schema.count;
  struct bytes_owner *bytes = need(1, sizeof *bytes);
  atomic_init(&bytes->holders, columns + UINT32_C(1));
  bytes->block = block;
  bytes->let_go = let_go;
  struct top_owner *owner = need(1, sizeof *owner);
  owner->bytes = bytes;
  owner->children = need(columns, sizeof *owner->children);
  memset(out, 0, sizeof *out);
  out->length = (int64_t)view->rows;
  out->n_buffers = 1;
  out->buffers = owner->buffers;
  out->n_children = columns;
  out->children = need(columns, sizeof *out->children);
  out->private_data = owner;
  out->release = release_top;
  for (uint32_t i = 0; i < columns; i++) {
    export_child(view, i, bytes, &owner->children[i]);
    out->children[i] = &owner->children[i];
  }
}
