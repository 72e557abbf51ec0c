/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the house share. Each field belongs to the stage that is named above
 * it: that stage fills it and takes it away again; the stages after it may rely on it. */
#ifndef HOUSE_HOUSE_INSIDE_H
#define HOUSE_HOUSE_INSIDE_H

#include "api/resource.h"
#include "base/arena.h"
#include "base/workers.h"
#include "config/config.h"
#include "console/console.h"
#include "crypto/seal.h"
#include "gate/gate.h"
#include "http/client.h"
#include "http/server.h"
#include "keyring/keyring.h"
#include "mail/outbox.h"
#include "mail/webhook.h"
#include "net/loop.h"
#include "net/tls.h"
#include "outputs/feed.h"
#include "rules/alarms.h"
#include "rules/canaries.h"
#include "rules/explanation.h"
#include "rules/refusals.h"
#include "rules/route_table.h"
#include "store/store.h"
#include "upstream/identity.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

struct forwarder;
struct origin_table;
struct resolver;

enum {
    HOUSE_THREAD_MAX = 256,     /* loops, and workers; more cores than we know of */
    HOUSE_JOB_QUEUE_MAX = 1024, /* jobs that wait; at 1 ms each, a second of patience */
    HOUSE_LISTEN_TEXT_MAX = 64, /* "[address]:port" */
    HOUSE_LATENCY_BUCKET_COUNT = 10,
};

/* What the house is doing, for /readyz. */
enum house_state { HOUSE_OPENING = 0, HOUSE_SERVING, HOUSE_DRAINING };

/* How long jobs took, in buckets; written by workers, read for /metrics. */
struct latency {
    _Atomic int64_t counts[HOUSE_LATENCY_BUCKET_COUNT + 1]; /* the last one: longer */
    _Atomic int64_t sum_us;
};

/* One event loop with its thread, its lane through the gate and its door. */
struct house_loop {
    struct house *house;
    struct loop *loop;
    struct gate_lane *lane;
    struct http_server *server;
    struct http_server *decide; /* where gateways ask; NULL = nowhere */
    struct forwarder *forwarder;
    pthread_t thread;
    bool is_running;           /* the thread was started and not yet joined */
    struct loop_message drain; /* sent once, when the house closes */
    struct loop_timer watch;   /* while draining: is everybody gone? */
    int64_t drain_until_ms;    /* monotonic */
};

struct house_worker {
    struct api_worker api; /* its stores are owned; its arena is `arena` */
    struct arena arena;
};

/* Something that may block: to a worker, and back to the loop. Embed it first; it must
 * live until finish() was called. */
struct work {
    struct house *house;
    struct loop *loop;
    bool is_in_lane; /* hashes a password: few of these run at once */
    void (*run)(struct work *work, struct house_worker *worker); /* on a worker */
    void (*finish)(struct work *work); /* on the loop's thread */
    /* for finish(): it waited, and there is no worker for it after all */
    bool is_refused;

    /* its way; filled by work_hand_over() */
    struct job job;
    struct loop_message message;
    struct work *next;
};

/* Half of the workers may hash passwords, or logging in would stop everything else. The
 * others wait here. */
struct work_lane {
    pthread_mutex_t lock;
    size_t running_count, running_max;
    struct work *first, *last; /* that wait */
    size_t waiting_count;
};

/* The small door for /healthz, /readyz and /metrics, on a thread of its own. */
struct house_health {
    struct loop *loop;
    struct http_server *server;
    struct http_shared shared;
    pthread_t thread;
    bool is_running;
};

/* Does what comes round, on three threads: neither who waits for a turn to write nor who
 * reads a long description must keep anybody from reading what changed. */
enum keeper_who { KEEPER_READS = 0, KEEPER_WRITES, KEEPER_ROUTES, KEEPER_COUNT };

/* The route table in force, and what it was made of. But for `published`: of whoever
 * opens the house, then of KEEPER_ROUTES. */
struct house_routes {
    struct routes *published;
    struct route_source *own;
    struct route_source **sources; /* of the table in force; owned */
    size_t source_count;
    struct store *reader;
    uint64_t seen_serial; /* keyring_upstream_serial() of that table */
};

