/* Errors are values on the caller's stack: no allocation, no thread-local text that goes stale.
 * Functions return 0 or -1; success leaves `err` untouched, failure leaves the outputs untouched.
 * The one table below is the source of the ORC codes, HTTP statuses, the queue's retry decision, `innominatus explain` and docs/errors.md.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Classes are what a failed step reports (`error.class`): the SDK's codes and those of the core. */
/*      name                   ORC   HTTP retry  class                  title | remedy shown to the user */
#define ERR_CODES(X)                                                                                                                       \
    X(ERR_NONE, 0, 200, false, "", "no error", "")                                                                                         \
    /* 1xxx input */                                                                                                                       \
    X(ERR_SYNTAX, 1001, 400, false, "INVALID_CONFIG", "cannot be read", "fix the document at the position shown")                          \
    X(ERR_MISSING_FIELD, 1002, 422, false, "INVALID_CONFIG", "missing field", "add the field that the message names")                      \
    X(ERR_UNKNOWN_FIELD, 1003, 422, false, "INVALID_CONFIG", "unknown field", "remove the field or use the suggested name")                \
    X(ERR_WRONG_TYPE, 1004, 422, false, "INVALID_CONFIG", "wrong type", "write a value of the type that the message names")                \
    X(ERR_BAD_VALUE, 1005, 422, false, "INVALID_CONFIG", "value not allowed", "use one of the values that the message names")              \
    X(ERR_BAD_NAME, 1006, 422, false, "INVALID_CONFIG", "name not allowed", "use lower-case letters, digits and '-', up to 63 characters") \
    X(ERR_DUPLICATE_KEY, 1007, 422, false, "INVALID_CONFIG", "duplicate key", "keep one of the two keys")                                  \
    X(ERR_LIMIT, 1008, 422, false, "INVALID_CONFIG", "limit exceeded",                                                                     \
      "make the document smaller or simpler; the message names the limit")                                                                 \
    X(ERR_ENCODING, 1009, 400, false, "INVALID_CONFIG", "invalid encoding", "save the document as UTF-8 without NUL bytes")                \
    X(ERR_CONFLICTING_FIELDS, 1010, 422, false, "INVALID_CONFIG", "fields exclude each other",                                             \
      "keep exactly one of the fields that the message names")                                                                             \
    X(ERR_QUANTITY, 1011, 422, false, "INVALID_CONFIG", "not a quantity", "write memory as 128M or 128Mi and CPU as 2, 0.5 or 500m")       \
    X(ERR_DEPRECATED, 1012, 422, false, "INVALID_CONFIG", "deprecated form", "write the newer form that the message names")                \
    X(ERR_EXTENSION, 1013, 422, false, "INVALID_CONFIG", "not part of Score", "drop --strict, or remove the extension")                    \
    X(ERR_DURATION, 1014, 422, false, "INVALID_CONFIG", "not a duration", "write 30s, 5m, 1h30m or 24h")                                   \
    X(ERR_FILE_REFERENCE, 1015, 422, false, "INVALID_CONFIG", "file cannot be used",                                                       \
      "give a path below the Score file's directory, to a readable regular file")                                                          \
    X(ERR_UNKNOWN_RESOURCE, 1020, 422, false, "INVALID_CONFIG", "unknown resource reference",                                              \
      "refer to a resource that the file declares")                                                                                        \
    X(ERR_PLACEHOLDER, 1021, 422, false, "INVALID_CONFIG", "placeholder cannot be resolved",                                               \
      "use ${metadata.KEY} or ${resources.NAME.KEY}; write $${...} for a literal ${...}")                                                  \
    X(ERR_CYCLE, 1022, 422, false, "INVALID_CONFIG", "cycle", "break the cycle that the message names")                                    \
    X(ERR_UNKNOWN_REFERENCE, 1023, 422, false, "INVALID_CONFIG", "unknown reference", "refer to something that exists")                    \
    X(ERR_REQUEST, 1030, 400, false, "INVALID_CONFIG", "bad request", "correct the request as the message says")                           \
    X(ERR_MEDIA_TYPE, 1031, 415, false, "INVALID_CONFIG", "unsupported media type", "send application/yaml or application/json")           \
    X(ERR_TOO_LARGE, 1032, 413, false, "INVALID_CONFIG", "too large", "send less, or ask the admin to raise the limit")                    \
    X(ERR_METHOD, 1033, 405, false, "INVALID_CONFIG", "method not allowed", "use one of the methods in the Allow header")                  \
    X(ERR_USAGE, 1040, 400, false, "INVALID_CONFIG", "wrong usage", "see `innominatus help`")                                              \
    X(ERR_CONFIG, 1050, 422, false, "INVALID_CONFIG", "configuration is wrong",                                                            \
      "correct what the message names; `innominatus admin validate` checks an admin-config.yaml")                                          \
    /* 2xxx policy and permission */                                                                                                       \
    X(ERR_DENIED, 2001, 403, false, "DENIED", "denied by policy", "change what the policy names, or ask its owner")                        \
    X(ERR_UNAUTHENTICATED, 2002, 401, false, "UNAUTHORIZED", "not signed in",                                                              \
      "send `Authorization: Bearer KEY`, or run `innominatus login`")                                                                      \
    X(ERR_FORBIDDEN, 2003, 403, false, "DENIED", "not permitted", "do what the message says, or ask an admin for the role that it names")  \
    X(ERR_POLICY_BUDGET, 2004, 403, false, "DENIED", "policy went over its budget",                                                        \
      "make the policy cheaper, or raise policies.limits in admin-config.yaml")                                                            \
    X(ERR_POLICY_FAILED, 2005, 403, false, "DENIED", "policy could not be evaluated",                                                      \
      "fix the policy; `innominatus policy test` shows its error")                                                                         \
    X(ERR_POLICY_FILE, 2006, 422, false, "INVALID_CONFIG", "policy file is broken", "fix the file at the position shown")                  \
    X(ERR_RATE, 2007, 429, true, "TRANSIENT", "too many attempts", "wait as long as Retry-After says")                                     \
    X(ERR_CONFIRM, 2008, 409, false, "DENIED", "confirmation needed", "repeat with --force after reading what would be removed")           \
    X(ERR_CSRF, 2009, 403, false, "DENIED", "not from our own page",                                                                       \
      "send X-CSRF-Token with the csrf_token of POST /login or GET /profile, from the same site")                                          \
    /* 3xxx workflow */                                                                                                                    \
    X(ERR_WORKFLOW_INVALID, 3001, 422, false, "INVALID_CONFIG", "workflow is invalid", "fix the workflow file at the position shown")      \
    X(ERR_STEP_TYPE, 3002, 422, false, "INVALID_CONFIG", "step type not available",                                                        \
      "use a step type that this tier may use; the message lists them")                                                                    \
    X(ERR_REQUIRED_WORKFLOW, 3003, 422, false, "INVALID_CONFIG", "required workflow is missing",                                           \
      "ask the platform team to add the workflow, or to drop it from requiredPlatformWorkflows")                                           \
    X(ERR_NOT_FOUND, 3004, 404, false, "NOT_FOUND", "not found",                                                                           \
      "check the name, and whose team it is; the lists (`innominatus help`) show what there is")                                           \
    X(ERR_CONFLICT, 3005, 409, false, "ALREADY_EXISTS", "conflict with the present state",                                                 \
      "do what the message says, or look at the present state and try again")                                                              \
    X(ERR_QUEUE_FULL, 3006, 429, true, "TRANSIENT", "queue is full", "wait as long as Retry-After says and try again")                     \
    X(ERR_INTERRUPTED, 3007, 500, false, "INTERRUPTED", "step was interrupted",                                                            \
      "check what the step did, then deploy again; write `retry:` on steps that may run twice")                                            \
    X(ERR_CANCELED, 3008, 409, false, "CANCELED", "canceled", "deploy again when ready")                                                   \
    X(ERR_TIMEOUT, 3009, 504, true, "TIMEOUT", "out of time", "raise the step's timeout, or find out why it takes so long")                \
    X(ERR_CHECK_FAILED, 3010, 422, false, "FAILED", "check failed", "change what the check names, then deploy again")                      \
    X(ERR_STEP_FAILED, 3011, 500, false, "FAILED", "step failed", "read the step's log with `innominatus logs`")                           \
    X(ERR_LUA, 3012, 422, false, "FAILED", "Lua script failed", "fix the script at the line shown")                                        \
    X(ERR_ENVIRONMENT, 3013, 422, false, "INVALID_CONFIG", "environment cannot be used",                                                   \
      "choose one that `innominatus environments` lists")                                                                                  \
    X(ERR_CONDITION, 3014, 422, false, "FAILED", "condition cannot be evaluated", "fix the expression in when, if or unless")              \
    X(ERR_PRECONDITION, 3015, 412, false, "FAILED", "changed meanwhile", "read it again and repeat")                                       \
    /* 4xxx plugin and resource */                                                                                                         \
    X(ERR_PLUGIN_REFUSED, 4001, 422, false, "FAILED", "plugin refused", "give the file or its entry what the message asks for")            \
    X(ERR_PLUGIN_CRASHED, 4002, 502, true, "CRASHED", "plugin crashed",                                                                    \
      "send its owner the log of the step (`innominatus logs`); `innominatus plugin list` counts crashes")                                 \
    X(ERR_PLUGIN_PROTOCOL, 4003, 502, false, "FAILED", "plugin broke the contract",                                                        \
      "send its owner the message; `innominatus plugin check FILE --conformance` finds more")                                              \
    X(ERR_PLUGIN_TIMEOUT, 4004, 504, true, "TIMEOUT", "plugin did not answer in time",                                                     \
      "raise limits.timeout of its entry, or ask its owner")                                                                               \
    X(ERR_NO_PROVISIONER, 4005, 422, false, "INVALID_CONFIG", "no provisioner for this type",                                              \
      "use a type that `innominatus plugin list` shows, or ask the admin for an entry")                                                    \
    X(ERR_INVALID_CONFIG, 4010, 422, false, "INVALID_CONFIG", "configuration refused by the provisioner",                                  \
      "correct the provisioner entry's config")                                                                                            \
    X(ERR_INVALID_RESOURCE, 4011, 422, false, "INVALID_RESOURCE", "resource refused by the provisioner", "correct the resource's params")  \
    X(ERR_BACKEND_NOT_FOUND, 4012, 502, false, "NOT_FOUND", "the backend does not know it", "check that it still exists")                  \
    X(ERR_ALREADY_EXISTS, 4013, 409, false, "ALREADY_EXISTS", "the backend has it already", "choose another name or remove the old one")   \
    X(ERR_UNAUTHORIZED, 4014, 502, false, "UNAUTHORIZED", "the backend refused the credentials",                                           \
      "check the credentials of the provisioner entry")                                                                                    \
    X(ERR_TRANSIENT, 4015, 502, true, "TRANSIENT", "the backend is unavailable for the moment",                                            \
      "it is retried; check the address if it goes on")                                                                                    \
    X(ERR_UNSUPPORTED, 4016, 422, false, "UNSUPPORTED", "not supported", "the message says what is missing")                               \
    X(ERR_PROVISION_FAILED, 4017, 502, false, "FAILED", "provisioner failed", "read the step's log with `innominatus logs`")               \
    X(ERR_IMMUTABLE, 4018, 409, false, "UNSUPPORTED", "cannot change in place",                                                            \
      "deploy with --allow-replace NAME; the old one is removed first")                                                                    \
    X(ERR_PROTECTED, 4019, 409, false, "DENIED", "protected", "repeat with --allow-remove NAME if it may really go")                       \
    X(ERR_PARAMS_DISAGREE, 4020, 409, false, "INVALID_RESOURCE", "shared resource with other params",                                      \
      "make the params agree with the application that the message names")                                                                 \
    X(ERR_ACTION, 4021, 404, false, "NOT_FOUND", "no such action", "`innominatus resource action ID` lists them")                          \
    X(ERR_ARGUMENTS, 4022, 422, false, "INVALID_RESOURCE", "arguments do not fit the action",                                              \
      "give the arguments that the message names; `innominatus resource action ID` lists them")                                            \
    X(ERR_LOCKED, 4030, 423, true, "TRANSIENT", "locked", "wait until the holder is done, or unlock it when nobody is at work any more")   \
    X(ERR_CIRCUIT_OPEN, 4031, 503, true, "TRANSIENT", "plugin is left alone for a while",                                                  \
      "wait until the time in the message; `innominatus plugin list` says what is wrong")                                                  \
    /* 5xxx storage */                                                                                                                     \
    X(ERR_STORE, 5001, 503, true, "TRANSIENT", "storage failed", "check the disk and the database; the server's log has the details")      \
    X(ERR_STORE_FULL, 5002, 503, true, "TRANSIENT", "no space left", "free space on the database's disk; the server recovers by itself")   \
    X(ERR_STORE_CONSTRAINT, 5003, 409, false, "ALREADY_EXISTS", "exists already", "choose another name")                                   \
    X(ERR_STORE_RETRY, 5004, 503, true, "TRANSIENT", "transaction must run again", "try again")                                            \
    X(ERR_STORE_CORRUPT, 5005, 500, false, "FAILED", "stored data cannot be read", "restore a backup; the server's log has the details")   \
    X(ERR_STORE_LOCKED, 5006, 409, false, "FAILED", "another server uses this state directory",                                            \
      "stop the other server, or give --state-dir")                                                                                        \
    X(ERR_MIGRATION, 5007, 500, false, "FAILED", "migration failed", "run the release that made this database, or restore a backup")       \
    X(ERR_AUDIT_BROKEN, 5008, 500, false, "FAILED", "audit chain is broken", "compare with an export; somebody changed stored audit rows") \
    /* 6xxx network and backends */                                                                                                        \
    X(ERR_BACKEND_DOWN, 6001, 502, true, "TRANSIENT", "cannot be reached", "check the address and that the system behind it runs")         \
    X(ERR_HTTP_STATUS, 6002, 502, false, "FAILED", "unexpected answer", "check the address, and what answers there")                       \
    X(ERR_HOST_NOT_ALLOWED, 6003, 403, false, "DENIED", "host not allowed", "ask the admin to add the host to network.allow")              \
    X(ERR_NO_SERVER, 6004, 503, true, "TRANSIENT", "no server",                                                                            \
      "check the address (--server, INNOMINATUS_SERVER), or start a server: `innominatus serve`")                                          \
    /* 9xxx internal */                                                                                                                    \
    X(ERR_INTERNAL, 9001, 500, false, "FAILED", "internal error", "report it with the trace id")                                           \
    X(ERR_NO_MEMORY, 9002, 503, true, "TRANSIENT", "out of memory", "give the server more memory")                                         \
    X(ERR_IO, 9003, 500, false, "FAILED", "input or output failed", "check the file or address that the message names")                    \
    X(ERR_CRYPTO, 9004, 500, false, "FAILED", "cryptography failed", "check that key and data belong together, as the message names them") \
    X(ERR_SHUTDOWN, 9005, 503, true, "TRANSIENT", "server is stopping", "try again when it is back")

enum err_code {
#define X(name, orc, http, retry, class, title, remedy) name,
    ERR_CODES(X)
#undef X
        ERR_CODE_COUNT
};

struct err {
    enum err_code code;
    int sys;       /* errno of the failed call, 0 if none */
    char msg[600]; /* complete sentence for a human, without secrets, NUL-terminated, possibly cut */
};

/* Sets `err` and returns -1, so that a caller writes `return err_set(...)`. `err` is never NULL. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Like err_set, with the present errno kept and its text appended (": No such file or directory"). */
int err_set_sys(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Prefixes context on the way up; keeps code and sys. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int err_orc(enum err_code code);         /* 1003 */
int err_http_status(enum err_code code); /* 422 */
bool err_is_retryable(enum err_code code);
const char *err_class(enum err_code code); /* "INVALID_CONFIG" */
const char *err_title(enum err_code code);
const char *err_remedy(enum err_code code);
const char *err_name(enum err_code code, char out[static 16]); /* writes and returns "ORC-1003" */

/* The code with this ORC number, ERR_NONE if there is none. */
enum err_code err_from_orc(int orc);
