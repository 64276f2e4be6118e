/* The count of keys.
 *
 * State, little-endian: "SLDUP\0\0\1" (the last byte is the version), layout 2 x u64, rows u64, null rows u64, distinct
 * u64, duplicates u32, nulls u32, then their ordinals (i64, ascending), then the entries (high u64, low u64, ordinal
 * i64) in ascending order of fingerprint, then the SipHash-2-4-128 of all that stands before. */
#include "tally.h"

#include "siphash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define START_CAPACITY 16u
#define HEADER_SIZE 56u
#define ENTRY_SIZE 24u
#define SEAL_SIZE 16u

static const char magic[8] = {'S', 'L', 'D', 'U', 'P', 0, 0, 1};
static const uint64_t seal_key[2] = {UINT64_C(0x736c756963652e64), UINT64_C(0x75706c2e73746174)};

void tally_clear(tally *self) {
  for (int i = 0; i < TALLY_PARTITIONS; i++) free(self->partitions[i].entries);
  memset(self, 0, sizeof *self);
}

uint64_t tally_duplicates(const tally *self) { return self->rows - self->null_rows - self->distinct; }

static void keep_lowest(tally_ordinals *set, int64_t ordinal) {
  if (set->n == TALLY_ORDINALS && ordinal >= set->values[set->n - 1]) return;
  uint32_t at = set->n < TALLY_ORDINALS ? set->n++ : set->n - 1;
  while (at > 0 && set->values[at - 1] > ordinal) {
    set->values[at] = set->values[at - 1];
    at--;
  }
  set->values[at] = ordinal;
}

/* The slot of a fingerprint, or the free one where it belongs. Never full: a partition grows at 7/8. */
static tally_entry *slot(const tally_partition *partition, uint64_t high, uint64_t low) {
  uint32_t mask = partition->capacity - 1;
  uint32_t at = (uint32_t)low & mask;
  for (;;) {
    tally_entry *entry = &partition->entries[at];
    if (entry->ordinal < 0 || (entry->high == high && entry->low == low)) return entry;
    at = (at + 1) & mask;
  }
}

static int grow(tally_partition *partition, uint32_t capacity) {
  if (capacity > (1u << 27)) return ENOMEM;
  tally_partition fresh = {malloc((size_t)capacity * sizeof *fresh.entries), capacity, partition->used};
  if (!fresh.entries) return ENOMEM;
  for (uint32_t i = 0; i < capacity; i++) fresh.entries[i].ordinal = -1;
  for (uint32_t i = 0; i < partition->capacity; i++) {
    const tally_entry *entry = &partition->entries[i];
    if (entry->ordinal >= 0) *slot(&fresh, entry->high, entry->low) = *entry;
  }
  free(partition->entries);
  *partition = fresh;
  return 0;
}

static int place(tally *self, uint64_t high, uint64_t low, int64_t ordinal) {
  tally_partition *partition = &self->partitions[high >> 56];
  if ((uint64_t)(partition->used + 1) * 8 > (uint64_t)partition->capacity * 7) {
    int problem = grow(partition, partition->capacity ? partition->capacity * 2 : START_CAPACITY);
    if (problem) return problem;
  }
  tally_entry *entry = slot(partition, high, low);
  if (entry->ordinal < 0) {
    entry->high = high;
    entry->low = low;
    entry->ordinal = ordinal;
    partition->used++;
    self->distinct++;
    return 0;
  }
  /* The lowest ordinal wins, whatever the order in which rows and states arrive. */
  keep_lowest(&self->duplicates, ordinal > entry->ordinal ? ordinal : entry->ordinal);
  if (ordinal < entry->ordinal) entry->ordinal = ordinal;
  return 0;
}

int tally_add(tally *self, const uint64_t fingerprint[2], int64_t ordinal) {
  self->rows++;
  return place(self, fingerprint[0], fingerprint[1], ordinal);
}

void tally_add_null(tally *self, int64_t ordinal) {
  self->rows++;
  self->null_rows++;
  keep_lowest(&self->nulls, ordinal);
}

/* ------------------------------------------------------------ state */

static void put(sluice_kit_writer *writer, uint64_t value, int bytes) {
  uint8_t out[8];
  for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
  sluice_kit_append(writer, out, (uint64_t)bytes);
}

static uint64_t get(const uint8_t *data, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++) value |= (uint64_t)data[i] << (8 * i);
  return value;
}

static int compare(const void *a, const void *b) {
  const tally_entry *x = a;
  const tally_entry *y = b;
  if (x->high != y->high) return x->high < y->high ? -1 : 1;
  return x->low < y->low ? -1 : x->low > y->low;
}

static void seal(const void *data, uint64_t size, uint64_t out[2]) {
  siphash hash;
  siphash_begin(&hash, seal_key);
  siphash_add(&hash, data, size);
  siphash_end(&hash, out);
}

static int write_partition(const tally_partition *partition, sluice_kit_writer *writer) {
  if (partition->used == 0) return 0;
  tally_entry *sorted = malloc((size_t)partition->used * sizeof *sorted);
  if (!sorted) return ENOMEM;
  uint32_t n = 0;
  for (uint32_t i = 0; i < partition->capacity; i++) {
    if (partition->entries[i].ordinal >= 0) sorted[n++] = partition->entries[i];
  }
  qsort(sorted, n, sizeof *sorted, compare);
  for (uint32_t i = 0; i < n; i++) {
    put(writer, sorted[i].high, 8);
    put(writer, sorted[i].low, 8);
    put(writer, (uint64_t)sorted[i].ordinal, 8);
  }
  free(sorted);
  return 0;
}

