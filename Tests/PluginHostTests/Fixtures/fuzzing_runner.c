/* Speaks the runner's protocol as long as it likes, then anything: the "plugin" on descriptor 4 is a seed. No sandbox.
 *
 * Every frame is right, or changed in a few places, or left out, or something else comes in front of it. Behind a frame
 * that is not right it mostly ends, because what it would say next has been said in other runs; sometimes it goes on. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t state;
static uint32_t honesty; /* of so many frames one is not right */
static uint8_t request[1 << 16];
static uint32_t request_size, call;
static uint8_t frame[1 << 16];
static size_t frame_size;
static uint8_t *region; /* from_runner */
#define SLOT_SIZE (64u << 20)

static uint32_t pick(uint32_t below) { /* SplitMix64 */
  uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (uint32_t)((z ^ (z >> 31)) % below);
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

/* The next request's type; of its payload what the buffer holds. */
static uint32_t next(void) {
  uint32_t words[4];
  static uint8_t dropped[1 << 16];
  get(words, sizeof words);
  call = words[2];
  request_size = words[0] < sizeof request ? words[0] : sizeof request;
  get(request, request_size);
  for (uint32_t left = words[0] - request_size; left;) {
    uint32_t part = left < sizeof dropped ? left : (uint32_t)sizeof dropped;
    get(dropped, part);
    left -= part;
  }
  return words[1];
}

/* Building a frame. */

static void raw(const void *data, size_t size) {
  if (frame_size + size > sizeof frame)
    return;
  memcpy(frame + frame_size, data, size);
  frame_size += size;
}

static void u32(uint32_t value) { raw(&value, 4); }
static void u64(uint64_t value) { raw(&value, 8); }

static void text(const char *value) {
  u32((uint32_t)strlen(value));
  raw(value, strlen(value));
}

static void begin(uint32_t type) {
  frame_size = 0;
  u32(0);
  u32(type);
  u32(call);
  u32(0);
}

/* A batch of two columns, int64 and utf8. */
static void batch(uint64_t rows) {
  static const char letters[] = "abcdefgh";
  uint64_t start = frame_size, head = 16 + 2 * (12 + 1 + 56), at = (head + 7) / 8 * 8;
  u32(0x31424C53u);
  u32(2);
  u64(rows);
  u32(2), u32(0), text("a"), u64(0);
  u64(at), u64(0), u64(at), u64(0), u64(at), u64(rows * 8);
  at += rows * 8;
  u32(4), u32(0), text("b"), u64(0);
  u64(at), u64(0), u64(at), u64(rows ? (rows + 1) * 4 : 0);
  at += rows ? ((rows + 1) * 4 + 7) / 8 * 8 : 0;
  u64(at), u64(rows);
  while ((frame_size - start) % 8)
    raw("", 1);
  for (uint64_t i = 0; i < rows; i++)
    u64(i);
  for (uint64_t i = 0; rows && i <= rows; i++)
    u32((uint32_t)i);
  while ((frame_size - start) % 8)
    raw("", 1);
  for (uint64_t i = 0; i < rows; i++)
    raw(letters + i % 8, 1);
  while ((frame_size - start) % 8)
    raw("", 1);
}

static void put(void) {
  const uint8_t *at = frame;
  size_t left = frame_size;
  while (left) {
    ssize_t sent = write(3, at, left);
    if (sent <= 0)
      _exit(9);
    at += sent;
    left -= (size_t)sent;
  }
}

static void change(void) {
  static const uint32_t edges[] = {0, 1, 7, 8, 0x7f, 0xffff, 0x7fffffff, 0x80000000u, 0xfffffff8u, 0xffffffffu};
  for (uint32_t times = 1 + pick(4); times; times--) {
    uint32_t place = pick((uint32_t)frame_size), field = place & ~3u;
    switch (pick(5)) {
    case 0:
      frame[place] ^= (uint8_t)(1u << pick(8));
      break;
    case 1:
      frame[place] = (uint8_t)pick(256);
      break;
    case 2:
      if (field + 4 <= frame_size)
        memcpy(frame + field, &edges[pick(sizeof edges / sizeof *edges)], 4);
      break;
    case 3:
      frame_size -= pick((uint32_t)frame_size < 40 ? (uint32_t)frame_size : 40);
      break;
    default:
      for (uint32_t i = pick(64); i && frame_size < sizeof frame; i--)
        frame[frame_size++] = (uint8_t)pick(256);
    }
    if (frame_size == 0)
      return;
  }
  if (pick(2) && frame_size >= 16) { /* a header that fits, so that the payload is read */
    uint32_t size = (uint32_t)frame_size - 16;
    memcpy(frame, &size, 4);
  }
}

static void end_maybe(void) {
  if (pick(8) == 0)
    return;
  if (pick(2))
    fputs("went astray\n", stderr);
  _exit((int)pick(3));
}

static void send_it(void) {
  uint32_t size = (uint32_t)frame_size - 16;
  memcpy(frame, &size, 4);
  switch (pick(honesty) ? 3 : pick(3)) {
  case 0:
    change();
    put();
    end_maybe();
    break;
  case 1: { /* noise in front */
    uint8_t noise[64];
    uint32_t n = 1 + pick(sizeof noise);
    for (uint32_t i = 0; i < n; i++)
      noise[i] = (uint8_t)pick(256);
    if (write(3, noise, n) != (ssize_t)n)
      _exit(9);
    put();
    end_maybe();
    break;
  }
  case 2: /* twice, or not at all */
    if (pick(2)) {
      put();
      put();
    }
    end_maybe();
    break;
  default:
    put();
  }
}

static void talk(void) {
  for (uint32_t lines = pick(4); lines; lines--) {
    begin(70 + pick(2));
    if (frame[4] == 70)
      u32(pick(5)), text("a line");
    else
      u64(pick(9)), u64(9);
    send_it();
  }
}

static void loaded(void) {
  /* Behind its deadline LOAD begins with what LOADED begins with: {i32 kind, str id, str version}. */
  uint32_t id, version;
  memcpy(&id, request + 12, 4);
  if (16 + (uint64_t)id + 4 > request_size)
    _exit(8);
  memcpy(&version, request + 16 + id, 4);
  if (20 + (uint64_t)id + version > request_size)
    _exit(8);
  int32_t shared;
  memcpy(&shared, request + request_size - 4, 4);
  if (shared >= 0) {
    region = mmap(NULL, 2 * (size_t)SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (region == MAP_FAILED)
      _exit(8);
  }
  begin(65);
  raw(request + 8, 12 + id + version);
  u32(0), u32(1), text("{\"summary\":\"fuzz\"}");
  send_it();
}

static void answer(void) {
  uint32_t method;
  memcpy(&method, request, 4);
  talk();
  if (pick(16) == 0) {
    begin(68), u32(1 + pick(9)), u32(pick(2)), u64(pick(1000)), text("it was not to be");
    send_it();
    return;
  }
  uint32_t batches = method == 19 ? pick(4) : 0, slot = 0;
  for (uint32_t i = 0; i < batches; i++) {
    begin(69), batch(4);
    if (region && pick(2)) { /* in a slot, changed there as frames are */
      size_t size = frame_size - 16;
      if (pick(honesty) == 0)
        change();
      memcpy(region + slot * (size_t)SLOT_SIZE, frame + 16, size);
      begin(73), u32(slot), u64(size);
      slot = 1 - slot;
    }
    send_it();
  }
  begin(67);
  switch (method) {
  case 2: /* embed: two texts */
    u32(2), u64(2), u64(0), u64(0);
    break;
  case 3:
    u64(3);
    break;
  case 4:
    text("{\"healthy\":true}");
    break;
  case 16:
    text("{\"tables\":[{\"name\":\"\"}]}");
    break;
  case 17:
    text("{}"), batch(0);
    break;
  case 18:
    text("{\"splits\":[{\"id\":\"1\"},{\"id\":\"2\"}]}");
    break;
  case 19:
    u64(batches), u64(4 * batches);
    break;
  case 32:
    text("{\"companions\":[],\"reason_codes\":[],\"metrics\":[\"m\"]}");
    break;
  case 36:
    text("{\"rows\":2,\"findings\":[{\"metric\":\"m\",\"value\":0.5,\"column\":\"c0\",\"ordinals\":[0]}]}");
    break;
  case 34: /* update, in its frame and in a slot */
  case 37:
    u32(3);
    break;
  default: /* begin */
    break;
  }
  send_it();
}

/* CALLS of token estimates. */
static void answer_many(void) {
  uint32_t count;
  memcpy(&count, request + 8, 4);
  talk();
  begin(74), u32(count);
  for (uint32_t i = 0; i < count && i < 64; i++) {
    if (pick(4)) {
      u32(0), u32(8), u64(3);
      continue;
    }
    u32(1), u32(20 + 2), u32(1 + pick(9)), u32(pick(2)), u64(pick(1000)), text("no");
  }
  send_it();
}

int main(void) {
  char seed[32] = "";
  if (pread(4, seed, sizeof seed - 1, 0) <= 0)
    return 64;
  state = strtoull(seed, NULL, 10);
  honesty = 2u << pick(7);
  begin(64), u32(2), u32(0), u32(1), u64(0xff), u32(0);
  send_it();
  for (;;) {
    switch (next()) {
    case 1:
      loaded();
      break;
    case 2:
      begin(66);
      send_it();
      break;
    case 3:
      answer();
      break;
    case 4: /* CANCEL */
    case 7: /* BATCH_DONE */
      break;
    case 8:
      answer_many();
      break;
    default:
      return 0;
    }
  }
}
