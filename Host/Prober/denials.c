/* What the sandbox denies a plugin, counted by class, and what it uses against the limits of its manifest.
 *
 * The plugin's threads run under syscall_filter_watch: the kernel itself refuses what the runner's filter refuses, and
 * raises SIGSYS, whose handler here counts it. The main thread reads the filter's listener, where calls arrive that the
 * runner's filter allows: it opens files itself so that it sees what came of it, and lets threads and descriptors pass by,
 * counting. Nothing that it or anybody in its place answers can let a call through that the runner would refuse. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "denial_classes.h"
#include "prober.h"

#define MOST_DENIED 16
#define MOST_TRAPPED 256

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

static struct seccomp_notif *asked;
static struct seccomp_notif_resp *answer;
static uintptr_t loader_begin, loader_end;

/* What the kernel refused: the number of the call and, of calls that do many things, which. Written by the handler. */
static struct {
  atomic_int is_set;
  int number;
  unsigned which;
} trapped[MOST_TRAPPED];
static atomic_uint n_trapped;

/* Under `lock`. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char denied[DENIALS][MOST_DENIED][64];
static unsigned n_denied[DENIALS];
static int threads, most_threads, most_descriptors, descriptors_ran_out;
static int listener_descriptor;
static uint64_t peak;
static const char peak_asked[] = "the peak of memory"; /* this pointer as a path asks the main thread for it */

/* --- what the kernel refuses ---------------------------------------------------------------------------------------- */

/* On the thread that made the call: no lock, no memory, no errno. */
static void on_denied(int signal_number, siginfo_t *info, void *given) {
  ucontext_t *context = given;
  (void)signal_number;
  if (info->si_code != SYS_SECCOMP)
    return;
#if defined(__x86_64__)
  greg_t *registers = context->uc_mcontext.gregs;
  const uint64_t arguments[] = {(uint64_t)registers[REG_RDI], (uint64_t)registers[REG_RSI], (uint64_t)registers[REG_RDX]};
  registers[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
  unsigned long long *registers = context->uc_mcontext.regs;
  const uint64_t arguments[] = {registers[0], registers[1], registers[2]};
  registers[0] = (unsigned long long)-EPERM;
#else
#error "the prober does not know how this machine hands back the result of a system call"
#endif
  int number = info->si_syscall;
  unsigned which = 0;
  if (number == SYS_fcntl || number == SYS_ioctl)
    which = (unsigned)arguments[1];
  else if (number == SYS_prctl)
    which = (unsigned)arguments[0];
  else if (number == SYS_openat)
    which = (arguments[2] & O_PATH) != 0;
  unsigned n = atomic_load(&n_trapped);
  for (unsigned i = 0; i < n && i < MOST_TRAPPED; i++)
    if (atomic_load(&trapped[i].is_set) && trapped[i].number == number && trapped[i].which == which)
      return;
  n = atomic_fetch_add(&n_trapped, 1);
  if (n >= MOST_TRAPPED)
    return; /* a detail names sixteen of a class at most */
  trapped[n].number = number;
  trapped[n].which = which;
  atomic_store(&trapped[n].is_set, 1);
}

/* Each of a class once; the detail lists them sorted, so that no order of threads shows. */
static void deny(enum denial class, const char *what) {
  for (unsigned i = 0; i < n_denied[class]; i++)
    if (strcmp(denied[class][i], what) == 0)
      return;
  if (n_denied[class] < MOST_DENIED)
    snprintf(denied[class][n_denied[class]++], sizeof denied[0][0], "%s", what);
}

static void deny_trapped(int number, unsigned which) {
  char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number), what[64];
  if (!name)
    snprintf(what, sizeof what, "system call %d", number);
  else if (number == SYS_fcntl || number == SYS_ioctl || number == SYS_prctl)
    snprintf(what, sizeof what, "%s(%u)", name, which);
  else if (number == SYS_openat)
    snprintf(what, sizeof what, which ? "openat with O_PATH" : "openat for writing");
  else
    snprintf(what, sizeof what, "%s", name);
  deny(denial_class(name ? name : what), what);
  free(name);
}

/* --- what it is asked about ----------------------------------------------------------------------------------------- */

static void count_descriptors(int more) {
  int n = more;
  for (int fd = 0; fd < 4200; fd++)
    n += fd != listener_descriptor && fcntl(fd, F_GETFD) >= 0;
  if (n > most_descriptors)
    most_descriptors = n;
}

static int is_loader(void) {
  uintptr_t at = (uintptr_t)asked->data.instruction_pointer;
  return at >= loader_begin && at < loader_end;
}

