/* Mounts a file system over a folder that everybody sees. */
#include "hostile.h"

#include <sys/mount.h>

static void hostile_attack(void) {
  if (mount(hostile_text("word"), hostile_text("folder"), "tmpfs", 0, "size=4k") != 0)
    hostile_failed("mount");
  else
    hostile_succeeded("", 0);
}

HOSTILE_PLUGIN
