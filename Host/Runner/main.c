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
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call_sets.h"
#include "calls.h"
#include "plugin.h"
#include "relay.h"
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

static int number(const char *text, uint64_t most, uint64_t *value) {
  char *end;
  errno = 0;
  if (*text < '0' || *text > '9')
    return 0;
  unsigned long long parsed = strtoull(text, &end, 10);
  *value = parsed;
  return errno == 0 && *end == '\0' && parsed <= most;
}

/* `DEVICE:INODE:CHANGED_NS:PATH`: a library and which file it was when the host looked. */
static int library(const char *text, struct sandbox_library *library) {
  uint64_t *const fields[] = {&library->device, &library->inode, &library->changed_ns};
  for (int i = 0; i < 3; i++) {
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
      return 0;
    *fields[i] = strtoull(text, &end, 10);
    if (errno != 0 || *end != ':')
      return 0;
    text = end + 1;
  }
  library->path = text;
  const char *name = strrchr(text, '/');
  return text[0] == '/' && name[1] != '\0' && strcmp(name, "/..") != 0 && strcmp(name, "/.") != 0;
}

#ifdef SLUICE_TEST_LAYERS
/* `--layers=a,b,c`, `--layers=all` or `--layers=none`: only these layers, so that a test can see what each one stops by
 * itself. The program that is installed has no such option. The parent-death signal is always there. */
static int choose_layers(const char *list, uint64_t *wanted) {
  static const char *const names[] = {"seccomp",      "landlock",  "rlimits",    "no_new_privs",
                                      "unprivileged", "pdeathsig", "namespaces", "private_root"};
  if (strcmp(list, "all") == 0)
    return 1;
  *wanted = UINT64_C(1) << WIRE_LAYER_PDEATHSIG;
  if (strcmp(list, "none") == 0)
    return 1;
  while (*list) {
    size_t size = strcspn(list, ","), layer = 0;
    while (layer < 8 && (strlen(names[layer]) != size || strncmp(names[layer], list, size) != 0))
      layer++;
    if (layer == 8)
      return 0;
    *wanted |= UINT64_C(1) << layer;
    list += size + (list[size] == ',');
  }
  return 1;
}
#endif

/* NULL, or what is wrong. */
static const char *parse(int argc, char **argv, struct sandbox_options *options) {
  uint64_t value;
  memset(options, 0, sizeof *options);
  options->language = call_language_default();
  options->relay = -1;
#ifdef SLUICE_TEST_LAYERS
  options->wanted = ~UINT64_C(0);
  if (argc > 1 && strncmp(argv[1], "--layers=", 9) == 0) {
    if (!choose_layers(argv[1] + 9, &options->wanted))
      return "--layers names a layer that there is not";
    argv++;
    argc--;
  }
#endif
  if (argc < 2 || !number(argv[1], 1023, &value) || value < PLUGIN_DESCRIPTOR)
    return "the first argument is the number of the highest descriptor, 4 to 1023";
  options->highest_descriptor = (int)value;
  for (int i = 2; i < argc; i += 2) {
    const char *name = argv[i];
    if (i + 1 >= argc)
      return "an option lacks its value";
    const char *text = argv[i + 1];
    if (strcmp(name, "--library") == 0) {
      if (options->n_libraries == SANDBOX_MAX_LIBRARIES || !library(text, &options->libraries[options->n_libraries++]))
        return "--library takes DEVICE:INODE:CHANGED_NS:PATH, at most 256 times";
    } else if (strcmp(name, "--library-dir") == 0) {
      if (options->n_library_dirs == SANDBOX_MAX_PATHS || text[0] != '/')
        return "--library-dir takes an absolute path, at most 32 times";
      options->library_dirs[options->n_library_dirs++] = text;
    } else if (strcmp(name, "--readable") == 0) {
      if (options->n_readable == SANDBOX_MAX_PATHS || text[0] != '/')
        return "--readable takes an absolute path, at most 32 times";
      options->readable[options->n_readable++] = text;
    } else if (strcmp(name, "--calls") == 0) {
      if (!(options->language = call_language_named(text)))
        return "--calls takes c, c++, go, rust or swift";
    } else if (!number(text, INT64_MAX - 1, &value) || value == 0) {
      return "an option is unknown, or its value is not a positive number";
    } else if (strcmp(name, "--relay") == 0) {
      options->relay = (int)value;
      if (value <= PLUGIN_DESCRIPTOR || value > (uint64_t)options->highest_descriptor ||
          relay_prepare(options->relay) != 0)
        return "--relay takes the number of a connected stream socket, from 5 to HIGHEST_DESCRIPTOR";
    } else if (strcmp(name, "--parent") == 0 && value <= INT32_MAX) {
      options->parent = (pid_t)value;
    } else if (strcmp(name, "--memory-bytes") == 0) {
      options->memory_bytes = value;
    } else if (strcmp(name, "--cpu-seconds") == 0) {
      options->cpu_seconds = value;
    } else if (strcmp(name, "--descriptors") == 0) {
      options->descriptors = value;
    } else if (strcmp(name, "--threads") == 0 && value <= INT32_MAX) {
      options->threads = value;
    } else {
      return "an option is unknown";
    }
  }
  return NULL;
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

/* Whether a library lies in a --library-dir: the Swift run time does, which is large and complete in itself. */
static int is_of_installation(const struct sandbox_options *options, const char *path) {
  size_t folder = (size_t)(strrchr(path, '/') - path);
  for (size_t i = 0; i < options->n_library_dirs; i++)
    if (strlen(options->library_dirs[i]) == folder && memcmp(options->library_dirs[i], path, folder) == 0)
      return 1;
  return 0;
}

int main(int argc, char **argv) {
  static struct sandbox_options options;
  struct sandbox_report report;
  const char *wrong = parse(argc, argv, &options);
  if (wrong)
    return usage(wrong);
  /* Swift's runtime would answer a crash by starting a backtracer, which the filter kills: the host would then see
   * SIGSYS instead of the signal that tells what happened. It reads this when a plugin brings it in. */
  setenv("SWIFT_BACKTRACE", "enable=no", 1);
  sandbox_enter(&options, &report);
  calls_set_highest_descriptor(options.highest_descriptor);
  int has_private_root = (report.layers & UINT64_C(1) << WIRE_LAYER_PRIVATE_ROOT) != 0;
  if (has_private_root)
    plugin_set_path(SANDBOX_PLUGIN);
  for (size_t i = 0; i < options.n_libraries; i++)
    if (is_of_installation(&options, options.libraries[i].path)) /* the private root has it by its name alone */
      plugin_bind_lazily(has_private_root ? strrchr(options.libraries[i].path, '/') + 1 : options.libraries[i].path);
  /* Behind the sandbox, so that the thread inherits all of it. */
  if (worker_start(calls_run) != 0)
    _exit(WIRE_EXIT_MEMORY);
  say_hello(&report);
  worker_watch();
}
