/* Loops over bytes that a compiler does not turn into vectors by itself: checks of text and of Arrow's offsets.
 *
 * Each has a plain twin that says the same of every input (Tests/FoundationsTests). The twin is also what runs on a
 * processor without the instructions. All functions are pure; any thread. */
#ifndef CVECTOR_H
#define CVECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What bytes are as text. */
#define CVECTOR_INVALID 0
#define CVECTOR_UTF8 1
#define CVECTOR_ASCII 2 /* well-formed, and no byte above 0x7F */

/* Whether `size` bytes are well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing above
 * U+10FFFF, nothing cut off at the end. */
int cvector_text(const void *bytes, size_t size);
int cvector_text_plain(const void *bytes, size_t size);
/* As cvector_text, by the instructions named: 0 the plain twin, 1 SSSE3, 2 AVX2. -1 when this processor has them not. */
int cvector_text_by(int instructions, const void *bytes, size_t size);

/* Whether `count` little-endian 32-bit integers never fall. They may lie anywhere; one or none never falls. */
int cvector_never_falls(const void *integers, size_t count);
int cvector_never_falls_plain(const void *integers, size_t count);

/* Whether none of the `count` places, which never fall and are at most `size`, is the inside of a UTF-8 scalar: cut there,
 * well-formed text falls into well-formed pieces. */
int cvector_cuts_are_clean(const void *places, size_t count, const void *text, size_t size);
int cvector_cuts_are_clean_plain(const void *places, size_t count, const void *text, size_t size);

/* A text under way: where its bytes are; a null has no place. The bytes of an empty text are not read. */
typedef struct {
  const uint8_t *bytes;
  size_t size;
} cvector_cell;

/* The bytes of all cells together; SIZE_MAX when that is more than `most`. */
size_t cvector_cells_size(const cvector_cell *cells, size_t count, size_t most);

/* Writes the cells' bytes one behind the other at `out`, where there is room for them and some may be already, the offset behind each into
 * `offsets`, from `start` on, and a bit each into `validity`, 1 for a text, the last byte filled up with zeros. Returns how
 * many are nulls. */
size_t cvector_gather(const cvector_cell *cells, size_t count, uint8_t *out, int32_t start, int32_t *offsets,
                      uint8_t *validity);

/* Cells over a text column's rows. `values` is not null. */
void cvector_cells(const int32_t *offsets, const uint8_t *values, const uint8_t *validity, size_t first, size_t count,
                   cvector_cell *out);

/* A bit for each byte, 1 where it is 1; bytes are 0 or 1, and the last byte is filled up with zeros. Returns how many are
 * 0. */
size_t cvector_pack(const uint8_t *bytes, size_t count, uint8_t *bits);
/* The other way, from the bit `first` on. */
void cvector_unpack(const uint8_t *bits, size_t first, size_t count, uint8_t *bytes);

/* Where `needle`, at least one byte, occurs first; NULL when it does not. */
const void *cvector_find(const void *text, size_t size, const void *needle, size_t length);

/* Sets of bytes: 256 of them, 1 for a member and 0 for another. */

/* Writes the bytes that are members, in order; `out` has room for `size`. Returns how many they are. */
size_t cvector_keep(const void *text, size_t size, const uint8_t *set, void *out);
/* Whether every byte is a member. */
int cvector_all(const void *text, size_t size, const uint8_t *set);
/* How many bytes at the end are members, up to the first from behind that is none. */
size_t cvector_tail(const void *text, size_t size, const uint8_t *set);

/* What cvector_flip saw. */
#define CVECTOR_CHANGED 1 /* `out` differs */
#define CVECTOR_BEYOND 2  /* there are bytes beyond ASCII, which are written as they are */

/* Writes the bytes, ASCII letters from `first` (a or A) to the 26th in the other case. */
int cvector_flip(const void *text, size_t size, uint8_t first, void *out);
int cvector_flip_plain(const void *text, size_t size, uint8_t first, void *out);

/* Whether every byte is a printable one of ASCII and no blank: 0x21 to 0x7F. */
int cvector_is_solid(const void *text, size_t size);
int cvector_is_solid_plain(const void *text, size_t size);

/* The value of 1 to 16 digits; UINT64_MAX when one of the bytes is none. */
uint64_t cvector_digits(const void *text, size_t size);
uint64_t cvector_digits_plain(const void *text, size_t size);

/* memcpy, for what is mostly short: no call up to 32 bytes. */
static inline void cvector_copy(void *to, const void *from, size_t size) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if (size > 32) {
    memcpy(out, in, size);
  } else if (size >= 16) {
    memcpy(out, in, 16);
    memcpy(out + size - 16, in + size - 16, 16);
  } else if (size >= 8) {
    memcpy(out, in, 8);
    memcpy(out + size - 8, in + size - 8, 8);
  } else if (size >= 4) {
    memcpy(out, in, 4);
    memcpy(out + size - 4, in + size - 4, 4);
  } else if (size > 0) {
    out[0] = in[0];
    out[size / 2] = in[size / 2];
    out[size - 1] = in[size - 1];
  }
}

#endif
