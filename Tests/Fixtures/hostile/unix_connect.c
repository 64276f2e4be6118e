/* Connects to a UNIX socket, by its path or, when the name begins with '@', by its abstract name; sends a word. */
#include "hostile.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word"), *name = hostile_text("name");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(name);
  if (size >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    hostile_failed("the name");
    return;
  }
  memcpy(address.sun_path, name, size);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  else
    size++;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) {
    hostile_failed("socket");
    return;
  }
  if (connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) != 0)
    hostile_failed("connect");
  else if (write(fd, word, strlen(word)) < 0)
    hostile_failed("write");
  else
    hostile_succeeded(word, strlen(word));
  close(fd);
}

HOSTILE_PLUGIN
