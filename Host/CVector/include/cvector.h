/* Loops over bytes that a compiler does not turn into vectors by itself: checks of text and of Arrow's offsets.
 *
 * Each has a plain twin that says the same of every input (Tests/FoundationsTests). The twin is also what runs on a
 * processor without the instructions. All functions are pure; any thread. */
#ifndef CVECTOR_H
#define CVECTOR_H

#include <stddef.h>
#include <stdint.h>

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

#endif
