/* What the host offers to a plugin: one table, handed to sluice_plugin_entry. The runner implements it. */
#ifndef SLUICE_HOST_H
#define SLUICE_HOST_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_LOG_DEBUG ((int32_t)0)
#define SLUICE_LOG_INFO ((int32_t)1)
#define SLUICE_LOG_WARNING ((int32_t)2)
#define SLUICE_LOG_ERROR ((int32_t)3)

/* A service that the host does not offer to this kind of plugin is NULL, which [optional] marks; check before the call.
 * The others are always there. Every function is thread-safe [any-thread]. `context` is the handle given to `create`. */
typedef struct sluice_host {
  uint32_t struct_size;
  uint32_t reserved;

  /* Write a line to the host's log. Capped at 4 KiB a line and redacted; must hold no cell value. */
  void (*log)(sluice_handle context, int32_t level, sluice_str message);

  /* Report work done; total 0 when unknown. */
  void (*progress)(sluice_handle context, uint64_t done, uint64_t total);

  /* Milliseconds left until the deadline of the running call, `create` included; INT64_MAX when it has none. In a scan:
   * until the next batch must be there, or the end. The host also adds up its waits over a scan, and gives up when they
   * pass the manifest's limits.wall_s. */
  int64_t (*deadline)(sluice_handle context);

  /* 1 once the running call was cancelled: return soon with SLUICE_TIMEOUT. */
  uint32_t (*cancelled)(sluice_handle context);

  /* File connectors: copy up to `size` bytes at `offset` of source stream `stream` (0: the source itself) into `buffer`.
   * `*got` is the number of bytes copied; 0 means the end. The host decides what a stream holds: under metadata_only
   * it ends behind the header record. [optional] */
  sluice_status (*read_at)(sluice_handle context, uint32_t stream, uint64_t offset, void *buffer, uint64_t size,
                           uint64_t *got, sluice_error *error);

  /* File connectors: the size of a source stream in bytes. [optional] */
  sluice_status (*stream_size)(sluice_handle context, uint32_t stream, uint64_t *size, sluice_error *error);

  /* A data file that the manifest names and pins. Mapped read-only and valid until the process ends. [optional] */
  sluice_status (*resource)(sluice_handle context, sluice_str name, sluice_bytes *out, sluice_error *error);

  /* SQL connectors: run one host-approved statement; `out` receives JSON Lines. NULL for other kinds. [optional] */
  sluice_status (*query)(sluice_handle context, sluice_str request_json, sluice_text *out, sluice_error *error);

  /* Providers: send one HTTP request to an endpoint that the manifest names; the host adds the credentials.
   * `request_json`: {"endpoint":…,"method":…,"path":…,"headers":{…}}; `body` is sent as it is. NULL for other kinds, and
   * for a manifest without endpoints. In infer, embed, health, submit and poll alone. The caller sets struct_size of both
   * outputs. `response_json`: {"status":…,"headers":{…}}, from 400 with "code" and perhaps "retry_after_ms" (docs/egress.md).
   * [optional] */
  sluice_status (*http)(sluice_handle context, sluice_str request_json, sluice_bytes body, sluice_text *response_json,
                        sluice_text *response_body, sluice_error *error);

  /* An optional table by immutable id (`org.name/1`), or NULL. */
  const void *(*get_extension)(sluice_str id);
} sluice_host;
#define SLUICE_HOST_SIZE_V1 88

/* Who loads the plugin. Borrowed for the life of the process. */
typedef struct sluice_host_info {
  uint32_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  sluice_str name;
  sluice_str version;
  const sluice_host *host;
} sluice_host_info;
#define SLUICE_HOST_INFO_SIZE_V1 56

#ifdef __cplusplus
}
#endif
#endif
