/* To be preloaded: notes, in order, what is unlinked and what is brought to the disk, in the file SYNC_ORDER_FILE:
 * lines "unlink PATH" and "sync PATH". Only what succeeded is noted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *what, const char *path) {
  char line[4200];
  const char *file = getenv("SYNC_ORDER_FILE");
  int descriptor = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  if (descriptor < 0)
    abort();
  int size = snprintf(line, sizeof line, "%s %s\n", what, path);
  if (syscall(SYS_write, descriptor, line, size) != size)
    abort();
  syscall(SYS_close, descriptor);
}

static int note_sync(int status, int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t size = status == 0 ? readlink(link, path, sizeof path - 1) : -1;
  if (size > 0) {
    path[size] = 0;
    note("sync", path);
  }
  return status;
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real)
    real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return note_sync(real(descriptor), descriptor);
}

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real)
    real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return note_sync(real(descriptor), descriptor);
}

int unlink(const char *path) {
  static int (*real)(const char *);
  if (!real)
    real = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
  int status = real(path);
  if (status == 0)
    note("unlink", path);
  return status;
}
