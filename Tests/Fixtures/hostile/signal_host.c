/* Sends the host a signal. */
#include "hostile.h"

static void hostile_attack(void) {
  if (kill((pid_t)hostile_number("pid"), (int)hostile_number("signal")) != 0)
    hostile_failed("kill");
  else
    hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
