/* The protocol between host and runner: frames over one inherited socket (descriptor 3). Little-endian throughout.
 *
 * Frame: 16-byte header {u32 size, u16 type, u16 zero, u32 call, u32 zero} and `size` bytes of payload.
 * Values in payloads: u32, u64, i32, i64 as they are; `str` = u32 length + bytes (no padding).
 * Neither side trusts a length: a frame above WIRE_MAX_FRAME, an unknown type, or a payload that is too short or too long
 * ends the connection.
 *
 * Descriptors at start: 0 and 1 /dev/null, 2 stderr (captured by the host), 3 the socket, 4 the plugin (sealed memfd),
 * 5 and up: source streams, resources and shared regions, as LOAD says.
 *
 * Order: runner HELLO (sandbox in force, nothing loaded) -> host LOAD -> runner LOADED | ERROR -> host CREATE -> runner
 * CREATED | ERROR -> host CALL -> runner (LOG | PROGRESS | BATCH)* then RESULT | ERROR -> … -> host SHUTDOWN.
 * One call runs at a time; CANCEL may be sent while it runs. LOG and PROGRESS may come at any time after LOADED.
 * CALLS is many calls under one number and one deadline, carried out in their order and answered together.
 * While CREATE or a CALL runs, and LOAD offered WIRE_SERVICE_HTTP: runner HTTP_REQUEST -> host HTTP_RESPONSE, several at
 * a time, answered in any order. What was not answered when the call ends never is; a late HTTP_RESPONSE is dropped.
 *
 * Batch (payload part): {u32 magic, u32 columns, u64 rows} then per column {u32 type, u32 flags, str name, u64 null_count,
 * 3 x {u64 offset, u64 size}}, then padding to 8 and the body. Offsets count from the first byte of the batch and are
 * multiples of 8. Buffers: validity (bits, least significant first; size 0 when there are no nulls), offsets
 * (i32 x (rows + 1); utf8 and binary only), values. A schema is a batch of no rows whose buffers are all of size 0.
 * Nothing follows the last buffer but its padding to 8.
 *
 * Shared regions: two memory files of WIRE_SLOTS slots each, made for one runner and kept for its life. A batch above
 * WIRE_INLINE_BATCH that fits a slot lies at the slot's beginning, and a small frame says how many bytes it has; every
 * other batch is in its frame.
 *   to_runner    The runner can map it for reading only. UPDATE_AT hands a slot over; it is the host's again when the
 *                answer to an UPDATE or UPDATE_AT says so, be it RESULT or ERROR, which is when the plugin has released
 *                what lies in it.
 *   from_runner  Both map it, the host for reading only. In a scan BATCH_AT hands the slots over in turn, 0 first;
 *                BATCH_DONE gives one back. When a scan has ended all are the runner's, and a BATCH_DONE that comes
 *                later means nothing.
 * The host copies a batch out and checks the copy: what lies in a slot may change at any moment.
 */
#ifndef SLUICE_WIRE_H
#define SLUICE_WIRE_H

#define WIRE_VERSION 2u
#define WIRE_HEADER_SIZE 16u
#define WIRE_MAX_FRAME (512u * 1024u * 1024u)
#define WIRE_MAX_BATCH (256u * 1024u * 1024u)
#define WIRE_BATCH_MAGIC 0x31424C53u /* "SLB1" */
#define WIRE_SLOTS 2u                /* at most 32: a result names them by their bits */
#define WIRE_SLOT_SIZE (64u * 1024u * 1024u)
#define WIRE_REGION_SIZE (WIRE_SLOTS * WIRE_SLOT_SIZE)
#define WIRE_INLINE_BATCH (32u * 1024u) /* up to so many bytes a frame costs no more than a slot */
#define WIRE_MAX_CALLS 4096u            /* in one CALLS */
#define WIRE_MAX_RESULTS (64u * 1024u * 1024u) /* a result that makes RESULTS larger than this becomes an error */

