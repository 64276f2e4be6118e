/* Opens descriptors in threads that have a table of their own, each with the whole limit, until it has `count`. */
#include "hostile.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define THREADS 16
#define STACK_BYTES (64 * 1024)

static _Atomic uint64_t had;
static atomic_uint ended;
static uint64_t wanted;

static int opens(void *nothing) {
  (void)nothing;
  /* The C library's own thread data is not there: system calls alone. */
  while (atomic_load(&had) < wanted && syscall(SYS_eventfd2, 0, EFD_CLOEXEC) >= 0)
    atomic_fetch_add(&had, 1);
  atomic_fetch_add(&ended, 1);
  while (wanted) /* what is open stays open as long as its thread lives */
    syscall(SYS_pause);
  return 0;
}

static void hostile_attack(void) {
  const int flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  unsigned begun = 0;
  wanted = hostile_number("count");
  while (begun < THREADS) {
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || clone(opens, stack + STACK_BYTES, flags, NULL) < 0)
      break;
    begun++;
  }
  while (atomic_load(&ended) < begun)
    sched_yield();
  if (atomic_load(&had) < wanted)
    hostile_failed("clone or eventfd");
  else
    hostile_succeeded_with(atomic_load(&had));
}

HOSTILE_PLUGIN
