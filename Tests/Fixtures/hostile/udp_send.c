/* Sends one datagram to a UDP port of the machine. */
#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)hostile_number("port"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) {
    hostile_failed("socket");
    return;
  }
  if (sendto(fd, word, strlen(word), 0, (struct sockaddr *)&address, sizeof address) < 0)
    hostile_failed("sendto");
  else
    hostile_succeeded(word, strlen(word));
  close(fd);
}

HOSTILE_PLUGIN
