/* Memory shared with the host: batches lie in its slots, frames name them (wire.h). */
#ifndef RUNNER_REGION_H
#define RUNNER_REGION_H

#include <stdint.h>

#include "bytes.h"
#include "channel.h"

/* Read the regions of LOAD, map them and close their descriptors: the plugin is left with the mappings, of which that of
 * to_runner cannot be made writable. Returns 0 when they are malformed. Before the plugin is loaded. */
int region_read(struct reader *load, int highest_descriptor);

/* to_runner */

/* The batch of UPDATE_AT; the slot is taken from then on. NULL when there is no such slot, it is taken or too small. */
uint8_t *region_take(uint32_t slot, uint64_t size);
/* What lies there is released. `batch` is what region_take returned. Any thread. */
void region_let_go(void *batch);
/* Bits of the slots that are free. */
uint32_t region_free_slots(void);

/* from_runner; the worker thread's, where nothing else is said */

/* A scan begins: all slots are free. */
void region_begin(uint32_t call);
/* 1 when a batch of that size goes into a slot. */
int region_holds(uint64_t size);
/* Wait for the slot whose turn it is. NULL when the call was cancelled meanwhile. */
uint8_t *region_wait(uint32_t *slot);
/* BATCH_DONE, on the thread that reads the socket. One that is malformed, or names a slot that was not handed over, ends
 * the process with WIRE_EXIT_PROTOCOL; one of an earlier scan is dropped. Does not take over the frame. */
void region_done(const struct frame *frame);
/* Whoever waits looks again whether its call was cancelled. Any thread. */
void region_cancelled(void);

#endif
