/* The one thread that runs the plugin, and the one that watches while it does.
 *
 * One of the two reads the socket. While nothing runs it is the worker: a call then begins without a second thread being
 * woken for it. What comes while a call runs (CANCEL, the end of the socket, answers that the plugin waits for) is the
 * watcher's to read: it takes the reading over when a call has run for WORKER_ALONE_NS, or at once when it is asked to,
 * and gives it back with the next frame for the worker. The role changes hands under one lock: never do both read, and
 * never neither. */
#ifndef RUNNER_WORKER_H
#define RUNNER_WORKER_H

#include <stdint.h>

#include "channel.h"
#include "sluice/plugin.h"

#define WORKER_STACK_BYTES (8u * 1024 * 1024)
/* CANCEL and the end of the socket are seen so late at most. */
#define WORKER_ALONE_NS INT64_C(2000000)

/* A LOAD that failed leaves SESSION_LOADING: the entry point runs once per process, so only SHUTDOWN may follow. */
enum session_phase { SESSION_START, SESSION_LOADING, SESSION_LOADED, SESSION_CREATED, SESSION_ENDING };

/* main thread */

/* Start the thread; every frame for it goes to `run` on it, one after the other. Returns an errno value. A frame that
 * the protocol does not allow when it comes ends the process with WIRE_EXIT_PROTOCOL. */
int worker_start(void (*run)(struct frame *frame));
/* Watch, for the rest of the process's life. */
_Noreturn void worker_watch(void);

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
/* Until the next of these, final answers go to `to` instead of the host; NULL ends it. `to` takes over the writer. */
void worker_divert(void (*to)(uint32_t type, struct writer *writer));

/* any thread */

/* The plugin is going to wait for a frame of the host's: let the watcher read from now on, if a call runs. */
void worker_listen(void);

uint32_t worker_call(void);
int worker_cancelled(void);
/* Milliseconds left; INT64_MAX without a deadline, 0 when it has passed. */
int64_t worker_deadline(void);
/* 1 once LOADED has been sent: LOG and PROGRESS may follow. */
int worker_loaded(void);

#endif
