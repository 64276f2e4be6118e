/* Opens descriptors until it may not or has `count`. */
#include "hostile.h"

#include <sys/eventfd.h>

static void hostile_attack(void) {
  uint64_t count = hostile_number("count"), had = 0;
  while (had < count && eventfd(0, EFD_CLOEXEC) >= 0)
    had++;
  if (had < count)
    hostile_failed("eventfd");
  else
    hostile_succeeded_with(had);
}

HOSTILE_PLUGIN
