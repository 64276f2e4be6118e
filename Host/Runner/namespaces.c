/* Namespaces of its own, and the processes that stay behind to watch.
 *
 *   monitor   outside the PID namespace, the host's child. It waits for the host and for PID 1, ends as the plugin's
 *             process did, and takes everything with it.
 *   PID 1     waits for the plugin's process and tells the monitor how it ended. The kernel ends every process of the
 *             namespace with it. It gives PID 1 no default action of a signal, so an abort() there would look like
 *             something else: the plugin must not be PID 1. And it must be the child of PID 1, not of the monitor: the
 *             namespace lasts until its dead are reaped, and when the monitor dies that would be left to whoever is
 *             PID 1 of the machine, which in many containers reaps nobody.
 *   PID 2     the plugin's process. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"
#include "wire.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define ALL_NAMESPACES                                                                                                 \
  (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return errno;
  ssize_t size = (ssize_t)strlen(text);
  ssize_t put = write(fd, text, (size_t)size);
  int error = put < 0 ? errno : put == size ? 0 : EIO;
  close(fd);
  return error;
}

/* This user and this group, as themselves, and nobody else. */
static int map_ids(uid_t user, gid_t group) {
  char text[64];
  int error = write_file("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1\n", (unsigned)user, (unsigned)user);
  if (!error)
    error = write_file("/proc/self/uid_map", text);
  snprintf(text, sizeof text, "%u %u 1\n", (unsigned)group, (unsigned)group);
  if (!error)
    error = write_file("/proc/self/gid_map", text);
  if (!error) /* where /proc/sys may be written: no user namespace within this one, whatever the filter says */
    (void)write_file("/proc/sys/user/max_user_namespaces", "0");
  return error;
}

int namespaces_enter(const struct sandbox_options *options, int *left) {
  int flags = ALL_NAMESPACES;
  uid_t user = geteuid();
  gid_t group = getegid();
  *left = 0;
  (void)options;
  if (!SANDBOX_WANTED(options, WIRE_LAYER_NAMESPACES)) {
    /* A private root by itself needs a mount namespace, and an ordinary user needs a user namespace for that. */
    if (SANDBOX_WANTED(options, WIRE_LAYER_PRIVATE_ROOT) &&
        (user == 0 ? unshare(CLONE_NEWNS) : unshare(CLONE_NEWUSER | CLONE_NEWNS)) == 0 && user != 0)
      (void)map_ids(user, group);
    return ECANCELED;
  }
  int failed = unshare(flags);
  if (failed && errno == EINVAL) /* a kernel without one of the two that matter least */
    failed = unshare(flags & ~(CLONE_NEWUTS | CLONE_NEWCGROUP));
  if (failed)
    return WIRE_FAILURE(errno, WIRE_STEP_UNSHARE, 0);
  *left = 1;
  int error = map_ids(user, group);
  return error ? WIRE_FAILURE(error, WIRE_STEP_ID_MAP, 0) : 0;
}

static void close_from(unsigned first) {
  if (syscall(SYS_close_range, first, ~0U, 0) == 0)
    return;
  for (unsigned fd = first; fd < 1024 + 64; fd++) /* before Linux 5.9; the highest descriptor is 1023 and ours follow it */
    close((int)fd);
}

/* A parent outside the PID namespace shows as 0 whether it lives or not, so a pidfd says it. */
static void follow_into_death(int pidfd) {
  struct pollfd waited = {pidfd, POLLIN, 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (pidfd >= 0 && poll(&waited, 1, 0) > 0)
    _exit(WIRE_EXIT_ORPHAN);
}

/* End as the plugin's process did, so that the host sees what happened. */
__attribute__((noreturn)) static void end_like(int status) {
  if (WIFEXITED(status))
    _exit(WEXITSTATUS(status));
  int number = WTERMSIG(status);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  signal(number, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  kill(getpid(), number);
  _exit(128 + number); /* not reached: every signal that ends a process ends this one */
}

static int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return SIGKILL; /* as a status: ended by this signal. It cannot happen: the child is this process's alone */
  return status;
}

/* Waits for the end of either side. It holds no descriptor of the plugin's: the host must see the end of the socket
 * when the plugin's process ends, whatever happens here. */
__attribute__((noreturn)) static void watch(int host, int told, pid_t first) {
  int status;
  dup2(told, 0);
  struct pollfd waited[2] = {{host < 0 ? -1 : dup2(host, 1), POLLIN, 0}, {0, POLLIN, 0}};
  close_from(2);
  while (poll(waited, 2, -1) < 0)
    ;
  if (!waited[1].revents) {
    kill(first, SIGKILL);
    wait_for(first);
    _exit(WIRE_EXIT_ORPHAN);
  }
  int whole = read(0, &status, sizeof status) == sizeof status;
  /* PID 1 is reaped when all of its namespace is gone. Without a word from it, it was killed, or had no memory. */
  int its = wait_for(first);
  end_like(whole ? status : its);
}

/* Returns in the plugin's process alone. */
static void be_first(int monitor, int tell) {
  follow_into_death(monitor);
  pid_t plugin = fork();
  if (plugin == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return;
  }
  if (plugin < 0)
    _exit(WIRE_EXIT_MEMORY);
  dup2(tell, 0);
  close_from(1);
  int status = wait_for(plugin);
  _exit(write(0, &status, sizeof status) == sizeof status ? 0 : WIRE_EXIT_ORPHAN);
}

void namespaces_fork(int host) {
  int ends[2];
  int monitor = (int)syscall(SYS_pidfd_open, getpid(), 0);
  /* No way back on a failure: a process that left its PID namespace cannot make a thread. */
  if (pipe(ends) != 0)
    _exit(WIRE_EXIT_MEMORY);
  pid_t first = fork();
  if (first < 0)
    _exit(WIRE_EXIT_MEMORY);
  if (first > 0)
    watch(host, ends[0], first);
  be_first(monitor, ends[1]);
  close(ends[0]);
  close(ends[1]);
  if (monitor >= 0)
    close(monitor);
  if (host >= 0)
    close(host);
}
