#include "channel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;

static void read_all(uint8_t *to, size_t size) {
  while (size) {
    ssize_t got = read(CHANNEL_DESCRIPTOR, to, size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      _exit(WIRE_EXIT_CLOSED);
    to += got;
    size -= (size_t)got;
  }
}

static void write_all(const uint8_t *from, size_t size) {
  while (size) {
    ssize_t put = write(CHANNEL_DESCRIPTOR, from, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      _exit(WIRE_EXIT_CLOSED);
    from += put;
    size -= (size_t)put;
  }
}

void channel_read(struct frame *frame) {
  uint8_t header[WIRE_HEADER_SIZE];
  read_all(header, sizeof header);
  uint32_t type_and_zero, zero;
  memcpy(&frame->size, header, 4);
  memcpy(&type_and_zero, header + 4, 4); /* u16 type, then u16 zero: both at once */
  memcpy(&frame->call, header + 8, 4);
  memcpy(&zero, header + 12, 4);
  frame->type = type_and_zero;
  if (frame->size > WIRE_MAX_FRAME || type_and_zero > UINT16_MAX || zero != 0)
    _exit(WIRE_EXIT_PROTOCOL);
  const size_t lead = 64 - CHANNEL_CALL_PREFIX;
  size_t whole = (lead + frame->size + 63) / 64 * 64;
  frame->block = aligned_alloc(64, whole);
  if (!frame->block)
    _exit(WIRE_EXIT_MEMORY);
  frame->payload = (uint8_t *)frame->block + lead;
  read_all(frame->payload, frame->size);
}

void frame_free(struct frame *frame) {
  free(frame->block);
  memset(frame, 0, sizeof *frame);
}

void channel_send(uint32_t type, uint32_t call, struct writer *writer) {
  size_t payload = writer_payload(writer);
  if (payload > WIRE_MAX_FRAME)
    _exit(WIRE_EXIT_MEMORY); /* every caller checks before; never send a length that lies */
  uint32_t size = (uint32_t)payload, zero = 0;
  memcpy(writer->data, &size, 4);
  memcpy(writer->data + 4, &type, 4);
  memcpy(writer->data + 8, &call, 4);
  memcpy(writer->data + 12, &zero, 4);
  pthread_mutex_lock(&write_lock);
  write_all(writer->data, writer->size);
  pthread_mutex_unlock(&write_lock);
  writer_free(writer);
}
