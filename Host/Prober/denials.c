/* What the sandbox denies a plugin, counted by class, and what it uses against the limits of its manifest.
 *
 * The plugin's threads run under syscall_filter_watch; the main thread reads its listener. It answers what is denied with
 * EPERM, opens files itself so that it sees what came of it, and lets threads and descriptors pass by, counting. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "call_sets.h"
#include "denial_classes.h"
#include "prober.h"

#define MOST_DENIED 16
#define MOST_PATHS 256
#define INSISTS 3 /* a file that is not there may be looked for twice */

static struct seccomp_notif *asked;
static struct seccomp_notif_resp *answer;
static uintptr_t loader_begin, loader_end;
static atomic_int is_own; /* the call thread makes a call of the prober's own */

/* Under `lock`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char denied[DENIALS][MOST_DENIED][160];
static unsigned n_denied[DENIALS];
static struct {
  char path[160];
  unsigned times;
} missing[MOST_PATHS];
static unsigned n_missing;
static int threads, most_threads, most_descriptors, descriptors_ran_out;
static int listener_descriptor;

/* --- counting ------------------------------------------------------------------------------------------------------- */

/* Each of a class once; the detail lists them sorted, so that no order of threads shows. */
static void deny(enum denial class, const char *what) {
  for (unsigned i = 0; i < n_denied[class]; i++)
    if (strcmp(denied[class][i], what) == 0)
      return;
  if (n_denied[class] < MOST_DENIED)
    snprintf(denied[class][n_denied[class]++], sizeof denied[0][0], "%s", what);
}

static void count_descriptors(int more) {
  int n = more;
  for (int fd = 0; fd < 4200; fd++)
    n += fd != listener_descriptor && fcntl(fd, F_GETFD) >= 0;
  if (n > most_descriptors)
    most_descriptors = n;
}

/* Whether a language's set holds the call: those alone are let through. */
static int is_allowed(const char *name) {
  for (const struct call_set *const *set = task.language->sets; *set; set++)
    for (size_t i = 0; i < (*set)->n; i++)
      if (strcmp((*set)->calls[i], name) == 0)
        return 1;
  return 0;
}

static int is_loader(void) {
  uintptr_t at = (uintptr_t)asked->data.instruction_pointer;
  return at >= loader_begin && at < loader_end;
}

/* --- answers -------------------------------------------------------------------------------------------------------- */

static void refuse(const char *name) {
  char what[160];
  enum denial class = denial_class(name);
  snprintf(what, sizeof what, "%s", name);
  if (strcmp(name, "fcntl") == 0 || strcmp(name, "ioctl") == 0 || strcmp(name, "prctl") == 0)
    snprintf(what, sizeof what, "%s(%u)", name, (unsigned)asked->data.args[name[0] == 'p' ? 0 : 1]);
  deny(class, what);
  answer->error = -EPERM;
}

static void go_on(void) { answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE; }

static void look_for(const char *path) {
  unsigned i = 0;
  while (i < n_missing && strcmp(missing[i].path, path) != 0)
    i++;
  if (i == MOST_PATHS)
    return;
  if (i == n_missing)
    snprintf(missing[n_missing++].path, sizeof missing[0].path, "%s", path);
  if (++missing[i].times == INSISTS) {
    char what[160];
    snprintf(what, sizeof what, "openat of %.100s, again and again", path);
    deny(FILES, what);
  }
}

static void open_file(void) {
  const int barred = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY) | O_PATH;
  int flags = (int)asked->data.args[2];
  const char *path = (const char *)(uintptr_t)asked->data.args[1]; /* one process: its memory is this thread's */
  if (flags & barred) {
    deny(FILES, flags & O_PATH ? "openat with O_PATH" : "openat for writing");
    answer->error = -EPERM;
    return;
  }
  long fd = syscall(SYS_openat, (int)asked->data.args[0], path, flags, 0);
  if (fd >= 0) {
    answer->val = fd;
    count_descriptors(0);
    return;
  }
  int error = errno;
  answer->error = -error;
  if (error == EMFILE)
    descriptors_ran_out = 1;
  if (is_loader() || (error != ENOENT && error != EACCES && error != EPERM))
    return;
  char kept[160], what[160];
  snprintf(kept, sizeof kept, "%.150s", path);
  if (error == ENOENT) {
    look_for(kept);
    return;
  }
  snprintf(what, sizeof what, "openat of %.100s", kept);
  deny(FILES, what);
}

static void start_thread(void) {
  const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  if ((asked->data.args[0] & thread) != thread) {
    refuse("clone");
    return;
  }
  if (++threads > most_threads)
    most_threads = threads;
  go_on();
}

static void map_code(const char *name) {
  /* The loader maps files; what has no file, or is made executable behind its back, is code that nobody verified. */
  int has_file = strcmp(name, "mmap") == 0 && !(asked->data.args[3] & MAP_ANONYMOUS);
  if (has_file || is_loader())
    go_on();
  else
    refuse(name);
}

static void decide(const char *name) {
  if (atomic_load(&is_own)) {
    go_on();
  } else if (strcmp(name, "ioctl") == 0 && (uint32_t)asked->data.args[1] == TCGETS) {
    answer->error = -ENOTTY; /* the Swift run time asks whether its output is a terminal: it is none */
  } else if (strcmp(name, "openat") == 0) {
    open_file();
  } else if (strcmp(name, "clone") == 0) {
    start_thread();
  } else if (strcmp(name, "exit") == 0) {
    threads--;
    go_on();
  } else if (strcmp(name, "mmap") == 0 || strcmp(name, "mprotect") == 0) {
    map_code(name);
  } else if (is_allowed(name) && denial_class(name) == DESCRIPTORS) {
    count_descriptors(strcmp(name, "pipe2") == 0 ? 2 : 1);
    go_on();
  } else {
    refuse(name);
  }
}

