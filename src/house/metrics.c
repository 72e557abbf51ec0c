/* SPDX-License-Identifier: Apache-2.0
 *
 * What /metrics says, in the text form of Prometheus 0.0.4. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "keyring/key_tables.h"

#include <stdio.h>
#include <sys/resource.h>

/* Upper ends of the buckets. */
static const int64_t BUCKETS_US[HOUSE_LATENCY_BUCKET_COUNT] = {
    250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 1000000, 10000000,
};

void
latency_count(struct latency *latency, int64_t took_ns)
{
    int64_t took_us = took_ns / 1000;
    size_t bucket = 0;

    while (bucket < HOUSE_LATENCY_BUCKET_COUNT && took_us > BUCKETS_US[bucket])
        bucket++;
    atomic_fetch_add_explicit(&latency->counts[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&latency->sum_us, took_us, memory_order_relaxed);
}

/* Name, kind and meaning of a figure. */
static void
add_head(struct buffer *out, const char *name, const char *kind, const char *meaning)
{
    buffer_print(out, "# HELP tokenhouse_%s %s\n# TYPE tokenhouse_%s %s\n", name, meaning,
                 name, kind);
}

static void
add_figure(struct buffer *out, const char *name, const char *kind, const char *meaning,
           int64_t value)
{
    add_head(out, name, kind, meaning);
    buffer_print(out, "tokenhouse_%s %lld\n", name, (long long)value);
}

static void
add_verdicts(const struct house *house, struct buffer *out)
{
    add_head(out, "requests_total", "counter", "Signed requests by their verdict.");
    for (int i = 0; i < VERDICT_COUNT; i++)
        buffer_print(out, "tokenhouse_requests_total{verdict=\"%s\"} %lld\n",
                     verdict_name((enum verdict)i),
                     (long long)gate_verdict_count(house->gate, (enum verdict)i));
}

static void
add_door(const struct http_shared *shared, struct buffer *out)
{
    add_figure(out, "http_requests_total", "counter", "HTTP requests of any kind.",
               atomic_load(&shared->requests_total));
    add_figure(out, "http_connections", "gauge", "Connections that are open.",
               atomic_load(&shared->connections_open));
    add_figure(out, "http_connections_total", "counter", "Connections ever taken.",
               atomic_load(&shared->connections_total));
    add_figure(out, "http_connections_refused_total", "counter",
               "Connections turned away because of a limit.",
               atomic_load(&shared->connections_refused));
    add_figure(out, "http_bad_framing_total", "counter",
               "Requests refused because they could be read in two ways.",
               atomic_load(&shared->bad_framing_total));
    add_figure(out, "http_timeouts_total", "counter",
               "Connections ended because the caller was too slow.",
               atomic_load(&shared->timeouts_total));
}

static void
add_jobs(const struct house *house, struct buffer *out)
{
    int64_t count = 0;

    add_figure(out, "jobs_waiting", "gauge", "Permitted requests that wait for a worker.",
               (int64_t)workers_waiting(house->workers));
    add_head(out, "job_seconds", "histogram", "Time to answer from our own resources.");
    for (size_t i = 0; i < HOUSE_LATENCY_BUCKET_COUNT; i++) {
        count += atomic_load(&house->latency.counts[i]);
        buffer_print(out, "tokenhouse_job_seconds_bucket{le=\"%g\"} %lld\n",
                     (double)BUCKETS_US[i] / 1e6, (long long)count);
    }
    count += atomic_load(&house->latency.counts[HOUSE_LATENCY_BUCKET_COUNT]);
    buffer_print(out,
                 "tokenhouse_job_seconds_bucket{le=\"+Inf\"} %lld\n"
                 "tokenhouse_job_seconds_sum %.6f\n"
                 "tokenhouse_job_seconds_count %lld\n",
                 (long long)count, (double)atomic_load(&house->latency.sum_us) / 1e6,
                 (long long)count);
}

static void
add_keyring(const struct house *house, struct buffer *out)
{
    int64_t silent_ms = 0;
    bool is_stale = house_is_stale(house, &silent_ms);

    add_figure(out, "tokens", "gauge", "Tokens in memory.",
               (int64_t)keyring_count(house->keyring));
    add_head(out, "news_age_seconds", "gauge", "Since the store last answered.");
    buffer_print(out, "tokenhouse_news_age_seconds %.3f\n", (double)silent_ms / 1000);
    add_figure(out, "ready", "gauge", "1 while callers may be sent here.",
               atomic_load(&house->state) == HOUSE_SERVING && !is_stale &&
                   !atomic_load(&house->is_disk_low));
    add_figure(out, "disk_free_bytes", "gauge", "Room on the disk of the data folder.",
               atomic_load(&house->disk_free_bytes));
}

static void
add_mail(const struct house *house, struct buffer *out)
{
    const struct house_background *background = &house->background;

    add_figure(out, "mail_sent_total", "counter", "Letters that the mail server took.",
               atomic_load(&background->sent_count));
    add_figure(out, "mail_failures_total", "counter", "Tries to send a letter in vain.",
               atomic_load(&background->failure_count));
    add_figure(out, "mail_waiting", "gauge", "Letters in the outbox.",
               atomic_load(&background->waiting_count));
    add_figure(out, "mail_oldest_seconds", "gauge", "Since the oldest of them was made.",
               background_oldest_s(house));
    add_figure(out, "mail_failed", "gauge", "Letters that were given up.",
               atomic_load(&background->failed_count));
}

static void
add_outputs(const struct house *house, struct buffer *out)
{
    const struct house_outputs *outputs = &house->outputs;

    add_figure(out, "outputs", "gauge", "Receivers of Event History.",
               atomic_load(&outputs->count));
    add_figure(out, "outputs_failing", "gauge", "Of them those that take nothing.",
               atomic_load(&outputs->failing_count));
    add_figure(out, "outputs_lag_events", "gauge",
               "Events that the slowest of them has not taken.",
               atomic_load(&outputs->lag_most));
}

static void
add_es256(const struct house *house, struct buffer *out)
{
    struct key_tables_figures figures = key_tables_figures(house->tables);

    add_head(out, "es256_level", "gauge",
             "How ES256 is verified: 1 at the level in force.");
    for (int level = ES256_LEVEL_OPENSSL; level <= ES256_LEVEL_LANES; level++)
        buffer_print(out, "tokenhouse_es256_level{level=\"%s\"} %d\n",
                     es256_level_name((enum es256_level)level),
                     level == (int)figures.level);
    add_figure(out, "es256_signing_lanes", "gauge",
               "1: our own signatures are made in lanes; 0: by OpenSSL.",
               es256_private_is_quick(house->keeper.server_key));
    add_figure(out, "es256_tables", "gauge", "Keys that have a table.",
               figures.table_count);
    add_figure(out, "es256_tables_bytes", "gauge", "Memory of these tables.",
               figures.bytes);
    add_figure(out, "es256_tables_built_total", "counter", "Tables ever built.",
               figures.built_total);
    add_figure(out, "es256_asked_total", "counter",
               "Exceptional sums that OpenSSL decided.", figures.asked_total);
    add_figure(out, "es256_sampled_total", "counter",
               "Answers by tables that were checked with OpenSSL.",
               figures.sampled_total);
    add_figure(out, "es256_differences_total", "counter",
               "Answers by tables that OpenSSL did not confirm: the tables are off.",
               figures.difference_total);
}

/* Resident memory now; 0 when the kernel does not say. */
static int64_t
resident_bytes(void)
{
    FILE *file AUTO(file_done) = fopen("/proc/self/statm", "re");
    long long pages = 0;

    if (!file || fscanf(file, "%*s %lld", &pages) != 1)
        return 0;
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void
add_process(const struct house *house, struct buffer *out)
{
    struct rusage used = {0};

    add_head(out, "build_info", "gauge", "The version that runs.");
    buffer_add_text(out, "tokenhouse_build_info{version=\"" TOKENHOUSE_VERSION "\"} 1\n");
    add_head(out, "uptime_seconds", "gauge", "Since the house began to open.");
    buffer_print(out, "tokenhouse_uptime_seconds %.3f\n",
                 (double)(clock_monotonic_ms() - house->started_at_ms) / 1000);
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        buffer_add_text(out, "# TYPE process_cpu_seconds_total counter\n");
        buffer_print(out, "process_cpu_seconds_total %.6f\n",
                     (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    }
    buffer_print(out,
                 "# TYPE process_resident_memory_bytes gauge\n"
                 "process_resident_memory_bytes %lld\n"
                 "# TYPE process_start_time_seconds gauge\n"
                 "process_start_time_seconds %lld\n",
                 (long long)resident_bytes(), (long long)house->started_at_s);
}

void
metrics_write(const struct house *house, struct buffer *out)
{
    add_verdicts(house, out);
    add_door(&house->shared, out);
    add_jobs(house, out);
    add_keyring(house, out);
    origin_stage_write_figures(house, out);
    add_mail(house, out);
    add_outputs(house, out);
    add_es256(house, out);
    add_process(house, out);
}
