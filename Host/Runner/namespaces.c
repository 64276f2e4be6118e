/* Namespaces of its own, and the process that stays behind to watch.
 *
 *   monitor   outside the PID namespace, the host's child. It waits for the host and for the plugin's process, ends as
 *             the latter did, and takes everything with it.
 *   PID 1     does nothing. The kernel ends every process of the namespace with it, and gives it no default action of a
 *             signal, so an abort() there would look like something else: the plugin must not be PID 1.
 *   PID 2     the plugin's process, the monitor's child too: its status comes to the monitor as the kernel tells it. */
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

static int has_ended(int pidfd) {
  struct pollfd waited = {pidfd, POLLIN, 0};
  return poll(&waited, 1, 0) > 0;
}

/* A parent outside the PID namespace shows as 0 whether it lives or not, so a pidfd says it. */
static void follow_monitor_into_death(int monitor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (has_ended(monitor))
    _exit(WIRE_EXIT_ORPHAN);
}

/* End as the child did, so that the host sees what happened. */
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

/* Waits for the end of either side. It holds no descriptor of the plugin's: the host must see the end of the socket
 * when the plugin's process ends, whatever happens here. */
__attribute__((noreturn)) static void watch(int host, pid_t first, pid_t plugin) {
  struct pollfd waited[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
  int child = (int)syscall(SYS_pidfd_open, plugin, 0);
  int status = 0;
  if (host >= 0)
    waited[0].fd = dup2(host, 0);
  if (child >= 0)
    waited[1].fd = dup2(child, 1);
  close_from(2);
  while (waited[1].fd >= 0 && poll(waited, 2, -1) < 0)
    ;
  if (waited[0].revents) {
    kill(plugin, SIGKILL);
    kill(first, SIGKILL);
  }
  while (waitpid(plugin, &status, 0) < 0 && errno == EINTR)
    ;
  kill(first, SIGKILL);
  while (waitpid(first, NULL, 0) < 0 && errno == EINTR) /* it ends when all of its namespace has */
    ;
  end_like(status);
}

__attribute__((noreturn)) static void be_first(int monitor) {
  follow_monitor_into_death(monitor);
  close_from(0);
  for (;;)
    pause();
}

void namespaces_fork(int host) {
  int monitor = (int)syscall(SYS_pidfd_open, getpid(), 0);
  pid_t first = fork();
  if (first == 0)
    be_first(monitor);
  pid_t plugin = first < 0 ? -1 : fork();
  if (plugin < 0) {
    if (first > 0)
      kill(first, SIGKILL);
    _exit(WIRE_EXIT_MEMORY); /* no way back: a process that left its PID namespace cannot make a thread */
  }
  if (plugin > 0)
    watch(host, first, plugin);
  follow_monitor_into_death(monitor);
  if (monitor >= 0)
    close(monitor);
  if (host >= 0)
    close(host);
}
