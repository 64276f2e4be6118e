/* Connectors read one source and emit its tables as Arrow batches. All calls are [call-thread]. */
#ifndef SLUICE_CONNECTOR_H
#define SLUICE_CONNECTOR_H

#include "arrow.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Columns that a file connector appends behind the source's own, all three or none; these three names are reserved
 * (others that begin with "sluice." are not): refuse a source that has a column of one of them, and say so.
 *   sluice.line         int64  line of the record's first byte, counted from 1
 *   sluice.byte_offset  int64  offset of the record's first byte in the source
 *   sluice.reject       utf8   null, or why the record could not be read: RAGGED_ROW, INVALID_ENCODING, UNCLOSED_QUOTE,
 *                              CELL_TOO_LARGE; its source columns are then null (the host quarantines it)
 * Every record of the source is one row, rejected or not: a row's ordinal is its position in the stream. */
#define SLUICE_COLUMN_LINE "sluice.line"
#define SLUICE_COLUMN_BYTE_OFFSET "sluice.byte_offset"
#define SLUICE_COLUMN_REJECT "sluice.reject"

/* Arrow formats that may be emitted: "b" bool, "l" int64, "g" float64, "u" utf8, "z" binary, "tdD" date32,
 * "tsu:UTC" timestamp in microseconds. A batch is a struct array ("+s") without nulls at its top. */
typedef struct sluice_connector_ops {
  uint32_t struct_size;
  uint32_t reserved;

  /* What the source holds: {"tables":[{"name":"film"}]}. A file with one table names it "". */
  sluice_status (*inventory)(sluice_instance *instance, sluice_text *out, sluice_error *error);

  /* The columns of `table` (without the reserved ones), and what was found out about the source:
   * {"format":"csv","encoding":"utf-8","delimiter":",","quote":"\"","header":true,…}. The schema is owned by the
   * caller afterwards (ArrowSchema.release). */
  sluice_status (*schema)(sluice_instance *instance, sluice_str table, struct ArrowSchema *out, sluice_text *details,
                          sluice_error *error);

  /* At most `parts` disjoint parts that together are the table: {"splits":[{"id":"0","hint_bytes":123}]}. */
  sluice_status (*split)(sluice_instance *instance, sluice_str table, uint32_t parts, sluice_text *out,
                         sluice_error *error);

  /* Stream a table or a part of it, in source order.
   * `request_json`: {"table":"","split":"0"|null,"columns":[…]|null,"batch_rows":16384,"skip_rows":0}.
   * The source's columns have the names and types that `schema` gives them; the host stops a connector that emits
   * others. `batch_rows` is a maximum: the host stops a connector whose batch has more rows. A batch without rows does
   * not end the stream (a released array does) and may only be the first.
   * The caller owns the stream; get_next returns an errno value, with get_last_error as UTF-8 text. What it means:
   *   ECANCELED, ETIMEDOUT  SLUICE_TIMEOUT          EACCES, EPERM    SLUICE_POLICY_BLOCK
   *   EIO                   SLUICE_TRANSIENT_ERROR  EAGAIN           SLUICE_RATE_LIMIT
   *   ENOMEM                SLUICE_QUOTA_EXHAUSTED  any other value  SLUICE_DETERMINISTIC_FAILURE */
  sluice_status (*scan)(sluice_instance *instance, sluice_str request_json, struct ArrowArrayStream *out,
                        sluice_error *error);
} sluice_connector_ops;
#define SLUICE_CONNECTOR_OPS_SIZE_V1 40

#ifdef __cplusplus
}
#endif
#endif
