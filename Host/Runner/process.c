/* A face of the C library that plugins and their libraries see before the C library's own.
 *
 * A symbol that the program defines is found before one of a shared library, so a call to `open` in libdispatch arrives
 * here. It asks for /proc/<thread>/stat of its worker threads; /proc as a whole must stay closed, because it shows
 * every process of the machine, so that one question is led to /proc/self/task/<thread>/stat, which the Landlock rule
 * allows. Everything else goes to the kernel as it is. This is a convenience, not a boundary: Landlock is. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The digits of `/proc/<digits>/stat`, or 0. */
static size_t thread_digits(const char *path) {
  if (!path || strncmp(path, "/proc/", 6) != 0)
    return 0;
  size_t digits = strspn(path + 6, "0123456789");
  return digits > 0 && digits <= 10 && strcmp(path + 6 + digits, "/stat") == 0 ? digits : 0;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  char own[64];
  size_t digits = thread_digits(path);
  if (digits) {
    snprintf(own, sizeof own, "/proc/self/task/%.*s/stat", (int)digits, path + 6);
    path = own;
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
