/* Checks of who owns what: outputs are released once and may be moved, inputs are not kept. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "prober.h"

#define ROUND 24

static uint64_t heap(void) {
  struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

static void describe_once(void) {
  struct text_slot slot;
  text_slot_begin(&slot);
  struct error_slot *error = call_begin(NULL, "describe");
  call_end(NULL, "describe", plugin.table.describe(&slot.text, &error->error));
  text_slot_end(&slot, "the text of describe", NULL);
}

/* A refused create fills an error. */
static void fail_once(void) {
  struct error_slot error;
  sluice_instance *instance = NULL;
  static const char config[] = "\"not an object\"";
  sluice_str text = input_text(config, sizeof config - 1);
  sluice_handle context = context_open();
  error_slot_begin(&error);
  note("create with a configuration that is no object");
  sluice_status status = plugin.table.create(text, context, &instance, &error.error);
  inputs_end();
  if (status == SLUICE_OK && instance)
    plugin.table.destroy(instance);
  error_slot_end(&error, "the error of create");
  context_close(context);
}

/* As many uses of one instance as `most`, or as 700 ms allow. Returns how many. */
static uint64_t use_round(struct session *session, int most) {
  int64_t until = now_ns() + 700000000;
  int n = 0;
  while (n < most && (n < 4 || now_ns() < until)) {
    session_reset(session);
    session_run(session);
    n++;
  }
  session_reset(session);
  return (uint64_t)n;
}

static void release_once(void) {
  struct session session;
  load_plugin();
  require_use();
  style.checks_releases = 1;
  describe_once();
  fail_once();
  session_begin(&session);
  use_round(&session, ROUND);
  uint64_t before = heap();
  uint64_t first = use_round(&session, ROUND);
  uint64_t middle = heap();
  uint64_t second = use_round(&session, ROUND);
  uint64_t after = heap();
  session_end(&session);
  require_batches_back();
  if (middle > before + first * 12 && after > middle + second * 12)
    failed("the heap grows with every use although all outputs were released");
}

static void release_after_move(void) {
  load_plugin();
  require_use();
  uint64_t in_place = steady_use();
  style.moves_outputs = 1;
  describe_once();
  fail_once();
  if (differs(whole_use(), in_place))
    failed("the plugin answers otherwise when its outputs are moved");
}

static void borrowed_kept(void) {
  load_plugin();
  require_use();
  style.guards_inputs = 1;
  fail_once();
  whole_use();
}

const struct check output_checks[] = {
    {"release_once", release_once, 0},
    {"release_after_move", release_after_move, 0},
    {"borrowed_kept", borrowed_kept, 0},
    {NULL, NULL, 0},
};