static void go_on(void) { answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE; }

/* What the C library and the run times of languages look for by themselves, whether it is there or not: locales, time
 * zones, libraries, processors, their own memory and group. A name that ends with '/' stands for all below it. */
static int is_run_time(const char *path) {
  static const char *const names[] = {
      "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo/", "/usr/lib/zoneinfo/",
      "/usr/lib/locale/", "/usr/share/locale/", "/usr/share/locale-langpack/", "/usr/lib/x86_64-linux-gnu/gconv/",
      "/usr/lib/aarch64-linux-gnu/gconv/", "/usr/lib64/gconv/", "/usr/lib/gconv/", "/dev/null", "/dev/urandom",
      "/dev/random", "/proc/self/maps", "/proc/self/exe", "/proc/self/stat", "/proc/self/status", "/proc/self/cgroup",
      "/proc/self/mountinfo", "/proc/self/auxv", "/proc/meminfo", "/proc/cpuinfo", "/proc/stat",
      "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu/", "/sys/fs/cgroup/",
      "/sys/kernel/mm/transparent_hugepage/",
  };
  if (strstr(path, "/../"))
    return 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t size = strlen(names[i]);
    if (names[i][size - 1] == '/' ? strncmp(path, names[i], size) == 0 : strcmp(path, names[i]) == 0)
      return 1;
  }
  return 0;
}

/* Where it lies, in words that do not change with the machine, its user or the run; standard error names it. */
static void deny_file(const char *path) {
  static const char *const places[] = {"bin", "boot", "dev",  "etc", "home", "lib", "lib64", "media", "mnt", "opt",
                                       "proc", "root", "run", "sbin", "srv", "sys", "tmp",   "usr",   "var"};
  dprintf(STDERR_FILENO, "openat: %s\n", path);
  for (size_t i = 0; path[0] == '/' && i < sizeof places / sizeof *places; i++) {
    size_t size = strlen(places[i]);
    if (strncmp(path + 1, places[i], size) == 0 && (path[size + 1] == '/' || path[size + 1] == '\0')) {
      char what[64];
      snprintf(what, sizeof what, "openat below /%s", places[i]);
      deny(FILES, what);
      return;
    }
  }
  deny(FILES, path[0] == '/' ? "openat of a path that it may not know" : "openat of a relative path");
}

static void tell_peak(void) {
  struct rusage usage;
  peak = getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
  answer->error = -ENOENT;
}

/* For reading: the filter saw to that. */
static void open_file(void) {
  const char *path = (const char *)(uintptr_t)asked->data.args[1]; /* one process: its memory is this thread's */
  if (path == peak_asked) {
    tell_peak();
    return;
  }
  long fd = syscall(SYS_openat, (int)asked->data.args[0], path, (int)asked->data.args[2], 0);
  if (fd >= 0) {
    answer->val = fd;
    count_descriptors(0);
    return;
  }
  int error = errno;
  answer->error = -error;
  if (error == EMFILE)
    descriptors_ran_out = 1;
  if (is_loader() || (error != ENOENT && error != EACCES && error != EPERM && error != ENOTDIR && error != ELOOP))
    return;
  char kept[160];
  snprintf(kept, sizeof kept, "%.150s", path);
  if (!is_run_time(kept))
    deny_file(kept);
}

static void start_thread(void) {
  if (++threads > most_threads)
    most_threads = threads;
  go_on();
}

static void map_code(const char *name) {
  /* The loader maps files; what has no file, or is made executable behind its back, is code that nobody verified. */
  int has_file = asked->data.nr == SYS_mmap && !(asked->data.args[3] & MAP_ANONYMOUS);
  if (has_file || is_loader()) {
    go_on();
    return;
  }
  deny(CODE, name);
  answer->error = -EPERM;
}

static void decide(void) {
  switch (asked->data.nr) {
  case SYS_openat:
    open_file();
    break;
  case SYS_clone:
    start_thread();
    break;
  case SYS_exit:
    threads--;
    go_on();
    break;
  case SYS_mmap:
    map_code("mmap");
    break;
  case SYS_mprotect:
    map_code("mprotect");
    break;
  default:
    count_descriptors(asked->data.nr == SYS_pipe2 ? 2 : 1);
    go_on();
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
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_denied;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  dl_iterate_phdr(find_loader, &base);
  if (sigaction(SIGSYS, &action, NULL) != 0 || seccomp_notify_alloc(&asked, &answer) != 0)
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
    pthread_mutex_lock(&lock);
    decide();
    pthread_mutex_unlock(&lock);
    (void)seccomp_notify_respond(listener, answer);
  }
}

