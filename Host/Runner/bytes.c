#include "bytes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the wire format is copied as it lies in memory: little-endian machines only"
#endif

void writer_init(struct writer *writer) {
  memset(writer, 0, sizeof *writer);
  memset(writer_extend(writer, WIRE_HEADER_SIZE), 0, WIRE_HEADER_SIZE);
}

void writer_over(struct writer *writer, uint8_t *memory, size_t capacity) {
  memset(writer, 0, sizeof *writer);
  writer->data = memory;
  writer->capacity = capacity;
  writer->fixed = 1;
}

void writer_free(struct writer *writer) {
  if (!writer->fixed)
    free(writer->data);
  memset(writer, 0, sizeof *writer);
}

void writer_reserve(struct writer *writer, size_t more) {
  if (more > SIZE_MAX / 2 - writer->size)
    _exit(WIRE_EXIT_MEMORY);
  size_t needed = writer->size + more;
  if (needed <= writer->capacity)
    return;
  if (writer->fixed)
    _exit(WIRE_EXIT_MEMORY);
  size_t capacity = writer->capacity < 256 ? 256 : writer->capacity + writer->capacity / 2;
  if (capacity < needed)
    capacity = needed;
  uint8_t *data = realloc(writer->data, capacity);
  if (!data)
    _exit(WIRE_EXIT_MEMORY);
  writer->data = data;
  writer->capacity = capacity;
}

uint8_t *writer_extend(struct writer *writer, size_t size) {
  writer_reserve(writer, size);
  uint8_t *begin = writer->data + writer->size;
  writer->size += size;
  return begin;
}

void writer_raw(struct writer *writer, const void *data, size_t size) {
  uint8_t *to = writer_extend(writer, size);
  if (size)
    memcpy(to, data, size);
}

void writer_u32(struct writer *writer, uint32_t value) { writer_raw(writer, &value, sizeof value); }
void writer_u64(struct writer *writer, uint64_t value) { writer_raw(writer, &value, sizeof value); }
void writer_i32(struct writer *writer, int32_t value) { writer_raw(writer, &value, sizeof value); }

void writer_str(struct writer *writer, const void *data, size_t size) {
  if (size > WIRE_MAX_FRAME)
    _exit(WIRE_EXIT_MEMORY); /* callers cap or refuse longer text; a wrapped length must not leave */
  writer_u32(writer, (uint32_t)size);
  writer_raw(writer, data, size);
}

size_t writer_payload(const struct writer *writer) { return writer->size - WIRE_HEADER_SIZE; }

struct reader reader_make(const void *data, size_t size) {
  struct reader reader = {data, size, 0};
  return reader;
}

const uint8_t *reader_raw(struct reader *reader, size_t size) {
  if (reader->bad || size > reader->left) {
    reader->bad = 1;
    return NULL;
  }
  const uint8_t *begin = reader->next;
  reader->next += size;
  reader->left -= size;
  return begin;
}

static void take(struct reader *reader, void *value, size_t size) {
  const uint8_t *from = reader_raw(reader, size);
  if (from)
    memcpy(value, from, size);
}

uint32_t reader_u32(struct reader *reader) {
  uint32_t value = 0;
  take(reader, &value, sizeof value);
  return value;
}

uint64_t reader_u64(struct reader *reader) {
  uint64_t value = 0;
  take(reader, &value, sizeof value);
  return value;
}

int32_t reader_i32(struct reader *reader) {
  int32_t value = 0;
  take(reader, &value, sizeof value);
  return value;
}

int64_t reader_i64(struct reader *reader) {
  int64_t value = 0;
  take(reader, &value, sizeof value);
  return value;
}

sluice_str reader_str(struct reader *reader) {
  sluice_str text = {"", 0};
  uint32_t size = reader_u32(reader);
  const uint8_t *data = reader_raw(reader, size);
  if (data) {
    text.data = (const char *)data;
    text.size = size;
  }
  return text;
}

int reader_done(const struct reader *reader) { return !reader->bad && reader->left == 0; }

/* Length of the well-formed sequence at `s`, or 0. `*skip` is then how many bytes one U+FFFD stands for
 * (the maximal ill-formed subpart). */
static size_t sequence(const uint8_t *s, size_t left, size_t *skip) {
  uint8_t lead = s[0];
  uint8_t low = 0x80, high = 0xBF;
  size_t length;
  *skip = 1;
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0)
      low = 0xA0;
    if (lead == 0xED)
      high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0)
      low = 0x90;
    if (lead == 0xF4)
      high = 0x8F;
  } else {
    return 0;
  }
  for (size_t i = 1; i < length; i++) {
    if (i >= left || s[i] < low || s[i] > high) {
      *skip = i;
      return 0;
    }
    low = 0x80;
    high = 0xBF;
  }
  return length;
}

int utf8_valid(const char *data, size_t size) {
  const uint8_t *s = (const uint8_t *)data;
  size_t at = 0, skip;
  while (at < size) {
    size_t length = sequence(s + at, size - at, &skip);
    if (!length)
      return 0;
    at += length;
  }
  return 1;
}

void writer_repaired(struct writer *writer, const char *data, size_t size, size_t cap) {
  static const uint8_t replacement[3] = {0xEF, 0xBF, 0xBD};
  const uint8_t *s = (const uint8_t *)data;
  size_t length_at = writer->size;
  size_t written = 0, at = 0;
  writer_u32(writer, 0);
  while (at < size) {
    size_t skip;
    size_t length = sequence(s + at, size - at, &skip);
    size_t adds = length ? length : sizeof replacement;
    if (written + adds > cap)
      break;
    writer_raw(writer, length ? s + at : replacement, adds);
    written += adds;
    at += length ? length : skip;
  }
  uint32_t total = (uint32_t)written;
  memcpy(writer->data + length_at, &total, sizeof total);
}
