/* Asks whether a file exists, and what its size is, without opening it. */
#include "hostile.h"

#include <sys/stat.h>

static void hostile_attack(void) {
  struct stat status;
#ifdef SYS_newfstatat
  long failed = syscall(SYS_newfstatat, AT_FDCWD, hostile_text("path"), &status, 0);
#else
  int failed = fstatat(AT_FDCWD, hostile_text("path"), &status, 0);
#endif
  if (failed)
    hostile_failed("newfstatat");
  else
    hostile_succeeded_with((uint64_t)status.st_size);
}

HOSTILE_PLUGIN
