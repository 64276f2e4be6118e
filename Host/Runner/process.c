/* A face of the C library that plugins and their libraries see before the C library's own.
 *
 * A symbol that the program defines is found before one of a shared library, so a call to `open` in libdispatch arrives
 * here. Once a second it asks for /proc/<thread>/stat of its worker threads, to see which of them run: it starts another
 * one when they are all blocked, and crashes when it gets no answer. /proc stays closed, because it shows every process
 * of the machine; the answer is made here instead, as a pipe that holds one line of the same form. Whether a thread runs
 * is read off its processor time. Everything else goes to the kernel as it is. This is a convenience, not a boundary:
 * seccomp and Landlock are. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The kernel's number for the processor time of a thread (bits: 4 a thread's, 2 as the scheduler counts it). */
#define THREAD_CLOCK(thread) ((clockid_t)((~(uint32_t)(thread) << 3) | 6u))

/* What was found when a thread was last asked for; a later thread of the same slot begins anew. */
#define SLOTS 256
struct sample {
  uint32_t thread;
  uint64_t processor_ns;
  uint64_t clock_ns;
};
static struct sample samples[SLOTS];
static pthread_mutex_t samples_lock = PTHREAD_MUTEX_INITIALIZER;

/* The digits of `/proc/<digits>/stat` as a number, or 0. */
static uint32_t thread_of(const char *path) {
  if (!path || strncmp(path, "/proc/", 6) != 0)
    return 0;
  size_t digits = strspn(path + 6, "0123456789");
  if (digits == 0 || digits > 9 || strcmp(path + 6 + digits, "/stat") != 0)
    return 0;
  return (uint32_t)strtoul(path + 6, NULL, 10);
}

static int read_clock(clockid_t clock, uint64_t *ns) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0)
    return 0;
  *ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  return 1;
}

/* 'R' for a thread that took more than a sixty-fourth of the time since the last question, and for one that is asked for
 * the first time; 'S' for one that did not; 0 when this process has no such thread. */
static char state_of(uint32_t thread) {
  uint64_t processor, now;
  if (!read_clock(THREAD_CLOCK(thread), &processor) || !read_clock(CLOCK_MONOTONIC, &now))
    return 0;
  pthread_mutex_lock(&samples_lock);
  struct sample *sample = &samples[thread % SLOTS];
  int known = sample->thread == thread && processor >= sample->processor_ns && now >= sample->clock_ns;
  int idle = known && processor - sample->processor_ns <= (now - sample->clock_ns) / 64;
  *sample = (struct sample){thread, processor, now};
  pthread_mutex_unlock(&samples_lock);
  return idle ? 'S' : 'R';
}

/* The fields of proc(5) as far as anybody reads them: number, name, state. */
static int open_state(uint32_t thread, int flags) {
  char line[64];
  int ends[2];
  if ((flags & O_ACCMODE) != O_RDONLY) {
    errno = EACCES;
    return -1;
  }
  char state = state_of(thread);
  if (!state) {
    errno = ENOENT;
    return -1;
  }
  if (pipe2(ends, flags & (O_CLOEXEC | O_NONBLOCK)) != 0)
    return -1;
  int size = snprintf(line, sizeof line, "%u (sluice-runner) %c\n", (unsigned)thread, state);
  ssize_t put = write(ends[1], line, (size_t)size); /* an empty pipe takes it whole */
  close(ends[1]);
  if (put == size)
    return ends[0];
  close(ends[0]);
  errno = EIO;
  return -1;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  uint32_t thread = thread_of(path);
  if (thread)
    return open_state(thread, flags);
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
