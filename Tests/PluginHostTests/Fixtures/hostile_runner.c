/* Speaks the runner's protocol and breaks it in the one way that the "plugin" on descriptor 4 names. No sandbox. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char mode[64];
static uint8_t payload[1 << 20];
static uint32_t payload_size, call;

static int is(const char *name) { return strcmp(mode, name) == 0; }

static void put(const void *data, size_t size) {
  const uint8_t *at = data;
  while (size) {
    ssize_t put = write(3, at, size);
    if (put <= 0)
      _exit(9);
    at += put;
    size -= (size_t)put;
  }
}

static void get(void *data, size_t size) {
  uint8_t *at = data;
  while (size) {
    ssize_t got = read(3, at, size);
    if (got <= 0)
      _exit(0);
    at += got;
    size -= (size_t)got;
  }
}

static void head(uint32_t size, uint16_t type, uint32_t of_call, uint32_t dirt) {
  uint32_t words[4] = {size, type, of_call, dirt};
  put(words, sizeof words);
}

static void send_frame(uint16_t type, uint32_t of_call, const void *data, uint32_t size) {
  head(size, type, of_call, 0);
  put(data, size);
}

static void log_line(const char *text) {
  uint8_t frame[256];
  uint32_t level = 1, size = (uint32_t)strlen(text);
  memcpy(frame, &level, 4);
  memcpy(frame + 4, &size, 4);
  memcpy(frame + 8, text, size);
  send_frame(70, call, frame, 8 + size);
}

/* The next frame, its payload dropped beyond the buffer. */
static uint32_t next(void) {
  uint32_t words[4];
  get(words, sizeof words);
  if (is("duplex") && words[1] == 3 && words[0] > (1 << 16))
    for (int i = 0; i < 50000; i++) /* far more than both sockets hold, before the request is read */
      log_line("a line of some length that fills the socket up while the host still wants to send its batch over");
  payload_size = words[0];
  call = words[2];
  uint32_t kept = payload_size < sizeof payload ? payload_size : sizeof payload, left = payload_size - kept;
  get(payload, kept);
  while (left) {
    static uint8_t dropped[1 << 16];
    uint32_t part = left < sizeof dropped ? left : sizeof dropped;
    get(dropped, part);
    left -= part;
  }
  return words[1];
}

static void hello(void) {
  struct __attribute__((packed)) {
    uint32_t version, major, minor;
    uint64_t layers;
    uint32_t n, layer;
    int32_t error;
  } greeting = {is("version") ? 2 : 1, 0, 1, is("weak") ? 0x3d : 0x3f, 0, 1, 38};
  greeting.n = is("weak");
  send_frame(is("hello_type") ? 67 : 64, 0, &greeting, is("weak") ? 32 : 24);
}

static void loaded(void) {
  /* LOAD begins with what LOADED begins with: {i32 kind, str id, str version}. */
  uint8_t answer[1024];
  uint32_t id, version, size;
  memcpy(&id, payload + 4, 4);
  memcpy(&version, payload + 8 + id, 4);
  size = 12 + id + version;
  memcpy(answer, payload, size);
  if (is("other_id"))
    answer[8] ^= 1;
  if (is("other_kind"))
    answer[0] ^= 3;
  static const char describe[] = "{\"summary\":\"hostile\"}";
  uint32_t abi[3] = {0, is("other_abi") ? 0 : 1, sizeof describe - 1};
  memcpy(answer + size, abi, 12);
  memcpy(answer + size + 12, describe, abi[2]);
  send_frame(65, 0, answer, size + 12 + abi[2]);
}

static void text(uint16_t type, const char *text) {
  uint8_t frame[4096];
  uint32_t size = (uint32_t)strlen(text);
  memcpy(frame, &size, 4);
  memcpy(frame + 4, text, size);
  send_frame(type, call, frame, 4 + size);
}

static void failure(int32_t code, const char *message, uint32_t size) {
  uint8_t *frame = calloc(1, 20 + size);
  uint32_t retryable = 1;
  uint64_t after = 1500;
  memcpy(frame, &code, 4);
  memcpy(frame + 4, &retryable, 4);
  memcpy(frame + 8, &after, 8);
  memcpy(frame + 16, &size, 4);
  memcpy(frame + 20, message, size);
  send_frame(68, call, frame, 20 + size);
  free(frame);
}

