/* The loaded plugin: its table and its operations, copied and checked. */
#ifndef RUNNER_PLUGIN_H
#define RUNNER_PLUGIN_H

#include "sluice/sluice.h"

#define PLUGIN_DESCRIPTOR 4
#define PLUGIN_MAX_DESCRIBE (UINT64_C(1) << 20)
#define PLUGIN_MAX_LAZY 64

struct plugin {
  sluice_plugin table;
  union {
    sluice_provider_ops provider;
    sluice_connector_ops connector;
    sluice_check_ops check;
  } ops;
};

/* What LOAD says that the plugin must be. */
struct plugin_identity {
  sluice_kind kind;
  sluice_str id;
  sluice_str version;
};

/* Where plugin_load finds the file, other than at descriptor 4: a copy that the private root holds, where there is no
 * /proc to open a descriptor by. Borrowed. */
void plugin_set_path(const char *path);

/* A library of the plugin's that is loaded before it, its functions bound when they are first called: most of the time
 * that a large run time takes to load goes into symbols that nobody asks for. The plugin's own are all bound at once. One
 * that cannot be loaded by itself is loaded with the plugin. Borrowed. */
void plugin_bind_lazily(const char *library);

/* The parts of plugin_load, for who calls the entry point in another way: load the library and find the entry point, and
 * copy what it returned after a look at it. Each gives NULL, or a sentence of what is wrong. */
const char *plugin_open(sluice_plugin_entry_fn *entry);
const char *plugin_check(struct plugin *plugin, const void *returned, const struct plugin_identity *expected);

/* Load the plugin, call its entry point and check what it returns. NULL, or a sentence of what is wrong (valid until
 * the next call). Never unloaded. */
const char *plugin_load(struct plugin *plugin, const struct plugin_identity *expected, sluice_str host_version,
                        const sluice_host *host);

#endif
