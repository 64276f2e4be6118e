/* The sandbox: what a process gives up before it loads foreign code. Each step in the order of this file. */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_LAYERS 6 /* WIRE_LAYER_SECCOMP … WIRE_LAYER_PDEATHSIG */
#define SANDBOX_MAX_PATHS 32

/* What the host asked for on the command line. */
struct sandbox_options {
#ifdef SLUICE_TEST_LAYERS
  uint64_t wanted; /* bits of WIRE_LAYER_…: a test's choice; every other build has all of them */
#endif
  int highest_descriptor;
  pid_t parent; /* 0: not told */
  uint64_t memory_bytes;
  uint64_t cpu_seconds;
  uint64_t descriptors;
  const char *library_dirs[SANDBOX_MAX_PATHS]; /* read and execute beneath */
  size_t n_library_dirs;
  const char *readable[SANDBOX_MAX_PATHS]; /* read only */
  size_t n_readable;
};

#ifdef SLUICE_TEST_LAYERS
#define SANDBOX_WANTED(options, layer) (((options)->wanted >> (layer) & 1) != 0)
#else
#define SANDBOX_WANTED(options, layer) 1
#endif

/* Which layers are in force; `error` says why another is not (an errno value). */
struct sandbox_report {
  uint64_t layers;
  int error[SANDBOX_LAYERS];
};

/* Enter the sandbox. Ends the process with WIRE_EXIT_ORPHAN if the host is gone. Needs /proc, a single thread, and
 * leaves no descriptor above `highest_descriptor`. What fails is reported, never fatal: the host decides. */
void sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report);

/* The steps that live in files of their own. Each returns 0 or an errno value. */
int landlock_enter(const struct sandbox_options *options);
int syscall_filter_enter(void);

#endif
