/* Makes a user and a mount namespace, in which it is root, and mounts a file system there. */
#include "hostile.h"

#include <sched.h>
#include <sys/mount.h>

static void escape(void) {
  static char mounts[65536];
  const char *word = hostile_text("word");
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    hostile_failed("unshare");
    return;
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount(word, "/", "tmpfs", 0, "size=4k") != 0) {
    hostile_failed("mount");
    return;
  }
  int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/mounts", O_RDONLY, 0);
  ssize_t got = fd < 0 ? 0 : read(fd, mounts, sizeof mounts - 1);
  mounts[got > 0 ? got : 0] = '\0';
  /* Without /proc in sight the two calls that worked are the evidence. */
  if (fd < 0 || strstr(mounts, word))
    hostile_succeeded(word, strlen(word));
  else
    hostile_failed("/proc/self/mounts");
}

static void hostile_attack(void) { hostile_in_child(escape); } /* a process of one thread may do it */

HOSTILE_PLUGIN