/* The kind in LOAD of a plugin that has no manifest: it says in LOADED what it is, and nothing is held against it. */
#define WIRE_KIND_ASKED 0

/* host -> runner */
#define WIRE_LOAD 1u     /* {i64 deadline_ms (0: none), i32 kind, str id, str version, str host_version, u64 services,
                            u32 n, n x {i32 fd, u64 size} streams, u32 n, n x {str name, i32 fd, u64 size} resources,
                            with WIRE_SERVICE_RELAY: i32 relay, then i32 fd of to_runner or -1, i32 fd of from_runner
                            or -1} */
#define WIRE_CREATE 2u   /* {i64 deadline_ms (0: none), str config_json} */
#define WIRE_CALL 3u     /* {u32 method, i64 deadline_ms (0: none), arguments by method}; a scan's deadline is for the
                            next BATCH or the end, and begins anew when a BATCH has been sent */
#define WIRE_CANCEL 4u   /* {} — `call` in the header names the call */
#define WIRE_SHUTDOWN 5u /* {} — destroy the instance and exit 0 */
#define WIRE_HTTP_RESPONSE 6u /* {u32 request, i32 code, u32 retryable, u64 retry_after_ms, str text, str body}: code 0 with
                                 the response's JSON and body, or a code of the taxonomy with a message and no body */
#define WIRE_BATCH_DONE 7u /* {u32 slot} — `call` in the header names the scan */
#define WIRE_CALLS 8u      /* {i64 deadline_ms (0: none), u32 n, n x {u32 size, size bytes: {u32 method, arguments}}}: of
                              any method but SCAN, UPDATE and UPDATE_AT */

/* runner -> host */
#define WIRE_HELLO 64u    /* {u32 wire_version, u32 abi_major, u32 abi_minor, u64 layers, u32 n, n x {u32 layer bit index,
                             i32 failure: errno, with the step that failed in bits 12 to 15 and its item above}} */
#define WIRE_LOADED 65u   /* {i32 kind, str id, str version, u32 abi_major, u32 abi_minor, str describe_json} */
#define WIRE_CREATED 66u  /* {} */
#define WIRE_RESULT 67u   /* by method */
/* Code of an ERROR that is the runner's own: the plugin has no such function. No plugin can return it. */
#define WIRE_NOT_OFFERED 100
#define WIRE_ERROR 68u    /* {i32 code, u32 retryable, u64 retry_after_ms, str message}; as answer to UPDATE and UPDATE_AT
                             with {u32 bits of the slots of to_runner that are free} behind */
#define WIRE_BATCH 69u    /* {batch} — scan only; at most WIRE_MAX_BATCH bytes and the request's batch_rows rows; without
                             rows only as the first */
#define WIRE_LOG 70u      /* {i32 level, str message} */
#define WIRE_PROGRESS 71u /* {u64 done, u64 total} */
#define WIRE_HTTP_REQUEST 72u /* {u32 request, str request_json, str body}; `request` is new each time */
#define WIRE_BATCH_AT 73u     /* {u32 slot, u64 size} — as BATCH, in a slot of from_runner */
#define WIRE_RESULTS 74u      /* {u32 n, n x {u32 status, u32 size, size bytes}}: in the order of CALLS, by status the
                                 payload of a RESULT (0) or of an ERROR (1) */

/* methods: arguments -> result */
#define WIRE_INFER 1u           /* str request -> str */
#define WIRE_EMBED 2u           /* str request -> {u32 dimensions, u64 rows, rows x dimensions f32} */
#define WIRE_TOKEN_ESTIMATE 3u  /* str model, str text -> u64 */
#define WIRE_HEALTH 4u          /* -> str */
#define WIRE_SUBMIT 5u          /* str request -> str */
#define WIRE_POLL 6u            /* str request -> str */
#define WIRE_INVENTORY 16u      /* -> str */
#define WIRE_SCHEMA 17u         /* str table -> {str details, batch without rows} */
#define WIRE_SPLIT 18u          /* str table, u32 parts -> str */
#define WIRE_SCAN 19u           /* str request -> BATCH and BATCH_AT frames, then RESULT {u64 batches, u64 rows} */
#define WIRE_DECLARE 32u        /* -> str */
#define WIRE_BEGIN 33u          /* str params, batch without rows -> {} */
#define WIRE_UPDATE 34u         /* batch -> {u32 bits of the slots of to_runner that are free} */
#define WIRE_MERGE 35u          /* str state -> {} */
#define WIRE_FINISH 36u         /* i32 mode -> str */
#define WIRE_UPDATE_AT 37u      /* u32 slot, u64 size -> as UPDATE, whose batch lies in that slot of to_runner */

