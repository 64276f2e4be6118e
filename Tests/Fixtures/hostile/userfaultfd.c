/* Takes the handling of page faults over, which stops the kernel in the middle of a copy. */
#include "hostile.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

static void hostile_attack(void) {
  struct uffdio_api api = {.api = UFFD_API};
  int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
  if (fd < 0)
    hostile_failed("userfaultfd");
  else if (ioctl(fd, UFFDIO_API, &api) != 0)
    hostile_failed("ioctl");
  else
    hostile_succeeded_with(api.api);
}

HOSTILE_PLUGIN
