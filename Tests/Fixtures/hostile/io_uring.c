/* Sends a datagram without one socket call: socket, connect and send are done by an io_uring. */
#include "hostile.h"

#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>

static int ring;
static struct io_uring_params setup;
static char *submissions, *completions;
static struct io_uring_sqe *entries;

static void *map(size_t size, off_t what) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);
}

/* One operation, from its submission to its result. */
static int operation(uint8_t opcode, int fd, const void *address, uint64_t offset, uint32_t size) {
  uint32_t mask, head;
  _Atomic uint32_t *tail = (_Atomic uint32_t *)(void *)(submissions + setup.sq_off.tail);
  memcpy(&mask, submissions + setup.sq_off.ring_mask, 4);
  uint32_t slot = atomic_load(tail) & mask;
  memset(&entries[slot], 0, sizeof entries[slot]);
  entries[slot].opcode = opcode;
  entries[slot].fd = fd;
  entries[slot].addr = (uint64_t)(uintptr_t)address;
  entries[slot].off = offset;
  entries[slot].len = size;
  memcpy(submissions + setup.sq_off.array + slot * 4, &slot, 4);
  atomic_fetch_add(tail, 1);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
    return -errno;
  _Atomic uint32_t *done = (_Atomic uint32_t *)(void *)(completions + setup.cq_off.head);
  head = atomic_load(done);
  memcpy(&mask, completions + setup.cq_off.ring_mask, 4);
  struct io_uring_cqe result;
  memcpy(&result, completions + setup.cq_off.cqes + (head & mask) * sizeof result, sizeof result);
  atomic_store(done, head + 1);
  return result.res;
}

static void hostile_attack(void) {
  const char *word = hostile_text("word");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)hostile_number("port"))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ring = (int)syscall(SYS_io_uring_setup, 4, &setup);
  if (ring < 0) {
    hostile_failed("io_uring_setup");
    return;
  }
  submissions = map(setup.sq_off.array + setup.sq_entries * 4, IORING_OFF_SQ_RING);
  completions = map(setup.cq_off.cqes + setup.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  entries = map(setup.sq_entries * sizeof *entries, IORING_OFF_SQES);
  if (submissions == MAP_FAILED || completions == MAP_FAILED || (void *)entries == MAP_FAILED) {
    hostile_failed("mmap");
    return;
  }
  int fd = operation(IORING_OP_SOCKET, AF_INET, NULL, SOCK_DGRAM, 0);
  int connected = fd < 0 ? fd : operation(IORING_OP_CONNECT, fd, &address, sizeof address, 0);
  int sent = connected < 0 ? connected : operation(IORING_OP_SEND, fd, word, 0, (uint32_t)strlen(word));
  if (sent < 0) {
    errno = -sent;
    hostile_failed(fd < 0 ? "socket" : connected < 0 ? "connect" : "send");
    return;
  }
  hostile_succeeded(word, strlen(word));
}

HOSTILE_PLUGIN
