/* Leaves a word in a keyring that it shares with the host. */
#include "hostile.h"

#include <linux/keyctl.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  long key = syscall(SYS_add_key, "user", hostile_text("name"), word, strlen(word), KEY_SPEC_SESSION_KEYRING);
  if (key < 0)
    hostile_failed("add_key");
  else
    hostile_succeeded_with((uint64_t)key);
}

HOSTILE_PLUGIN
