/* Reads a file by its path: one of the host's, of its user's, or of /proc. `at` is the offset, `size` how much. */
#include "hostile.h"

static void hostile_attack(void) {
  static char data[4096];
  size_t wanted = (size_t)hostile_number("size");
  int fd = (int)syscall(SYS_openat, AT_FDCWD, hostile_text("path"), O_RDONLY | O_NONBLOCK, 0);
  if (fd < 0) {
    hostile_failed("openat");
    return;
  }
  if (wanted == 0 || wanted > sizeof data)
    wanted = sizeof data;
  uint64_t at = hostile_number("at");
  ssize_t got = at ? pread(fd, data, wanted, (off_t)at) : read(fd, data, wanted);
  if (got <= 0)
    hostile_failed("read");
  else
    hostile_succeeded(data, (size_t)got);
  close(fd);
}

HOSTILE_PLUGIN
