#define _GNU_SOURCE
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "wire.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted = PTHREAD_COND_INITIALIZER;

/* Under `lock`. `busy` ends just before the final answer leaves, so that the host may send its next frame at once;
 * `pending` holds that frame until the worker comes back for it. */
static int busy;
static int has_pending;
static struct frame pending;
static enum session_phase phase = SESSION_START;
static void (*cancel_instance)(sluice_instance *);
static sluice_instance *cancel_target;

static atomic_uint_fast32_t current_call;
static atomic_int cancelled;
static atomic_int loaded;
static _Atomic int64_t deadline_at; /* CLOCK_MONOTONIC milliseconds; 0: none */
static _Atomic int64_t deadline_ms; /* as the frame gave it; 0: none */

static void (*run_frame)(struct frame *frame);

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *work(void *nothing) {
  (void)nothing;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (!has_pending)
      pthread_cond_wait(&posted, &lock);
    struct frame frame = pending;
    has_pending = 0;
    pthread_mutex_unlock(&lock);
    run_frame(&frame);
    frame_free(&frame);
  }
  return NULL;
}

int worker_start(void (*run)(struct frame *frame)) {
  pthread_attr_t attributes;
  pthread_t thread;
  run_frame = run;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  int error = pthread_create(&thread, &attributes, work, NULL);
  pthread_attr_destroy(&attributes);
  return error;
}

/* Which frame may come in which phase; `frame` is not CANCEL. */
static int allowed_now(const struct frame *frame) {
  if (has_pending || phase == SESSION_ENDING)
    return 0;
  switch (frame->type) {
  case WIRE_SHUTDOWN:
    return 1; /* also while a call runs: it is carried out behind it */
  case WIRE_LOAD:
    return !busy && phase == SESSION_START;
  case WIRE_CREATE:
    return !busy && phase == SESSION_LOADED;
  case WIRE_CALL:
    return !busy && phase == SESSION_CREATED;
  default:
    return 0;
  }
}

static int64_t deadline_of(const struct frame *frame) {
  if (frame->type == WIRE_SHUTDOWN)
    return 0;
  struct reader reader = reader_make(frame->payload, frame->size);
  if (frame->type == WIRE_CALL)
    reader_u32(&reader); /* the method */
  int64_t ms = reader_i64(&reader);
  if (reader.bad || ms < 0)
    _exit(WIRE_EXIT_PROTOCOL);
  return ms;
}

static void arm(int64_t ms) {
  int64_t now = now_ms();
  atomic_store(&deadline_ms, ms);
  atomic_store(&deadline_at, ms == 0 ? 0 : ms > INT64_MAX - now ? INT64_MAX : now + ms);
}

void worker_post(struct frame *frame) {
  if (frame->type == WIRE_HTTP_RESPONSE) { /* for a thread that waits inside a call, not for the worker */
    http_response(frame);
    return;
  }
  pthread_mutex_lock(&lock);
  if (!allowed_now(frame))
    _exit(WIRE_EXIT_PROTOCOL);
  int64_t deadline = deadline_of(frame);
  if (frame->type == WIRE_SHUTDOWN) {
    phase = SESSION_ENDING;
  } else {
    atomic_store(&current_call, frame->call);
    atomic_store(&cancelled, 0);
    arm(deadline);
  }
  if (frame->type == WIRE_LOAD)
    phase = SESSION_LOADING;
  if (frame->type == WIRE_CREATE || frame->type == WIRE_CALL)
    http_begin();
  busy = 1;
  pending = *frame;
  has_pending = 1;
  pthread_cond_signal(&posted);
  pthread_mutex_unlock(&lock);
  memset(frame, 0, sizeof *frame);
}

void worker_cancel(uint32_t call) {
  pthread_mutex_lock(&lock);
  int runs = busy && phase != SESSION_ENDING && atomic_load(&current_call) == call;
  void (*cancel)(sluice_instance *) = cancel_instance;
  sluice_instance *target = cancel_target;
  if (runs)
    atomic_store(&cancelled, 1);
  pthread_mutex_unlock(&lock);
  if (runs)
    http_cancelled();
  if (runs && cancel)
    cancel(target); /* foreign code: never under our lock */
}

void worker_answer(uint32_t type, struct writer *writer, int next_phase) {
  uint32_t call = worker_call();
  http_end();
  pthread_mutex_lock(&lock);
  if (phase != SESSION_ENDING && next_phase >= 0)
    phase = (enum session_phase)next_phase;
  busy = has_pending;
  pthread_mutex_unlock(&lock);
  channel_send(type, call, writer);
  if (type == WIRE_LOADED)
    atomic_store(&loaded, 1);
}

void worker_send(uint32_t type, struct writer *writer) { channel_send(type, worker_call(), writer); }

void worker_set_instance(void (*cancel)(sluice_instance *), sluice_instance *instance) {
  pthread_mutex_lock(&lock);
  cancel_instance = cancel;
  cancel_target = instance;
  pthread_mutex_unlock(&lock);
}

void worker_rearm(void) { arm(atomic_load(&deadline_ms)); }

uint32_t worker_call(void) { return (uint32_t)atomic_load(&current_call); }
int worker_cancelled(void) { return atomic_load(&cancelled); }
int worker_loaded(void) { return atomic_load(&loaded); }

int64_t worker_deadline(void) {
  int64_t at = atomic_load(&deadline_at);
  if (at == 0)
    return INT64_MAX;
  int64_t left = at - now_ms();
  return left > 0 ? left : 0;
}
