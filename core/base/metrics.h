/* The metrics of the process: with the log its only global state. Every family is a row of the table below; its series are made at their
 * first use and live as long as the process. Counting is a look-up without a lock and a relaxed addition; any thread, at any time.
 * Values that are asked for when somebody reads them (queue, plugins, process) are written by whoever knows them with metrics_sample(). */
#pragma once
#include "base/buf.h"
#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_SECONDS, METRIC_LONG_SECONDS, METRIC_SIZES };

#define METRIC_LABELS 3
#define METRIC_SERIES 1000 /* of a family; what comes after them is counted with every label "other" */

/* id, kind, name, labels, help. SECONDS, LONG_SECONDS and SIZES are histograms: of microseconds up to 10 s, up to an hour, of counts. */
#define METRIC_TABLE(X)                                                                                                                    \
    X(BUILD_INFO, GAUGE, "innominatus_build_info", "version", "The program that runs; always 1.")                                          \
    X(HTTP_REQUESTS, COUNTER, "innominatus_http_requests_total", "route,method,status",                                                    \
      "Requests answered, by route and class of status.")                                                                                  \
    X(HTTP_DURATION, SECONDS, "innominatus_http_request_duration_seconds", "route,method",                                                 \
      "From the request line to the last byte of the answer; streams are left out.")                                                       \
    X(HTTP_IN_FLIGHT, GAUGE, "innominatus_http_requests_in_flight", "", "Requests that are not answered yet.")                             \
    X(HTTP_RECEIVED, COUNTER, "innominatus_http_request_bytes_total", "", "Bytes of request bodies read.")                                 \
    X(HTTP_SENT, COUNTER, "innominatus_http_response_bytes_total", "", "Bytes of response bodies.")                                        \
    X(STORE_COMMITS, COUNTER, "innominatus_store_commits_total", "", "Transactions committed.")                                            \
    X(STORE_BATCH, SIZES, "innominatus_store_batch_units", "", "Units of work in a committed transaction.")                                \
    X(STORE_COMMIT, SECONDS, "innominatus_store_commit_duration_seconds", "", "Of a COMMIT, until it is durable.")                         \
    X(STORE_STATEMENT, SECONDS, "innominatus_store_statement_duration_seconds", "", "Of a statement that changes something.")              \
    X(STORE_QUEUE, GAUGE, "innominatus_store_queue_units", "", "Units of work that wait for the writer or are being written.")             \
    X(STORE_ERRORS, COUNTER, "innominatus_store_errors_total", "code", "Units of work that the database failed, by error code.")           \
    X(QUEUE_TASKS, GAUGE, "innominatus_queue_tasks", "kind,state", "Tasks in the queue; dead: steps in the dead-letter list.")             \
    X(QUEUE_OLDEST, GAUGE, "innominatus_queue_oldest_pending_seconds", "", "Age of the oldest task that is due and not claimed.")          \
    X(STEPS, COUNTER, "innominatus_steps_total", "type,state", "Steps that came to an end, by type and state.")                            \
    X(STEP_RETRIES, COUNTER, "innominatus_step_retries_total", "type", "Attempts of steps that failed and are made again.")                \
    X(STEP_DURATION, LONG_SECONDS, "innominatus_step_duration_seconds", "type",                                                            \
      "From a step's first start to its end; waiting and retries are in it.")                                                              \
    X(DEPLOYMENTS, COUNTER, "innominatus_deployments_total", "kind,state", "Deployments that came to an end, by kind and state.")          \
    X(ACCEPTED, COUNTER, "innominatus_deployments_accepted_total", "kind", "Deployments accepted.")                                        \
    X(DRIFT_CHECKS, COUNTER, "innominatus_drift_checks_total", "result",                                                                   \
      "Looks at resources: same, drifted, failed (without an answer), postponed.")                                                         \
    X(DRIFTED, GAUGE, "innominatus_resources_drifted", "", "Resources that differ from what was applied.")                                 \
    X(POLICY_EVALUATIONS, COUNTER, "innominatus_policy_evaluations_total", "point,result", "Questions to the policies of a point.")        \
    X(POLICY_DURATION, SECONDS, "innominatus_policy_evaluation_duration_seconds", "point", "Of asking all policies of a point.")           \
    X(POLICY_DENIALS, COUNTER, "innominatus_policy_denials_total", "policy", "Denials, by policy.")                                        \
    X(POLICY_WARNINGS, COUNTER, "innominatus_policy_warnings_total", "policy", "Warnings, by policy.")                                     \
    X(POLICY_FAILURES, COUNTER, "innominatus_policy_failures_total", "policy", "Policies that failed or were broken when asked.")          \
    X(POLICY_BUDGET, COUNTER, "innominatus_policy_budget_stops_total", "policy", "Policies stopped because their time or memory was up.")  \
    X(PLUGIN_CALLS, COUNTER, "innominatus_plugin_calls_total", "provisioner,operation,outcome", "Calls to provisioners that ended.")       \
    X(PLUGIN_DURATION, LONG_SECONDS, "innominatus_plugin_call_duration_seconds", "provisioner,operation",                                  \
      "Of a call to a provisioner, waiting for a host included.")                                                                          \
    X(PLUGIN_CRASHES, COUNTER, "innominatus_plugin_crashes_total", "provisioner", "Plugin hosts that crashed or were killed.")             \
    X(PLUGIN_HOSTS, GAUGE, "innominatus_plugin_hosts", "provisioner", "Plugin host processes that run.")                                   \
    X(PLUGIN_STATE, GAUGE, "innominatus_plugin_state", "provisioner,state", "1 for the state that a provisioner entry is in.")             \
    X(PLUGIN_CIRCUIT, GAUGE, "innominatus_plugin_circuit_open", "provisioner",                                                             \
      "1 while a provisioner that failed too often is left alone.")                                                                        \
    X(PLUGIN_OPENINGS, COUNTER, "innominatus_plugin_circuit_openings_total", "provisioner",                                                \
      "How often a provisioner was left alone because it failed too often.")                                                               \
    X(CONFIG_RELOADS, COUNTER, "innominatus_config_reloads_total", "result", "Reloads of the configuration asked for.")                    \
    X(PROCESS_START, GAUGE, "process_start_time_seconds", "", "When the process began, since the epoch.")                                  \
    X(PROCESS_CPU, COUNTER, "process_cpu_seconds_total", "", "User and system time the process has used.")                                 \
    X(PROCESS_RSS, GAUGE, "process_resident_memory_bytes", "", "Resident memory.")                                                         \
    X(PROCESS_VIRTUAL, GAUGE, "process_virtual_memory_bytes", "", "Virtual memory.")                                                       \
    X(PROCESS_FDS, GAUGE, "process_open_fds", "", "Open file descriptors.")                                                                \
    X(PROCESS_MAX_FDS, GAUGE, "process_max_fds", "", "How many file descriptors may be open.")                                             \
    X(PROCESS_THREADS, GAUGE, "process_threads", "", "Threads.")

