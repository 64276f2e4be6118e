// The arrays of the example, made by Arrow C++ and handed over by its C data interface.
#include <arrow/api.h>
#include <arrow/c/bridge.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "lines.h"

namespace {

std::shared_ptr<arrow::Schema> schema_of(bool with_line, bool with_reserved) {
  arrow::FieldVector fields;
  if (with_line) fields.push_back(arrow::field("line", arrow::utf8()));
  if (with_reserved) {
    fields.push_back(arrow::field(SLUICE_COLUMN_LINE, arrow::int64(), false));
    fields.push_back(arrow::field(SLUICE_COLUMN_BYTE_OFFSET, arrow::int64(), false));
    fields.push_back(arrow::field(SLUICE_COLUMN_REJECT, arrow::utf8()));
  }
  return arrow::schema(fields);
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> build(const std::shared_ptr<arrow::Schema> &schema,
                                                         const lines_row *rows, int64_t n, bool with_line) {
  arrow::StringBuilder texts, rejects;
  arrow::Int64Builder numbers, offsets;
  for (const lines_row *row = rows; row < rows + n; row++) {
    ARROW_RETURN_NOT_OK(row->reject ? texts.AppendNull() : texts.Append(std::string_view(row->text, row->size)));
    ARROW_RETURN_NOT_OK(numbers.Append(row->number));
    ARROW_RETURN_NOT_OK(offsets.Append(row->offset));
    ARROW_RETURN_NOT_OK(row->reject ? rejects.Append(row->reject) : rejects.AppendNull());
  }
  arrow::ArrayVector columns;
  for (arrow::ArrayBuilder *builder : {static_cast<arrow::ArrayBuilder *>(&texts), static_cast<arrow::ArrayBuilder *>(&numbers),
                                       static_cast<arrow::ArrayBuilder *>(&offsets), static_cast<arrow::ArrayBuilder *>(&rejects)}) {
    ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
    columns.push_back(column);
  }
  if (!with_line) columns.erase(columns.begin());
  return arrow::RecordBatch::Make(schema, n, columns);
}

arrow::Status stream(const lines_scan &scan, ArrowArrayStream *out) {
  auto schema = schema_of(scan.with_line, true);
  arrow::RecordBatchVector batches;
  for (int64_t from = 0, rows; from < scan.n; from += rows) {
    rows = std::min(scan.batch_rows, scan.n - from);
    ARROW_ASSIGN_OR_RAISE(auto batch, build(schema, scan.rows + from, rows, scan.with_line));
    batches.push_back(batch);
  }
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::RecordBatchReader::Make(batches, schema));
  return arrow::ExportRecordBatchReader(reader, out);
}

}  // namespace

// No exception leaves: Arrow reports by Status, and the standard library's own ends here.
int lines_schema(int with_line, int with_reserved, struct ArrowSchema *out) try {
  return arrow::ExportSchema(*schema_of(with_line, with_reserved), out).ok() ? 0 : ENOMEM;
} catch (...) {
  return ENOMEM;
}

int lines_stream(const lines_scan *scan, struct ArrowArrayStream *out) try {
  return stream(*scan, out).ok() ? 0 : ENOMEM;
} catch (...) {
  return ENOMEM;
}