/* column types, and their Arrow formats */
#define WIRE_BOOL 1u      /* "b": bits */
#define WIRE_INT64 2u     /* "l" */
#define WIRE_FLOAT64 3u   /* "g" */
#define WIRE_UTF8 4u      /* "u" */
#define WIRE_DATE32 5u    /* "tdD": days since 1970-01-01, i32 */
#define WIRE_TIMESTAMP 6u /* "tsu:UTC": microseconds since 1970-01-01T00:00:00Z, i64 */
#define WIRE_BINARY 7u    /* "z" */
#define WIRE_FLAG_NULLABLE 1u

/* services in LOAD */
#define WIRE_SERVICE_READ_AT 1u
#define WIRE_SERVICE_RESOURCE 2u
#define WIRE_SERVICE_HTTP 4u
#define WIRE_SERVICE_RELAY 8u /* `relay` stands at the end of LOAD: the descriptor of --relay, a connection that the host
                                 opened to the one server that the connector reads from */

/* sandbox layers in HELLO (bit indices) */
#define WIRE_LAYER_SECCOMP 0u
#define WIRE_LAYER_LANDLOCK 1u
#define WIRE_LAYER_RLIMITS 2u
#define WIRE_LAYER_NO_NEW_PRIVS 3u
#define WIRE_LAYER_UNPRIVILEGED 4u /* not root any more, no capabilities */
#define WIRE_LAYER_PDEATHSIG 5u
#define WIRE_LAYER_NAMESPACES 6u   /* user, mount, PID, network, IPC, and UTS and cgroup where there are any */
#define WIRE_LAYER_PRIVATE_ROOT 7u /* nothing but the plugin, its libraries, two devices and what the host named */

/* steps of `failure` in HELLO; 0 where a layer has one step only */
#define WIRE_STEP_UNSHARE 1u /* of namespaces and of private_root: the namespaces themselves */
#define WIRE_STEP_ID_MAP 2u  /* of namespaces: the user and group maps */
#define WIRE_STEP_PRIVATE 3u /* of private_root, this one and all below: mounts kept from spreading */
#define WIRE_STEP_LIBRARY 4u /* item: the library's place on the command line, from 0 */
#define WIRE_STEP_FILE 5u    /* item: the --readable file's place on the command line, from 0 */
#define WIRE_STEP_DEVICE 6u  /* item: 0 /dev/null, 1 /dev/urandom */
#define WIRE_STEP_TMPFS 7u
#define WIRE_STEP_PLUGIN 8u  /* the plugin's copy */
#define WIRE_STEP_READ_ONLY 9u
#define WIRE_STEP_PIVOT 10u
#define WIRE_FAILURE(error, step, item) ((int)((error) | (step) << 12 | (item) << 16))

/* exit statuses of the runner, besides 0 (SHUTDOWN) and death by signal */
#define WIRE_EXIT_USAGE 64      /* its arguments */
#define WIRE_EXIT_PROTOCOL 65   /* a malformed or unexpected frame from the host */
#define WIRE_EXIT_CLOSED 66     /* the socket ended without SHUTDOWN, or cannot be written */
#define WIRE_EXIT_ORPHAN 67     /* the host was gone before the sandbox was in force */
#define WIRE_EXIT_LIBRARY 68    /* a library is not the file that the host looked at */
#define WIRE_EXIT_MEMORY 69     /* its own allocations failed */

#endif
