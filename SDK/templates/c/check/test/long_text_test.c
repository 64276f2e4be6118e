/* Tests of the counting alone: no host, no plugin. Ends with a count, and with status 1 when one failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "long_text.h"

static int passed, failed;

static void expect(int condition, const char *what) {
  condition ? passed++ : failed++;
  if (!condition) printf("FAILED  %s\n", what);
}

/* Row r of column c has r % 7 + c scalars; the limit is 5. */
static void add_rows(long_text *self, int64_t from, int64_t to, int64_t step) {
  for (int64_t row = from; row < to; row += step, self->rows++) {
    for (uint64_t column = 0; column < self->n; column++) long_text_add(self, column, row, row % 7 + (int64_t)column);
  }
}

static sluice_kit_writer state_of(const long_text *self) {
  sluice_kit_writer out = {0};
  long_text_write(self, &out);
  return out;
}

static int same(const long_text *a, const long_text *b) {
  sluice_kit_writer one = state_of(a), two = state_of(b);
  int equal = one.size == two.size && memcmp(one.data, two.data, one.size) == 0;
  sluice_kit_writer_free(&one);
  sluice_kit_writer_free(&two);
  return equal;
}

int main(void) {
  long_text whole = {0}, parts[3] = {{0}}, merged = {0}, other = {0};
  expect(long_text_begin(&whole, 5, 2) == 0 && long_text_begin(&merged, 5, 2) == 0, "begin");
  add_rows(&whole, 0, 1000, 1);
  expect(whole.rows == 1000 && whole.columns[0].count == 142 && whole.columns[1].count == 285, "rows above the limit");
  expect(whole.columns[0].n == LONG_TEXT_ORDINALS && whole.columns[0].ordinals[0] == 6 &&
             whole.columns[0].ordinals[99] == 699, "the first hundred rows are named, in order");
  long_text_add(&whole, 2, 0, 99);
  expect(whole.n == 2, "a column that there is not is left alone");

  /* The more columns there are, the fewer rows of each are named, so that a verdict stays small. */
  long_text_begin(&other, 5, 400), add_rows(&other, 0, 1000, 1);
  expect(other.columns[0].n == 50 && other.columns[0].ordinals[49] == 349 && other.columns[0].count == 142,
         "400 columns share the rows that are named");

  /* Three instances with a third of the rows each, merged backwards, know what one with all of them knows. */
  for (int p = 2; p >= 0; p--) {
    long_text_begin(&parts[p], 5, 2);
    add_rows(&parts[p], p, 1000, 3);
    sluice_kit_writer state = state_of(&parts[p]);
    expect(long_text_merge(&merged, state.data, state.size) == 0, "merge");
    sluice_kit_writer_free(&state);
  }
  expect(same(&whole, &merged), "the parts together are the whole, in any order");

  /* A state that is cut off, of other columns, of another limit, or of garbage is refused and changes nothing. */
  sluice_kit_writer state = state_of(&whole);
  int refused = 1;
  for (uint64_t size = 0; size < state.size; size++) refused &= long_text_merge(&merged, state.data, size) != 0;
  state.data[40] ^= 1;
  refused &= long_text_merge(&merged, state.data, state.size) != 0;
  expect(refused && same(&whole, &merged), "a damaged state is refused and changes nothing");
  state.data[40] ^= 1;
  long_text_begin(&other, 5, 3);
  expect(long_text_merge(&other, state.data, state.size) != 0, "a state of other columns is refused");
  long_text_begin(&other, 6, 2);
  expect(long_text_merge(&other, state.data, state.size) != 0, "a state of another limit is refused");
  sluice_kit_writer_free(&state);
  for (int p = 0; p < 3; p++) long_text_free(&parts[p]);
  long_text_free(&whole), long_text_free(&merged), long_text_free(&other);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
