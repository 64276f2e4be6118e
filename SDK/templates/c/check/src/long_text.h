/* Counts texts that are longer than a limit, column by column, from their lengths alone.
 *
 * The counts do not depend on how the rows are cut into batches, nor on the order in which parts are merged. */
#ifndef LONG_TEXT_H
#define LONG_TEXT_H

#include <stdint.h>

#include "sluice_kit.h"

#define LONG_TEXT_ORDINALS 100       /* so many rows of a column are named at most: the first ones */
#define LONG_TEXT_ALL_ORDINALS 20000 /* and so many of all columns together, so that a verdict stays below 1 MiB */
#define LONG_TEXT_LIMIT 255          /* scalars; change it here: runs give a check no configuration yet */

typedef struct long_text_column {
  uint64_t count;
  uint64_t n;
  int64_t ordinals[LONG_TEXT_ORDINALS]; /* ascending */
} long_text_column;

typedef struct long_text {
  int64_t limit;
  uint64_t rows;
  uint64_t n;
  uint64_t most; /* ordinals a column */
  long_text_column *columns;
} long_text;

/* Start over with `columns` columns. 0, or an errno value. */
int long_text_begin(long_text *self, int64_t limit, uint64_t columns);
void long_text_free(long_text *self);

/* A text of `length` scalars in a column of a row. */
void long_text_add(long_text *self, uint64_t column, int64_t ordinal, int64_t length);

/* Write the state that long_text_merge adds to another's. */
void long_text_write(const long_text *self, sluice_kit_writer *out);

/* 0; EINVAL for bytes that are not the state of as many columns and the same limit, which change nothing. */
int long_text_merge(long_text *self, const void *data, uint64_t size);

#endif
