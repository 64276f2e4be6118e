/* Between lines.c, which knows the host, and the file of an example, which knows its Arrow library. */
#ifndef LINES_H
#define LINES_H

#include <stdint.h>

#include "sluice/sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line of the source; `reject` is NULL, or the reason code for which `text` is no value. */
typedef struct lines_row {
  int64_t number;
  int64_t offset;
  const char *text;
  int64_t size;
  const char *reject;
} lines_row;

/* What a scan gives: rows[skip] and those behind it, at most `batch_rows` (1 to 2^20) a batch, with the column `line` or without it. */
typedef struct lines_scan {
  const lines_row *rows;
  int64_t n;
  int64_t batch_rows;
  int with_line;
} lines_scan;

/* The schema: a struct of `line` (utf8), if wanted, and the three reserved columns, if wanted. 0 or an errno value. */
int lines_schema(int with_line, int with_reserved, struct ArrowSchema *out);

/* A stream of the rows, whose values are copied: `scan` may be freed behind the call. 0 or an errno value. */
int lines_stream(const lines_scan *scan, struct ArrowArrayStream *out);

#ifdef __cplusplus
}
#endif
#endif
