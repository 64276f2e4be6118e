#define _GNU_SOURCE
#include "plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

static char message[1024];
static const char *path; /* NULL: by its descriptor */

static const char *lazy[PLUGIN_MAX_LAZY];
static unsigned n_lazy;

void plugin_set_path(const char *to) { path = to; }

void plugin_bind_lazily(const char *library) {
  if (n_lazy < PLUGIN_MAX_LAZY)
    lazy[n_lazy++] = library;
}

/* Copy min(struct_size, size) bytes and zero the rest; 0 when the struct is older than `least`. */
static int copy_struct(void *to, size_t size, const void *from, uint32_t least) {
  uint32_t theirs;
  memcpy(&theirs, from, sizeof theirs);
  if (theirs < least)
    return 0;
  memset(to, 0, size);
  memcpy(to, from, theirs < size ? theirs : size);
  return 1;
}

static int equal(sluice_str a, sluice_str b) {
  return a.size == b.size && (a.size == 0 || (a.data && b.data && memcmp(a.data, b.data, a.size) == 0));
}

static int copy_ops(struct plugin *plugin) {
  const void *ops = plugin->table.ops;
  if (!ops)
    return 0;
  switch (plugin->table.kind) {
  case SLUICE_KIND_PROVIDER:
    return copy_struct(&plugin->ops.provider, sizeof plugin->ops.provider, ops, SLUICE_PROVIDER_OPS_SIZE_V1);
  case SLUICE_KIND_CONNECTOR:
    return copy_struct(&plugin->ops.connector, sizeof plugin->ops.connector, ops, SLUICE_CONNECTOR_OPS_SIZE_V1);
  case SLUICE_KIND_CHECK:
    return copy_struct(&plugin->ops.check, sizeof plugin->ops.check, ops, SLUICE_CHECK_OPS_SIZE_V1);
  default:
    return 0;
  }
}

const char *plugin_check(struct plugin *plugin, const void *returned, const struct plugin_identity *expected) {
  if (!returned)
    return "the plugin refuses this host (its entry point returned NULL)";
  /* The major version comes before anything else is believed: a later one may have moved every other field. */
  uint32_t head[2];
  memcpy(head, returned, sizeof head);
  if (head[1] != SLUICE_ABI_MAJOR)
    return "the plugin was built for another major version of the ABI";
  if (!copy_struct(&plugin->table, sizeof plugin->table, returned, SLUICE_PLUGIN_SIZE_V1))
    return "the plugin's sluice_plugin is smaller than version 1 of the ABI allows";
  const sluice_plugin *table = &plugin->table;
  if (expected->kind != WIRE_KIND_ASKED) {
    if (table->kind != expected->kind)
      return "the plugin is of another kind than its manifest says";
    if (!equal(table->id, expected->id))
      return "the plugin's id differs from its manifest's";
    if (!equal(table->version, expected->version))
      return "the plugin's version differs from its manifest's";
  }
  if (!table->describe || !table->create || !table->destroy || !table->cancel)
    return "the plugin lacks describe, create, destroy or cancel";
  if (!copy_ops(plugin))
    return "the plugin's operations are missing or smaller than version 1 of the ABI allows";
  return NULL;
}

const char *plugin_open(sluice_plugin_entry_fn *entry) {
  char by_descriptor[64];
  snprintf(by_descriptor, sizeof by_descriptor, "/proc/self/fd/%d", PLUGIN_DESCRIPTOR);
  for (unsigned i = 0; i < n_lazy; i++)
    (void)dlopen(lazy[i], RTLD_LAZY | RTLD_LOCAL);
  void *library = dlopen(path ? path : by_descriptor, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    snprintf(message, sizeof message, "the plugin cannot be loaded: %s", why ? why : "no reason given");
    return message;
  }
  void *symbol = dlsym(library, SLUICE_PLUGIN_ENTRY);
  if (!symbol)
    return "the plugin does not export " SLUICE_PLUGIN_ENTRY;
  memcpy(entry, &symbol, sizeof *entry); /* ISO C has no conversion from object to function pointer */
  return NULL;
}

const char *plugin_load(struct plugin *plugin, const struct plugin_identity *expected, sluice_str host_version,
                        const sluice_host *host) {
  static const char host_name[] = "sluice";
  sluice_plugin_entry_fn entry;
  const char *fault = plugin_open(&entry);
  if (fault)
    return fault;
  sluice_host_info *info = calloc(1, sizeof *info + host_version.size + 1);
  if (!info)
    _exit(WIRE_EXIT_MEMORY);
  char *version = (char *)(info + 1);
  memcpy(version, host_version.data, host_version.size);
  info->struct_size = sizeof *info;
  info->abi_major = SLUICE_ABI_MAJOR;
  info->abi_minor = SLUICE_ABI_MINOR;
  info->name.data = host_name;
  info->name.size = sizeof host_name - 1;
  info->version.data = version;
  info->version.size = host_version.size;
  info->host = host; /* borrowed for the life of the process: never freed */
  return plugin_check(plugin, entry(info), expected);
}