/* A batch of one int64 column of that name. */
static void batch(char name, uint64_t rows) {
  uint8_t frame[256] = {0};
  uint32_t words[] = {0x31424C53u, 1};
  uint32_t column[] = {2, 1, 1};
  uint64_t tail[7] = {0, 88, 0, 88, 0, 88, rows * 8};
  memcpy(frame, words, 8);
  memcpy(frame + 8, &rows, 8);
  memcpy(frame + 16, column, 12);
  frame[28] = (uint8_t)name;
  memcpy(frame + 29, tail, 56);
  if (is("scan_offset"))
    frame[29 + 8 + 32] = 0xf8; /* the values begin behind the frame */
  send_frame(69, call, frame, (uint32_t)(88 + rows * 8));
}

static void counts(uint64_t batches, uint64_t rows) {
  uint64_t both[2] = {batches, rows};
  send_frame(67, call, both, 16);
}

static void answer(void) {
  uint32_t method;
  memcpy(&method, payload, 4);
  if (method == 32 && strncmp(mode, "declare", 7) != 0) { /* checks are asked for their declaration first */
    text(67, "{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"rows\"]}");
    return;
  }
  if (is("type"))
    send_frame(99, call, "", 0);
  else if (is("call"))
    send_frame(67, call + 1, "", 0);
  else if (is("dirty"))
    head(0, 67, call, 1);
  else if (is("huge"))
    head(0xfffffff0u, 67, call, 0);
  else if (is("long"))
    send_frame(67, call, "xxxx", 4);
  else if (is("batch"))
    batch('a', 1);
  else if (is("again"))
    hello();
  else if (is("short_error"))
    send_frame(68, call, "xxxx", 4);
  else if (is("bad_code"))
    failure(77, "no", 2);
  else if (is("short_log"))
    send_frame(70, call, "xxxx", 4);
  else if (is("error")) {
    char message[8000];
    memset(message, 'm', sizeof message);
    memcpy(message, "rate\x1b[31m limit\n for 4111111111111111 ", 37);
    failure(4, message, sizeof message);
  } else if (is("exit3")) {
    for (int i = 0; i < 3000; i++)
      fputs("noise ", stderr);
    fputs("the last\x1b word for ann@example.org\n", stderr);
    _exit(3);
  } else if (is("segv"))
    raise(SIGSEGV);
  else if (is("closes")) {
    close(3);
    for (;;)
      pause();
  } else if (is("half")) {
    head(100, 68, call, 0);
    for (;;)
      pause();
  } else if (is("flood"))
    for (;;)
      log_line("again and again");
  else if (is("children")) {
    if (fork() == 0)
      for (;;)
        pause();
    for (;;)
      pause();
  } else if (is("scan_schema")) {
    batch('a', 1);
    batch('b', 1);
    counts(2, 2);
  } else if (is("scan_counts")) {
    batch('a', 2);
    counts(1, 3);
  } else if (is("scan_offset"))
    batch('a', 2);
  else if (is("scan_good") && method == 19) {
    for (int i = 0; i < 3; i++)
      batch('a', 2);
    counts(3, 6);
  } else if (is("scan_deaf") && method == 19) {
    for (;;)
      batch('a', 8);
  } else if (is("names"))
    text(67, "{\"tables\":[{\"name\":7}]}");
  else
    send_frame(67, call, "", 0);
}

int main(void) {
  ssize_t got = pread(4, mode, sizeof mode - 1, 0);
  if (got <= 0)
    return 64;
  if (is("early_exit"))
    return 3;
  if (is("silent"))
    for (;;)
      pause();
  hello();
  for (;;) {
    switch (next()) {
    case 1:
      loaded();
      break;
    case 2:
      send_frame(66, 0, "", 0);
      if (is("leaves"))
        _exit(7);
      break;
    case 3:
      answer();
      break;
    case 4:
      break;
    default:
      return 0;
    }
  }
}
