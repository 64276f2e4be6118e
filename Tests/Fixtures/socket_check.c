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

static const sluice_check_ops ops = {
    sizeof ops, 0, fixture_declare, begin, fixture_update, fixture_merge, fixture_finish,
};
FIXTURE_PLUGIN(SLUICE_KIND_CHECK, "fixture.socket_check", describe, ops);

FIXTURE_ENTRY
