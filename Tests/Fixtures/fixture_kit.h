/* For fixtures on the C kit: what they would otherwise repeat. */
#ifndef SLUICE_FIXTURE_KIT_H
#define SLUICE_FIXTURE_KIT_H

#include <stdlib.h>
#include <string.h>

#include "sluice_kit.h"

static inline sluice_status kit_answer(sluice_text *out, const char *json, sluice_error *error) {
  sluice_str text = sluice_kit_str(json);
  return sluice_kit_text_copy(out, text.data, text.size, error);
}

#endif