struct keeper_thread {
    struct house *house;
    enum keeper_who who;
    pthread_t thread;
    bool is_running; /* the thread was started and not yet joined */
};

struct house_keeper {
    struct store *writer;             /* KEEPER_WRITES' own */
    struct es256_private *server_key; /* what tree heads are signed with */
    bool is_key_quick; /* it signs in lanes, until that is told to be off */
    struct keeper_thread threads[KEEPER_COUNT];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_stopping; /* under the lock */
};

/* Sends letters; waits for other people's machines. */
struct house_background {
    struct store *store; /* the thread's own */
    struct outbox *outbox;
    struct webhook *webhook;                 /* NULL: none is set */
    int64_t webhook_due_ms, webhook_drop_ms; /* monotonic; the thread's */
    int64_t webhook_failure_count;           /* in a row */
    pthread_t thread;
    bool is_running;          /* the thread was started and not yet joined */
    _Atomic bool is_stopping; /* begins nothing new */
    _Atomic bool must_end;    /* gives up what it waits for */
    _Atomic bool is_done;
    _Atomic int64_t sent_count, failure_count;                 /* since the start */
    _Atomic int64_t waiting_count, failed_count, oldest_at_ms; /* in the outbox */
};

/* Feeds one output. */
struct house_output {
    struct feed_setup setup;
    char uid[UUID_CHARS + 1];
    pthread_t thread;
    bool is_running;          /* the thread was started and not yet joined */
    _Atomic bool is_stopping; /* begins nothing new */
    _Atomic bool must_end;    /* gives up what it waits for */
    _Atomic bool is_done;
};

/* Where Event History goes. */
struct house_outputs {
    struct store *store; /* the thread's own */
    struct house_output at[OUTPUT_MAX_COUNT];
    pthread_t thread; /* starts and ends the others */
    bool is_running;
    _Atomic bool is_stopping;
    _Atomic int64_t count, failing_count, lag_most; /* lag_most: events, of the slowest */
};

struct house {
    /* given */
    const struct config *config;
    const char *config_path;
    struct failure *failure;

    /* process */
    sigset_t told; /* the signals that we wait for; blocked in all threads */

    /* figures and switches that several threads read */
    _Atomic int state; /* enum house_state */
    _Atomic int64_t event_keep_days, event_keep_count, event_hold_days;
    _Atomic int64_t disk_free_bytes, disk_free_percent;
    _Atomic bool is_disk_low; /* /readyz is red */
    bool is_es256_told;       /* the housekeeper's: that the tables are off */
    _Atomic int64_t drain_s;
    int64_t started_at_s, started_at_ms; /* Unix; monotonic */
    struct latency latency;

    /* origins: where the upstreams are; made with the route table */
    _Atomic(struct origin_table *) origins; /* read inside keyring_enter()/leave() */
    struct resolver *resolver;
    struct identity_signer *identity_signer; /* identity */

    int lock_fd;                   /* lock */
    struct store *store;           /* store: for this thread */
    struct master_key *master_key; /* master key */
    struct house_routes routes;    /* routes */
    struct alarms *alarms;         /* refusals: the gate fills, the housekeeper empties */
    struct refusals *refusals;     /* refusals: the gate fills, the console shows */
    struct canaries *canaries;     /* the same stage: uses of canary tokens to be told */
    struct console *console;       /* console */
    struct keyring *keyring;       /* keyring, and what it reads from */
    struct store *keyring_store;
    struct house_keeper keeper;         /* housekeeper */
    struct house_background background; /* background */
    struct house_outputs outputs;       /* outputs */
    struct api *api;                    /* resources */
    char openapi_etag[HOUSE_LISTEN_TEXT_MAX];
    struct tls_server *tls;         /* tls; NULL: plain text */
    struct key_tables *tables;      /* key tables */
    struct gate *gate;              /* gate */
    struct gate_lane *explain_lane; /* explain; one at a time, under its lock */
    pthread_mutex_t explain_lock;
    bool is_replay_known;     /* we know what was used before this start */
    struct house_loop *loops; /* loops; owned */
    size_t loop_count;
    struct house_worker *worker_ctxs; /* workers; owned */
    size_t worker_count;
    struct workers *workers;
    struct work_lane lane;
    struct house_health health; /* health */
    struct http_shared shared;  /* doors */
    struct tls_server *decide_tls;
    struct http_shared decide_shared;
};

