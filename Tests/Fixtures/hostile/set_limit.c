/* Sets the limit on open descriptors, its own (pid 0) or the host's. */
#include "hostile.h"

#include <sys/resource.h>

static void hostile_attack(void) {
  pid_t process = (pid_t)hostile_number("pid");
  struct rlimit limit;
  if (prlimit(process, RLIMIT_NOFILE, NULL, &limit) != 0) {
    hostile_failed("asking");
    return;
  }
  limit.rlim_cur = hostile_number("limit");
  if (limit.rlim_max < limit.rlim_cur)
    limit.rlim_max = limit.rlim_cur;
  if (prlimit(process, RLIMIT_NOFILE, &limit, NULL) != 0)
    hostile_failed("setting");
  else
    hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
