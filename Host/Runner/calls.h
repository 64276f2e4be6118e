/* What each frame of the host does, on the worker thread. */
#ifndef RUNNER_CALLS_H
#define RUNNER_CALLS_H

#include "channel.h"
#include "plugin.h"

/* Longest text that a plugin may answer with: the frame's limit less room for what surrounds it. */
#define CALLS_MAX_TEXT ((uint64_t)WIRE_MAX_FRAME - 4096)

/* Carry out LOAD, CREATE, CALL, CALLS or SHUTDOWN and answer it. A malformed payload ends the process with
 * WIRE_EXIT_PROTOCOL. */
void calls_run(struct frame *frame);
/* Before the first frame. */
void calls_set_highest_descriptor(int descriptor);

/* The connector's calls that move tables (scan.c). */
void scan_schema(const struct plugin *plugin, sluice_instance *instance, sluice_str table);
void scan_run(const struct plugin *plugin, sluice_instance *instance, sluice_str request);

#endif
