/* How a service would be asked over HTTP. Not in use: plugin.c computes its vectors itself. */
#ifndef REMOTE_H
#define REMOTE_H

#include "sluice_kit.h"

/* Post a body to /v1/infer of the endpoint "main" and give back what it answers. To use it, name the endpoint in the
 * manifest's `egress`, and call this from a function that SLUICE_KIT_INFER wraps (docs/egress.md). */
sluice_status remote_ask(const sluice_host *host, sluice_handle context, sluice_str body, sluice_text *out,
                         sluice_error *error);

#endif
