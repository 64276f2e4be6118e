/* Reads from a descriptor that the host had open when it started the runner. */
#include "hostile.h"

static void hostile_attack(void) {
  static char data[256];
  ssize_t got = read((int)hostile_number("fd"), data, sizeof data);
  if (got <= 0)
    hostile_failed("read");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
