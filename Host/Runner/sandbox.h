/* The sandbox: what a process gives up before it loads foreign code. Each step in the order of this file. */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SANDBOX_LAYERS 8 /* WIRE_LAYER_SECCOMP … WIRE_LAYER_PRIVATE_ROOT */
#define SANDBOX_MAX_PATHS 32
#define SANDBOX_MAX_LIBRARIES 256

/* Where the plugin lies in the private root. */
#define SANDBOX_PLUGIN "/plugin.so"

struct call_language;

/* A library of the plugin, and which file the host found there: another one must not be loaded. */
struct sandbox_library {
  const char *path;
  uint64_t device;
  uint64_t inode;
  uint64_t changed_ns; /* its status change, nanoseconds since 1970 */
};

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
  uint64_t threads; /* of the plugin's, beside the one that its calls run on; 0: not told */
  struct sandbox_library libraries[SANDBOX_MAX_LIBRARIES]; /* the whole closure; bound by file name */
  size_t n_libraries;
  const char *library_dirs[SANDBOX_MAX_PATHS]; /* read and execute beneath, where there is no private root */
  size_t n_library_dirs;
  const char *readable[SANDBOX_MAX_PATHS]; /* read only */
  size_t n_readable;
  const struct call_language *language; /* of the plugin: which system calls it may make; never NULL */
  int relay;                            /* the connection that the host opened, or -1 */
  int answers_denied;                   /* the prober's: what the filter kills for is answered with EPERM */
  int leaves_filter;                    /* the prober's: seccomp is left out, for syscall_filter_watch to begin later */
};

#ifdef SLUICE_TEST_LAYERS
#define SANDBOX_WANTED(options, layer) (((options)->wanted >> (layer) & 1) != 0)
#else
#define SANDBOX_WANTED(options, layer) 1
#endif

/* Which layers are in force; `error` says why another is not (an errno value, or WIRE_FAILURE). */
struct sandbox_report {
  uint64_t layers;
  int error[SANDBOX_LAYERS];
};

/* Enter the sandbox. Ends the process with WIRE_EXIT_ORPHAN if the host is gone, with WIRE_EXIT_LIBRARY if a library
 * was changed since the host looked. Needs /proc, a single thread, and leaves no descriptor above
 * `highest_descriptor`. Where there are namespaces it returns in a child; the process that called it stays behind as
 * the child's monitor and ends as the child does. What fails is reported, never fatal: the host decides. */
void sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report);

/* The steps that live in files of their own. Each returns 0 or an errno value, or WIRE_FAILURE. */

/* Leave the machine's namespaces; the PID namespace begins with the first child. `*left` is 1 when the process is in
 * new ones, even if a later step failed. */
int namespaces_enter(const struct sandbox_options *options, int *left);
/* Fork into the new PID namespace, below a first process that stays behind, and return there as the plugin's process;
 * the caller's process never returns. `host` is a pidfd of the host, or -1; it is closed. */
void namespaces_fork(int host);
int private_root_enter(const struct sandbox_options *options);
/* Where there is no private root, the loader finds libraries by their paths: ends the process with WIRE_EXIT_LIBRARY if
 * one is not the file that the host found there. What is swapped behind this look is loaded all the same. */
void libraries_require_same(const struct sandbox_options *options);
int landlock_enter(const struct sandbox_options *options, int in_private_root);
int syscall_filter_enter(const struct sandbox_options *options);

/* For the prober, which counts what a plugin is denied. Begins on the calling thread, and holds for those that it starts.
 * What the ordinary filter would kill for or refuse with EPERM the kernel refuses too: it raises SIGSYS, whose handler is
 * the caller's to install (SECCOMP_RET_TRAP). Of what the ordinary filter allows, the calls that count against a limit are
 * handed to whoever reads `*listener` (seccomp_unotify(2)): opening, threads and their ends, new descriptors, executable
 * memory. No answer there can let anything through that the ordinary filter would not. Returns 0 or an errno value. */
int syscall_filter_watch(const struct sandbox_options *options, int *listener);
/* The filter of whoever reads that listener: the ordinary one, `ioctl` to read and answer it, and getrusage of itself. */
int syscall_filter_enter_reader(const struct sandbox_options *options, int listener);

#endif
