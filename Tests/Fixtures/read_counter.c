/* To be preloaded: notes how far the file whose name ends in READ_COUNTER_NAME is read, in the file READ_COUNTER_FILE.
 * A mapping of the file counts as reading all of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_watched(int descriptor) {
  const char *name = getenv("READ_COUNTER_NAME");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t size = name ? readlink(link, path, sizeof path - 1) : -1;
  if (size < 0 || (size_t)size < strlen(name))
    return 0;
  return memcmp(path + size - strlen(name), name, strlen(name)) == 0;
}

/* One line for each reading that gave bytes: the offset behind its last. */
static void note(off_t end) {
  char line[32];
  const char *file = getenv("READ_COUNTER_FILE");
  int descriptor = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  if (descriptor < 0)
    abort();
  int size = snprintf(line, sizeof line, "%lld\n", (long long)end);
  if (syscall(SYS_write, descriptor, line, size) != size)
    abort();
  syscall(SYS_close, descriptor);
}

ssize_t read(int descriptor, void *buffer, size_t size) {
  static ssize_t (*real)(int, void *, size_t);
  if (!real)
    real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
  ssize_t got = real(descriptor, buffer, size);
  if (got > 0 && is_watched(descriptor))
    note(lseek(descriptor, 0, SEEK_CUR));
  return got;
}

ssize_t pread(int descriptor, void *buffer, size_t size, off_t offset) {
  static ssize_t (*real)(int, void *, size_t, off_t);
  if (!real)
    real = (ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");
  ssize_t got = real(descriptor, buffer, size, offset);
  if (got > 0 && is_watched(descriptor))
    note(offset + got);
  return got;
}

ssize_t pread64(int descriptor, void *buffer, size_t size, off_t offset) {
  return pread(descriptor, buffer, size, offset);
}

void *mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  static void *(*real)(void *, size_t, int, int, int, off_t);
  if (!real)
    real = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
  if (!(flags & MAP_ANONYMOUS) && is_watched(descriptor))
    note(offset + (off_t)size);
  return real(address, size, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  return mmap(address, size, protection, flags, descriptor, offset);
}

ssize_t readv(int descriptor, const struct iovec *parts, int count) {
  static ssize_t (*real)(int, const struct iovec *, int);
  if (!real)
    real = (ssize_t (*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "readv");
  ssize_t got = real(descriptor, parts, count);
  if (got > 0 && is_watched(descriptor))
    note(lseek(descriptor, 0, SEEK_CUR));
  return got;
}

ssize_t preadv(int descriptor, const struct iovec *parts, int count, off_t offset) {
  static ssize_t (*real)(int, const struct iovec *, int, off_t);
  if (!real)
    real = (ssize_t (*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "preadv");
  ssize_t got = real(descriptor, parts, count, offset);
  if (got > 0 && is_watched(descriptor))
    note(offset + got);
  return got;
}

ssize_t preadv64(int descriptor, const struct iovec *parts, int count, off_t offset) {
  return preadv(descriptor, parts, count, offset);
}

/* The kernel copies from one descriptor to another: what went over was read. */
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) {
  static ssize_t (*real)(int, off_t *, int, off_t *, size_t, unsigned);
  if (!real)
    real = (ssize_t (*)(int, off_t *, int, off_t *, size_t, unsigned))dlsym(RTLD_NEXT, "copy_file_range");
  ssize_t got = real(in, from, out, to, size, flags);
  if (got > 0 && is_watched(in))
    note(from ? *from : lseek(in, 0, SEEK_CUR));
  return got;
}

ssize_t sendfile(int out, int in, off_t *from, size_t size) {
  static ssize_t (*real)(int, int, off_t *, size_t);
  if (!real)
    real = (ssize_t (*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, "sendfile");
  ssize_t got = real(out, in, from, size);
  if (got > 0 && is_watched(in))
    note(from ? *from : lseek(in, 0, SEEK_CUR));
  return got;
}

ssize_t sendfile64(int out, int in, off_t *from, size_t size) { return sendfile(out, in, from, size); }

ssize_t preadv2(int descriptor, const struct iovec *parts, int count, off_t offset, int flags) {
  static ssize_t (*real)(int, const struct iovec *, int, off_t, int);
  if (!real)
    real = (ssize_t (*)(int, const struct iovec *, int, off_t, int))dlsym(RTLD_NEXT, "preadv2");
  ssize_t got = real(descriptor, parts, count, offset, flags);
  if (got > 0 && is_watched(descriptor))
    note(offset == -1 ? lseek(descriptor, 0, SEEK_CUR) : offset + got);
  return got;
}

ssize_t preadv64v2(int descriptor, const struct iovec *parts, int count, off_t offset, int flags) {
  return preadv2(descriptor, parts, count, offset, flags);
}
