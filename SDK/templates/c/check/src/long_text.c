#include "long_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int long_text_begin(long_text *self, int64_t limit, uint64_t columns) {
  long_text_free(self);
  self->columns = calloc(columns ? columns : 1, sizeof *self->columns);
  if (!self->columns) return ENOMEM;
  self->limit = limit;
  self->n = columns;
  self->most = LONG_TEXT_ORDINALS;
  if (columns > LONG_TEXT_ALL_ORDINALS / LONG_TEXT_ORDINALS) self->most = LONG_TEXT_ALL_ORDINALS / columns;
  return 0;
}

void long_text_free(long_text *self) {
  free(self->columns);
  memset(self, 0, sizeof *self);
}

/* Keep the smallest ordinals, in order. */
static void keep(long_text_column *column, uint64_t most, int64_t ordinal) {
  uint64_t at = column->n;
  if (most == 0 || (at == most && column->ordinals[at - 1] < ordinal)) return;
  if (at == most) at--;
  while (at > 0 && column->ordinals[at - 1] > ordinal) {
    column->ordinals[at] = column->ordinals[at - 1];
    at--;
  }
  column->ordinals[at] = ordinal;
  if (column->n < most) column->n++;
}

void long_text_add(long_text *self, uint64_t column, int64_t ordinal, int64_t length) {
  if (column >= self->n || length <= self->limit) return;
  self->columns[column].count++;
  keep(&self->columns[column], self->most, ordinal);
}

/* The state is words of 64 bits: magic, limit, rows, columns; and for each column its count, how many ordinals, and these. */
static const uint64_t magic = UINT64_C(0x31747865746e6c);

static void put(sluice_kit_writer *out, uint64_t word) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(word >> (8 * i));
  sluice_kit_append(out, bytes, sizeof bytes);
}

void long_text_write(const long_text *self, sluice_kit_writer *out) {
  put(out, magic);
  put(out, (uint64_t)self->limit);
  put(out, self->rows);
  put(out, self->n);
  for (uint64_t i = 0; i < self->n; i++) {
    const long_text_column *column = &self->columns[i];
    put(out, column->count);
    put(out, column->n);
    for (uint64_t k = 0; k < column->n; k++) put(out, (uint64_t)column->ordinals[k]);
  }
}

/* Take the next word off the bytes; 0 when there is none. */
static int take(const uint8_t **at, uint64_t *left, uint64_t *word) {
  if (*left < 8) return 0;
  *word = 0;
  for (int i = 0; i < 8; i++) *word |= (uint64_t)(*at)[i] << (8 * i);
  *at += 8;
  *left -= 8;
  return 1;
}

/* Look at a state with `into` NULL, add it otherwise: so that bytes which prove wrong in the middle have changed nothing. */
static int read_state(const long_text *self, const void *data, uint64_t size, long_text *into) {
  const uint8_t *at = data;
  uint64_t found, limit, rows, n;
  if (!take(&at, &size, &found) || found != magic || !take(&at, &size, &limit) || limit != (uint64_t)self->limit ||
      !take(&at, &size, &rows) || rows > INT64_MAX - self->rows || !take(&at, &size, &n) || n != self->n) {
    return EINVAL;
  }
  if (into) into->rows += rows;
  for (uint64_t i = 0; i < n; i++) {
    uint64_t count, kept, word = 0;
    int64_t last = -1;
    if (!take(&at, &size, &count) || !take(&at, &size, &kept) || count > rows || kept > count ||
        kept > self->most || (kept < self->most && kept != count)) {
      return EINVAL;
    }
    if (into) into->columns[i].count += count;
    for (uint64_t k = 0; k < kept; k++) {
      if (!take(&at, &size, &word) || word > INT64_MAX || (int64_t)word <= last) return EINVAL;
      last = (int64_t)word;
      if (into) keep(&into->columns[i], into->most, last);
    }
  }
  return size == 0 ? 0 : EINVAL;
}

int long_text_merge(long_text *self, const void *data, uint64_t size) {
  int problem = read_state(self, data, size, NULL);
  return problem ? problem : read_state(self, data, size, self);
}
