/* The host's `http` service: the plugin's threads wait here while the host makes their requests. */
#ifndef RUNNER_HTTP_H
#define RUNNER_HTTP_H

#include "channel.h"
#include "sluice/host.h"

/* The service itself. Any thread of the plugin, while CREATE or a CALL runs; the host decides in which it answers. */
sluice_status http_request(sluice_handle context, sluice_str request_json, sluice_bytes body,
                           sluice_text *response_json, sluice_text *response_body, sluice_error *error);

/* the thread that reads the socket */

/* Take over an HTTP_RESPONSE. A malformed one ends the process with WIRE_EXIT_PROTOCOL; a late one is dropped. */
void http_response(struct frame *frame);
/* Whoever waits looks again whether its call was cancelled. */
void http_cancelled(void);

/* any thread */

/* A call may ask from now on; or none may any more, and whoever waits is told so. After `http_end` returns, no
 * HTTP_REQUEST of the call follows. */
void http_begin(void);
void http_end(void);

#endif
