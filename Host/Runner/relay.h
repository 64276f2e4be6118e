/* One connection that the host opened before the plugin existed, handed to the plugin's database library. */
#ifndef RUNNER_RELAY_H
#define RUNNER_RELAY_H

/* Note where the connection leads, while the kernel may still be asked. Before the sandbox. Returns 0, or an errno value
 * when `descriptor` is no connected stream socket of TCP or UNIX. */
int relay_prepare(int descriptor);

/* LOAD offers the connection to the plugin. Returns 0 when `descriptor` is not the one that was prepared. */
int relay_offer(int descriptor);

/* The prepared descriptor, or -1: LOAD must offer it then. */
int relay_descriptor(void);

#endif
