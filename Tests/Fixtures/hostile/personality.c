/* Turns its own protections off: no random addresses, and whatever can be read can be run. */
#include "hostile.h"

#include <sys/personality.h>

static void hostile_attack(void) {
  if (personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) < 0) {
    hostile_failed("personality");
    return;
  }
  int now = personality(0xffffffff);
  if (now & READ_IMPLIES_EXEC)
    hostile_succeeded_with((uint64_t)now);
  else
    hostile_failed("asking");
}

HOSTILE_PLUGIN