int tally_write(tally *self, sluice_kit_writer *writer) {
  /* One allocation of the right size: the state is as large as the keys, so growing it would cost as much again. */
  uint64_t size = HEADER_SIZE + 8 * ((uint64_t)self->duplicates.n + self->nulls.n) + self->distinct * ENTRY_SIZE + SEAL_SIZE;
  writer->data = malloc(size);
  if (!writer->data) return ENOMEM;
  writer->capacity = size;
  sluice_kit_append(writer, magic, sizeof magic);
  put(writer, self->layout[0], 8);
  put(writer, self->layout[1], 8);
  put(writer, self->rows, 8);
  put(writer, self->null_rows, 8);
  put(writer, self->distinct, 8);
  put(writer, self->duplicates.n, 4);
  put(writer, self->nulls.n, 4);
  for (uint32_t i = 0; i < self->duplicates.n; i++) put(writer, (uint64_t)self->duplicates.values[i], 8);
  for (uint32_t i = 0; i < self->nulls.n; i++) put(writer, (uint64_t)self->nulls.values[i], 8);
  for (int i = 0; i < TALLY_PARTITIONS; i++) {
    int problem = write_partition(&self->partitions[i], writer);
    if (problem) return problem;
  }
  if (writer->failed) return ENOMEM;
  uint64_t sealed[2];
  seal(writer->data, writer->size, sealed);
  put(writer, sealed[0], 8);
  put(writer, sealed[1], 8);
  return writer->failed ? ENOMEM : 0;
}

/* Ascending, not negative; duplicates and nulls may repeat an ordinal only if a row came twice, which is refused. */
static int read_ordinals(const uint8_t *data, uint32_t n, uint64_t of, tally_ordinals *out) {
  if (n > TALLY_ORDINALS || n != (of < TALLY_ORDINALS ? of : TALLY_ORDINALS)) return EINVAL;
  for (uint32_t i = 0; i < n; i++) {
    out->values[i] = (int64_t)get(data + 8 * (size_t)i, 8);
    if (out->values[i] < 0 || (i > 0 && out->values[i] <= out->values[i - 1])) return EINVAL;
  }
  out->n = n;
  return 0;
}

int tally_merge(tally *self, sluice_bytes state) {
  const uint8_t *data = state.data;
  if (state.size < HEADER_SIZE + SEAL_SIZE || memcmp(data, magic, sizeof magic) != 0) return EINVAL;
  uint64_t sealed[2];
  seal(data, state.size - SEAL_SIZE, sealed);
  const uint8_t *end = data + state.size - SEAL_SIZE;
  if (get(end, 8) != sealed[0] || get(end + 8, 8) != sealed[1]) return EINVAL;
  if (get(data + 8, 8) != self->layout[0] || get(data + 16, 8) != self->layout[1]) return EINVAL;
  uint64_t rows = get(data + 24, 8);
  uint64_t null_rows = get(data + 32, 8);
  uint64_t distinct = get(data + 40, 8);
  if (rows > INT64_MAX || null_rows > rows || distinct > rows - null_rows) return EINVAL;
  if (rows > INT64_MAX - self->rows) return EINVAL;
  uint64_t duplicates = rows - null_rows - distinct;
  if (distinct == 0 && duplicates > 0) return EINVAL;
  uint32_t n[2] = {(uint32_t)get(data + 48, 4), (uint32_t)get(data + 52, 4)};
  if (n[0] > TALLY_ORDINALS || n[1] > TALLY_ORDINALS || distinct > state.size / ENTRY_SIZE) return EINVAL;
  uint64_t lists = 8 * ((uint64_t)n[0] + n[1]);
  if (state.size != HEADER_SIZE + lists + distinct * ENTRY_SIZE + SEAL_SIZE) return EINVAL;
  tally_ordinals lists_read[2];
  if (read_ordinals(data + HEADER_SIZE, n[0], duplicates, &lists_read[0])) return EINVAL;
  if (read_ordinals(data + HEADER_SIZE + 8 * (size_t)n[0], n[1], null_rows, &lists_read[1])) return EINVAL;
  const uint8_t *entries = data + HEADER_SIZE + lists;
  tally_entry last = {0, 0, 0};
  for (uint64_t i = 0; i < distinct; i++) {
    const uint8_t *at = entries + i * ENTRY_SIZE;
    tally_entry entry = {get(at, 8), get(at + 8, 8), (int64_t)get(at + 16, 8)};
    if (entry.ordinal < 0 || (i > 0 && compare(&last, &entry) >= 0)) return EINVAL;
    last = entry;
  }
  /* Nothing was changed up to here; from here on only memory can fail. */
  for (uint64_t i = 0; i < distinct; i++) {
    const uint8_t *at = entries + i * ENTRY_SIZE;
    int problem = place(self, get(at, 8), get(at + 8, 8), (int64_t)get(at + 16, 8));
    if (problem) return problem;
  }
  for (uint32_t i = 0; i < lists_read[0].n; i++) keep_lowest(&self->duplicates, lists_read[0].values[i]);
  for (uint32_t i = 0; i < lists_read[1].n; i++) keep_lowest(&self->nulls, lists_read[1].values[i]);
  self->rows += rows;
  self->null_rows += null_rows;
  return 0;
}
