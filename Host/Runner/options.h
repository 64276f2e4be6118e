/* The command line by which the host tells a runner its sandbox; the prober of the conformance suite has more of it. */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include "sandbox.h"

#define OPTION_UNKNOWN 0
#define OPTION_TAKEN 1
#define OPTION_WRONG 2

/* Options that a program has beside these; returns one of the above. */
typedef int (*options_other)(const char *name, const char *text);

/* NULL, or what is wrong. `other` is asked first and may be NULL. Texts are borrowed from `argv`. */
const char *options_parse(int argc, char **argv, struct sandbox_options *options, options_other other);

/* A decimal number from 0 to `most`; 0 when `text` is none. */
int options_number(const char *text, uint64_t most, uint64_t *value);

/* Tell plugin.c where the plugin and its libraries lie, now that the sandbox is in force. */
void options_settle(const struct sandbox_options *options, const struct sandbox_report *report);

#endif
