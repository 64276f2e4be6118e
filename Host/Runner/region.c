#define _GNU_SOURCE
#include "region.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"
#include "worker.h"

#define ALL_SLOTS ((UINT32_C(1) << WIRE_SLOTS) - 1)

static uint8_t *incoming; /* of to_runner; NULL: not offered */
static atomic_uint_fast32_t taken;

static uint8_t *outgoing; /* of from_runner; NULL: not offered */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
/* Under `lock`. */
static uint32_t handed_over; /* bits */
static uint32_t turn;
static uint32_t scan;
static int has_scan;

/* NULL when the descriptor is not one of a region. The mapping is for the life of the process. */
static uint8_t *map(int fd, int protection, int highest_descriptor) {
  struct stat status;
  /* Past the end of its file a mapping is a SIGBUS. */
  if (fd <= CHANNEL_DESCRIPTOR || fd > highest_descriptor || fstat(fd, &status) != 0 ||
      status.st_size != (off_t)WIRE_REGION_SIZE)
    return NULL;
  void *memory = mmap(NULL, WIRE_REGION_SIZE, protection, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    _exit(WIRE_EXIT_MEMORY);
  (void)madvise(memory, WIRE_REGION_SIZE, MADV_HUGEPAGE); /* fewer page faults where the machine offers it */
  close(fd);
  return memory;
}

int region_read(struct reader *load, int highest_descriptor) {
  int32_t in = reader_i32(load);
  int32_t out = reader_i32(load);
  if (load->bad || (in != -1 && in == out))
    return 0;
  if (in != -1 && !(incoming = map(in, PROT_READ, highest_descriptor)))
    return 0;
  if (out != -1 && !(outgoing = map(out, PROT_READ | PROT_WRITE, highest_descriptor)))
    return 0;
  return 1;
}

/* --- to_runner ------------------------------------------------------------------------------------------------------ */

uint8_t *region_take(uint32_t slot, uint64_t size) {
  if (!incoming || slot >= WIRE_SLOTS || size > WIRE_SLOT_SIZE)
    return NULL;
  uint32_t bit = UINT32_C(1) << slot;
  if (atomic_fetch_or(&taken, bit) & bit)
    return NULL;
  return incoming + (size_t)slot * WIRE_SLOT_SIZE;
}

void region_let_go(void *batch) {
  size_t slot = (size_t)((uint8_t *)batch - incoming) / WIRE_SLOT_SIZE;
  atomic_fetch_and(&taken, ~(UINT32_C(1) << slot));
}

uint32_t region_free_slots(void) { return incoming ? ALL_SLOTS & ~(uint32_t)atomic_load(&taken) : 0; }

/* --- from_runner ---------------------------------------------------------------------------------------------------- */

void region_begin(uint32_t call) {
  pthread_mutex_lock(&lock);
  handed_over = turn = 0;
  scan = call;
  has_scan = 1;
  pthread_mutex_unlock(&lock);
  if (outgoing)
    worker_listen(); /* what gives a slot back comes by the socket */
}

int region_holds(uint64_t size) { return outgoing && size > WIRE_INLINE_BATCH && size <= WIRE_SLOT_SIZE; }

uint8_t *region_wait(uint32_t *slot) {
  pthread_mutex_lock(&lock);
  *slot = turn;
  uint32_t bit = UINT32_C(1) << turn;
  while ((handed_over & bit) && !worker_cancelled())
    pthread_cond_wait(&changed, &lock);
  int is_free = !(handed_over & bit);
  if (is_free) {
    handed_over |= bit;
    turn = (turn + 1) % WIRE_SLOTS;
  }
  pthread_mutex_unlock(&lock);
  return is_free ? outgoing + (size_t)*slot * WIRE_SLOT_SIZE : NULL;
}

void region_done(const struct frame *frame) {
  struct reader reader = reader_make(frame->payload, frame->size);
  uint32_t slot = reader_u32(&reader);
  if (!reader_done(&reader) || slot >= WIRE_SLOTS)
    _exit(WIRE_EXIT_PROTOCOL);
  pthread_mutex_lock(&lock);
  if (has_scan && frame->call == scan) {
    uint32_t bit = UINT32_C(1) << slot;
    if (!(handed_over & bit))
      _exit(WIRE_EXIT_PROTOCOL);
    handed_over &= ~bit;
    pthread_cond_signal(&changed);
  }
  pthread_mutex_unlock(&lock);
}

void region_cancelled(void) {
  pthread_mutex_lock(&lock);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}
