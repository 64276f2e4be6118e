/* Finds a secret in the session's keyring, which a program inherits from the one that started it. */
#include "hostile.h"

#include <linux/keyctl.h>

static void hostile_attack(void) {
  static char data[256];
  long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", hostile_text("name"), 0);
  if (key < 0) {
    hostile_failed("keyctl search");
    return;
  }
  long got = syscall(SYS_keyctl, KEYCTL_READ, key, data, sizeof data);
  if (got < 0)
    hostile_failed("keyctl read");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
