/* Writes `bytes` to standard output and to standard error. */
#include "hostile.h"

static void hostile_attack(void) {
  static char noise[65536];
  memset(noise, 'n', sizeof noise);
  for (int fd = 1; fd <= 2; fd++)
    for (uint64_t left = hostile_number("bytes"); left;) {
      ssize_t put = write(fd, noise, left < sizeof noise ? left : sizeof noise);
      if (put <= 0) {
        hostile_failed("write");
        return;
      }
      left -= (uint64_t)put;
    }
  hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
