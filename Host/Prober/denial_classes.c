#include "denial_classes.h"

#include <string.h>

/* Which class a call belongs to when it is denied. */
static const char *const members[DENIALS][64] = {
    [NETWORK] = {
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "recvfrom", "sendmsg",
        "recvmsg", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt", "getsockname", "getpeername", "shutdown",
    },
    [FILES] = {
        "open", "openat", "creat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir",
        "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown",
        "lchown", "fchownat", "truncate", "ftruncate", "fallocate", "stat", "lstat", "statfs", "fstatfs", "access",
        "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "chdir", "fchdir", "getdents", "getdents64",
        "utime", "utimes", "utimensat", "fsync", "fdatasync", "sync", "syncfs", "fadvise64", "flock", "pwrite64",
        "pwritev", "preadv", "readv", "inotify_init1", "inotify_add_watch", "memfd_create", "copy_file_range",
        "sendfile", "umask", "name_to_handle_at", "open_by_handle_at",
    },
    [EXEC] = {
        "execve", "execveat", "fork", "vfork", "clone", "wait4", "waitid", "uselib", "setpgid", "setsid",
    },
    [PTRACE] = {
        "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd", "process_madvise",
        "perf_event_open", "bpf", "userfaultfd", "process_mrelease",
    },
    [SIGNALS] = {
        "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "sigaltstack",
        "rt_sigsuspend", "rt_sigpending", "rt_sigtimedwait", "signalfd", "signalfd4", "pause", "alarm",
    },
    [IO_URING] = {
        "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit", "io_getevents",
        "io_pgetevents", "io_cancel", "io_destroy",
    },
    [CODE] = {
        "mmap", "mprotect", "pkey_mprotect", "pkey_alloc", "pkey_free", "personality", "modify_ldt", "arch_prctl",
        "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    },
    [MEMORY] = {
        "mlock", "mlock2", "mlockall", "munlock", "munlockall", "mbind", "set_mempolicy", "get_mempolicy",
        "migrate_pages", "move_pages", "msync", "mincore", "shmget", "shmat", "shmdt", "shmctl", "remap_file_pages",
        "swapon", "swapoff", "memfd_secret", "membarrier",
    },
    [THREADS] = {
        "sched_setaffinity", "sched_setscheduler", "sched_getscheduler", "sched_setparam", "sched_getparam",
        "sched_setattr", "sched_getattr", "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
        "getpriority", "set_tid_address", "getcpu", "get_robust_list", "ioprio_set", "ioprio_get", "prctl", "seccomp",
        "futex_waitv",
    },
    [DESCRIPTORS] = {
        "dup", "dup2", "dup3", "fcntl", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
        "eventfd", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "pipe", "pipe2", "select",
        "pselect6", "ioctl", "close_range", "getrlimit", "setrlimit", "prlimit64", "splice", "tee", "vmsplice",
    },
    [TIME] = {
        "clock_gettime", "clock_getres", "clock_nanosleep", "clock_settime", "clock_adjtime", "adjtimex",
        "settimeofday", "timer_create", "timer_settime", "timer_gettime", "timer_delete", "timer_getoverrun",
        "setitimer", "getitimer", "times", "getrusage",
    },
};

enum denial denial_class(const char *name) {
  for (int class = 0; class < DENIALS; class++)
    for (const char *const *member = members[class]; *member; member++)
      if (strcmp(*member, name) == 0)
        return (enum denial)class;
  return NAMESPACES;
}
