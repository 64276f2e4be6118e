/* Final answers, and the guards around what a plugin returns: status codes, texts, floats, errors. */
#ifndef RUNNER_ANSWER_H
#define RUNNER_ANSWER_H

#include <stdint.h>

#include "sluice/base.h"

#define ANSWER_MAX_MESSAGE 4096

/* Ready to be filled by a plugin: zeroed, struct_size set. */
sluice_text answer_empty_text(void);
sluice_floats answer_empty_floats(void);
sluice_error answer_empty_error(void);

/* Release what the plugin filled, exactly once; harmless on what it left alone. */
void answer_release_text(sluice_text *text);
void answer_release_floats(sluice_floats *floats);
void answer_release_error(sluice_error *error);

/* What is wrong with an output of at most `most` bytes, or NULL. */
const char *answer_text_fault(const sluice_text *text, uint64_t most);

/* ERROR with a message of ours, retryable when its code is one that passes: RATE_LIMIT, TRANSIENT_ERROR. */
void answer_error(sluice_status code, const char *message);
/* ERROR with the plugin's own words; a status outside the taxonomy becomes DETERMINISTIC_FAILURE. Releases `error`. */
void answer_failure(sluice_status status, sluice_error *error);
/* As answer_failure, for `update`: behind the message the bits of the slots that are free, as in its RESULT. */
void answer_update_failure(sluice_status status, sluice_error *error, uint32_t free_slots);
/* RESULT {str} or ERROR, by `status`; at most `most` bytes. Releases both. */
void answer_text(sluice_status status, sluice_text *text, sluice_error *error, uint64_t most);
/* RESULT {} or ERROR, by `status`. Releases `error`. */
void answer_nothing(sluice_status status, sluice_error *error);

#endif
