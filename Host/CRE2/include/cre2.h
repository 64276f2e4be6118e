/* Thin C face over RE2: linear time on hostile input. Patterns are UTF-8, anchoring is the pattern's own affair. */
#ifndef SLUICE_CRE2_H
#define SLUICE_CRE2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/* NULL when the pattern does not compile; then `message` (NUL-terminated, capped at message_size) says why. */
cre2_pattern *cre2_compile(const char *pattern, size_t size, int case_sensitive, char *message, size_t message_size);
void cre2_free(cre2_pattern *pattern);

/* 1 when `text` contains a match. Thread-safe. */
int cre2_matches(const cre2_pattern *pattern, const char *text, size_t size);

/* 1 when the whole of `text` matches. Thread-safe. */
int cre2_matches_whole(const cre2_pattern *pattern, const char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