/* process.c: what the process itself is allowed. */
MUST_CHECK enum status process_open(struct house *house);

/* data_folder.c: is this folder ours to serve, and ours alone? */
MUST_CHECK enum status data_folder_check(struct house *house);
MUST_CHECK enum status data_folder_lock(struct house *house);
void data_folder_unlock(struct house *house);

/* memory.c: what is read from the data folder. */
MUST_CHECK enum status memory_open_store(struct house *house);
void memory_close_store(struct house *house);
MUST_CHECK enum status memory_open_master_key(struct house *house);
void memory_close_master_key(struct house *house);
MUST_CHECK enum status memory_open_tables(struct house *house);
/* True: the key signs in lanes from here on; not if es256_level is below. */
MUST_CHECK bool memory_quicken_key(struct house *house, struct es256_private *key);
void memory_close_tables(struct house *house);
enum status memory_open_keyring(struct house *house);
void memory_close_keyring(struct house *house);
MUST_CHECK enum status memory_open_refusals(struct house *house);
void memory_close_refusals(struct house *house);
MUST_CHECK enum status memory_open_api(struct house *house);
void memory_close_api(struct house *house);

/* route_stage.c: the route table, and what keeps it up to date. */
MUST_CHECK enum status route_stage_open(struct house *house);
void route_stage_close(struct house *house);
/* Puts a new table in force when upstreams have changed; on KEEPER_ROUTES. */
MUST_CHECK enum status route_stage_follow(struct house *house);

/* origin_stage.c: where the upstreams are. */
MUST_CHECK enum status origin_stage_open(struct house *house);
void origin_stage_close(struct house *house);
/* Lets go of what origin_stage_renew() has made last; also where the stage itself was
 * never opened. */
void origin_stage_forget(struct house *house);
/* The origins of these sources are in force from now on; those that stay keep their
 * connections. Called by whoever puts the route table of the same sources in force,
 * before that. */
void origin_stage_renew(struct house *house, struct route_source *const *sources,
                        size_t count);
/* Inside keyring_enter()/leave(). NULL: there is none. */
struct http_origin *origin_find(const struct house *house,
                                const struct upstream *upstream);
/* For the console: how this upstream (by its uid) does; `ctx` is the house. False: it is
 * suspended, its files cannot be read, or it is too new. On a worker. */
bool origin_health(void *ctx, const char *uid, struct upstream_health *out);
void origin_stage_write_figures(const struct house *house, struct buffer *out);

/* forward_job.c: how a permitted exchange is sent on to its upstream. */
struct forwarder *forwarder_new(struct house *house, struct loop *loop, size_t index);
void forwarder_free(struct forwarder **forwarder);
bool forward_job(void *ctx, struct exchange *x); /* ctx is the house */
bool forward_job_identity(void *ctx, const struct exchange *x, struct slice *out);

/* identity_stage.c: how an upstream learns who calls. */
enum { IDENTITY_TEXT_MAX_BYTES = 96 * 1024 }; /* IDENTITY_MAX_BYTES, encoded, and more */
MUST_CHECK enum status identity_stage_open(struct house *house);
void identity_stage_close(struct house *house);
/* /.well-known/jwks.json */
void identity_stage_keys(struct house_loop *loop, struct http_call *call);
/* What one loop keeps of identities: all but what is of one request, and whole ones for a
 * while, if the operator wants that. */
struct identity_shelf;
struct identity_shelf *identity_shelf_new(const struct house *house);
void identity_shelf_free(struct identity_shelf **shelf); /* accepts NULL */
/* Writes the exchange's identity into `out`, but for its signature. False: that cannot be
 * done, and is logged. */
