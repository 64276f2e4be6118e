/* SipHash-2-4, 128 bits. */
#include "siphash.h"

#include <string.h>

static uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

static void rounds(uint64_t v[4], int count) {
  for (int i = 0; i < count; i++) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
  }
}

static void absorb(siphash *self, uint64_t word) {
  self->v[3] ^= word;
  rounds(self->v, 2);
  self->v[0] ^= word;
}

static uint64_t little_endian(const uint8_t *bytes) {
  uint64_t word = 0;
  for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
  return word;
}

void siphash_begin(siphash *self, const uint64_t key[2]) {
  self->v[0] = UINT64_C(0x736f6d6570736575) ^ key[0];
  self->v[1] = UINT64_C(0x646f72616e646f6d) ^ key[1] ^ 0xEE;
  self->v[2] = UINT64_C(0x6c7967656e657261) ^ key[0];
  self->v[3] = UINT64_C(0x7465646279746573) ^ key[1];
  self->tail = 0;
  self->size = 0;
}

void siphash_add(siphash *self, const void *data, size_t size) {
  const uint8_t *bytes = data;
  while (size > 0) {
    unsigned held = (unsigned)(self->size & 7);
    if (held == 0 && size >= 8) {
      absorb(self, little_endian(bytes));
      bytes += 8;
      size -= 8;
      self->size += 8;
      continue;
    }
    self->tail |= (uint64_t)*bytes++ << (8 * held);
    self->size++;
    size--;
    if (held == 7) {
      absorb(self, self->tail);
      self->tail = 0;
    }
  }
}

void siphash_end(siphash *self, uint64_t out[2]) {
  absorb(self, self->tail | self->size << 56);
  self->v[2] ^= 0xEE;
  rounds(self->v, 4);
  out[0] = self->v[0] ^ self->v[1] ^ self->v[2] ^ self->v[3];
  self->v[1] ^= 0xDD;
  rounds(self->v, 4);
  out[1] = self->v[0] ^ self->v[1] ^ self->v[2] ^ self->v[3];
}
