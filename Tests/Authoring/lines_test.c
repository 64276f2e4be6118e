/* The arrays of an example of SDK/examples, without a host: all rows arrive, whatever number of rows a batch was asked for. */
#include <stdio.h>

#include "lines.h"

static int64_t rows_of(int64_t batch_rows, int64_t *batches) {
  static const lines_row rows[] = {{1, 0, "a", 1, NULL}, {2, 2, "", 0, "INVALID_ENCODING"}, {3, 4, "bc", 2, NULL}};
  lines_scan scan = {.rows = rows, .n = 3, .batch_rows = batch_rows, .with_line = 1};
  struct ArrowArrayStream stream;
  int64_t total = 0;
  *batches = 0;
  if (lines_stream(&scan, &stream)) return -1;
  for (;;) {
    struct ArrowArray batch = {0};
    if (stream.get_next(&stream, &batch)) return -1;
    if (!batch.release) break;
    total += batch.length;
    ++*batches;
    batch.release(&batch);
  }
  stream.release(&stream);
  return total;
}

int main(void) {
  static const int64_t sizes[] = {1, 2, 3, 4, 1 << 20, INT64_MAX - 1, INT64_MAX};
  static const int64_t expected[] = {3, 2, 1, 1, 1, 1, 1};
  int failed = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    int64_t batches, total = rows_of(sizes[i], &batches);
    if (total == 3 && batches == expected[i]) continue;
    printf("FAILED  batches of %lld rows: %lld batches, %lld rows\n", (long long)sizes[i], (long long)batches, (long long)total);
    failed = 1;
  }
  return failed;
}
