/* A check that opens a socket when it begins, and says so: only a sandbox that refuses makes it fail. */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"opens a socket\"}");
}

static sluice_status declare(sluice_instance *instance, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  return fixture_text(out, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
}

static sluice_status begin(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params,
                           sluice_error *error) {
  (void)instance, (void)schema, (void)params;
  static char message[64];
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd >= 0) {
    close(fd);
    return SLUICE_OK;
  }
  snprintf(message, sizeof message, "no socket: errno %d", errno);
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, message);
}

static sluice_status update(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error) {
  (void)instance, (void)error;
  batch->release(batch);
  return SLUICE_OK;
}

static sluice_status merge(sluice_instance *instance, sluice_bytes state, sluice_error *error) {
  (void)instance, (void)state;
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, "this fixture keeps no state");
}

static sluice_status finish(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error) {
  (void)instance, (void)mode, (void)error;
  return fixture_text(out, "{\"rows\":0,\"findings\":[]}");
}

static const sluice_check_ops ops = {sizeof ops, 0, declare, begin, update, merge, finish};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.socket_check", describe, ops);

const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host) {
  return host->abi_major == SLUICE_ABI_MAJOR ? &fixture_plugin : NULL;
}
