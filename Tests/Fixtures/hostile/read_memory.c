/* Reads the host's memory at an address. */
#include "hostile.h"

#include <sys/uio.h>

static void hostile_attack(void) {
  static char data[256];
  struct iovec here = {data, hostile_number("size") < sizeof data ? hostile_number("size") : sizeof data};
  struct iovec there = {(void *)(uintptr_t)hostile_number("at"), here.iov_len};
  ssize_t got = process_vm_readv((pid_t)hostile_number("pid"), &here, 1, &there, 1, 0);
  if (got < 0)
    hostile_failed("process_vm_readv");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
