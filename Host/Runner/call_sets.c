/* The sets of system calls. A call that stands in no set of a language kills its plugin; those that filter.c refuses or
 * rules on by their arguments are the same for all.
 *
 * They were found with strace over plugins that use what their language offers: threads, timers, event loops, large
 * sorts, panics, Foundation, Arrow and Parquet. What was not seen there stands here only when the language's usual
 * libraries are known for it. */
#include "call_sets.h"

#include <string.h>

#define SET(identifier, set_name)                                                                                      \
  static const struct call_set identifier = {set_name, identifier##_calls, sizeof identifier##_calls / sizeof *identifier##_calls}

/* The runner's own, the dynamic loader's, and those of C with threads: every plugin runs on a thread. None of these
 * makes a new descriptor that reaches outside. newfstatat alone takes a path (fstat is newfstatat with an empty one, and
 * the loader looks for files with it), and Landlock has no right for it: what a path's metadata say can be learned.
 * openat takes one that Landlock rules on; it and clone, clock_*, fcntl, prctl, prlimit64 and tgkill are in filter.c. */
static const char *const base_calls[] = {
    "read", "write", "writev", "pread64", "lseek", "close", "fstat", "newfstatat",
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk",
    "futex", "rseq", "set_robust_list", "gettid", "sched_yield", "sched_getaffinity",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "restart_syscall",
    "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid",
    "nanosleep", "gettimeofday", "time", "getrandom", "poll", "ppoll",
    "timerfd_create", "timerfd_settime", /* the runner's own alarm, by which it sees the host's end (worker.c) */
    "exit", "exit_group",
};
SET(base, "base");

/* libdispatch's queues, sources and timers, and Foundation on them. pipe2 is for what process.c answers. */
static const char *const swift_calls[] = {
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2",
    "timerfd_gettime", "pipe2",
};
SET(swift, "swift");

/* The standard library needs none of these; the event loop below the async run times does. */
static const char *const rust_calls[] = {"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2"};
SET(rust, "rust");

/* The scheduler's stacks for signals, and its poller, which wakes itself by a pipe or, since Go 1.23, a counter. */
static const char *const go_calls[] = {
    "sigaltstack", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "pipe2",
};
SET(go, "go");

/* Threads that wake each other, and allocators that ask on which processor they run. */
static const char *const cxx_calls[] = {"eventfd2", "pipe2", "getcpu"};
SET(cxx, "c++");

static const struct call_language languages[] = {
    {"c", {&base}}, {"c++", {&base, &cxx}}, {"go", {&base, &go}}, {"rust", {&base, &rust}}, {"swift", {&base, &swift}},
};

const struct call_language *call_language_named(const char *name) {
  for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
    if (strcmp(languages[i].name, name) == 0)
      return &languages[i];
  return NULL;
}

const struct call_language *call_language_default(void) { return &languages[0]; }
