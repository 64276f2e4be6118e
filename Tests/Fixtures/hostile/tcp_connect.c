/* Connects to a TCP port of the machine and sends a word. */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)hostile_number("port"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) {
    hostile_failed("socket");
    return;
  }
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
    hostile_failed("connect");
  else if (write(fd, word, strlen(word)) < 0)
    hostile_failed("write");
  else
    hostile_succeeded(word, strlen(word));
  close(fd);
}

HOSTILE_PLUGIN
