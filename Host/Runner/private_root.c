/* A root of its own: a tmpfs that holds the plugin, its libraries by name, two devices and what the host named, all of
 * it read-only. The old root is gone behind it, and with it the machine's file names.
 *
 * Every source is opened before the tmpfs is mounted, because that hides what lies below its mount point. Libraries go
 * into the folder of the C library that runs here: it is one where the loader looks without any setting. There is no
 * /proc; process.c answers what libdispatch would ask of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugin.h"
#include "sandbox.h"
#include "wire.h"

/* By number and by value: the C library of older distributions knows none of them. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define TREE_CLONE 1u          /* OPEN_TREE_CLONE; O_CLOEXEC goes with it */
#define MOVE_FROM_EMPTY 4u     /* MOVE_MOUNT_F_EMPTY_PATH */
#define WHOLE_TREE 0x8000u     /* AT_RECURSIVE */
#define ATTR_RDONLY 1u         /* MOUNT_ATTR_RDONLY */
#define ATTR_NOSUID 2u         /* MOUNT_ATTR_NOSUID */

struct attributes { /* struct mount_attr */
  uint64_t set, clear, propagation, userns_fd;
};

static const char *const devices[] = {"/dev/null", "/dev/urandom"};
#define DEVICES (sizeof devices / sizeof *devices)
static const char zones[] = "/usr/share/zoneinfo";

/* What is to be mounted, opened as trees of their own. */
struct sources {
  int libraries[SANDBOX_MAX_LIBRARIES];
  int readable[SANDBOX_MAX_PATHS];
  int devices[DEVICES];
  int zones; /* -1 where the machine has none */
};

static int open_tree_of(const char *path) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC);
}

static int is_same(const struct stat *now, const struct sandbox_library *library) {
  return now->st_dev == library->device && now->st_ino == library->inode &&
         (uint64_t)now->st_ctim.tv_sec * 1000000000u + (uint64_t)now->st_ctim.tv_nsec == library->changed_ns;
}

static void refuse_changed(const struct sandbox_library *library) {
  fprintf(stderr, "%s was changed while the plugin was started\n", library->path);
  _exit(WIRE_EXIT_LIBRARY);
}

void libraries_require_same(const struct sandbox_options *options) {
  for (size_t i = 0; i < options->n_libraries; i++) {
    struct stat now;
    int failed = stat(options->libraries[i].path, &now) != 0;
    if (failed && errno == EACCES)
      continue; /* the loader will not reach it either, and HELLO says so */
    if (failed || !is_same(&now, &options->libraries[i]))
      refuse_changed(&options->libraries[i]);
  }
}

static int open_sources(const struct sandbox_options *options, struct sources *sources) {
  for (size_t i = 0; i < options->n_libraries; i++) {
    if ((sources->libraries[i] = open_tree_of(options->libraries[i].path)) < 0)
      return WIRE_FAILURE(errno, WIRE_STEP_LIBRARY, (int)i);
    struct stat now;
    if (fstat(sources->libraries[i], &now) != 0 || !is_same(&now, &options->libraries[i]))
      refuse_changed(&options->libraries[i]);
  }
  for (size_t i = 0; i < options->n_readable; i++)
    if ((sources->readable[i] = open_tree_of(options->readable[i])) < 0)
      return WIRE_FAILURE(errno, WIRE_STEP_FILE, (int)i);
  for (size_t i = 0; i < DEVICES; i++)
    if ((sources->devices[i] = open_tree_of(devices[i])) < 0)
      return WIRE_FAILURE(errno, WIRE_STEP_DEVICE, (int)i);
  sources->zones = open_tree_of(zones);
  return 0;
}

static void close_sources(const struct sandbox_options *options, const struct sources *sources) {
  for (size_t i = 0; i < options->n_libraries; i++)
    if (sources->libraries[i] >= 0)
      close(sources->libraries[i]);
  for (size_t i = 0; i < options->n_readable; i++)
    if (sources->readable[i] >= 0)
      close(sources->readable[i]);
  for (size_t i = 0; i < DEVICES; i++)
    if (sources->devices[i] >= 0)
      close(sources->devices[i]);
  if (sources->zones >= 0)
    close(sources->zones);
}

/* The folders above `path`; all paths in here are relative to the new root. */
static int make_folders(const char *path) {
  char part[PATH_MAX];
  for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
    size_t size = (size_t)(slash - path);
    if (size == 0 || size >= sizeof part)
      continue;
    memcpy(part, path, size);
    part[size] = '\0';
    if (mkdir(part, 0755) != 0 && errno != EEXIST)
      return errno;
  }
  return 0;
}

/* Mount a tree at a new file or folder of the new root. */
static int place(int tree, const char *path) {
  struct stat is;
  if (fstat(tree, &is) != 0)
    return errno;
  if (S_ISDIR(is.st_mode)) {
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
      return errno;
  } else {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0)
      return errno;
    close(fd);
  }
  return syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_FROM_EMPTY) == 0 ? 0 : errno;
}

/* As place, at the path that it has outside. */
static int place_at_own_path(int tree, const char *path) {
  while (*path == '/')
    path++;
  int error = make_folders(path);
  return error ? error : place(tree, path);
}