#define METRIC_ID(id, kind, name, labels, help) METRIC_##id,
enum metric_id { METRIC_TABLE(METRIC_ID) METRIC_COUNT };
#undef METRIC_ID

struct metric; /* a series */

/* The series with these label values, in the order of the table; NULL for labels that the family has not, "" for a value that is not there.
 * Texts are copied at the first use. Keep values few: never a user's free text. */
struct metric *metric_of(enum metric_id id, const char *a, const char *b, const char *c);
void metric_add(struct metric *metric, int64_t n);
/* Histograms: microseconds, or a count for METRIC_SIZES. */
void metric_observe(struct metric *metric, int64_t value);
/* Of a counter or gauge; of a histogram: how often it was observed. */
int64_t metric_value(const struct metric *metric);

static inline void metric_count(enum metric_id id, const char *a, const char *b, const char *c) { metric_add(metric_of(id, a, b, c), 1); }

/* Everything that was counted, in Prometheus' text format 0.0.4, in the order of the table. `sample` is called for each family, after its
 * counted series, and may add more with metrics_sample(). May be NULL. */
void metrics_render(struct buf *out, void (*sample)(void *ctx, enum metric_id id, struct buf *out), void *ctx);
/* One line: the family's name, the label values and a value. */
void metrics_sample(struct buf *out, enum metric_id id, const char *a, const char *b, const char *c, double value);
