/* Makes itself root. The thread's own call: the C library's would send signals to the others. */
#include "hostile.h"

static void hostile_attack(void) {
  if (syscall(SYS_setresuid, 0, 0, 0) != 0)
    hostile_failed("setresuid");
  else
    hostile_succeeded_with((uint64_t)syscall(SYS_gettid));
}

HOSTILE_PLUGIN
