/* Counts the processor time of the host: a clock for its secrets. */
#include "hostile.h"

#include <linux/perf_event.h>

static void hostile_attack(void) {
  struct perf_event_attr attributes;
  uint64_t count;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  int fd = (int)syscall(SYS_perf_event_open, &attributes, (pid_t)hostile_number("pid"), -1, -1, 0);
  if (fd < 0)
    hostile_failed("perf_event_open");
  else if (read(fd, &count, sizeof count) != sizeof count)
    hostile_failed("read");
  else
    hostile_succeeded_with(count);
}

HOSTILE_PLUGIN
