/* The arrays of the example, made by nanoarrow. */
#include <errno.h>
#include <string.h>

#include "lines.h"
#include "nanoarrow/nanoarrow.h"

static int set(struct ArrowSchema *column, enum ArrowType type, const char *name, int nullable) {
  NANOARROW_RETURN_NOT_OK(ArrowSchemaSetType(column, type));
  if (!nullable) column->flags &= ~ARROW_FLAG_NULLABLE;
  return ArrowSchemaSetName(column, name);
}

static int fill(struct ArrowSchema *out, int with_line, int with_reserved) {
  int64_t n = 0;
  NANOARROW_RETURN_NOT_OK(ArrowSchemaSetTypeStruct(out, (with_line ? 1 : 0) + (with_reserved ? 3 : 0)));
  out->flags &= ~ARROW_FLAG_NULLABLE;
  if (with_line) NANOARROW_RETURN_NOT_OK(set(out->children[n++], NANOARROW_TYPE_STRING, "line", 1));
  if (!with_reserved) return NANOARROW_OK;
  NANOARROW_RETURN_NOT_OK(set(out->children[n++], NANOARROW_TYPE_INT64, SLUICE_COLUMN_LINE, 0));
  NANOARROW_RETURN_NOT_OK(set(out->children[n++], NANOARROW_TYPE_INT64, SLUICE_COLUMN_BYTE_OFFSET, 0));
  return set(out->children[n], NANOARROW_TYPE_STRING, SLUICE_COLUMN_REJECT, 1);
}

int lines_schema(int with_line, int with_reserved, struct ArrowSchema *out) {
  ArrowSchemaInit(out);
  int problem = fill(out, with_line, with_reserved);
  if (problem) ArrowSchemaRelease(out);
  return problem;
}

static int append(struct ArrowArray *batch, const lines_row *row, int with_line) {
  struct ArrowArray **column = batch->children;
  struct ArrowStringView text = {row->text, row->size};
  if (with_line) {
    NANOARROW_RETURN_NOT_OK(row->reject ? ArrowArrayAppendNull(*column, 1) : ArrowArrayAppendString(*column, text));
    column++;
  }
  NANOARROW_RETURN_NOT_OK(ArrowArrayAppendInt(column[0], row->number));
  NANOARROW_RETURN_NOT_OK(ArrowArrayAppendInt(column[1], row->offset));
  NANOARROW_RETURN_NOT_OK(row->reject ? ArrowArrayAppendString(column[2], ArrowCharView(row->reject))
                                      : ArrowArrayAppendNull(column[2], 1));
  return ArrowArrayFinishElement(batch);
}

static int build(struct ArrowArray *batch, const struct ArrowSchema *schema, const lines_row *rows, int64_t n, int with_line) {
  NANOARROW_RETURN_NOT_OK(ArrowArrayInitFromSchema(batch, schema, NULL));
  int problem = ArrowArrayStartAppending(batch);
  for (int64_t i = 0; !problem && i < n; i++) problem = append(batch, &rows[i], with_line);
  if (!problem) problem = ArrowArrayFinishBuildingDefault(batch, NULL);
  if (problem) ArrowArrayRelease(batch);
  return problem;
}

int lines_stream(const lines_scan *scan, struct ArrowArrayStream *out) {
  struct ArrowSchema schema;
  NANOARROW_RETURN_NOT_OK(lines_schema(scan->with_line, 1, &schema));
  int64_t batches = scan->n / scan->batch_rows + (scan->n % scan->batch_rows != 0);
  struct ArrowSchema given;
  int problem = ArrowSchemaDeepCopy(&schema, &given);
  if (!problem && (problem = ArrowBasicArrayStreamInit(out, &given, batches))) ArrowSchemaRelease(&given);
  for (int64_t i = 0; !problem && i < batches; i++) {
    struct ArrowArray batch;
    int64_t from = i * scan->batch_rows, left = scan->n - from;
    problem = build(&batch, &schema, scan->rows + from, left < scan->batch_rows ? left : scan->batch_rows, scan->with_line);
    if (!problem) ArrowBasicArrayStreamSetArray(out, i, &batch); /* takes it over */
    if (problem) ArrowArrayStreamRelease(out);
  }
  ArrowSchemaRelease(&schema);
  return problem;
}