/* --- the checks ----------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static void require_none(enum denial class) {
  char list[1024];
  size_t at = 0;
  pthread_mutex_lock(&lock);
  for (unsigned i = 0; i < MOST_TRAPPED; i++)
    if (atomic_load(&trapped[i].is_set))
      deny_trapped(trapped[i].number, trapped[i].which);
  unsigned n = n_denied[class];
  qsort(denied[class], n, sizeof denied[class][0], by_text);
  for (unsigned i = 0; i < n && at < sizeof list; i++)
    at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", denied[class][i]);
  pthread_mutex_unlock(&lock);
  if (n > 0)
    failed("the sandbox denied it %s", list);
}

/* Bytes: the most that were resident at a time. The main thread may ask. */
static uint64_t peak_memory(void) {
  (void)syscall(SYS_openat, AT_FDCWD, peak_asked, O_RDONLY, 0);
  pthread_mutex_lock(&lock);
  uint64_t bytes = peak;
  pthread_mutex_unlock(&lock);
  return bytes;
}

/* Everything that a host does with it, from loading on, and then the verdict: also when it cannot be used. */
static uint64_t before_it;

static void use_and_judge(void (*judge)(void)) {
  before_it = peak_memory();
  load_plugin();
  require_use();
  judge_without_instance = judge;
  struct text_slot slot;
  text_slot_begin(&slot);
  struct error_slot *error = call_begin(NULL, "describe");
  call_end(NULL, "describe", plugin.table.describe(&slot.text, &error->error));
  text_slot_end(&slot, "the text of describe", NULL);
  whole_use();
  judge();
}

#define DENIES(name, class)                                                                                            \
  static void judge_##name(void) { require_none(class); }                                                              \
  static void check_##name(void) { use_and_judge(judge_##name); }
DENIES(network, NETWORK)
DENIES(files, FILES)
DENIES(exec, EXEC)
DENIES(ptrace, PTRACE)
DENIES(signals, SIGNALS)
DENIES(io_uring, IO_URING)
DENIES(namespaces, NAMESPACES)
DENIES(code, CODE)

static void judge_memory(void) {
  uint64_t now = peak_memory();
  require_none(MEMORY);
  if (before_it == 0 || now == 0)
    failed("its peak of memory could not be measured");
  if (task.limits.memory_bytes && now - before_it > task.limits.memory_bytes)
    failed("it uses more memory than limits.memory_bytes of its manifest");
}
static void check_memory(void) { use_and_judge(judge_memory); }

static void judge_threads(void) {
  require_none(THREADS);
  pthread_mutex_lock(&lock);
  int most = most_threads;
  pthread_mutex_unlock(&lock);
  if (task.limits.threads && (uint64_t)most > task.limits.threads)
    failed("it had more threads at a time than limits.threads of its manifest");
}
static void check_threads(void) { use_and_judge(judge_threads); }

static void judge_descriptors(void) {
  require_none(DESCRIPTORS);
  pthread_mutex_lock(&lock);
  int most = most_descriptors, ran_out = descriptors_ran_out;
  pthread_mutex_unlock(&lock);
  if (task.limits.descriptors && (ran_out || (uint64_t)most > task.limits.descriptors))
    failed("it had more descriptors open at a time than limits.descriptors of its manifest");
}
static void check_descriptors(void) { use_and_judge(judge_descriptors); }

static void judge_time(void) {
  struct timespec used;
  require_none(TIME);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  if (task.limits.cpu_seconds && (uint64_t)used.tv_sec >= task.limits.cpu_seconds)
    failed("it used more processor time than limits.cpu_s of its manifest");
  if (task.limits.wall_ms && (uint64_t)timing.longest_ns / 1000000 > task.limits.wall_ms)
    failed("%s took longer than limits.wall_s of its manifest", timing.longest);
}
static void check_time(void) { use_and_judge(judge_time); }

const struct check denial_checks[] = {
    {"network", check_network, 1},   {"files", check_files, 1},           {"exec", check_exec, 1},
    {"ptrace", check_ptrace, 1},     {"signals", check_signals, 1},       {"io_uring", check_io_uring, 1},
    {"namespaces", check_namespaces, 1}, {"code", check_code, 1},         {"memory", check_memory, 1},
    {"threads", check_threads, 1},   {"descriptors", check_descriptors, 1}, {"time", check_time, 1},
    {NULL, NULL, 0},
};
