/* Loops over the bytes of short texts. The quick forms read nothing beside the text: what is left over behind the last
 * whole word is done with the word that ends at the text's end, and bytes of both are written twice alike. */
#include <string.h>

#include "cvector.h"

size_t cvector_keep(const void *text, size_t size, const uint8_t *set, void *out) {
  const uint8_t *in = text;
  uint8_t *to = out;
  size_t kept = 0;
  for (size_t i = 0; i < size; i++) {
    to[kept] = in[i];
    kept += set[in[i]];
  }
  return kept;
}

int cvector_all(const void *text, size_t size, const uint8_t *set) {
  const uint8_t *in = text;
  unsigned all = 1;
  for (size_t i = 0; i < size; i++)
    all &= set[in[i]];
  return (int)all;
}

size_t cvector_tail(const void *text, size_t size, const uint8_t *set) {
  const uint8_t *in = text;
  size_t at = size;
  while (at > 0 && set[in[at - 1]])
    at--;
  return size - at;
}

int cvector_flip_plain(const void *text, size_t size, uint8_t first, void *out) {
  const uint8_t *in = text;
  uint8_t *to = out;
  int seen = 0;
  for (size_t i = 0; i < size; i++) {
    int flips = (uint8_t)(in[i] - first) < 26;
    to[i] = (uint8_t)(in[i] ^ (flips << 5));
    seen |= flips | (in[i] >> 7) << 1;
  }
  return seen;
}

#define HIGH UINT64_C(0x8080808080808080)
#define ONES UINT64_C(0x0101010101010101)

/* The top bit of every byte that is a letter from `first` on: adding carries into it from `first` on, and from the byte
 * behind the last letter on. */
static inline uint64_t letters(uint64_t word, uint8_t first) {
  uint64_t low = word & ~HIGH;
  return (low + ONES * (0x80u - first)) & ~(low + ONES * (0x80u - first - 26)) & ~word & HIGH;
}

static inline uint64_t flip_8(const uint8_t *in, uint8_t *out, uint8_t first, uint64_t *beyond) {
  uint64_t word, found;
  memcpy(&word, in, 8);
  found = letters(word, first);
  *beyond |= word & HIGH;
  word ^= found >> 2;
  memcpy(out, &word, 8);
  return found;
}

static inline uint64_t flip_4(const uint8_t *in, uint8_t *out, uint8_t first, uint64_t *beyond) {
  uint32_t half;
  memcpy(&half, in, 4);
  uint64_t found = letters(half, first);
  *beyond |= half & HIGH;
  half ^= (uint32_t)(found >> 2);
  memcpy(out, &half, 4);
  return found;
}

int cvector_flip(const void *text, size_t size, uint8_t first, void *out) {
  const uint8_t *in = text;
  uint8_t *to = out;
  uint64_t beyond = 0, changed = 0;
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8)
      changed |= flip_8(in + at, to + at, first, &beyond);
    changed |= flip_8(in + size - 8, to + size - 8, first, &beyond);
  } else if (size >= 4) {
    changed = flip_4(in, to, first, &beyond);
    changed |= flip_4(in + size - 4, to + size - 4, first, &beyond);
  } else {
    return cvector_flip_plain(text, size, first, out);
  }
  return (changed != 0) * CVECTOR_CHANGED | (beyond != 0) * CVECTOR_BEYOND;
}

int cvector_is_solid_plain(const void *text, size_t size) {
  const uint8_t *in = text;
  int solid = 1;
  for (size_t i = 0; i < size; i++)
    solid &= in[i] > 0x20 && in[i] < 0x80;
  return solid;
}

uint64_t cvector_digits_plain(const void *text, size_t size) {
  const uint8_t *in = text;
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) {
    uint8_t digit = (uint8_t)(in[i] - '0');
    if (digit > 9)
      return UINT64_MAX;
    value = value * 10 + digit;
  }
  return value;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

/* Up to eight bytes as a word, the last of them on top, zeros of the text's kind below. */
static inline uint64_t aligned(const uint8_t *in, size_t size) {
  uint64_t word = 0;
  if (size == 8) {
    memcpy(&word, in, 8);
    return word;
  }
  if (size >= 4) {
    uint32_t head, tail;
    memcpy(&head, in, 4);
    memcpy(&tail, in + size - 4, 4);
    word = (uint64_t)head << (64 - size * 8) | (uint64_t)tail << 32;
  } else {
    word = (uint64_t)in[0] << (64 - size * 8) | (uint64_t)in[size / 2] << ((7 - (size - 1 - size / 2)) * 8) |
           (uint64_t)in[size - 1] << 56;
  }
  return word | UINT64_C(0x3030303030303030) >> (size * 8);
}

int cvector_is_solid(const void *text, size_t size) {
  const uint8_t *in = text;
  /* The top bit of the lowest byte that is below 0x21, and perhaps of some above it; and of those beyond ASCII. */
  const uint64_t blank = UINT64_C(0x2121212121212121);
  uint64_t faults = 0, word;
  if (size == 0)
    return 1;
  if (size <= 8) {
    word = aligned(in, size);
    return (((word - blank) | word) & HIGH) == 0;
  }
  for (size_t at = 0; at + 8 < size; at += 8) {
    memcpy(&word, in + at, 8);
    faults |= (word - blank) | word;
  }
  memcpy(&word, in + size - 8, 8);
  return ((faults | (word - blank) | word) & HIGH) == 0;
}

static inline int are_digits(uint64_t word) {
  const uint64_t halves = UINT64_C(0xF0F0F0F0F0F0F0F0), wanted = UINT64_C(0x3030303030303030);
  return (word & halves) == wanted && ((word + UINT64_C(0x0606060606060606)) & halves) == wanted;
}

/* Pairs, then fours, then all eight. */
static inline uint64_t value_of(uint64_t word) {
  word = (word & UINT64_C(0x0F0F0F0F0F0F0F0F)) * 2561 >> 8;
  word = (word & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
  return (word & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32;
}

uint64_t cvector_digits(const void *text, size_t size) {
  const uint8_t *in = text;
  uint64_t before = 0;
  if (size > 8) {
    uint64_t word = aligned(in, size - 8);
    if (!are_digits(word))
      return UINT64_MAX;
    before = value_of(word) * 100000000;
    in += size - 8;
    size = 8;
  }
  uint64_t word = aligned(in, size);
  return are_digits(word) ? before + value_of(word) : UINT64_MAX;
}

#else

int cvector_is_solid(const void *text, size_t size) { return cvector_is_solid_plain(text, size); }

uint64_t cvector_digits(const void *text, size_t size) { return cvector_digits_plain(text, size); }

#endif
