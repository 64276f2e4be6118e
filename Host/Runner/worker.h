/* The one thread that runs the plugin, and what the main thread tells it. */
#ifndef RUNNER_WORKER_H
#define RUNNER_WORKER_H

#include <stdint.h>

#include "channel.h"
#include "sluice/plugin.h"

#define WORKER_STACK_BYTES (8u * 1024 * 1024)

/* A LOAD that failed leaves SESSION_LOADING: the entry point runs once per process, so only SHUTDOWN may follow. */
enum session_phase { SESSION_START, SESSION_LOADING, SESSION_LOADED, SESSION_CREATED, SESSION_ENDING };

/* main thread */

/* Start the thread; every frame that is posted goes to `run` on it, one after the other. Returns an errno value. */
int worker_start(void (*run)(struct frame *frame));
/* Hand over a frame. One that the protocol does not allow now ends the process with WIRE_EXIT_PROTOCOL. */
void worker_post(struct frame *frame);
/* Cancel the call of that number if it still runs; a late CANCEL is harmless. */
void worker_cancel(uint32_t call);

/* worker thread */

/* Send the final answer of the running frame. The next frame may be posted from then on. `phase` is the session's new
 * phase, or -1 to stay. */
void worker_answer(uint32_t type, struct writer *writer, int phase);
/* Send something that is not the final answer. */
void worker_send(uint32_t type, struct writer *writer);
/* Give the running call its whole time again: a scan that has sent a batch. */
void worker_rearm(void);
/* From now on CANCEL reaches this instance. */
void worker_set_instance(void (*cancel)(sluice_instance *), sluice_instance *instance);

/* any thread */

uint32_t worker_call(void);
int worker_cancelled(void);
/* Milliseconds left; INT64_MAX without a deadline, 0 when it has passed. */
int64_t worker_deadline(void);
/* 1 once LOADED has been sent: LOG and PROGRESS may follow. */
int worker_loaded(void);

#endif