/* Where ld.so lies: it opens and maps on the plugin's behalf. */
static int find_loader(struct dl_phdr_info *info, size_t size, void *base) {
  (void)size;
  if (info->dlpi_addr != *(uintptr_t *)base)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t end = info->dlpi_addr + header->p_vaddr + header->p_memsz;
    if (header->p_type == PT_LOAD && end > loader_end)
      loader_end = end;
  }
  loader_begin = info->dlpi_addr;
  return 1;
}

void denials_prepare(void) {
  uintptr_t base = _r_debug.r_ldbase;
  dl_iterate_phdr(find_loader, &base);
  if (seccomp_notify_alloc(&asked, &answer) != 0)
    out_of_memory();
}

void denials_run(int listener) {
  listener_descriptor = listener;
  for (;;) {
    memset(asked, 0, sizeof *asked);
    if (seccomp_notify_receive(listener, asked) != 0)
      continue; /* interrupted, or the thread that asked is gone */
    memset(answer, 0, sizeof *answer);
    answer->id = asked->id;
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, asked->data.nr);
    char number[32];
    snprintf(number, sizeof number, "system call %d", asked->data.nr);
    pthread_mutex_lock(&lock);
    decide(name ? name : number);
    pthread_mutex_unlock(&lock);
    free(name);
    (void)seccomp_notify_respond(listener, answer);
  }
}

/* --- the checks ----------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static void require_none(enum denial class) {
  char list[1024];
  size_t at = 0;
  pthread_mutex_lock(&lock);
  unsigned n = n_denied[class];
  qsort(denied[class], n, sizeof denied[class][0], by_text);
  for (unsigned i = 0; i < n && at < sizeof list; i++)
    at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", denied[class][i]);
  pthread_mutex_unlock(&lock);
  if (n > 0)
    failed("the sandbox denied it %s", list);
}

static uint64_t peak_memory(void) {
  struct rusage usage;
  atomic_store(&is_own, 1);
  int failure = getrusage(RUSAGE_SELF, &usage);
  atomic_store(&is_own, 0);
  return failure ? 0 : (uint64_t)usage.ru_maxrss * 1024;
}

/* Everything that a host does with it, from loading on. Bytes that the peak of memory grew by. */
static uint64_t use_all(void) {
  uint64_t before = peak_memory();
  load_plugin();
  require_use();
  struct text_slot slot;
  text_slot_begin(&slot);
  struct error_slot *error = call_begin(NULL, "describe");
  call_end(NULL, "describe", plugin.table.describe(&slot.text, &error->error));
  text_slot_end(&slot, "the text of describe", NULL);
  whole_use();
  return peak_memory() - before;
}

#define DENIES(function, class)                                                                                       \
  static void function(void) {                                                                                         \
    use_all();                                                                                                         \
    require_none(class);                                                                                               \
  }
DENIES(check_network, NETWORK)
DENIES(check_files, FILES)
DENIES(check_exec, EXEC)
DENIES(check_ptrace, PTRACE)
DENIES(check_signals, SIGNALS)
DENIES(check_io_uring, IO_URING)
DENIES(check_namespaces, NAMESPACES)
DENIES(check_code, CODE)

static void check_memory(void) {
  uint64_t grew = use_all();
  require_none(MEMORY);
  if (task.limits.memory_bytes && grew > task.limits.memory_bytes)
    failed("it uses more memory than limits.memory_bytes of its manifest");
}

static void check_threads(void) {
  use_all();
  require_none(THREADS);
  pthread_mutex_lock(&lock);
  int most = most_threads;
  pthread_mutex_unlock(&lock);
  if (task.limits.threads && (uint64_t)most > task.limits.threads)
    failed("it had more threads at a time than limits.threads of its manifest");
}

static void check_descriptors(void) {
  use_all();
  require_none(DESCRIPTORS);
  pthread_mutex_lock(&lock);
  int most = most_descriptors, ran_out = descriptors_ran_out;
  pthread_mutex_unlock(&lock);
  if (task.limits.descriptors && (ran_out || (uint64_t)most > task.limits.descriptors))
    failed("it had more descriptors open at a time than limits.descriptors of its manifest");
}

static void check_time(void) {
  struct timespec used;
  use_all();
  require_none(TIME);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  if (task.limits.cpu_seconds && (uint64_t)used.tv_sec >= task.limits.cpu_seconds)
    failed("it used more processor time than limits.cpu_s of its manifest");
  if (task.limits.wall_ms && (uint64_t)timing.longest_ns / 1000000 > task.limits.wall_ms)
    failed("%s took longer than limits.wall_s of its manifest", timing.longest);
}

const struct check denial_checks[] = {
    {"network", check_network, 1},   {"files", check_files, 1},           {"exec", check_exec, 1},
    {"ptrace", check_ptrace, 1},     {"signals", check_signals, 1},       {"io_uring", check_io_uring, 1},
    {"namespaces", check_namespaces, 1}, {"code", check_code, 1},         {"memory", check_memory, 1},
    {"threads", check_threads, 1},   {"descriptors", check_descriptors, 1}, {"time", check_time, 1},
    {NULL, NULL, 0},
};
