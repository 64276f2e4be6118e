/* The classes of the sandbox group, and which system call is of which. */
#ifndef PROBER_DENIAL_CLASSES_H
#define PROBER_DENIAL_CLASSES_H

enum denial {
  NETWORK,
  FILES,
  EXEC,
  PTRACE,
  SIGNALS,
  IO_URING,
  NAMESPACES,
  CODE,
  MEMORY,
  THREADS,
  DESCRIPTORS,
  TIME,
  DENIALS
};

/* What is in no list is the machine's own and so of NAMESPACES: nothing is lost. */
enum denial denial_class(const char *name);

#endif
