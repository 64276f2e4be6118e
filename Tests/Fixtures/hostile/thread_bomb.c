/* Starts threads until it may not or there are `count`; they last as long as the process. */
#include "hostile.h"

#include <pthread.h>

#define STACK_BYTES (64 * 1024)

static pthread_mutex_t for_ever = PTHREAD_MUTEX_INITIALIZER;

static void *stay(void *nothing) {
  pthread_mutex_lock(&for_ever);
  return nothing;
}

static void hostile_attack(void) {
  uint64_t count = hostile_number("count"), made = 0;
  pthread_attr_t attributes;
  pthread_mutex_lock(&for_ever);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  for (pthread_t thread; made < count; made++)
    if ((errno = pthread_create(&thread, &attributes, stay, NULL)) != 0)
      break;
  if (made < count)
    hostile_failed("pthread_create");
  else
    hostile_succeeded_with(made);
}

HOSTILE_PLUGIN