/* Where the C library lies, as the loader knows it, without the slash in front. */
static const char *library_folder(char *text, size_t size) {
  Dl_info info;
  if (dladdr((void *)(uintptr_t)&dlerror, &info) == 0 || !info.dli_fname || info.dli_fname[0] != '/' ||
      strlen(info.dli_fname) >= size)
    return NULL;
  strcpy(text, info.dli_fname + 1);
  return text;
}

static int place_libraries(const struct sandbox_options *options, const struct sources *sources) {
  char path[PATH_MAX];
  if (!library_folder(path, sizeof path - NAME_MAX - 1))
    return WIRE_FAILURE(ENOENT, WIRE_STEP_LIBRARY, 0);
  int error = make_folders(path);
  if (error)
    return WIRE_FAILURE(error, WIRE_STEP_TMPFS, 0);
  char *name = strrchr(path, '/') + 1; /* at least the folder's slash is there, or make_folders made none */
  for (size_t i = 0; i < options->n_libraries; i++) {
    const char *its = strrchr(options->libraries[i].path, '/') + 1;
    if (strlen(its) > NAME_MAX)
      return WIRE_FAILURE(ENAMETOOLONG, WIRE_STEP_LIBRARY, (int)i);
    strcpy(name, its);
    if ((error = place(sources->libraries[i], path)) != 0)
      return WIRE_FAILURE(error, WIRE_STEP_LIBRARY, (int)i);
  }
  return 0;
}

/* The bytes of descriptor 4, which the host sealed and verified. */
static int copy_plugin(void) {
  struct stat is;
  int error = 0;
  off_t at = 0;
  int fd = open(&SANDBOX_PLUGIN[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
  if (fd < 0)
    return errno;
  if (fstat(PLUGIN_DESCRIPTOR, &is) != 0)
    error = errno;
  while (!error && at < is.st_size) {
    ssize_t sent = sendfile(fd, PLUGIN_DESCRIPTOR, &at, (size_t)(is.st_size - at));
    if (sent <= 0)
      error = sent < 0 ? errno : EIO;
  }
  close(fd);
  return error;
}

static int fill(const struct sandbox_options *options, const struct sources *sources) {
  int error = place_libraries(options, sources);
  if (error)
    return error;
  for (size_t i = 0; i < DEVICES; i++) {
    if ((error = place_at_own_path(sources->devices[i], devices[i])) != 0)
      return WIRE_FAILURE(error, WIRE_STEP_DEVICE, (int)i);
    /* A machine whose /dev forbids devices gives one that cannot be opened, and Foundation would then make up the same
     * "random" identity every time. */
    int fd = open(&devices[i][1], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      return WIRE_FAILURE(errno, WIRE_STEP_DEVICE, (int)i);
    close(fd);
  }
  for (size_t i = 0; i < options->n_readable; i++)
    if ((error = place_at_own_path(sources->readable[i], options->readable[i])) != 0)
      return WIRE_FAILURE(error, WIRE_STEP_FILE, (int)i);
  if (sources->zones >= 0)
    (void)place_at_own_path(sources->zones, zones);
  if ((error = copy_plugin()) != 0)
    return WIRE_FAILURE(error, WIRE_STEP_PLUGIN, 0);
  struct attributes read_only = {ATTR_RDONLY | ATTR_NOSUID, 0, 0, 0};
  if (syscall(SYS_mount_setattr, AT_FDCWD, ".", WHOLE_TREE, &read_only, sizeof read_only) != 0)
    return WIRE_FAILURE(errno, WIRE_STEP_READ_ONLY, 0);
  return 0;
}

/* Mounts the tmpfs at a folder that every machine has, and goes there; where it was is left in `at`. */
static int mount_tmpfs(const char **at) {
  static const char *const places[] = {"/tmp", "/dev", "/etc", "/usr"};
  int error = ENOENT;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    if (mount("sluice", places[i], "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,nr_inodes=2048") != 0) {
      error = errno;
      continue;
    }
    *at = places[i];
    return chdir(places[i]) == 0 ? 0 : errno;
  }
  return error;
}

int private_root_enter(const struct sandbox_options *options) {
  struct sources sources;
  const char *at = NULL;
  memset(&sources, 0xff, sizeof sources); /* every descriptor -1 */
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return WIRE_FAILURE(errno, WIRE_STEP_PRIVATE, 0);
  int error = open_sources(options, &sources);
  if (!error && (error = mount_tmpfs(&at)) != 0)
    error = WIRE_FAILURE(error, WIRE_STEP_TMPFS, 0);
  if (!error)
    error = fill(options, &sources);
  /* Onto itself: the old root then lies above the new one, and goes. */
  if (!error && syscall(SYS_pivot_root, ".", ".") != 0)
    error = WIRE_FAILURE(errno, WIRE_STEP_PIVOT, 0);
  if (!error && umount2(".", MNT_DETACH) != 0)
    _exit(WIRE_EXIT_MEMORY); /* the new root is in place: there is no way back and none ahead */
  close_sources(options, &sources);
  if (chdir("/") != 0 && !error)
    error = WIRE_FAILURE(errno, WIRE_STEP_PIVOT, 0);
  if (error && at)
    umount2(at, MNT_DETACH);
  return error;
}
