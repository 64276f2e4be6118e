/* The host's services as the plugin sees them. */
#ifndef RUNNER_SERVICES_H
#define RUNNER_SERVICES_H

#include "bytes.h"
#include "sluice/host.h"

/* The one context handle of this process: index 1, generation 1. */
#define SERVICES_CONTEXT ((sluice_handle)0x100000001u)

#define SERVICES_MAX_MESSAGE 4096

/* Read the services, streams and resources of LOAD, and build the table. Returns 0 when they are malformed or name a
 * descriptor that was not inherited. `highest_descriptor` is what the command line said. */
int services_read(struct reader *load, int highest_descriptor);

/* Valid for the life of the process, after services_read. */
const sluice_host *services_table(void);

#endif
