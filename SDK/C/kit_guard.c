/* What the rules for arguments refuse (docs/abi.md); the macros of sluice_kit.h ask in front of every call. */
#include "sluice_kit.h"

#include <string.h>

sluice_error *sluice_kit_call_begin(sluice_kit_errors *errors, sluice_error *error) {
  memset(&errors->scratch, 0, sizeof errors->scratch);
  errors->scratch.struct_size = sizeof errors->scratch;
  errors->error = error && error->struct_size >= SLUICE_ERROR_SIZE_V1 ? error : &errors->scratch;
  /* What the caller left in it is not ours to release. */
  errors->error->release = NULL;
  return errors->error;
}

sluice_status sluice_kit_call_end(sluice_kit_errors *errors, sluice_status status) {
  /* A call that went well leaves nothing behind, whatever was tried on the way. */
  if (status == SLUICE_OK) sluice_kit_error_clear(errors->error);
  sluice_kit_error_clear(&errors->scratch);
  return status;
}

sluice_status sluice_kit_guard_pointer(const void *pointer, const char *what, sluice_error *error) {
  if (pointer) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The caller gave no %s.", what);
}

static sluice_status output(const void *out, uint32_t size, uint32_t least, const char *what, sluice_error *error) {
  sluice_status status = sluice_kit_guard_pointer(out, what, error);
  if (status != SLUICE_OK || size >= least) return status;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The caller's %s has %u bytes; version 1 has %u.", what,
                         (unsigned)size, (unsigned)least);
}

sluice_status sluice_kit_guard_text_out(const sluice_text *out, sluice_error *error) {
  return output(out, out ? out->struct_size : 0, SLUICE_TEXT_SIZE_V1, "text to fill", error);
}

sluice_status sluice_kit_guard_floats_out(const sluice_floats *out, sluice_error *error) {
  return output(out, out ? out->struct_size : 0, SLUICE_FLOATS_SIZE_V1, "floats to fill", error);
}

sluice_status sluice_kit_guard_data(const void *data, uint64_t size, const char *what, sluice_error *error) {
  if (size > SLUICE_TEXT_MAX) {
    return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The caller's %s is longer than 1 GiB.", what);
  }
  if (data || size == 0) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "The caller's %s has a size and no data.", what);
}

sluice_status sluice_kit_guard_schema(const struct ArrowSchema *schema, sluice_error *error) {
  if (schema && schema->release) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                         schema ? "The schema was already released." : "The caller gave no schema.");
}

sluice_status sluice_kit_guard_array(const struct ArrowArray *array, sluice_error *error) {
  if (array && array->release) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE,
                         array ? "The batch was already released." : "The caller gave no batch.");
}

sluice_status sluice_kit_guard_mode(int32_t mode, sluice_error *error) {
  if (mode == SLUICE_FINISH_VERDICT || mode == SLUICE_FINISH_STATE) return SLUICE_OK;
  return sluice_kit_fail(error, SLUICE_DETERMINISTIC_FAILURE, "finish knows no mode %d: ask for 0 or 1.", (int)mode);
}
