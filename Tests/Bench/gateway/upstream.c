/* The one upstream of bench-gateway: answers POST /v1/chat/completions with a fixed completion, over kept connections.
 *
 * upstream PORT DELAY_US: listens on 127.0.0.1, prints the port that it got. One thread, epoll; an answer goes out
 * DELAY_US after its request was whole. Not a web server: it reads a head, its Content-Length, and nothing else. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 1024, ROOM = 1 << 16 };

struct connection {
  size_t filled;
  uint64_t due; /* nanoseconds; 0 when nothing waits */
  char bytes[ROOM];
};

static struct connection *connections[CONNECTIONS];

static const char body[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"gpt-4o-mini\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"domain\\\":\\\"contact.email\\\","
    "\\\"confidence\\\":0.9}\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":57,\"completion_tokens\":14,\"total_tokens\":71,\"prompt_tokens_details\":"
    "{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}},"
    "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\"}";

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void answer(int descriptor) {
  char out[2048];
  int size = snprintf(out, sizeof out,
                      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                      sizeof body - 1, body);
  if (write(descriptor, out, (size_t)size) != size) perror("write");
}

/* The size of the first whole request in the buffer, 0 while there is none. */
static size_t whole(const struct connection *c) {
  const char *end = memmem(c->bytes, c->filled, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  size_t head = (size_t)(end - c->bytes) + 4, length = 0;
  for (const char *at = c->bytes; at < end; at = (const char *)memchr(at, '\n', (size_t)(end + 2 - at)) + 1)
    if (strncasecmp(at, "content-length:", 15) == 0) length = strtoul(at + 15, NULL, 10);
  return c->filled >= head + length ? head + length : 0;
}

static void leave(int epoll, int descriptor) {
  epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
  close(descriptor);
  free(connections[descriptor]);
  connections[descriptor] = NULL;
}

static void take(int epoll, int descriptor, uint64_t delay) {
  struct connection *c = connections[descriptor];
  ssize_t got = read(descriptor, c->bytes + c->filled, ROOM - c->filled);
  if (got <= 0) {
    leave(epoll, descriptor);
    return;
  }
  c->filled += (size_t)got;
  size_t size = whole(c);
  if (size == 0) return;
  memmove(c->bytes, c->bytes + size, c->filled - size);
  c->filled -= size;
  if (delay == 0)
    answer(descriptor);
  else
    c->due = now() + delay;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  uint64_t delay = strtoull(arguments[2], NULL, 10) * 1000;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  if (bind(listener, (struct sockaddr *)&place, sizeof place) != 0 || listen(listener, 512) != 0 ||
      getsockname(listener, (struct sockaddr *)&place, &size) != 0) {
    perror("upstream");
    return 1;
  }
  printf("%d\n", ntohs(place.sin_port));
  fflush(stdout);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[64];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    uint64_t next = UINT64_MAX, at = now();
    for (int d = 0; delay > 0 && d < CONNECTIONS; d++) {
      if (connections[d] == NULL || connections[d]->due == 0) continue;
      if (connections[d]->due <= at) {
        connections[d]->due = 0;
        answer(d);
      } else if (connections[d]->due < next) {
        next = connections[d]->due;
      }
    }
    struct timespec wait = {0, 0};
    if (next != UINT64_MAX) wait.tv_nsec = (long)(next - at), wait.tv_sec = wait.tv_nsec / 1000000000, wait.tv_nsec %= 1000000000;
    int ready = epoll_pwait2(epoll, events, 64, next == UINT64_MAX ? NULL : &wait, NULL);
    if (ready < 0 && errno != EINTR) return 1;
    for (int i = 0; i < ready; i++) {
      int descriptor = events[i].data.fd;
      if (descriptor != listener) {
        take(epoll, descriptor, delay);
        continue;
      }
      int taken = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
      if (taken < 0) continue;
      if (taken >= CONNECTIONS) {
        close(taken);
        continue;
      }
      setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      connections[taken] = calloc(1, sizeof **connections);
      event = (struct epoll_event){.events = EPOLLIN, .data.fd = taken};
      epoll_ctl(epoll, EPOLL_CTL_ADD, taken, &event);
    }
  }
}
