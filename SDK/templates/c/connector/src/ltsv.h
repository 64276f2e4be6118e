/* LTSV, labeled tab-separated values (http://ltsv.org): one record a line, fields `label:value` with tabs between them.
 *
 * The labels of the first record are the columns. A later record may have them in any order and leave some out, which are
 * null then; one with another label, a label twice or a field without a colon is rejected. Blank lines are no records. */
#ifndef LTSV_H
#define LTSV_H

#include <stdint.h>

#include "sluice_kit.h"

#define LTSV_BLOCK 262144     /* bytes that are read at once */
#define LTSV_LINE_MAX 1048576 /* a longer line is rejected, and skipped without being kept */
#define LTSV_COLUMNS_MAX 4096

/* Copy up to `size` bytes at `offset`; `*got` is 0 at the end. Any value but 0 ends the reading. */
typedef int (*ltsv_read)(void *context, uint64_t offset, void *buffer, uint64_t size, uint64_t *got);

/* Zero it, and set `read` and `context`. */
typedef struct ltsv_reader {
  ltsv_read read;
  void *context;
  char *buffer;
  uint64_t capacity;
  uint64_t start;  /* where in the buffer the next line begins */
  uint64_t end;    /* bytes in the buffer */
  uint64_t offset; /* of the buffer's first byte in the source */
  int64_t number;  /* of the last line, counted from 1 */
  int at_end;
} ltsv_reader;

/* One line that is not blank, without its end. Valid until the next call. */
typedef struct ltsv_line {
  int64_t number;
  uint64_t offset;
  sluice_str text;
  int too_long; /* longer than LTSV_LINE_MAX: `text` is empty */
} ltsv_line;

#define LTSV_END 0
#define LTSV_LINE 1
#define LTSV_FAILED 2 /* `read` failed */
#define LTSV_MEMORY 3

int ltsv_next(ltsv_reader *reader, ltsv_line *line);
void ltsv_close(ltsv_reader *reader);

/* The columns of a source; copies of the first record's labels. */
typedef struct ltsv_columns {
  int64_t n;
  char **names;
} ltsv_columns;

/* The labels of the first record. NULL, or in a sentence why it gives no columns. An array that memory was not enough for
 * says so too. Free them in either case. */
const char *ltsv_columns_of(const ltsv_line *line, ltsv_columns *out);
void ltsv_columns_free(ltsv_columns *columns);

/* The values of a record, one a column; `data` is NULL for a column that it leaves out. They point into the line.
 * Returns NULL, or the reason code of connector.h for which the record is rejected. */
const char *ltsv_parse(const ltsv_line *line, const ltsv_columns *columns, sluice_str *values);

#endif
