/* Providers answer prompts and embed texts. All calls are [call-thread]. A function that is not offered is NULL: each is
 * [optional]. */
#ifndef SLUICE_PROVIDER_H
#define SLUICE_PROVIDER_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sluice_provider_ops {
  uint32_t struct_size;
  uint32_t reserved;

  /* One completion: normalised request in, normalised answer out (docs/providers.md). Prompts arrive masked. */
  sluice_status (*infer)(sluice_instance *instance, sluice_str request_json, sluice_text *out, sluice_error *error);

  /* One vector a text: {"model":null,"texts":["first name",…]}, at most 10,000 texts. */
  sluice_status (*embed)(sluice_instance *instance, sluice_str request_json, sluice_floats *out, sluice_error *error);

  /* Tokens that `text` costs as input. */
  sluice_status (*token_estimate)(sluice_instance *instance, sluice_str model, sluice_str text, uint64_t *tokens,
                                  sluice_error *error);

  /* {"healthy":true,"models":[{"id":…,"dimensions":…}]}; SLUICE_PROVIDER_UNHEALTHY when it cannot serve. */
  sluice_status (*health)(sluice_instance *instance, sluice_text *out, sluice_error *error);

  /* Hand requests in to a batch API: {"version":1,"items":[{"id":…,"request":{…as for infer}}]}, answered by
   * {"batch":…}, the name under which `poll` asks, at most 4 KiB, or {"failure":…} (docs/providers.md). */
  sluice_status (*submit)(sluice_instance *instance, sluice_str request_json, sluice_text *out, sluice_error *error);

  /* How far a batch is: {"version":1,"batch":…,"cancel":true?}, answered by {"state":…,"results":[…]}. It does not wait
   * for the batch: the host asks again. The batch may have been handed in by another process. */
  sluice_status (*poll)(sluice_instance *instance, sluice_str request_json, sluice_text *out, sluice_error *error);
} sluice_provider_ops;
#define SLUICE_PROVIDER_OPS_SIZE_V1 56

#ifdef __cplusplus
}
#endif
#endif
