/* Cells: texts where they lie, and columns made of them. */
#include "cvector.h"

size_t cvector_cells_size(const cvector_cell *cells, size_t count, size_t most) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) {
    size += cells[i].size;
    if (size > most)
      return SIZE_MAX;
  }
  return size;
}

size_t cvector_gather(const cvector_cell *cells, size_t count, uint8_t *out, int32_t start, int32_t *offsets,
                      uint8_t *validity) {
  size_t at = 0, nulls = 0;
  for (size_t first = 0; first < count; first += 8) {
    size_t end = count - first < 8 ? count : first + 8;
    unsigned bits = 0;
    for (size_t i = first; i < end; i++) {
      cvector_cell cell = cells[i];
      unsigned valid = cell.bytes != NULL;
      /* What was written at its place already stays there. */
      if (valid && cell.bytes != out + at)
        cvector_copy(out + at, cell.bytes, cell.size);
      at += cell.size;
      offsets[i] = start + (int32_t)at;
      bits |= valid << (i - first);
      nulls += !valid;
    }
    validity[first / 8] = (uint8_t)bits;
  }
  return nulls;
}

void cvector_cells(const int32_t *offsets, const uint8_t *values, const uint8_t *validity, size_t first, size_t count,
                   cvector_cell *out) {
  offsets += first;
  if (validity == NULL) {
    for (size_t i = 0; i < count; i++)
      out[i] = (cvector_cell){values + offsets[i], (size_t)(offsets[i + 1] - offsets[i])};
    return;
  }
  for (size_t i = 0; i < count; i++) {
    size_t row = first + i;
    int valid = validity[row >> 3] >> (row & 7) & 1;
    out[i] = valid ? (cvector_cell){values + offsets[i], (size_t)(offsets[i + 1] - offsets[i])}
                   : (cvector_cell){NULL, 0};
  }
}

size_t cvector_pack(const uint8_t *bytes, size_t count, uint8_t *bits) {
  size_t ones = 0, i = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, 8);
    /* Bit k of the highest byte is the byte k: every product of two other bits lies elsewhere. */
    uint8_t packed = (uint8_t)(word * UINT64_C(0x0102040810204080) >> 56);
    bits[i / 8] = packed;
    ones += (size_t)__builtin_popcount(packed);
  }
#endif
  for (; i < count; i++) {
    if (i % 8 == 0)
      bits[i / 8] = 0;
    bits[i / 8] |= (uint8_t)(bytes[i] << (i % 8));
    ones += bytes[i];
  }
  return count - ones;
}

void cvector_unpack(const uint8_t *bits, size_t first, size_t count, uint8_t *bytes) {
  for (size_t i = 0; i < count; i++) {
    size_t row = first + i;
    bytes[i] = bits[row >> 3] >> (row & 7) & 1;
  }
}

const void *cvector_find(const void *text, size_t size, const void *needle, size_t length) {
  const uint8_t *at = text, *wanted = needle;
  while (size >= length) {
    const uint8_t *found = memchr(at, wanted[0], size - length + 1);
    if (found == NULL)
      return NULL;
    if (memcmp(found, wanted, length) == 0)
      return found;
    size -= (size_t)(found - at) + 1;
    at = found + 1;
  }
  return NULL;
}
