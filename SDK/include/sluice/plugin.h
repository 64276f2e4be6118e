/* The one function that a plugin exports, and what it returns. */
#ifndef SLUICE_PLUGIN_H
#define SLUICE_PLUGIN_H

#include "base.h"
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The author's own state; opaque to the host. */
typedef struct sluice_instance sluice_instance;

/* Static for the life of the process. Calls to one instance are serial; `cancel` may come from any thread at any time
 * between `create` and `destroy`.
 *
 * [call-thread]: one thread loads the plugin (constructors run on it), calls its entry point and makes every call but
 * `cancel`, as long as the process lives. It is not the process's main thread, and its stack has 8 MiB.
 * [any-thread]: any other thread too, at any time. */
typedef struct sluice_plugin {
  uint32_t struct_size;
  uint32_t abi_major; /* SLUICE_ABI_MAJOR of the headers it was built with */
  uint32_t abi_minor;
  sluice_kind kind;
  sluice_str id;      /* must equal the manifest's id */
  sluice_str version; /* must equal the manifest's version */

  /* JSON {"summary":…, …}, within 100 ms, before any instance exists. [call-thread] */
  sluice_status (*describe)(sluice_text *out, sluice_error *error);

  /* `config_json` is an object (possibly empty). `context` is passed back to every host service. [call-thread] */
  sluice_status (*create)(sluice_str config_json, sluice_handle context, sluice_instance **out, sluice_error *error);

  /* Exactly once for every instance, with no call running. [call-thread] */
  void (*destroy)(sluice_instance *instance);

  /* Ask the running call to return soon. Must not block, must be harmless when no call runs. [any-thread] */
  void (*cancel)(sluice_instance *instance);

  /* sluice_provider_ops, sluice_connector_ops or sluice_check_ops, by `kind`. */
  const void *ops;

  /* An optional table by immutable id (`org.name/1`), or NULL. May itself be NULL. [any-thread] [optional] */
  const void *(*get_extension)(sluice_str id);
} sluice_plugin;
#define SLUICE_PLUGIN_SIZE_V1 96

#if defined(_WIN32)
#define SLUICE_EXPORT __declspec(dllexport)
#else
#define SLUICE_EXPORT __attribute__((visibility("default")))
#endif

/* The entry point. Called once per process, after the sandbox is in force; returns NULL when the host's
 * ABI does not fit: another major version, or a struct below its *_SIZE_V1. Of minor versions either may be the later
 * one. [call-thread] */
#define SLUICE_PLUGIN_ENTRY "sluice_plugin_entry"
SLUICE_EXPORT const sluice_plugin *sluice_plugin_entry(const sluice_host_info *host);
typedef const sluice_plugin *(*sluice_plugin_entry_fn)(const sluice_host_info *host);

#ifdef __cplusplus
}
#endif
#endif
