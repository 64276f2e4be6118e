#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "wire.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define NOBODY 65534
#define PROCESS_LIMIT 16384
/* In the runner's own namespaces: the monitor, PID 1, and the two threads of the plugin's process. */
#define OWN_TASKS 4

static void record(struct sandbox_report *report, unsigned layer, int error) {
  report->error[layer] = error;
  if (error == 0)
    report->layers |= UINT64_C(1) << layer;
}

static void close_undeclared(int highest) {
  unsigned first = (unsigned)highest + 1;
  if (syscall(SYS_close_range, first, ~0U, 0) == 0)
    return;
  /* Before Linux 5.9: one by one, up to the limit that the kernel enforced so far. */
  struct rlimit limit;
  unsigned last = 65536;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < last)
    last = (unsigned)limit.rlim_cur;
  for (unsigned fd = first; fd < last; fd++)
    close((int)fd);
}

static int has_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  memset(sets, 0, sizeof sets);
  if (syscall(SYS_capget, &header, sets) != 0)
    return 1;
  for (int i = 0; i < 2; i++)
    if (sets[i].effective | sets[i].permitted | sets[i].inheritable)
      return 1;
  return 0;
}

/* Root becomes nobody; and the keys of the session in which the host was started stay behind. A kernel without keys, or
 * a container that forbids the call, is no failure: the filter lets nobody ask for a key. */
static int become_nobody(void) {
  int error = 0;
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); /* as root, whose quota of keys is large */
  if (geteuid() != 0 && getuid() != 0)
    return 0;
  if (setgroups(0, NULL) != 0)
    error = errno;
  if (setresgid(NOBODY, NOBODY, NOBODY) != 0 && !error)
    error = errno;
  if (setresuid(NOBODY, NOBODY, NOBODY) != 0 && !error)
    error = errno;
  /* The change of user cleared it, and the maps of the user namespace are written through /proc/self. */
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return error;
}

/* Everyone loses every capability. The bounding set goes first: dropping it needs CAP_SETPCAP. */
static int drop_capabilities(void) {
  for (int capability = 0; capability < 64; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
      break; /* EINVAL: past the last one; EPERM: not ours to drop, and no_new_privs makes it moot */
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  if (syscall(SYS_capset, &header, none) != 0)
    return errno;
  return getuid() == 0 || geteuid() == 0 || has_capabilities() ? EPERM : 0;
}

static int set_limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0)
    return errno;
  if (now.rlim_max < hard)
    hard = now.rlim_max; /* a tighter limit that is already in force stays */
  if (soft > hard)
    soft = hard;
  struct rlimit next = {soft, hard};
  return setrlimit(resource, &next) == 0 ? 0 : errno;
}

/* Since Linux 5.14 a user namespace has a count of its own; before, it is that of the user on the whole machine. */
static int namespaces_count(void) {
  struct utsname name;
  unsigned major, minor;
  return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
         (major > 5 || (major == 5 && minor >= 14));
}

static int set_limits(const struct sandbox_options *options, int in_namespaces) {
  int error = 0, failed;
#define LIMIT(resource, soft, hard)                                                                                    \
  if ((failed = set_limit(resource, soft, hard)) != 0 && !error)                                                       \
  error = failed
  if (options->memory_bytes)
    LIMIT(RLIMIT_AS, options->memory_bytes, options->memory_bytes);
  if (options->cpu_seconds) /* SIGXCPU first, one second later SIGKILL */
    LIMIT(RLIMIT_CPU, options->cpu_seconds, options->cpu_seconds + 1);
  if (options->descriptors)
    LIMIT(RLIMIT_NOFILE, options->descriptors, options->descriptors);
  LIMIT(RLIMIT_CORE, 0, 0);
  LIMIT(RLIMIT_FSIZE, 0, 0);
  /* Fork is impossible anyway: this bounds threads. In a user namespace of its own exactly the plugin's; without one
   * every process and thread of the user is counted, and a tight value would let one runner starve the others. */
  uint64_t tasks = PROCESS_LIMIT;
  if (options->threads && in_namespaces && namespaces_count())
    tasks = OWN_TASKS + options->threads;
  LIMIT(RLIMIT_NPROC, tasks, tasks);
#undef LIMIT
  return error;
}

static int follow_parent_into_death(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return errno;
  if (getppid() != parent)
    _exit(WIRE_EXIT_ORPHAN); /* it died between the two calls; no signal will come */
  return 0;
}

static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_IGN);
}

/* Landlock asks for it where there is no capability, and a test may have left it out. */
static void prepare_landlock(const struct sandbox_options *options) {
  (void)options;
  if (!SANDBOX_WANTED(options, WIRE_LAYER_NO_NEW_PRIVS) && SANDBOX_WANTED(options, WIRE_LAYER_LANDLOCK))
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report) {
  memset(report, 0, sizeof *report);
  pid_t parent = getppid();
  if (options->parent != 0 && parent != options->parent)
    _exit(WIRE_EXIT_ORPHAN);
  reset_signals();
  close_undeclared(options->highest_descriptor);
  int host = (int)syscall(SYS_pidfd_open, parent, 0);
  follow_parent_into_death(parent);
#define WHEN_WANTED(layer, step) (SANDBOX_WANTED(options, layer) ? (step) : ECANCELED)
#define LAYER(layer, step) record(report, layer, WHEN_WANTED(layer, step))
  int user = WHEN_WANTED(WIRE_LAYER_UNPRIVILEGED, become_nobody());
  /* After the change of user: setresuid clears it. */
  follow_parent_into_death(parent);
  int left = 0;
  record(report, WIRE_LAYER_NAMESPACES, namespaces_enter(options, &left));
  int namespaces = report->error[WIRE_LAYER_NAMESPACES];
  LAYER(WIRE_LAYER_PRIVATE_ROOT, namespaces && namespaces != ECANCELED ? namespaces : private_root_enter(options));
  if (report->error[WIRE_LAYER_PRIVATE_ROOT])
    libraries_require_same(options);
  LAYER(WIRE_LAYER_RLIMITS, set_limits(options, namespaces == 0));
  /* Also where root cannot become nobody: without a capability it is at least no more than a file's owner. */
  int capabilities = WHEN_WANTED(WIRE_LAYER_UNPRIVILEGED, drop_capabilities());
  record(report, WIRE_LAYER_UNPRIVILEGED, user ? user : capabilities);
  LAYER(WIRE_LAYER_NO_NEW_PRIVS, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  record(report, WIRE_LAYER_PDEATHSIG, follow_parent_into_death(parent));
  prepare_landlock(options);
  LAYER(WIRE_LAYER_LANDLOCK, landlock_enter(options, report->error[WIRE_LAYER_PRIVATE_ROOT] == 0));
  if (left)
    namespaces_fork(host);
  else if (host >= 0)
    close(host);
  LAYER(WIRE_LAYER_SECCOMP, options->leaves_filter ? ECANCELED : syscall_filter_enter(options));
#undef LAYER
#undef WHEN_WANTED
}
