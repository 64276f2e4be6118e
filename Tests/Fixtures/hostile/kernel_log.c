/* Reads the kernel's log, which names addresses, devices and other people's processes. */
#include "hostile.h"

#include <sys/klog.h>

#define READ_ALL 3

static void hostile_attack(void) {
  static char data[512];
  int got = klogctl(READ_ALL, data, sizeof data);
  if (got <= 0)
    hostile_failed("syslog");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
