/* Uses the relay as a database's library does, and tries what it must not do with it. The request is a word, the
 * descriptor, the port where the relay leads, and another port. The answer is what came of it, as `name=errno` words. */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "fixture.h"

static char answer[1024];

static void note(const char *name, long result) {
  size_t size = strlen(answer);
  snprintf(answer + size, sizeof answer - size, "%s%s=%d", size ? " " : "", name, result < 0 ? errno : 0);
}

static struct sockaddr_in local(int port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* One word there and one back. */
static void talk(int fd) {
  char word[16] = "";
  note("send", send(fd, "ping", 4, MSG_NOSIGNAL));
  note("recv", recv(fd, word, sizeof word - 1, 0));
  note("word", strcmp(word, "pong") == 0 ? 0 : -1);
}

static void use(int port) {
  struct sockaddr_in address = local(port), name;
  socklen_t size = sizeof name;
  int one = 1, error = -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  note("socket", fd);
  note("setsockopt", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  note("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
  note("again", connect(fd, (struct sockaddr *)&address, sizeof address));
  socklen_t width = sizeof error;
  note("getsockopt", getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &width));
  note("error", error == 0 ? 0 : -1);
  note("peercred", getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &error, &width));
  note("getsockname", getsockname(fd, (struct sockaddr *)&name, &size));
  note("name", name.sin_family == AF_INET && name.sin_addr.s_addr == address.sin_addr.s_addr ? 0 : -1);
  memset(&name, 0, size = sizeof name);
  note("getpeername", getpeername(fd, (struct sockaddr *)&name, &size));
  note("peer", size == sizeof name && memcmp(&name, &address, sizeof name) == 0 ? 0 : -1);
  int flags = fcntl(fd, F_GETFL);
  note("nonblock", flags & O_NONBLOCK ? 0 : -1);
  note("setfl", fcntl(fd, F_SETFL, flags & ~O_NONBLOCK));
  note("setown", fcntl(fd, F_SETOWN, 1));
  talk(fd);
  note("second", socket(AF_INET, SOCK_STREAM, 0));
  note("datagram", socket(AF_INET, SOCK_DGRAM, 0));
  note("shutdown", shutdown(fd, SHUT_WR));
}

static int is(sluice_str request, const char *word) {
  return request.size > strlen(word) && memcmp(request.data, word, strlen(word)) == 0 && request.data[strlen(word)] == ' ';
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance, (void)error;
  int fd = -1, port = 0, other = 0, value = 0;
  char text[128] = "";
  memcpy(text, request.data, request.size < sizeof text ? request.size : sizeof text - 1);
  sscanf(text, "%*s %d %d %d", &fd, &port, &other);
  struct sockaddr_in there = local(port), elsewhere = local(other);
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  socklen_t size = sizeof value;
  answer[0] = '\0';
  if (is(request, "use"))
    use(port);
  else if (is(request, "unix")) {
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/tmp/.s"};
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    note("socket", made);
    note("connect", connect(made, (struct sockaddr *)&path, sizeof path));
    talk(made);
  } else if (is(request, "elsewhere")) {
    int made = socket(AF_INET, SOCK_STREAM, 0);
    note("socket", made);
    note("connect", connect(made, (struct sockaddr *)&elsewhere, sizeof elsewhere));
  } else if (is(request, "family"))
    note("socket", socket(AF_UNIX, SOCK_STREAM, 0));
  else if (is(request, "socket"))
    note("socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
  else if (is(request, "disconnect"))
    note("connect", syscall(SYS_connect, fd, &none, sizeof none));
  else if (is(request, "connect"))
    note("connect", syscall(SYS_connect, fd, &there, sizeof there));
  else if (is(request, "sendto"))
    note("sendto", syscall(SYS_sendto, fd, "x", 1, 0, &elsewhere, sizeof elsewhere));
  else if (is(request, "sendto_channel"))
    note("sendto", syscall(SYS_sendto, 3, "x", 1, 0, NULL, 0));
  else if (is(request, "recvfrom"))
    note("recvfrom", syscall(SYS_recvfrom, fd, text, 1, MSG_DONTWAIT, &none, &size));
  else if (is(request, "recvfrom_channel"))
    note("recvfrom", syscall(SYS_recvfrom, 3, text, 1, MSG_DONTWAIT, NULL, NULL));
  else if (is(request, "sendmsg"))
    note("sendmsg", syscall(SYS_sendmsg, fd, &(struct msghdr){0}, 0));
  else if (is(request, "recvmsg"))
    note("recvmsg", syscall(SYS_recvmsg, fd, &(struct msghdr){0}, MSG_DONTWAIT));
  else if (is(request, "getsockopt"))
    note("getsockopt", syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, &value, &size));
  else if (is(request, "setsockopt"))
    note("setsockopt", syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value));
  else if (is(request, "shutdown_channel"))
    note("shutdown", syscall(SYS_shutdown, 3, SHUT_WR));
  else if (is(request, "listen"))
    note("listen", syscall(SYS_listen, fd, 1));
  else if (is(request, "signal"))
    note("fcntl", fcntl(fd, F_SETFL, O_RDWR | O_ASYNC));
  else if (is(request, "setfl_channel"))
    note("fcntl", syscall(SYS_fcntl, 3, F_SETFL, O_RDWR | O_NONBLOCK));
  else if (is(request, "setfl_error"))
    note("fcntl", fcntl(2, F_SETFL, O_WRONLY | O_NONBLOCK));
  else if (is(request, "setfl_null"))
    note("fcntl", fcntl(fd + (1 << 20), F_SETFL, O_RDWR));
  else if (is(request, "getpeername"))
    note("getpeername", syscall(SYS_getpeername, fd, &none, &size));
  else if (is(request, "getpeername_channel"))
    note("getpeername", getpeername(3, &none, &size));
  return fixture_text(out, answer);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, "{\"summary\":\"uses a relay\"}");
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, NULL, NULL, NULL, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.relay_probe", describe, ops);

FIXTURE_ENTRY
