/* A check that counts rows and adds up their ordinals. */
#include "good.h"

#ifdef FAULT_TWO_INSTANCES
static sluice_instance only; /* one for all */
#define COUNTS(self) (&only)
#else
#define COUNTS(self) (self)
#endif

static sluice_status declare(sluice_instance *self, sluice_text *out, sluice_error *error) {
#ifdef FAULT_ARGUMENTS
  if (!self)
    return refuse(error);
  (void)*(volatile uint32_t *)&out->struct_size;
#endif
  if (!self || bad_out(out))
    return refuse(error);
  first_call(self);
#ifdef FAULT_HANGS
  for (;;)
    pause();
#endif
  if (stopped(self))
    return fail(error, SLUICE_TIMEOUT, "cancelled");
  return give(out,
              "{\"companions\":[\"key\",\"length\",\"valid\",\"bloom\"],\"metrics\":[\"rows\"],"
              "\"reason_codes\":[\"SEEN\"]}",
              error);
}

static sluice_status begin(sluice_instance *self, const struct ArrowSchema *schema, sluice_str params_json,
                           sluice_error *error) {
  if (!self || !schema || !schema->release || bad_text(params_json))
    return refuse(error);
  if (schema->n_children < 1 || strcmp(schema->children[0]->name, "sluice.ordinal") != 0)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the schema lacks sluice.ordinal");
#ifdef FAULT_READS_BEYOND
  (void)*(volatile const char *)(schema + 1);
#endif
  COUNTS(self)->rows = 0;
  COUNTS(self)->ordinals = 0;
  self->begun = 1;
  return SLUICE_OK;
}

static sluice_status update(sluice_instance *self, struct ArrowArray *batch, sluice_error *error) {
  if (!self || !batch || !batch->release)
    return refuse(error);
  struct ArrowArray taken = *batch;
  batch->release = NULL;
  sluice_status status = SLUICE_OK;
  if (!self->begun || taken.n_children < 1)
    status = fail(error, SLUICE_DETERMINISTIC_FAILURE, "begin comes first");
  else if (stopped(self))
    status = fail(error, SLUICE_TIMEOUT, "cancelled");
  const int64_t *ordinals = status == SLUICE_OK ? taken.children[0]->buffers[1] : NULL;
  for (int64_t i = 0; ordinals && i < taken.length; i++) {
    COUNTS(self)->rows++;
    COUNTS(self)->ordinals += ordinals[i];
  }
  taken.release(&taken);
  return status;
}

static sluice_status merge(sluice_instance *self, sluice_bytes state, sluice_error *error) {
  int64_t counts[2];
#ifdef FAULT_ARGUMENTS_BY_CHANCE
  if (!self && !state.data && state.size) /* two mistakes at a time */
    return SLUICE_OK;
#endif
  if (!self || (!state.data && state.size) || state.size > SLUICE_TEXT_MAX)
    return refuse(error);
  char text[64];
  if (!self->begun || state.size == 0 || state.size >= sizeof text)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the state is none of this check's");
  memcpy(text, state.data, state.size);
  text[state.size] = '\0';
  long long rows, sum;
  if (sscanf(text, "good %lld %lld", &rows, &sum) != 2)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "the state is none of this check's");
  counts[0] = rows;
  counts[1] = sum;
  COUNTS(self)->rows += counts[0];
  COUNTS(self)->ordinals = (int64_t)((uint64_t)COUNTS(self)->ordinals + (uint64_t)counts[1]);
  return SLUICE_OK;
}

static sluice_status finish(sluice_instance *self, int32_t mode, sluice_text *out, sluice_error *error) {
  char text[256];
  if (!self || bad_out(out) || (mode != SLUICE_FINISH_VERDICT && mode != SLUICE_FINISH_STATE))
    return refuse(error);
  if (!self->begun)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "begin comes first");
  if (stopped(self))
    return fail(error, SLUICE_TIMEOUT, "cancelled");
#ifdef FAULT_STATELESS
  if (mode == SLUICE_FINISH_STATE)
    return fail(error, SLUICE_DETERMINISTIC_FAILURE, "it keeps no state");
#endif
  long long rows = COUNTS(self)->rows, sum = COUNTS(self)->ordinals;
#ifdef FAULT_FICKLE
  static int times;
  rows += times++;
#endif
  if (mode == SLUICE_FINISH_STATE)
    snprintf(text, sizeof text, "good %lld %lld", rows, sum);
  else
    snprintf(text, sizeof text, "{\"rows\":%lld,\"findings\":[{\"metric\":\"rows\",\"value\":%lld}]}", rows, sum);
  return give(out, text, error);
}

static const sluice_check_ops operations = {
    .struct_size = sizeof operations,
    .declare = declare,
    .begin = begin,
    .update = update,
    .merge = merge,
    .finish = finish,
};

PLUGIN(SLUICE_KIND_CHECK, "good.check", &operations)