bool identity_shelf_write(struct identity_shelf *shelf, const struct exchange *x,
                          struct identity_text *out);
/* The exchange's identity, kept or signed now; `out` lives until the next call. False as
 * above. */
bool identity_shelf_give(struct identity_shelf *shelf, const struct exchange *x,
                         struct slice *out);

/* housekeeper.c */
MUST_CHECK enum status housekeeper_start(struct house *house);
void housekeeper_stop(struct house *house);

/* background.c: letters on their way. */
MUST_CHECK enum status background_start(struct house *house);
void background_stop(struct house *house);
/* How long the oldest letter of the outbox has waited; 0: there is none. */
int64_t background_oldest_s(const struct house *house);

/* output_stage.c: where Event History goes. */
MUST_CHECK enum status outputs_start(struct house *house);
void outputs_stop(struct house *house);

/* loops.c: loops and what runs on them. */
MUST_CHECK enum status loops_open(struct house *house);
void loops_close(struct house *house);
MUST_CHECK enum status loops_open_doors(struct house *house);
void loops_close_doors(struct house *house);
/* `wanted` threads, one a core for 0, never more than HOUSE_THREAD_MAX. */
size_t loops_thread_count(int64_t wanted);

/* decide.c: the listener where gateways ask. */
MUST_CHECK enum status decide_open_tls(struct house *house);
void decide_close_tls(struct house *house);
MUST_CHECK enum status decide_open_doors(struct house *house);

/* dispatch.c: which part of the house answers a call; `ctx` is a struct house_loop. */
void dispatch_call(void *ctx, struct http_call *call);
/* Is the call handled before its body is here? */
bool dispatch_streams(void *ctx, const struct http_call *call);
/* Answers with an error in the vendor's form. `detail_*` may be NULL. */
void dispatch_refuse(struct http_call *call, int status, const char *code,
                     const char *message, const char *detail_code,
                     const char *detail_message);
/* 405: the path is there, but takes only the methods in `allow` ("GET, HEAD"). */
void dispatch_refuse_method(struct http_call *call, const char *allow);

/* work.c: workers, and how something gets there and back. */
MUST_CHECK enum status work_start(struct house *house);
void work_stop(struct house *house);
/* Takes the work over. False: too busy, nothing taken. */
bool work_hand_over(struct work *work);

/* console_job.c: the console, its pages and its API. */
MUST_CHECK enum status console_stage_open(struct house *house);
void console_stage_close(struct house *house);
MUST_CHECK enum status console_stage_keep(struct house *house);
MUST_CHECK enum status console_stage_tell_setup(struct house *house);
void console_job_api(struct house_loop *loop, struct http_call *call);
void console_job_page(struct house_loop *loop, struct http_call *call);

/* explain.c: what the gate would say; `ctx` is the house. On any thread. */
MUST_CHECK enum status explain_stage_open(struct house *house);
void explain_stage_close(struct house *house);
void explain_ask(void *ctx, const struct explain_request *request,
                 struct explanation *out);

/* webhook_turn.c: posts what is due; on the background thread. A status other than OK is
 * the store's. */
MUST_CHECK enum status webhook_turn(struct house *house);

/* calendar_job.c: /calendar/SECRET.ics */
void calendar_job(struct house_loop *loop, struct http_call *call);

/* api_job.c: how a permitted exchange is answered. */
bool canary_job_hand_over(void *ctx, struct exchange *x); /* the same */
bool api_job_hand_over(void *ctx, struct exchange *x);    /* ctx is the house */

/* health.c */
MUST_CHECK enum status health_open(struct house *house);
void health_close(struct house *house);
/* metrics.c: the text for Prometheus. */
void metrics_write(const struct house *house, struct buffer *out);
void latency_count(struct latency *latency, int64_t took_ns);

/* reload.c: SIGHUP. */
void reload(struct house *house);

/* disk.c: how much room the data folder has. */
MUST_CHECK enum status disk_watch(struct house *house);

/* Is the store silent for longer than stale_max_s? Also gives the silence. */
bool house_is_stale(const struct house *house, int64_t *out_silent_ms);

#endif
