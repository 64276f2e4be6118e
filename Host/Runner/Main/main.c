/* sluice-runner: loads one plugin inside a sandbox and speaks include/wire.h on descriptor 3.
 *
 *   sluice-runner HIGHEST_DESCRIPTOR [--parent PID] [--memory-bytes N] [--cpu-seconds N] [--descriptors N]
 *                 [--threads N] [--library DEVICE:INODE:CHANGED:PATH]… [--library-dir DIR]… [--readable PATH]…
 *                 [--calls LANGUAGE] [--relay DESCRIPTOR]
 *
 * The order matters: the sandbox is whole before HELLO, HELLO is sent before foreign code exists in the process (it
 * could forge one afterwards), and only then is LOAD read. The worker thread runs everything of the plugin's, constructors
 * included; the main thread watches, so that CANCEL and the host's end are seen while a call runs. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls.h"
#include "options.h"
#include "sandbox.h"
#include "sluice/base.h"
#include "wire.h"
#include "worker.h"

static int usage(const char *what) {
  fprintf(stderr,
          "sluice-runner: %s\n"
          "usage: sluice-runner HIGHEST_DESCRIPTOR [--parent PID] [--memory-bytes N] [--cpu-seconds N]\n"
          "                     [--descriptors N] [--threads N] [--library DEVICE:INODE:CHANGED_NS:PATH]...\n"
          "                     [--library-dir DIR]... [--readable PATH]...\n"
          "                     [--calls c|c++|go|rust|swift] [--relay DESCRIPTOR]\n"
          "It is started by the host, which passes descriptors 0 to HIGHEST_DESCRIPTOR.\n",
          what);
  return WIRE_EXIT_USAGE;
}

static void say_hello(const struct sandbox_report *report) {
  struct writer writer;
  uint32_t missing = 0;
  for (unsigned layer = 0; layer < SANDBOX_LAYERS; layer++)
    missing += report->error[layer] != 0;
  writer_init(&writer);
  writer_u32(&writer, WIRE_VERSION);
  writer_u32(&writer, SLUICE_ABI_MAJOR);
  writer_u32(&writer, SLUICE_ABI_MINOR);
  writer_u64(&writer, report->layers);
  writer_u32(&writer, missing);
  for (unsigned layer = 0; layer < SANDBOX_LAYERS; layer++) {
    if (report->error[layer] == 0)
      continue;
    writer_u32(&writer, layer);
    writer_i32(&writer, report->error[layer]);
  }
  channel_send(WIRE_HELLO, 0, &writer);
}

int main(int argc, char **argv) {
  static struct sandbox_options options;
  struct sandbox_report report;
  const char *wrong = options_parse(argc, argv, &options, NULL);
  if (wrong)
    return usage(wrong);
  /* Swift's runtime would answer a crash by starting a backtracer, which the filter kills: the host would then see
   * SIGSYS instead of the signal that tells what happened. It reads this when a plugin brings it in. */
  setenv("SWIFT_BACKTRACE", "enable=no", 1);
  sandbox_enter(&options, &report);
  calls_set_highest_descriptor(options.highest_descriptor);
  options_settle(&options, &report);
  /* Behind the sandbox, so that the thread inherits all of it. */
  if (worker_start(calls_run) != 0)
    _exit(WIRE_EXIT_MEMORY);
  say_hello(&report);
  worker_watch();
}
