/* Takes a copy of one of the host's open descriptors and reads what lies behind it. */
#include "hostile.h"

static void hostile_attack(void) {
  static char data[256];
  int process = (int)syscall(SYS_pidfd_open, (pid_t)hostile_number("pid"), 0);
  if (process < 0) {
    hostile_failed("pidfd_open");
    return;
  }
  int fd = (int)syscall(SYS_pidfd_getfd, process, (int)hostile_number("fd"), 0);
  ssize_t got = fd < 0 ? -1 : pread(fd, data, sizeof data, 0);
  if (got < 0)
    hostile_failed(fd < 0 ? "pidfd_getfd" : "pread");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
