/* Checks look at masked batches and return a bounded verdict. All calls are [call-thread]. */
#ifndef SLUICE_CHECK_H
#define SLUICE_CHECK_H

#include "arrow.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_FINISH_VERDICT ((int32_t)0)
#define SLUICE_FINISH_STATE ((int32_t)1)

/* The order of calls: declare, begin, (update | merge)*, finish. After finish, begin may start anew.
 *
 * The columns of a batch are named c0, c1, … (the host keeps the real names). A masked column holds masked text.
 * Companions that `declare` asked for follow as further columns, named after their column: c0.key (utf8, a keyed
 * pseudonym: equal values have equal keys), c0.shape (utf8), c0.length (int64, Unicode scalars), c0.valid (bool: form,
 * check digit and calendar are right; null where nothing can be told) and c0.bloom (binary, 128 bytes: a keyed Bloom
 * filter of the value's pairs of letters; like values have like filters, docs/masking.md has the formula).
 * The first column is always sluice.ordinal (int64), the row's ordinal in its snapshot. */
typedef struct sluice_check_ops {
  uint32_t struct_size;
  uint32_t reserved;

  /* What it needs: {"companions":["key"],"reason_codes":["DUPLICATE_KEY"],"metrics":["dup_key_rate"]}, and optionally
   * "reads": "text" (the default) or "validity": columns then come as empty texts and nulls; and "columns": "all" (the
   * default) or "key": the columns whose param says "key":true alone. Ask for the least: less is copied and masked. */
  sluice_status (*declare)(sluice_instance *instance, sluice_text *out, sluice_error *error);

  /* `params_json`: {"columns":[{"id":"c0","nullable":false,"key":true}],"thresholds":{…}}. `schema` is borrowed. */
  sluice_status (*begin)(sluice_instance *instance, const struct ArrowSchema *schema, sluice_str params_json,
                         sluice_error *error);

  /* One batch. The check takes it over (moves it, and releases it when done). Its buffers are for reading alone: a large
   * batch lies in memory that cannot be written, and is handed over without a copy as long as a slot is free, so release
   * early what is not needed any more. */
  sluice_status (*update)(sluice_instance *instance, struct ArrowArray *batch, sluice_error *error);

  /* Add a state that another instance's finish returned. */
  sluice_status (*merge)(sluice_instance *instance, sluice_bytes state, sluice_error *error);

  /* [mode: SLUICE_FINISH_*]
   * mode SLUICE_FINISH_VERDICT: {"rows":N,"findings":[{"column":"c0"|null,"columns":["c0","c1"]?,"metric":…,
   * "value":number,"count":N,"reason_code":…,"ordinals":[at most 100]}]}, at most 1 MiB, numbers and declared codes
   * only: free text is refused. mode SLUICE_FINISH_STATE: serialised state for merge. */
  sluice_status (*finish)(sluice_instance *instance, int32_t mode, sluice_text *out, sluice_error *error);
} sluice_check_ops;
#define SLUICE_CHECK_OPS_SIZE_V1 48

#ifdef __cplusplus
}
#endif
#endif
