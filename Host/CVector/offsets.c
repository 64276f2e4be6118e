/* Arrow's offsets. The quick forms have no branch in their loops: a compiler makes vectors of the first, and the second
 * waits for no prediction. */
#include <string.h>

#include "cvector.h"

static int32_t integer_at(const uint8_t *integers, size_t index) {
  int32_t value;
  memcpy(&value, integers + index * 4, sizeof value);
  return value;
}

int cvector_never_falls(const void *integers, size_t count) {
  const uint8_t *at = integers;
  int32_t falls = 0;
  for (size_t i = 1; i < count; i++)
    falls |= integer_at(at, i) < integer_at(at, i - 1);
  return !falls;
}

int cvector_never_falls_plain(const void *integers, size_t count) {
  for (size_t i = 1; i < count; i++)
    if (integer_at(integers, i) < integer_at(integers, i - 1))
      return 0;
  return 1;
}

int cvector_cuts_are_clean(const void *places, size_t count, const void *text, size_t size) {
  const uint8_t *bytes = text, *at = places;
  /* Behind the last byte there is nothing to look at, and there the last places may be. */
  while (count > 0 && (size_t)integer_at(at, count - 1) >= size)
    count--;
  unsigned inside = 0;
  for (size_t i = 0; i < count; i++)
    inside |= (bytes[integer_at(at, i)] & 0xC0) == 0x80;
  return !inside;
}

int cvector_cuts_are_clean_plain(const void *places, size_t count, const void *text, size_t size) {
  const uint8_t *bytes = text;
  for (size_t i = 0; i < count; i++) {
    size_t place = (size_t)integer_at(places, i);
    if (place < size && (bytes[place] & 0xC0) == 0x80)
      return 0;
  }
  return 1;
}
