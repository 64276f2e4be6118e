/* Counts the processor time of a thread of the host: a clock for its secrets. */
#include "hostile.h"

#include <linux/perf_event.h>
#include <time.h>

static void hostile_attack(void) {
  struct perf_event_attr attributes;
  const struct timespec moment = {0, 1000000};
  uint64_t count = 0;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_TASK_CLOCK;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  int fd = (int)syscall(SYS_perf_event_open, &attributes, (pid_t)hostile_number("pid"), -1, -1, 0);
  if (fd < 0) {
    hostile_failed("perf_event_open");
    return;
  }
  for (int i = 0; i < 1000 && count == 0; i++) {
    nanosleep(&moment, NULL);
    if (read(fd, &count, sizeof count) != sizeof count) {
      hostile_failed("read");
      return;
    }
  }
  if (count)
    hostile_succeeded_with(count);
  else
    hostile_failed("counting");
}

HOSTILE_PLUGIN
