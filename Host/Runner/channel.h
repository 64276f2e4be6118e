/* Frames over descriptor 3. */
#ifndef RUNNER_CHANNEL_H
#define RUNNER_CHANNEL_H

#include <stdint.h>

#include "bytes.h"

#define CHANNEL_DESCRIPTOR 3

/* Bytes of CALL in front of its first argument: {u32 method, i64 deadline_ms}. Frames are laid so in memory that
 * what follows them is 64-byte aligned: the batch of UPDATE is used where it lies. */
#define CHANNEL_CALL_PREFIX 12u

struct frame {
  uint32_t type;
  uint32_t call;
  uint32_t size;
  uint8_t *payload; /* inside `block` */
  void *block;      /* free() it, or pass it on and set it to NULL */
};

/* Wait for one frame. A frame above WIRE_MAX_FRAME or with a dirty header, and the end of the socket, end the process
 * with WIRE_EXIT_PROTOCOL and WIRE_EXIT_CLOSED. One reader at a time (worker.h). */
void channel_read(struct frame *frame);
void frame_free(struct frame *frame);

/* Fill in the header of `writer`, send it whole and free it. Safe from every thread.
 * The payload must be at most WIRE_MAX_FRAME. */
void channel_send(uint32_t type, uint32_t call, struct writer *writer);

#endif
