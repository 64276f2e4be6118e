/* The host's services, each looked for before it is asked. */
#include "sluice_kit.h"

#include <string.h>

static sluice_status not_offered(const char *service, sluice_error *error) {
  return sluice_kit_fail(error, SLUICE_POLICY_BLOCK,
                         "The host does not offer %s to this kind of plugin: use a host that does.", service);
}

sluice_status sluice_kit_read_at(const sluice_host *host, sluice_handle context, uint32_t stream, uint64_t offset,
                                 void *buffer, uint64_t size, uint64_t *got, sluice_error *error) {
  *got = 0;
  if (!host->read_at) return not_offered("read_at", error);
  while (*got < size) {
    uint64_t more = 0;
    sluice_status status =
        host->read_at(context, stream, offset + *got, (char *)buffer + *got, size - *got, &more, error);
    if (status != SLUICE_OK) return status;
    if (more > size - *got) {
      return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The host returned more bytes than were asked for.");
    }
    if (more == 0) break;
    *got += more;
  }
  return SLUICE_OK;
}

sluice_status sluice_kit_stream_size(const sluice_host *host, sluice_handle context, uint32_t stream, uint64_t *size,
                                     sluice_error *error) {
  return host->stream_size ? host->stream_size(context, stream, size, error) : not_offered("stream_size", error);
}

sluice_status sluice_kit_resource(const sluice_host *host, sluice_handle context, sluice_str name, sluice_bytes *out,
                                  sluice_error *error) {
  return host->resource ? host->resource(context, name, out, error) : not_offered("resource", error);
}

sluice_status sluice_kit_http(const sluice_host *host, sluice_handle context, sluice_str request_json, sluice_bytes body,
                              sluice_text *response_json, sluice_text *response_body, sluice_error *error) {
  memset(response_json, 0, sizeof *response_json);
  memset(response_body, 0, sizeof *response_body);
  response_json->struct_size = sizeof *response_json;
  response_body->struct_size = sizeof *response_body;
  if (!host->http) return not_offered("http", error);
  sluice_status status = host->http(context, request_json, body, response_json, response_body, error);
  if (status == SLUICE_OK) return status;
  if (response_json->release) response_json->release(response_json);
  if (response_body->release) response_body->release(response_body);
  return status;
}

int sluice_kit_cancelled(const sluice_host *host, sluice_handle context) {
  return host->cancelled && host->cancelled(context) != 0;
}

void sluice_kit_log(const sluice_host *host, sluice_handle context, int32_t level, const char *message) {
  if (host->log) host->log(context, level, sluice_kit_str(message));
}

const void *sluice_kit_extension(const sluice_host *host, const char *id) {
  return host->get_extension ? host->get_extension(sluice_kit_str(id)) : NULL;
}
