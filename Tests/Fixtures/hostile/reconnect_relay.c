/* Cuts the connection that it was handed and connects it to another server. */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  int fd = (int)hostile_number("fd");
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_port = htons((uint16_t)hostile_number("port"))};
  elsewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  /* Not by the C library's names: the runner has functions of its own there. */
  if (syscall(SYS_connect, fd, &nowhere, sizeof nowhere) != 0)
    hostile_failed("connect to nowhere");
  else if (syscall(SYS_connect, fd, &elsewhere, sizeof elsewhere) != 0)
    hostile_failed("connect");
  else if (write(fd, word, strlen(word)) < 0)
    hostile_failed("write");
  else
    hostile_succeeded(word, strlen(word));
}

HOSTILE_PLUGIN
