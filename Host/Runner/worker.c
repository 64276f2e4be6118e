#define _GNU_SOURCE
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "region.h"
#include "wire.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t posted = PTHREAD_COND_INITIALIZER;

/* Under `lock`. `busy` ends just before the final answer leaves, so that the host may send its next frame at once;
 * `pending` holds that frame, when the watcher read it, until the worker comes back for it. */
static int busy;
static int has_pending;
static struct frame pending;
static enum session_phase phase = SESSION_START;
static void (*cancel_instance)(sluice_instance *);
static sluice_instance *cancel_target;

/* Under `lock`: who reads the socket. The worker gives it up to nobody: while `running` the watcher may take it. */
static enum { READER_WORKER, READER_WATCHER } who_reads = READER_WORKER;
static int running; /* the worker is inside `run_frame` */
static int64_t began_ns;
static int watches; /* the watcher will look at `running` by itself, WORKER_ALONE_NS after the last call began */
static int listens; /* it was asked to read at once */
static pthread_cond_t watched; /* on the monotonic clock */

static atomic_uint_fast32_t current_call;
static atomic_int cancelled;
static atomic_int loaded;
static _Atomic int64_t deadline_at; /* CLOCK_MONOTONIC milliseconds; 0: none */
static _Atomic int64_t deadline_ms; /* as the frame gave it; 0: none */

static void (*run_frame)(struct frame *frame);
static void (*divert)(uint32_t type, struct writer *writer); /* the worker thread's */

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t now_ms(void) { return now_ns() / 1000000; }

/* --- frames --------------------------------------------------------------------------------------------------------- */

/* Which frame for the worker may come in which phase. */
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
  case WIRE_CALLS:
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

/* The frame becomes the one that is worked on. With `lock` held. */
static void accept_frame(const struct frame *frame) {
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
  if (frame->type == WIRE_CREATE || frame->type == WIRE_CALL || frame->type == WIRE_CALLS)
    http_begin();
  busy = 1;
}

/* Cancel the call of that number if it still runs; a late CANCEL is harmless. */
static void cancel_call(uint32_t call) {
  pthread_mutex_lock(&lock);
  int runs = busy && phase != SESSION_ENDING && atomic_load(&current_call) == call;
  void (*cancel)(sluice_instance *) = cancel_instance;
  sluice_instance *target = cancel_target;
  if (runs)
    atomic_store(&cancelled, 1);
  pthread_mutex_unlock(&lock);
  if (runs) {
    http_cancelled();
    region_cancelled();
  }
  if (runs && cancel)
    cancel(target); /* foreign code: never under our lock */
}

/* Takes over a frame that is meant for a running call and not for the worker; 0 when it was none. */
static int interject(struct frame *frame) {
  switch (frame->type) {
  case WIRE_CANCEL:
    if (frame->size != 0)
      _exit(WIRE_EXIT_PROTOCOL);
    cancel_call(frame->call);
    break;
  case WIRE_BATCH_DONE:
    region_done(frame);
    break;
  case WIRE_HTTP_RESPONSE:
    http_response(frame);
    return 1;
  default:
    return 0;
  }
  frame_free(frame);
  return 1;
}

/* --- the worker ----------------------------------------------------------------------------------------------------- */

static void next_frame(struct frame *frame) {
  pthread_mutex_lock(&lock);
  running = 0;
  for (;;) {
    while (who_reads == READER_WATCHER && !has_pending)
      pthread_cond_wait(&posted, &lock);
    if (has_pending) {
      *frame = pending;
      has_pending = 0;
      break;
    }
    pthread_mutex_unlock(&lock);
    channel_read(frame);
    int is_mine = !interject(frame);
    pthread_mutex_lock(&lock);
    if (is_mine) {
      accept_frame(frame);
      break;
    }
  }
  running = 1;
  listens = 0;
  began_ns = now_ns();
  /* One that watches already finds this call instead of the one that it waited for: few calls wake it. */
  if (!watches) {
    watches = 1;
    pthread_cond_signal(&watched);
  }
  pthread_mutex_unlock(&lock);
}

static void *work(void *nothing) {
  (void)nothing;
  for (;;) {
    struct frame frame;
    next_frame(&frame);
    run_frame(&frame);
    frame_free(&frame);
  }
  return NULL;
}

int worker_start(void (*run)(struct frame *frame)) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_condattr_t clock;
  run_frame = run;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&watched, &clock);
  pthread_condattr_destroy(&clock);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  int error = pthread_create(&thread, &attributes, work, NULL);
  pthread_attr_destroy(&attributes);
  return error;
}

/* --- the watcher ---------------------------------------------------------------------------------------------------- */

/* Waits until a call has run for long enough, or needs somebody who reads; the reading is then the watcher's. */
static void take_reading(void) {
  pthread_mutex_lock(&lock);
  while (!running || !listens) {
    if (!watches) {
      pthread_cond_wait(&watched, &lock);
      continue;
    }
    int64_t until = began_ns + WORKER_ALONE_NS;
    if (now_ns() < until) {
      struct timespec moment = {until / 1000000000, until % 1000000000};
      pthread_cond_timedwait(&watched, &lock, &moment);
      continue;
    }
    if (running)
      break;
    watches = 0;
  }
  watches = 0;
  who_reads = READER_WATCHER;
  pthread_mutex_unlock(&lock);
}

/* Hands a frame to the worker; 1 when the reading went with it. It stays here while the worker is still busy with
 * another, whose end would not be watched otherwise. */
static int post(const struct frame *frame) {
  pthread_mutex_lock(&lock);
  accept_frame(frame);
  pending = *frame;
  has_pending = 1;
  int given = !running;
  if (given)
    who_reads = READER_WORKER;
  pthread_cond_signal(&posted);
  pthread_mutex_unlock(&lock);
  return given;
}

void worker_watch(void) {
  for (;;) {
    struct frame frame;
    take_reading();
    do
      channel_read(&frame);
    while (interject(&frame) || !post(&frame));
  }
}

void worker_listen(void) {
  pthread_mutex_lock(&lock);
  if (running && who_reads == READER_WORKER && !listens) {
    listens = 1;
    pthread_cond_signal(&watched);
  }
  pthread_mutex_unlock(&lock);
}

/* --- answers -------------------------------------------------------------------------------------------------------- */

void worker_divert(void (*to)(uint32_t type, struct writer *writer)) { divert = to; }

void worker_answer(uint32_t type, struct writer *writer, int next_phase) {
  if (divert) {
    divert(type, writer);
    return;
  }
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
