/* Sluice plugin ABI: the types that every other header uses.
 *
 * Rules of the ABI (docs/abi.md has them with examples):
 * - Every struct begins with `uint32_t struct_size`, set by whoever fills the struct. The reader copies
 *   min(struct_size, its own size), zeroes the rest, and refuses a struct below its *_SIZE_V1.
 * - Integers have fixed widths; text is pointer + length in UTF-8 and is not NUL-terminated.
 *   No enum, bool, bit-field, long or varargs crosses the boundary.
 * - Fields are appended, never moved. SLUICE_ABI_MAJOR breaks, SLUICE_ABI_MINOR adds.
 * - A callee refuses what it cannot use, and never crashes on it: NULL instances and outputs, short outputs, text
 *   without data or above SLUICE_TEXT_MAX, released Arrow structs, unknown modes (docs/abi.md has the rules).
 * - Inputs are borrowed until the call returns. Outputs belong to their producer and carry a `release`
 *   that frees them and then sets itself to NULL. Nobody frees another's memory.
 */
#ifndef SLUICE_BASE_H
#define SLUICE_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_ABI_MAJOR ((uint32_t)0)
#define SLUICE_ABI_MINOR ((uint32_t)1)

/* A code of the error taxonomy (ROADMAP section 31), or SLUICE_OK. */
typedef int32_t sluice_status;
#define SLUICE_OK ((sluice_status)0)
#define SLUICE_POLICY_BLOCK ((sluice_status)1)
#define SLUICE_DSL_REJECT ((sluice_status)2)
#define SLUICE_PROVIDER_UNHEALTHY ((sluice_status)3)
#define SLUICE_RATE_LIMIT ((sluice_status)4)
#define SLUICE_TIMEOUT ((sluice_status)5)
#define SLUICE_QUOTA_EXHAUSTED ((sluice_status)6)
#define SLUICE_TRANSIENT_ERROR ((sluice_status)7)
#define SLUICE_DETERMINISTIC_FAILURE ((sluice_status)8)
#define SLUICE_QUARANTINE_REQUIRED ((sluice_status)9)

/* Kinds of plugin. */
typedef int32_t sluice_kind;
#define SLUICE_KIND_PROVIDER ((sluice_kind)1)
#define SLUICE_KIND_CONNECTOR ((sluice_kind)2)
#define SLUICE_KIND_CHECK ((sluice_kind)3)

/* A host object: index in the low half, generation in the high half. A stale handle is refused, never followed. */
typedef uint64_t sluice_handle;

/* No text and no bytes of a call are longer than this: 1 GiB. The host never hands out more, and a callee refuses it
 * unread. (A data file of the manifest, which sluice_host.resource maps, may be larger.) */
#define SLUICE_TEXT_MAX ((uint64_t)1073741824)

/* Borrowed UTF-8 text. `data` may be NULL only if `size` is 0. Not a struct with a size field: frozen for ever. */
typedef struct sluice_str {
  const char *data;
  uint64_t size; /* bytes */
} sluice_str;

/* Borrowed bytes. Frozen for ever, like sluice_str. */
typedef struct sluice_bytes {
  const uint8_t *data;
  uint64_t size; /* bytes */
} sluice_bytes;

/* Owned bytes, mostly UTF-8 JSON. The producer fills it; the consumer calls release(self) once and then forgets it. */
typedef struct sluice_text {
  uint32_t struct_size;
  uint32_t reserved;
  const char *data;
  uint64_t size; /* bytes */
  void *private_data;
  void (*release)(struct sluice_text *self); /* NULL when already released or never filled */
} sluice_text;
#define SLUICE_TEXT_SIZE_V1 40

/* Owned 32-bit floats: `rows` vectors of `dimensions` each, row-major. Same ownership as sluice_text. */
typedef struct sluice_floats {
  uint32_t struct_size;
  uint32_t dimensions;
  uint64_t rows;
  const float *data;
  void *private_data;
  void (*release)(struct sluice_floats *self);
} sluice_floats;
#define SLUICE_FLOATS_SIZE_V1 40

/* Why a call failed. The caller zeroes it and sets struct_size; the callee fills it when it returns a status other than
 * SLUICE_OK. The host redacts and caps `message`: it must still hold no value of a cell and no secret. */
typedef struct sluice_error {
  uint32_t struct_size;
  sluice_status code;
  sluice_str message;
  uint32_t retryable; /* 0 or 1 */
  uint32_t reserved;
  uint64_t retry_after_ms; /* 0: unknown */
  void *private_data;
  void (*release)(struct sluice_error *self); /* NULL when `message` is static */
} sluice_error;
#define SLUICE_ERROR_SIZE_V1 56

#ifdef __cplusplus
}
#endif
#endif
