/* Leaves a thread behind that goes on after destroy has returned. */
#define HOSTILE_DESTROY destroy_and_go_on
#define _GNU_SOURCE
#include "../fixture.h"
static void destroy_and_go_on(sluice_instance *instance);
#include "hostile.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static atomic_int destroyed;

static void *go_on(void *nothing) {
  const struct timespec moment = {0, 100000};
  while (!atomic_load(&destroyed))
    nanosleep(&moment, NULL);
  for (int i = 0; i < 1 << 14; i++) /* less than the pipe holds: it must not wait for a reader */
    if (write(2, "+", 1) != 1)
      break;
  for (;;)
    pause();
  return nothing;
}

static void hostile_attack(void) {
  pthread_t thread;
  errno = pthread_create(&thread, NULL, go_on, NULL);
  if (errno)
    hostile_failed("pthread_create");
  else
    hostile_succeeded("", 0);
}

static void destroy_and_go_on(sluice_instance *instance) {
  free(instance);
  atomic_store(&destroyed, 1);
}

HOSTILE_PLUGIN
