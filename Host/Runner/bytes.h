/* Payload bytes: a growing writer, a bounded reader, and UTF-8 repair. Little-endian, as wire.h says. */
#ifndef RUNNER_BYTES_H
#define RUNNER_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "sluice/base.h"

/* A frame under construction. The first WIRE_HEADER_SIZE bytes are kept free for the header.
 * Growth that fails ends the process with WIRE_EXIT_MEMORY: half an answer must never be sent. */
struct writer {
  uint8_t *data;
  size_t size;
  size_t capacity;
  int fixed; /* memory of somebody else's: it neither grows nor is freed */
};

void writer_init(struct writer *writer);
/* A writer over memory that is there, without room for a header. What passes `capacity` ends the process. */
void writer_over(struct writer *writer, uint8_t *memory, size_t capacity);
void writer_free(struct writer *writer);
void writer_reserve(struct writer *writer, size_t more);
/* Append `size` uninitialised bytes and return where they begin (valid until the next append). */
uint8_t *writer_extend(struct writer *writer, size_t size);
void writer_u32(struct writer *writer, uint32_t value);
void writer_u64(struct writer *writer, uint64_t value);
void writer_i32(struct writer *writer, int32_t value);
void writer_raw(struct writer *writer, const void *data, size_t size);
void writer_str(struct writer *writer, const void *data, size_t size);
/* Bytes of payload so far, the header's room not counted. */
size_t writer_payload(const struct writer *writer);

/* A payload being read. Reading past the end sets `bad` for ever and yields zeros; the caller checks once at the end. */
struct reader {
  const uint8_t *next;
  size_t left;
  int bad;
};

struct reader reader_make(const void *data, size_t size);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
int32_t reader_i32(struct reader *reader);
int64_t reader_i64(struct reader *reader);
/* Borrowed from the payload. */
sluice_str reader_str(struct reader *reader);
const uint8_t *reader_raw(struct reader *reader, size_t size);
/* 1 when everything was there and nothing is left over. */
int reader_done(const struct reader *reader);

/* Append `data` as a `str` of at most `cap` bytes, each ill-formed sequence replaced by U+FFFD (Unicode 15, table 3-7). */
void writer_repaired(struct writer *writer, const char *data, size_t size, size_t cap);
/* 1 when `data` is well-formed UTF-8. */
int utf8_valid(const char *data, size_t size);

#endif
