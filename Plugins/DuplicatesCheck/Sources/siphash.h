/* SipHash-2-4 with 128 bits of output (Aumasson and Bernstein 2012; the 128-bit variant of the authors' reference). */
#ifndef SLUICE_SIPHASH_H
#define SLUICE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* A hash that is fed in parts. */
typedef struct siphash {
  uint64_t v[4];
  uint64_t tail; /* bytes that do not fill a word yet, least significant first */
  uint64_t size; /* bytes in all */
} siphash;

/* `key` is the 128-bit key as two little-endian words. */
void siphash_begin(siphash *self, const uint64_t key[2]);
void siphash_add(siphash *self, const void *data, size_t size);
/* The 16 bytes of output as two little-endian words. */
void siphash_end(siphash *self, uint64_t out[2]);

#endif
