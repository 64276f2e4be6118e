/* Tables: Arrow C Data on the plugin's side, wire batches (wire.h) on the host's. Both are checked on the way through. */
#ifndef RUNNER_BATCH_H
#define RUNNER_BATCH_H

#include <stdint.h>

#include "bytes.h"
#include "sluice/arrow.h"
#include "wire.h"

/* A wire batch larger than this is split by rows; one row that is larger is an error. */
#define BATCH_LIMIT ((uint64_t)WIRE_MAX_BATCH)
#define BATCH_MAX_COLUMNS 16384
#define BATCH_MAX_NAME 65536

struct batch_column {
  uint32_t type;  /* WIRE_BOOL … WIRE_BINARY */
  uint32_t flags; /* WIRE_FLAG_NULLABLE */
  char *name;     /* NUL-terminated */
  uint32_t name_size;
};

struct batch_schema {
  uint32_t count;
  struct batch_column *columns;
};

/* What is wrong, as a sentence for the error message; it never holds a cell's value. */
struct batch_fault {
  char text[240];
};

void batch_schema_free(struct batch_schema *schema);
/* 1 when the two have equal types in equal order. */
int batch_schema_same(const struct batch_schema *a, const struct batch_schema *b);
const char *batch_format(uint32_t type);

/* Arrow → wire (batch_out.c) */

/* Read a struct schema that a plugin made. 0, or -1 and `fault`. `schema` stays the caller's to release. */
int batch_schema_of(const struct ArrowSchema *schema, struct batch_schema *out, struct batch_fault *fault);
/* Append a batch without rows. */
void batch_put_schema(struct writer *writer, const struct batch_schema *schema);
/* Check an array against its schema as far as C Data allows: counts, buffers, monotone offsets, nulls. */
int batch_check(const struct batch_schema *schema, const struct ArrowArray *array, struct batch_fault *fault);
/* How many rows from `start` fit into `limit` bytes, and how many bytes they are; 0 when not even one does. `array` was
 * checked. */
int64_t batch_fitting_rows(const struct batch_schema *schema, const struct ArrowArray *array, int64_t start,
                           uint64_t limit, uint64_t *size);
/* Append rows [start, start + rows): slices materialised, values under nulls zeroed, null counts counted anew. */
void batch_put_rows(struct writer *writer, const struct batch_schema *schema, const struct ArrowArray *array,
                    int64_t start, int64_t rows);

/* Wire → Arrow (batch_in.c) */

struct batch_view; /* a wire batch, checked */

/* Read and check a whole wire batch; NULL when it is malformed. Borrows `data`. */
struct batch_view *batch_view_make(const uint8_t *data, size_t size);
void batch_view_free(struct batch_view *view);
const struct batch_schema *batch_view_schema(const struct batch_view *view);
/* Move the schema out of the view, which is then good for batch_view_free alone. */
struct batch_schema batch_view_take_schema(struct batch_view *view);
uint64_t batch_view_rows(const struct batch_view *view);
/* Make a schema that owns itself: call its release. */
void batch_export_schema(const struct batch_schema *schema, struct ArrowSchema *out);
/* Make an array over the view's bytes. It owns `block` but not the view: `let_go` is called with the last of the array
 * and its children, which may be moved one by one, on the thread that releases it. */
void batch_export_array(const struct batch_view *view, void *block, void (*let_go)(void *block),
                        struct ArrowArray *out);

#endif
