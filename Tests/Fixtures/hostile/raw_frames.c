/* Writes bytes of its own choice to the socket between runner and host: `frame`, hexadecimal, and `zeros` behind it. */
#include "hostile.h"

static void hostile_attack(void) {
  static char zeros[65536];
  const char *digits = hostile_text("frame");
  uint64_t left = hostile_number("zeros");
  unsigned char bytes[512];
  size_t size = strlen(digits) / 2;
  for (size_t i = 0; i < size; i++) {
    const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
    bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
  }
  if (write(3, bytes, size) != (ssize_t)size) {
    hostile_failed("write");
    return;
  }
  while (left) {
    ssize_t put = write(3, zeros, left < sizeof zeros ? left : sizeof zeros);
    if (put <= 0)
      break;
    left -= (uint64_t)put;
  }
  hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
