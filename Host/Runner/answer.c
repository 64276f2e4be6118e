#define _GNU_SOURCE
#include "answer.h"

#include <string.h>

#include "wire.h"
#include "worker.h"

sluice_text answer_empty_text(void) {
  sluice_text text;
  memset(&text, 0, sizeof text);
  text.struct_size = sizeof text;
  return text;
}

sluice_floats answer_empty_floats(void) {
  sluice_floats floats;
  memset(&floats, 0, sizeof floats);
  floats.struct_size = sizeof floats;
  return floats;
}

sluice_error answer_empty_error(void) {
  sluice_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  return error;
}

void answer_release_text(sluice_text *text) {
  if (text->release)
    text->release(text);
  *text = answer_empty_text(); /* whatever it did to its own fields: never twice */
}

void answer_release_floats(sluice_floats *floats) {
  if (floats->release)
    floats->release(floats);
  *floats = answer_empty_floats();
}

void answer_release_error(sluice_error *error) {
  if (error->release)
    error->release(error);
  *error = answer_empty_error();
}

const char *answer_text_fault(const sluice_text *text, uint64_t most) {
  if (text->struct_size < SLUICE_TEXT_SIZE_V1)
    return "the plugin returned a sluice_text whose struct_size is too small";
  if (!text->data && text->size)
    return "the plugin returned a text of a size but without data";
  if (text->size > most)
    return "the plugin returned a text that is too long";
  return NULL;
}

static void put_error(struct writer *writer, sluice_status code, uint32_t retryable, uint64_t retry_after_ms,
                      const char *message, uint64_t size) {
  writer_init(writer);
  writer_i32(writer, code);
  writer_u32(writer, retryable);
  writer_u64(writer, retry_after_ms);
  writer_repaired(writer, message, size, ANSWER_MAX_MESSAGE);
}

void answer_error(sluice_status code, const char *message) {
  struct writer writer;
  uint32_t retryable = code == SLUICE_RATE_LIMIT || code == SLUICE_TRANSIENT_ERROR;
  put_error(&writer, code, retryable, 0, message, strlen(message));
  worker_answer(WIRE_ERROR, &writer, -1);
}

/* Releases `error`; the writer is to be sent. */
static void put_failure(struct writer *writer, sluice_status status, sluice_error *error) {
  static const char nameless[] = "the plugin returned a status that is not a code of the taxonomy";
  static const char silent[] = "the plugin failed without a message";
  const char *message = error->message.data;
  uint64_t size = message ? error->message.size : 0;
  if (status < SLUICE_POLICY_BLOCK || status > SLUICE_QUARANTINE_REQUIRED) {
    status = SLUICE_DETERMINISTIC_FAILURE;
    if (!size) {
      message = nameless;
      size = sizeof nameless - 1;
    }
  }
  if (!size) {
    message = silent;
    size = sizeof silent - 1;
  }
  uint32_t retryable = error->retryable == 1 && status != SLUICE_DETERMINISTIC_FAILURE;
  put_error(writer, status, retryable, error->retry_after_ms, message, size);
  answer_release_error(error);
}

void answer_failure(sluice_status status, sluice_error *error) {
  struct writer writer;
  put_failure(&writer, status, error);
  worker_answer(WIRE_ERROR, &writer, -1);
}

void answer_update_failure(sluice_status status, sluice_error *error, uint32_t free_slots) {
  struct writer writer;
  put_failure(&writer, status, error);
  writer_u32(&writer, free_slots);
  worker_answer(WIRE_ERROR, &writer, -1);
}

void answer_text(sluice_status status, sluice_text *text, sluice_error *error, uint64_t most) {
  if (status != SLUICE_OK) {
    answer_release_text(text);
    answer_failure(status, error);
    return;
  }
  const char *fault = answer_text_fault(text, most);
  struct writer writer;
  writer_init(&writer);
  if (!fault)
    writer_str(&writer, text->data, text->size);
  answer_release_text(text);
  answer_release_error(error);
  if (!fault) {
    worker_answer(WIRE_RESULT, &writer, -1);
    return;
  }
  writer_free(&writer);
  answer_error(SLUICE_DETERMINISTIC_FAILURE, fault);
}

void answer_nothing(sluice_status status, sluice_error *error) {
  if (status != SLUICE_OK) {
    answer_failure(status, error);
    return;
  }
  answer_release_error(error);
  struct writer writer;
  writer_init(&writer);
  worker_answer(WIRE_RESULT, &writer, -1);
}
