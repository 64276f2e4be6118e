/* The seccomp filter: kill by default. What is allowed depends on the plugin's language (call_sets.c) and on whether it
 * was handed a connection (relay.c); what is refused with an error is the same for all. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "call_sets.h"
#include "sandbox.h"

/* Bits of a clock's number: it is negative when it counts the processor time of a process or, with the other bit, of a
 * thread whose number it holds. */
#define CLOCK_OF_TASK UINT64_C(0x80000000)
#define CLOCK_OF_THREAD UINT64_C(4)

/* Refused in a way that callers live with; a kill would punish a library's harmless question. */
static const struct {
  const char *name;
  uint16_t error;
} refused[] = {
    {"socket", EPERM},     {"socketpair", EPERM}, {"clone3", ENOSYS},   {"openat2", ENOSYS},  {"statx", ENOSYS},
    {"setpriority", 0},    {"getpriority", EPERM}, {"access", EPERM},    {"faccessat", EPERM}, {"faccessat2", EPERM},
    {"readlink", EPERM},   {"readlinkat", EPERM}, {"ioctl", EPERM},     {"sysinfo", EPERM},   {"fadvise64", EPERM},
    {"statfs", EPERM},     {"fstatfs", EPERM},    {"uname", EPERM},     {"getcwd", EPERM},    {"getdents64", EPERM},
    {"stat", EPERM},       {"lstat", EPERM},      {"open", EPERM},      {"kill", EPERM},      {"syslog", EPERM},
    {"memfd_create", EPERM}, {"dup", EPERM},      {"mlock", EPERM},     {"mbind", EPERM},     {"set_mempolicy", EPERM},
    {"get_mempolicy", EPERM}, {"sched_setaffinity", EPERM}, {"sched_setscheduler", EPERM}, {"sched_getscheduler", EPERM},
    {"sched_getparam", EPERM}, {"sched_get_priority_max", EPERM}, {"sched_get_priority_min", EPERM},
    {"getrlimit", EPERM},  {"setrlimit", EPERM},  {"ftruncate", EPERM}, {"fsync", EPERM},     {"fdatasync", EPERM},
};

static int add_plain(scmp_filter_ctx filter, const char *name, uint32_t action) {
  int number = seccomp_syscall_resolve_name(name);
  if (number < 0)
    return 0; /* not a call of this architecture or of this library's table: the default covers it */
  return seccomp_rule_add(filter, action, number, 0);
}

static struct scmp_arg_cmp when(unsigned argument, enum scmp_compare comparison, uint64_t a, uint64_t b) {
  struct scmp_arg_cmp condition = {argument, comparison, a, b};
  return condition;
}

/* An `int` argument: the upper half of its register means nothing. */
static struct scmp_arg_cmp equals(unsigned argument, int value) {
  return when(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)value);
}

/* Allowed, but the prober is asked about each: what a limit counts, and executable memory. */
static const char *const watched[] = {
    "exit", "eventfd2", "epoll_create1", "timerfd_create", "pipe2",
};

static int is_watched(const char *name) {
  for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
    if (strcmp(watched[i], name) == 0)
      return 1;
  return 0;
}

/* Calls whose arguments decide. `watches`: of those that are allowed, the prober is asked about what it counts.
 * `only_allows`: what is refused is what the filter does without a rule. */
static int add_conditional(scmp_filter_ctx filter, int relay, int watches, int only_allows) {
  const uint32_t counted = watches ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW;
  /* O_PATH too: Landlock rules on what is opened for reading, and such a descriptor is not opened for anything. */
  const uint64_t barred = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY) | O_PATH;
  /* With the table of descriptors shared: one of its own would have the whole limit of descriptors once more. */
  const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                              CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE | CLONE_VFORK;
  int failed = 0;
#define RULE(action, call, count, ...)                                                                                 \
  if (!failed && (!only_allows || (action) == SCMP_ACT_ALLOW || (action) == SCMP_ACT_NOTIFY))                          \
  failed = seccomp_rule_add(filter, action, SCMP_SYS(call), count, __VA_ARGS__)
