/* Speaks the runner's protocol and breaks it in the one way that the "plugin" on descriptor 4 names. No sandbox. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
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
  } greeting = {is("version") ? 1 : 2, 0, 1, is("weak") ? 0x3d : 0x3f, 0, 1, 38};
  greeting.n = is("weak");
  send_frame(is("hello_type") ? 67 : 64, 0, &greeting, is("weak") ? 32 : 24);
}

#define SLOT_SIZE (64u << 20)
static uint8_t *region; /* from_runner */

/* LOAD ends with the descriptors of the regions. */
static void map_region(void) {
  int32_t fd;
  memcpy(&fd, payload + payload_size - 4, 4);
  if (fd < 0)
    return;
  region = mmap(NULL, 2 * (size_t)SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (region == MAP_FAILED)
    _exit(10);
}

static void loaded(void) {
  map_region();
  /* Behind its deadline LOAD begins with what LOADED begins with: {i32 kind, str id, str version}. */
  uint8_t answer[1024];
  const uint8_t *load = payload + 8;
  uint32_t id, version, size;
  memcpy(&id, load + 4, 4);
  memcpy(&version, load + 8 + id, 4);
  size = 12 + id + version;
  memcpy(answer, load, size);
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

/* With `tail`, what an error of `update` ends with. */
static void failure(int32_t code, const char *message, uint32_t size, const uint32_t *tail) {
  uint8_t *frame = calloc(1, 24 + size);
  uint32_t retryable = 1;
  uint64_t after = 1500;
  memcpy(frame, &code, 4);
  memcpy(frame + 4, &retryable, 4);
  memcpy(frame + 8, &after, 8);
  memcpy(frame + 16, &size, 4);
  memcpy(frame + 20, message, size);
  if (tail)
    memcpy(frame + 20 + size, tail, 4);
  send_frame(68, call, frame, (tail ? 24 : 20) + size);
  free(frame);
}

#define BOOL 1u
#define INT64 2u
#define UTF8 4u

static uint64_t letters; /* of a text column's values, in all of its rows */

/* The wire form of a batch: columns of zeros, of a type and a name each. */
static uint32_t table(uint8_t *out, uint32_t columns, const uint32_t *types, const char *const *names, uint64_t rows) {
  uint32_t start[2] = {0x31424C53u, columns}, at = 16;
  uint64_t head = 16, body;
  for (uint32_t i = 0; i < columns; i++)
    head += 68 + strlen(names[i]);
  body = head = (head + 7) / 8 * 8;
  memset(out, 0, head);
  memcpy(out, start, 8);
  memcpy(out + 8, &rows, 8);
  for (uint32_t i = 0; i < columns; i++) {
    uint64_t values = types[i] == BOOL ? (rows + 7) / 8 : types[i] == INT64 ? rows * 8 : rows ? letters : 0;
    uint64_t offsets = types[i] == UTF8 && rows ? (rows + 1) * 4 : 0;
    uint32_t size = (uint32_t)strlen(names[i]), column[3] = {types[i], 1, size};
    uint64_t tail[7] = {0, body, 0, body, offsets, body + (offsets + 7) / 8 * 8, values};
    memcpy(out + at, column, 12);
    memcpy(out + at + 12, names[i], size);
    memcpy(out + at + 12 + size, tail, 56);
    at += 68 + size;
    uint64_t end = tail[5] + (values + 7) / 8 * 8;
    memset(out + body, 0, end - body);
    body = end;
  }
  return (uint32_t)body;
}

static uint8_t built[1 << 20];

static void batch_of(uint32_t columns, const uint32_t *types, const char *const *names, uint64_t rows) {
  uint32_t size = table(built, columns, types, names, rows);
  if (is("scan_offset")) {
    uint64_t behind = 0xf8; /* where the values begin */
    memcpy(built + 29 + 8 + 32, &behind, 8);
  }
  if (is("scan_tail")) {
    memset(built + size, 7, 8);
    size += 8;
  }
  send_frame(69, call, built, size);
}

/* A batch of one int64 column of that name. */
static void batch(char name, uint64_t rows) {
  const char text[2] = {name, 0}, *const names[] = {text};
  const uint32_t types[] = {INT64};
  batch_of(1, types, names, rows);
}

static const uint32_t source_types[] = {INT64, INT64, INT64, UTF8};
static const char *const source_names[] = {"sluice.id", "sluice.line", "sluice.byte_offset", "sluice.reject"};

/* Waits for BATCH_DONE of that slot. */
static void done(uint32_t slot) {
  uint32_t given;
  if (next() != 7 || payload_size != 4)
    _exit(11);
  memcpy(&given, payload, 4);
  if (given != slot)
    _exit(12);
}

#include "hostile_storm.h"

/* The answer to `schema`, for a scan that is to come. */
static void announce(void) {
  static const uint32_t types[] = {INT64, INT64};
  static const char *const names[] = {"a", "b"};
  static const uint32_t other_type[] = {BOOL};
  uint32_t size = 2;
  memcpy(built, &size, 4);
  memcpy(built + 4, "{}", 2);
  if (is("scan_named"))
    size = table(built + 6, 1, source_types, source_names, 0);
  else if (is("names_reserved"))
    size = table(built + 6, 2, source_types, source_names, 0);
  else if (is("slot_storm") || is("slot_flip"))
    size = table(built + 6, 2, storm_types, storm_names, 0);
  else
    size = table(built + 6, is("scan_fewer") ? 2 : 1, is("scan_type") ? other_type : types, names, 0);
  send_frame(67, call, built, 6 + size);
}

/* The batch of column "a" in a slot: the frame that says so, and what lies there. */
static void batch_at(uint32_t slot, uint64_t rows, uint64_t said) {
  static const uint32_t types[] = {INT64};
  static const char *const names[] = {"a"};
  uint8_t frame[12];
  uint64_t size = table(region + (slot % 2) * (size_t)SLOT_SIZE, 1, types, names, rows);
  if (said)
    size = said;
  memcpy(frame, &slot, 4);
  memcpy(frame + 4, &size, 8);
  send_frame(73, call, frame, is("slot_short") ? 11 : 12);
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
  if (method == 17 && (strncmp(mode, "scan", 4) == 0 || strncmp(mode, "slot", 4) == 0 || is("names_reserved"))) {
    announce();
    return;
  }
  if (method == 34 || method == 37) { /* both slots are free, and no other */
    uint32_t bits = is("slot_freed") ? 1u << 9 : is("slot_denied") ? 0 : 3;
    if (is("slot_error") || is("slot_error_freed") || is("slot_error_silent")) {
      bits = is("slot_error_freed") ? 1u << 9 : 3;
      failure(8, "no", 2, is("slot_error_silent") ? NULL : &bits);
    } else
      send_frame(67, call, &bits, is("slot_silent") ? 0 : 4);
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
    failure(77, "no", 2, NULL);
  else if (is("short_log"))
    send_frame(70, call, "xxxx", 4);
  else if (is("error")) {
    char message[8000];
    memset(message, 'm', sizeof message);
    memcpy(message, "rate\x1b[31m limit\n for 4111111111111111 ", 37);
    failure(4, message, sizeof message, NULL);
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
  } else if (is("smuggle")) {
    head(100, 68, call, 0);
    next(); /* CANCEL, if it comes: what follows is the payload's to the host, not a frame */
    log_line("smuggled");
    for (;;)
      pause();
  } else if (is("scan_fewer") || is("scan_type")) {
    batch('a', 2);
    counts(1, 2);
  } else if (is("scan_named")) {
    batch_of(4, source_types, source_names, 3);
    counts(1, 3);
  } else if (is("scan_rows")) {
    batch('a', 2);
    batch('a', 5);
    counts(2, 7);
  } else if (is("scan_bools")) {
    const char *const names[] = {"a"};
    const uint32_t types[] = {BOOL};
    batch_of(1, types, names, 1 << 20);
  } else if (is("scan_empty")) {
    for (;;)
      batch('a', 0);
  } else if (is("scan_trickle")) {
    for (;;) {
      struct timespec moment = {0, 100000000};
      nanosleep(&moment, NULL);
      batch('a', 1);
    }
  } else if (is("scan_tail")) {
    batch('a', 2);
    counts(1, 2);
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
  } else if (is("slot_good")) {
    for (uint32_t i = 0; i < 6; i++) {
      batch_at(i % 2, 3, 0);
      done(i % 2);
    }
    counts(6, 18);
  } else if (is("slot_far")) {
    batch_at(2, 3, 0);
  } else if (is("slot_twice")) {
    batch_at(0, 3, 0);
    batch_at(0, 3, 0);
  } else if (is("slot_second")) {
    batch_at(1, 3, 0);
  } else if (is("slot_large")) {
    batch_at(0, 3, (uint64_t)SLOT_SIZE + 1);
  } else if (is("slot_huge")) {
    batch_at(0, 3, UINT64_MAX);
  } else if (is("slot_long")) {
    batch_at(0, 3, SLOT_SIZE); /* zeros behind the batch */
  } else if (is("slot_zeros")) {
    uint32_t words[3] = {0, 4096, 0};
    send_frame(73, call, words, 12);
  } else if (is("slot_short")) {
    batch_at(0, 3, 0);
  } else if (is("slot_early")) {
    uint32_t words[3] = {0, 96, 0}; /* in an answer that has no rows */
    send_frame(73, call, words, 12);
  } else if (is("slot_storm") || is("slot_flip")) { /* what is in the slots changes all the time */
    storm_batches();
    counts(STORM_BATCHES, STORM_BATCHES * STORM_ROWS);
  } else if (is("slot_endless")) { /* waits for no slot to come back, and hears no CANCEL */
    for (uint32_t i = 0;; i++)
      batch_at(i % 2, 3, 0);
  } else if (is("scan_deaf")) {
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
      if (is("load_exit")) {
        fputs("a cell: ann@example.org, noise\n", stderr);
        _exit(3);
      } else if (is("load_error"))
        failure(1, "a cell: noise", 13, NULL);
      else
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
