/* Makes a file; with a word it writes that as well. */
#include "hostile.h"

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  int fd = (int)syscall(SYS_openat, AT_FDCWD, hostile_text("path"), O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (fd < 0) {
    hostile_failed("openat");
    return;
  }
  if (word[0] && write(fd, word, strlen(word)) < 0)
    hostile_failed("write");
  else
    hostile_succeeded(word, strlen(word));
  close(fd);
}

HOSTILE_PLUGIN
