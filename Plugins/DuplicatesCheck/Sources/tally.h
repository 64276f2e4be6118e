/* The count of keys: which were seen, by which row first, and which rows came later. */
#ifndef SLUICE_TALLY_H
#define SLUICE_TALLY_H

#include "sluice_kit.h"

#define TALLY_PARTITIONS 256
#define TALLY_ORDINALS 100

/* A distinct key. 24 bytes; `ordinal` is the lowest that had it, -1 in a free slot. */
typedef struct tally_entry {
  uint64_t high;
  uint64_t low;
  int64_t ordinal;
} tally_entry;

/* An open-addressing table of its own for each leading byte of a fingerprint, so that growing copies 1/256 at a time. */
typedef struct tally_partition {
  tally_entry *entries;
  uint32_t capacity; /* a power of two, or 0 */
  uint32_t used;
} tally_partition;

/* The lowest ordinals of a set, ascending. */
typedef struct tally_ordinals {
  int64_t values[TALLY_ORDINALS];
  uint32_t n;
} tally_ordinals;

typedef struct tally {
  uint64_t layout[2]; /* fingerprint of the key's columns: states of another key do not merge */
  uint64_t rows;
  uint64_t null_rows;
  uint64_t distinct;
  tally_ordinals duplicates;
  tally_ordinals nulls;
  tally_partition partitions[TALLY_PARTITIONS];
} tally;

/* Forget everything. */
void tally_clear(tally *self);

/* Count a row with a key. ENOMEM leaves the tally unusable. */
int tally_add(tally *self, const uint64_t fingerprint[2], int64_t ordinal);

/* Count a row without a key: one of its parts is null, or there are no key columns. */
void tally_add_null(tally *self, int64_t ordinal);

/* Rows with a key that an earlier row had. */
uint64_t tally_duplicates(const tally *self);

/* The state as bytes, the same for the same rows in whatever order they came. `writer` must be empty. */
int tally_write(tally *self, sluice_kit_writer *writer);

/* Check a state whole and only then add it. Returns 0, ENOMEM, or EINVAL when the bytes are no state of this key. */
int tally_merge(tally *self, sluice_bytes state);

#endif
