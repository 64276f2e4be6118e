/* Tries from its constructor what a plugin must not do, and reports each errno (0: it worked) in its description.
 * `infer` then does one thing that must be the end of it, by the name in its request. */
#define _GNU_SOURCE
#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char report[1024];

static int try_open(const char *path, int flags) {
  int fd = open(path, flags, 0600);
  if (fd < 0)
    return errno;
  close(fd);
  return 0;
}

/* What libdispatch does: the state in the third field of its own thread's file. */
static int try_stat(const char *path) {
  char text[256], state = 0;
  int fd = open(path, O_RDONLY | O_NONBLOCK);
  if (fd < 0)
    return errno;
  ssize_t got = read(fd, text, sizeof text - 1);
  close(fd);
  text[got > 0 ? got : 0] = '\0';
  return sscanf(text, "%*d %*s %c", &state) == 1 && (state == 'R' || state == 'S') ? 0 : ENOMSG;
}

static int try_socket(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0)
    return errno; /* and so there is nothing to connect */
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int failed = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
  close(fd);
  return failed;
}

__attribute__((constructor)) static void try_everything(void) {
  struct rlimit more = {1 << 20, 1 << 20};
  char other[64];
  snprintf(other, sizeof other, "/proc/%d/status", (int)getppid());
  int at_socket = try_socket(), at_passwd = try_open("/etc/passwd", O_RDONLY);
  int at_parent = try_open(other, O_RDONLY), at_self = try_open("/proc/self/environ", O_RDONLY);
  int at_write = try_open("/tmp/sluice-fixture", O_WRONLY | O_CREAT);
  int at_kill = kill(getppid(), 0) == 0 ? 0 : errno;
  int at_limit = setrlimit(RLIMIT_NOFILE, &more) == 0 ? 0 : errno;
  int at_plugin = try_open("/proc/self/fd/4", O_RDWR);
  int at_clone3 = syscall(SYS_clone3, NULL, 0) == 0 ? 0 : errno;
  int at_priority = setpriority(PRIO_PROCESS, 0, -5) == 0 ? 0 : errno;
  snprintf(other, sizeof other, "/proc/%d/stat", (int)gettid());
  int at_thread = try_stat(other);
  snprintf(other, sizeof other, "/proc/%d/stat", (int)getppid());
  int at_parent_stat = try_open(other, O_RDONLY);
  snprintf(other, sizeof other, "/proc/self/task/%d/stat", (int)gettid());
  int at_task_stat = try_open(other, O_RDONLY);
  snprintf(other, sizeof other, "/proc/self/task/%d/net/tcp", (int)gettid());
  int at_network = try_open(other, O_RDONLY);
  snprintf(other, sizeof other, "/proc/self/task/%d/mountinfo", (int)gettid());
  int at_mounts = try_open(other, O_RDONLY);
  snprintf(other, sizeof other, "/proc/self/task/%d/cgroup", (int)gettid());
  int at_cgroup = try_open(other, O_RDONLY), at_handle = try_open("/etc", O_PATH);
  struct stat status;
  int at_exists = stat("/etc/passwd", &status) == 0 ? 0 : errno, at_proc = stat("/proc/1", &status) == 0 ? 0 : errno;
  struct timespec time;
  int at_clock = syscall(SYS_clock_gettime, (int)(~(unsigned)getppid() << 3 | 2), &time) == 0 ? 0 : errno;
  snprintf(report, sizeof report,
           "{\"summary\":\"tries to get out\",\"socket\":%d,\"passwd\":%d,\"parent\":%d,\"environ\":%d,\"write\":%d,"
           "\"kill\":%d,\"limit\":%d,\"plugin\":%d,\"clone3\":%d,\"setpriority\":%d,\"own_stat\":%d,\"uid\":%d,"
           "\"parent_stat\":%d,\"task_stat\":%d,\"network\":%d,\"mounts\":%d,\"cgroup\":%d,\"handle\":%d,"
           "\"exists\":%d,\"proc_exists\":%d,\"parent_clock\":%d}",
           at_socket, at_passwd, at_parent, at_self, at_write, at_kill, at_limit, at_plugin, at_clone3, at_priority,
           at_thread, (int)getuid(), at_parent_stat, at_task_stat, at_network, at_mounts, at_cgroup, at_handle, at_exists, at_proc,
           at_clock);
}

static sluice_status describe(sluice_text *out, sluice_error *error) {
  (void)error;
  return fixture_text(out, report);
}

static int is(sluice_str request, const char *word) {
  return request.size == strlen(word) && memcmp(request.data, word, request.size) == 0;
}

static sluice_status infer(sluice_instance *instance, sluice_str request, sluice_text *out, sluice_error *error) {
  (void)instance, (void)out;
  char *const none[] = {NULL};
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  long made = -1;
  if (is(request, "fork"))
    made = fork();
  else if (is(request, "vfork"))
    made = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
  else if (is(request, "execve"))
    made = execve("/bin/true", none, none);
  else if (is(request, "ptrace"))
    made = ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  else if (is(request, "io_uring"))
    made = syscall(425, 1, NULL); /* io_uring_setup */
  else if (is(request, "connect"))
    made = connect(3, (struct sockaddr *)&address, sizeof address);
  else if (is(request, "bind"))
    made = bind(3, (struct sockaddr *)&address, sizeof address);
  else if (is(request, "sendmsg"))
    made = sendmsg(3, &(struct msghdr){0}, 0);
  else if (is(request, "unshare"))
    made = syscall(SYS_unshare, 0x10000000);
  else if (is(request, "mount"))
    made = syscall(SYS_mount, "a", "/", "tmpfs", 0, NULL);
  else if (is(request, "tgkill"))
    made = syscall(SYS_tgkill, getppid(), getppid(), 0);
#if defined(__x86_64__)
  else if (is(request, "x32"))
    made = syscall(0x40000000 | SYS_getpid);
  else if (is(request, "int80"))
    __asm__ volatile("int $0x80" : "=a"(made) : "a"(20) : "memory");
#endif
  return fixture_fail(error, SLUICE_DETERMINISTIC_FAILURE, made < 0 ? "it was refused" : "it worked");
}

static const sluice_provider_ops ops = {sizeof ops, 0, infer, NULL, NULL, NULL, NULL, NULL};
FIXTURE_PLUGIN(SLUICE_KIND_PROVIDER, "fixture.open_socket_on_load", describe, ops);

FIXTURE_ENTRY
