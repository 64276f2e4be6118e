/* Checks of threads: what any thread may call, cancelling at every moment, and silence after destroy. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "prober.h"

#define BOUND_MS 5000 /* a call that was cancelled returns within it, on a starved machine too */

static void start(pthread_t *thread, void *(*run)(void *), void *argument) {
  if (pthread_create(thread, NULL, run, argument) != 0)
    out_of_memory();
}

/* --- wrong thread --------------------------------------------------------------------------------------------------- */

static const void *answer_here;

static const void *ask(void) {
  return plugin.table.get_extension ? plugin.table.get_extension(sluice_kit_str("org.example.unknown/1")) : NULL;
}

static void *ask_elsewhere(void *given) {
  struct session *session = given;
  if (ask() != answer_here)
    failed("get_extension answers otherwise on another thread");
  if (session)
    plugin.table.cancel(session->instance);
  return NULL;
}

/* One instance is cancelled from elsewhere and goes; another, which nobody cancelled, must work afterwards. */
static void wrong_thread(void) {
  struct session session;
  pthread_t threads[4];
  load_plugin();
  session_begin(&session);
  note("get_extension");
  answer_here = ask();
  note("cancel and get_extension on other threads");
  watchdog_start(BOUND_MS, "cancel or get_extension did not return on another thread");
  for (int i = 0; i < 4; i++)
    start(&threads[i], ask_elsewhere, i < 2 ? &session : NULL);
  for (int i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  watchdog_stop();
  session_end(&session);
  require_use();
  whole_use();
}

/* --- cancel race ---------------------------------------------------------------------------------------------------- */

static struct session raced;
static atomic_int race_ends;

static void cancel_now(void) {
  context_cancel(raced.context);
  plugin.table.cancel(raced.instance);
}

static void *cancel_idle(void *nothing) {
  (void)nothing;
  for (int i = 0; i < 100; i++)
    plugin.table.cancel(raced.instance);
  return NULL;
}

/* Waits for a call to begin, then a little, then cancels: before, in and behind calls, as the seed has it. */
static void *cancel_often(void *nothing) {
  (void)nothing;
  uint64_t seed = task.seed ^ UINT64_C(0x9d5f), seen = 0;
  while (!atomic_load(&race_ends)) {
    int64_t waits = (int64_t)(random_next(&seed) % 300000);
    uint64_t begun = calls_begun();
    if (begun == seen && random_next(&seed) % 4) {
      const struct timespec moment = {0, 20000};
      nanosleep(&moment, NULL);
      continue;
    }
    seen = begun;
    for (int64_t until = now_ns() + waits; now_ns() < until && random_next(&seed) % 2;)
      ;
    cancel_now();
  }
  return NULL;
}

static void use_again(const char *message) {
  watchdog_start(BOUND_MS * 4, message);
  session_reset(&raced);
  session_run(&raced);
  watchdog_stop();
}

static void cancel_race(void) {
  pthread_t thread;
  load_plugin();
  require_use();
  session_begin(&raced);
  note("cancel with no call running");
  watchdog_start(BOUND_MS, "cancel did not return while no call ran");
  start(&thread, cancel_idle, NULL);
  pthread_join(thread, NULL);
  watchdog_stop();
  /* Harmless: what follows is not stopped. */
  style.setting = "after a cancel that came while no call ran";
  use_again("a call did not return after cancel came while none ran");
  style.may_stop = 1;
  style.setting = "while cancel came again and again";
  start(&thread, cancel_often, NULL);
  int64_t until = now_ns() + 300000000;
  for (int round = 0; round < 40 && now_ns() < until; round++)
    use_again("a call that was cancelled did not return");
  atomic_store(&race_ends, 1);
  watchdog_start(BOUND_MS, "cancel did not return while calls ran");
  pthread_join(thread, NULL);
  watchdog_stop();
  style.may_stop = 0;
  style.setting = "after many calls were cancelled";
  use_again("a call did not return after many were cancelled");
  session_end(&raced);
}

/* --- after destroy -------------------------------------------------------------------------------------------------- */

static void callback_after_destroy(void) {
  const struct timespec tick = {0, 1000000};
  struct session session;
  load_plugin();
  require_use();
  session_begin(&session);
  session_run(&session);
  session_end(&session);
  /* A thread that was left behind speaks up sooner or later; 60 ms are long for one that polls. */
  for (int i = 0; i < 60 && !stale_service(); i++)
    nanosleep(&tick, NULL);
  if (!stale_service())
    whole_use(); /* and another instance uses its own handle */
  if (stale_service())
    failed("%s was called with a context that is not valid: the instance was destroyed, or it never was one",
           stale_service());
}

const struct check thread_checks[] = {
    {"wrong_thread", wrong_thread, 0},
    {"cancel_race", cancel_race, 0},
    {"callback_after_destroy", callback_after_destroy, 0},
    {NULL, NULL, 0},
};