#define CLOCK_RULES(call)                                                                                              \
  RULE(SCMP_ACT_ALLOW, call, 1, when(0, SCMP_CMP_MASKED_EQ, CLOCK_OF_TASK, 0));                                        \
  RULE(SCMP_ACT_ALLOW, call, 1, when(0, SCMP_CMP_MASKED_EQ, CLOCK_OF_TASK | CLOCK_OF_THREAD,                           \
                                     CLOCK_OF_TASK | CLOCK_OF_THREAD));                                                \
  RULE(SCMP_ACT_ERRNO(EPERM), call, 1, when(0, SCMP_CMP_MASKED_EQ, CLOCK_OF_TASK | CLOCK_OF_THREAD, CLOCK_OF_TASK))
  if (watches) {
    RULE(SCMP_ACT_ALLOW, mmap, 1, when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    RULE(SCMP_ACT_NOTIFY, mmap, 1, when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    RULE(SCMP_ACT_ALLOW, mprotect, 1, when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    RULE(SCMP_ACT_NOTIFY, mprotect, 1, when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
  }
  /* Open for reading; Landlock says what. */
  RULE(counted, openat, 1, when(2, SCMP_CMP_MASKED_EQ, barred, O_RDONLY));
  /* A thread, never a process. */
  RULE(counted, clone, 1, when(0, SCMP_CMP_MASKED_EQ, thread | namespaces, thread));
  for (unsigned bit = 0; bit < 32; bit++)
    if (barred & (UINT64_C(1) << bit))
      RULE(SCMP_ACT_ERRNO(EPERM), openat, 1, when(2, SCMP_CMP_MASKED_EQ, UINT64_C(1) << bit, UINT64_C(1) << bit));
  /* The clocks of the machine, and the processor time of a thread: the kernel tells it for threads of this process alone,
   * and process.c asks for it. That of a process it would tell for every process of the machine. */
  CLOCK_RULES(clock_gettime);
  CLOCK_RULES(clock_getres);
  CLOCK_RULES(clock_nanosleep);
  /* A signal to one of our own threads: abort() and Go's preemption. */
  RULE(SCMP_ACT_ALLOW, tgkill, 1, equals(0, getpid()));
  /* Asking for a limit, never setting one. */
  RULE(SCMP_ACT_ALLOW, prlimit64, 2, equals(0, 0), when(2, SCMP_CMP_EQ, 0, 0));
  RULE(SCMP_ACT_ERRNO(EPERM), prlimit64, 1, when(2, SCMP_CMP_NE, 0, 0));
  /* PR_SET_NAME and PR_GET_NAME are neighbours, and so are F_GETFD, F_SETFD and F_GETFL. */
  RULE(SCMP_ACT_ALLOW, prctl, 1, equals(0, PR_SET_NAME));
  RULE(SCMP_ACT_ALLOW, prctl, 1, equals(0, PR_GET_NAME));
  RULE(SCMP_ACT_ERRNO(EPERM), prctl, 1, when(0, SCMP_CMP_LT, PR_SET_NAME, 0));
  RULE(SCMP_ACT_ERRNO(EPERM), prctl, 1, when(0, SCMP_CMP_GT, PR_GET_NAME, 0));
  RULE(SCMP_ACT_ALLOW, fcntl, 1, equals(1, F_GETFD));
  RULE(SCMP_ACT_ALLOW, fcntl, 1, equals(1, F_SETFD));
  RULE(SCMP_ACT_ALLOW, fcntl, 1, equals(1, F_GETFL));
  RULE(SCMP_ACT_ERRNO(EPERM), fcntl, 1, when(1, SCMP_CMP_LT, F_GETFD, 0));
  if (relay < 0) {
    RULE(SCMP_ACT_ERRNO(EPERM), fcntl, 1, when(1, SCMP_CMP_GT, F_GETFL, 0));
  } else {
    /* The host's connection alone: no address goes with the bytes, no descriptor either way, and it can be made not to
     * wait. Not to be disconnected or asked about: what a library wants to know, relay.c answers. */
    RULE(SCMP_ACT_ALLOW, sendto, 2, equals(0, relay), when(4, SCMP_CMP_EQ, 0, 0));
    RULE(SCMP_ACT_ALLOW, recvfrom, 2, equals(0, relay), when(4, SCMP_CMP_EQ, 0, 0));
    RULE(SCMP_ACT_ALLOW, shutdown, 1, equals(0, relay));
    /* F_SETFL is F_GETFL's neighbour; on every other descriptor it is refused. A number whose upper half holds something
     * is above the relay's, too: then two rules apply, and either is right. */
    RULE(SCMP_ACT_ALLOW, fcntl, 3, equals(0, relay), equals(1, F_SETFL),
         when(2, SCMP_CMP_MASKED_EQ, UINT32_MAX & ~(uint64_t)(O_ACCMODE | O_NONBLOCK), 0));
    RULE(SCMP_ACT_ERRNO(EPERM), fcntl, 2, equals(1, F_SETFL), when(0, SCMP_CMP_LT, (uint64_t)relay, 0));
    RULE(SCMP_ACT_ERRNO(EPERM), fcntl, 2, equals(1, F_SETFL), when(0, SCMP_CMP_GT, (uint64_t)relay, 0));
    RULE(SCMP_ACT_ERRNO(EPERM), fcntl, 1, when(1, SCMP_CMP_GT, F_SETFL, 0));
  }
#undef CLOCK_RULES
#undef RULE
  return failed;
}

static void optimise(scmp_filter_ctx filter) {
  /* A binary tree instead of a list; libraries before 2.5 lack it and keep the list. */
  (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

/* What the reader of `listener` needs more: to hear and to answer, on that descriptor alone, and its own process's peak of
 * memory. A listener's answers let nothing through but what the plugin's filter would allow. */
static int add_reader(scmp_filter_ctx filter, int listener) {
  const unsigned long requests[] = {SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND};
  int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getrusage), 1, equals(0, RUSAGE_SELF));
  for (size_t i = 0; !failed && i < sizeof requests / sizeof *requests; i++)
    failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 2, equals(0, listener),
                              when(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)requests[i]));
  return failed;
}

/* `listener`: the one that the thread reads, or -1. */
static int enter(const struct sandbox_options *options, int listener) {
  scmp_filter_ctx filter = seccomp_init(options->answers_denied ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
  if (!filter)
    return ENOMEM;
  /* int80 and x32 are other architectures to the filter: killed, whatever the number. */
  int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  for (const struct call_set *const *set = options->language->sets; *set; set++)
    for (size_t i = 0; !failed && i < (*set)->n; i++)
      failed = add_plain(filter, (*set)->calls[i], SCMP_ACT_ALLOW);
  for (size_t i = 0; !failed && i < sizeof refused / sizeof *refused; i++) {
    if (options->answers_denied && refused[i].error == EPERM)
      continue; /* the default */
    failed = add_plain(filter, refused[i].name, SCMP_ACT_ERRNO(refused[i].error));
  }
  if (!failed)
    failed = add_conditional(filter, options->relay, 0, options->answers_denied);
  if (!failed && listener >= 0)
    failed = add_reader(filter, listener);
  if (!failed) {
    optimise(filter);
    failed = seccomp_load(filter);
  }
  seccomp_release(filter);
  return failed < 0 ? -failed : 0;
}

int syscall_filter_enter(const struct sandbox_options *options) { return enter(options, -1); }

int syscall_filter_enter_reader(const struct sandbox_options *options, int listener) { return enter(options, listener); }

int syscall_filter_watch(const struct sandbox_options *options, int *listener) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
  if (!filter)
    return ENOMEM;
  int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  for (const struct call_set *const *set = options->language->sets; *set; set++)
    for (size_t i = 0; !failed && i < (*set)->n; i++)
      if (strcmp((*set)->calls[i], "mmap") != 0 && strcmp((*set)->calls[i], "mprotect") != 0)
        failed = add_plain(filter, (*set)->calls[i], is_watched((*set)->calls[i]) ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW);
  /* An answer that an older kernel would give, or a pretended success, denies nobody anything. */
  for (size_t i = 0; !failed && i < sizeof refused / sizeof *refused; i++)
    if (refused[i].error != EPERM)
      failed = add_plain(filter, refused[i].name, SCMP_ACT_ERRNO(refused[i].error));
  /* The Swift run time asks whether its output is a terminal: it is none. */
  if (!failed)
    failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1, equals(1, TCGETS));
  if (!failed)
    failed = add_conditional(filter, options->relay, 1, 1);
  if (!failed) {
    optimise(filter);
    failed = seccomp_load(filter);
  }
  if (!failed && (*listener = seccomp_notify_fd(filter)) < 0)
    failed = *listener;
  seccomp_release(filter);
  return failed < 0 ? -failed : 0;
}
