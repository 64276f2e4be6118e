#include "ngrams.h"

#include <math.h>
#include <string.h>

static int is_space(unsigned char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* FNV-1a, 64 bits. */
static uint64_t hash(const unsigned char *bytes, int n) {
  uint64_t value = UINT64_C(0xcbf29ce484222325);
  for (int i = 0; i < n; i++) value = (value ^ bytes[i]) * UINT64_C(0x100000001b3);
  return value;
}

void ngrams_embed(sluice_str text, float *out) {
  unsigned char window[3] = {0, 0, ' '};
  int filled = 1, seen = 0;
  memset(out, 0, NGRAMS_DIMENSIONS * sizeof *out);
  for (uint64_t i = 0; i <= text.size; i++) {
    unsigned char byte = i < text.size ? (unsigned char)text.data[i] : ' ';
    if (byte >= 'A' && byte <= 'Z') byte = (unsigned char)(byte + 32);
    if (is_space(byte)) byte = ' ';
    seen |= byte != ' ';
    memmove(window, window + 1, 2);
    window[2] = byte;
    if (++filled < 3) continue;
    uint64_t value = hash(window, 3);
    out[value % NGRAMS_DIMENSIONS] += value >> 63 ? -1.0f : 1.0f;
  }
  double length = 0;
  for (int i = 0; i < NGRAMS_DIMENSIONS; i++) length += (double)out[i] * (double)out[i];
  length = sqrt(length);
  for (int i = 0; i < NGRAMS_DIMENSIONS; i++) out[i] = seen && length > 0 ? (float)((double)out[i] / length) : 0;
}

uint64_t ngrams_tokens(sluice_str text) {
  uint64_t tokens = 0, run = 0;
  for (uint64_t i = 0; i <= text.size; i++) {
    if (i < text.size && !is_space((unsigned char)text.data[i])) {
      run++;
      continue;
    }
    tokens += (run + 3) / 4;
    run = 0;
  }
  return tokens;
}
