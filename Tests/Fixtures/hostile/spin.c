/* Computes for ever and pays no heed to cancel. */
#include "hostile.h"

static void hostile_attack(void) {
  for (volatile int forever = 1; forever;) {
  }
}

HOSTILE_PLUGIN
