#define _GNU_SOURCE
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call_sets.h"
#include "plugin.h"
#include "relay.h"
#include "wire.h"

int options_number(const char *text, uint64_t most, uint64_t *value) {
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

const char *options_parse(int argc, char **argv, struct sandbox_options *options, options_other other) {
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
  if (argc < 2 || !options_number(argv[1], 1023, &value) || value < PLUGIN_DESCRIPTOR)
    return "the first argument is the number of the highest descriptor, 4 to 1023";
  options->highest_descriptor = (int)value;
  for (int i = 2; i < argc; i += 2) {
    const char *name = argv[i];
    if (i + 1 >= argc)
      return "an option lacks its value";
    const char *text = argv[i + 1];
    int found = other ? other(name, text) : OPTION_UNKNOWN;
    if (found == OPTION_WRONG)
      return "an option of this program has a value that it cannot take";
    if (found == OPTION_TAKEN)
      continue;
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
    } else if (!options_number(text, INT64_MAX - 1, &value) || value == 0) {
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

/* Whether a library lies in a --library-dir: the Swift run time does, which is large and complete in itself. */
static int is_of_installation(const struct sandbox_options *options, const char *path) {
  size_t folder = (size_t)(strrchr(path, '/') - path);
  for (size_t i = 0; i < options->n_library_dirs; i++)
    if (strlen(options->library_dirs[i]) == folder && memcmp(options->library_dirs[i], path, folder) == 0)
      return 1;
  return 0;
}

void options_settle(const struct sandbox_options *options, const struct sandbox_report *report) {
  int has_private_root = (report->layers & UINT64_C(1) << WIRE_LAYER_PRIVATE_ROOT) != 0;
  if (has_private_root)
    plugin_set_path(SANDBOX_PLUGIN);
  for (size_t i = 0; i < options->n_libraries; i++)
    if (is_of_installation(options, options->libraries[i].path)) /* the private root has it by its name alone */
      plugin_bind_lazily(has_private_root ? strrchr(options->libraries[i].path, '/') + 1 : options->libraries[i].path);
}
